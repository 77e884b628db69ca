"""Delivery against a real mail server on loopback that misbehaves as told."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.core.mail import get_connection
from django.utils import timezone

from notifications import delivery
from notifications.delivery import DEFERRED, FAILED, LEASE, LOST, MAX_TRIES, SENT, Tally, drain, next_try, send_one
from notifications.line import Line
from notifications.models import OutboxMessage
from notifications.states import MessageState
from tests.services.smtp import Behaviour, SmtpServer

pytestmark = pytest.mark.django_db

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def line_to(server: SmtpServer, timeout: float = 5) -> Line:
    return Line(lambda: get_connection(SMTP, host="127.0.0.1", port=server.port, timeout=timeout))


def claim_one() -> OutboxMessage:
    (row,) = OutboxMessage.objects.next_in_line().claim(lease=LEASE)
    return row


def test_a_mail_arrives_whole(make_mail, smtp_server, settings):
    row = make_mail(subject="Grüße", text="Plain ö\n", html="<p>Rich ö</p>", case="app:12")

    assert drain(line=line_to(smtp_server)) == Tally(sent=1)

    (mail,) = smtp_server.to("a@demo.example")
    assert (mail.subject, mail.message_id) == ("Grüße", row.message_id)
    assert (mail.text().strip(), mail.text("text/html").strip()) == ("Plain ö", "<p>Rich ö</p>")
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["References"] == mail.message["In-Reply-To"] == f"<case-app.12@{settings.SITE_HOST}>"
    row.refresh_from_db()
    assert (row.state, row.due_at, row.sending_since, row.possible_repeats) == (MessageState.SENT, None, None, 0)
    assert row.sent_at is not None


def test_a_backlog_goes_out_over_one_connection_in_order(make_mail, smtp_server):
    for _ in range(45):
        make_mail()
    opened: list[int] = []

    def connect():
        opened.append(smtp_server.port)
        return get_connection(SMTP, host="127.0.0.1", port=smtp_server.port, timeout=5)

    assert drain(line=Line(connect)) == Tally(sent=45)

    assert [mail.subject for mail in smtp_server.mails] == [f"Mail {number}" for number in range(45)]
    assert len(opened) == 1


def test_a_limit_is_kept(make_mail, smtp_server):
    for _ in range(5):
        make_mail()

    assert drain(limit=3, line=line_to(smtp_server)) == Tally(sent=3)
    assert OutboxMessage.objects.queued().count() == 2


@pytest.mark.parametrize(
    "row_state", [{"due_at": timezone.now() + timedelta(hours=1)}, {"state": MessageState.DROPPED}]
)
def test_held_and_dropped_mails_stay(make_mail, smtp_server, row_state):
    make_mail(**row_state)

    assert drain(line=line_to(smtp_server)) == Tally()
    assert smtp_server.mails == []


@pytest.mark.parametrize(
    ("behaviour", "result", "repeats"),
    [
        (Behaviour.BUSY, Tally(deferred=1, sent=1), 0),
        (Behaviour.REJECT, Tally(failed=1, sent=1), 0),
        (Behaviour.REJECT_RECIPIENT, Tally(failed=1, sent=1), 0),
        (Behaviour.HANG, Tally(deferred=1), 1),
        (Behaviour.HANG_UP, Tally(deferred=1), 1),
        (Behaviour.STORE_AND_HANG_UP, Tally(deferred=1), 1),
        (Behaviour.ACCEPT_AND_HANG_UP, Tally(sent=2), 0),
    ],
)
def test_one_mail_in_trouble_does_not_stop_the_others(make_mail, smtp_server, behaviour, result, repeats):
    troubled, other = make_mail("troubled@demo.example"), make_mail("other@demo.example")
    smtp_server.behave(behaviour, times=1)

    assert drain(line=line_to(smtp_server, timeout=0.5)) == result
    drain(line=line_to(smtp_server))

    troubled.refresh_from_db()
    other.refresh_from_db()
    assert (other.state, other.tries) == (MessageState.SENT, 0)
    assert troubled.possible_repeats == repeats
    if result.deferred:
        assert (troubled.state, troubled.tries) == (MessageState.QUEUED, 1)
        assert troubled.due_at > timezone.now()
        assert troubled.last_error
    if result.failed:
        assert (troubled.state, troubled.due_at) == (MessageState.FAILED, None)
        assert "550" in troubled.last_error


def test_when_the_server_is_away_everybody_waits(make_mail, smtp_server):
    for _ in range(25):
        make_mail()
    smtp_server.stop()

    assert drain(line=line_to(smtp_server)) == Tally(deferred=20)

    waiting = OutboxMessage.objects.filter(tries=1)
    assert waiting.count() == 20
    assert not waiting.filter(possible_repeats__gt=0).exists()
    smtp_server.start()
    OutboxMessage.objects.update(due_at=timezone.now())
    assert drain(line=line_to(smtp_server)) == Tally(sent=25)
    assert smtp_server.repeats() == {}


def test_eight_tries_over_a_day_then_it_is_flagged(make_mail, smtp_server):
    row = make_mail()
    smtp_server.behave(Behaviour.BUSY)
    for _ in range(MAX_TRIES):
        OutboxMessage.objects.filter(state=MessageState.QUEUED).update(due_at=timezone.now())
        drain(line=line_to(smtp_server))

    row.refresh_from_db()
    assert (row.state, row.tries, row.due_at) == (MessageState.FAILED, 8, None)
    assert "451" in row.last_error
    assert smtp_server.attempts == 8


def test_the_tries_spread_over_a_day():
    now = start = timezone.now()
    for tries in range(1, MAX_TRIES):
        later = next_try(tries, now)
        assert later is not None
        assert later > now
        now = later

    assert timedelta(hours=20) < now - start <= timedelta(hours=24)
    assert next_try(MAX_TRIES, now) is None


def test_mails_of_one_case_arrive_in_order(make_mail, smtp_server):
    first, second = make_mail(case="app:1"), make_mail(case="app:1")
    make_mail(case="app:2")
    make_mail("b@demo.example", case="app:1")
    smtp_server.behave(Behaviour.BUSY, times=1)

    assert drain(line=line_to(smtp_server)) == Tally(deferred=1, sent=2)
    assert drain(line=line_to(smtp_server)) == Tally()  # the second waits for the first, which is not due

    OutboxMessage.objects.filter(pk=first.pk).update(due_at=timezone.now())
    assert drain(line=line_to(smtp_server)) == Tally(sent=2)
    second.refresh_from_db()
    assert [mail.message_id for mail in smtp_server.mails[-2:]] == [first.message_id, second.message_id]
    assert second.tries == 0


def test_a_worker_killed_while_sending_is_counted_as_a_possible_repeat(make_mail, smtp_server):
    make_mail()
    row = claim_one()
    delivery._mark(row)
    with closing(line_to(smtp_server)) as line:
        line.hand_over(row)  # and here it is killed
    OutboxMessage.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert drain(line=line_to(smtp_server)) == Tally(sent=1)

    row.refresh_from_db()
    assert (row.state, row.possible_repeats, row.attempts, row.tries) == (MessageState.SENT, 1, 2, 0)
    assert smtp_server.repeats() == {row.message_id: 2}


def test_a_worker_killed_before_sending_repeats_nothing(make_mail, smtp_server):
    row = make_mail()
    claim_one()
    OutboxMessage.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert drain(line=line_to(smtp_server)) == Tally(sent=1)
    row.refresh_from_db()
    assert row.possible_repeats == 0
    assert smtp_server.repeats() == {}


def test_a_worker_that_slept_through_its_lease_sends_nothing(make_mail, smtp_server):
    make_mail()
    sleeper = claim_one()
    OutboxMessage.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    drain(line=line_to(smtp_server))

    assert send_one(sleeper, line_to(smtp_server)) == (LOST, None)
    assert len(smtp_server.mails) == 1


def test_a_worker_that_falls_asleep_while_sending_changes_nothing(make_mail, smtp_server):
    make_mail()
    sleeper = claim_one()
    delivery._mark(sleeper)
    OutboxMessage.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    drain(line=line_to(smtp_server))

    with closing(line_to(smtp_server)) as line:
        line.hand_over(sleeper)
    assert delivery._settle(sleeper, None) == LOST

    row = OutboxMessage.objects.get()
    assert (row.state, row.possible_repeats) == (MessageState.SENT, 1)
    assert smtp_server.repeats() == {row.message_id: 2}


def test_a_message_that_kills_every_worker_is_set_aside(make_mail, smtp_server):
    make_mail(possible_repeats=MAX_TRIES)

    assert drain(line=line_to(smtp_server)) == Tally(failed=1)
    assert smtp_server.attempts == 0


def test_a_message_that_cannot_be_built_fails_alone(make_mail, smtp_server):
    make_mail(subject="two\nlines")
    make_mail()

    assert drain(line=line_to(smtp_server)) == Tally(failed=1, sent=1)
    assert "BadHeaderError" in OutboxMessage.objects.get(state=MessageState.FAILED).last_error


@pytest.mark.parametrize(
    ("behaviour", "result"), [(Behaviour.ACCEPT, SENT), (Behaviour.REJECT, FAILED), (Behaviour.BUSY, DEFERRED)]
)
def test_a_code_is_kept_only_as_long_as_it_is_needed(make_mail, smtp_server, behaviour, result):
    make_mail(is_secret=True, text="ABCD-EFGH", html="<p>ABCD-EFGH</p>")
    smtp_server.behave(behaviour)

    with closing(line_to(smtp_server)) as line:
        assert send_one(claim_one(), line)[0] == result

    row = OutboxMessage.objects.get()
    assert (row.text + row.html == "") is (result != DEFERRED)


def test_an_error_of_ours_is_not_the_mails_fault(make_mail):
    class Broken(Line):
        def send(self, mail):
            raise RuntimeError("a bug")

    make_mail()
    with pytest.raises(RuntimeError):
        drain(line=Broken())

    assert OutboxMessage.objects.get().state == MessageState.QUEUED


def test_envelopes_hold_one_recipient(make_mail, smtp_server):
    make_mail("o'neil+tag@demo.example")
    drain(line=line_to(smtp_server))

    assert smtp_server.mails[0].recipients == ["o'neil+tag@demo.example"]
