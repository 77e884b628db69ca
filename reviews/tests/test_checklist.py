"""reviews.checklist: each item is closed by a verb and opened again by another, never by hand."""

import pytest
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.models import App
from apps_catalog.setting_drafts import add_setting
from audit.models import Record
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners.models import AccessRequest, Company, Membership, Policy
from partners.states import Criterion, CriterionOutcome, RequestState
from reviews import attestations, decisions, enquiries, releases, submissions
from reviews.checklist import checklist, rail_for
from reviews.decisions import FindingDraft
from reviews.items import ItemState, Kind
from reviews.models import Submission
from reviews.states import Attested, ChecklistStep, EnquiryKind, ReviewStep
from reviews.tests.conftest import check_links, finish_suite, pass_all
from reviews.workspace_tests import CLOSED_BY
from testbench.states import Verdict
from tests.cast import went_through
from tests.sandbox import verified

pytestmark = pytest.mark.django_db

# PRODUCT, the nine steps: every item and its kind.
TABLE = {
    "access": {"survey": "m", "agreements": "m"},
    "approval": {"criteria": "s", "approved": "s"},
    "communications": {"welcome": "s", "replay": "m", "oauth_plan": "m"},
    "build": {"app_created": "m", "choices": "m", "component": "m", "proof": "m", "oauth": "m"},
    "test": {"event_tester_used": "m", "data_seen": "a", "sdk_tested": "m", "data_seen_again": "a"},
    "docs": {"docs_partner": "m", "docs_segment": "m", "catalog_text": "m", "launch": "m"},
    "metadata": {
        "description": "m", "website": "m", "primary_category": "m", "logo": "m", "mark": "m", "support_email": "m",
        "links_reachable": "m", "test_account": "m", "entry_looked_at": "a",
    },
    "submission": {"ready": "m", "submitted": "m"},
    "public": {
        "review_steps": "s", "private_beta": "s", "customer_verified": "m", "asked_public": "m", "released": "s",
    },
}  # fmt: skip
OPTIONAL = {"oauth", "launch"}


def states(app: App) -> dict[str, str]:
    return {item.id: str(item.state) for item in checklist(app).items}


def test_the_nine_steps_and_their_items(app: App) -> None:
    found = checklist(app)
    assert {step.id: {item.id: str(item.kind) for item in step.items} for step in found.steps} == TABLE
    assert [step.number for step in found.steps] == list(range(1, 10))
    assert {item.id for item in found.items if item.optional} == OPTIONAL
    assert [step.id for step in found.steps] == list(ChecklistStep)


def test_every_open_item_of_the_partners_work_says_why_and_where(app: App) -> None:
    for item in checklist(app).blocking:
        assert item.reason, item.id
        assert item.url, item.id


def test_finished_work_has_nothing_blocking_and_leads_to_submit(ready: App) -> None:
    found = checklist(ready)
    assert found.blocking == []
    assert found.next_item
    assert found.next_item.id == "submitted"
    assert found.item("ready").is_done
    assert [step.id for step in found.steps if step.is_current] == ["submission"]


# --- Opened again -----------------------------------------------------------------------------------


def listing(**values):
    return lambda app, alice: lifecycle.save_listing(alice, app, values, app.listing.revision)


def docs(**values):
    return lambda app, alice: lifecycle.save_docs(alice, app, values, app.listing.docs_revision)


def access(**secrets):
    return lambda app, alice: lifecycle.save_access(alice, app, {}, app.reviewer_access.revision, secrets=secrets)


def endpoint(app, alice):
    component = app.components.get()
    lifecycle.set_endpoint(alice, component, "https://hook.acme.example/in", component.revision)


def red_run(app, alice):
    finish_suite(app.components.get(), Verdict.RED)


def take_back(item):
    return lambda app, alice: attestations.retract(app, alice, item)


REOPENED = {
    "proof by another endpoint": ("proof", endpoint, "the endpoint changed"),
    "proof by a red run": ("proof", red_run, "red"),
    "description": ("description", listing(description=""), "Describe"),
    "catalog text": ("catalog_text", listing(description=""), "no text"),
    "description too long": ("description", listing(description="x" * 1_001), "allowed"),
    "website": ("website", listing(website=""), "website"),
    "category": ("primary_category", listing(primary_category_id=None), "category"),
    "logo": ("logo", listing(logo_id=None), "logo"),
    "mark": ("mark", listing(mark_id=None), "mark"),
    "support email": ("support_email", listing(support_email=""), "support"),
    "own docs": ("docs_partner", docs(docs_partner_url=""), "documentation"),
    "segment docs": ("docs_segment", docs(docs_segment_text=""), "documentation"),
    "unchecked link": ("links_reachable", docs(docs_partner_url="https://docs.acme.example/2"), "not been checked"),
    "broken link": ("links_reachable", lambda app, alice: check_links(app, ok=False), "404"),
    "test account": ("test_account", access(password=""), "password"),
    "entry looked at, then changed": ("entry_looked_at", listing(website="https://acme.example/2"), "changed after"),
    **{
        f"{item}, then another endpoint": (item.value, endpoint, "The component changed since you confirmed this.")
        for item in Attested
        if item != Attested.ENTRY_LOOKED_AT and item not in CLOSED_BY
    },
    **{f"{item}, then another endpoint": (item.value, endpoint, "by itself") for item in CLOSED_BY},
    **{f"attested {item}": (item.value, take_back(item), "Only you") for item in Attested if item not in CLOSED_BY},
}


