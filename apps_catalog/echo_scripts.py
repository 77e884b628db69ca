"""How the built-in endpoint answers: plainly, or as its script says for the next requests.

A partner's server cannot be made to answer 503 and then recover, or slowly. Here it can be seen what Segment
makes of such answers, and what the partner's customers would read.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus

from django.db.models import F
from django.http import HttpResponse

from apps_catalog.models import EchoInbox
from apps_catalog.states import EchoScript
from runtime.egress import Exchange, Response, SentRequest
from runtime.webhooks import Outcome, read_answer

MAX_SLOW_SECONDS = 8
MAX_RETRY_AFTER_SECONDS = 3600
MAX_TIMES = 100
DEFAULT_MESSAGE = "The event has no userId."
REDIRECT_TO = "https://example.com/moved"
_JSON = (("Content-Type", "application/json"),)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the endpoint; `pause` in seconds before it."""

    script: EchoScript
    status: int
    body: str
    headers: Headers = _JSON
    pause: int = 0

    @property
    def reason(self) -> str:
        return HTTPStatus(self.status).phrase

    def as_response(self) -> HttpResponse:
        return HttpResponse(self.body, status=self.status, headers=dict(self.headers))


PLAIN = Answer(EchoScript.OK, 200, '{"received": true}')


def next_answer(inbox: EchoInbox) -> Answer:
    """The answer to one more request. Of a script for N requests exactly N get it, however many come at once."""
    if inbox.script_left is None:
        return answer_of(inbox)
    waiting = EchoInbox.objects.filter(pk=inbox.pk, script=inbox.script, script_left__gt=0)
    return answer_of(inbox) if waiting.update(script_left=F("script_left") - 1) else PLAIN


def answer_of(inbox: EchoInbox) -> Answer:
    """What the script says, used up or not."""
    return _SCRIPTS[EchoScript(inbox.script)](inbox)


def is_scripted(inbox: EchoInbox) -> bool:
    """Whether the next request is answered by anything but the plain 200."""
    return inbox.script != EchoScript.OK and inbox.script_left != 0


def _message(text: str) -> str:
    return json.dumps({"message": text}, ensure_ascii=False)


def _fixed(script: EchoScript, status: int, body: str, headers: Headers = _JSON) -> Callable[[EchoInbox], Answer]:
    answer = Answer(script, status, body, headers)
    return lambda inbox: answer


def _too_many(inbox: EchoInbox) -> Answer:
    headers = (*_JSON, ("Retry-After", str(inbox.script_seconds)))
    return Answer(EchoScript.TOO_MANY, 429, _message("Too many requests. Slow down."), headers)


def _slow(inbox: EchoInbox) -> Answer:
    return Answer(EchoScript.SLOW, 200, PLAIN.body, pause=min(inbox.script_seconds, MAX_SLOW_SECONDS))


def _bad_request(inbox: EchoInbox) -> Answer:
    return Answer(EchoScript.BAD_REQUEST, 400, _message(inbox.script_message or DEFAULT_MESSAGE))


_SCRIPTS: dict[EchoScript, Callable[[EchoInbox], Answer]] = {
    EchoScript.OK: lambda inbox: PLAIN,
    EchoScript.ACCEPTED: _fixed(EchoScript.ACCEPTED, 202, '{"queued": true}'),
    EchoScript.BAD_REQUEST: _bad_request,
    EchoScript.UNAUTHORIZED: _fixed(EchoScript.UNAUTHORIZED, 401, _message("This API key is not known.")),
    EchoScript.TOO_MANY: _too_many,
    EchoScript.ERROR: _fixed(EchoScript.ERROR, 500, _message("Something broke.")),
    EchoScript.UNSUPPORTED: _fixed(EchoScript.UNSUPPORTED, 501, _message("This kind of event is not supported.")),
    EchoScript.UNAVAILABLE: _fixed(EchoScript.UNAVAILABLE, 503, _message("Down for a moment.")),
    EchoScript.SLOW: _slow,
    EchoScript.BROKEN_JSON: _fixed(EchoScript.BROKEN_JSON, 400, '{"message": "The event has no us'),
    EchoScript.REDIRECT: _fixed(EchoScript.REDIRECT, 302, "", (("Location", REDIRECT_TO),)),
}


# --- What the Test Suite says of each -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opinion:
    """One script, and what Segment makes of its answer: by the code that judges the real ones."""

    script: EchoScript
    label: str
    status: int
    outcome: Outcome
    note: str


_NOTES = {
    EchoScript.UNAVAILABLE: "For the next 1 or 2 requests it shows a server that recovers: the events after them pass.",
    EchoScript.SLOW: f"At most {MAX_SLOW_SECONDS} seconds, and two at a time. The Test Suite waits longer and shows "
    "the time.",
    EchoScript.BROKEN_JSON: "Your words are lost: customers see only the status.",
    EchoScript.BAD_REQUEST: "Customers see your words beside the event.",
    EchoScript.TOO_MANY: "Customers’ events wait as long as Retry-After asks.",
}  # fmt: skip


def opinions(scripts: Iterable[EchoScript] = EchoScript) -> list[Opinion]:
    """A row for each script, in their order."""
    sample = EchoInbox(script_seconds=MAX_SLOW_SECONDS)
    return [_opinion(_SCRIPTS[script](sample)) for script in scripts]


def _opinion(answer: Answer) -> Opinion:
    response = Response(answer.status, answer.reason, answer.headers, answer.body.encode())
    outcome = read_answer(Exchange(SentRequest("", (), b""), response))
    return Opinion(answer.script, answer.script.label, answer.status, outcome, _NOTES.get(answer.script, ""))
