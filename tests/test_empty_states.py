"""Every list says what would stand in it and what to do next, as long as nothing does.

Every page and part of tests/access_matrix.py is either visited here in a world in which nothing has happened yet,
or named with the reason why it shows no list of its own that can be empty.
"""

import re
from dataclasses import dataclass

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import App
from installs import clients
from testbench.lifecycle import start_suite
from tests.access_matrix import ALLAUTH, DEVELOPMENT, MODELS, ROUTES, Kind
from tests.cast import install_on
from tests.visiting import QUIET, Visitor
from tests.world import make_companies, make_people
from workspaces import lifecycle as workspaces

EMPTY_STATE = re.compile(r'<div class="empty[ "].*?</div>', re.DOTALL)
TITLE = re.compile(r'class="empty__title">([^<]+)<')
NEXT_STEP = re.compile(r'<a class="btn[^"]*" href="([^"]+)">[^<]+</a>')


@dataclass(frozen=True)
class Empty:
    """A visit.

    `app`: the slug of an App or a company of the world, and what else its address needs. `titles`: of the empty
    states that must be there.
    """

    name: str
    titles: tuple[str, ...]
    app: str = ""
    role: str = "owner"
    query: str = ""

    def __str__(self) -> str:
        return f"{self.name} of {self.app or 'nothing'} {self.query} as {self.role}"


NO_LINKS, NO_RUNS = "No links yet", "No runs yet"
NOBODY = ("Nobody has confirmed yet", "Nobody has been invited")
PAGES = (
    Empty("catalog", ("No integrations yet",), role="anonymous"),
    Empty("catalog", ("Nothing found",), role="anonymous", query="?q=acme"),
    Empty("catalog-new", ("Nothing new yet",), role="anonymous"),
    Empty("service-levels", ("Not measured yet",), role="anonymous"),
    Empty("notice-list", ("No notices yet",), role="customer"),
    Empty("release-calendar", ("Nothing on its way",), role="customer"),
    Empty("mfa_list_webauthn", ("No passkey yet",)),
    Empty("company-detail", ("No company yet",), role="customer"),
    Empty("company-page", ("Nobody is invited",), "acme"),
    Empty("company-activity", ("Nothing yet",), "rival", role="stranger"),
    Empty("company-activity", ("Nothing about this yet",), "rival", role="stranger", query="?about=app"),
    Empty("app-list", ("Your first App",), role="stranger"),
    Empty("app-list", ("No Apps yet",), role="customer"),
    Empty("app-list", ("Nothing found",), query="?stage=public"),
    Empty("app-workspace", ("Not installed yet",), "acme-bare"),
    Empty("app-images", ("No pictures yet",), "acme-bare"),
    Empty("app-docs", (NO_LINKS,), "acme-bare"),
    Empty("app-docs-links", (NO_LINKS,), "acme-bare"),
    Empty("app-inbox", ("Nothing came in yet",), "acme-bare"),
    Empty("suite-home", ("Nothing to test yet", NO_RUNS), "acme-bare"),
    Empty("suite-home", (NO_RUNS,), "acme-hooked"),
    Empty("app-code-versions", ("No version yet",), "acme-hooked/function"),
    Empty("suite-home", ("No run matches",), "acme-tested", query="?verdict=red"),
    Empty("suite-single", ("There is nowhere to send to yet",), "acme-bare"),
    Empty("suite-compare", ("There is no earlier run",), "acme-tested"),
    Empty("app-review", ("Nothing submitted yet",), "acme-bare"),
    Empty("app-differences", ("Nothing is live yet",), "acme-bare"),
    Empty("app-enquiries", ("No questions",), "acme-bare"),
    Empty("app-thread", ("No messages yet",), "acme-bare"),
    Empty("app-thread", ("No messages yet",), "acme-bare", role="viewer"),
    Empty("app-plan", ("Nothing to plan yet",), "acme-bare"),
    Empty("app-guide", ("Nothing to set up",), "acme-bare"),
    Empty("app-pull", ("Not built by pull request",), "acme-bare"),
    Empty("app-pull", ("None linked yet",), "acme-pulled", role="viewer"),
    Empty("app-beta", NOBODY, "acme-bare"),
    Empty("app-upkeep", ("No check yet",), "acme-bare"),
    Empty("app-oauth", ("No secret yet",), "acme-tested"),
    Empty("app-oauth-try", ("There is no client yet",), "acme-bare"),
    Empty("app-oauth-try", ("No trial yet",), "acme-tested"),
    Empty("workspace-home", ("No sources yet",), "acme-lab"),
    Empty("workspace-members", ("Nobody is invited",), "acme-lab"),
    Empty("workspace-access", ("No App has access",), "acme-lab"),
    Empty("source-detail", ("No Apps yet",), "acme-shop/website"),
    Empty("source-debugger", ("No event yet",), "acme-shop/website"),
    Empty("source-debugger", ("Nothing like that",), "acme-shop/website", query="?q=ada"),
    Empty("destination-deliveries", ("Nothing in this time",), "acme-mill/website/acme-hooked"),
    Empty("destination-deliveries", ("No delivery like that",), "acme-mill/website/acme-hooked", query="?state=failed"),
    Empty("destination-problem", ("No sample in this time",), "acme-mill/website/acme-hooked",
          query="?code=errors.discarded.401"),
    Empty("workspace-regulations", ("No request yet",), "acme-lab"),
    Empty("review-desk", ("Nothing waits",), role="reviewer"),
    Empty("review-desk", ("Nothing here",), role="reviewer", query="?q=acme"),
    Empty("review-plans", ("No plan waits",), role="reviewer"),
    Empty("review-plans", ("No plans yet",), role="reviewer", query="?tab=all"),
    Empty("review-trains", ("Nothing here",), role="reviewer"),
    Empty("review-verdicts", ("No appeal waits", "Nothing to look at"), role="reviewer"),
)  # fmt: skip

