"""What an edit of the draft made stale since it was submitted, and which items have to be closed again.

The rules are the checklist's own (facts, steps, testbench.fingerprint): what was done when the submission was
frozen and is not done now has to be done again before the next one.
"""

from dataclasses import dataclass

from apps_catalog.manifest import export
from apps_catalog.models import App
from reviews.checklist import Checklist
from reviews.desk.differences import differences
from reviews.items import Item, ItemState
from reviews.models import Submission

CHANGES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Staleness:
    """`changed`: the parts of the draft that are not what was submitted, in words. `again`: items to close anew."""

    changed: list[str]
    again: list[Item]

    @property
    def shown(self) -> list[str]:
        return self.changed[:CHANGES_SHOWN]

    @property
    def hidden(self) -> int:
        """How many more changes there are than are shown."""
        return max(len(self.changed) - CHANGES_SHOWN, 0)

    def __bool__(self) -> bool:
        return bool(self.changed or self.again)


def since(submission: Submission, app: App, listed: Checklist) -> Staleness:
    """The draft of `app` and its checklist as they stand now, against what `submission` froze."""
    changed = [change.where for change in differences(submission.version.manifest, export(app))]
    done_then = {
        line.get("item") for line in submission.evidence.get("checklist", []) if line.get("state") == ItemState.DONE
    }
    again = [item for item in listed.items if item.blocks and item.id in done_then and item.id not in _OF_THE_WAY]
    return Staleness(changed, again)


# Items about the submission itself: they open again with every new one, whatever was edited.
_OF_THE_WAY = frozenset({"ready", "submitted", "customer_verified", "asked_public"})
