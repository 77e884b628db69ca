"""Where an App is on its way out, as its pages say it (templates/trains/_ride.html)."""

from dataclasses import dataclass
from datetime import datetime

from apps_catalog.models import App
from pulls.models import PullRequest
from pulls.wording import Advice
from runtime.release_train import Boarding, NoTrain
from trains.models import Passenger
from trains.states import PassengerState
from trains.timetable import Outlook, outlook
from trains.words import NO_TRAIN, day_in_words, moment_in_words, why

TONES = {
    PassengerState.APPROVED: "warning",
    PassengerState.READY: "progress",
    PassengerState.HELD: "warning",
    PassengerState.DEPARTED: "success",
    PassengerState.ROLLED_BACK: "danger",
}
TITLES = {
    PassengerState.APPROVED: "Approved. Once its pull request is merged, the release train takes it",
    PassengerState.HELD: "The release is held back",
    PassengerState.DEPARTED: "Released",
    PassengerState.ROLLED_BACK: "The release was rolled back",
}


# Of what is on its way out, beside the stage of its App.
CHIPS = {
    PassengerState.APPROVED: "Approved",
    PassengerState.READY: "On board",
    PassengerState.HELD: "Held back",
}


@dataclass(frozen=True, slots=True)
class Ride:
    """The newest approved version of an App and its train. `boarding` is None where no train is to be named."""

    passenger: Passenger
    title: str
    text: str
    boarding: Boarding | None

    @property
    def tone(self) -> str:
        return TONES[PassengerState(self.passenger.state)]

    @property
    def is_travelling(self) -> bool:
        return self.passenger.is_travelling

    @property
    def cutoff(self) -> datetime | None:
        return self.boarding.train.cutoff if self.boarding else None

    @property
    def leaves(self) -> datetime | None:
        return self.boarding.train.leaves if self.boarding else None

    @property
    def office_cutoff(self) -> str:
        """The cut-off where the office is, beside the viewer's zone."""
        return moment_in_words(self.boarding.train.cutoff) if self.boarding else ""


def chip_of(passenger: Passenger) -> tuple[str, str] | None:
    """Tone and word of a chip; None once it travels no more."""
    state = PassengerState(passenger.state)
    return (TONES[state], CHIPS[state]) if state in CHIPS else None


def advice_beside(ride: Ride | None, pull: PullRequest, otherwise: Advice) -> Advice:
    """What the page of `pull` says beside its ride: `otherwise` before the approval and for another commit."""
    if ride is None or ride.passenger.pull_id != pull.pk or ride.passenger.head_sha != pull.head_sha:
        return otherwise
    title = "It is merged" if pull.is_merged else "Approved at GitHub and here"
    match PassengerState(ride.passenger.state):
        case PassengerState.ROLLED_BACK:
            return Advice("warning", title, "Its release was rolled back. Mend it in a new pull request, and link it.")
        case PassengerState.DEPARTED:
            return Advice(
                "success", title, "It is released. Your next change comes by a new pull request: link it here."
            )
        case PassengerState.HELD:
            return Advice("warning", title, "It is approved here, too. Its release is held back: see below.")
        case PassengerState.READY:
            return Advice("success", title, "It is approved here, too, and on board: see below.")
        case _:
            return Advice("success", title, "Once it is merged, the release train takes it: see below.")


def ride_of(app: App) -> Ride | None:
    """How the newest approval of an App travels; None without one, or when it was taken off. Up to six queries."""
    rows = Passenger.objects.select_related("version", "pull__repository", "departure").defer("version__manifest")
    passenger = rows.filter(app=app).order_by("-pk").first()
    if passenger is None or passenger.state == PassengerState.TAKEN_OFF:
        return None
    passenger.app = app
    return ride(passenger, outlook()) if passenger.is_travelling else _over(passenger)


def ride(passenger: Passenger, trains: Outlook) -> Ride:
    """How one that still travels goes on."""
    if passenger.state == PassengerState.HELD:
        return Ride(passenger, TITLES[PassengerState.HELD], passenger.reason, None)
    try:
        boarding = trains.of(passenger)
    except NoTrain:
        return Ride(passenger, "Approved. No release day is planned yet", NO_TRAIN, None)
    if passenger.state == PassengerState.APPROVED:
        return Ride(passenger, TITLES[PassengerState.APPROVED], why(boarding, is_ready=False), boarding)
    return Ride(passenger, f"On board of the train of {day_in_words(boarding.train.day)}", why(boarding), boarding)


def _over(passenger: Passenger) -> Ride:
    state = PassengerState(passenger.state)
    text = passenger.reason if state == PassengerState.ROLLED_BACK else ""
    return Ride(passenger, TITLES[state], text, None)
