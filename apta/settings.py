"""Settings, all from the environment. ``docs/operating.md`` lists every one.

Values are those of production; a trial on one's own machine sets ``APTA_DEBUG=1``.
A value that cannot be used stops the start with a sentence that names it.
"""

import datetime
import re
import sys
import zoneinfo
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from apta import __version__
from apta.environment import (
    host_of,
    read_address,
    read_base_url,
    read_bool,
    read_contact,
    read_database,
    read_folder,
    read_hosts,
    read_mail,
    read_number,
    read_one,
    read_sender,
    read_text,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = read_folder("APTA_DATA_DIR", BASE_DIR / "var", "static")
STATIC_ROOT = DATA_DIR / "static"

TESTING = "pytest" in sys.modules or "mypy" in sys.modules
# A trial on one's own machine, which tests and type checks are too: they start without any setting.
TRIAL = read_bool("APTA_DEBUG", TESTING)
# A trial shows the pages that people will see, errors included; developers ask for Django's own.
DEBUG = read_bool("APTA_TRACEBACKS", False) and TRIAL
PUBLIC_READ = read_bool("APTA_PUBLIC_READ", True)

SECRET_KEY = read_text("APTA_SECRET_KEY")
if not SECRET_KEY:
    if not TRIAL:
        raise ImproperlyConfigured(
            "APTA_SECRET_KEY is not set. Give a long random value that stays the same between starts, "
            "or set APTA_DEBUG=1 for a trial on your own machine."
        )
    SECRET_KEY = "only-for-a-trial-on-ones-own-machine-never-in-production"
elif not TRIAL and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("APTA_SECRET_KEY is shorter than 50 characters; give a longer random value.")

# Under a path, addresses within it begin with that path wherever they are made, in mails as well.
BASE_URL, _path = read_base_url("APTA_BASE_URL")
FORCE_SCRIPT_NAME = _path or None
HTTPS = read_bool("APTA_HTTPS", not TRIAL)

ALLOWED_HOSTS = read_hosts("APTA_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"], any_host=TRIAL)
if BASE_URL:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, host_of(BASE_URL)]
    CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "workplan",
    "apta.apps.ProjectConfig",
    "apta.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    "apta.health.middleware.probes",
    "apta.incoming.readable_request",
    "apta.middleware.request_id",
    "apta.health.middleware.observed",
    "apta.cross_origin.cross_origin",
    "django.middleware.security.SecurityMiddleware",
    "apta.middleware.browser_limits",
    "apta.middleware.Compression",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apta.caching.cache_control",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Reads the form, so whoever else reads it stands below.
    "apta.incoming.Limits",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apta.middleware.reader",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apta.middleware.close_to_the_public",
    "apta.middleware.busy_database",
    "workplan.views.former_addresses.lead_on",
    "workplan.views.parameters.page_parameters",
]

ROOT_URLCONF = "apta.urls"
WSGI_APPLICATION = "apta.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workplan.views.context.site_context",
            ],
        },
    }
]

# The web server and its processes (manage.py serve)

BIND = read_address("APTA_BIND", "127.0.0.1:8000")
WEB_PROCESSES = read_number("APTA_WEB_PROCESSES", 2, 1, 64)
# Requests that one process answers at a time. Each thread keeps a connection to the database.
WEB_THREADS = read_number("APTA_WEB_THREADS", 8, 1, 64)

# Database. SQLite is the embedded default, PostgreSQL is production.

