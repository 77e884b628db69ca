"""runtime.github.description: the text and the boxes of a pull request's description, whatever stands in it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.github.description import MOST_BOXES, plain, read

TEMPLATE = """<!-- Thanks! Please read
the guide first. -->

Adds the destination of Acme. It sends orders,
because customers asked for it.

## Testing

- [x] Added [unit tests](https://example.com/contributing#testing) for new functionality
- [X] Tested end-to-end using the [local server](https://example.com/test)
- [ ] [If destination is already live] Tested for **backward compatibility** of destination

## Security review

<!-- - [x] Hidden -->

## Notes

1. [x] A numbered box
* [ ] Another
A line about it.
"""


def test_the_template_of_the_repository() -> None:
    found = read(TEMPLATE)
    assert found.ticked == [
        "Added unit tests for new functionality", "Tested end-to-end using the local server", "A numbered box",
    ]  # fmt: skip
    assert found.unticked == [
        "[If destination is already live] Tested for backward compatibility of destination", "Another",
    ]  # fmt: skip
    assert found.text == (
        "Adds the destination of Acme. It sends orders,\nbecause customers asked for it.\n\n"
        "## Notes\n\nA line about it."
    )


@pytest.mark.parametrize(
    ("body", "text", "ticked", "unticked"),
    [
        ("", "", [], []),
        ("Only words.\r\nTwo lines.", "Only words.\nTwo lines.", [], []),
        ("```\n- [x] in code\n```", "```\n- [x] in code\n```", [], []),
        ("- [x]no space", "- [x]no space", [], []),
        ("- [y] no box", "- [y] no box", [], []),
        ("- [x] \n- [ ]   ", "", [], []),
        ("  - [x] nested", "", ["nested"], []),
        ("- [ ] twice\n- [x] twice", "", ["twice"], []),
        ("text <!-- never closed\n- [x] hidden", "text", [], []),
        ("# A\n## B\n### C", "", [], []),
        ("~~~\n- [x] a\n```\n- [x] b\n~~~\n- [x] c", "~~~\n- [x] a\n```\n- [x] b\n~~~", ["c"], []),
    ],
)
def test_what_is_a_box_and_what_is_not(body: str, text: str, ticked: list[str], unticked: list[str]) -> None:
    found = read(body)
    assert (found.text, found.ticked, found.unticked) == (text, ticked, unticked)


def test_words_of_a_box() -> None:
    assert plain("**Bold** `code` and [a link](https://example.com/a_b) __too__") == "Bold code and a link too"


@given(st.text(alphabet="-*[ ]xX#`~<!>\n ()ab1.", max_size=400))
@settings(max_examples=200, deadline=None)
def test_anything_can_be_read(body: str) -> None:
    found = read(body)
    assert not set(found.ticked) & set(found.unticked)
    assert all(found.ticked) and all(found.unticked)  # noqa: PT018


@pytest.mark.parametrize("piece", ["<!--", "- [x] [", "[](", "`" * 3 + "\n", "- [x] a\n", "#\n", " " * 50, "[a](b"])
def test_long_descriptions_take_no_time(piece: str) -> None:
    began = time.process_time()
    found = read(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 1
    assert len(found.ticked) <= MOST_BOXES
