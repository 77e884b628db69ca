"""Who gets where: every address × method × role of tests/access_matrix.py, over real HTTP requests (T20).

Each visit starts from the same world and is rolled back, so that no visit sees what another one did.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import TestCase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_matrix import (
    ADMIN,
    BETA,
    COMPANY,
    CONSOLE,
    DESK,
    NAMELESS,
    REVIEWING,
    ROUTES,
    TESTING,
    Kind,
    Route,
    model_routes,
)
from tests.visiting import QUIET, Visit, Visitor
from tests.world import ROLES, World, make_world

# The same rows on every database: once is enough, and PostgreSQL counts the rows fetched too.
pytestmark = pytest.mark.postgres

# Says what is wrong with one cell (route, method, role), or "".
Judge = Callable[[Route, str, str], str]
FORM = "application/x-www-form-urlencoded"
REFUSED = frozenset({"in", "403", "404", "405"})
ALLOWED = frozenset({"ok", "go", "422"})
# Nobody offers these, so it is enough that a visitor and the most powerful try.
OTHER_METHODS, OTHER_ROLES = ("PUT", "PATCH", "DELETE"), ("anonymous", "owner", "admin")
# Who is not staff is one and the same person to Django's admin; an owner and a visitor stand for all.
ADMIN_ROLES = ("anonymous", "owner", "reviewer", "admin", "staff")
# They take forms from anybody: no cookie is behind them.
NO_CSRF = {
    "echo": "ok", "mail-door": "404", "tracking-call": "ok",
    # Answered before forms are looked at, and only with GET.
    **dict.fromkeys(("tracking-settings", "tracking-script", "tracking-plugin", "tracking-chunk"), "405"),
    # Programs with a secret,
    "oauth-token": "401", "oauth-revoke": "401", "install-token": "405", "install-token-singular": "405",
    # or with a token or a signature; a cookie is never looked at.
    "github-webhook": "401",
    "config-sources": "401", "config-destinations": "401",
    **dict.fromkeys(
        ("config-openapi", "config-workspaces", "config-workspace", "config-source", "config-destination",
         "config-catalog-destination"), "405",
    ),
}  # fmt: skip
# Whoever has no workspace gets their own one here, once (PRODUCT, Workspaces), and that is all that is written.
NEEDS_OWN_WORKSPACE = frozenset({"beta-door", "workspace-list"})
OWN_WORKSPACE = frozenset({"audit_chain", "audit_record", "workspaces_workspace", "workspaces_workspacemember"})
# Pages of one company, its Apps and its betas: other people get 404.
OF_A_COMPANY = (*COMPANY, *CONSOLE, *TESTING, *REVIEWING)
# Of those: what everybody has for themselves,
OWN_LISTS = frozenset({"company-detail", "app-list", "app-new", "app-new-manifest", "app-slug-preview"})
# and what is for whoever was invited.
FOR_THE_INVITED = frozenset({"invitation-join", "invitation-accept"})
PRIVATE = [route for route in OF_A_COMPANY if route.name not in OWN_LISTS | FOR_THE_INVITED]
UNKNOWN = "no-such-thing"
# What a viewer may do: leave, try the customer's form and have a request verified, which keep nothing.
VIEWERS_MAY = frozenset({"company-leave", "partner-slack", "app-setting-preview", "app-verify"})
STAFF_ROLES = ("reviewer", "admin", "staff")


# --- The table itself ---------------------------------------------------------------------------------


def patterns(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """(route as written, name with its namespace or "") of every address there is."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from patterns(entry, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), f"{space}{entry.name}" if entry.name else ""


def test_every_address_is_in_the_table_and_nothing_else() -> None:
    found = {name or route for route, name in patterns()}
    known = {route.name for route in ROUTES} | NAMELESS.keys()

    assert sorted(found - known) == [], "These addresses are missing in tests/access_matrix.py."
    assert sorted(known - found) == [], "tests/access_matrix.py names addresses that are gone."


def test_no_two_addresses_share_a_name() -> None:
    """Otherwise one of them would hide behind the other's line."""
    names = [name for _, name in patterns() if name]

    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_the_lines_are_complete() -> None:
    wrong = [
        route.name
        for route in ROUTES
        for outcomes in (route.get, route.post)
        if outcomes is not None and len(outcomes.split()) != len(ROLES)
    ]

    assert wrong == []


# The rules of the house, asked of the table: whoever loosens a line finds out here.