DATABASES = {
    "default": read_database(
        "DATABASE_URL",
        DATA_DIR / "apta.sqlite3",
        DATA_DIR / "test.sqlite3",
        max_age=read_number("APTA_DATABASE_MAX_AGE", 60, 0, 86_400),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# People

AUTH_USER_MODEL = "workplan.User"
AUTHENTICATION_BACKENDS = ["workplan.accounts.authentication.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    # The cast signs in thousands of times; nobody attacks it.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "workplan.accounts.passwords.KnownWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "workplan.accounts.authentication.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "workplan.accounts.forms.LoginForm",
    "change_password": "workplan.accounts.forms.ChangePasswordForm",
    "reset_password": "workplan.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "workplan.accounts.forms.ResetPasswordKeyForm",
    "user_token": "workplan.accounts.forms.UserTokenForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = False
# Counted in the database, for every door and every process: workplan.actions.attempts.
ACCOUNT_RATE_LIMITS = False

# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# Browsers take a cookie of such a name only with Secure, for this host alone and from no other host under its domain:
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
SECURITY_CONTACT = read_contact("APTA_SECURITY_CONTACT")
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS and not TRIAL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = read_bool("APTA_BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# On the server: in a cookie they would carry names of people, to be read by whoever has the device.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "workplan.views.errors.csrf_failure"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Sizes of bodies, in bytes, judged before anything is read (apta.incoming). A report whose four long texts are full
# takes a megabyte at most, however it is encoded; what is longer than its field is still read, so that it can be named.
ANONYMOUS_BODY_LIMIT = read_number("APTA_ANONYMOUS_BODY_KB", 1_024, 64, 100_000) * 1024
BODY_LIMIT = DATA_UPLOAD_MAX_MEMORY_SIZE = read_number("APTA_BODY_KB", 2_048, 1_024, 100_000) * 1024
UPLOAD_LIMIT = read_number("APTA_UPLOAD_MB", 120, 11, 10_000) * 1024 * 1024
# Files that are sent to be read (workplan.imports): what is more is refused before it costs memory or time.
IMPORT_FILE_BYTES = read_number("APTA_IMPORT_MB", 20, 1, 1_000) * 1024 * 1024
IMPORT_UNPACKED_BYTES = read_number("APTA_IMPORT_UNPACKED_MB", 100, 1, 2_000) * 1024 * 1024
IMPORT_RATIO = read_number("APTA_IMPORT_RATIO", 200, 10, 10_000)
IMPORT_PARTS = read_number("APTA_IMPORT_PARTS", 2_000, 50, 100_000)
IMPORT_ROWS = read_number("APTA_IMPORT_ROWS", 20_000, 100, 1_000_000)
IMPORT_COLUMNS = read_number("APTA_IMPORT_COLUMNS", 200, 30, 16_384)
IMPORT_DAYS = read_number("APTA_IMPORT_DAYS", 7, 1, 90)
# A name, a password and where to go then.
SIGN_IN_BODY_LIMIT = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Language, time, static files

LANGUAGE_CODE = "en"
USE_I18N = True
TIME_ZONE = read_one(
    "APTA_TIME_ZONE",
    "Asia/Jakarta",
    lambda zone: zone in zoneinfo.available_timezones(),
    "use a name such as Asia/Jakarta or UTC.",
)
USE_TZ = True

STATIC_URL = "static/"
# Below the path that apta is served at, which the server has taken off by then.
WHITENOISE_STATIC_PREFIX = "/static/"
# Without a build step on a trial: files are served from where they were written.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TRIAL and not TESTING
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apta.static_files.Plain" if TRIAL else "apta.static_files.Collected"},
}

# Files behind reports. They are given out by a view that asks who may see them, never from an address of their own.

MEDIA_ROOT = DATA_DIR / "files"
# For nobody but the account that apta runs under; collected static files as well.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# Work in the background, queued in the database. Tests do it on the spot.

TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend" if TESTING else "django_tasks_db.DatabaseBackend"
    }
}

# Mail: printed to the console on a trial, sent by the server that APTA_EMAIL_URL names in production.

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
globals().update(read_mail("APTA_EMAIL_URL"))
EMAIL_TIMEOUT = 10
# Days after which a reminder is repeated, and from when on the secretariat is reminded of what waits; 0: never.
REMINDER_DAYS = read_number("APTA_REMINDER_DAYS", 7, 0, 90)
DEFAULT_FROM_EMAIL = read_sender("APTA_EMAIL_FROM", "apta@localhost")

# API

TOKEN_RATE = read_one(
    "APTA_TOKEN_RATE",
    "20/min",
    lambda rate: bool(re.fullmatch(r"[1-9][0-9]{0,5}/(sec|min|hour|day)", rate)),
    "use a number and sec, min, hour or day, such as 20/min.",
)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workplan.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["workplan.api.access.MayRead"],
    "DEFAULT_RENDERER_CLASSES": ["workplan.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["workplan.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "workplan.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "workplan.api.errors.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "TOKEN_MODEL": "workplan.ApiToken",
    "AUTH_HEADER_PREFIX": "Token",
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": 100,
    "TOKEN_TTL": datetime.timedelta(days=read_number("APTA_TOKEN_DAYS", 90, 1, 366)),
}
KNOX_TOKEN_MODEL = "workplan.ApiToken"
# knox would make a table for its own tokens next to ours, which nothing uses and no flush empties.
MIGRATION_MODULES = {"knox": None}

SPECTACULAR_SETTINGS = {
    "TITLE": "apta",
    "VERSION": __version__,
    "DESCRIPTION": "Lead and cooperating bodies and the implementation progress of each activity of a work plan.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "workplan.api.schema.null_in_its_place",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ActivityKind": "workplan.rules.ACTIVITY_KINDS.choices",
        "UpdateKind": "workplan.rules.UPDATE_KINDS.choices",
        "ImplementationStatus": "workplan.rules.STATUSES.choices",
        "FoundKind": "workplan.rules.SEARCH_RESULT_KINDS.choices",
        "ReportState": "workplan.rules.REPORT_STATES.choices",
        "Timeliness": "workplan.rules.TIMELINESS.choices",
        "Pillar": "workplan.rules.PILLARS.choices",
        "Role": "workplan.rules.ROLES.choices",
        "RoundKind": "workplan.rules.ROUND_KINDS.choices",
        "RoundState": "workplan.rules.ROUND_STATES.choices",
        "Publication": "workplan.rules.PUBLICATIONS.choices",
        "ObligationState": "workplan.rules.SHOWN_STATES.choices",
        "QuestionKind": "workplan.rules.QUESTION_KINDS.choices",
        "QuestionState": "workplan.rules.QUESTION_STATES.choices",
        "QuestionDecision": "workplan.rules.QUESTION_DECISIONS.choices",
        "QuestionRecord": "workplan.models.questions.RECORD_TYPES",
        "ActivityAction": "workplan.permissions.ACTIVITY_ACTIONS",
        "ContributionAction": "workplan.permissions.CONTRIBUTION_ACTIONS",
        "RoundAction": "workplan.rules.ROUND_ACTIONS",
        "QuestionAction": "workplan.permissions.QUESTION_ACTIONS",
        "UpdateAction": "workplan.rules.REPORT_ACTIONS",
        "SavedViewAction": "workplan.permissions.VIEW_ACTIONS",
        "SavedViewPage": "workplan.rules.VIEW_PAGES.choices",
        "CoverageGapKind": "workplan.rules.COVERAGE_GAPS.choices",
    },
}

# Logs: one line each, with the id of the request, to standard error.

LOG_LEVEL = read_one(
    "APTA_LOG_LEVEL",
    "INFO",
    lambda level: level in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"},
    "use DEBUG, INFO, WARNING, ERROR or CRITICAL.",
)
LOG_FORMAT = read_one("APTA_LOG_FORMAT", "text", lambda name: name in {"text", "json"}, "use text or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "apta.logs.RequestIdFilter"}},
    "formatters": {"text": {"()": "apta.logs.LineFormatter"}, "json": {"()": "apta.logs.JSONFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]},
        # For the system page.
        "latest": {
            "class": "apta.health.errors.LatestErrors",
            "folder": DATA_DIR,
            "level": "ERROR",
            "filters": ["request_id"],
        },
    },
    # Django's own handlers would print each line a second time, or in another shape.
    "loggers": {name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
    "root": {"handlers": ["console"] if TESTING else ["console", "latest"], "level": LOG_LEVEL},
}

# Figures for monitoring programs (apta.health)

METRICS_TOKEN = read_text("APTA_METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("APTA_METRICS_TOKEN is shorter than 20 characters; give a longer random value.")