# --- Pages without a list that can be empty ---------------------------------------------------------------------

FORM = "a form, or one thing with its parts"
STOCK = "Django's own list, which says “0” beside the button that adds one"
NEVER_EMPTY = {
    "docs-index": "the pages of the docs are part of the product",
    "app-settings": "every App has its API key (D9)",
    "app-setting-preview": "every App has its API key (D9)",
    "app-components": "shows what to choose from until something is chosen",
    "app-activity": "begins with the making of the App",
    "usersessions_list": "whoever looks has a session",
    "account_email": "everybody has an address",
    "workspace-list": "whoever has no workspace gets one by opening it",
    "admin:index": "names models",
    "admin:app_list": "names models",
    "admin:notifications_templates": "names the mails of the product",
}
PARTS = {
    "source-debugger-live": "brings what is new into the debugger, whose own page has the empty state",
    "source-story-live": "part of a week that is played",
    "app-inbox-live": "brings what is new into the inbox, whose own page has the empty state",
    "suite-live": "part of a run",
    "app-pull-live": "part of a pull request",
    "app-oauth-trial-live": "part of a trial, whose steps are known from the start",
    "review-runs": "part of a submission, beside the buttons that start a run",
    "review-thread": "an App in review has events in its thread",
    "app-listing-preview": "draws what is typed",
    "app-plan-preview": "tries what is typed",
    "app-docs-preview": "draws what is typed",
    "app-setting-pattern": "tries what is typed",
    "admin:jsi18n": "a script",
    "admin:autocomplete": "404 for every model",
}
ONE_THING = frozenset("""
    workspace-new workspace-invitation workspace-install source-new destination-detail oauth-authorize
    source-event source-story destination-tester destination-tester-sent destination-delivery
    home docs-page catalog-entry account-home account-delete account-mail apply apply-check apply-status
    app-template app-template-draft partner-slack
    company-slack invitation-accept app-new app-new-manifest app-slug-preview app-detail app-manifest
    app-oauth-secret-new app-oauth-preview app-oauth-code app-oauth-trial oauth-try-callback
    app-component-webhook app-signing app-verify app-setting-new app-setting-edit app-listing app-image
    app-component-function app-component-plugin app-code-version suite-try
    app-plan-action app-plan-action-new
    app-docs-template app-access app-danger suite-run suite-report app-inbox-request app-submit app-version
    beta-door beta-about beta-invite-accept review-release review-submission review-access review-appeal
    review-live-change review-run admin:login admin:password_change admin:password_change_done
    admin:auth_user_password_change
    admin:notifications_template admin:notifications_template_preview admin:reviews_rubric_preview
""".split())  # fmt: skip
LEFT_OUT = {
    **{route.name: FORM for route in ALLAUTH},
    **{route.name: "only with DEBUG on" for route in DEVELOPMENT},
    **dict.fromkeys(ONE_THING, FORM),
    **{f"admin:{label.replace('.', '_')}_changelist": STOCK for label in MODELS},
    **{f"admin:{label.replace('.', '_')}_{page}": FORM for label in MODELS
       for page in ("add", "change", "delete", "history")},
    **NEVER_EMPTY,
    **PARTS,
}  # fmt: skip


