"""What the error codes of D31 say."""

import re
from pathlib import Path

import pytest

from runtime.advice import NO_ANSWER, STATUSES
from runtime.error_codes import WORDS, explain


@pytest.mark.parametrize("code", sorted({one.code for one in [*STATUSES.values(), *NO_ANSWER.values()] if one.code}))
def test_every_code_that_an_answer_can_get_has_words(code):
    words = explain(code)

    assert code in WORDS
    assert words.title
    assert words.cause
    assert words.action
    assert words.is_retried == code.startswith("errors.awaiting-retry.")


def test_every_code_has_its_place_in_the_docs():
    text = (Path(__file__).resolve().parents[2] / "docs" / "seeing-events.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^#### (errors\S+)$", text, re.MULTILINE)) == set(WORDS)


def test_an_unheard_of_code_has_general_words():
    words = explain("errors.new.THING")

    assert words.title == "Not delivered"
    assert (words.anchor, explain("").anchor) == ("errors-new-thing", "error-codes")
