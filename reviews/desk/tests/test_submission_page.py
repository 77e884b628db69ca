"""What the page of one submission shows, and to whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import App
from audit.recording import record
from reviews import attestations, decisions, enquiries, submissions
from reviews.models import Finding
from reviews.states import Attested, EnquiryKind, ReviewStep
from reviews.tests.conftest import finish_suite, pass_all
from testbench.models import SuiteRun


def text_of(response):
    return response.content.decode()


def own(captured):
    """The queries of the page, without the log of the session's activity, which is written at times."""
    return [query["sql"] for query in captured if "usersessions" not in query["sql"]]


def hand_in_an_update(app, alice, **listing):
    lifecycle.save_listing(alice, app, listing, App.objects.get(pk=app.pk).listing.revision)
    app = App.objects.get(pk=app.pk)
    for component in app.components.all():
        finish_suite(component)
    attestations.attest(app, alice, Attested.ENTRY_LOOKED_AT)
    return submissions.submit(App.objects.get(pk=app.pk), alice, "Better words.")


PARTS = {
    "": ("First version.", "Not yet. Still to judge:", "Listing as customers see it", "Send to the partner"),
    "?part=entry": ("Listing as customers see it", "Sends your events to Acme."),
    "?part=changes": ("no version of this App was approved before",),
    "?part=wire": ("the partner’s run, recorded at submission", "Run the suite with the partner’s key"),
    "?part=version": ("Components", "Documentation and contact"),
    "?part=account": ("Nobody has opened any of it.",),
    "?part=company": ("alice@acme.example",),
    "?part=checklist": ("The checklist as it stood at submission",),
    "?side=thread": ("Send to the partner", "Private note"),
    "?side=questions": ("Ask by mail",),
    "?side=earlier": ("This is the first.",),
    "?side=history": ("Submitted for review",),
    "?part=nonsense&side=nonsense": ("Listing as customers see it", "Send to the partner"),
}


@pytest.mark.parametrize("query", PARTS)
def test_every_part_has_an_address_and_comes_alone_by_htmx(desk, submission, address, query):
    whole = text_of(desk.get(address + query))
    for words in (*PARTS[query], *(step.label for step in ReviewStep)):
        assert words in whole, words
    for column in {"part", "side"} & {pair.split("=")[0] for pair in query.strip("?").split("&")}:
        sent = {
            "HX-Request": "true",
            "HX-Target": column,
            "HX-Current-URL": f"http://testserver{address}?part=wire&x=1",
        }
        answer = desk.get(address + query, headers=sent)
        alone = text_of(answer)
        assert "<html" not in alone
        assert 'aria-current="true"' in alone
        assert any(words in alone for words in PARTS[query])
        assert answer["HX-Replace-Url"].startswith(f"{address}?part=")
        assert "x=1" not in answer["HX-Replace-Url"]
        back = desk.get(address + query, headers=sent | {"HX-History-Restore-Request": "true"})
        assert "<html" in text_of(back)


def test_the_shown_parts_survive_what_is_posted(desk, submission, address):
    shown = {"part": "wire", "side": "history"}
    saved = {"act": "save:log_in", "step-log_in-outcome": "pass", **shown}
    assert desk.post(address, saved)["Location"] == f"{address}?part=wire&side=history#step-log_in"
    refused = text_of(desk.post(address, {"act": "save:log_in", **shown}))
    assert "Wire evidence</h2>" in refused
    assert "History</h2>" in refused
    asked = desk.post(address, {"act": "ask:replay", **shown})
    assert asked["Location"] == f"{address}?part=wire&side=questions#questions"


def test_no_secret_is_on_the_page(desk, submission, address):
    secrets = {"username": "canary-user", "password": "canary-pass", "api_key": "canary-key"}
    app = submission.app
    app.reviewer_access.refresh_from_db()
    access = app.reviewer_access
    for name, value in secrets.items():
        access.put(name, value)
    access.save()
    assert not any("canary" in text_of(desk.get(address + query)) for query in PARTS)


def test_an_update_is_shown_against_the_version_before(desk, in_beta, alice):
    update = hand_in_an_update(in_beta, alice, description="Sends your orders to Acme.")
    shown = text_of(desk.get(reverse("review-submission", args=[update.pk]) + "?part=changes"))
    assert '<del class="diff-del">events</del>' in shown
    assert '<ins class="diff-add">orders</ins>' in shown
    assert "Changed since version 1" in shown
    assert "Approve the update" in shown


