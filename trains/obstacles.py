"""Why a passenger would stay behind: its App, its company, or what GitHub says about its pull request now (S31)."""

from apps_catalog.models import App
from apps_catalog.states import LIVE, Stage
from runtime.github.pulls import Checks, Verdict
from trains.models import Passenger

# A version can go live while its App is in one of these.
LEAVES_FROM = LIVE | {Stage.IN_REVIEW}


def is_over(app: App) -> bool:
    """Whether nothing of the App goes live any more, so that it leaves the train."""
    return app.deleted_at is not None or app.stage not in LEAVES_FROM


def cannot_leave(app: App) -> str:
    """Why no version of the App goes live now, or ""."""
    if app.deleted_at is not None:
        return "The App was deleted."
    if app.stage not in LEAVES_FROM:
        return f"The App is {app.get_stage_display()}."
    return "" if app.company.is_active else "Its company is archived or about to be deleted."


def stays(passenger: Passenger) -> str:
    """Why it would not leave, if a train left now, or "". Reads its App, company, pull request and repository."""
    return cannot_leave(passenger.app) or against(passenger)


def against(passenger: Passenger) -> str:
    """What GitHub says that an approval cannot stand beside, or "".

    `reviews` takes a passenger off as soon as GitHub says such a thing. This looks again at the last moment, for what
    was said while nobody acted on it: of an App that was deprecated for a while, or a claim that was released.
    """
    pull = passenger.pull
    if pull.app_id != passenger.app_id:
        return "Its pull request is not linked to the App any more."
    if pull.head_sha != passenger.head_sha:
        return "Its pull request has another commit than the one that was approved."
    if pull.verdict != Verdict.APPROVED:
        return "GitHub does not say approved for its pull request any more."
    if pull.base != pull.repository.branch:
        return f"Its pull request is for the branch “{pull.base}”. Releases are made from “{pull.repository.branch}”."
    return "The checks failed on the commit that was approved." if pull.checks == Checks.FAILED else ""
