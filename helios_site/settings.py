"""Every setting of Helios, and the only place that asks the environment (`environment.py`).

A value that cannot be used stops the start with one clear line (`manage.py` prints
`ImproperlyConfigured` as such). Dangerous combinations are system checks: `checks.py`.
Importing this file writes nothing; `manage.py` makes `HELIOS_HOME` and its secret.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from helios_site.environment import choice, env, number
from helios_site.home import read_secret

BASE_DIR = Path(__file__).resolve().parent.parent


# --- where things are -------------------------------------------------------------
HELIOS_HOME = Path(env.str("HELIOS_HOME", default=str(BASE_DIR / "var"))).resolve()
HELIOS_MODE = choice("HELIOS_MODE", "embedded", ("embedded", "team"))
HELIOS_DEV = choice("HELIOS_DEV", "0", ("0", "1")) == "1"
HELIOS_HOST = env.str("HELIOS_HOST", default="127.0.0.1")
PORT = number("PORT", 8000, 1, 65535)
DRAWS_FILE = env.str("DRAWS", default="")
# How long deleted models can be restored before their files go.
TRASH_DAYS = number("HELIOS_TRASH_DAYS", 30, 0, 3650)
# Megabytes that HELIOS_HOME and the database may take together; 0: no limit.
QUOTA_MB = number("HELIOS_QUOTA_MB", 0, 0, 10**9)
# New York State's open data; tests point it at a loopback server.
HELIOS_DRAWS_URL = env.str("HELIOS_DRAWS_URL", default="https://data.ny.gov/resource")

DEBUG = HELIOS_DEV
SECRET_KEY = env.str("HELIOS_SECRET_KEY", default="") or read_secret(HELIOS_HOME)
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("HELIOS_ALLOWED_HOSTS", default=[]) + LOOPBACK_HOSTS
CSRF_TRUSTED_ORIGINS = env.list("HELIOS_TRUSTED_ORIGINS", default=[])
BEHIND_HTTPS = choice("HELIOS_BEHIND_HTTPS", "0", ("0", "1")) == "1"
# Strangers look at a few pages without an account: `policy.VISITED`.
HELIOS_PUBLIC_READ = choice("HELIOS_PUBLIC_READ", "0", ("0", "1")) == "1"

# --- applications -----------------------------------------------------------------
INSTALLED_APPS = [
    "helios_site",
    "reflection",
    "training",
    "registry",
    "memory",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "django_q",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "helios_site.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    # Above everything that answers, static files included.
    "helios_site.doorway.known_host_and_site",
    "helios_site.doorway.without_nul",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helios_site.closed.unless_maintained",
    "helios_site.doorway.SignInFirst",
    "helios_site.policy.RoleFirst",
    "helios_site.middleware.AsVisitor",
    "helios_site.middleware.as_preferred",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "helios_site.middleware.RefusalPages",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "helios_site.urls"
ASGI_APPLICATION = "helios_site.asgi.application"
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
                "helios_site.context.frame",
            ],
            "builtins": [
                "helios_site.templatetags.figures",
                "helios_site.templatetags.helios",
                "helios_site.templatetags.twins",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------
SQLITE = "memory.sqlite3"  # a backend of ours, which notices when its file is gone
# SQLite: IMMEDIATE avoids "database is locked" at a read-then-write, WAL lets readers
# and the writer work side by side (design.md 5).
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # auto_vacuum first: a new database can give back what compaction frees, piece by piece
    "init_command": (
        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
    ),
}
_DATABASE_URL = env.str("DATABASE_URL", default="")
if _DATABASE_URL:
    DATABASES = {"default": env.db_url_config(_DATABASE_URL)}
else:
    DATABASES = {
        "default": {
            "ENGINE": SQLITE,
            "NAME": HELIOS_HOME / "helios.sqlite3",
        }
    }
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = SQLITE
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS | DATABASES["default"].get("OPTIONS", {})
    # Tests use several connections and threads, so their database is a file as well.
    DATABASES["default"]["TEST"] = {
        "NAME": env.str("HELIOS_TEST_DATABASE", default=str(HELIOS_HOME / "test.sqlite3"))
    }
else:
    DATABASES["default"]["TEST"] = {
        "NAME": env.str("HELIOS_TEST_DATABASE", default="test_helios")
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Its only table is replaced by helios_site.ApiToken: an unused twin would hold on to accounts.
MIGRATION_MODULES = {"knox": None}

# --- queue ------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
SLICE_SECONDS = number("HELIOS_SLICE_SECONDS", 60, 1, 3600)
# Four missed beats of a worker free its session; with the reaper's look, within 15 s.
LEASE_SECONDS = number("HELIOS_LEASE_SECONDS", 8, 2, 3600)
WORKERS = number("HELIOS_WORKERS", max(1, min(4, os.cpu_count() or 1)), 1, 64)
Q_CLUSTER = {
    "name": "helios",
    "workers": WORKERS,
    # A slice ends by itself after SLICE_SECONDS at an epoch boundary; `timeout` is for one
    # that hangs, and `retry` must lie above timeout + waiting or a task runs twice.
    "timeout": SLICE_SECONDS * 10,
    "retry": SLICE_SECONDS * 20,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": WORKERS,
    "catch_up": False,
    "poll": 0.2,
    "scheduler": False,  # a Schedule row is code to execute; there are none
    "save_limit": -1,  # our own rows are the truth; results are never stored
    "label": "Queue",
}
if REDIS_URL:
    Q_CLUSTER["redis"] = REDIS_URL
else:
    Q_CLUSTER["orm"] = "default"

# --- who gets in ------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "sesame.backends.ModelBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"
SESAME_ONE_TIME = True
SESAME_MAX_AGE = 600
SESAME_TOKEN_NAME = "token"  # noqa: S105 - a parameter name
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = 0
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "helios_site.access.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the wait that is shown is the wait
CSRF_FAILURE_VIEW = "helios_site.problems.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = f"helios_{PORT}"
CSRF_COOKIE_NAME = f"helios_csrf_{PORT}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SECURE_SSL_REDIRECT = BEHIND_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
# Other names of the domain, and the browsers' preload list, are not this server's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# plotly.js makes two <style> elements, one empty and one fixed; their digests let just these in.
PLOTLY_STYLES = [
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",
]
# Redoc makes an empty one as well, and another fixed one.
REDOC_STYLE = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", *PLOTLY_STYLES, REDOC_STYLE],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- REST -------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "helios_site.tokens.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["helios_site.policy.RoleAllows"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["helios_site.parsers.CarefulJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "helios_site.errors.envelope",
    "NUM_PROXIES": 0,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
KNOX_TOKEN_MODEL = "helios_site.ApiToken"  # noqa: S105 - a model's name
REST_KNOX = {
    "TOKEN_TTL": None,
    "AUTO_REFRESH": False,
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_PREFIX": "helios_",  # so that a token in a wrong place is recognised
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helios",
    "DESCRIPTION": "Train on draw histories, keep the models, remember, reflect.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["helios_site.policy.RoleAllows"],
    "REDOC_DIST": "SIDECAR",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "helios_site.schema.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {"DatasetKindEnum": "training.models.Dataset.Kind"},
}

# --- language, static files, logging ----------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = env.str("HELIOS_TIME_ZONE", default="UTC")
USE_TZ = True
FORMAT_MODULE_PATH = ["helios_site.formats"]
STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
_plotly = find_spec("plotly")
if _plotly and _plotly.origin:
    # plotly.js as the Python package carries it: no CDN, no copy in this repository
    STATICFILES_DIRS.append(("plotly", Path(_plotly.origin).parent / "package_data"))
WHITENOISE_USE_FINDERS = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message!r}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"helios": {"level": "INFO"}, "django_q": {"level": "WARNING"}},
}
