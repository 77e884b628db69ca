"""One thread per App: who writes, whose turn it is, what is private, and that nothing happens twice."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Record
from leases.transitions import StaleState
from notifications.models import Notice, OutboxMessage, SlackChannel
from notifications.slack import seal_address
from partners.models import Membership
from partners.states import Role
from reviews import decisions, enquiries, threads
from reviews.leaving import company_data
from reviews.models import ThreadEntry
from reviews.refusals import Outdated, Refused
from reviews.states import EnquiryKind
from reviews.thread_page import thread_page
from reviews.waiting import turn_of, unread_count

pytestmark = pytest.mark.django_db


def form(text="Hello", *, token="", seen="", prefix="message", act="message", **more):
    fields = {"text": text, "token": token or str(uuid.uuid4()), "seen": seen}
    return {"act": act, **{f"{prefix}-{name}": value for name, value in fields.items()}, **more}


def partner_page(app) -> str:
    return reverse("app-thread", args=[app.slug])


def desk_page(app) -> str:
    return reverse("review-thread", args=[app.slug])


# --- Verbs ------------------------------------------------------------------------------------------------


def test_a_message_turns_the_turn_and_tells_the_other_side(app, alice, bob, viv, rita, adam):
    threads.post(app, alice, "When will you look?")

    assert threads.turn(app) == "segment"
    assert set(OutboxMessage.objects.values_list("recipient", flat=True)) == {rita.email}
    assert Notice.objects.get(user=rita).url == desk_page(app)

    threads.post(app, rita, "Tomorrow. Which events do you accept?")
    assert threads.turn(app) == "partner"
    assert set(OutboxMessage.objects.filter(kind="thread_message").values_list("recipient", flat=True)) == {
        alice.email, bob.email,
    }  # fmt: skip
    threads.post(app, rita, "By the way: nice logo.", wants_answer=False)
    assert threads.turn(app) == ""


def test_once_a_reviewer_has_written_only_they_are_told(app, alice, rita, adam):
    adam.groups.set(rita.groups.all())
    threads.post(app, alice, "One")
    threads.post(app, rita, "Two")
    threads.post(app, alice, "Three")

    assert OutboxMessage.objects.filter(recipient=adam.email).count() == 1
    assert OutboxMessage.objects.filter(recipient=rita.email).count() == 2


def test_a_message_goes_to_slack_once_for_all_its_readers(app, alice, bob, rita):
    SlackChannel.objects.create(name="#x", address_sealed=seal_address("https://x.example/y"), kinds=["thread_message"])

    threads.post(app, rita, "Hello")

    posted = OutboxMessage.objects.get(channel__isnull=False)
    assert "Hello" in posted.text
    assert rita.email not in posted.text


@pytest.mark.parametrize("who", ["viv", "charlie", "carol"])
def test_others_do_not_write(app, request, who):
    user = request.getfixturevalue(who)
    for verb in (
        lambda: threads.post(app, user, "x"),
        lambda: threads.note(app, user, "x"),
        lambda: threads.settle(app, user),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert not ThreadEntry.objects.exists()


def test_partners_write_no_notes(app, alice):
    with pytest.raises(PermissionDenied):
        threads.note(app, alice, "x")


def test_the_turn_counts_from_the_first_message_that_waits(app, alice):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        threads.post(app, alice, "One")
    with time_machine.travel(start + timedelta(hours=2), tick=False):
        threads.post(app, alice, "Two")

    app.refresh_from_db()
    assert app.thread.turn_since == start


def test_settling_is_for_the_side_whose_turn_it_is(app, alice, rita):
    threads.post(app, alice, "Just so you know.")

    with pytest.raises(StaleState):
        threads.settle(app, alice)
    threads.settle(app, rita)
    with pytest.raises(StaleState):
        threads.settle(app, rita)
    assert [record.action for record in Record.objects.filter(action__startswith="thread.").order_by("pk")] == [
        "thread.message", "thread.settled",
    ]  # fmt: skip


def test_the_same_form_twice_is_one_message(app, alice, client_for):
    client, sent = client_for(alice), form()

    for _ in range(3):
        assert client.post(partner_page(app), sent).status_code == 303
    assert ThreadEntry.objects.count() == 1
    assert Record.objects.filter(action="thread.message").count() == 1


def test_a_strangers_token_is_not_ones_own(app, alice, bob):
    token = uuid.uuid4()
    threads.post(app, alice, "Mine", token=token)

    with pytest.raises(Exception, match=r"(?i)unique"):
        threads.post(app, bob, "Also mine", token=token)


def test_a_day_has_its_budget(app, alice, monkeypatch):
    monkeypatch.setattr(threads, "MESSAGES_A_DAY", 2)
    threads.post(app, alice, "One")
    threads.post(app, alice, "Two")

    with pytest.raises(Refused, match="Go on tomorrow"):
        threads.post(app, alice, "Three")


def test_a_newer_message_is_shown_before_yours_is_sent(app, alice, bob, rita):
    first = threads.post(app, alice, "One")
    threads.post(app, rita, "Two")

    with pytest.raises(Outdated):
        threads.post(app, alice, "Three", seen=first.pk)
    threads.note(app, rita, "A note is nobody's news")
    newest = ThreadEntry.objects.filter(kind="message").latest("pk").pk
    assert threads.post(app, alice, "Three", seen=newest)


# --- Private notes ----------------------------------------------------------------------------------------


def test_notes_never_reach_the_partner(app, company, alice, bob, viv, rita, client_for):
    threads.post(app, rita, "A question")
    threads.note(app, rita, "SECRET-NOTE about them")
    assert unread_count(app, alice, with_notes=False) == 1
    for user in (alice, bob, viv):
        client = client_for(user)
        for name in ("app-thread", "app-detail", "app-activity"):
            assert "SECRET-NOTE" not in client.get(reverse(name, args=[app.slug])).content.decode()
    assert "SECRET-NOTE" in client_for(rita).get(desk_page(app)).content.decode()
    assert "SECRET-NOTE" not in client_for(rita).get(partner_page(app)).content.decode()  # a partner may look over it
    assert not OutboxMessage.objects.filter(text__contains="SECRET-NOTE").exists()
    assert not Notice.objects.filter(text__contains="SECRET-NOTE").exists()
    assert not Record.objects.filter(action__contains="note").exists()


def test_a_reviewer_of_the_company_reads_no_notes(app, company, rita, adam, client_for):
    threads.note(app, adam, "SECRET-NOTE about them")
    Membership.objects.create(company=company, user=rita, role=Role.VIEWER)

    page = client_for(rita).get(desk_page(app))
    assert "SECRET-NOTE" not in page.content.decode()
    assert client_for(rita).post(desk_page(app), form()).status_code == 403


def test_the_partner_reads_roles_and_no_addresses(app, alice, rita, client_for):
    threads.post(app, rita, "Hello")

    page = client_for(alice).get(partner_page(app)).content.decode()
    mail = OutboxMessage.objects.get(recipient=alice.email)
    for shown in (page, mail.text, mail.html):
        assert "Reviewer at Segment" in shown
        assert rita.email not in shown
        assert rita.name not in shown


# --- Whose turn it is -------------------------------------------------------------------------------------


def test_the_turn_knows_everything_that_is_waited_for(submission, alice, rita):
    app = submission.app
    assert turn_of(app, alice, is_partner=True).words == "Waiting on us"
    enquiries.ask(app, rita, EnquiryKind.REPLAY)
    turn = turn_of(app, alice, is_partner=True)
    assert (turn.words, turn.reasons, turn.tone) == ("Waiting on you", ("an answer to our question",), "warning")
    assert turn_of(app, rita, is_partner=False).words == "Waiting on the partner"


def test_the_turn_stands_on_every_page_of_the_app(app, alice, rita, client_for):
    client, page = client_for(alice), reverse("app-settings", args=[app.slug])
    assert "Waiting on" not in client.get(page).content.decode()

    threads.post(app, rita, "A question")
    shown = client.get(page).content.decode()
    assert "Waiting on you" in shown
    assert '<span class="badge">1</span>' in shown
    client.get(partner_page(app))  # looking changes nothing; the page itself says what was seen
    assert '<span class="badge">1</span>' in client.get(page).content.decode()
    newest = ThreadEntry.objects.latest("pk").pk
    assert client.post(partner_page(app), {"act": "read", "newest": newest}).status_code == 303
    assert '<span class="badge">1</span>' not in client.get(page).content.decode()


# --- Pages ------------------------------------------------------------------------------------------------


def test_what_was_decided_stands_between_the_messages(submission, alice, rita):
    threads.post(submission.app, alice, "Please look.")
    decisions.reject(submission, rita, "It does not work.")
    threads.post(submission.app, rita, "Sorry.")

    lines = thread_page(submission.app, alice, side="partner", with_notes=False).lines
    told = [line.event.text if line.event else line.html for line in lines]
    assert told == ["Submitted for review", "<p>Please look.</p>\n", "Rejected", "<p>Sorry.</p>\n"]


def test_markdown_is_light_and_safe(app, alice, client_for):
    threads.post(
        app, alice, "**Bold** <script>alert(1)</script> [x](javascript:alert(1)) ![p](https://evil.example/p.png)"
    )

    page = client_for(alice).get(partner_page(app)).content.decode()
    assert "<strong>Bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert '<img src="https://evil' not in page


def test_a_bad_form_comes_back_with_its_text(app, alice, rita, client_for):
    for client, page in ((client_for(alice), partner_page(app)), (client_for(rita), desk_page(app))):
        assert client.post(page, form("")).status_code == 422
        answer = client.post(page, form("x" * 100_000))
        assert answer.status_code == 422
        assert "x" * 100_000 in answer.content.decode()
        assert client.post(page, form("kept", token="nonsense")).status_code == 422
    assert client_for(rita).post(desk_page(app), form("", prefix="note", act="note")).status_code == 422


def test_a_conflict_keeps_the_text_and_can_be_sent_anyway(app, alice, rita, client_for):
    threads.post(app, rita, "News")
    client, sent = client_for(alice), form("My answer", seen="0")

    late = client.post(partner_page(app), sent)
    assert late.status_code == 409
    assert "My answer" in late.content.decode()
    newest = ThreadEntry.objects.get().pk
    assert f'name="message-seen" value="{newest}"' in late.content.decode()
    assert client.post(partner_page(app), sent | {"message-seen": newest}).status_code == 303


def test_reviewers_write_note_and_settle_from_the_submission(submission, alice, rita, client_for):
    app, client = submission.app, client_for(rita)
    threads.post(app, alice, "Hello?")
    back = {"back_to": str(submission.pk)}

    answer = client.post(desk_page(app), {"act": "settle", **back})
    assert answer["Location"] == f"/admin/review/{submission.pk}/#thread"
    assert threads.turn(app) == ""
    client.post(desk_page(app), form("Private", prefix="note", act="note", **back))
    client.post(desk_page(app), form("Public", **back, **{"message-no_answer": "on"}))
    assert list(ThreadEntry.objects.order_by("pk").values_list("kind", "text")) == [
        ("message", "Hello?"), ("note", "Private"), ("message", "Public"),
    ]  # fmt: skip
    assert threads.turn(app) == ""


def test_a_long_thread_costs_the_same_and_comes_in_pages(app, alice, rita, client_for):
    client = client_for(alice)
    threads.post(app, rita, "First")
    client.get(partner_page(app))
    with CaptureQueriesContext(connection) as few:
        client.get(partner_page(app))
    entry = {"app": app, "kind": "message", "side": "segment", "author": rita, "role": "Reviewer"}
    ThreadEntry.objects.bulk_create([ThreadEntry(**entry, text=f"Nr {number}") for number in range(60)])
    threads.read_to(app, alice, ThreadEntry.objects.latest("pk").pk)

    with CaptureQueriesContext(connection) as many:
        page = client.get(partner_page(app))

    assert len(many) == len(few)
    assert [line.html for line in page.context["thread"].lines][-1] == "<p>Nr 59</p>\n"
    assert len(page.context["thread"].lines) == 25
    oldest = client.get(f"{partner_page(app)}?page=3").context["thread"].lines
    assert oldest[0].html == "<p>First</p>\n"


def test_threads_of_others_do_not_exist(app, charlie, carol, client_for, other_company):
    for user in (charlie, carol):
        assert client_for(user).get(partner_page(app)).status_code == 404
        assert client_for(user).post(partner_page(app), form()).status_code == 404
        assert client_for(user).post(desk_page(app), form()).status_code == 302  # to the log-in of the admin


def test_the_company_exports_its_thread_without_notes(app, company, alice, rita):
    threads.post(app, alice, "Hello")
    threads.note(app, rita, "SECRET-NOTE")

    exported = str(company_data(company))
    assert "Hello" in exported
    assert "SECRET-NOTE" not in exported
