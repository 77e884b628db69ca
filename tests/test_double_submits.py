"""One effect, however often a form is sent at the same moment: every form that acts in reviews and partners.

Each form is first sent once in a transaction that is rolled back: that is its effect, as rows of the two packages,
entries of the audit record, mails and notices. Then it is sent by several hands at once, for real, and the effect
must be the same. One world serves for all, so the order of the table matters.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.models import Count
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from audit.models import Record
from notifications.models import Notice, OutboxMessage
from partners import lifecycle as partners
from partners.models import AccessRequest, AgreementVersion, Company, Invitation, Membership
from partners.states import Role
from reviews import beta, releases, submissions
from reviews.models import BetaInvite, Release, Submission
from reviews.states import EnquiryKind
from reviews.tests.conftest import pass_all
from tests.access_matrix import ROUTES
from tests.cast import make_user
from tests.counts import count
from tests.racing import Crew
from tests.sandbox import verified
from tests.visiting import QUIET, PlainClient, session_of
from tests.world import ANSWERS, World, make_app, make_beta, make_world, token_in

HANDS = count(2, 50)
PACKAGES = ("reviews", "partners")
# A press of a button: (who, what the address is made with, what is sent).
Press = tuple[str, list[Any], dict[str, Any]]


@dataclass(frozen=True)
class Form:
    """`route`: its address; `press` readies the world and says what is sent; `act` tells forms of a page apart."""

    route: str
    press: Callable[[World], Press]
    act: str = ""

    def __str__(self) -> str:
        return f"{self.route} {self.act}".strip()


# --- What the forms need -----------------------------------------------------------------------------


def app_of(world: World, slot: str) -> App:
    return App.objects.get(slug=world.slots[slot])


def pressed(role: str, slots: str = "", /, **sent: Any) -> Callable[[World], Press]:
    """A press that needs nothing but the world; `slots` are names of its slots."""
    return lambda world: (role, [world.slots[name] for name in slots.split()], sent)


def new_app(world: World, name: str) -> App:
    return make_app(world.people["owner"], Company.objects.get(slug=world.slots["company"]), name)


def new_beta(world: World, name: str) -> App:
    """In private beta and confirmed, so that it can ask to go public."""
    app = make_beta(world.people, new_app(world, name))
    verified(app, world.people["customer"], "It works.")
    return App.objects.get(pk=app.pk)


def apply_for_access(world: World) -> Press:
    world.people["newcomer"] = make_user("nora", domain="newcomer.example")
    boxes = {f"agreement_{one.pk}": "on" for one in AgreementVersion.objects.in_force()}
    return "newcomer", [], {**ANSWERS, **boxes, "action": "submit", "revision": 0}


def submit_app(world: World) -> Press:
    world.slots["fresh"] = new_app(world, "Acme Twice").slug
    return "owner", [world.slots["fresh"]], {"note": "The first version."}


def waiting(world: World) -> Submission:
    return Submission.objects.waiting().get(app=app_of(world, "fresh"))


def withdraw(world: World) -> Press:
    return "owner", [world.slots["fresh"]], {"submission": waiting(world).pk}


def decide(act: str, /, **sent: Any) -> Callable[[World], Press]:
    """Hand the fresh App in again and decide about it."""

    def press(world: World) -> Press:
        app = app_of(world, "fresh")
        rows = Submission.objects.waiting().filter(app=app)
        made = rows.first() or submissions.submit(app, world.people["owner"], "Again.")
        if act == "approve":
            pass_all(made, world.people["reviewer"])
        return "reviewer", [made.pk], {"act": act, **sent}

    return press


def hold(world: World) -> Press:
    until = (timezone.now() + timedelta(days=3)).date().isoformat()
    sent = {"act": "hold", "hold-reason": "Send a key.", "hold-until": until, "hold-waits_for": "partner"}
    return "reviewer", [waiting(world).pk], sent


def undo_decision(world: World) -> Press:
    decided = Submission.objects.filter(app=app_of(world, "fresh")).latest("decided_at")
    return "reviewer", [decided.pk], {"act": "undo"}


def write(role: str, slot: str, prefix: str = "message", /, **sent: Any) -> Callable[[World], Press]:
    """A message of a thread; its token is made with the page."""

    def press(world: World) -> Press:
        said = {f"{prefix}-text": f"From {role}.", f"{prefix}-token": uuid.uuid4(), f"{prefix}-seen": 10**6}
        return role, [world.slots[slot]], {**said, **sent}

    return press


def invite_again(world: World) -> BetaInvite:
    return beta.invite(app_of(world, "road"), world.people["owner"], "c@customer.example")


def begin_road(world: World) -> Press:
    world.slots["road"] = new_beta(world, "Acme Road").slug
    return "owner", [world.slots["road"]], {"email": "c@customer.example"}


def on_invitation(verb: str) -> Callable[[World], Press]:
    def press(world: World) -> Press:
        invitation = app_of(world, "road").beta_invites.order_by("-pk")[0]
        if verb == "restore":
            beta.revoke(invitation, world.people["owner"])
        return "owner", [world.slots["road"], invitation.pk], {}

    return press


def accept_beta(world: World) -> Press:
    made = beta.invite(app_of(world, "road"), world.people["owner"], "d@customer.example")
    return "customer", [token_in(f"beta-invite:{made.pk}", "/beta/")], {}


def release(world: World) -> Press:
    made = releases.ask_to_go_public(app_of(world, "road"), world.people["owner"])
    return "reviewer", [made.pk], {"act": "release"}


def undo_release(world: World) -> Press:
    return "reviewer", [Release.objects.get(app=app_of(world, "road")).pk], {"act": "undo"}


def launch_day() -> str:
    """Half a year holds many; a Thursday in a month is no holiday too often, and the next one is taken then."""
    day = timezone.now().date() + timedelta(days=30)
    return (day + timedelta(days=(1 - day.weekday()) % 7)).isoformat()


def resend_company(world: World) -> Press:
    made = partners.invite(the_company(world), world.people["owner"], "again@example.com", Role.VIEWER)
    return "owner", [world.slots["company"], made.pk], {}


def restore_company_invitation(world: World) -> Press:
    made = Invitation.objects.filter(email="again@example.com").latest("pk")
    return "owner", [world.slots["company"], made.pk], {}


def accept_company(world: World) -> Press:
    person = make_user("lara", domain="elsewhere.example")
    world.people["lara"] = person
    made = partners.invite(the_company(world), world.people["owner"], person.email, Role.DEVELOPER)
    mail = OutboxMessage.objects.filter(recipient=person.email).latest("created_at")
    del made
    return "lara", [mail.text.split("/invitations/")[1].split("/")[0]], {}


def the_company(world: World) -> Company:
    return Company.objects.get(slug=world.slots["company"])


def hand_over(world: World) -> Press:
    member = Membership.objects.get(company=the_company(world), user=world.people["lara"])
    return "owner", [world.slots["company"]], {"member": member.pk}


def newer_agreement(world: World) -> Press:
    """The company came in by a request, and a version is in force that nobody has accepted."""
    company = Company.objects.get(slug=world.slots["company"])
    AccessRequest.objects.create(applicant=world.people["owner"], company=company, state="approved")
    AgreementVersion.objects.create(document="privacy_policy", version="next", url="https://acme.example/next")
    return "owner", [company.slug], {f"agreement_{one.pk}": "on" for one in AgreementVersion.objects.in_force()}


FORMS = (
    # Partners
    Form("apply", apply_for_access),
    Form("apply-withdraw", pressed("customer")),
    Form("apply-again", pressed("customer")),
    Form("company-invite", pressed("owner", "company", email="new@example.com", role="viewer")),
    Form("invitation-resend", resend_company),
    Form("invitation-revoke", restore_company_invitation),
    Form("invitation-restore", restore_company_invitation),
    Form("invitation-accept", accept_company),
    Form("member-role", pressed("owner", "company member", role="viewer")),
    # Reviews
    Form("app-attest", pressed("owner", "building", item="data_seen")),
    Form("app-submit", submit_app),
    Form("review-submission", hold, "hold"),
    Form("review-submission", decide("unhold"), "unhold"),
    Form("review-submission", decide("save:log_in", **{"step-log_in-outcome": "pass"}), "save a verdict"),
    Form("app-withdraw", withdraw),
    Form("review-submission", decide("reject", **{"message": "Not this one.", "message-message": "Not this one."}),
         "reject"),
    Form("review-submission", undo_decision, "undo"),
    Form("review-submission", decide("approve"), "approve"),
    Form("app-thread", write("owner", "in_review")),
    Form("review-thread", write("reviewer", "in_review", act="post")),
    Form("review-thread", write("reviewer", "in_review", "note", act="note"), "note"),
    Form("app-enquiries", lambda world: ("owner", [world.slots["in_review"]], {
        "kind": "replay", "revision": app_of(world, "in_review").enquiries.get(kind=EnquiryKind.REPLAY).revision,
        "timestamp": "yes", "order": "yes", "rate": "yes", "limits": "50 a second",
    })),
    Form("app-beta-invite", begin_road),
    Form("app-beta-resend", on_invitation("resend")),
    Form("app-beta-revoke", on_invitation("revoke")),
    Form("app-beta-restore", on_invitation("restore")),
    Form("app-beta-access", lambda world: ("owner", [world.slots["road"]], {"invited_only": "yes"})),
    Form("beta-invite-accept", accept_beta),
    Form("beta-verify", pressed("stranger", "beta", **{"verify-note": "Works."})),
    Form("beta-problem", pressed("stranger", "beta", **{"problem-text": "Broken."})),
    Form("app-beta-ask", lambda world: ("owner", [world.slots["road"]], {})),
    Form("app-beta-launch", lambda world: ("owner", [world.slots["road"]], {"launch_on": launch_day()})),
    Form("app-beta-cancel", lambda world: ("owner", [world.slots["road"]], {})),
    Form("review-release", release, "release"),
    Form("review-release", undo_release, "undo"),
    Form("app-deprecate", lambda world: ("owner", [world.slots["road"]], {"slug": world.slots["road"]})),
    Form("app-deprecate-undo", lambda world: ("owner", [world.slots["road"]], {})),
    # The company, to its end: what comes before needs it.
    Form("member-remove", pressed("owner", "company member")),
    Form("member-restore", pressed("owner", "company removed_member")),
    Form("invitation-join", pressed("customer", "invitation")),
    Form("company-leave", pressed("viewer", "company")),
    Form("company-archive", pressed("owner", "company")),
    Form("company-restore", pressed("owner", "company")),
    Form("company-agreements", newer_agreement),
    Form("company-delete", pressed("owner", "company", name="Acme")),
    Form("company-keep", pressed("owner", "company")),
    Form("company-hand-over", hand_over),
)  # fmt: skip
# Forms that may be sent twice, or whose double is tried elsewhere, with the reason.
LEFT_OUT = {
    "company-export": "reads",
    "company-slack": "the same address again is the same channel (partners/tests/test_company_slack.py)",
    "company-slack-off": "the second finds nothing to disconnect (partners/tests/test_company_slack.py)",
    "company-slack-test": "each press is a test message, as asked for",
    "review-reveal": "every look into the vault is on the record, also the second of a double click (T25)",
    "review-claim": "a lease (partners/tests/test_claims.py)",
    "review-release-claim": "a lease (partners/tests/test_claims.py)",
    "review-access-claim": "a lease (partners/tests/test_claims.py)",
    "review-keys": "a switch of one's own, in the session",
    "review-access": "partners/tests/test_races.py decides about one request with many hands",
    "app-submit-check": "looks only; one look at a time by its lease (reviews/tests/test_probes.py)",
    "app-answers": "carries a revision: the second is the same answer or a conflict",
    "app-appeal": "one open appeal by a constraint (reviews/tests/test_appeals.py)",
    "review-appeal": "compare-and-set (reviews/tests/test_appeals.py)",
    "review-live-change": "compare-and-set (reviews/tests/test_proportion.py)",
    "app-differences": "twice is once (reviews/tests/test_proportion.py)",
}


def posts_of_packages() -> set[str]:
    """Names of the addresses of the two packages that take a POST, from the access matrix."""

    def walk(patterns: list[Any]) -> set[str]:
        found = set()
        for one in patterns:
            if isinstance(one, URLResolver):
                found |= walk(one.url_patterns) if not one.namespace else set()
            elif isinstance(one, URLPattern) and one.callback.__module__.split(".")[0] in PACKAGES:
                found.add(one.name)
        return found

    named = walk(get_resolver().url_patterns)
    return {route.name for route in ROUTES if route.post and route.name in named}


def test_every_form_of_the_packages_is_in_the_table() -> None:
    known = {form.route for form in FORMS} | LEFT_OUT.keys()
    assert sorted(posts_of_packages() - known) == [], "Add these forms to FORMS, or to LEFT_OUT with the reason."
    assert sorted(known - posts_of_packages()) == [], "These take no POST (any more)."


# --- The effect ----------------------------------------------------------------------------------------


def state() -> Counter[str]:
    """How many rows there are of everything that a form may make."""
    models = [model for package in PACKAGES for model in apps.get_app_config(package).get_models()]
    tables = sorted(model._meta.db_table for model in [*models, Notice])
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM \"{table}\"" for table in tables))
        found = Counter[str](dict(cursor.fetchall()))
    for model, field in ((Record, "action"), (OutboxMessage, "kind")):
        rows = model.objects.order_by().values_list(field).annotate(n=Count("pk"))
        found.update({f"{model.__name__} {name}": number for name, number in rows})
    return found


def effect(before: Counter[str]) -> dict[str, int]:
    after = state()
    return {name: after[name] - before[name] for name in after | before if after[name] != before[name]}


class Hands:
    """Browsers of the people of a world, all with one session each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, str] = {}

    def send(self, role: str, path: str, body: str) -> int:
        client = PlainClient()
        client.cookies = SimpleCookie({django_settings.SESSION_COOKIE_NAME: self.session(role)})
        return client.generic("POST", path, body, "application/x-www-form-urlencoded").status_code

    def session(self, role: str) -> str:
        user: User = self.world.people[role]
        return self.sessions.setdefault(role, "") or self._begin(role, user)

    def _begin(self, role: str, user: User) -> str:
        self.sessions[role] = session_of(user)
        return self.sessions[role]


