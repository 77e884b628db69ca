"""The functions that code is expected to define, as the outline beside the editor lists them (D15, D20, D23)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Handler:
    """One function by name. `is_needed`: without it nothing works, or a rule of review is broken.

    `older`: names of former shapes that do the same, with spaces between (D15).
    """

    name: str
    text: str
    is_needed: bool = False
    older: str = ""


# D15, D20. Deletion has to be honoured to get through a review.
HANDLERS = (
    Handler("onIdentify", "Who somebody is", older="identify processEvents"),
    Handler("onTrack", "What somebody did", older="track processEvents"),
    Handler("onPage", "A page was seen", older="page processEvents"),
    Handler("onScreen", "A screen was seen", older="screen processEvents"),
    Handler("onGroup", "Somebody belongs to a group", older="group processEvents"),
    Handler("onAlias", "Two ids are one person", older="alias processEvents"),
    Handler("onDelete", "Somebody asks to be forgotten", is_needed=True, older="processEvents"),
    Handler("onBatch", "Several events at once; optional"),
)
# D23.
METHODS = (
    Handler("isLoaded", "Whether calls may come", is_needed=True),
    Handler("load", "Runs once", is_needed=True),
    Handler("identify", "Who somebody is"),
    Handler("track", "What somebody did"),
    Handler("page", "A page was seen"),
    Handler("group", "Somebody belongs to a group"),
    Handler("alias", "Two ids are one person"),
)
