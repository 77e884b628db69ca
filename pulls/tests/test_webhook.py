"""The door for GitHub's deliveries: whoever has the secret gets in, once; nobody else changes anything (T8)."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from pulls.models import CheckSuite, Delivery, PullRequest, PullReview, Repository
from pulls.tests.telling import REPOSITORY, SECRET, Teller, deliver, kept
from runtime.github.bodies import MAX_BYTES
from runtime.github.pulls import Checks, Verdict
from runtime.github.signatures import HEADER, signature_of
from runtime.tests import test_github

pytestmark = pytest.mark.django_db
SHAPES = Path(test_github.__file__).parent / "data" / "github"
BODY = json.dumps(Teller().source.deliveries[0][1]).encode()
GOOD = signature_of(BODY, SECRET)
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@pytest.fixture(autouse=True)
def door(settings, repository):
    """Open, with the secret of today and the one that is being replaced."""
    settings.GITHUB_WEBHOOK_SECRETS = ["the-new-one", SECRET]


def knock(body: bytes = BODY, *, drop: str = "", kind: str = "application/json", **headers: str):
    told = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": GUID, HEADER: GOOD}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    told.pop(drop, None)
    return Client().post(reverse("github-webhook"), body, content_type=kind, headers=told)


def sign(body: bytes, **changes: str):
    return {"body": body, HEADER: signature_of(body, SECRET), **changes}


FORM = "application/x-www-form-urlencoded"
# Who is refused, and how: nothing of it may change anything.
REFUSED = [
    # Not signed, or not by us.
    (401, {"drop": HEADER}),
    (401, {HEADER: ""}),
    (401, {HEADER: "sha256="}),
    (401, {HEADER: GOOD.replace("sha256=", "sha1=")}),
    (401, {HEADER: GOOD.removeprefix("sha256=")}),
    (401, {HEADER: GOOD.upper()}),
    (401, {HEADER: GOOD[:-1]}),
    (401, {HEADER: f"{GOOD}0"}),
    (401, {HEADER: f"{GOOD},{GOOD}"}),
    (401, {HEADER: f"sha256={'0' * 64}"}),
    (401, {HEADER: f"sha256={'é' * 32}"}),
    (401, {HEADER: signature_of(BODY, "another secret")}),
    (401, {HEADER: signature_of(BODY, "")}),
    (401, {HEADER: signature_of(BODY, SECRET.upper())}),
    (401, {HEADER: signature_of(BODY + b"\n", SECRET)}),
    (401, {"drop": HEADER, "X_Hub_Signature": GOOD.replace("sha256=", "sha1=")}),
    # Altered on its way, by one byte and by more.
    (401, {"body": BODY + b" "}),
    (401, {"body": BODY[:-1]}),
    (401, {"body": BODY.replace(b'"open"', b'"shut"')}),
    (401, {"body": BODY.replace(b": ", b":")}),
    (401, {"body": b"\xef\xbb\xbf" + BODY}),
    (401, {"body": json.dumps(json.loads(BODY), sort_keys=True).encode()}),
    # In another dress.
    (415, {"kind": "text/plain"}),
    (415, {"kind": "text/json"}),
    (415, {"kind": "multipart/form-data; boundary=x"}),
    (415, {"kind": "application/octet-stream"}),
    (415, {"kind": ""}),
    (415, {"body": b""}),  # Django's client then sends no type
    # Signed, and yet no delivery.
    (400, sign(b" ")),
    (400, sign(b"{")),
    (400, sign(b"null")),
    (400, sign(b"[]")),
    (400, sign(b'"text"')),
    (400, sign(b'{"a": NaN}')),
    (400, sign(b'{"a": \xff}')),
    (400, sign(b'{"a": ' + b"[" * 200_000)),
    (400, sign(b'{"a": ' + b"9" * 5_000 + b"}")),
    (400, sign(BODY, kind=FORM)),
    (400, sign(b"payload=%7B", kind=FORM)),
    (400, sign(b"payload=%7B%7D&payload=%7B%7D", kind=FORM)),
    (400, sign(b"other=%7B%7D", kind=FORM)),
    (400, {"drop": "X-GitHub-Delivery"}),
    (400, {"drop": "X-GitHub-Event"}),
    (400, {"X_GitHub_Delivery": "x" * 81}),
    (400, {"X_GitHub_Delivery": "two words"}),
    (400, {"X_GitHub_Event": "Pull Request"}),
    (400, {"X_GitHub_Event": "x" * 61}),
]


@pytest.mark.parametrize(("status", "request_"), REFUSED)
def test_whoever_is_not_github_changes_nothing(status, request_):
    answer = knock(**request_)
    assert (answer.status_code, "message" in answer.json()) == (status, True)
    assert not Delivery.objects.exists()
    assert not PullRequest.objects.exists()


def test_the_table_has_the_forty_requests_of_the_threat():
    assert len(REFUSED) >= 40


def test_a_signed_delivery_is_applied_once():
    assert (knock().status_code, knock().json()["outcome"]) == (202, "applied")
    assert Delivery.objects.count() == PullRequest.objects.count() == 1
    before = kept()
    # Replayed under another id, as one could who saw it on its way: it says nothing new.
    assert knock(X_GitHub_Delivery="another").json()["outcome"] == "old"
    assert kept() == before


def test_a_form_says_the_same():
    body = urlencode({"payload": BODY.decode()}).encode()
    assert knock(**sign(body, kind=FORM)).json()["outcome"] == "applied"
    assert PullRequest.objects.get().title == "Change 1"


def test_without_a_secret_there_is_no_door(settings):
    settings.GITHUB_WEBHOOK_SECRETS = []
    assert knock().status_code == 404


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post_gets_in(method):
    assert getattr(Client(), method)(reverse("github-webhook")).status_code == 405


def test_more_than_25_megabytes_are_not_read():
    answer = Client().generic(
        "POST", reverse("github-webhook"), b"x", content_type="application/json",
        headers={HEADER: GOOD, "Content-Length": str(MAX_BYTES + 1)},
    )  # fmt: skip
    assert answer.status_code == 413


def test_less_than_announced_is_broken_off():
    headers = {HEADER: GOOD, "Content-Length": "900000", "X-GitHub-Event": "push", "X-GitHub-Delivery": GUID}
    answer = Client().generic("POST", reverse("github-webhook"), BODY, "application/json", headers=headers)
    assert answer.status_code == 400


def test_neither_cookies_nor_a_csrf_token_are_wanted():
    client = Client(enforce_csrf_checks=True)
    headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": GUID, HEADER: GOOD}
    answer = client.post(reverse("github-webhook"), BODY, content_type="application/json", headers=headers)
    assert (answer.status_code, list(answer.cookies)) == (202, [])


def test_texts_that_no_database_takes_are_mended():
    payload = json.loads(BODY)
    payload["pull_request"] |= {"title": "a\x00b\ud800c", "body": None, "user": None}
    assert deliver("pull_request", payload)[0] == 202
    assert PullRequest.objects.get().title == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_other_repositories_are_answered_and_forgotten():
    payload = json.loads(BODY) | {"repository": {"full_name": "somebody/else"}}
    assert deliver("pull_request", payload) == (
        202,
        {"outcome": "unknown", "message": "About a repository that is not watched"},
    )
    assert not PullRequest.objects.exists()


# --- GitHub's own shapes, whole --------------------------------------------------------------------------------


def shape(name: str) -> tuple[int, dict]:
    return deliver(name.split(".")[0], (SHAPES / f"{name}.json").read_bytes())


def test_the_documented_payloads_come_to_what_they_say():
    outcomes = [shape(name)[1]["outcome"] for name in (
        "ping", "check_suite.completed", "pull_request_review.submitted", "pull_request.opened", "push",
    )]  # fmt: skip
    assert outcomes == ["nothing", *["applied"] * 4]
    pull = PullRequest.objects.get()
    assert (pull.number, pull.verdict, pull.checks, pull.is_open) == (7, Verdict.APPROVED, Checks.PASSED, True)
    assert (pull.author, pull.base, pull.title) == ("partner-developer", "main", "Add the Acme destination")
    assert "- [x] Unit tests" in pull.body
    assert PullReview.objects.get().author == "segment-reviewer"
    assert CheckSuite.objects.get().head_sha == pull.head_sha
    assert Repository.objects.get(name=REPOSITORY).branch_sha
    assert shape("pull_request_review.dismissed")[1]["outcome"] == "applied"
    assert shape("pull_request.closed")[1]["outcome"] == "applied"
    pull.refresh_from_db()
    assert (pull.verdict, pull.is_open, pull.is_merged) == (Verdict.NONE, False, True)


@pytest.mark.parametrize("name", sorted(path.stem for path in SHAPES.glob("*.json")))
def test_each_documented_payload_is_read_without_a_fault(name):
    status, answer = shape(name)
    assert (status, answer["outcome"]) == (202, "nothing" if name == "ping" else "applied")
