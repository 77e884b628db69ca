from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from audit.models import Record
from audit.recording import SYSTEM
from leases import doorbell
from leases.transitions import StaleState
from notifications import control, outbox
from notifications.models import Notice, OutboxMessage
from notifications.states import MessageState
from notifications.tests.conftest import HOSTILE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_templates")]


def queue(to="reader@demo.example", who="Acme", **options) -> OutboxMessage:
    return outbox.queue("test.probe", to, "probe", {"who": who}, **options)


def test_a_mail_is_rendered_when_it_is_queued(alice, settings):
    message = queue(alice, url="/apps/acme/", case="app:1")

    assert message.subject == "Acme wants a word"
    assert f"Hello {alice.display_name}, Acme wants a word." in message.text
    assert "http://localhost:8000/apps/acme/" in message.text
    assert 'href="http://localhost:8000/apps/acme/"' in message.html
    assert 'style="' in message.html
    assert "prefers-color-scheme: dark" in message.html
    assert message.message_id == f"<{message.pk}@{settings.SITE_HOST}>"
    assert (message.state, message.recipient) == (MessageState.QUEUED, alice.email)


def test_times_are_told_in_the_readers_zone(alice):
    alice.time_zone = "America/New_York"
    at = datetime(2026, 1, 5, 17, 30, tzinfo=UTC)

    assert "at 12:30" in outbox.queue("test", alice, "probe", {"at": at}).html
    assert "at 17:30" in outbox.queue("test", "b@demo.example", "probe", {"at": at}).html


def test_names_are_escaped_in_html_and_only_there():
    message = queue(who=HOSTILE)

    assert "<script>" not in message.html
    assert "&lt;script&gt;" in message.html
    assert f"{HOSTILE} wants a word" in message.text
    assert message.subject == f"{HOSTILE} wants a word"


def test_a_name_cannot_add_headers_turn_the_text_around_or_be_a_template():
    message = queue(who="A\r\nBcc: x@demo.example\x00\u202e {{ recipient }}{% debug %}")

    assert message.subject == "A Bcc: x@demo.example {{ recipient }}{% debug %} wants a word"
    assert "\x00" not in message.text


def test_a_subject_is_cut_at_200_characters():
    message = queue(who="x" * 500)

    assert len(message.subject) == 200
    assert message.subject.endswith("…")


@pytest.mark.parametrize(
    "address",
    [
        "a@demo.example, b@demo.example", "a@demo.example\nBcc: b@demo.example", "a@demo.example\r", "",
        "Team: a@demo.example, b@demo.example;", "<a@demo.example>", "Alice <a@demo.example>", "a@b@demo.example",
        '"a@demo.example, b"@demo.example', '"a b"@demo.example', "a@demo.example;b@demo.example", "a demo.example",
        "ä@demo.example", "a@demo.example ", f"{'x' * 64}@{'d' * 190}.example", "=?utf-8?q?a?=@demo.example>",
        "a\x00@demo.example",
    ],
)  # fmt: skip
def test_a_row_has_exactly_one_recipient(address):
    with pytest.raises(ValidationError):
        queue(address)
    with pytest.raises(ValidationError):
        outbox.queue_raw("test", address, "Hello", "Hello")

    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "apps/", "javascript:alert(1)", "/\\evil.example"]
)
def test_links_stay_on_this_site(url):
    with pytest.raises(ValueError, match="not a path"):
        queue(url=url)


def test_the_same_effect_twice_is_one_mail_and_one_notice(alice):
    first = queue(alice, notice="Look", dedupe_key="app:1:approved")
    second = queue(alice, notice="Look", dedupe_key="app:1:approved")

    assert first == second
    assert OutboxMessage.objects.count() == Notice.objects.count() == 1


def test_the_loser_of_a_race_for_a_key_gets_the_winners_mail(monkeypatch):
    first = queue(dedupe_key="app:1")
    answers = iter([None, first])
    monkeypatch.setattr(outbox, "_find", lambda key: next(answers))

    assert queue(dedupe_key="app:1") == first
    assert OutboxMessage.objects.count() == 1