def test_every_list_is_visited_or_named_with_a_reason() -> None:
    pages = {route.name for route in ROUTES if route.kind in (Kind.PAGE, Kind.PART)}
    visited = {page.name for page in PAGES}

    assert sorted(pages - visited - LEFT_OUT.keys()) == [], "Add these to PAGES, or say why they are never empty."
    assert sorted((visited | LEFT_OUT.keys()) - pages) == [], "These are no pages of the access matrix."


@QUIET
class EmptyWorld(TestCase):
    """People, two companies, and Apps in which nothing happened but what makes their pages open."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = make_people()
        acme, _ = make_companies(cls.people)
        owner = cls.people["owner"]
        lifecycle.create_app(owner, acme, "Acme Bare")
        pulled = lifecycle.create_app(owner, acme, "Acme Pulled")
        lifecycle.choose_kinds(owner, pulled, "subscription", "pull_request", pulled.revision)
        hooked = lifecycle.create_app(owner, acme, "Acme Hooked")
        cls.webhook_of(hooked)
        lifecycle.add_component(owner, hooked, "subscription_function")
        component = cls.webhook_of(lifecycle.create_app(owner, acme, "Acme Tested"))
        workspaces.create(owner, "Acme Lab")
        workspaces.add_source(owner, workspaces.create(owner, "Acme Shop"), "Website")
        mill = workspaces.add_source(owner, workspaces.create(owner, "Acme Mill"), "Website")
        install_on(mill, hooked, owner)
        clients.set_up(owner, component.app)
        cls.run_id = start_suite(owner, component, {"apiKey": "key"}).pk

    @classmethod
    def webhook_of(cls, app: App):
        return lifecycle.choose_kinds(cls.people["owner"], app, "subscription", "webhook", app.revision)

    def test_what_is_empty_says_what_would_be_there_and_what_to_do_next(self) -> None:
        visitors = {page.role: Visitor(self.people.get(page.role)) for page in PAGES}
        for page in PAGES:
            with self.subTest(str(page)):
                cache.clear()
                visit = visitors[page.role].visit("GET", self.path(page) + page.query)
                assert visit.outcome == "ok", visit.outcome
                text = visit.body.decode()
                states = EMPTY_STATE.findall(text)
                assert tuple(TITLE.search(state)[1] for state in states) == page.titles
                for state in states:
                    self.check_next_step(state, text)

    def path(self, page: Empty) -> str:
        slots = page.app.split("/") if page.app else []
        return reverse(page.name, args=[*slots, self.run_id] if page.name == "suite-compare" else slots)

    def check_next_step(self, state: str, text: str) -> None:
        step = NEXT_STEP.search(state)
        assert step, f"There is no next step: {state}"
        if step[1].startswith("#"):
            assert f'id="{step[1][1:]}"' in text, f"{step[1]} leads nowhere."
