"""Where a change stands on its way out, and by which lane it goes (S31)."""

from django.db import models


class PassengerState(models.TextChoices):
    """A change that was approved. `ready` is approved and merged; a held one stays behind whatever leaves."""

    APPROVED = "approved", "approved, not merged yet"
    READY = "ready", "on board"
    HELD = "held", "held back"
    DEPARTED = "departed", "released"
    ROLLED_BACK = "rolled_back", "rolled back"
    TAKEN_OFF = "taken_off", "taken off"


# verb → (from, to). `trains.boarding` and `trains.departing` are the only writers of Passenger.state.
PASSENGER_MOVES: dict[str, tuple[frozenset[str], str]] = {
    "make_ready": (frozenset({PassengerState.APPROVED}), PassengerState.READY),
    "hold": (frozenset({PassengerState.APPROVED, PassengerState.READY}), PassengerState.HELD),
    # Lifting a hold goes back to what the pull request says: one of the two.
    "unhold_ready": (frozenset({PassengerState.HELD}), PassengerState.READY),
    "unhold_approved": (frozenset({PassengerState.HELD}), PassengerState.APPROVED),
    "depart": (frozenset({PassengerState.READY}), PassengerState.DEPARTED),
    "roll_back": (frozenset({PassengerState.DEPARTED}), PassengerState.ROLLED_BACK),
    # The approval was taken back before the release.
    "take_off": (
        frozenset({PassengerState.APPROVED, PassengerState.READY, PassengerState.HELD}),
        PassengerState.TAKEN_OFF,
    ),
}
# Still on the way out.
TRAVELLING = frozenset({PassengerState.APPROVED, PassengerState.READY, PassengerState.HELD})


class Lane(models.TextChoices):
    REGULAR = "regular", "Release train"
    EMERGENCY = "emergency", "Emergency lane"
