"""Fixtures for every test of the project (the root conftest.py loads this module)."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.plugin import database_kind
from tests.services import browser as chromium
from tests.services.receiver import Receiver
from tests.services.redis import Redis
from tests.services.s3 import CREDENTIALS, S3
from tests.services.site import ROOT, Site, new_site
from tests.services.smtp import SmtpServer
from tests.services.templates import copy_postgres, copy_sqlite
from tests.tampering import let_tests_clean_up

HOW_TO_GET_CHROMIUM = (
    "Chromium is missing. Install a package `chromium` (Debian: apt-get install chromium fonts-dejavu-core) "
    "or Google Chrome, and run again."
)

# Sites that several tests use, while they run.
_shared: list[Site] = []


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The test database is a copy of the one that was migrated first.

    On SQLite it is a file, as in the product: a database in memory locks whole tables against other threads.
    """
    default = connections["default"]
    if database_kind() == "postgres":
        copy_postgres(os.environ["TEST_DATABASE_URL"], default.creation._get_test_db_name())  # type: ignore[attr-defined]
    elif database_kind() == "sqlite":
        path = Path(os.environ["VAR_DIR"]) / "test.sqlite3"
        copy_sqlite(path)
        default.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The servers and files of a run go with it. Dropping the databases first would only fail when a thread
    of a test still holds a connection."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        let_tests_clean_up()


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A mail server; `smtp_server.url` is the value for EMAIL_URL."""
    server = SmtpServer().start()
    yield server
    server.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An HTTP server on 127.0.0.1 that answers 200 until told otherwise."""
    with Receiver() as server:
        yield server


@pytest.fixture
def receiver_factory() -> Iterator[Callable[..., Receiver]]:
    """More of them: `receiver_factory("127.0.0.2")`, `receiver_factory(tls=context)`."""
    started: list[Receiver] = []

    def start(*args: Any, **options: Any) -> Receiver:
        started.append(Receiver(*args, **options).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """Object storage; `s3_server.make_bucket(name)` returns the value for STORAGE_URL."""
    server = S3(tmp_path_factory.mktemp("s3")).start()
    previous = {name: os.environ.get(name) for name in CREDENTIALS}
    os.environ.update(CREDENTIALS)
    yield server
    server.stop()
    for name, value in previous.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture
def redis_factory(tmp_path: Path) -> Iterator[Callable[[], Redis]]:
    """A Redis of one's own that may be stopped, killed and started again (it keeps its data)."""
    started: list[Redis] = []

    def start() -> Redis:
        started.append(Redis(tmp_path / f"redis-{len(started)}", durable=True).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


# --- The whole site --------------------------------------------------------------------------------


def _new_site(directory: Path, env: Mapping[str, str], redis_url: str | None) -> Site:
    servers = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not all(servers):
        pytest.skip("A running site needs PostgreSQL and Redis: run without TEST_DATABASE.")
    label = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return new_site(
        directory, server_url=servers[0] or "", redis_url=redis_url or servers[1] or "", env=env, label=label
    )


def _start_site(directory: Path, env: Mapping[str, str], redis_url: str | None) -> Site:
    site = _new_site(directory, env, redis_url)
    try:
        return site.start()
    except BaseException:
        site.stop()
        raise


@pytest.fixture(autouse=True)
def _shared_sites_end_after_their_groups(request: pytest.FixtureRequest) -> None:
    """Idle ones would only take time from the tests of no group, which come last (tests/plugin.py)."""
    if not request.node.get_closest_marker("xdist_group"):
        while _shared:
            _shared.pop().stop()


@pytest.fixture(scope="session")
def running_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with gunicorn and a Celery worker, on a database of its own. Shared: do not break it."""
    site = _start_site(tmp_path_factory.mktemp("site"), {}, None)
    _shared.append(site)
    yield site
    site.stop()


@pytest.fixture(scope="session")
def _breakable_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Redis]]:
    directory = tmp_path_factory.mktemp("breakable")
    broker = Redis(directory / "redis", durable=True).start()
    site = _start_site(directory, {"UNDO_SECONDS": "0", "EGRESS_TOTAL_SECONDS": "1"}, broker.url)
    _shared.append(site)
    yield site, broker
    site.stop()
    broker.stop()


@pytest.fixture
def breakable_redis(_breakable_site: tuple[Site, Redis]) -> Redis:
    """The broker of `breakable_site`: kill it, stop it."""
    return _breakable_site[1]


@pytest.fixture
def breakable_site(_breakable_site: tuple[Site, Redis]) -> Site:
    """A site to be broken: kill what you like. Whole again for each test, with the data of those before."""
    site, broker = _breakable_site
    broker.start()
    site.mend()
    return site


@pytest.fixture(scope="session")
def demo(running_site: Site) -> dict[str, Any]:
    """The shared site with the demo in it: what `seed_demo --json` printed."""
    found: dict[str, Any] = json.loads(running_site.manage("seed_demo", "--json", seconds=300).stdout)
    return found


@pytest.fixture
def site_factory(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """A fresh site per call, for tests that kill parts of it or need other settings.

    `site_factory({"UNDO_SECONDS": "5"}, redis_url=own.url)`; everything is ended after the test. Not started, it
    has a database and runs management commands.
    """
    started: list[Site] = []

    def start(env: Mapping[str, str] | None = None, *, redis_url: str | None = None, is_started: bool = True) -> Site:
        make = _start_site if is_started else _new_site
        started.append(make(tmp_path, env or {}, redis_url))
        return started[-1]

    yield start
    for site in started:
        site.stop()


# --- The browser -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium. Skips, saying how to get it, where there is none."""
    program = chromium.find_program()
    if program is None:
        pytest.skip(HOW_TO_GET_CHROMIUM)
    # Playwright's synchronous interface runs an event loop in this thread, and Django then refuses the
    # database in it, though nothing here is asynchronous. Only while the browser is up.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with chromium.launched(program) as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page_factory(browser: Any, request: pytest.FixtureRequest) -> Iterator[chromium.Pages]:
    """Opens pages: `page_factory(size="phone", scheme="dark")`. Fails the test for any problem on them."""
    site = request.getfixturevalue("running_site") if "running_site" in request.fixturenames else None
    shots = ROOT / "var" / "screenshots" if os.environ.get("SCREENSHOTS") == "1" else None
    pages = chromium.Pages(browser, base_url=site.base_url if site else None, shots=shots)
    yield pages
    pages.close()
    unexpected = pages.problems.unexpected()
    assert not unexpected, "The browser complained:\n" + "\n".join(unexpected)


@pytest.fixture
def browser_page(page_factory: chromium.Pages) -> Any:
    """One page at desktop width."""
    return page_factory()