def outcomes(routes: Iterable[Route], methods: Iterable[str], roles: Iterable[str]) -> dict[str, set[str]]:
    """For each name what the table expects in those cells; methods that are not offered count for nothing."""
    cells = [(route, method, role) for route in routes for method in methods for role in roles]
    found: dict[str, set[str]] = {route.name: set() for route, _, _ in cells}
    for route, method, role in cells:
        found[route.name].add(route.expected(method, role) or "405")
    return found


def others(found: dict[str, set[str]], *allowed: str) -> list[str]:
    """Names with anything but the allowed outcomes."""
    return [name for name, outcomes in found.items() if outcomes - {*allowed, "405"}]


def test_other_people_find_nothing_of_a_company() -> None:
    assert others(outcomes(PRIVATE, ("GET", "POST"), ("stranger", "customer")), "404") == []
    assert others(outcomes(PRIVATE, ("GET", "POST"), ("anonymous",)), "in") == []


def test_a_viewer_changes_nothing() -> None:
    changing = [route for route in PRIVATE if route.name not in VIEWERS_MAY]

    assert others(outcomes(changing, ("POST",), ("viewer",)), "403") == []


# Trying a form changes nothing, and the team talks about a plan where it stands.
STAFF_MAY = frozenset({"app-setting-preview", "app-plan-looked", "app-plan-comment", "app-plan-settle"})


def test_staff_never_edit_through_the_console() -> None:
    changing = [route for route in OF_A_COMPANY if route.name not in STAFF_MAY]

    assert others(outcomes(changing, ("POST",), STAFF_ROLES), "403", "404") == []


def test_staff_in_no_group_judge_nothing() -> None:
    assert others(outcomes([*DESK, *model_routes()], ("GET", "POST"), ("staff",)), "403") == []


def test_nobody_outside_segment_opens_the_admin() -> None:
    outside = ROLES[: ROLES.index("reviewer")]

    assert others(outcomes([*DESK, *model_routes()], ("GET", "POST"), outside), "in") == []


# --- The table and the product ----------------------------------------------------------------------------


