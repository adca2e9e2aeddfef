"""All settings, from the environment. docs/SETTINGS.md lists them; consent/checks.py refuses bad ones."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from environs import Env

from consent.mailing import where

django_stubs_ext.monkeypatch()  # lets Django's classes be written with their type arguments
env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- secrets: no defaults, so that a start without them is refused (consent/checks.py) ---
SECRET_KEY = env.str("SECRET_KEY", "missing")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
SAYSO_LINK_KEYS: list[str] = env.list("SAYSO_LINK_KEYS", [])
SAYSO_LINK_KEYS_REVOKED: list[str] = env.list("SAYSO_LINK_KEYS_REVOKED", [])
SAYSO_ADDRESS_SECRET = env.str("SAYSO_ADDRESS_SECRET", "")
SAYSO_ENCRYPTION_KEYS: list[str] = env.list("SAYSO_ENCRYPTION_KEYS", [])

# --- where we are ---
SAYSO_PUBLIC_ORIGIN = env.str("SAYSO_PUBLIC_ORIGIN", "").rstrip("/")
DEBUG = False
_public_host = urlsplit(SAYSO_PUBLIC_ORIGIN).hostname
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", [host for host in (_public_host, "127.0.0.1", "localhost") if host]
)
CSRF_TRUSTED_ORIGINS = [SAYSO_PUBLIC_ORIGIN] if SAYSO_PUBLIC_ORIGIN else []
CSRF_FAILURE_VIEW = "subscriptions.failures.csrf_failure"
_https = SAYSO_PUBLIC_ORIGIN.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SAYSO_BEHIND_PROXY = env.bool("SAYSO_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SAYSO_BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"

# --- limits ---
SAYSO_MAX_BODY_BYTES = env.int("SAYSO_MAX_BODY_BYTES", 2_000_000)
SAYSO_MAX_MAIL_BYTES = env.int("SAYSO_MAX_MAIL_BYTES", 10_000_000)
SAYSO_MAX_RUN_BYTES = env.int("SAYSO_MAX_RUN_BYTES", 500_000_000)
SAYSO_MAX_SCRUB_BYTES = env.int("SAYSO_MAX_SCRUB_BYTES", 2_000_000_000)
SAYSO_MAX_IMPORT_BYTES = env.int("SAYSO_MAX_IMPORT_BYTES", 200_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = SAYSO_MAX_BODY_BYTES

# --- codes by which people prove an address: how many an hour or a day ---
SAYSO_CODES_PER_ADDRESS_HOUR = env.int("SAYSO_CODES_PER_ADDRESS_HOUR", 3)
SAYSO_CODES_PER_ADDRESS_DAY = env.int("SAYSO_CODES_PER_ADDRESS_DAY", 10)
SAYSO_CODES_PER_IP_HOUR = env.int("SAYSO_CODES_PER_IP_HOUR", 20)
SAYSO_CODES_PER_NETWORK_HOUR = env.int("SAYSO_CODES_PER_NETWORK_HOUR", 100)
SAYSO_CODES_PER_CONTROLLER_HOUR = env.int("SAYSO_CODES_PER_CONTROLLER_HOUR", 3_000)

# --- requests about people's data ---
SAYSO_ERASE_AFTER_DAYS = env.int("SAYSO_ERASE_AFTER_DAYS", None)

# --- the database: the queue, the ledger and the truth ---
DATABASE_URL = env.str("DATABASE_URL", "")
_GUARDS = {
    "statement_timeout": env.str("SAYSO_STATEMENT_TIMEOUT", "15s"),
    "lock_timeout": env.str("SAYSO_LOCK_TIMEOUT", "5s"),
    "idle_in_transaction_session_timeout": env.str("SAYSO_IDLE_TRANSACTION_TIMEOUT", "30s"),
    "synchronous_commit": "on",  # off lost acknowledged rows when the server was killed
    # With an array as parameter PostgreSQL planned each check anew, and a large one as a scan of the whole table.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",  # plans here are small; compiling them costs more than it saves
}
_parsed = env.dj_db_url("DATABASE_URL", "postgres:///missing")
DATABASES = {
    "default": _parsed
    | {
        "ENGINE": "django.db.backends.postgresql",
        # A thread keeps its connection: a pool cost each request more than its query. The hot paths replace one that
        # died as they find it (consent/db.py); Django looks before its own queries, the lane of pages before a page.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_parsed.get("OPTIONS", {}),
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in _GUARDS.items()),
            # Server-side prepared statements stay valid on a connection of our own; behind PgBouncer set this to off.
            "prepare_threshold": 3 if env.bool("SAYSO_PREPARED_STATEMENTS", True) else None,
        },
    }
}
# A streaming replica that may answer checks; nothing else is read there (docs/SCALING.md).
SAYSO_REPLICA_URL = env.str("SAYSO_REPLICA_URL", "")
SAYSO_REPLICA_MOST_SECONDS_BEHIND = env.float("SAYSO_REPLICA_MOST_SECONDS_BEHIND", 0.25)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the filter of keys: what most checks of many need not look up ---
SAYSO_FILTER_DIR = env.str("SAYSO_FILTER_DIR", str(BASE_DIR / "var" / "filter"))

# --- requests that last: of a web process's threads some must stay free for checks ---
SAYSO_LONG_REQUESTS = env.int("SAYSO_LONG_REQUESTS", 2)
SAYSO_WAITING_CLIENTS = env.int("SAYSO_WAITING_CLIENTS", 1)
SAYSO_STREAM_AHEAD_BYTES = env.int("SAYSO_STREAM_AHEAD_BYTES", 100_000_000)

# --- the broker: a doorbell that may be lost ---
REDIS_URL = env.str("REDIS_URL", "")
SAYSO_BROKER_URL = env.str("SAYSO_BROKER_URL", "") or REDIS_URL

# --- /metrics ---
SAYSO_METRICS_TOKEN = env.str("SAYSO_METRICS_TOKEN", "")
SAYSO_METRICS_DIR = env.str("SAYSO_METRICS_DIR", str(BASE_DIR / "var" / "metrics"))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = SAYSO_METRICS_DIR  # prometheus_client decides by it as it is imported

# --- mail runs ---
SAYSO_MAIL_DAYS = env.int("SAYSO_MAIL_DAYS", 21)
SAYSO_MAIL_RUN_KEEP_DAYS = env.int("SAYSO_MAIL_RUN_KEEP_DAYS", 30)

# --- scrubs ---
SAYSO_SCRUB_KEEP_DAYS = env.int("SAYSO_SCRUB_KEEP_DAYS", 7)

# --- the listener for mail ---
SAYSO_SMTP = env.str("SAYSO_SMTP", "127.0.0.1:8025")
SAYSO_LMTP = env.str("SAYSO_LMTP", "")
SAYSO_SMTP_TLS_CERT = env.str("SAYSO_SMTP_TLS_CERT", "")
SAYSO_SMTP_TLS_KEY = env.str("SAYSO_SMTP_TLS_KEY", "")
SAYSO_SMTP_TLS_REQUIRED = env.bool("SAYSO_SMTP_TLS_REQUIRED", False)
SAYSO_SMTP_RECIPIENTS = env.int("SAYSO_SMTP_RECIPIENTS", 100)
SAYSO_SMTP_CONNECTIONS = env.int("SAYSO_SMTP_CONNECTIONS", 50)
SAYSO_SMTP_TIMEOUT = env.float("SAYSO_SMTP_TIMEOUT", 300.0)

# --- whether mail is from whom it says: evidence ---
_authserv_ids: list[str] = env.list("SAYSO_TRUSTED_AUTHSERV_IDS", [])
SAYSO_TRUSTED_AUTHSERV_IDS = [name.lower() for name in _authserv_ids]
SAYSO_DKIM_LOOKUPS = env.bool("SAYSO_DKIM_LOOKUPS", True)

# --- mail out: the answers to letters ---
_mail_out = where.read(env.str("SAYSO_MAIL_URL", ""), BASE_DIR / "var" / "outbox")
SAYSO_MAIL_URL_PROBLEM = _mail_out.problem
EMAIL_BACKEND = _mail_out.backend
EMAIL_FILE_PATH = _mail_out.folder
EMAIL_HOST, EMAIL_PORT = _mail_out.host, _mail_out.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail_out.user, _mail_out.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail_out.use_tls, _mail_out.use_ssl
EMAIL_TIMEOUT = where.TIMEOUT_SECONDS
ANYMAIL = where.anymail_settings(os.environ)
SAYSO_ANSWER_LANGUAGE = env.str("SAYSO_ANSWER_LANGUAGE", "en")
SAYSO_CONFIRM_DAYS = env.int("SAYSO_CONFIRM_DAYS", 7)
SAYSO_POST_IN_PRODUCTION_DAYS = env.int("SAYSO_POST_IN_PRODUCTION_DAYS", 42)

# --- IMAP accounts of manage.py fetch_mail ---
SAYSO_IMAP = env.str("SAYSO_IMAP", "").split()

INSTALLED_APPS = [
    "consent",
    "subscriptions",
    "unfold",
    "config.staff_pages.StaffPagesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "consent.lane.MachineLanes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "consent.admin.policy.AdminPolicy",
]
ROOT_URLCONF = "config.urls"
LOGIN_REDIRECT_URL = "/admin/"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # a redirect would turn a POST into a GET; every path here is exact
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    },
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("pt", "Português"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("tr", "Türkçe"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "subscriptions" / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["subscriptions.api.auth.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["subscriptions.api.auth.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["subscriptions.api.parsing.StrictJsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "subscriptions.api.problems.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Sayso",
    "DESCRIPTION": "Ask before you send, and tell us what people said, for e-mail, SMS and post.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": ["subscriptions.api.schema.add_hot_paths"],
}

UNFOLD = {
    "SITE_TITLE": "Sayso",
    "SITE_HEADER": "Sayso",
    "SITE_SYMBOL": "how_to_vote",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/consent/favicon.svg"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["/static/consent/admin.css"],
    "SCRIPTS": ["/static/consent/admin.js"],
    "GLOBAL_CALLBACK": "consent.admin.policy.frame",
    "DASHBOARD_CALLBACK": "consent.admin.dashboard.numbers",
    "SIDEBAR": {"navigation": "consent.admin.sidebar.navigation"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    # Django's own request log prints the path, and a path may hold a token: only failures of ours, without it.
    "loggers": {
        "httpx": {"level": "WARNING"},  # it writes down URLs at INFO, and those of a subscription hold its token
        "flufl.bounce": {"level": "WARNING"},  # a line for each of its detectors
        "mail.log": {"level": "CRITICAL"},  # aiosmtpd writes down envelopes, and commands that it does not know
        "django.request": {"level": "CRITICAL"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