@pytest.mark.parametrize("case", sorted(REOPENED))
def test_what_opens_an_item_again(case, ready: App, alice) -> None:
    item_id, act, reason = REOPENED[case]
    assert states(ready)[item_id] == ItemState.DONE
    act(ready, alice)
    item = checklist(ready).item(item_id)
    assert item.state == ItemState.OPEN
    assert reason in item.reason
    assert item.url
    assert item_id in {one.id for one in checklist(ready).blocking}


def test_a_changed_settings_schema_makes_the_suite_stale_and_a_new_run_closes_it(ready: App, alice) -> None:
    add_setting(alice, ready, {"label": "Region", "type": "string", "required": True}, ready.revision)
    assert states(ready)["proof"] == ItemState.OPEN
    finish_suite(ready.components.get())
    assert states(ready)["proof"] == ItemState.DONE


def test_an_attestation_tells_who_and_when_and_is_one_however_often_said(ready: App, alice, bob) -> None:
    attestations.retract(ready, alice, Attested.DATA_SEEN)
    assert attestations.retract(ready, alice, Attested.DATA_SEEN) is False
    attestations.attest(ready, bob, Attested.DATA_SEEN, "In the live view.")
    attestations.attest(ready, alice, Attested.DATA_SEEN)
    item = checklist(ready).item("data_seen")
    assert item.by == bob.display_name
    assert item.at is not None
    assert item.at <= timezone.now()
    assert ready.attestations.filter(item=Attested.DATA_SEEN).count() == 1


def test_confirmed_again_after_the_component_changed_it_is_done_and_once(ready: App, alice, bob) -> None:
    endpoint(ready, alice)
    assert states(ready)["entry_looked_at"] == ItemState.DONE
    for _ in range(2):
        attestations.attest(ready, bob, Attested.DATA_SEEN)
    item = checklist(ready).item("data_seen")
    assert item.state == ItemState.DONE
    assert item.by == bob.display_name
    assert Record.objects.filter(action="checklist.attested", data__item="data_seen").count() == 2


# --- Questions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "item_id", "answer"),
    [
        (EnquiryKind.REPLAY, "replay", {"timestamp": "yes", "order": "yes", "rate": "no", "limits": "10/s"}),
        (EnquiryKind.OAUTH, "oauth_plan", {"plan": "planned", "when": "2027-01-31", "notes": ""}),
    ],
)
def test_a_question_opens_its_item_and_the_answer_closes_it(kind, item_id, answer, ready, alice, rita) -> None:
    assert states(ready)[item_id] == ItemState.DONE
    asked = enquiries.ask(ready, rita, kind)
    assert item_id in {item.id for item in checklist(ready).blocking}
    enquiries.answer(asked, alice, answer, asked.revision)
    assert states(ready)[item_id] == ItemState.DONE
    enquiries.ask(ready, rita, kind)
    assert states(ready)[item_id] == ItemState.OPEN


def test_policy_decides_whether_enable_with_segment_blocks(ready: App, alice, source) -> None:
    assert checklist(ready).item("oauth").state == ItemState.OPEN
    Policy.objects.create(oauth_required=True)
    assert [item.id for item in checklist(ready).blocking] == ["oauth"]
    used = went_through(ready, alice, source)
    assert checklist(ready).blocking == []
    assert checklist(ready).item("oauth").at == used.first_used_at


def test_an_answer_alone_does_not_close_enable_with_segment(ready: App, alice, rita) -> None:
    asked = enquiries.ask(ready, rita, EnquiryKind.OAUTH)
    enquiries.answer(asked, alice, {"plan": "working", "when": "", "notes": ""}, 0)
    item = checklist(ready).item("oauth")
    assert item.state == ItemState.OPEN
    assert item.url == f"/apps/{ready.slug}/oauth/"
    assert "closes by itself" in item.reason


def test_a_trial_of_the_flow_does_not_close_enable_with_segment(ready: App, alice, source) -> None:
    went_through(ready, alice, source, is_trial=True)
    assert checklist(ready).item("oauth").state == ItemState.OPEN


# --- The way in ------------------------------------------------------------------------------------------


