"""What a page costs: as many queries with many rows as with few, and never more rows than a page shows.

The world of tests/world.py is visited as it is, with `CROWD` more of everything, and with twice as many. The
later visits take no more queries than the first; the rows fetched stop growing once every list is longer than a page.
Every page of tests/access_matrix.py is in the table, or is named with the reason why not.
"""

import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.test import TestCase

from tests.access_matrix import ALLAUTH, MODELS, ROUTES, Kind, model_routes
from tests.crowd import add_crowd
from tests.visiting import QUIET, Traffic, Visitor
from tests.world import World, make_world

# The same rows on every database: once is enough, and PostgreSQL counts the rows fetched too.
pytestmark = pytest.mark.postgres

# A page shows 25 rows of a list, here and there up to 50, so that already the first crowd fills two of most.
CROWD = 80
APP_BUDGET, BUDGET = 32, 15
# The checklist, the rubric and the last look from outside.
PREFLIGHT_BUDGET = 40
# The plan with its actions and comments; the checklist beside it reads them too.
PLAN_BUDGET = 38
# Who confirmed, who tries it, and what was delivered to each.
BETA_BUDGET = 36
# The sheet with the rubric, and one part in each column.
DESK_BUDGET = 26
DESK_PARTS = (
    "part=changes", "part=wire", "part=version", "part=account", "part=company", "part=checklist",
    "side=questions", "side=earlier", "side=history", "thread=2",
)  # fmt: skip
ADMIN_BUDGET = 15


@dataclass(frozen=True)
class Page:
    """One visit: `slots` fill the address as in the access matrix; `query` starts with "?"."""

    name: str
    slots: tuple[str, ...] = ()
    role: str = "owner"
    query: str = ""
    budget: int = BUDGET

    def __str__(self) -> str:
        return f"{self.name}{self.query} as {self.role}"


def of_app(name: str, *slots: str, role: str = "owner", query: str = "") -> Page:
    """A page of an App, with the checklist beside it."""
    return Page(name, slots or ("building",), role, query, APP_BUDGET)