def test_earlier_findings_are_shown(desk, submission, alice, rita):
    drafts = [decisions.FindingDraft("log_in", "The password did not work.", "Renew the account.")]
    decisions.request_changes(submission, rita, drafts, "One thing.")
    again = submissions.submit(App.objects.get(pk=submission.app_id), alice, "Renewed.")
    shown = text_of(desk.get(reverse("review-submission", args=[again.pk]) + "?side=earlier"))
    assert "The password did not work." in shown
    assert "Renew the account." in shown
    first = text_of(desk.get(reverse("review-submission", args=[submission.pk])))
    assert "Changes requested" in first
    assert "What the partner reads" in first


def test_the_partners_answers_are_data(desk, submission, address, alice, rita):
    asked = enquiries.ask(submission.app, rita, EnquiryKind.REPLAY)
    answers = {"timestamp": "yes", "order": "no", "rate": "yes", "limits": "100 requests per second"}
    enquiries.answer(asked, alice, answers, 0)
    shown = text_of(desk.get(address + "?side=questions"))
    assert "Do you honour the timestamp of an event?" in shown
    assert "100 requests per second" in shown


def test_hostile_text_is_text(desk, submission, address):
    submission.note = submission.message = "<script>alert(1)</script>"
    submission.save()
    assert "<script>alert" not in text_of(desk.get(address))


def test_a_reviewer_of_the_same_company_only_reads(client_for, insider, submission, address):
    shown = text_of(client_for(insider).get(address + "?part=account&side=questions"))
    assert "This one is not yours to judge" in shown
    assert "another reviewer decides" in shown
    assert 'name="act"' not in shown
    assert "/reveal/" not in shown


@pytest.mark.parametrize(
    "act", ["save:log_in", "row", "approve", "request_changes", "reject", "undo", "ask:replay", "rerun:x", "nonsense"]
)
def test_and_cannot_act(client_for, insider, submission, address, act):
    assert client_for(insider).post(address, {"act": act, "message": "No."}).status_code == 403
    submission.refresh_from_db()
    assert submission.is_waiting


def test_one_run_opens_to_the_wire(desk, submission):
    run = SuiteRun.objects.get(pk=submission.evidence["runs"][0])
    run.results.create(
        position=1, case_id="identify", group="core", type="identify", name="Identify", verdict="green", status=200,
        request={"headers": [["X-Test", "1"]], "body": {"encoding": "text", "content": "{}"}},
        response={"status": 200, "headers": [], "body": {"encoding": "text", "content": "ok"}},
    )  # fmt: skip
    run.plan = (
        '[{"position":1,"id":"identify","group":"core","type":"identify","name":"Identify","purpose":"",'
        '"expectation":"2xx","event":{}}]'
    )
    run.planned = 1
    run.save()
    shown = text_of(desk.get(reverse("review-run", args=[submission.pk, run.pk])))
    assert "X-Test" in shown
    assert "Identify" in shown
    assert "suite-rerun" not in shown
    assert "Edit and send again" not in shown


def test_runs_of_other_apps_are_not_reachable(desk, submission, charlie, other_company):
    other = lifecycle.create_app(charlie, other_company, "Rival Thing")
    component = lifecycle.choose_kinds(charlie, other, "subscription", "webhook", other.revision)
    assert component
    run = finish_suite(component)
    assert desk.get(reverse("review-run", args=[submission.pk, run.pk])).status_code == 404


def test_the_page_costs_the_same_with_few_and_many(desk, in_beta, alice, rita, bob, viv, address):
    update = hand_in_an_update(in_beta, alice, description="Other words.")
    pass_all(update, rita)
    lifecycle.reveal_access(rita, in_beta, "username")
    where = reverse("review-submission", args=[update.pk])
    few = {query: queries(desk, where + query) for query in PARTS}
    first = in_beta.submissions.order_by("submitted_at").first()
    for number in range(12):
        Finding.objects.create(submission=first, step="log_in", observed=f"seen {number}", todo="do", by=rita)
        record(rita, "submission.step_judged", in_beta, chain=in_beta.chain, step="log_in", outcome="pass")
        record(alice, "access.revealed", in_beta, chain=in_beta.chain, field="password")
        run = finish_suite(in_beta.components.get())
        SuiteRun.objects.filter(pk=run.pk).update(submission_id=update.pk)
    assert {query: queries(desk, where + query) for query in PARTS} == few
    assert max(few.values()) <= 24, few
    assert text_of(desk.get(where + "?side=history")).count("timeline__meta") <= 15


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(own(captured))
