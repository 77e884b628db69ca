"""Leases, shown on the outbox: the smallest table that has them."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from notifications.models import OutboxMessage
from tests.counts import count

LEASE = timedelta(seconds=30)


def make_rows(number: int = 1, **fields) -> list[OutboxMessage]:
    now = timezone.now()
    rows = [
        OutboxMessage(
            kind="test", recipient="a@demo.example", message_id=uuid.uuid4().hex,
            **{"due_at": now - timedelta(seconds=number - index), **fields},
        )
        for index in range(number)
    ]  # fmt: skip
    return OutboxMessage.objects.bulk_create(rows)


@pytest.mark.django_db
def test_a_claim_takes_the_oldest_due_rows_once():
    rows = make_rows(3)

    first = OutboxMessage.objects.claim(limit=2, lease=LEASE)
    second = OutboxMessage.objects.claim(limit=2, lease=LEASE)

    assert [row.pk for row in first] == [row.pk for row in rows[:2]]
    assert [row.pk for row in second] == [rows[2].pk]
    assert first[0].attempts == 1
    assert OutboxMessage.objects.claim(limit=2, lease=LEASE) == []


@pytest.mark.django_db
@pytest.mark.parametrize("due_at", [None, timezone.now() + timedelta(hours=1)])
def test_what_is_not_due_is_not_claimed(due_at):
    make_rows(due_at=due_at)

    assert OutboxMessage.objects.claim(lease=LEASE) == []


@pytest.mark.django_db
def test_a_lease_that_ran_out_is_taken_over_and_the_late_result_is_dropped():
    make_rows()
    (slow,) = OutboxMessage.objects.claim(lease=timedelta(seconds=-1))
    (quick,) = OutboxMessage.objects.claim(lease=LEASE)

    assert slow.still_held(extend=LEASE) is False
    assert slow.settle(last_error="late") is False
    assert slow.last_error == ""
    assert quick.settle(last_error="in time") is True
    quick.refresh_from_db()
    assert (quick.last_error, quick.attempts, quick.lease_token, quick.due_at) == ("in time", 2, None, None)


@pytest.mark.django_db
def test_a_settled_row_cannot_be_settled_again():
    make_rows()
    (row,) = OutboxMessage.objects.claim(lease=LEASE)

    assert row.settle() is True
    assert row.settle(last_error="twice") is False
    assert row.still_held(extend=LEASE) is False


@pytest.mark.django_db
def test_a_lease_can_be_extended_and_the_row_come_back_later():
    make_rows()
    later = timezone.now() + timedelta(minutes=1)
    (row,) = OutboxMessage.objects.claim(lease=timedelta(seconds=1))

    assert row.still_held(extend=timedelta(minutes=5)) is True
    assert OutboxMessage.objects.claim(lease=LEASE, now=later) == []
    assert row.settle(due_at=later) is True
    assert len(OutboxMessage.objects.claim(lease=LEASE, now=later)) == 1


@pytest.mark.postgres  # on SQLite the tests share one in-memory database, which knows no waiting
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(count(2, 20)))
def test_workers_that_claim_at_once_never_share_a_row(round_number):
    make_rows(40)
    barrier, claimed, errors = threading.Barrier(4), list[uuid.UUID](), list[Exception]()

    def work() -> None:
        try:
            barrier.wait()
            while batch := OutboxMessage.objects.claim(limit=3, lease=LEASE):
                claimed.extend(row.pk for row in batch)
        except Exception as error:  # shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(claimed) == len(set(claimed)) == 40
