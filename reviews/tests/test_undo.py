"""An invitation to a beta that was taken back holds again within a day."""

import pytest
from django.utils import timezone

from accounts.undo import UNDO_FOR
from apps_catalog.models import App
from notifications.models import OutboxMessage
from notifications.states import MessageState
from reviews import beta
from reviews.models import BetaInvite
from reviews.refusals import Refused

pytestmark = pytest.mark.django_db


def test_an_accepted_invitation_opens_the_door_again(in_beta: App, alice, carol) -> None:
    invitation = beta.invite(in_beta, alice, carol.email)
    beta.accept(invitation, carol)
    beta.revoke(invitation, alice)

    beta.restore(invitation, alice)
    beta.restore(invitation, alice)

    again = BetaInvite.objects.get()
    assert (again.revoked_at, again.accepted_by) == (None, carol)


def test_its_link_works_when_it_was_mailed_and_a_new_one_is_mailed_when_not(in_beta: App, alice) -> None:
    first = beta.invite(in_beta, alice, "one@customer.example")
    OutboxMessage.objects.update(state=MessageState.SENT, due_at=None)
    second = beta.invite(in_beta, alice, "two@customer.example")
    for invitation in (first, second):
        beta.revoke(invitation, alice)

    assert beta.restore(first, alice).token_hash == first.token_hash
    assert beta.restore(second, alice).token_hash != second.token_hash


@pytest.mark.parametrize("change", [{"revoked_at": timezone.now() - UNDO_FOR}, {"expires_at": timezone.now()}])
def test_too_late(in_beta: App, alice, change) -> None:
    invitation = beta.invite(in_beta, alice, "one@customer.example")
    beta.revoke(invitation, alice)
    BetaInvite.objects.update(**change)

    with pytest.raises(Refused):
        beta.restore(invitation, alice)


def test_not_beside_a_newer_one(in_beta: App, alice) -> None:
    invitation = beta.invite(in_beta, alice, "one@customer.example")
    beta.revoke(invitation, alice)
    beta.invite(in_beta, alice, "one@customer.example")

    with pytest.raises(Refused):
        beta.restore(invitation, alice)


def test_the_page_offers_it_also_after_a_reload(in_beta: App, alice, client_for) -> None:
    invitation = beta.invite(in_beta, alice, "one@customer.example")
    owner, page = client_for(alice), f"/apps/{in_beta.slug}/beta/"
    said = owner.post(f"{page}invites/{invitation.pk}/revoke/", follow=True).content.decode()
    undo = f"{page}invites/{invitation.pk}/restore/"
    assert f'<form class="undo" method="post" action="{undo}">' in said
    assert f'action="{undo}"' in owner.get(page).content.decode()

    assert owner.post(undo).status_code == 303
    assert BetaInvite.objects.filter(revoked_at=None).count() == 1
