"""What a production server imports (ASGI)."""

import os

from django.core.asgi import get_asgi_application

from apta.servers import with_counted_body
from apta.start import started

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")
application = with_counted_body(started(get_asgi_application))
