"""What the release train holds about a company. It goes with the company's Apps, whose rows it hangs on.

Nothing is taken off when deletion is asked for: an App of such a company stays behind until the deletion is taken
back (`obstacles.cannot_leave`), and rides on then.
"""

from typing import Any

from partners.models import Company
from trains.models import Passenger


def company_data(company: Company) -> list[dict[str, Any]]:
    """One entry for each version that was approved for a train, the oldest first."""
    rides = Passenger.objects.filter(app__company=company).select_related("app", "version").order_by("pk")
    return [_ride_data(one) for one in rides.defer("version__manifest")]


def _ride_data(passenger: Passenger) -> dict[str, Any]:
    ready_at, departed_at = passenger.ready_at, passenger.departed_at
    return {
        "app": passenger.app.slug,
        "version": passenger.version.number,
        "state": passenger.state,
        "lane": passenger.lane,
        "approved_at": passenger.approved_at.isoformat(),
        "ready_at": ready_at.isoformat() if ready_at else None,
        "released_at": departed_at.isoformat() if departed_at else None,
        "reason": passenger.reason,
    }
