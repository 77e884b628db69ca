"""The command says what the console says: run_suite and devcenter-test against the same endpoint, case by case."""

import base64
import io
import json

import pytest
from django.core.management import call_command

from apps_catalog.models import Component
from apps_catalog.signing import opened_secrets
from devcenter_test.command import main
from tests.services.ports import free_port
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db

KEY = "sk_live/9q+Zt7&xYw3Kd"
COMPARED = ("id", "group", "type", "name", "verdict", "status", "message")
JSON = (("Content-Type", "application/json"),)
SOON = 0.4


def picky(request):
    """Checks the key, knows no groups, and has its own opinion of phones."""
    given = base64.b64decode(request.header("authorization").split()[1]).decode()
    if given != f"{KEY}:":
        return Reply(401, b'{"message": "Who are you?"}', JSON)
    kind = json.loads(request.body)["type"]
    return {"group": Reply(501), "screen": Reply(500, f"no {KEY} here".encode())}.get(kind, Reply(202, b"later"))


ENDPOINTS = {
    "takes everything": Reply(200, b"ok"),
    "takes it without a word": Reply(204),
    "moved": Reply(301, headers=(("Location", "https://example.com/"),)),
    "refuses with a reason": Reply(400, b'{"message": "userId is missing"}', JSON),
    "refuses the key": Reply(401),
    "forbids": Reply(403, b"<h1>Forbidden</h1>", (("Content-Type", "text/html"),)),
    "is not there": Reply(404, b"<html>nginx</html>", (("Content-Type", "text/html"),)),
    "says too large": Reply(413),
    "is too busy": Reply(429, headers=(("Retry-After", "3"),)),
    "breaks": Reply(500, b"Traceback (most recent call last):\nKeyError: 'userId'"),
    "supports nothing": Reply(501),
    "is down": Reply(503),
    "hangs up": Reply(hang_up=True),
    "speaks something else": Reply(raw=b"SSH-2.0-OpenSSH_9.6\r\n"),
    "stops in the middle": Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
    "is slow": Reply(delay_seconds=30),
    "is picky": picky,
}


@pytest.fixture
def component(app, receiver, settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8,::1/128"
    settings.EGRESS_TOTAL_SECONDS = SOON
    made, _ = Component.objects.update_or_create(
        app=app, kind="subscription_webhook", defaults={"endpoint": f"{receiver.url}/hook"}
    )
    return made


def console(component, capsys, *options):
    code = 0
    try:
        call_command(
            "run_suite", component.app.slug, "--component", component.kind, "--api-key", KEY, "--json", *options
        )
    except SystemExit as end:
        code = end.code
    return code, json.loads(capsys.readouterr().out)


def local(component, *options):
    out = io.StringIO()
    arguments = ["webhook", component.endpoint, "--api-key", KEY, "--format", "json", "--timeout", str(SOON)]
    return main([*arguments, *options], out), json.loads(out.getvalue())


def compared(report):
    return [[case[key] for key in COMPARED] for case in report["cases"]]


@pytest.mark.parametrize("behaviour", ENDPOINTS)
def test_every_case_comes_out_alike(behaviour, component, receiver, capsys):
    receiver.default = ENDPOINTS[behaviour]
    groups = ("--group", "core", "--group", "deletion", "--group", "bad_key") if behaviour == "is picky" else ()
    code, theirs = console(component, capsys, *groups)
    receiver.clear()
    same_code, ours = local(component, *groups)
    assert (same_code, ours["verdict"]) == (code, theirs["verdict"])
    assert compared(ours) == compared(theirs)
    assert [list(case) for case in ours["cases"]] == [list(case) for case in theirs["cases"]]
    assert KEY not in json.dumps([ours, theirs], ensure_ascii=False)


def test_where_nothing_listens_the_verdict_is_the_same_in_words_for_ones_own_machine(component, capsys):
    component.endpoint = f"http://127.0.0.1:{free_port()}/hook"
    component.save()
    code, ours = local(component)
    theirs_code, theirs = console(component, capsys)
    assert (code, ours["verdict"]) == (theirs_code, theirs["verdict"]) == (1, "red")
    assert [case["id"] for case in ours["cases"]] == [case["id"] for case in theirs["cases"]]


def test_the_requests_are_the_same_but_for_what_is_new_in_each_run(component, receiver, capsys):
    console(component, capsys)
    theirs = [without_ids(request) for request in receiver.requests]
    receiver.clear()
    local(component, "--signing-secret", opened_secrets(component)[0])
    assert [without_ids(request) for request in receiver.requests] == theirs
    assert len(theirs) == 9


def without_ids(request):
    event = json.loads(request.body)
    names = [name for name, _ in request.headers]
    kept = {key: event.get(key) for key in ("type", "event", "name", "properties", "channel", "context", "version")}
    return request.method, request.target, names, list(event), kept
