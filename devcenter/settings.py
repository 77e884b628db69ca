"""Settings: one file, each value explained where it is read.

Everything that differs between a laptop, a test run and production comes from the environment
(docs/settings.md lists the variables). Production is the default: `DEBUG` is off unless it is asked
for, and every secret that is missing or malformed is named in one error.
"""

from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import EnvValidationError
from kombu.entity import Queue

from devcenter.entrance import ACCOUNT_FORMS, MFA_FORMS  # noqa: F401  read by allauth
from devcenter.env import REQUIRED, dev_secret, mail_server, reader, storage_backends
from devcenter.logs import logging_config
from devcenter.oauth import oauth_provider
from devcenter.schedule import CALLING_TASKS, beat_schedule

BASE_DIR = Path(__file__).resolve().parent.parent
env = reader(eager=False)

# --- What kind of place this is -------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
# Everything the product writes on a laptop: database, mail, uploads, development secrets.
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Signs sessions and tokens. Older keys stay valid for reading while a key is being replaced.
SECRET_KEY = env.str("SECRET_KEY", dev_secret(VAR_DIR, "SECRET_KEY") if DEBUG else REQUIRED)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Seals secrets at rest: "id:base64key,older_id:base64key"; the first seals, all of them open.
VAULT_KEYS = env.str("VAULT_KEYS", dev_secret(VAR_DIR, "VAULT_KEYS") if DEBUG else REQUIRED)
# The absolute address in mails and redirects; also fixes which Host headers are accepted.
SITE_URL = env.str("SITE_URL", "http://localhost:8000" if DEBUG else REQUIRED)
DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}" if DEBUG else REQUIRED)
# Empty: an embedded worker with an in-memory broker; the rows in the database stay the truth.
REDIS_URL = env.str("REDIS_URL", "" if DEBUG else REQUIRED)
# smtp://user:password@host:587/?tls=true, or "files" for VAR_DIR/mail.
EMAIL_URL = env.str("EMAIL_URL", "files" if DEBUG else REQUIRED)
# s3://bucket?endpoint=https://...&region=...; empty: files under VAR_DIR/media.
STORAGE_URL = env.str("STORAGE_URL", "")
# Networks or hosts that the door out (runtime/egress) may reach although they are not public.
EGRESS_ALLOW = env.str("EGRESS_ALLOW", "")

try:
    env.seal()
except EnvValidationError as error:
    _faults = cast(dict[str, list[str]], error.error_messages)
    _missing = "; ".join(f"{name}: {', '.join(texts)}" for name, texts in _faults.items())
    raise ImproperlyConfigured(f"The environment is not complete. {_missing}. See docs/settings.md.") from None

env = reader()
SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = [SITE_HOST, *env.list("EXTRA_HOSTS", [])]
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
SITE_IS_HTTPS = SITE_URL.startswith("https://")

# --- The parts ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_structlog",
    "storages",
    "oauth2_provider",
    "leases",
    "vault",
    "accounts",
    "audit",
    "notifications",
    "partners",
    "apps_catalog",
    "workspaces",
    "delivery",
    "testbench",
    "installs",
    "pulls",
    "planning",
    "metadata",
    "trains",
    "reviews",
    "upkeep",
    "tracking",
    "devcenter",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tracking.middleware.TrackingMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "devcenter.request_log.PathOnlyMiddleware",
    "installs.middleware.ConfigApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "devcenter.headers.SecurityHeadersMiddleware",
    "devcenter.addresses.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "accounts.expired.ExpiredLogInMiddleware",
]

ROOT_URLCONF = "devcenter.urls"
WSGI_APPLICATION = "devcenter.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "devcenter.theme.context",
                "devcenter.context.site",
                "devcenter.context.unread_notices",
                "devcenter.context.app_rail",
            ],
            "builtins": ["devcenter.templatetags.ui", "django.templatetags.static"],
        },
    }
]

# --- Database, cache, files -----------------------------------------------------------------

