"""The built-in endpoint of each App: takes any POST, remembers it, and answers 200 or what its script says.

A new webhook points here, so that the first green test needs no server. The address is a secret of its
App (an unguessable token), anyone who has it may post, and only the newest requests are kept.
"""

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps_catalog.echo_keeping import keep
from apps_catalog.echo_pace import is_too_fast, let_go_of_database, slow_turn
from apps_catalog.echo_scripts import Answer, next_answer
from apps_catalog.models import EchoInbox
from apps_catalog.states import EchoScript

MAX_BODY_BYTES = 64 * 1024
TOO_MANY_SLOW = Answer(
    EchoScript.SLOW,
    429,
    '{"message": "Two slow answers are under way already. Wait for them."}',
    (("Content-Type", "application/json"), ("Retry-After", "5")),
)


@csrf_exempt
def echo(request: HttpRequest, token: str) -> HttpResponse:
    """Take one request. 404 for an unknown token, 405 for what is no POST, 413 above 64 kB, 429 above the pace."""
    inbox = EchoInbox.objects.filter(token=token, app__deleted_at__isnull=True).select_related("app").first()
    if inbox is None:
        return _refuse(404, "There is no echo endpoint at this address.")
    if request.method != "POST":
        return _refuse(405, "Send events here with POST.", Allow="POST")
    if is_too_fast(inbox):
        return _refuse(429, "Too many requests for a test endpoint. Wait a minute.", **{"Retry-After": "60"})
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return _refuse(413, "This test endpoint takes at most 64 kB.")
    return _answer(request, inbox, body)


def _answer(request: HttpRequest, inbox: EchoInbox, body: bytes) -> HttpResponse:
    """Kept first, so that the inbox shows a request while its slow answer is still to come."""
    answer = next_answer(inbox)
    with slow_turn(inbox, answer.pause) as has_turn:
        answer = answer if has_turn else TOO_MANY_SLOW
        keep(inbox, "POST", request.headers.items(), body, answer)
        if answer.pause:
            let_go_of_database()
            time.sleep(answer.pause)
    return answer.as_response()


def _refuse(status: int, message: str, **headers: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status, headers=headers)
