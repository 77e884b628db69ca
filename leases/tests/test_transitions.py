import pytest

from leases.transitions import StaleState, move
from notifications.models import OutboxMessage
from notifications.states import MessageState

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed() -> OutboxMessage:
    return OutboxMessage.objects.create(
        kind="test", recipient="a@demo.example", message_id="1", state=MessageState.FAILED
    )


def test_a_row_moves_together_with_what_changes_with_it(failed):
    move(failed, "state", from_={MessageState.FAILED}, to=MessageState.QUEUED, last_error="once")

    assert (failed.state, failed.last_error) == (MessageState.QUEUED, "once")
    failed.refresh_from_db()
    assert (failed.state, failed.last_error) == (MessageState.QUEUED, "once")


def test_who_comes_second_is_told_where_the_row_is_now(failed):
    OutboxMessage.objects.filter(pk=failed.pk).update(state=MessageState.DROPPED)

    with pytest.raises(StaleState, match="dropped") as stale:
        move(failed, "state", from_={MessageState.FAILED}, to=MessageState.QUEUED, last_error="twice")

    assert stale.value.found == MessageState.DROPPED
    assert failed.state == MessageState.DROPPED
    assert OutboxMessage.objects.get(pk=failed.pk).last_error == ""
