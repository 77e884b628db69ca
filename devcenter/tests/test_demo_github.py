"""The demo's pull requests are told in shapes that the product reads as GitHub's."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from devcenter.demo.github import NotTold, Telling
from runtime.github.facts import read
from runtime.github.pulls import Checks, PullState, Verdict
from runtime.github.signatures import HEADER, is_signed

BEGAN = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Listener:
    """Keeps what was told, as the site would."""

    def __init__(self, status: int = 202) -> None:
        self.status, self.state, self.ids = status, PullState(), []  # type: ignore[var-annotated]

    def __call__(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        assert is_signed(body, headers[HEADER], ["secret"])
        self.ids.append(headers["X-GitHub-Delivery"])
        self.state.take_all(read(headers["X-GitHub-Event"], json.loads(body)))
        return self.status


def telling(listener: Listener) -> Telling:
    return Telling(listener, "secret", 7, "Add Acme Atlas", "Sends events to Atlas.", BEGAN)


def test_what_happens_to_it_is_read_as_it_was_meant():
    listener = Listener()
    pull = telling(listener)

    pull.open()
    pull.check("failure")
    pull.review("changes_requested", "Use a preset.")
    assert (listener.state.verdict, listener.state.checks) == (Verdict.CHANGES_REQUESTED, Checks.FAILED)
    pull.push()
    pull.check()
    pull.review("approved")
    assert (listener.state.verdict, listener.state.checks) == (Verdict.APPROVED, Checks.PASSED)
    pull.merge()

    assert listener.state.pull is not None
    assert listener.state.pull.merged_at is not None
    assert listener.state.pull.head_sha == pull.head
    assert "- [x] Tested end-to-end" in listener.state.pull.body


def test_told_again_it_has_the_same_ids():
    first, second = Listener(), Listener()
    for listener in (first, second):
        pull = telling(listener)
        pull.open()
        pull.check()

    assert first.ids == second.ids
    assert len(set(first.ids)) == 2


def test_a_shut_door_is_said():
    with pytest.raises(NotTold, match="404"):
        telling(Listener(404)).open()
