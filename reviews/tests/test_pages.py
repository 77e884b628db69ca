"""The pages: who sees them, what they say, what comes back after an error, what happens twice."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps_catalog.lifecycle import create_app
from apps_catalog.models import App
from notifications.models import OutboxMessage
from reviews import beta, decisions, enquiries, submissions
from reviews.decisions import FindingDraft
from reviews.models import BetaInvite, Enquiry, Problem, Release, Submission, Verification
from reviews.states import Attested, EnquiryKind, ReviewStep, SubmissionState
from reviews.tests.conftest import pass_all
from reviews.tests.test_beta import token_of
from tests.sandbox import tried, verified

pytestmark = pytest.mark.django_db
CONSOLE = ["app-detail", "app-submit", "app-review", "app-enquiries", "app-beta"]


def text_of(response) -> str:
    """What a person reads, on one line."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(body).split())


@pytest.fixture
def alices(alice, client_for) -> Client:
    return client_for(alice)


@pytest.fixture
def carols(carol, client_for) -> Client:
    return client_for(carol)


# --- The console ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONSOLE)
@pytest.mark.parametrize("stage", ["app", "ready", "submission", "in_beta", "asked", "listed"])
def test_every_page_in_every_stage_for_members_and_strangers(name, stage, request, client_for, viv, charlie) -> None:
    made = request.getfixturevalue(stage)
    app = made if isinstance(made, App) else made.app
    url = reverse(name, args=[app.slug])
    for person in ("alice", "viv", "rita"):
        assert client_for(request.getfixturevalue(person)).get(url).status_code == 200
    assert client_for(charlie).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_the_overview_shows_the_next_best_action_and_every_item(app: App, alices) -> None:
    page = text_of(alices.get(reverse("app-detail", args=[app.slug])))
    assert "Next: Choose how to collect and to process" in page
    for words in (
        "Partner access",
        "Segment public beta approval",
        "Data seen in your own service",
        "App created",
        "Alice",
    ):
        assert words in page


def test_confirming_and_taking_back(app: App, alices) -> None:
    url = reverse("app-attest", args=[app.slug])
    for _ in range(2):
        response = alices.post(url, {"item": Attested.DATA_SEEN, "note": "In the live view."})
        assert response.status_code == 303
        assert response.url.endswith("#item-data_seen")
    assert app.attestations.get().note == "In the live view."
    alices.post(url, {"item": Attested.DATA_SEEN, "undo": "1"})
    assert not app.attestations.exists()
    assert alices.post(url, {"item": "nonsense"}).status_code == 422
    assert alices.post(url, {"item": Attested.DATA_SEEN, "note": "x" * 301}).status_code == 422
    assert alices.get(url).status_code == 405


def test_viewers_and_staff_change_nothing(in_beta: App, viv, rita, client_for) -> None:
    for person in (viv, rita):
        client = client_for(person)
        for name in (
            "app-attest",
            "app-submit",
            "app-withdraw",
            "app-enquiries",
            "app-beta-invite",
            "app-beta-access",
            "app-beta-ask",
        ):
            assert client.post(reverse(name, args=[in_beta.slug])).status_code == 403


def test_submit_names_what_is_missing_and_keeps_the_note(app: App, alices) -> None:
    url = reverse("app-submit", args=[app.slug])
    response = alices.post(url, {"note": "First <b>version</b>."})
    assert response.status_code == 422
    page = text_of(response)
    assert "Not submitted" in page
    assert "First <b>version</b>." in page
    assert "Test account for reviewers" in page
    assert "Submit for Review" in page
    assert not Submission.objects.exists()


def test_submit_promises_a_date_and_works_twice(ready: App, alices) -> None:
    url = reverse("app-submit", args=[ready.slug])
    assert "Submitted now, you have an answer by" in text_of(alices.get(url))
    for _ in range(2):
        response = alices.post(url, {"note": "First."})
        assert (response.status_code, response.url) == (303, reverse("app-review", args=[ready.slug]))
    assert Submission.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="submission_received").count() == 1


def test_a_long_note_comes_back(ready: App, alices) -> None:
    note = "x" * 100_000
    response = alices.post(reverse("app-submit", args=[ready.slug]), {"note": note})
    assert response.status_code == 422
    assert note in response.content.decode()


def test_an_update_needs_a_note(in_beta: App, alices) -> None:
    response = alices.post(reverse("app-submit", args=[in_beta.slug]), {"note": ""})
    assert response.status_code == 422
    assert "Say what changed" in text_of(response)


def test_the_review_page_tells_findings_and_lets_withdraw(submission: Submission, rita, alices) -> None:
    url = reverse("app-review", args=[submission.app.slug])
    page = text_of(alices.get(url))
    assert "Waiting for review" in page
    assert "Withdraw version 1" in page
    decisions.request_changes(
        submission, rita, [FindingDraft(ReviewStep.DOCS_MATCH, "<i>Docs</i> differ", "Align them")], "Close!"
    )
    page = text_of(alices.get(url))
    for words in ("Changes requested", "<i>Docs</i> differ", "Align them", "Close!"):
        assert words in page
    assert "Withdraw version" not in page