@pytest.fixture
def request_of_company(company: Company, alice) -> AccessRequest:
    return AccessRequest.objects.create(applicant=alice, company=company, state=RequestState.SUBMITTED)


def test_the_way_in_waits_for_segment(app: App, request_of_company) -> None:
    found = states(app)
    assert found["survey"] == found["agreements"] == ItemState.OPEN
    assert found["criteria"] == found["approved"] == found["welcome"] == ItemState.WAITING
    for criterion in Criterion:
        request_of_company.verdicts.create(criterion=criterion, outcome=CriterionOutcome.MET)
    assert states(app)["criteria"] == ItemState.DONE


def test_welcome_is_done_when_it_has_been_sent(app: App, request_of_company) -> None:
    request_of_company.state = RequestState.APPROVED
    request_of_company.save()
    mail = OutboxMessage.objects.create(
        kind="access_approved",
        case=f"access:{request_of_company.pk}",
        recipient="alice@acme.example",
        message_id="<1@x>",
    )
    assert states(app)["welcome"] == ItemState.WAITING
    OutboxMessage.objects.filter(pk=mail.pk).update(state=MessageState.FAILED)
    assert states(app)["welcome"] == ItemState.WAITING
    OutboxMessage.objects.filter(pk=mail.pk).update(state=MessageState.SENT)
    assert states(app)["welcome"] == ItemState.DONE
    mail.delete()  # the purge, after 90 days
    assert states(app)["welcome"] == ItemState.DONE


# --- From submission to release -----------------------------------------------------------------------------


def test_the_last_two_steps_follow_the_reviewer_and_the_customers(ready: App, alice, rita, carol) -> None:
    def now(*ids: str) -> list[str]:
        found = states(App.objects.get(pk=ready.pk))
        return [found[item_id] for item_id in ids]

    last = ("submitted", "private_beta", "customer_verified", "asked_public", "released")
    assert now(*last) == ["open", "waiting", "open", "open", "waiting"]
    made = submissions.submit(ready, alice)
    assert now(*last) == ["done", "waiting", "open", "open", "waiting"]
    upcoming = checklist(ready).next_item
    assert upcoming
    assert upcoming.id == "review_steps"
    assert "0 of 7" in upcoming.reason
    pass_all(made, rita)
    assert "7 of 7" in checklist(ready).item("review_steps").reason
    decisions.approve(made, rita)
    assert now(*last) == ["done", "done", "open", "open", "waiting"]
    upcoming = checklist(ready).next_item
    assert upcoming
    assert upcoming.id == "customer_verified"
    assert upcoming.url
    verified(App.objects.get(pk=ready.pk), carol, "Works.")
    assert now(*last) == ["done", "done", "done", "open", "waiting"]
    asked = releases.ask_to_go_public(App.objects.get(pk=ready.pk), alice)
    assert now(*last) == ["done", "done", "done", "done", "waiting"]
    releases.release(asked, rita)
    assert now(*last) == ["done"] * 5
    assert checklist(ready).next_item is None
    assert all(step.state == "done" for step in checklist(ready).steps)


def test_a_verifier_who_joins_the_partner_no_longer_counts(in_beta: App, carol, company) -> None:
    verified(in_beta, carol, "Works.")
    assert states(in_beta)["customer_verified"] == ItemState.DONE
    Membership.objects.create(company=company, user=carol)
    assert states(in_beta)["customer_verified"] == ItemState.OPEN


@pytest.mark.parametrize("verb", ["request_changes", "reject", "withdraw"])
def test_submitted_opens_again_after(verb, submission: Submission, alice, rita) -> None:
    {
        "request_changes": lambda: decisions.request_changes(
            submission, rita, [FindingDraft(ReviewStep.LOG_IN, "seen", "todo")]
        ),
        "reject": lambda: decisions.reject(submission, rita, "No."),
        "withdraw": lambda: submissions.withdraw(submission, alice),
    }[verb]()
    item = checklist(submission.app).item("submitted")
    assert item.state == ItemState.OPEN
    assert "submit again" in item.reason.lower()


# --- Cost ---------------------------------------------------------------------------------------------------


def test_the_checklist_costs_at_most_a_dozen_queries_whatever_there_is(
    listed: App, alice, django_assert_max_num_queries
) -> None:
    for _ in range(3):
        finish_suite(listed.components.get())
    for number in range(4):
        made = submissions.submit(App.objects.get(pk=listed.pk), alice, f"Update {number}")
        submissions.withdraw(made, alice)
    with django_assert_max_num_queries(12):
        checklist(listed)


def test_the_rail_is_computed_once_for_an_instance(app: App, alice, django_assert_num_queries) -> None:
    first = rail_for(app)
    with django_assert_num_queries(0):
        assert rail_for(app) is first


def test_segments_items_never_block(app: App) -> None:
    assert all(item.kind != Kind.SEGMENT for item in checklist(app).blocking)