PAGES = (
    Page("home", role="anonymous"),
    Page("catalog", role="anonymous"),
    Page("catalog"),
    Page("catalog", role="anonymous", query="?q=acme"),
    Page("catalog", role="anonymous", query="?category=analytics&page=2"),
    Page("catalog-new", role="anonymous"),
    Page("catalog-entry", ("public",), "anonymous"),
    Page("account-home"),
    Page("account-delete"),
    Page("account-mail"),
    Page("notice-list"),
    Page("release-calendar"),
    Page("apply", role="customer"),
    Page("apply-status", role="customer"),
    Page("apply-check", role="customer"),
    Page("company-detail", role="customer"),
    Page("company-page", ("company",)),
    Page("company-page", ("company",), "viewer"),
    Page("company-activity", ("company",)),
    Page("company-slack", ("company",)),
    Page("partner-slack", ("company",)),
    Page("company-activity", ("company",), query="?about=app&page=2"),
    Page("service-levels", role="anonymous"),
    Page("company-page", ("company",), "reviewer"),
    Page("invitation-accept", ("invitation_token",), "customer"),
    Page("app-list"),
    Page("app-list", role="reviewer"),
    Page("app-list", query="?page=2"),
    Page("app-list", query="?company=acme&stage=public_beta"),
    Page("app-new"),
    Page("app-new-manifest"),
    Page("app-slug-preview", query="?name=Acme+Other"),
    of_app("app-detail"),
    of_app("app-detail", "in_review"),
    of_app("app-detail", "public", role="reviewer"),
    of_app("app-components"),
    of_app("app-manifest"),
    of_app("app-component-webhook"),
    of_app("app-component-function"),
    of_app("app-component-plugin"),
    of_app("app-code-versions", "building", "code"),
    of_app("app-code-versions", "building", "code", query="?page=2"),
    of_app("app-code-version", "building", "code", "code_version"),
    of_app("app-code-version", "building", "code", "code_version", query="?with=draft&view=unified"),
    of_app("app-signing"),
    of_app("app-oauth"),
    of_app("app-oauth", role="reviewer"),
    of_app("app-oauth-secret-new"),
    of_app("app-oauth-preview"),
    of_app("app-oauth-code"),
    of_app("app-oauth-try"),
    of_app("app-oauth-try", query="?page=2"),
    of_app("app-oauth-trial", "building", "flow_trial"),
    of_app("app-oauth-trial-live", "building", "flow_trial"),
    of_app("app-pull", "pull_app"),
    of_app("app-pull", "pull_app", role="reviewer"),
    of_app("app-pull-live", "pull_app"),
    of_app("app-verify"),
    of_app("app-settings"),
    of_app("app-setting-new"),
    of_app("app-setting-preview"),
    of_app("app-setting-edit", "building", "setting"),
    Page("app-plan", ("pull_app",), budget=PLAN_BUDGET),
    Page("app-plan", ("pull_app",), "reviewer", budget=PLAN_BUDGET),
    Page("app-plan-action", ("pull_app", "plan_action"), budget=PLAN_BUDGET),
    of_app("app-plan-action-new", "pull_app"),
    Page("review-plans", role="reviewer"),
    Page("review-plans", role="reviewer", query="?tab=all"),
    of_app("app-guide", "pull_app"),
    of_app("app-guide", "pull_app", role="reviewer"),
    of_app("app-listing"),
    of_app("app-template"),
    of_app("app-template-draft", "building", "template_draft"),
    of_app("app-images"),
    of_app("app-image", "building", "picture"),
    of_app("app-docs"),
    of_app("app-docs-links"),
    of_app("app-docs-template"),
    of_app("app-access"),
    of_app("app-activity"),
    of_app("app-activity", query="?page=2"),
    of_app("app-danger"),
    of_app("suite-home"),
    of_app("suite-home", query="?component=subscription_webhook"),
    of_app("suite-single"),
    of_app("suite-try", "building", "code", query="?sample=core-track"),
    of_app("suite-run", "building", "run"),
    of_app("suite-live", "building", "run"),
    of_app("suite-compare", "building", "run"),
    of_app("suite-report", "building", "run"),
    of_app("app-inbox"),
    of_app("app-inbox-live"),
    of_app("app-inbox-request", "building", "echo_request"),
    Page("app-submit", ("building",), budget=PREFLIGHT_BUDGET),
    Page("app-submit", ("in_review",), budget=PREFLIGHT_BUDGET),
    Page("app-review", ("in_review",), budget=PREFLIGHT_BUDGET),
    of_app("app-differences", "beta"),
    of_app("app-version", "in_review", "version"),
    of_app("app-enquiries", "in_review"),
    of_app("app-thread", "in_review"),
    of_app("app-thread", "in_review", query="?page=2"),
    Page("app-beta", ("beta",), budget=BETA_BUDGET),
    Page("app-beta", ("beta",), query="?said=2&links=2", budget=BETA_BUDGET),
    of_app("app-beta", "public", role="viewer"),
    of_app("app-upkeep", "public"),
    Page("beta-about", ("beta",), "customer"),
    of_app("app-workspace"),
    Page("beta-invite-accept", ("beta_token",), "customer"),
    Page("workspace-list"),
    Page("workspace-list", query="?page=2"),
    Page("workspace-new"),
    Page("workspace-invitation", ("ws_invitation_token",), "customer"),
    Page("workspace-home", ("ws",)),
    Page("workspace-home", ("ws",), query="?page=2"),
    Page("workspace-access", ("ws",)),
    Page("workspace-access", ("ws",), query="?page=2"),
    Page("workspace-members", ("ws",)),
    Page("workspace-members", ("ws",), "viewer"),
    Page("workspace-install", ("ws", "public")),
    Page("workspace-install", ("ws", "public"), query="?step=source"),
    Page("source-new", ("ws",)),
    Page("source-detail", ("ws", "source")),
    Page("destination-detail", ("ws", "source", "app_slug")),
    Page("source-debugger", ("ws", "source")),
    Page("source-debugger", ("ws", "source"), query="?q=event&page=2"),
    Page("source-debugger-live", ("ws", "source"), query="?after=1"),
    Page("source-event", ("ws", "source", "event")),
    Page("source-story", ("ws", "source")),
    Page("source-story-live", ("ws", "source", "story")),
    Page("destination-tester", ("ws", "source", "app_slug"), budget=APP_BUDGET),
    Page("destination-tester-sent", ("ws", "source", "app_slug", "tested"), budget=APP_BUDGET),
    Page("destination-deliveries", ("ws", "source", "app_slug")),
    Page("destination-deliveries", ("ws", "source", "app_slug"), query="?period=14d&state=failed&type=track"),
    Page("destination-problem", ("ws", "source", "app_slug"), query="?code=errors.discarded.401"),
    Page("destination-delivery", ("ws", "source", "app_slug", "delivery")),
    Page("workspace-regulations", ("ws",)),
    Page("workspace-regulations", ("ws",), query="?page=2"),
    Page("review-desk", role="reviewer"),
    Page("review-desk", role="reviewer", query="?page=2"),
    Page("review-desk", role="reviewer", query="?q=acme"),
    *(Page("review-desk", role="reviewer", query=f"?tab={tab}") for tab in ("mine", "unclaimed", "partner", "overdue")),
    Page("review-release", ("release",), "reviewer", budget=APP_BUDGET),
    Page("review-submission", ("submission",), "reviewer", budget=DESK_BUDGET),
    *(Page("review-submission", ("submission",), "reviewer", f"?{part}", DESK_BUDGET) for part in DESK_PARTS),
    Page("review-access", ("access_request",), "reviewer", budget=APP_BUDGET),
    Page("review-thread", ("in_review",), "reviewer"),
    Page("review-thread", ("in_review",), "reviewer", "?thread=2"),
    Page("review-verdicts", role="reviewer"),
    *(Page("review-trains", role="reviewer", query=f"?tab={tab}") for tab in ("board", "merge", "held", "out")),
    Page("review-trains", role="reviewer", query="?page=2"),
    Page("review-appeal", ("reviews.appeal",), "reviewer"),
    Page("review-live-change", ("reviews.livechange",), "reviewer"),
    Page("review-runs", ("submission",), "reviewer"),
    Page("review-run", ("submission", "review_run"), "reviewer"),
    Page("admin:index", role="admin"),
    Page("admin:app_list", ("admin_app",), "admin"),
    Page("admin:notifications_templates", role="reviewer"),
    Page("admin:reviews_rubric_preview", ("reviews.rubric",), "reviewer"),
    Page("admin:notifications_template", ("template",), "admin"),
    Page("admin:notifications_template_preview", ("template",), "admin"),
    Page("admin:partners_accessrequest_changelist", role="reviewer", query="?queue=all"),
    *(Page(route.name, route.slots, "admin", budget=ADMIN_BUDGET) for route in model_routes()
      if route.name.endswith(("_changelist", "_change", "_history")) and route.get and "yes" in route.get),
)  # fmt: skip

