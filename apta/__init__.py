"""The Django project: how apta runs. What a plan is, is in ``workplan``."""

__version__ = "0.3.0"
