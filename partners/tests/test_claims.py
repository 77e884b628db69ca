"""Claims: who gets one, how long it lasts, and what taking it over leaves behind."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import Record
from leases.transitions import StaleState
from notifications.models import Notice
from partners import claims, lifecycle
from partners.claims import LEASE, Claimed
from partners.models import AccessRequest
from partners.tests.conftest import MET
from tests.cast import make_user

# Who holds the claim → what the four acts of rita come to.
STATES = ("free", "mine", "others", "mine, over", "others, over")
TABLE = {
    "take": {"free": "rita", "mine": "rita", "others": Claimed, "mine, over": "rita", "others, over": "rita"},
    "renew": {"free": None, "mine": "rita", "others": "other", "mine, over": "rita", "others, over": None},
    "give_back": {"free": None, "mine": None, "others": "other", "mine, over": None, "others, over": None},
    "take_over": {"free": "rita", "mine": "rita", "others": "rita", "mine, over": "rita", "others, over": "rita"},
    "decide": {"free": "rita", "mine": "rita", "others": Claimed, "mine, over": "rita", "others, over": "rita"},
}


@pytest.fixture
def other(db, rita):
    found = make_user("otto", domain="segment.example", is_staff=True)
    found.groups.set(rita.groups.all())
    return found


def put(access_request, state, rita, other):
    holder = {"free": None, "mine": rita, "others": other}[state.partition(",")[0]]
    until = timezone.now() + (timedelta(minutes=-1) if state.endswith("over") else timedelta(minutes=1))
    AccessRequest.objects.filter(pk=access_request.pk).update(
        claimed_by=holder, claimed_until=until if holder else None
    )
    return AccessRequest.objects.get(pk=access_request.pk)


def act(name, row, actor):
    acts = {
        "take": lambda: claims.take(row, actor),
        "renew": lambda: claims.renew(row, actor),
        "give_back": lambda: claims.give_back(row, actor),
        "take_over": lambda: claims.take_over(row, actor, "They are on holiday.", target=row, url="/admin/review/"),
        "decide": lambda: lifecycle.waitlist(row, actor),
    }
    acts[name]()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", TABLE)
def test_every_act_in_every_state(name, state, submitted, rita, other):
    row, expected = put(submitted, state, rita, other), TABLE[name][state]
    if expected is Claimed:
        with pytest.raises(Claimed, match=r"Otto works on this until .*\. Take it over first"):
            act(name, row, rita)
        expected = "other"
    else:
        act(name, row, rita)

    stored = AccessRequest.objects.get(pk=row.pk)
    assert (row.claimed_by_id, row.claimed_until) == (stored.claimed_by_id, stored.claimed_until)
    assert stored.is_claimed is (expected is not None)
    if expected:
        assert stored.is_claimed_by({"rita": rita, "other": other}[expected])
    if expected == "rita":
        assert stored.claimed_until > timezone.now() + LEASE - timedelta(minutes=1)
    assert (stored.state == "waitlisted") is (name == "decide" and expected == "rita")


def test_taking_over_is_on_the_record_and_told(submitted, rita, other):
    row = put(submitted, "others", rita, other)
    with pytest.raises(ValidationError, match="Say why"):
        claims.take_over(row, rita, "  ", target=row, url="/admin/review/")
    with pytest.raises(ValidationError, match="at most 500"):
        claims.take_over(row, rita, "x" * 501, target=row, url="/admin/review/")
    assert not Notice.objects.filter(user=other).exists()

    claims.take_over(row, rita, "They are on holiday.", target=row, url="/admin/review/")
    claims.take_over(row, rita, "Again.", target=row, url="/admin/review/")  # a double click

    notice, entry = Notice.objects.get(user=other), Record.objects.get(action=claims.TAKEN_OVER)
    assert notice.text == "Rita took over your claim of Ledger Lens: They are on holiday."
    assert (entry.actor, entry.data) == (f"user:{rita.pk}", {"former": other.pk, "reason": "They are on holiday."})
    assert entry.chain_id != submitted.chain  # partners read their own chain


def test_a_third_who_took_it_over_first_keeps_it(submitted, rita, other, adam):
    seen = put(submitted, "others", rita, other)
    assert seen.claimed_by == other
    claims.take_over(put(submitted, "others", rita, other), adam, "Mine.", target=seen, url="/")
    with pytest.raises(Claimed, match="Adam works on this"):
        claims.take_over(seen, rita, "Mine too.", target=seen, url="/")
    assert AccessRequest.objects.get(pk=seen.pk).is_claimed_by(adam)


def test_the_slower_of_two_deciders_reads_what_happened_not_who_holds_it(submitted, rita, other):
    slow = AccessRequest.objects.get(pk=submitted.pk)
    lifecycle.judge(submitted, rita, MET, 0)
    lifecycle.approve(submitted, rita)
    with pytest.raises(StaleState):
        lifecycle.decline(slow, other, "No.")
