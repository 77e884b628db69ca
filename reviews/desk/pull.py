"""The part “Pull request” of a submission's page: what GitHub says now, what has changed since it was handed in, and
which decisions that keeps from being made."""

import re
from typing import Any

from apps_catalog.states import ComponentKind
from pulls.models import PullRequest
from pulls.standing import pull_at
from pulls.timeline import timeline
from pulls.wording import CHECKS, VERDICTS, state_of
from reviews import ties
from reviews.desk.material import Desk
from reviews.github_side import Side, address_in, side_of
from reviews.models import Submission

_SHA = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
# The decisions that GitHub can be against, as their buttons say.
DECISIONS = {"approve": "Approve", "request_changes": "Request changes", "reject": "Reject"}
EVENTS_SHOWN = 12


def is_by_pull(desk: Desk) -> bool:
    return address_in(desk.submission.version.manifest) is not None


def seen(desk: Desk) -> str:
    """The newest commit that a decision on this page is about; one query, none for an App that is not by pull request.

    Read before what the page shows of it: what is pushed in between has to be looked at.
    """
    address = address_in(desk.submission.version.manifest)
    found = pull_at(address, desk.app) if address and desk.submission.is_waiting else None
    return found.head_sha if found else ""


def is_by_pull_alone(desk: Desk) -> bool:
    """Whether there is nothing that the Test Suite could run."""
    kinds = {part.get("kind") for part in desk.submission.version.manifest.get("components") or ()}
    return kinds == {ComponentKind.ACTIONS_DESTINATION}


def pull(desk: Desk) -> dict[str, Any]:
    """At most seven queries; none for an App that is not by pull request."""
    side = side_of(desk.submission)
    if side is None:
        return {"github": None}
    found = side.pull if side.pull and side.pull.is_seen else None
    return {
        "github": side,
        "pull": found,
        "chips": [state_of(found), VERDICTS[found.verdict], CHECKS[found.checks]] if found else [],
        "since": differs(desk.submission, found, is_approved=side.is_travelling or side.is_out) if found else [],
        "compare_url": compare_url(desk.submission, found) if found else "",
        "blocked": _blocked(desk, side),
        "events": timeline(found)[:EVENTS_SHOWN] if found else [],
        "video": desk.submission.pull.get("video", ""),
    }


def differs(submission: Submission, pull: PullRequest, *, is_approved: bool = False) -> list[str]:
    """What is otherwise now than when it was handed in, in sentences. `is_approved`: its approval boarded the train."""
    was = submission.pull
    lines = []
    if (old := was.get("head_sha", "")) != pull.head_sha:
        lines.append(f"The newest commit is {pull.head_sha[:10]}; handed in was {old[:10] or 'none'}.")
    if was.get("title", "") != pull.title[:300]:
        lines.append(f"Its title was “{was.get('title', '')}”.")
    if was.get("base", "") != pull.base:
        lines.append(f"It was for the branch “{was.get('base', '')}”, and is for “{pull.base}”.")
    known = {one.get("id") for one in was.get("reviews", ())}
    if new := pull.reviews.exclude(github_id__in=known).count():
        lines.append(f"{new} review{'' if new == 1 else 's'} came in since.")
    if pull.is_merged and not was.get("merged_at"):
        only = "" if is_approved else " The release train takes it only when it is approved here, too."
        lines.append(f"It is merged.{only}")
    return lines


def compare_url(submission: Submission, pull: PullRequest) -> str:
    """What was pushed since, at GitHub; "" when nothing was. Made of what was checked, never of a payload."""
    old, new = submission.pull.get("head_sha", ""), pull.head_sha
    if old == new or not (_SHA.fullmatch(old) and _SHA.fullmatch(new)):
        return ""
    return f"https://github.com/{pull.repository.name}/compare/{old}...{new}"


def _blocked(desk: Desk, side: Side) -> list[tuple[str, str]]:
    """Decision → what GitHub has against it, while there is something to decide."""
    if not desk.submission.is_waiting:
        return []
    found = ((label, ties.blocked(verb, side.facts)) for verb, label in DECISIONS.items())
    return [(label, reason) for label, reason in found if reason]
