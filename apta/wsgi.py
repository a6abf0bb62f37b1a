"""What a production server imports (WSGI)."""

import os

from django.core.wsgi import get_wsgi_application

from apta.logs import use_for_gunicorn
from apta.servers import with_text_charset
from apta.start import started

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apta.settings")
use_for_gunicorn()
application = with_text_charset(started(get_wsgi_application))
