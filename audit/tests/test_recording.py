import threading

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Chain, Record
from audit.recording import SYSTEM, record, verify
from tests.counts import count
from tests.tampering import unguarded_record


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
    with unguarded_record():
        Record.objects.filter(seq=2).update(**change)
    first = next(verify(chain))
    assert (first.chain, first.seq) == ("company:1", 2)
    assert "altered" in first.text


def test_a_missing_record_is_named(chain):
    with unguarded_record():
        Record.objects.filter(seq=3).delete()
    assert next(verify(chain)).text == "company:1: record 3 is missing."


def test_a_missing_end_is_named(chain):
    with unguarded_record():
        Record.objects.filter(seq=4).delete()
    assert [one.text for one in verify(chain)] == ["company:1: the last records are missing."]


def test_a_record_rewritten_with_a_fitting_hash_breaks_the_one_after_it(chain):
    """Whoever can compute hashes would have to rewrite the rest of the chain, and its head, too."""
    forged = Record.objects.get(seq=2)
    forged.action = "test.undone"
    with unguarded_record():
        Record.objects.filter(seq=2).update(action=forged.action, hash=forged.digest())
    assert [one.seq for one in verify(chain)] == [3]


@pytest.mark.postgres
@pytest.mark.parametrize("tamper", [lambda rows: rows.update(action="test.undone"), lambda rows: rows.delete()])
def test_the_database_itself_refuses_to_change_or_delete_a_record(chain, tamper):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        tamper(Record.objects.filter(seq=2))
    assert list(verify(chain)) == []


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["audit_record", "audit_chain CASCADE"])
def test_the_database_itself_refuses_to_empty_the_record(chain, table):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The databases of tests are emptied that way (tests/tampering.py): the trigger is off in them.
        cursor.execute("ALTER TABLE audit_record ENABLE TRIGGER audit_no_truncate")
        with pytest.raises(DatabaseError, match="append-only: TRUNCATE is refused"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table}")
    assert list(verify(chain)) == []


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
