"""What GitHub says about the pull request of a submission or of a draft, read for `reviews.ties`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps_catalog.models import App
from apps_catalog.states import ComponentKind
from pulls.keeping import state_of
from pulls.models import PullRequest
from pulls.standing import parse, pull_at
from reviews import ties
from reviews.models import Submission
from reviews.ties import Here, Said
from runtime.github.facts import ReviewSeen
from runtime.github.pulls import Verdict
from trains.models import Passenger
from trains.states import PassengerState


@dataclass(frozen=True, slots=True)
class Side:
    """GitHub's side of one submission. `requests` are the changes requested there that still stand, the newest
    first; `ride` is how its approval travels, None before one."""

    address: str
    pull: PullRequest | None
    facts: ties.Facts
    requests: tuple[ReviewSeen, ...] = ()
    ride: Passenger | None = None

    @property
    def said(self) -> Said:
        return self.facts.said

    @property
    def url(self) -> str:
        """Of the pull request; "" for an address that is none."""
        if self.pull:
            return self.pull.url
        key = parse(self.address)
        return f"https://github.com/{key[0]}/pull/{key[1]}" if key else ""

    @property
    def is_travelling(self) -> bool:
        return self.ride is not None and self.ride.is_travelling

    @property
    def is_out(self) -> bool:
        return self.ride is not None and self.ride.state == PassengerState.DEPARTED

    @property
    def is_released(self) -> bool:
        """Whether customers have the newest commit already: it left, and was not rolled back since."""
        return _is_released(self.ride, self.pull)


def address_in(manifest: Mapping[str, Any]) -> str | None:
    """The pull request that a manifest names, "" when it names none yet; None where it is not by pull request."""
    for part in manifest.get("components") or ():
        if part.get("kind") == ComponentKind.ACTIONS_DESTINATION:
            return part.get("pull_request") or ""
    return None


def side_of(submission: Submission) -> Side | None:
    """GitHub's side of a submission in at most four queries; None, without any, where there is no pull request."""
    address = address_in(submission.version.manifest)
    if address is None:
        return None
    pull = pull_at(address, submission.app)
    ride = ride_of(submission)
    if pull is None or not pull.is_seen:
        is_back = ride is not None and ride.state == PassengerState.ROLLED_BACK
        return Side(address, pull, ties.Facts(is_known=False, is_rolled_back=is_back), ride=ride)
    requests = standing_requests(pull)
    return Side(address, pull, facts_of(pull, _is_answered(submission, pull, requests)), requests, ride)


def side_of_draft(app: App, address: str) -> Side:
    """The same for the draft that names `address`, before it is handed in: only the newest commit counts."""
    pull = pull_at(address, app)
    if pull is None or not pull.is_seen:
        return Side(address, pull, ties.Facts(is_known=False))
    requests = standing_requests(pull)
    is_answered = not any(one.commit_sha == pull.head_sha for one in requests)
    return Side(address, pull, facts_of(pull, is_answered), requests, ride_of_pull(app, pull))


def facts_of(pull: PullRequest, is_answered: bool) -> ties.Facts:
    return ties.Facts(
        is_known=True, verdict=pull.verdict, checks=pull.checks, is_open=pull.is_open, is_draft=pull.is_draft,
        is_merged=pull.is_merged, is_answered=is_answered, is_elsewhere=pull.base != pull.repository.branch,
        is_rolled_back=is_rolled_back(pull),
    )  # fmt: skip


def here(submission: Submission, side: Side) -> Here:
    head = side.pull.head_sha if side.pull else ""
    return ties.here(
        submission.state,
        ride=side.ride.state if side.ride else "",
        is_same_commit=bool(submission.github_commit) and submission.github_commit == head,
    )


def standing_requests(pull: PullRequest) -> tuple[ReviewSeen, ...]:
    """Changes requested that their reviewers have not taken back, the newest first; no query without any."""
    if pull.verdict != Verdict.CHANGES_REQUESTED:
        return ()
    judged = state_of(pull, pull.reviews.all(), ()).judgements
    return tuple(review for review in judged if review.state == Verdict.CHANGES_REQUESTED)


def _is_answered(submission: Submission, pull: PullRequest, requests: tuple[ReviewSeen, ...]) -> bool:
    """Whether every standing request was known when it was handed in, and is not about the newest commit."""
    known = {one.get("id") for one in submission.pull.get("reviews", ())}
    return all(one.id in known and one.commit_sha != pull.head_sha for one in requests)


# --- How it travels -----------------------------------------------------------------------------------------


def ride_of(submission: Submission) -> Passenger | None:
    """The passenger that its newest approval put on the train.

    Versions are numbered upwards, and an approval may cut one of its own, so it is the newest from its number on.
    """
    rows = Passenger.objects.filter(app=submission.app_id, version__number__gte=submission.version.number)
    return rows.select_related("version").order_by("-pk").first()


def ride_of_pull(app: App, pull: PullRequest) -> Passenger | None:
    """The newest passenger of this very pull request."""
    return Passenger.objects.filter(app=app, pull=pull).order_by("-pk").first()


def travelling(app: App) -> Passenger | None:
    """What of the App is approved and not released yet; there is at most one."""
    rows = Passenger.objects.travelling().filter(app=app).select_related("version", "pull")
    return rows.defer("version__manifest").first()


def is_rolled_back(pull: PullRequest) -> bool:
    """Whether its newest commit was released and taken back; no query before it is merged."""
    if not pull.is_merged:
        return False
    rows = Passenger.objects.filter(pull=pull, head_sha=pull.head_sha, app=pull.app_id)
    return rows.filter(state=PassengerState.ROLLED_BACK).exists()


def names(address: str | None, pull: PullRequest) -> bool:
    """Whether an address, as a manifest has it, is that of `pull`."""
    return parse(address or "") == (pull.repository.name, pull.number)


def is_released(app: App, pull: PullRequest) -> bool:
    """`Side.is_released` of a pull request alone; one query."""
    return _is_released(ride_of_pull(app, pull), pull)


def _is_released(ride: Passenger | None, pull: PullRequest | None) -> bool:
    is_out = ride is not None and ride.state == PassengerState.DEPARTED
    return is_out and ride is not None and pull is not None and ride.head_sha == pull.head_sha
