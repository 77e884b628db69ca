"""The error codes that customers see (D31), in words: what happened, why it is likely, and what to do."""

import re
from dataclasses import dataclass

from runtime.advice import NO_ANSWER, STATUSES, Meaning
from runtime.egress import ErrorKind

RETRY, DISCARD = "errors.awaiting-retry.", "errors.discarded."


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """One code. `anchor` is its place in docs/seeing-events.md."""

    code: str
    title: str
    cause: str
    action: str

    @property
    def is_retried(self) -> bool:
        return self.code.startswith(RETRY)

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.code.lower()) or "error-codes"


def explain(code: str) -> ErrorWords:
    """The words for a code; a general sentence for one that is not in the list."""
    return WORDS.get(code) or ErrorWords(
        code,
        "Not delivered",
        "The destination could not take these events.",
        "Open one of the samples below: its answer says more.",
    )


def _words(code: str, title: str, meaning: Meaning) -> ErrorWords:
    return ErrorWords(code, title, meaning.cause, meaning.fix)


_INVALID_SETTINGS = Meaning(
    "",
    "There is no endpoint or code to send to, or its address answers with a redirect, with 404 or with 405.",
    "Compare the settings of the destination with what the App’s documentation asks for. If they are right, the "
    "endpoint’s address is wrong: its maker has to correct it.",
)
_MESSAGE_REJECTED = Meaning(
    "",
    "The endpoint or the function looked at the events and did not want them, for instance because it does not "
    "support this kind of event.",
    "Read its answer in a sample. If these events are not meant for it, there is nothing to do.",
)
_FAILING = Meaning(
    "",
    "The endpoint answered with a failure of its own: it crashed, or it is down for the moment.",
    "Nothing is lost yet: events are sent again for up to four hours. Look into the server’s log at the time of a "
    "sample, and replay what was given up once it is up again.",
)
WORDS = {
    words.code: words
    for words in (
        _words(DISCARD + "400", "Rejected as malformed", STATUSES[400]),
        _words(DISCARD + "401", "API key refused", STATUSES[401]),
        _words(DISCARD + "403", "Not permitted", STATUSES[403]),
        _words(DISCARD + "INVALID_SETTINGS", "Nothing to send to", _INVALID_SETTINGS),
        _words(DISCARD + "MESSAGE_REJECTED", "Rejected by the destination", _MESSAGE_REJECTED),
        _words(RETRY + "429", "Too many requests", STATUSES[429]),
        _words(RETRY + "5xx", "The endpoint failed", _FAILING),
        _words(RETRY + "ENOTFOUND", "Host name not found", NO_ANSWER[ErrorKind.DNS_NOT_FOUND]),
        _words(RETRY + "ECONNREFUSED", "Connection refused", NO_ANSWER[ErrorKind.CONNECT_REFUSED]),
        _words(RETRY + "ECONNRESET", "Connection closed too early", NO_ANSWER[ErrorKind.RESET]),
        _words(RETRY + "ECONNABORTED", "No answer in time", NO_ANSWER[ErrorKind.TIMEOUT]),
        _words(RETRY + "EHOSTUNREACH", "Server not reachable", NO_ANSWER[ErrorKind.UNREACHABLE]),
        _words(RETRY + "EAI_AGAIN", "Host name could not be looked up", NO_ANSWER[ErrorKind.DNS_FAILED]),
    )
}
