"""What is said about a template of the catalog that somebody filled in."""

from enum import StrEnum
from typing import NamedTuple


class Code(StrEnum):
    """What a remark is about, for whoever decides by it."""

    LOOK = "look"  # a person should look; nothing depends on it
    INVALID = "invalid"  # the value is not of the kind that the field takes
    LABEL = "label"  # a line looks like a label and is none
    LEFT_OUT = "left_out"  # a line was not taken


class Note(NamedTuple):
    """What a reader of one field says about its value."""

    text: str
    code: Code = Code.LOOK


class Remark(NamedTuple):
    """Something that a person has to look at. `line` counts from 1; 0 when it is about no line."""

    field: str
    line: int
    text: str
    code: Code = Code.LOOK
