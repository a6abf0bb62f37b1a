"""Addresses of styles, scripts and icons, under the path that apta is served at.

Django reads that path once, when the first address is asked for, which may be before any request; under a path that
only the server knows (``SCRIPT_NAME``), each address would miss it.
"""

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix
from whitenoise.storage import CompressedManifestStaticFilesStorage

FOLDER = "static/"


class UnderPath:
    """Storage whose addresses begin with the path of the request that is answered."""

    @property
    def base_url(self) -> str:
        return f"{get_script_prefix()}{FOLDER}"


class Plain(UnderPath, StaticFilesStorage):
    """Files as they were written, for a trial."""


class Collected(UnderPath, CompressedManifestStaticFilesStorage):
    """Files with a hash in their names, compressed beforehand."""
