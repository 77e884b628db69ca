"""What is said of a pasted request that fits, and of every usual reason why one does not."""

import base64
import hashlib
import hmac
import json
import shlex

import pytest

from runtime.pasted import Pasted, read_pasted
from runtime.signature_check import Finding, Secret, advice_of, check
from runtime.signing import Signing, new_secret

NOW = 1_767_225_600
SECRET, OLD, ENDED, FOREIGN = (new_secret() for _ in range(4))
OURS = [
    Secret(SECRET, "the current secret"),
    Secret(OLD, "the old secret"),
    Secret(ENDED, "the secret that ended", has_ended=True),
]
EVENT = {"type": "track", "event": "Café opened", "n": 1.0}
BODY = json.dumps(EVENT, separators=(",", ":"), ensure_ascii=False)


def headers(secret=SECRET, at=NOW, body=BODY):
    return dict(Signing([secret], "msg_1", at).headers(body.encode()))


def wire(sent, body=BODY, start="POST /hook HTTP/1.1\n", newline="\n"):
    lines = [f"{name}: {value}" for name, value in {"Host": "example.com", **sent}.items()]
    return (start + "\n".join(lines) + "\n\n" + body).replace("\n", newline)


def options(start):
    """The headers as curl takes them."""
    return " ".join(start + shlex.quote(f"{name}: {value}") for name, value in headers().items())


def judged(sent, body=BODY, secrets=OURS):
    return check(Pasted(sent, body), secrets, NOW)


def made_with(key):
    digest = hmac.new(key, f"msg_1.{NOW}.{BODY}".encode(), hashlib.sha256).digest()
    return headers() | {"webhook-signature": "v1," + base64.b64encode(digest).decode()}


@pytest.mark.parametrize(
    "text",
    [
        wire(headers()),
        wire(headers(), newline="\r\n"),
        wire(headers(), body=BODY + "\n"),
        wire(headers(), start=""),
        wire({name.title(): value for name, value in headers().items()}),
        wire({"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers().items()}),
        wire(headers()).replace("\n\n", "\n"),
        f"curl -X POST https://example.com/hook {options('-H ')} --data-raw {shlex.quote(BODY)}",
        f"$ curl https://example.com \\\n{options('--header=')} -d{shlex.quote(BODY)}",
    ],
)
def test_a_request_is_read_however_it_was_pasted(text):
    checked = check(read_pasted(text), OURS, NOW + 60)

    assert (checked.finding, checked.secret, checked.age) == (Finding.VALID, "the current secret", 60)


@pytest.mark.parametrize(
    "text", ["", "curl 'unfinished", "hello", "{", "curl", "-H", "\x00", "a: b", "POST / HTTP/1.1"]
)
def test_anything_may_be_pasted(text):
    assert not check(read_pasted(text), OURS, NOW).is_valid


PLAIN = headers()
CASES = {
    "both secrets count during a rotation": (headers(OLD), BODY, Finding.VALID),
    "old": (headers(at=NOW - 301), BODY, Finding.VALID_BUT_OLD),
    "ahead": (headers(at=NOW + 301), BODY, Finding.VALID_BUT_AHEAD),
    "a secret that has ended": (headers(ENDED), BODY, Finding.OLD_SECRET),
    "nothing": ({}, " ", Finding.NOTHING),
    "authorization instead": ({"authorization": "Basic x"}, BODY, Finding.ONLY_AUTHORIZATION),
    "a missing id": ({k: v for k, v in PLAIN.items() if k != "webhook-id"}, BODY, Finding.MISSING_HEADER),
    "a missing time": ({k: v for k, v in PLAIN.items() if k != "webhook-timestamp"}, BODY, Finding.MISSING_HEADER),
    "milliseconds": (PLAIN | {"webhook-timestamp": f"{NOW}000"}, BODY, Finding.MILLISECONDS),
    "a date": (PLAIN | {"webhook-timestamp": "2026-01-01T00:00:00Z"}, BODY, Finding.BAD_TIMESTAMP),
    "digits that are no digits": (PLAIN | {"webhook-timestamp": "١٢٣"}, BODY, Finding.BAD_TIMESTAMP),
    "no version": (PLAIN | {"webhook-signature": PLAIN["webhook-signature"][3:]}, BODY, Finding.BAD_FORMAT),
    "no body": (PLAIN, "", Finding.NO_BODY),
    "spaces were added": (PLAIN, json.dumps(EVENT, indent=2, ensure_ascii=False), Finding.REENCODED),
    "letters were escaped": (PLAIN, json.dumps(EVENT), Finding.REENCODED),
    "altered": (PLAIN, BODY.replace("track", "page"), Finding.MISMATCH),
    "another App's": (headers(FOREIGN), BODY, Finding.MISMATCH),
    "a masked copy": (PLAIN, BODY.replace("Café", "****afé"), Finding.MASKED),
    "the secret was not decoded": (made_with(SECRET.removeprefix("whsec_").encode()), BODY, Finding.BASE64_KEY),
    "the prefix was left on": (made_with(SECRET.encode()), BODY, Finding.PREFIX_KEY),
}


@pytest.mark.parametrize("case", CASES)
def test_the_reason_is_found(case):
    sent, body, expected = CASES[case]

    assert judged(sent, body).finding == expected


def test_a_typed_secret_that_is_none_of_ours_explains_the_request():
    typed = [*OURS, Secret(FOREIGN, "the secret that you typed", is_typed=True)]

    checked = judged(headers(FOREIGN), secrets=typed)

    assert (checked.finding, checked.is_valid) == (Finding.OTHER_SECRET, False)
    assert judged(headers(), secrets=typed).finding == Finding.VALID


@pytest.mark.parametrize("finding", Finding)
def test_every_finding_has_an_advice_and_a_case(finding):
    title, text = advice_of(judged(*CASES["old"][:2]))
    assert "{" not in title + text
    assert finding == Finding.OTHER_SECRET or finding in {expected for *_, expected in CASES.values()}


def test_a_large_body_is_judged_at_once():
    body = json.dumps({"text": '"\\ ' * 30_000})
    assert judged(headers(body=body), body).is_valid
    assert judged(headers(), "[" * 100_000).finding == Finding.MISMATCH