def test_withdrawing_twice_and_too_late(submission: Submission, alices) -> None:
    url = reverse("app-withdraw", args=[submission.app.slug])
    for _ in range(2):
        assert alices.post(url, {"submission": submission.pk}).status_code == 303
    assert Submission.objects.get().state == SubmissionState.WITHDRAWN
    for junk in ("", "junk", "00000000-0000-0000-0000-000000000000"):
        assert alices.post(url, {"submission": junk}).status_code == 404


def test_the_frozen_version(submission: Submission, alices) -> None:
    slug = submission.app.slug
    page = text_of(alices.get(reverse("app-version", args=[slug, 1])))
    assert submission.version.digest in page
    assert "<svg" not in page
    assert alices.get(reverse("app-version", args=[slug, 2])).status_code == 404


# --- Questions ------------------------------------------------------------------------------------------


def test_questions_are_answered_revised_and_protected_from_a_second_tab(ready: App, rita, alices) -> None:
    url = reverse("app-enquiries", args=[ready.slug])
    assert "No questions" in text_of(alices.get(url))
    enquiries.ask(ready, rita, EnquiryKind.REPLAY)
    enquiries.ask(ready, rita, EnquiryKind.OAUTH)
    answer = {
        "kind": "replay",
        "revision": 0,
        "timestamp": "yes",
        "order": "no",
        "rate": "yes",
        "limits": "10 per second",
    }
    assert alices.post(url, {**answer, "order": ""}).status_code == 422
    assert alices.post(url, answer).status_code == 303
    assert alices.post(url, answer).status_code == 303  # a double click
    assert (Enquiry.objects.get(kind="replay").answer or {})["limits"] == "10 per second"
    response = alices.post(url, {**answer, "limits": "another tab"})
    assert response.status_code == 409
    page = text_of(response)
    assert "another tab" in page
    assert "10 per second" in page
    assert alices.post(url, {**answer, "limits": "another tab", "revision": 1}).status_code == 303
    assert alices.post(url, {"kind": "oauth", "revision": 0, "plan": "planned"}).status_code == 422
    assert alices.post(url, {"kind": "oauth", "revision": 0, "plan": "working"}).status_code == 303
    assert alices.post(url, {"kind": "nonsense"}).status_code == 404
    assert OutboxMessage.objects.filter(kind="enquiry_answered").count() == 3


# --- The partner's beta page ------------------------------------------------------------------------------


def test_the_beta_page_invites_and_asks(in_beta: App, alices, carol) -> None:
    slug = in_beta.slug
    page = text_of(alices.get(reverse("app-beta", args=[slug])))
    assert f"/goto-my-workspace/destinations/catalog/{slug}" in page
    assert "1 customer has to confirm" in page
    invite = reverse("app-beta-invite", args=[slug])
    for _ in range(2):
        assert alices.post(invite, {"email": carol.email}).status_code == 303
    assert BetaInvite.objects.count() == 1
    for junk in ("", "no address", "a@b.example,c@d.example", '"a b"@c.example'):
        response = alices.post(invite, {"email": junk})
        assert response.status_code == 422
    ask = reverse("app-beta-ask", args=[slug])
    response = alices.post(ask)
    assert response.status_code == 422
    assert "Not done" in text_of(response)
    verified(in_beta, carol, "Works.")
    for _ in range(2):
        assert alices.post(ask).status_code == 303
    assert Release.objects.count() == 1
    revoke = reverse("app-beta-revoke", args=[slug, BetaInvite.objects.get().pk])
    for _ in range(2):
        assert alices.post(revoke).status_code == 303
    alices.post(reverse("app-beta-access", args=[slug]), {"invited_only": "yes"})
    assert App.objects.get(pk=in_beta.pk).invited_only


def test_an_invitation_of_another_app_cannot_be_revoked_here(
    in_beta: App, alice, charlie, other_company, client_for
) -> None:
    made = beta.invite(in_beta, alice, "c@customer.example")
    rival = create_app(charlie, other_company, "Rival Tool")
    url = reverse("app-beta-revoke", args=[rival.slug, made.pk])
    assert client_for(charlie).post(url).status_code == 404
    made.refresh_from_db()
    assert made.revoked_at is None


# --- The special URL ----------------------------------------------------------------------------------------


def door(app: App) -> str:
    return f"/goto-my-workspace/destinations/catalog/{app.slug}"


def about(app: App) -> str:
    return f"{door(app)}/about/"


def without_tokens(response, slug: str) -> str:
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return body.replace(slug, "SLUG")


def test_the_door_shows_the_entry_and_takes_a_confirmation(in_beta: App, carols, carol) -> None:
    tried(carol, in_beta)
    response = carols.get(about(in_beta))
    page = text_of(response)
    for words in (
        "Acme Analytics",
        "by Acme",
        "Sends your events to Acme.",
        "API Key",
        "This is a beta",
        "It works for me",
    ):
        assert words in page
    url = reverse("beta-verify", args=[in_beta.slug])
    assert carols.post(url, {"verify-note": ""}).status_code == 422
    for _ in range(2):
        assert carols.post(url, {"verify-note": "Events arrive."}).status_code == 303
    assert Verification.objects.get().note == "Events arrive."
    assert "You confirmed version 1" in text_of(carols.get(about(in_beta)))
    problem = reverse("beta-problem", args=[in_beta.slug])
    assert carols.post(problem, {"problem-text": ""}).status_code == 422
    for _ in range(2):
        assert carols.post(problem, {"problem-text": "It is slow."}).status_code == 303
    assert Problem.objects.count() == 1


