"""Settings, all from the environment. docs/configuration.md lists every variable; a test compares the two."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import schedule
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from ops_platform.api_names import ENUM_NAMES
from ops_platform.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- the process -----------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="" if not DEBUG else "only-for-debugging-" + "x" * 40)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
HTTPS = env.bool("HTTPS", default=False)
# How people reach the platform: for links in mails, which no request is there to tell
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}").rstrip("/")
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "ops_platform.web.staticfiles.StaticFiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_structlog",
    "organization",
    "metrics",
    "processes",
    "automation",
    "ops_platform",
]

MIDDLEWARE = [
    "ops_platform.health.ProbeMiddleware",
    "ops_platform.prometheus.RequestMeter",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # CSRF tokens are masked anew in each answer, and its own padding varies
    "csp.middleware.CSPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ops_platform.web.sending.SentByScriptMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "organization.middleware.LastSeenMiddleware",
    "organization.middleware.OrganizationMiddleware",
    "ops_platform.errors.MethodNotAllowedMiddleware",
]

ROOT_URLCONF = "ops_platform.urls"
WSGI_APPLICATION = "ops_platform.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "ops_platform.context.shell",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "ops_platform.web.templatetags.web",
                "ops_platform.web.templatetags.kept",
            ],
        },
    }
]
FORM_RENDERER = "ops_platform.web.forms.FormRenderer"

# --- PostgreSQL --------------------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
DISPATCHER_DATABASE_URL = env.str("DISPATCHER_DATABASE_URL", default="") or DATABASE_URL
DATABASE_ADMIN_URL = env.str("DATABASE_ADMIN_URL", default="")
# The names of the two roles, which the migrator grants to; the tests connect as another role and switch to these.
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", default=urlsplit(DATABASE_URL).username or "")
DATABASE_DISPATCHER_ROLE = env.str("DATABASE_DISPATCHER_ROLE", default=urlsplit(DISPATCHER_DATABASE_URL).username or "")


PGBOUNCER = env.bool("PGBOUNCER", default=False)


def _database(url: str, *, statement_timeout: str) -> dict[str, Any]:
    """The connection settings of one role. Without a URL Django still starts, for commands that need no database."""
    config: dict[str, Any] = environ.Env.db_url_config(url) if url else {"NAME": "unset", "HOST": "unset.invalid"}
    limits = {
        "statement_timeout": statement_timeout,
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "30s" if statement_timeout == "15s" else "0",
        "client_connection_check_interval": "500ms",
    }
    options: dict[str, Any] = {"connect_timeout": 3, "application_name": "ops-platform"}
    if not PGBOUNCER:
        options["options"] = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return config | {
        "ENGINE": "ops_platform.database.backend",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": PGBOUNCER,
        # A pool hands each transaction to any of its connections, and takes no such options: they go with each one.
        "TRANSACTION_SETTINGS": limits if PGBOUNCER else {},
        "OPTIONS": config.get("OPTIONS", {}) | options,
    }


# Workers aggregate and load for longer than a page may take
STATEMENT_TIMEOUT = env.str("STATEMENT_TIMEOUT", default="15s")
DATABASES = {
    "default": _database(DATABASE_URL, statement_timeout=STATEMENT_TIMEOUT),
    "dispatcher": _database(DISPATCHER_DATABASE_URL, statement_timeout="15s") | {"ATOMIC_REQUESTS": False},
}
DATABASE_ROUTERS = ["ops_platform.database.router.OneDatabase"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What the app role may do with a table, where that is less than select, insert, update and delete.
APP_TABLES: dict[str, tuple[str, ...]] = {
    "django_migrations": ("SELECT",),
    "organization_auditentry": ("SELECT", "INSERT"),
}

# The functions of the schema that the app role calls; nobody else calls any.
APP_FUNCTIONS = (
    "metrics_dashboard_stamp",
    "metrics_ensure_partition",
    "organization_at_hand",
    "organization_clear_closed",
    "organization_membership",
    "organization_remove_closed",
    "organization_remove_sample",
)

# What the relay's role may touch beyond nothing: table -> privileges. Everything else belongs to the app role.
DISPATCHER_TABLES = {
    "organization_eventdelivery": ("SELECT", "UPDATE"),
    "organization_noticedelivery": ("SELECT", "UPDATE"),
    "metrics_rollupmark": ("SELECT",),
    "metrics_importbatch": ("SELECT", "UPDATE"),
    "metrics_kpiversion": ("SELECT",),
    "metrics_datasource": ("SELECT",),
    "processes_sopversion": ("SELECT",),
    "processes_startplan": ("SELECT",),
    "processes_andoncall": ("SELECT",),
    "automation_reportschedule": ("SELECT",),
    "automation_reportrun": ("SELECT",),
    "organization_organization": ("SELECT",),
}

# --- Redis, Celery -----------------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "ops_platform.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://"),
        "KEY_PREFIX": "ops",
        "TIMEOUT": 3600,
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 30, "socket_connect_timeout": 3}
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "events"
CELERY_TASK_ROUTES = {
    "metrics.recompute_dataset": {"queue": "rollups"},
    "metrics.run_import": {"queue": "imports"},
    "metrics.run_source": {"queue": "imports"},
    "processes.run_plan": {"queue": "imports"},
    "automation.send_report": {"queue": "reports"},
    "ops_platform.make_export": {"queue": "imports"},
    "ops_platform.remove_closed": {"queue": "imports"},
}
CELERY_TIMEZONE = "UTC"
TICK_SECONDS = env.float("TICK_SECONDS", default=2.0)
CELERY_BEAT_SCHEDULE = {
    "relay": {"task": "organization.relay", "schedule": schedule(TICK_SECONDS), "options": {"expires": 30}},
    "sweep-marks": {"task": "metrics.sweep_marks", "schedule": schedule(TICK_SECONDS), "options": {"expires": 30}},
    "sweep-imports": {"task": "metrics.sweep_imports", "schedule": schedule(10), "options": {"expires": 30}},
    "sweep-sources": {"task": "metrics.sweep_sources", "schedule": schedule(10), "options": {"expires": 30}},
    "sweep-plans": {"task": "processes.sweep_plans", "schedule": schedule(10), "options": {"expires": 30}},
    "sweep-andon": {"task": "processes.sweep_andon", "schedule": schedule(10), "options": {"expires": 30}},
    "sweep-versions": {"task": "processes.sweep_versions", "schedule": schedule(60), "options": {"expires": 60}},
    "sweep-reports": {"task": "automation.sweep_reports", "schedule": schedule(20), "options": {"expires": 30}},
    "follow-entries": {"task": "metrics.follow_entries", "schedule": schedule(300), "options": {"expires": 300}},
    "sweep-reminders": {
        "task": "organization.sweep_reminders",
        "schedule": schedule(300),
        "options": {"expires": 300},
    },
    "forget-deliveries": {
        "task": "metrics.forget_deliveries",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
    "forget-import-files": {
        "task": "metrics.forget_import_files",
        "schedule": schedule(6 * 3600),
        "options": {"expires": 3600},
    },
    "sweep-exports": {"task": "ops_platform.sweep_exports", "schedule": schedule(60), "options": {"expires": 30}},
    "sweep-bulk": {"task": "ops_platform.sweep_bulk", "schedule": schedule(60), "options": {"expires": 30}},
    "remove-closed": {"task": "ops_platform.remove_closed", "schedule": schedule(3600), "options": {"expires": 3600}},
    "forget-keys": {"task": "organization.forget_keys", "schedule": schedule(3600), "options": {"expires": 3600}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# --- people ------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organization.User"
AUTHENTICATION_BACKENDS = ["organization.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=10)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "organization.accounts.AccountAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True  # another address counts once its mailbox has confirmed it
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # of who asks for another address: a password mail goes there next
ACCOUNT_FORMS = {
    "add_email": "organization.forms.accounts.NewAddressForm",
    "login": "organization.forms.accounts.SignInForm",
    "reset_password": "organization.forms.accounts.ForgottenForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",  # in the morning a whole company signs in from one address
    "login_failed": "10/m/ip",
    "invitation": "30/m/ip",
}  # by account: organization/services/sign_in.py
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "organization.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Ops Platform"
MFA_TOTP_TOLERANCE = 1
# Whoever confirms the address of an account first, clears what was set up in it before: organization/accounts.py
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "organization.forms.second_factor.CodeForm",
    "reauthenticate": "organization.forms.second_factor.CodeAgainForm",
    "activate_totp": "organization.forms.second_factor.FirstCodeForm",
    "add_webauthn": "organization.forms.second_factor.NewPasskeyForm",
    "edit_webauthn": "organization.forms.second_factor.PasskeyNameForm",
}
# Signing in through the company's identity provider, where one is named
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_NAME = env.str("OIDC_NAME", default="SSO")
OIDC_JOIN = env.dict("OIDC_JOIN", default={})  # domain of a confirmed address -> short name of an organization
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": env.str("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
SOCIALACCOUNT_ADAPTER = "organization.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
# A form that leads to another host is what our policy forbids; the state parameter guards the way back
SOCIALACCOUNT_LOGIN_ON_GET = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
EMAIL_URL = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_URL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = EMAIL_URL.get("EMAIL_FILE_PATH", "")
EMAIL_HOST = EMAIL_URL.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_URL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_URL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL_URL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_URL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_URL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ops@localhost")

# --- cookies and headers -------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "ops-session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "ops-csrf"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
CSRF_FAILURE_VIEW = "ops_platform.errors.csrf_failure"

# --- languages -----------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "ops-language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = "UTC"

# --- files ---------------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
S3_BUCKET = env.str("S3_BUCKET", default="")
FILES: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    # What people upload is nobody's on the machine but the product's.
    "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
}
if S3_BUCKET:
    # Nothing is public there: every file goes out through a page that asks for the right.
    FILES = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "location": env.str("S3_PREFIX", default=""),
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
        },
    }
STORAGES = {
    "default": FILES,
    "staticfiles": {"BACKEND": "ops_platform.web.staticfiles.HashedStaticFiles"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_MAX_AGE = 3600
# Only developers' tools fetch source maps.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "jpg", "jpeg", "png", "webp", "gz", "br", "woff", "woff2", "xlsx", "zip")
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=200 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=2_000_000)
IMPORT_FILE_DAYS = env.int("IMPORT_FILE_DAYS", default=90)
PULL_PRIVATE_HOSTS = env.list("OPS_PULL_PRIVATE_HOSTS", default=[])
OUTBOUND_PRIVATE_HOSTS = env.list("OPS_OUTBOUND_PRIVATE_HOSTS", default=[])
OUTBOUND_TEST_ADDRESSES = env.list("OPS_OUTBOUND_TEST_ADDRESSES", default=[])  # refused by `check --deploy`
PULL_STATEMENT_SECONDS = env.int("PULL_STATEMENT_SECONDS", default=300)
NOTICE_DAYS = env.int("NOTICE_DAYS", default=365)
WORK_ITEM_DAYS = env.int("WORK_ITEM_DAYS", default=0)
EXPORT_FILE_DAYS = env.int("EXPORT_FILE_DAYS", default=7)
DELETE_GRACE_DAYS = env.int("DELETE_GRACE_DAYS", default=14)
SOURCE_LOG_DAYS = env.int("SOURCE_LOG_DAYS", default=30)
OPERATION_DAYS = env.int("OPERATION_DAYS", default=90)
AUDIT_ADDRESS_DAYS = env.int("AUDIT_ADDRESS_DAYS", default=365)
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=25 * 1024 * 1024)

# --- API -----------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["organization.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["organization.api.permissions.DeclaredPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["organization.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "organization.api.schema.OpsSchema",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "organization.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_THROTTLE_CLASSES": ["organization.api.throttling.ActorThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "actor": env.str("API_RATE", default="600/min"),
        "hook": env.str("HOOK_RATE", default="300/min"),
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ops Platform API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "organization.api.schema.add_headers",
    ],
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

# --- logs ----------------------------------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_config(LOG_FORMAT, LOG_LEVEL)
SAMPLE = env.bool("SAMPLE", default=True)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
BEAT_MAX_AGE_SECONDS = env.int("BEAT_MAX_AGE_SECONDS", default=60)
OUTBOX_MAX_LAG_SECONDS = env.int("OUTBOX_MAX_LAG_SECONDS", default=300)

SILENCED_SYSTEM_CHECKS: list[str] = []
LANGUAGE_NAMES = {"en": _("English"), "zh-hans": _("Simplified Chinese")}
TESTING = "pytest" in sys.modules or os.environ.get("OPS_TESTING") == "1"
