"""Django's settings, top to bottom; every outside value comes through `config.env`.

What each variable means stands in docs/settings.md.
"""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from kombu import Queue
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import csp, production
from config.embedded.folders import Folders
from config.env import celery_broker, database, flag, number, secret, text, words

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(text("VAR_DIR", str(BASE_DIR / "var"))).expanduser().resolve()

# Where it runs ---------------------------------------------------------------------------------
# Without URLs the desk has its own servers below VAR_DIR; `manage.py up` starts them.

FOLDERS = Folders(VAR_DIR)
_given_database = secret("DATABASE_URL", "")
_given_redis = secret("REDIS_URL", "")
EMBEDDED_DATABASE = not _given_database
EMBEDDED_REDIS = not _given_redis
DATABASE_URL = _given_database or FOLDERS.database_url()
REDIS_URL = _given_redis or FOLDERS.redis_url()
# Everything of ours in Redis begins with this, so that several desks may share one server.
REDIS_PREFIX = text("REDIS_PREFIX", "anhao")

# A demo may have sample people and secrets that it made itself; production may have neither.
DEMO = flag("DEMO", default=EMBEDDED_DATABASE)
DEBUG = flag("DEBUG", default=False)

if DEMO:
    SECRET_KEY = secret("SECRET_KEY", "") or FOLDERS.kept_secret(
        "secret_key", lambda: secrets.token_urlsafe(64)
    )
    _credential_keys = secret("CREDENTIALS_KEY", "") or FOLDERS.kept_secret(
        "credentials_key", lambda: Fernet.generate_key().decode()
    )
else:
    SECRET_KEY = production.checked_secret_key(secret("SECRET_KEY"))
    _credential_keys = secret("CREDENTIALS_KEY")
    production.refuse_debug(DEBUG)
# Lets a test kill a process at a named point; see channels_ingest/faults.py.
DEBUG_FAULTS = DEMO and flag("DEBUG_FAULTS", default=False)
# The first key encrypts what channels need to sign in; the others still decrypt.
CREDENTIALS_KEYS = production.checked_credential_keys(_credential_keys)

# Addresses -------------------------------------------------------------------------------------

HOST = text("HOST", "127.0.0.1")
PORT = number("PORT", 8000, low=1, high=65535)
# How customers and agents reach us: it stands in links that we send.
PUBLIC_URL = text("PUBLIC_URL", production.demo_url(HOST, PORT) if DEMO else None).rstrip("/")
HTTPS = flag("HTTPS", default=not DEMO)

ALLOWED_HOSTS = production.hosts(
    PUBLIC_URL, words("ALLOWED_HOSTS"), demo_host=HOST if DEMO else None
)
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL))]

# Applications ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "tickets",
    "channels_ingest",
    "dashboard",
    "config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "dashboard.views.errors.outdated"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Data ------------------------------------------------------------------------------------------

DATABASES = {
    "default": {
        **database(DATABASE_URL),
        # Under ASGI each request may run in another thread; kept connections would pile up.
        # A worker's process has one thread and keeps its own (config/celery.py).
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(VAR_DIR / "media"))).expanduser().resolve()
STATIC_URL = "static/"
# The demo serves static files as they lie in the packages; production collects them first,
# under names that change with their content and so may be cached for ever.
_static = Path(text("STATIC_ROOT", str(VAR_DIR / "static"))).expanduser().resolve()
STATIC_ROOT = None if DEMO else _static
WHITENOISE_USE_FINDERS = DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# An upload above this size is refused before any of our code sees it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024

# The driver's own patience (three tries, up to ten seconds apart) would hold up pages; nothing
# that we keep in Redis is worth waiting for.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}:cache",
        "OPTIONS": {
            "socket_timeout": 2,
            "socket_connect_timeout": 2,
            "retry": Retry(NoBackoff(), retries=1),
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # The driver's own limits (5 seconds, 100 connections) drop quiet sockets and fail
            # when many leave at once.
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_timeout": 30,
                    "socket_connect_timeout": 2,
                    "max_connections": 2000,
                    "retry": AsyncRetry(NoBackoff(), retries=1),
                }
            ],
            "prefix": f"{REDIS_PREFIX}:live:",
        },
    }
}

