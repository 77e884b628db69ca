"""What a page of the desk shows about who works on it (`admin/review/_claim.html`)."""

from typing import Any

from django.urls import reverse

from accounts.models import User
from partners.claimable import Claimable
from partners.claims import LEASE, holder_of


def claim_context(
    row: Claimable, actor: User, *, route: str, may_claim: bool, error: str = "", reason: str = ""
) -> Any:
    """The context under the one name `claim`. `route` takes the key of the row; `error` is about taking over."""
    is_mine = row.is_claimed_by(actor)
    return {
        "claim": {
            "url": reverse(route, args=[row.pk]),
            "may_claim": may_claim,
            "is_mine": is_mine,
            "is_others": row.is_claimed and not is_mine,
            "by": holder_of(row),
            "until": row.claimed_until,
            "minutes": int(LEASE.total_seconds() // 60),
            "error": error,
            "reason": reason,
        }
    }