# Pages that are not measured, with the reason.
FIXED = "shows nothing from a table that grows"
LEFT_OUT = {
    **{route.name: "allauth's: about one person only" for route in ALLAUTH},
    **{f"admin:{label.replace('.', '_')}_{page}": FIXED for label in MODELS for page in ("add", "delete")},
    "beta-door": "sends people on to one of their workspaces",
    "oauth-authorize": "only with a request of a client: installs/tests/test_consent_page.py counts its queries",
    "oauth-try-callback": "sends people on to their trial",
    "docs-index": FIXED,
    "docs-page": FIXED,
    "admin:login": FIXED,
    "admin:password_change": FIXED,
    "admin:password_change_done": FIXED,
    "admin:auth_user_password_change": FIXED,
    "admin:autocomplete": "404 for every model: no ModelAdmin has autocomplete fields",
    "admin:jsi18n": FIXED,
    "app-listing-preview": "answers a POST only",
    "app-plan-preview": "answers a POST only",
    "app-docs-preview": "answers a POST only",
    "app-setting-pattern": "answers a POST only",
    "dev-mail-list": "only with DEBUG on; reads files",
    "dev-mail-detail": "only with DEBUG on; reads files",
    "dev-mail-frame": "only with DEBUG on; reads files",
    "styleguide:index": "only with DEBUG on",
    "styleguide:console": "only with DEBUG on",
    "styleguide:entrance": "only with DEBUG on",
}
# Pages that show more than 25 of something: how many rows they may fetch at most, and why.
GROWS = {
    "catalog": (64, "24 cards and 4 new ones; the categories of a card that is both are fetched once"),
    "company-page": (300, "all members, who join one by one; at most 70 invitations"),
    "admin:partners_company_change": (150, "all members"),
    "admin:account_emailaddress_changelist": (110, "allauth's: 100 a page"),
}


