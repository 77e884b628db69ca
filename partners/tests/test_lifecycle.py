"""Every state × verb: what is in the table moves, everything else changes nothing."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Record
from audit.recording import name_of
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion, Intake
from partners.states import MOVES, OPEN, RequestState, decisions_from
from partners.tests.conftest import ANSWERS, MET

APPLICANTS = {"submit", "join_waitlist", "withdraw"}


def carry_out(verb: str, access_request: AccessRequest, dora, rita) -> None:
    if verb in ("submit", "join_waitlist"):
        Intake.objects.update(accepting=verb == "submit")
        lifecycle.submit(access_request, dora, AgreementVersion.objects.in_force())
    elif verb == "withdraw":
        lifecycle.withdraw(access_request, dora)
    elif verb in ("decline", "ask_more"):
        getattr(lifecycle, verb)(access_request, rita, "Because of this.")
    else:
        getattr(lifecycle, verb)(access_request, rita)


def lands_in(verb: str, state: str) -> str | None:
    """Where a verb leads from a state; a closed intake matters only to new requests."""
    if verb == "join_waitlist" and state == RequestState.MORE_ASKED:
        return RequestState.SUBMITTED
    from_, to = MOVES[verb]
    return to if state in from_ else None


@pytest.mark.parametrize("state", RequestState.values)
@pytest.mark.parametrize("verb", sorted(MOVES))
def test_a_verb_moves_only_along_the_table(verb, state, brought_to, dora, rita):
    access_request = brought_to(state)
    if verb == "approve" and state in OPEN - {RequestState.DRAFT}:
        lifecycle.judge(access_request, rita, MET, access_request.judged_revision)
    records, mails = Record.objects.count(), OutboxMessage.objects.count()
    expected = lands_in(verb, state)

    if expected:
        carry_out(verb, access_request, dora, rita)
        assert Record.objects.count() == records + 1
    else:
        with pytest.raises((StaleState, PermissionDenied, ValidationError)):
            carry_out(verb, access_request, dora, rita)
        assert (Record.objects.count(), OutboxMessage.objects.count()) == (records, mails)

    access_request.refresh_from_db()
    assert access_request.state == (expected or state)


@pytest.mark.parametrize("state", RequestState.values)
def test_the_decision_bar_shows_what_the_table_allows(state):
    assert set(decisions_from(state)) == {
        verb for verb, (from_, _) in MOVES.items() if state in from_ and verb not in APPLICANTS
    }


@pytest.mark.parametrize("verb", sorted(MOVES.keys() - APPLICANTS))
@pytest.mark.parametrize("who", ["dora", "carol"])
def test_only_reviewers_decide(verb, who, submitted, request, rita):
    actor = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        carry_out(verb, submitted, actor, actor)


def test_only_the_applicant_writes_sends_and_withdraws(draft, carol):
    with pytest.raises(PermissionDenied):
        lifecycle.save_answers(draft, carol, ANSWERS, 0)
    with pytest.raises(PermissionDenied):
        lifecycle.submit(draft, carol)
    with pytest.raises(PermissionDenied):
        lifecycle.withdraw(draft, carol)
    with pytest.raises(PermissionDenied):
        lifecycle.amend(draft, carol, ANSWERS, 0)


def test_each_move_is_recorded_without_personal_data(brought_to):
    access_request = brought_to("declined")

    records = Record.objects.filter(target=name_of(access_request))

    assert {"access.started", "access.submit", "access.decline"} <= {record.action for record in records}
    assert "Not a company" not in str([record.data for record in records])
    assert "lens.example" not in str([record.data for record in records])