# People ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tickets.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English"), ("ja", "日本語")]
TIME_ZONE = text("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

# Security --------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [csp.SELF],
    "img-src": [csp.SELF, "data:"],
    "object-src": [csp.NONE],
    "base-uri": [csp.NONE],
    "form-action": [csp.SELF],
    "frame-ancestors": [csp.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if flag("TRUST_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# Two desks on one machine share its host name, and browsers do not tell ports apart.
_cookie = "__Host-anhao" if HTTPS else f"anhao-{PORT}"
SESSION_COOKIE_NAME = f"{_cookie}-session"
CSRF_COOKIE_NAME = f"{_cookie}-csrf"

# The API ---------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tickets.api.authentication.TokenAuthentication"],
    "EXCEPTION_HANDLER": "tickets.api.problems.problem",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Anhao",
    "DESCRIPTION": "One case for one problem, whatever door it came in by.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "StateEnum": "tickets.models.State",
        "PriorityEnum": "tickets.models.Priority",
        "CategoryEnum": "tickets.models.Category",
        "DeliveryStateEnum": "tickets.models.DeliveryState",
    },
}

# Celery: it only wakes, PostgreSQL holds the truth ---------------------------------------------

CELERY_BROKER_URL = secret("BROKER_URL", celery_broker(REDIS_URL))
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Early acknowledgement and no prefetch: a worker that loses its broker neither dies nor strands
# what it had taken; whatever is lost, the sweep finds in the database.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_DISABLE_PREFETCH = CELERY_BROKER_URL.startswith("redis")
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # KiB
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_SEND_SENT_EVENT = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A page must not wait for a broker that is down.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 300,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": not CELERY_BROKER_URL.startswith("redis+socket"),
        "health_check_interval": 10,
        "queue_order_strategy": "round_robin",
        "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    }
    if CELERY_WORKER_DISABLE_PREFETCH
    else {}
)
CELERY_TASK_DEFAULT_QUEUE = "intake"
CELERY_TASK_QUEUES = [Queue("intake"), Queue("outbound"), Queue("sweep")]
CELERY_TASK_ROUTES = {
    "*.tasks.deliver": {"queue": "outbound"},
    "*.tasks.sweep*": {"queue": "sweep"},
}
# A sweep that was not taken in time is worthless: the next one does its work.
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "channels_ingest.tasks.sweep",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "digests": {
        "task": "dashboard.tasks.sweep_digests",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
}

# Whether connectors may call private addresses: the sandbox, a forum on the same network.
ALLOW_PRIVATE_ADDRESSES = flag("ALLOW_PRIVATE_ADDRESSES", default=DEMO)

# Case numbers and matching ---------------------------------------------------------------------

CASE_NUMBER_PREFIX = text("CASE_NUMBER_PREFIX", "QM").upper()
# Read numbers of twelve and two digits too: on once the installation has issued one.
CASE_NUMBER_LONG_FORM = flag("CASE_NUMBER_LONG_FORM", default=False)
# A closed case is reopened within this many days; later an answer opens a follow-up.
REOPEN_DAYS = number("REOPEN_DAYS", 30, low=0, high=3650)
# How long a conversation without a number counts as the same one.
CURRENT_CONVERSATION_HOURS = number("CURRENT_CONVERSATION_HOURS", 24, low=0, high=720)

# Triage by a language model: off without an address -----------------------------------------------

LLM_URL = text("LLM_URL", "")
LLM_KEY = secret("LLM_KEY", "")
LLM_MODEL = text("LLM_MODEL", "default")
LLM_TIMEOUT = number("LLM_TIMEOUT", 5, low=1, high=30)  # seconds

# Public places and what people take back ---------------------------------------------------------

# What we publish ourselves and may therefore say in public: addresses, phone numbers, @domains.
PUBLIC_ALLOWED = words("PUBLIC_ALLOWED")
# How long the content of a recalled message is kept for a person who must look; 0 for not at all.
RECALLED_KEPT_DAYS = number("RECALLED_KEPT_DAYS", 30, low=0, high=3650)

# Files that customers send ----------------------------------------------------------------------

# The largest file of a form or chat, in megabytes.
UPLOAD_MAX_MB = number("UPLOAD_MAX_MB", 20, low=1, high=200)
# How long what a customer uploaded to prove who they are is kept after the decision.
REVIEW_KEPT_DAYS = number("REVIEW_KEPT_DAYS", 7, low=0, high=365)

# Letters to agents: none without a server ---------------------------------------------------------

EMAIL_HOST = text("EMAIL_HOST", "")
EMAIL_PORT = number("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = secret("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = text("EMAIL_FROM", EMAIL_HOST_USER or "support@localhost")

# Log -------------------------------------------------------------------------------------------

LOG_LEVEL = text("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "filters": {
        # A probe that finds us unwell tells whoever sent it; the log need not repeat it.
        "no_probes": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: "/healthz" not in record.getMessage(),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # One line for each task and each connection is noise; what happened is in the history.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "django.request": {"filters": ["no_probes"]},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
