"""What each SDK is told to send: all six kinds of calls, each its own event, some of them said twice."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

KINDS = ("page", "identify", "track", "group", "screen", "alias")
REPEATED = 0.3
_FIRST = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an SDK, as its sender (Python, Node or a page) reads it."""

    kind: str
    message_id: str
    number: int
    at: str

    @property
    def as_json(self) -> dict[str, object]:
        return asdict(self)


def calls(name: str, distinct: int) -> list[Call]:
    """`distinct` calls, and some time after it again every call of 30 in 100, with the same messageId and time."""
    first = [
        Call(KINDS[number % len(KINDS)], f"{name}-{number:06}", number, _time(number)) for number in range(distinct)
    ]
    return _with_repeats(first, random.Random(name))


def _time(number: int) -> str:
    return (_FIRST + timedelta(seconds=number)).isoformat().replace("+00:00", ".000Z")


def _with_repeats(first: Sequence[Call], chance: random.Random) -> list[Call]:
    """Each repetition behind its original: at once, or many calls later."""
    places = {call.message_id: float(call.number) for call in first}
    repeats = chance.sample(first, round(len(first) * REPEATED))
    placed = [(places[call.message_id], call) for call in first]
    placed += [(places[call.message_id] + 0.5 + chance.random() * len(first) / 2, call) for call in repeats]
    return [call for _, call in sorted(placed, key=lambda pair: pair[0])]