def test_the_partner_sees_a_preview_and_cannot_confirm(app: App, alices) -> None:
    page = text_of(alices.get(about(app)))
    assert "Preview of your draft" in page
    assert "your confirmation would not count" in page
    assert alices.post(reverse("beta-verify", args=[app.slug]), {"verify-note": "x"}).status_code == 403


def test_hidden_and_unknown_answer_alike(in_beta: App, alice, carols, settings) -> None:
    settings.DEBUG = False
    beta.set_invited_only(in_beta, alice, True)
    unknown = App(slug="no-such-app-at")  # as long as the other
    for act in (
        lambda app: carols.get(door(app)),
        lambda app: carols.get(about(app)),
        lambda app: carols.post(reverse("beta-verify", args=[app.slug]), {"verify-note": "x"}),
        lambda app: carols.post(reverse("beta-problem", args=[app.slug]), {"problem-text": "x"}),
        lambda app: Client().get(door(app)),
    ):
        hidden, missing = act(in_beta), act(unknown)
        assert hidden.status_code == missing.status_code != 200
        assert without_tokens(hidden, in_beta.slug) == without_tokens(missing, "no-such-app-at")
        assert {**hidden.headers, "Location": ""} == {**missing.headers, "Location": ""}


@pytest.mark.parametrize("slug", ["x" * 500, "%00", "ä", "UPPER.case", "-"])
def test_odd_slugs_are_just_not_found(slug, carols) -> None:
    assert carols.get(f"/goto-my-workspace/destinations/catalog/{slug}").status_code == 404


def test_the_door_is_secluded(in_beta: App, carols) -> None:
    unknown = App(slug="no")
    addresses = (door(in_beta), about(in_beta), door(unknown), about(unknown))
    for response in (*map(carols.get, addresses), Client().get(door(in_beta))):
        assert response["Referrer-Policy"] == ("same-origin" if response.status_code == 404 else "no-referrer")
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Cache-Control"] == "private, no-store"


def test_the_forms_of_the_door_pass_the_origin_check(in_beta: App, carols) -> None:
    # A browser sends “Origin: null” from a page under no-referrer; the <meta> keeps the page's own forms alive.
    page = carols.get(about(in_beta)).content.decode()
    assert '<meta name="referrer" content="same-origin">' in page


def test_a_listed_app_opens_for_everybody_signed_in(listed: App, charlie, client_for) -> None:
    App.objects.filter(pk=listed.pk).update(invited_only=True)
    assert client_for(charlie).get(about(listed)).status_code == 200


def test_an_invitation_is_accepted_by_a_button(in_beta: App, alice, carols, charlie, client_for) -> None:
    beta.set_invited_only(in_beta, alice, True)
    made = beta.invite(in_beta, alice, "carol@elsewhere.example")
    url = reverse("beta-invite-accept", args=[token_of(made)])
    assert Client().get(url).status_code == 302
    assert "Acme asks you to try Acme Analytics" in text_of(carols.get(url))
    made.refresh_from_db()
    assert made.accepted_at is None
    for _ in range(2):
        response = carols.post(url)
        assert (response.status_code, response.url) == (303, door(in_beta))
    assert carols.get(door(in_beta), follow=True).status_code == 200
    assert client_for(charlie).get(url).status_code == 404
    assert carols.get(reverse("beta-invite-accept", args=["wrong"])).status_code == 404


# --- Cost -----------------------------------------------------------------------------------------------------


def _count(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", [*CONSOLE, "app-workspace", "beta-about"])
def test_pages_cost_the_same_however_much_there_is(name, in_beta: App, alice, rita, carol, charlie, alices) -> None:
    url = reverse(name, args=[in_beta.slug])
    beta.invite(in_beta, alice, "c@customer.example")
    verified(in_beta, carol, "Works.")
    enquiries.ask(in_beta, rita, EnquiryKind.REPLAY)
    before = _count(alices, url)
    for number in range(4):
        beta.invite(in_beta, alice, f"c{number}@customer.example")
    verified(in_beta, charlie, "Works.")
    enquiries.ask(in_beta, rita, EnquiryKind.OAUTH)
    for enquiry in Enquiry.objects.all():
        enquiries.answer(enquiry, alice, {"plan": "planned"}, enquiry.revision)
    for number in range(4):
        made = submissions.submit(App.objects.get(pk=in_beta.pk), alice, f"Update {number}")
        pass_all(made, rita)
        decisions.request_changes(made, rita, [FindingDraft(step, "seen", "todo") for step in ReviewStep])
    assert _count(alices, url) <= before + 1  # prefetching findings of a decided submission
