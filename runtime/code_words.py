"""What the cases of the Test Suite ask of code, where it is not what they ask of an endpoint.

`runtime.suite` words its cases for webhooks. A function has no status to answer with, and a web plugin has no key to
check: a person who reads their run finds these words instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CodeKind = Literal["function", "plugin"]


@dataclass(frozen=True, slots=True)
class Words:
    """For the cases of one group. What is "" is said as for an endpoint."""

    expectation: str
    purpose: str = ""
    proves: str = ""
    advice: str = ""


# Of cases that were not put because those before them took too long.
NOT_RUN_FIX = "See the cases before this one: what takes long there keeps the rest from being run."
_MISTYPED = "A customer mistyped, revoked or forgot the key."
_UTF8 = "Pass text on as it is: JSON.stringify keeps every character. Shorten long names rather than fail."
_SMALLER = "Send only the fields that you need, or let your API take bodies of at least 32 KB."
_TAKE_IN_FUNCTION = "Handle the event and return. Leave out the handler if you do not support this type of event."
_TAKE_IN_PLUGIN = "Return the context. Leave out the method if you do not support this type of event."

_FUNCTION: Mapping[str, Words] = {
    "deletion": Words("Have onDelete erase what your service holds about this userId, and return."),
    "alias": Words(
        _TAKE_IN_FUNCTION,
        advice="Join the two ids in onAlias, or leave that handler out if your product has no notion of it.",
    ),
    "bad_key": Words(
        "Throw ValidationError when your API refuses the key.",
        purpose=f"{_MISTYPED} Only an error tells them so; a return would lose their data without a word.",
        proves="A wrong or missing API key ends in an error.",
        advice="Look at the answer of your API and throw ValidationError when it refuses the key, so that a customer "
        "who mistyped it learns so at once.",
    ),
    "duplicate": Words(
        "Handle the event and return, also the second time, and let your service store it once.",
        advice="Hand the messageId to your API and let it store each one once: retries repeat events.",
    ),
    "out_of_order": Words("Handle the event and return, and let your service file it under its timestamp."),
    "unicode": Words(_TAKE_IN_FUNCTION, advice=_UTF8),
    "large": Words(_TAKE_IN_FUNCTION, advice=_SMALLER),
    "burst": Words(
        "Handle all ten and return: in onBatch if you have it, otherwise each in its own handler, five at a time.",
        advice="Write onBatch, so that several events become one request. Throw RetryError when your API is busy.",
    ),
}
_PLUGIN: Mapping[str, Words] = {
    "deletion": Words("Nothing: a browser cannot send a delete. The case stays yellow, which counts as passed."),
    "alias": Words(_TAKE_IN_PLUGIN, advice="Join the two ids in alias, or leave that method out."),
    "bad_key": Words(
        "Nothing: a plugin gets its settings once, as it loads. The case stays yellow.",
        purpose="Whoever visits the site can read the key, so it protects nothing here. Let your API check what comes.",
        proves="Nothing in a browser: the settings of a plugin are public.",
    ),
    "duplicate": Words(
        "Return the context, also the second time.",
        advice="Hand the messageId to your API and let it store each one once.",
    ),
    "out_of_order": Words("Return the context, and let your service file the event under its timestamp."),
    "unicode": Words(_TAKE_IN_PLUGIN, advice=_UTF8),
    "large": Words(_TAKE_IN_PLUGIN, advice=_SMALLER),
    "burst": Words(
        "Return the context for each of the ten.",
        purpose="A page that loads or a list that is scrolled makes many calls, one right after the other.",
        proves="Ten calls, one right after the other, are taken.",
        advice="Do not wait for the network within a method: start the request, and return the context.",
    ),
}
_KINDS: Mapping[CodeKind, tuple[Mapping[str, Words], Words]] = {
    "function": (_FUNCTION, Words(_TAKE_IN_FUNCTION)),
    "plugin": (_PLUGIN, Words(_TAKE_IN_PLUGIN)),
}


def words_for(kind: CodeKind, group: str) -> Words:
    """What the cases of this group ask of code; of a group that is not known, and of a single event, the usual."""
    special, usual = _KINDS[kind]
    return special.get(group, usual)
