#!/usr/bin/env python
"""The developer's and operator's door to apta."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")
    # A production environment always carries a secret key. Without one this is a
    # trial on somebody's own machine, which `manage.py runserver` should just start.
    if not os.environ.get("APTA_SECRET_KEY") and not os.environ.get("APTA_SECRET_KEY_FILE"):
        os.environ.setdefault("APTA_DEBUG", "1")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"apta does not start. {problem}")


if __name__ == "__main__":
    main()