_database_env = env.dj_db_url("DATABASE_URL", DATABASE_URL, conn_max_age=600)
DATABASES = {"default": _database_env}
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue up to 5 s instead of failing at once; readers never wait for a writer.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 5,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 3
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_cache = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
_no_cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
CACHES = {
    "default": _cache if REDIS_URL else _no_cache,
    # The Tracking API and the Config API count requests here, and cannot wait for it.
    "rates": (
        {**_cache, "KEY_PREFIX": "rates", "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}}
        if REDIS_URL
        else {**_no_cache, "LOCATION": "rates"}
    ),
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = storage_backends(STORAGE_URL, debug=DEBUG)
# With DEBUG on, whitenoise serves straight from the finders: no collectstatic needed.
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
# Room for six answers of 100 kB in any script, so that a text that is too long comes back with its error.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# --- Accounts -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "devcenter.login.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# The mails say so: templates/account/email.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
# Every change of how one logs in is told to the address that was there before.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Each one more address that a person can have a code sent to.
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# A session that somebody else got hold of changes neither addresses nor factors (T22, T23).
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_IS_HTTPS else "http"
MFA_ADAPTER = "devcenter.login.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Segment Developer Center"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
USERSESSIONS_TRACK_ACTIVITY = True
# Staff need a second factor. Only a demo or a test run may turn this off.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", not DEBUG)
# How many proxies stand in front and may be believed about the client's address (rate limits of log-in).
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)

# --- Enable with Segment ----------------------------------------------------------------------

# The addresses of the authorization server and of the Config API that pages and samples name; empty: SITE_URL.
OAUTH_URL = env.str("OAUTH_URL", "")
CONFIG_API_URL = env.str("CONFIG_API_URL", "")
# The toolkit's own tables are swapped from the first migration on, so that tokens belong to an Install (D43).
OAUTH2_PROVIDER_APPLICATION_MODEL = "installs.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "installs.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "installs.AccessToken"  # noqa: S105  a model
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "installs.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER = oauth_provider(issuer=OAUTH_URL or SITE_URL)
# Each may have a host of its own, in front of the same processes.
ALLOWED_HOSTS += filter(None, (urlsplit(address).hostname for address in (OAUTH_URL, CONFIG_API_URL)))
# Requests that an install may make to the Config API in a minute (D46).
CONFIG_API_REQUESTS_PER_MINUTE = env.int("CONFIG_API_REQUESTS_PER_MINUTE", 200)

# --- Pull requests ------------------------------------------------------------------------------

# Secrets with which GitHub signs its deliveries to /github/webhook, the newest first. Empty: that door is shut.
_github_secrets = [dev_secret(VAR_DIR, "GITHUB_WEBHOOK_SECRET")] if DEBUG else []
GITHUB_WEBHOOK_SECRETS: list[str] = list(filter(None, env.list("GITHUB_WEBHOOK_SECRETS", _github_secrets)))
# With a token the state of pull requests is also asked for, which heals deliveries that were lost.
GITHUB_TOKEN = env.str("GITHUB_TOKEN", "")
GITHUB_API_URL = env.str("GITHUB_API_URL", "https://api.github.com")
# The partners' Slack workspace: a link that lets people in. Empty: staff invite by hand (S8).
PARTNER_SLACK_URL = env.str("PARTNER_SLACK_URL", "")

# --- Mail -----------------------------------------------------------------------------------

if EMAIL_URL == "files":
    EMAIL_BACKEND = "notifications.backends.FileMailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
else:
    _mail = mail_server(EMAIL_URL)
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", f"Segment Developer Center <developer-center@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where answers by mail are taken in (docs/operations.md). Empty: mails carry no reply address.
REPLY_ADDRESS = env.str("REPLY_ADDRESS", "").strip().lower()
# Secrets of the mail providers that may post to /mail/in/, the newest first. Empty: that door is shut.
MAIL_DOOR_SECRETS: list[str] = list(filter(None, env.list("MAIL_DOOR_SECRETS", [])))
# Days that we remember what became of a mail that came in, and keep one that nobody has looked after.
INBOUND_KEPT_DAYS = env.int("INBOUND_KEPT_DAYS", 90)
# Hours after which mails that wait for staff are an alert.
MAIL_ALERT_HOURS = env.int("MAIL_ALERT_HOURS", 24)
# How long the mails of a decision wait, so that it can be undone unseen (PRODUCT, Decisions and undo).
UNDO_SECONDS = env.int("UNDO_SECONDS", 0 if DEBUG else 600)

# --- Work in the background -------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Redis carries wake-ups only; the rows are the truth. A lost wake-up is found by the sweep, so early
# redelivery is a convenience: the three options make it happen within a minute.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 300, "unacked_restore_interval": 10, "unacked_restore_throttle": 1,
     "socket_timeout": 5, "socket_connect_timeout": 2, "retry_on_timeout": True}
    if REDIS_URL
    else {"polling_interval": 0.01}
)  # fmt: skip
# Calls to partners' endpoints may take their time; mails and clocks must not stand behind them. A worker
# without -Q serves both queues, which is what a laptop and the tests do.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("calls")]
CELERY_TASK_ROUTES = {name: {"queue": "calls"} for name in CALLING_TASKS}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 150
CELERY_TASK_TIME_LIMIT = 180
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_TIMEZONE = "UTC"
# How often rows that are due, or whose lease ran out, are looked for.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 5.0 if REDIS_URL else 1.0)
# A worker that takes nothing for so long while tasks wait for it starts itself anew; 0 turns that off.
WORKER_SILENCE_SECONDS = env.float("WORKER_SILENCE_SECONDS", 30.0)
CELERY_BEAT_SCHEDULE = beat_schedule(SWEEP_SECONDS)

