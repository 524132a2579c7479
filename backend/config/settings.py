"""Settings, all from the environment, safe for production when nothing is set.

`LLSYS_LOCAL=1` (set by `./up` and by the tests) relaxes what only makes sense
behind TLS and fills in what a server must state: secret key, address, services.
docs/configuration.md lists every variable.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from backend.config import local_services, secrets_file

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

LOCAL = env.bool("LLSYS_LOCAL", default=False)
DEBUG = env.bool("LLSYS_DEBUG", default=False)
DATA_DIR = Path(env.str("LLSYS_DATA_DIR", default=str(BASE_DIR / ".data")))
CONTENT_DIR = Path(env.str("LLSYS_CONTENT_DIR", default=str(BASE_DIR / "content")))

if "LLSYS_SECRET_KEY" in os.environ:
    SECRET_KEY = env.str("LLSYS_SECRET_KEY")
elif LOCAL:
    SECRET_KEY = secrets_file.read_or_create(DATA_DIR / "secret_key")
else:
    raise ImproperlyConfigured(
        "Set LLSYS_SECRET_KEY (at least 50 random characters), or LLSYS_LOCAL=1 to try the product on this machine."
    )

SITE_NAME = "llama.cpp Learning System"
BASE_URL = env.str("LLSYS_BASE_URL", default="http://127.0.0.1:8000" if LOCAL else "https://localhost").rstrip("/")
"""Where learners reach the site; absolute links in mails and certificates start with it."""
ALLOWED_HOSTS = env.list(
    "LLSYS_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]"] if LOCAL else [urlsplit(BASE_URL).hostname or "localhost"],
)
CSRF_TRUSTED_ORIGINS = env.list("LLSYS_TRUSTED_ORIGINS", default=[BASE_URL])
TRUSTED_PROXIES = env.int("LLSYS_TRUSTED_PROXIES", default=0)
"""How many reverse proxies of ours stand in front; 0 = the peer address is the client."""

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_vite",
    "backend.config",
    "backend.common",
    "backend.accounts",
    "backend.curriculum",
    "backend.labs",
    "backend.quizzes",
    "backend.interviews",
    "backend.notebook",
    "backend.progress",
    "backend.certification",
    "backend.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "backend.common.middleware.browser_permissions",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Against BREACH it varies the length, and Django masks the CSRF token anew on every page.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backend.common.middleware.private_pages",
    "backend.common.middleware.sign_in_and_back",
]

ROOT_URLCONF = "backend.config.urls"
WSGI_APPLICATION = "backend.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.common.context.site",
            ],
        },
    },
]

# --- services -------------------------------------------------------------------------------------------------------

_services = local_services.addresses(DATA_DIR) if LOCAL else {}
DATABASES = {
    "default": env.db("DATABASE_URL", default=_services.get("DATABASE_URL", "postgres:///llsys"))
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
}
REDIS_URL = env.str("REDIS_URL", default=_services.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
GRADER_REDIS_URL = env.str("GRADER_REDIS_URL", default=REDIS_URL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The cache holds rate limits only. It lives in Postgres so that signing in works while Redis is down.
# Beyond MAX_ENTRIES a third is dropped, whatever it limits: Django's default of 300 would forget failed sign-ins.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# Bells and reports go through the Redis that grading machines reach.
# kombu and redis-py write the address of a socket differently.
CELERY_BROKER_URL = GRADER_REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_TASK_DEFAULT_QUEUE = "backend"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_policy": {"max_retries": 1},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# The same on both sides of the broker: it listens again when a broken connection left nothing to listen to.
CELERY_WORKER_CONSUMER = "grader.consumer:PromptConsumer"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Whoever can write to the broker, a grading machine that was broken into included, could end the workers with it.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "ring-for-waiting-attempts": {"task": "labs.dispatch", "schedule": 2.0, "options": {"expires": 2.0}},
    "carry-out-regrades-and-mail-notices": {"task": "labs.follow_up", "schedule": 5.0, "options": {"expires": 5.0}},
    "end-quizzes-and-mail-notices": {"task": "quizzes.follow_up", "schedule": 10.0, "options": {"expires": 10.0}},
    "count-answers-of-large-banks": {
        "task": "quizzes.count_large_banks",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "mail-booked-interviews": {"task": "interviews.mail_bookings", "schedule": 10.0, "options": {"expires": 10.0}},
    "send-reminders-of-plans": {"task": "progress.remind", "schedule": 60.0, "options": {"expires": 60.0}},
    "forget-ended-sessions": {"task": "common.forget_ended_sessions", "schedule": 24 * 3600.0},
}

# --- accounts -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_ADAPTER = "backend.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.split(":", 1)[0]
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

EMAIL_IS_LOCAL = "LLSYS_SMTP_URL" not in os.environ
"""No mail server set: mails go to the console and to DATA_DIR/mail, and pages say so."""
MAIL_DIR = DATA_DIR / "mail"
if EMAIL_IS_LOCAL:
    EMAIL_BACKEND = "backend.accounts.mail.LocalMailBackend"
else:
    globals().update(env.email_url("LLSYS_SMTP_URL"))
ADMIN_EMAIL = env.str("LLSYS_ADMIN_EMAIL", default="admin@localhost")
"""The first administrator's address."""
DEFAULT_FROM_EMAIL = env.str("LLSYS_FROM_EMAIL", default="llama.cpp Learning System <noreply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- security -------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not LOCAL
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 0 if LOCAL else env.int("LLSYS_HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("sessionid", "csrftoken") if LOCAL else ("__Host-session", "__Host-csrf")
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), usb=(), browsing-topics=()"
)
"""What no page of ours may ask the browser for."""
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        # The editor creates one style element; it carries the nonce.
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = ["backend.labs.uploads.SmallUploads"]

# --- API ------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backend.api.authentication.BrowserSession"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backend.api.parsing.SmallJSON"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    # A client that follows five submissions asks up to 300 times a minute.
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "400/min"},
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "backend.api.errors.error_response",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}

# --- pages ----------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("LLSYS_STATIC_DIR", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
_hashed = not (LOCAL and env.bool("LLSYS_UNHASHED_STATIC", default=False))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _hashed
# Vite puts a hash of the content into the names of what it builds: such a file never changes.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$"
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": BASE_DIR / "frontend" / "dist" / "manifest.json"}}

LOG_FORMAT = env.str("LLSYS_LOG_FORMAT", default="plain" if LOCAL else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "backend.common.logs.formatter", "plain": LOG_FORMAT == "plain"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LLSYS_LOG_LEVEL", default="INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}
