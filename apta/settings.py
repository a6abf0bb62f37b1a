"""Settings, all from the environment. ``README.md`` lists every one.

Values are those of production; a trial on one's own machine sets ``APTA_DEBUG=1``.
A value that cannot be used stops the start with a sentence that names it.
"""

import os
import re
import sys
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from apta import __version__

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()


def read(name: str, cast: Any, default: Any) -> Any:
    """Read the environment variable ``name``; an empty one counts as not set.

    Raises:
        ImproperlyConfigured: the value cannot be read as ``cast``.
    """
    if not os.environ.get(name):
        return default
    try:
        return cast(name)
    except (ValueError, TypeError) as problem:
        raise ImproperlyConfigured(f"{name} has a value that cannot be used: {problem}") from problem


def read_bool(name: str, default: bool) -> bool:
    """Read a switch. Anything but the usual words for yes and no is refused, not taken as no."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; use 1 or 0.")


def read_one(name: str, default: str, known: Callable[[str], bool], advice: str) -> str:
    """Read a value that ``known`` must accept."""
    value: str = read(name, env.str, default)
    if not known(value):
        raise ImproperlyConfigured(f"{name} is {value!r}; {advice}")
    return value


def read_number(name: str, default: int, lowest: int, highest: int) -> int:
    number: int = read(name, env.int, default)
    if not lowest <= number <= highest:
        raise ImproperlyConfigured(f"{name} is {number}; use a number from {lowest} to {highest}.")
    return number


DATA_DIR = Path(read("APTA_DATA_DIR", env.str, str(BASE_DIR / "var")))
STATIC_ROOT = DATA_DIR / "static"
try:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
except OSError as problem:
    raise ImproperlyConfigured(f"APTA_DATA_DIR is {DATA_DIR}, which cannot be written: {problem}") from problem

TESTING = "pytest" in sys.modules or "mypy" in sys.modules
# A trial on one's own machine, which tests and type checks are too: they start without any setting.
TRIAL = read_bool("APTA_DEBUG", TESTING)
# A trial shows the pages that people will see, errors included; developers ask for Django's own.
DEBUG = TRIAL and read_bool("APTA_TRACEBACKS", False)
PUBLIC_READ = read_bool("APTA_PUBLIC_READ", True)

SECRET_KEY = read("APTA_SECRET_KEY", env.str, "")
if not SECRET_KEY:
    if not TRIAL:
        raise ImproperlyConfigured(
            "APTA_SECRET_KEY is not set. Give a long random value that stays the same between starts, "
            "or set APTA_DEBUG=1 for a trial on your own machine."
        )
    SECRET_KEY = "only-for-a-trial-on-ones-own-machine-never-in-production"
elif not TRIAL and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("APTA_SECRET_KEY is shorter than 50 characters; give a longer random value.")

BASE_URL = read("APTA_BASE_URL", env.str, "")
if BASE_URL and (urlsplit(BASE_URL).scheme not in {"http", "https"} or not urlsplit(BASE_URL).hostname):
    raise ImproperlyConfigured(f"APTA_BASE_URL is {BASE_URL!r}; give an address such as https://apta.example.org")
HTTPS = read_bool("APTA_HTTPS", not TRIAL)

ALLOWED_HOSTS = read("APTA_ALLOWED_HOSTS", env.list, ["127.0.0.1", "localhost", "[::1]"])
if BASE_URL:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, urlsplit(BASE_URL).hostname]
    CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]

INSTALLED_APPS = [
    "workplan",
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
    "apta.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "apta.middleware.Compression",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apta.middleware.close_to_the_public",
    "apta.middleware.busy_database",
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
                "workplan.views.context.house",
            ],
        },
    }
]

# Database. SQLite is the embedded default, PostgreSQL is production.


def read_database() -> dict[str, Any]:
    """The database that ``DATABASE_URL`` names, with the options each engine needs for safe writing."""
    try:
        database: dict[str, Any] = env.db_url_config(
            os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'apta.sqlite3'}"
        )
    except (ValueError, KeyError, environ.ImproperlyConfigured) as problem:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read; give postgres://user:password@host:5432/name or sqlite:///file"
        ) from problem
    engine = database.get("ENGINE", "")
    if engine == "django.db.backends.sqlite3":
        # IMMEDIATE takes the write lock when a transaction begins, so that two writers
        # queue instead of failing half-way; WAL lets readers go on meanwhile.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
        # A file: threads of one test share it as the processes of a server do.
        database["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
    elif engine == "django.db.backends.postgresql":
        database["CONN_MAX_AGE"] = read_number("APTA_DATABASE_MAX_AGE", 60, 0, 86_400)
        database["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL names a database that apta does not support; use postgres or sqlite.")
    return database


DATABASES = {"default": read_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# People

AUTH_USER_MODEL = "workplan.User"
AUTHENTICATION_BACKENDS = ["workplan.authentication.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    # The cast signs in thousands of times; nobody attacks it.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "workplan.authentication.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Whoever has no account here gets no mail from here, whatever address somebody types.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/h/ip,5/h/key",
}

# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS and not TRIAL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if read_bool("APTA_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

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

# Bodies up to this size are read, so that a field that is too long can be named; larger ones are refused whole.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
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
# Without a build step on a trial: files are served from where they were written.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TRIAL and not TESTING
if not TRIAL:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Files behind reports. They are given out by a view that asks who may see them, never from an address of their own.

MEDIA_ROOT = DATA_DIR / "files"

# Work in the background, queued in the database. Tests do it on the spot.

TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend" if TESTING else "django_tasks_db.DatabaseBackend"
    }
}

# Mail: printed to the console on a trial, sent by the server that APTA_EMAIL_URL names in production.

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if os.environ.get("APTA_EMAIL_URL"):
    read_one(
        "APTA_EMAIL_URL",
        "",
        lambda url: urlsplit(url).scheme in {"smtp", "smtp+tls", "smtp+ssl", "smtps", "consolemail", "filemail"},
        "use smtp+tls://user:password@host:587",
    )
    globals().update(env.email_url("APTA_EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = read("APTA_EMAIL_FROM", env.str, "apta@localhost")

# API

TOKEN_RATE = read_one(
    "APTA_TOKEN_RATE",
    "20/min",
    lambda rate: bool(re.fullmatch(r"[1-9][0-9]*/(sec|min|hour|day)", rate)),
    "use a number and sec, min, hour or day, such as 20/min.",
)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workplan.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["workplan.api.access.MayRead"],
    "DEFAULT_RENDERER_CLASSES": ["workplan.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["workplan.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "workplan.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "workplan.api.errors.answer",
    "DEFAULT_THROTTLE_RATES": {"token": TOKEN_RATE},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "TOKEN_MODEL": "workplan.ApiToken",
    "AUTH_HEADER_PREFIX": "Token",
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": 100,
    "TOKEN_TTL": None,
}
KNOX_TOKEN_MODEL = "workplan.ApiToken"
# knox would make a table for its own tokens beside ours, which nothing uses and no flush empties.
MIGRATION_MODULES = {"knox": None}

SPECTACULAR_SETTINGS = {
    "TITLE": "apta",
    "VERSION": __version__,
    "DESCRIPTION": "Who leads, who cooperates and how far each activity of a work plan has come.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ActivityKind": "workplan.rules.ACTIVITY_KINDS.choices",
        "UpdateKind": "workplan.rules.UPDATE_KINDS.choices",
        "ImplementationStatus": "workplan.rules.STATUSES.choices",
        "FoundKind": "workplan.rules.FOUND_KINDS.choices",
        "ReportState": "workplan.rules.REPORT_STATES.choices",
        "Timeliness": "workplan.rules.TIMELINESS.choices",
        "Pillar": "workplan.rules.PILLARS.choices",
        "Role": "workplan.rules.ROLES.choices",
        "RoundKind": "workplan.rules.ROUND_KINDS.choices",
        "RoundState": "workplan.rules.ROUND_STATES.choices",
        "Publication": "workplan.rules.PUBLICATIONS.choices",
        "ObligationState": "workplan.rules.OBLIGATION_STATES.choices",
        "QuestionKind": "workplan.rules.QUESTION_KINDS.choices",
        "QuestionState": "workplan.rules.QUESTION_STATES.choices",
        "QuestionDecision": "workplan.rules.QUESTION_DECISIONS.choices",
        "QuestionRecord": "workplan.models.questions.RECORD_TYPES",
        "ActivityAction": "workplan.permissions.ACTIVITY_DEEDS",
        "ContributionAction": "workplan.permissions.CONTRIBUTION_DEEDS",
        "RoundAction": "workplan.rules.ROUND_MOVES",
        "QuestionAction": "workplan.permissions.QUESTION_DEEDS",
        "UpdateAction": "workplan.rules.REPORT_MOVES",
    },
}

# Logs: one line each, with the id of the request, to standard error.

LOG_LEVEL = read_one(
    "APTA_LOG_LEVEL",
    "INFO",
    lambda level: level in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"},
    "use DEBUG, INFO, WARNING, ERROR or CRITICAL.",
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "apta.logs.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    # Django's own handlers would print each line a second time.
    "loggers": {"django": {"handlers": [], "propagate": True}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
