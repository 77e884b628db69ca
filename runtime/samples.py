"""The events that the Test Suite sends: the required groups first, then those that give advice.

Ids of cases are stable: kept runs are compared by them, and each is an anchor in docs/test-suite.md.
Everything else that identifies an event is new in each run.
"""

from runtime.events import Clock, IdSource
from runtime.suite.case import GROUPS, Case, Expects, Group, GroupInfo
from runtime.suite.habits import WRONG_KEYS, alias, bad_key, duplicate, out_of_order
from runtime.suite.making import PROJECT_ID, SITE, Maker, make_persona, new_id, utc_now
from runtime.suite.shapes import BURST, burst, burst_events, casing, large, missing_fields, unicode
from runtime.suite.story import core_events, delete_event

__all__ = [
    "BURST",
    "GROUPS",
    "SITE",
    "WRONG_KEYS",
    "Case",
    "Expects",
    "Group",
    "GroupInfo",
    "burst_events",
    "core_events",
    "delete_event",
    "make_persona",
    "suite_cases",
]

_ADVISORY = (alias, bad_key, duplicate, out_of_order, missing_fields, casing, unicode, large, burst)


def suite_cases(clock: Clock = utc_now, ids: IdSource = new_id, project_id: str = PROJECT_ID) -> tuple[Case, ...]:
    """All cases in the order in which they are sent: group after group, as in GROUPS.

    The advisory groups have a visitor of their own, because the first one's data is to be deleted.
    """
    persona = make_persona(ids)
    story = (*core_events(clock, ids, project_id, persona), delete_event(clock, ids, project_id, persona))
    maker = Maker.fresh(clock, ids, project_id)
    return (*story, *(case for group in _ADVISORY for case in group(maker)))