def test_a_notice_keeps_what_the_mail_said(alice):
    message = queue(alice, notice="Acme\nwants <b>a word</b>", url="/apps/acme/")

    notice = alice.notices.get()
    assert (notice.text, notice.url, notice.message) == ("Acme wants <b>a word</b>", "/apps/acme/", message)


def test_a_held_mail_and_its_notice_wait(alice):
    message = queue(alice, notice="Decided", hold=timedelta(minutes=10))

    assert message.due_at is not None
    assert message.due_at > timezone.now() + timedelta(minutes=9)
    assert alice.notices.get().visible_at == message.due_at


def test_what_is_undone_is_never_said(alice):
    gone = queue(alice, notice="Approved", hold=timedelta(minutes=10), dedupe_key="submission:1:approved")
    other = queue(alice, notice="Approved", hold=timedelta(minutes=10), dedupe_key="submission:12:approved")

    assert outbox.drop("submission:1") == 1
    assert outbox.drop("submission:1") == 0

    gone.refresh_from_db()
    other.refresh_from_db()
    assert (gone.state, gone.due_at, gone.text) == (MessageState.DROPPED, None, "")
    assert other.state == MessageState.QUEUED
    assert [notice.message for notice in alice.notices.all()] == [other]


def test_after_an_undo_the_same_decision_can_be_told_again():
    first = queue(dedupe_key="submission:1:approved", hold=timedelta(minutes=10))
    outbox.drop("submission:1:")

    second = queue(dedupe_key="submission:1:approved", hold=timedelta(minutes=10))

    assert second != first
    assert second.state == MessageState.QUEUED


def test_what_is_being_sent_cannot_be_taken_back():
    queue(dedupe_key="submission:1")
    (row,) = OutboxMessage.objects.queued().claim(lease=timedelta(seconds=30))

    assert outbox.drop("submission:1") == 0
    assert row.settle(state=MessageState.SENT)


def test_an_empty_prefix_drops_nothing():
    queue(dedupe_key="a")
    with pytest.raises(ValueError, match="empty"):
        outbox.drop(":")


def test_a_failed_mail_is_sent_again_by_a_recorded_act(adam, make_mail):
    message = make_mail(state=MessageState.FAILED, tries=8, due_at=None, last_error="550")

    control.retry(message, adam)

    message.refresh_from_db()
    assert (message.state, message.tries) == (MessageState.QUEUED, 0)
    assert message.due_at is not None
    assert Record.objects.get().actor == f"user:{adam.pk}"
    with pytest.raises(StaleState):
        control.retry(message, SYSTEM)


def test_who_leaves_leaves_no_mail_behind(make_mail):
    make_mail("Gone@demo.example")
    make_mail("stays@demo.example")

    assert outbox.forget("gone@demo.example") == 1
    assert OutboxMessage.objects.get().recipient == "stays@demo.example"


def test_a_mail_worded_elsewhere_is_kept_as_it_is():
    message = outbox.queue_raw("account", "a@demo.example", "Your\r\ncode", "ABCD-EFGH\x00\n")

    assert (message.subject, message.text, message.html) == ("Your code", "ABCD-EFGH\n", "")
    assert message.is_secret


@pytest.mark.django_db(transaction=True)
def test_a_mail_lives_and_dies_with_its_cause(monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr(doorbell._bell, "ring", rung.append)

    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert (OutboxMessage.objects.count(), rung) == (0, [])

    queue()
    assert (OutboxMessage.objects.count(), rung) == (1, [outbox.DELIVER])

    queue(hold=timedelta(minutes=1))  # the sweep finds it when its time has come
    assert rung == [outbox.DELIVER]


def test_a_hold_that_has_lost_its_reason_ends(alice):
    held = outbox.queue(
        "decision", alice, "probe", {}, notice="Decided.", dedupe_key="case:1:a", hold=timedelta(hours=1)
    )
    other = outbox.queue("decision", alice, "probe", {}, dedupe_key="case:12:a", hold=timedelta(hours=1))

    assert (outbox.let_go("case:1:"), outbox.let_go("case:1:")) == (1, 0)

    held.refresh_from_db()
    other.refresh_from_db()
    assert held.due_at <= timezone.now() < other.due_at
    assert Notice.objects.get(message=held).visible_at == held.due_at
    with pytest.raises(ValueError, match="empty"):
        outbox.let_go("::")