# --- Limits of the product ----------------------------------------------------------------------

# One call to a partner's endpoint, wall clock and bytes (D11, SECURITY T5).
EGRESS_TOTAL_SECONDS = env.float("EGRESS_TOTAL_SECONDS", 15.0)
EGRESS_MAX_BODY_BYTES = 64 * 1024
# Days between asking for deletion of an account or a company and its end.
DELETION_GRACE_DAYS = env.int("DELETION_GRACE_DAYS", 14)
# Days that a Test Suite run is kept after it ended; the newest proof and what a review rests on stay.
SUITE_RUNS_KEPT_DAYS = env.int("SUITE_RUNS_KEPT_DAYS", 90)
# Days that events and their deliveries are kept, and days that a messageId is remembered (D29: at least one).
EVENTS_KEPT_DAYS = env.int("EVENTS_KEPT_DAYS", 30)
MESSAGE_IDS_KEPT_DAYS = env.int("MESSAGE_IDS_KEPT_DAYS", 7)
# Requests that a workspace may make to the Tracking API in a second (D37).
TRACKING_REQUESTS_PER_SECOND = env.int("TRACKING_REQUESTS_PER_SECOND", 1000)
# The region of this installation (D39): write keys of workspaces elsewhere are refused. Empty: all are taken.
TRACKING_REGION = env.str("TRACKING_REGION", "")
# The address of the Tracking API that pages and samples name; empty: SITE_URL.
TRACKING_URL = env.str("TRACKING_URL", "")
# Days of failures after which a destination is paused and its owner told.
PAUSE_AFTER_DAYS = env.int("PAUSE_AFTER_DAYS", 3)
# Warm processes of functions in one process of a worker; each takes about 65 MB.
FUNCTION_POOL_SIZE = env.int("FUNCTION_POOL_SIZE", 20)
# Run functions also where bubblewrap is missing, held by Deno's own permissions alone.
FUNCTIONS_UNCONFINED = env.bool("FUNCTIONS_UNCONFINED", False)
# The browser that web plugins run in; empty: the first one found under the usual names.
CHROMIUM_PATH = env.str("CHROMIUM_PATH", "")
# Minutes for which a look at an App's endpoint and links is used again before and during a review.
PROBE_FRESH_MINUTES = env.int("PROBE_FRESH_MINUTES", 10)
# Business time (S5, S28): Monday to Friday in this zone, US federal holidays and closed days from the admin.
OFFICE_TIME_ZONE = env.str("OFFICE_TIME_ZONE", "America/Los_Angeles")
OFFICE_HOURS = (9, 17)

# --- Language, time, logs ---------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LOGGING = logging_config(debug=DEBUG)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

# --- Security -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "accounts.expired.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL.rstrip("/")]
if SITE_IS_HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if env.int("TRUSTED_PROXIES", 0):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