def once(hands: Hands, before: Counter[str], *sent: str) -> tuple[int, dict[str, int]]:
    """What one press does, rolled back."""
    with transaction.atomic():
        status = hands.send(*sent)
        found = effect(before)
        transaction.set_rollback(True)
    return status, found


def press_together(form: Form, world: World, hands: Hands, crew: Crew) -> list[str]:
    """What is wrong with a form that many hands press at once."""
    role, slots, sent = form.press(world)
    path, body = reverse(form.route, args=slots), urlencode(sent)
    hands.session(role)
    before = state()
    status, expected = once(hands, before, role, path, body)
    if status >= 400 or not expected:
        return [f"{form}: one press answers {status} and does {expected}"]
    answers = crew.at_once(*[partial(hands.send, role, path, body)] * HANDS)
    found = effect(before)
    wrong = [f"{form}: answers {sorted(map(str, answers))}"] if not all(_is_fine(one) for one in answers) else []
    return wrong + ([f"{form}: {found}, where one press does {expected}"] if found != expected else [])


def _is_fine(answer: Any) -> bool:
    """Done, or a friendly no: never a failure of the server."""
    return isinstance(answer, int) and answer < 500


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_pressed_by_many_hands_each_form_has_one_effect(settings) -> None:
    settings.UNDO_SECONDS = 600
    with QUIET, Crew() as crew:
        world = make_world()
        hands = Hands(world)
        wrong = [fault for form in FORMS for fault in press_together(form, world, hands, crew)]
    assert not wrong, "\n" + "\n".join(wrong)
