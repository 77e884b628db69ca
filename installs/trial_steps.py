"""The steps of a trial of the flow, as people read them, and how one is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from installs.states import ScopeKind


class StepVerdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepInfo:
    """`proves`: what it shows to somebody who writes the same request for their own server."""

    title: str
    proves: str


STEPS = {
    "consent": StepInfo("Consent", "Your page sends the browser to Segment. It comes back with a code and your state."),
    "exchange": StepInfo("Exchange the code", "Your server turns the code into a token, once and within a minute."),
    "beyond": StepInfo("Ask for more", "What the customer did not agree to is refused."),
    "read": StepInfo("Look for the destination", "Your server sees whether the App is on the source already."),
    "create": StepInfo("Create the destination", "The App is set up on the source, switched off at first."),
    "create_again": StepInfo("Create it again", "Who has it already hears so, and changes it instead."),
    "patch": StepInfo("Change the destination", "Only what the update mask names is changed."),
    "delete": StepInfo("Remove the destination", "Your server can take away what it has set up."),
    "workspaces": StepInfo("List the workspaces", "The token sees the workspace that was chosen, and no other."),
    "sources": StepInfo("List the sources", "The sources of the workspace, with their write keys."),
    "refresh": StepInfo("Refresh the token", "A new token for the same install, with your client's secret alone."),
    "old_token": StepInfo("Use the old token", "A token stops working once there is a newer one."),
    "new_token": StepInfo("Use the new token", "The new one works."),
    "ended": StepInfo("End the install", "When the customer ends it, every token stops at once."),
    "spent_code": StepInfo("Send the code again", "A code is good once."),
}
_BEGIN, _END = ("consent", "exchange"), ("refresh", "old_token", "new_token", "ended", "spent_code")
_CHANGES = ("create", "create_again", "patch", "delete")
_MIDDLE = {
    ScopeKind.DESTINATION: ("beyond", "read", *_CHANGES),
    ScopeKind.WORKSPACE_READ: ("workspaces", "sources", "beyond"),
    ScopeKind.WORKSPACE: ("workspaces", "sources"),
}


def planned(scope_kind: str, *, has_destination: bool = False) -> tuple[str, ...]:
    """The ids of the steps, in order. A destination that is there already is looked at, and left as it is."""
    middle = _MIDDLE[ScopeKind(scope_kind)]
    kept = [step for step in middle if not (has_destination and step in _CHANGES)]
    return (*_BEGIN, *kept, *_END)


def has_set_up(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether, by the stored `steps`, a destination of the trial may still stand: there was none, and none was removed.

    Also while a request to create it is on its way, of which nothing is stored yet.
    """
    by_id = {step["id"]: step for step in steps}
    read = by_id.get("read")
    was_none = read is not None and read["verdict"] == StepVerdict.PASSED and not read["found"]
    removed = by_id.get("delete", {}).get("verdict") == StepVerdict.PASSED
    return was_none and not removed