@QUIET
class Access(TestCase):
    """The visits. One world for all of them: making it takes longer than most tests."""

    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()

    def setUp(self) -> None:
        logging.disable(logging.ERROR)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.visitors = {role: Visitor(self.world.people.get(role)) for role in ROLES}

    # --- Who gets in

    def test_everybody_gets_exactly_where_the_table_says(self) -> None:
        own = [route for route in ROUTES if route not in set(model_routes())]

        self.check(visits(own, ROLES), self.judge)

    def test_the_admin_pages_of_every_model(self) -> None:
        self.check(visits(model_routes(), ADMIN_ROLES), self.judge)

    def test_no_address_takes_other_methods(self) -> None:
        cells = [(route, method, role) for route in ROUTES for method in OTHER_METHODS for role in OTHER_ROLES]

        self.check([cell for cell in cells if cell[0] not in set(model_routes())], self.judge_other)

    def test_addresses_without_a_name(self) -> None:
        for path in NAMELESS.values():
            for role in ADMIN_ROLES:
                visit = self.visitors[role].visit("GET", f"/{path}")
                expected = {"anonymous": "in", "owner": "in"}.get(role, "404" if "such" in path else "go")
                assert (visit.outcome, visit.written) == (expected, set()), (path, role)

    # --- What everybody is told who may not know

    def test_what_is_hidden_answers_like_what_does_not_exist(self) -> None:
        """For a stranger, an App of another company and an unknown one are the same: byte by byte (T20, T21)."""
        for route in PRIVATE:
            _, top, _, *rest = self.path_of(route).split("/")
            self.assert_same("stranger", self.path_of(route), "/".join(["", top, UNKNOWN, *rest]), self.body_of(route))

    def test_a_hidden_beta_answers_like_an_unknown_one(self) -> None:
        for route in BETA[:3]:
            hidden = reverse(route.name, args=[self.world.slots["hidden"]])
            building = reverse(route.name, args=[self.world.slots["building"]])
            unknown = reverse(route.name, args=[UNKNOWN])
            for role in ("anonymous", "stranger", "customer"):
                self.assert_same(role, hidden, unknown, self.body_of(route))
                self.assert_same(role, building, unknown, self.body_of(route))

    def test_an_unlisted_app_is_not_in_the_catalog(self) -> None:
        for slot in ("building", "in_review", "beta", "hidden"):
            for role in ("anonymous", "stranger", "owner"):
                known = reverse("catalog-entry", args=[self.world.slots[slot]])
                self.assert_same(role, known, reverse("catalog-entry", args=[UNKNOWN]), "")

    def assert_same(self, role: str, one: str, other: str, body: str) -> None:
        for method in ("GET", "POST"):
            seen = [self.visitors[role].visit(method, path, data=body, content_type=FORM) for path in (one, other)]
            assert comparable(seen[0], one) == comparable(seen[1], other), (role, method, one)

    # --- Forged forms

    def test_no_form_is_taken_without_its_token(self) -> None:
        """Asked as somebody who may send them; the check comes before any other."""
        careful = {role: Visitor(self.world.people[role], checks_csrf=True) for role in ("owner", "admin")}
        segments = {*DESK, *ADMIN, *model_routes()}
        cells = [(route, "POST", "admin" if route in segments else "owner") for route in ROUTES]

        def judge(route: Route, method: str, role: str) -> str:
            if route.name in NO_CSRF:
                return ""
            visit = careful[role].visit(method, self.path_of(route), data=self.body_of(route), content_type=FORM)
            return "" if visit.outcome == "403" and not visit.written else f"{visit.outcome} {visit.written or ''}"

        self.check(cells, judge)

    def test_the_exempt_address_is_the_only_one(self) -> None:
        visitor = Visitor(None, checks_csrf=True)

        for route in ROUTES:
            if route.name in NO_CSRF:
                visit = visitor.visit("POST", self.path_of(route), data="{}", content_type=FORM)
                assert visit.outcome == NO_CSRF[route.name]

    # --- How

    def judge(self, route: Route, method: str, role: str) -> str:
        """What is wrong with this cell, or ""."""
        expected, visit = route.expected(method, role), self.visit(route, method, role)
        if visit.outcome != expected:
            fits = (expected is None and visit.outcome in REFUSED) or (expected == "yes" and visit.outcome in ALLOWED)
            if not fits:
                return f"{visit.outcome} instead of {expected or 'a refusal'}"
        written = set(visit.written) - (OWN_WORKSPACE if route.name in NEEDS_OWN_WORKSPACE else set())
        if written and (method == "GET" or visit.outcome in REFUSED):
            return f"{visit.outcome}, but it wrote to {', '.join(sorted(written))}"
        return ""

    def judge_other(self, route: Route, method: str, role: str) -> str:
        """Libraries may take them for a GET or a POST; then what holds for a POST holds for them."""
        visit = self.visit(route, method, role)
        # Programs may be asked for their token first, whatever the method.
        fits = route.is_stock or visit.outcome in REFUSED or (route.kind is Kind.MACHINE and visit.outcome == "401")
        may_write = route.is_stock and route.expected("POST", role) in ALLOWED
        return "" if fits and (may_write or not visit.written) else f"{visit.outcome} {visit.written or ''}"

    def check(self, cells: Iterable[tuple[Route, str, str]], judge: Judge) -> None:
        """Asks `judge` about every cell, and says all that is wrong at once."""
        wrong = []
        for route, method, role in cells:
            try:
                fault = judge(route, method, role)
            except Exception as error:  # a page that breaks is one more fault; the others are still wanted
                fault = f"{type(error).__name__}: {error}"
            if fault:
                wrong.append(f"{method} {route.name} as {role}: {fault}")
        assert not wrong, "\n" + "\n".join(wrong)

    def visit(self, route: Route, method: str, role: str) -> Visit:
        cache.clear()
        body = {"data": self.body_of(route), "content_type": FORM} if method == "POST" else {}
        return self.visitors[role].visit(method, self.path_of(route), **body)

    def body_of(self, route: Route) -> str:
        return route.body.format(**self.world.slots)

    def path_of(self, route: Route) -> str:
        return self.world.path(route.name, route.slots)


def visits(routes: Iterable[Route], roles: Iterable[str]) -> list[tuple[Route, str, str]]:
    """Every cell for GET and POST."""
    return [(route, method, role) for route in routes for method in ("GET", "POST") for role in roles]


def comparable(visit: Visit, path: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers without what differs by nature: form tokens, the address itself, the request's id."""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", visit.body)
    for address in (path, quote(path, safe="")):
        body = body.replace(address.encode(), b"")
    changing = {"Location", "Content-Length", "X-Request-ID"}
    headers = {name: value for name, value in visit.response.headers.items() if name not in changing}
    return visit.response.status_code, body, headers
