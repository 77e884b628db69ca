import threading

import pytest
from django.db import connection, transaction

from audit.models import Chain, Record
from audit.recording import SYSTEM, record, verify
from tests.counts import count


@pytest.fixture
def chain(alice) -> Chain:
    for number in range(4):
        record(alice, "test.done", alice, chain="company:1", number=number)
    return Chain.objects.get(name="company:1")


def test_a_whole_chain_verifies(chain):
    assert list(verify(chain)) == []


def test_records_name_actor_and_target_by_id(alice):
    entry = record(SYSTEM, "test.done", alice, chain="company:1", reason="because")
    assert (entry.actor, entry.target, entry.data) == ("system", f"user:{alice.pk}", {"reason": "because"})


@pytest.mark.parametrize("change", [{"action": "test.undone"}, {"data": {"number": 7}}, {"actor": "user:0"}])
def test_an_altered_record_is_named(chain, change):
    Record.objects.filter(seq=2).update(**change)
    assert [line for line in verify(chain) if "record 2" in line and "altered" in line]


def test_a_missing_record_is_named(chain):
    Record.objects.filter(seq=3).delete()
    assert any("record 3 is missing" in line for line in verify(chain))


def test_a_missing_end_is_named(chain):
    Record.objects.filter(seq=4).delete()
    assert list(verify(chain)) == ["company:1: the last records are missing."]


def test_a_failed_verb_leaves_no_record(alice):
    def verb_that_fails_at_its_end() -> None:
        with transaction.atomic():
            record(alice, "test.done", alice, chain="company:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verb_that_fails_at_its_end()
    assert not Record.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_records_of_one_chain_written_at_once_stay_in_line(alice):
    rounds = count(5, 50)

    def write() -> None:
        try:
            for _ in range(rounds):
                record(alice, "test.done", alice, chain="company:1")
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain = Chain.objects.get(name="company:1")
    assert chain.last_seq == 4 * rounds
    assert list(verify(chain)) == []
