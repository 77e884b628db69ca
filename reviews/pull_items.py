"""The checklist of an App by pull request: what is asked besides, or instead of the Test Suite (S14 to S16, S27)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from planning import completeness, guide
from reviews.github_side import Side, side_of_draft
from reviews.items import Item, ItemState, Kind
from reviews.ties import Said
from runtime.github.pulls import Checks
from trains.states import PassengerState


@dataclass(frozen=True, slots=True)
class ByPull:
    """What is known of the draft's destination by pull request."""

    component: Component
    plan_gaps: Sequence[completeness.Gap]
    guide: guide.Progress
    side: Side


def load(app: App, components: Sequence[Component]) -> ByPull | None:
    """None, without a query, where no component of the draft is by pull request; else at most ten."""
    found = next((one for one in components if one.kind == ComponentKind.ACTIONS_DESTINATION), None)
    if found is None:
        return None
    return ByPull(found, completeness.gaps(app), guide.progress(app), side_of_draft(app, found.pull_request))


def build(app: App, known: ByPull) -> list[Item]:
    """Plan, pull request, checks: what proves the destination instead of the Test Suite."""
    return [_plan(app, known), _pull_request(app, known), _checks(app, known)]


def _plan(app: App, known: ByPull) -> Item:
    gap = next(iter(known.plan_gaps), None)
    text, page = "Plan complete", reverse("app-plan", args=[app.slug])
    if gap is None:
        return Item("plan", text, Kind.COMPUTED, ItemState.DONE, url=page)
    return Item("plan", text, Kind.COMPUTED, ItemState.OPEN, gap.text, gap.url or page)


def _pull_request(app: App, known: ByPull) -> Item:
    text, page = "Pull request linked, and open", reverse("app-pull", args=[app.slug])
    reason = why_not(known)
    state = ItemState.OPEN if reason else ItemState.DONE
    return Item("pull_request", text, Kind.COMPUTED, state, reason, page)


def why_not(known: ByPull) -> str:
    """Why the pull request cannot be handed in as it is; "" when it can."""
    side, pull = known.side, known.side.pull
    if pull is None:
        return "Link the pull request, so that we hear what GitHub says about it."
    if side.ride and side.ride.state == PassengerState.ROLLED_BACK and side.ride.head_sha == pull.head_sha:
        return "Its release was rolled back. Mend it in a new pull request, and link that one."
    match side.said:
        case Said.NOTHING:
            return "It is linked, but GitHub has not told us about it yet. Ask again on its page."
        case Said.CLOSED:
            return "It was closed without being merged. Reopen it, or link another one."
        case Said.CHANGES:
            if side.facts.is_merged:
                return "A review asks for changes, and it is merged. Make them in a new pull request and link it."
            return "A review asks for changes of the newest commit. Push them before you submit."
    if side.facts.is_elsewhere:
        return f"It is for the branch “{pull.base}”. Releases are made from “{pull.repository.branch}”."
    return "It is a draft still. Mark it as ready for review in GitHub." if side.facts.is_draft else ""


def _checks(app: App, known: ByPull) -> Item:
    text, page = "Checks passed on its newest commit", reverse("app-pull", args=[app.slug])
    checks, is_merged = known.side.facts.checks, known.side.facts.is_merged
    # A merged branch may be gone, and its checks with it: what was released has proven itself.
    if checks == Checks.PASSED or (is_merged and known.side.is_released):
        return Item("checks", text, Kind.COMPUTED, ItemState.DONE, url=page)
    state = ItemState.WAITING if checks == Checks.RUNNING else ItemState.OPEN
    return Item("checks", text, Kind.COMPUTED, state, _UNCHECKED[Checks(checks)], page)


_UNCHECKED = {
    Checks.NONE: "GitHub has not told about any checks of it yet.",
    Checks.RUNNING: "They are running in GitHub.",
    Checks.FAILED: "They failed. Open them in GitHub, and push what mends them.",
    Checks.PASSED: "",
}


def set_up(app: App, known: ByPull) -> Item:
    """The set-up guide, ticked by the partner (S16)."""
    text, page, progress = "Set up and tried on your own machine", reverse("app-guide", args=[app.slug]), known.guide
    if progress.is_complete:
        last = progress.last
        by = last.by.display_name if last and last.by else ""
        return Item("guide", text, Kind.COMPUTED, ItemState.DONE, url=page, by=by, at=last.at if last else None)
    left = len(progress.open_items)
    reason = f"{left} item{'' if left == 1 else 's'} of the set-up guide to tick."
    return Item("guide", text, Kind.COMPUTED, ItemState.OPEN, reason, page)


def train(app: App, known: ByPull, *, approved: bool) -> Item:
    """What is approved reaches customers with the release train (S31)."""
    text, page, ride = "Left with the release train", reverse("app-pull", args=[app.slug]), known.side.ride
    if app.is_live:
        return Item("train", text, Kind.SEGMENT, ItemState.DONE, url=page)
    if ride is None or not ride.is_travelling or not approved:
        return Item("train", text, Kind.SEGMENT, ItemState.WAITING, "It takes what is approved and merged.")
    return Item("train", text, Kind.SEGMENT, ItemState.WAITING, _ON_THE_WAY[PassengerState(ride.state)], page)


_ON_THE_WAY = {
    PassengerState.APPROVED: "Approved. The train takes it once the pull request is merged.",
    PassengerState.READY: "It is on board. The page of the pull request says when the train leaves.",
    PassengerState.HELD: "It is held back. The page of the pull request says why.",
}

ACTS = {
    "plan": "Complete the plan",
    "pull_request": "Link your pull request",
    "checks": "Get the checks of the pull request to pass",
    "guide": "Go through the set-up guide",
    "train": "The release train takes it to customers",
}