def test_every_page_is_measured_or_named_with_a_reason() -> None:
    pages = {route.name for route in ROUTES if route.kind in (Kind.PAGE, Kind.PART)}
    measured = {page.name for page in PAGES}

    assert sorted(pages - measured - LEFT_OUT.keys()) == [], "Add these pages to PAGES."
    assert sorted((measured | LEFT_OUT.keys()) - pages) == [], "These are no pages of the access matrix."
    assert sorted(measured & LEFT_OUT.keys()) == []


@QUIET
class Costs(TestCase):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()

    def test_pages_cost_the_same_with_few_and_with_many_rows(self) -> None:
        logging.disable(logging.ERROR)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.visitors = {page.role: Visitor(self.world.people.get(page.role)) for page in PAGES}
        self.measure()  # the first visit of a process fills caches of its own
        few = self.measure()
        add_crowd(self.world, range(1, CROWD + 1))
        many = self.measure()
        add_crowd(self.world, range(CROWD + 1, 2 * CROWD + 1))
        more = self.measure()

        lines = [f"{'page':<70}{'queries':>12}{'rows':>18}"]
        wrong = []
        for page in PAGES:
            costs = few[page], many[page], more[page]
            lines.append(
                f"{page!s:<70}{'/'.join(str(cost.queries) for cost in costs):>12}"
                f"{'/'.join(str(cost.rows) for cost in costs):>18}"
            )
            wrong += [f"{page}: {fault}" for fault in faults(page, *costs)]
        sys.stdout.write("\n".join(["", *lines, ""]))
        assert not wrong, "\n" + "\n".join(wrong)

    def measure(self) -> dict[Page, Traffic]:
        return {page: self.cost(page) for page in PAGES}

    def cost(self, page: Page) -> Traffic:
        cache.clear()
        visit = self.visitors[page.role].visit("GET", self.world.path(page.name, page.slots) + page.query)
        assert visit.outcome == "ok", f"{page}: {visit.outcome}"
        return visit.traffic


def faults(page: Page, few: Traffic, many: Traffic, more: Traffic) -> list[str]:
    found = []
    if many.queries > few.queries or more.queries > few.queries:
        found.append(f"{few.queries}, {many.queries}, {more.queries} queries; again and again: {new_in(more, few)}")
    limit, _ = GROWS.get(page.name, (many.rows, ""))
    if more.rows > limit:
        rows = {sql: more.fetched[sql] - many.fetched[sql] for sql in more.fetched}
        found.append(
            f"{few.rows}, {many.rows}, {more.rows} rows; growing: {short(sql for sql in rows if rows[sql] > 0)}"
        )
    if more.queries > page.budget:
        found.append(f"{more.queries} queries, where {page.budget} are the most")
    return found


def new_in(more: Traffic, few: Traffic) -> list[str]:
    return short(sql for sql, number in more.statements.items() if number > few.statements[sql])


def short(statements: Iterable[str]) -> list[str]:
    """Where they read from, which says enough."""
    return [sql[sql.find("FROM") :][:120] for sql in statements]
