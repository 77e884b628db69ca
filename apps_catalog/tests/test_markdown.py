import time
from html.parser import HTMLParser

import pytest

from apps_catalog.markdown import MAX_SOURCE, TooMuchMarkdown, check_source, plain, render, visible_length
from apps_catalog.tests.markdown_corpus import PAYLOADS
from apps_catalog.validators import MAX_DESCRIPTION_SOURCE

TAGS = set("p br hr em strong code pre blockquote ul ol li a h3 h4 h5 h6".split())


class Oracle(HTMLParser):
    """Reads what was rendered as a browser would, and notes what should not be there."""

    def __init__(self):
        super().__init__()
        self.problems = []

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.problems.append(tag)
        for name, value in attrs:
            if (tag, name) not in {("a", "href"), ("a", "rel")}:
                self.problems.append(f"{tag} {name}")
            if name == "href" and not (value or "").startswith(("http://", "https://", "mailto:")):
                self.problems.append(value)

    def handle_comment(self, data):
        self.problems.append("comment")

    handle_decl = handle_pi = unknown_decl = handle_comment


def problems(html):
    oracle = Oracle()
    oracle.feed(html)
    oracle.close()
    return oracle.problems


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 60


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_texts_come_out_as_text(text):
    assert problems(render(text)) == []


def test_what_is_allowed_stays():
    html = render(
        "# Title\n\n**bold** *soft* `code` [link](https://ok.example)\n\n1. one\n2. two\n\n- a\n\n> quote\n\n---"
    )
    for part in (
        "<h3>Title</h3>",
        "<strong>bold</strong>",
        "<em>soft</em>",
        "<code>code</code>",
        "<ol>",
        "<ul>",
        "<hr>",
    ):
        assert part in html
    assert 'href="https://ok.example" rel="nofollow noopener noreferrer"' in html


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("   \n ", 0),
        ("plain", 5),
        ("**bold**", 4),
        ("[link](https://example.com/a/very/long/address)", 4),
        ("- one\n- two", 7),
        ("# Head\n\nText", 9),
        ("a  b\n\n\nc", 5),
        ("fish &amp; chips", 12),
        ("Müller 日本", 9),
        ("<b>x</b>", 8),
        ("`code`", 4),
    ],
)
def test_only_what_is_seen_counts(text, length):
    assert visible_length(text) == length


def test_plain_text_has_no_formatting():
    assert plain("# One\n\n- **two**\n- [three](https://x.example)") == "One two three"


@pytest.mark.parametrize(
    "text", ["x" * (MAX_SOURCE + 1), "[" * 1_501, "> " * 30 + "x", "- " * 30 + "x", "1. " * 30 + "x"]
)
def test_too_much_is_refused_before_it_is_read(text):
    with pytest.raises(TooMuchMarkdown):
        check_source(text)
    assert problems(render(text)) == []


WORST = {
    "brackets": "[" * 1_500, "emphasis": "*a " * 2_000, "mixed emphasis": "**a *a " * 850, "underscores": "_a" * 3_000,
    "quotes": "> a\n" * 1_500, "lists": "- a\n" * 1_500, "entities": "&" * 6_000, "angles": "<" * 6_000,
    "lines": "\n" * 6_000, "rulers": "=\n" * 3_000, "ticks": "".join("`" * n + " " for n in range(1, 105)),
    "link starts": "[a](" * 1_490, "images": "![" * 1_490, "backslashes": "\\" * 6_000, "tabs": "\t" * 6_000,
    "definitions": "".join(f"[{n}]: /u\n" for n in range(490)), "parentheses": "[a](" + "(" * 5_900,
}  # fmt: skip


@pytest.mark.parametrize("name", WORST)
def test_the_worst_description_takes_little_time(name):
    text = WORST[name]
    assert len(text) <= MAX_DESCRIPTION_SOURCE
    best = min(_seconds(text) for _ in range(3))
    assert best < 0.1, f"{best * 1000:.0f} ms"  # 50 ms alone on a core; tests share it


def _seconds(text):
    started = time.process_time()
    render(text)
    return time.process_time() - started
