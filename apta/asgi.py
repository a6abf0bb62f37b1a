"""The ASGI door: what a production server imports."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")

application = get_asgi_application()
