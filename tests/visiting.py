"""Visiting an address as somebody: a signed-in client that can be put back, and what a visit wrote and fetched."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User

_WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
# Who is signed in where: not what the product is about.
SESSION_TABLES = frozenset({"django_session", "usersessions_usersession"})

# Settings for visits by the thousand: nothing leaves the process, and what breaks is seen at once.
QUIET = override_settings(
    EGRESS_ALLOW="127.0.0.0/8,::1/128",
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    DEBUG_PROPAGATE_EXCEPTIONS=True,
    # Three queries for each request that have nothing to do with the page.
    USERSESSIONS_TRACK_ACTIVITY=False,
)


def session_of(user: User) -> str:
    """The key of a session in which `user` has just logged in with a password."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store["account_authentication_methods_user"] = str(user.pk)
    store["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    store.create()
    return str(store.session_key)


class PlainClient(Client):
    """Django's test client without the copies of templates and contexts that it keeps for each answer."""

    def request(self, **request: Any) -> HttpResponse:
        return self.handler(self._base_environ(**request))


class Visitor:
    """One person's browser. Each visit starts from the same session, and its changes are undone after it."""

    def __init__(self, user: User | None, *, checks_csrf: bool = False) -> None:
        self._client = PlainClient(enforce_csrf_checks=checks_csrf)
        self._session = session_of(user) if user else ""

    def visit(self, method: str, path: str, **options: Any) -> "Visit":
        self._client.cookies = SimpleCookie()
        if self._session:
            self._client.cookies[settings.SESSION_COOKIE_NAME] = self._session
        with transaction.atomic(), watched() as traffic:
            response = self._client.generic(method, path, **options)
            body = b"".join(response) if response.streaming else response.content
            transaction.set_rollback(True)
        return Visit(response, body, traffic)


@dataclass
class Traffic:
    """What went to the database: how often each statement, the rows it fetched, and the tables written to."""

    statements: Counter[str] = field(default_factory=Counter)
    fetched: Counter[str] = field(default_factory=Counter)
    written: set[str] = field(default_factory=set)

    @property
    def queries(self) -> int:
        return self.statements.total()

    @property
    def rows(self) -> int:
        return self.fetched.total()


@contextmanager
def watched() -> Iterator[Traffic]:
    """Counts while it lasts. Savepoints are the test's own, and not counted."""
    traffic = Traffic()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "SAVEPOINT" not in sql[:30]:
            traffic.statements[sql] += 1
            if sql.startswith(("SELECT", "(SELECT", "WITH")):
                traffic.fetched[sql] += max(context["cursor"].rowcount, 0)
            if found := _WRITE.match(sql):
                traffic.written.add(found[1])
        return result

    with connection.execute_wrapper(count):
        yield traffic


@dataclass(frozen=True)
class Visit:
    """An answer, and what it took."""

    response: HttpResponse
    body: bytes
    traffic: Traffic

    @property
    def outcome(self) -> str:
        """One of the symbols of tests/access_matrix.py."""
        status = self.response.status_code
        if status not in (301, 302, 303, 307, 308):
            return {200: "ok", 286: "ok"}.get(status, str(status))
        to_login = self.response["Location"].startswith((reverse("account_login"), reverse("admin:login")))
        return "in" if to_login else "go"

    @property
    def written(self) -> set[str]:
        """The tables of the product that were written to."""
        return self.traffic.written - SESSION_TABLES
