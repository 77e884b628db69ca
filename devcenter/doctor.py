"""The checks of `manage.py doctor`. Each says what it found and, when that is not good, how to mend it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from devcenter import health, sealed
from notifications import heartbeat, stuck
from notifications.models import OutboxMessage
from notifications.states import MessageState
from runtime import functions, plugins
from vault.sealing import parse_keys

OK, WARN, FAIL = "ok", "warn", "fail"
SKEW = timedelta(seconds=5)
SILENCE = timedelta(seconds=60)
BACKLOG = timedelta(minutes=5)
OLDEST_REDIS = (6, 2)
SAMPLE = 50
START_WORKER = "Start “manage.py serve”, or a worker with “celery -A devcenter worker -B”."


@dataclass(frozen=True)
class Finding:
    name: str
    state: str
    text: str
    fix: str = ""


def examine() -> list[Finding]:
    """Run every check; one that breaks is a finding, too."""
    return [_run(name, check) for name, check in CHECKS.items()]


def _run(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except DatabaseError as error:
        return Finding(name, FAIL, f"The database did not answer: {_first_line(error)}", "See “database”.")
    except Exception as error:  # a check that breaks must not hide the others
        return Finding(name, FAIL, f"{type(error).__name__}: {_first_line(error)}", "See docs/operations.md.")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


# --- What it stands on ---------------------------------------------------------------------------------


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        fix = "Start the database, or correct DATABASE_URL."
        return Finding("database", FAIL, f"cannot be reached: {_first_line(error)}", fix)
    return Finding("database", OK, f"{connection.vendor} answers")


def migrations() -> Finding:
    pending = health.pending_migrations()
    if pending:
        return Finding("migrations", FAIL, f"{pending} are not applied", "Run “manage.py migrate”.")
    return Finding("migrations", OK, "all are applied")


def clock() -> Finding:
    """Leases and codes compare times of several machines."""
    theirs: datetime | None = ContentType.objects.values_list(Now(), flat=True).first()  # any row will do
    skew = abs((theirs or timezone.now()) - timezone.now())
    if skew > SKEW:
        fix = "Switch on time synchronisation (chrony, systemd-timesyncd) on both machines."
        return Finding("clock", FAIL, f"{skew.total_seconds():.0f} s apart from the database's", fix)
    return Finding("clock", OK, "agrees with the database's")


def broker() -> Finding:
    if not settings.REDIS_URL:
        state = OK if settings.DEBUG else WARN
        return Finding("broker", state, "embedded in the web process", "" if settings.DEBUG else "Set REDIS_URL.")
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        version = str(client.info("server")["redis_version"])
    except redis.RedisError as error:
        return Finding("broker", FAIL, f"does not answer: {_first_line(error)}", "Start Redis, or correct REDIS_URL.")
    finally:
        client.close()
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return Finding("broker", FAIL, f"Redis {version} is too old", "Install Redis 6.2 or newer, or Valkey.")
    return Finding("broker", OK, f"Redis {version} answers")


def worker() -> Finding:
    last = heartbeat.last_beat(heartbeat.SWEEP)
    if last is None:
        return Finding("worker", FAIL, "no sweep has ever run: mails and Test Suites stay where they are", START_WORKER)
    age = timezone.now() - last
    if age > SILENCE:
        return Finding("worker", FAIL, f"the last sweep was {age.total_seconds():.0f} s ago", START_WORKER)
    return Finding("worker", OK, "sweeps every few seconds")


def storage() -> Finding:
    try:
        health.check_storage()
    except Exception as error:  # any backend, any error: it cannot be written to
        fix = "Make VAR_DIR writable, or correct STORAGE_URL and its credentials."
        return Finding("storage", FAIL, f"cannot be written: {type(error).__name__}: {_first_line(error)}", fix)
    return Finding("storage", OK, "can be written")


# --- Mail ------------------------------------------------------------------------------------------------


def mail_server() -> Finding:
    if settings.EMAIL_URL == "files":
        if settings.DEBUG:
            return Finding("mail", OK, f"written to {settings.EMAIL_FILE_PATH}")
        return Finding("mail", FAIL, "is written to files that nobody reads", "Set EMAIL_URL to your mail server.")
    try:
        line = get_connection()
        line.open()
        line.close()
    except OSError as error:
        fix = "Start the mail server, or correct EMAIL_URL."
        return Finding("mail", FAIL, f"the server cannot be reached: {_first_line(error)}", fix)
    return Finding("mail", OK, "the server answers")


def outbox() -> Finding:
    waiting = OutboxMessage.objects.queued().aggregate(oldest=Min("due_at"))["oldest"]
    if waiting and waiting < timezone.now() - BACKLOG:
        minutes = (timezone.now() - waiting).total_seconds() / 60
        return Finding("outbox", FAIL, f"the oldest mail has been due for {minutes:.0f} minutes", START_WORKER)
    failed = OutboxMessage.objects.filter(state=MessageState.FAILED).count()
    if failed:
        fix = "Look at them in the admin under Messages, and send them again once the cause is gone."
        return Finding("outbox", WARN, f"{failed} mails failed for good", fix)
    return Finding("outbox", OK, "nothing is stuck")


def waiting_mail() -> Finding:
    """What only staff can move on, and nobody has for MAIL_ALERT_HOURS."""
    found = stuck.stuck(timezone.now())
    if found:
        fix = "Open the admin: its first page leads to each of them."
        return Finding("mail for staff", FAIL, ", ".join(map(str, found)), fix)
    return Finding("mail for staff", OK, "nothing has waited for long")


# --- Partners' code ------------------------------------------------------------------------------------------


def function_sandbox() -> Finding:
    found = functions.detect()
    if found.is_full:
        return Finding("functions", OK, found.describe())
    if settings.FUNCTIONS_UNCONFINED and found.deno:
        return Finding("functions", WARN, f"{found.describe()} FUNCTIONS_UNCONFINED lets them run.", _INSTALL_BWRAP)
    return Finding("functions", WARN, f"partners' functions do not run here: {found.fault}", _INSTALL_BWRAP)


def plugin_browser() -> Finding:
    try:
        browser = plugins.find(settings.CHROMIUM_PATH)
    except plugins.BrowserMissing as missing:
        return Finding("web plugins", WARN, "partners' web plugins do not run here", str(missing))
    if browser.weakness:
        return Finding("web plugins", WARN, browser.weakness, _INSTALL_BWRAP)
    return Finding("web plugins", OK, f"{browser.program}, confined by bubblewrap")


_INSTALL_BWRAP = "Install bubblewrap on the machines that run workers, and allow it to make user namespaces."

# --- Secrets and safety -------------------------------------------------------------------------------------


def vault_keys() -> Finding:
    try:
        keys = parse_keys(settings.VAULT_KEYS)
    except ImproperlyConfigured as error:
        return Finding("vault keys", FAIL, str(error), "See docs/settings.md for how to make one.")
    broken = sealed.broken(SAMPLE)
    if broken:
        fix = "Put the missing key back behind the current one in VAULT_KEYS; then run “manage.py rotate_secrets”."
        return Finding("vault keys", FAIL, f"{len(broken)} secrets do not open, first {broken[0]}", fix)
    return Finding("vault keys", OK, f"{len(keys)} configured; the stored secrets open")


def secret_key() -> Finding:
    key = settings.SECRET_KEY
    if len(key) < 40 or len(set(key)) < 10 or key.startswith("django-insecure"):
        return Finding("secret key", FAIL, "SECRET_KEY is weak", "Make one with 50 random characters and set it.")
    return Finding("secret key", OK, "long and varied")


def site_url() -> Finding:
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        fix = "Set SITE_URL to the bare address, for example https://developers.example.com."
        return Finding("site address", FAIL, f"SITE_URL is {settings.SITE_URL!r}", fix)
    if not settings.DEBUG and parts.scheme != "https":
        return Finding("site address", FAIL, "SITE_URL is not https", "Serve the site over TLS and say so in SITE_URL.")
    return Finding("site address", OK, settings.SITE_URL)


def safety() -> Finding:
    if settings.DEBUG:
        return Finding("safety", OK, "this is a development place (DEBUG is on)")
    open_doors = [name for name, is_open in _doors().items() if is_open]
    if open_doors:
        return Finding("safety", FAIL, "; ".join(open_doors), "Unset what is named here in production.")
    return Finding("safety", OK, "the door out is closed; staff need a second factor")


def _doors() -> dict[str, bool]:
    return {
        "EGRESS_ALLOW opens private networks to partners": bool(settings.EGRESS_ALLOW),
        "STAFF_SECOND_FACTOR is off": not settings.STAFF_SECOND_FACTOR,
    }


CHECKS: dict[str, Callable[[], Finding]] = {
    "database": database,
    "migrations": migrations,
    "clock": clock,
    "broker": broker,
    "worker": worker,
    "outbox": outbox,
    "mail for staff": waiting_mail,
    "mail": mail_server,
    "storage": storage,
    "functions": function_sandbox,
    "web plugins": plugin_browser,
    "vault keys": vault_keys,
    "secret key": secret_key,
    "site address": site_url,
    "safety": safety,
}
