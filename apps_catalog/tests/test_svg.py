"""The guard against hostile pictures, with an oracle that shares no code with it."""

import contextlib
import re
import time
import tracemalloc
from xml.etree import ElementTree

import pytest

from apps_catalog.svg import BadSvg, clean_logo, clean_mark, clean_svg
from apps_catalog.tests.svg_corpus import BENIGN, HOSTILE, REFUSED, svg

SVG = "{http://www.w3.org/2000/svg}"


def dangers(text):
    """What in a picture could run, load or reach anything."""
    for element in ElementTree.fromstring(text).iter():
        assert element.tag.startswith(SVG), f"foreign element {element.tag}"
        name = element.tag.removeprefix(SVG).lower()
        if name in {
            "script",
            "style",
            "foreignobject",
            "image",
            "feimage",
            "iframe",
            "a",
            "set",
            "handler",
            "metadata",
        }:
            yield name
        if name.startswith("animate"):
            yield name
        for attribute, value in element.attrib.items():
            bare = attribute.rpartition("}")[2].lower()
            if bare.startswith("on") or bare in {"style", "class", "src", "base", "cursor"}:
                yield f"{name} {attribute}"
            if bare == "href" and not value.startswith("#"):
                yield f"{name} {attribute}={value}"
            if re.search(r"javascript|data:|https?:|//|\\|@|image-set|expression", value, re.IGNORECASE):
                yield f"{name} {attribute}={value}"
            for target in re.findall(r"url\(\s*['\"]?(.)", value):
                if target != "#":
                    yield f"{name} {attribute}={value}"


def test_there_are_enough_of_both():
    assert len(HOSTILE) >= 40
    assert len(BENIGN) >= 15
    assert set(HOSTILE) >= REFUSED


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_cleaned_is_refused_in_a_sentence_and_at_once(name):
    started = time.process_time()
    with pytest.raises(BadSvg, match=r"\.$"):
        clean_svg(HOSTILE[name])
    assert time.process_time() - started < 1


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - REFUSED))
def test_what_is_taken_comes_out_harmless(name):
    picture = clean_svg(HOSTILE[name])
    assert list(dangers(picture.text)) == []
    assert "<!" not in picture.text
    assert "<?" not in picture.text


def test_no_bomb_takes_much_memory():
    tracemalloc.start()
    for data in HOSTILE.values():
        with contextlib.suppress(BadSvg):
            clean_svg(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


@pytest.mark.parametrize("name", BENIGN)
def test_benign_pictures_are_taken_and_stay_what_they_are(name):
    data, expected = BENIGN[name]
    picture = clean_svg(data)
    assert expected in picture.text
    assert list(dangers(picture.text)) == []


@pytest.mark.parametrize("name", [*BENIGN, *sorted(set(HOSTILE) - REFUSED)])
def test_cleaning_a_clean_picture_changes_nothing(name):
    first = clean_svg(BENIGN[name][0] if name in BENIGN else HOSTILE[name])
    again = clean_svg(first.text.encode())
    assert (again.text, again.removed) == (first.text, ())


def test_the_report_says_what_was_left_out():
    picture = clean_svg(svg('<script/><script/><rect onclick="x" width="1" height="1"/><style>a{}</style>'))
    assert picture.removed == ("<script> ×2", "attribute onclick", "<style>")
    assert any("presentation attributes" in advice for advice in picture.advice)


def test_a_mark_is_square():
    assert clean_mark(b'<svg viewBox="0 0 24 24"><path d="M0 0"/></svg>').is_square
    with pytest.raises(BadSvg, match="square; this one is 90 × 20"):
        clean_mark(b'<svg viewBox="0 0 90 20"><path d="M0 0"/></svg>')


def test_a_narrow_logo_is_taken_with_advice():
    assert clean_logo(b'<svg viewBox="0 0 90 20"><path d="M0 0"/></svg>').advice == ()
    assert "wider than it is high" in clean_logo(b'<svg viewBox="0 0 20 20"><path d="M0 0"/></svg>').advice[0]


@pytest.mark.browser
def test_cleaned_pictures_do_nothing_in_a_browser(browser, tmp_path):
    """Opened top-level, without any policy around them: no dialog, no request, no script."""
    context = browser.new_context()
    page = context.new_page()
    seen: list[str] = []
    path = tmp_path / "now.svg"

    def on_dialog(dialog):
        seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", on_dialog)
    page.on("console", lambda message: seen.append(f"console {message.text}"))
    page.on("request", lambda request: seen.extend({request.url} - {path.as_uri()}))
    for name in sorted(set(HOSTILE) - REFUSED):
        path.write_text(clean_svg(HOSTILE[name]).text, encoding="utf-8")
        page.goto(path.as_uri())
        assert seen == [], name
    context.close()
