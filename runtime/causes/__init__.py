"""Why an answer was probably not what it should be, in plain words, and how to put it right.

clues       what an exchange shows             connection  no answer at all
cause       one row of the table               answers     statuses and redirects
                                               pages       pages that proxies and tunnels send
                                               crashes     pages of code that failed

`CAUSES` is read from the top, and the first row that fits is the likely one: what names the culprit comes
before what only names the symptom. Where none fits, `runtime.advice` has the meaning of the status.
"""

from runtime.causes.answers import ANSWERS
from runtime.causes.cause import Cause
from runtime.causes.clues import Clues
from runtime.causes.connection import CONNECTION
from runtime.causes.crashes import CRASHES
from runtime.causes.pages import PAGES
from runtime.egress import Exchange

_OF_ANSWERS: tuple[Cause, ...] = (*PAGES, *CRASHES, *ANSWERS)
CAUSES: tuple[Cause, ...] = (*CONNECTION, *_OF_ANSWERS)


def likely_cause(exchange: Exchange) -> Cause | None:
    """The first row of the table that fits; None where the meaning of the status says it all."""
    clues = Clues(exchange)
    # Most answers are successes, and nothing is wrong with a connection that brought one.
    rows = _OF_ANSWERS if clues.is_success and not exchange.error else CAUSES
    return next((cause for cause in rows if cause.when(clues)), None)


__all__ = ["CAUSES", "Cause", "Clues", "likely_cause"]
