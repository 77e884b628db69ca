"""The evidence file: what it is, what shows when it is altered, and that it can be checked with nothing but Python."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import evidence
from runtime.evidence import NotEvidence, canonical, digest, exported, faults, read, seal, text_digest

ROOT = Path(evidence.__file__).resolve().parents[1]
CODE, LOGO = "async function onTrack(event) {}", "<svg/>"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def file_text() -> str:
    document = seal(
        {
            "submission": {"app": "acme", "version": 1},
            "manifest": {
                "components": [{"kind": "subscription_function", "code": CODE}], "listing": {"logo_svg": LOGO},
            },
            "code": [{"kind": "subscription_function", "sha256": text_digest(CODE)}],
            "assets": [{"name": "logo_svg", "sha256": text_digest(LOGO)}],
            "checklist": [{"item": "proof", "state": "done"}],
            "runs": [{"id": "1", "results": [{"case_id": "core.1", "duration_ms": 12.5, "request": "\x00ü"}]}],
        }
    )  # fmt: skip
    return exported(canonical(document), digest(document))


def test_what_was_exported_is_as_it_was_frozen(file_text):
    found = read(file_text)
    assert faults(found) == []
    assert "acme version 1, 1 suite run(s)" in evidence.summary(found)


def alter(found, path, value):
    changed = copy.deepcopy(found)
    place = changed["evidence"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("submission", "version"), 2, "“submission” was altered"),
        (("manifest", "components", 0, "code"), "evil()", "code of subscription_function is not the code"),
        (("manifest", "listing", "logo_svg"), "<svg><rect/></svg>", "picture “logo_svg” is not the one"),
        (("checklist", 0, "state"), "open", "“checklist” was altered"),
        (("runs", 0, "results", 0, "duration_ms"), 12.6, "“runs” was altered"),
        (("parts", "runs"), "0" * 64, "“runs” was altered"),
        (("note",), "added", "something was altered"),
    ],
)
def test_an_altered_file_says_where(path, value, named, file_text):
    wrong = faults(alter(read(file_text), path, value))
    assert any(named in sentence for sentence in wrong)
    assert "something was altered" in wrong[0]


def test_a_file_sealed_anew_has_another_digest_than_the_one_that_was_quoted(file_text):
    found = read(file_text)
    forged = seal({**{name: found["evidence"][name] for name in evidence.PARTS}, "submission": {"version": 2}})
    assert digest(forged) != found["digest"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"digest": "x", "evidence": {"format": "other/1"}}', "[" * 100_000])
def test_what_is_no_export_is_refused(text):
    with pytest.raises(NotEvidence):
        read(text)


@pytest.mark.parametrize(
    "odd",
    [
        {"format": evidence.FORMAT},
        {"format": evidence.FORMAT, "parts": 7, "manifest": [], "code": {}, "assets": [1], "runs": None},
    ],
)
def test_odd_files_are_altered_files_and_break_nothing(odd):
    found = read(json.dumps({"digest": digest(odd), "evidence": odd}))
    assert faults(found)
    assert evidence.summary(found)


@given(JSON)
def test_canonical_json_is_the_same_after_a_round_trip(value):
    text = canonical(value)
    assert canonical(json.loads(text)) == text
    assert text.isascii()


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [(str, 0, "As it was frozen"), (lambda text: text.replace("acme", "evil"), 1, "altered")],
)
def test_the_module_checks_a_file_by_itself(change, code, says, file_text, tmp_path):
    """With -S -I: no third party package is in reach."""
    file = tmp_path / "evidence.json"
    file.write_text(change(file_text), encoding="utf-8")
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from runtime import evidence; "
    program += "sys.exit(evidence.main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-S", "-I", "-c", program, str(file)], capture_output=True, text=True)
    assert (done.returncode, says in done.stdout) == (code, True)


@pytest.mark.parametrize("arguments", [[], ["nothing-here.json"], ["a", "b"]])
def test_usage_and_unreadable_files_end_with_2(arguments, capsys):
    assert evidence.main(arguments) == 2
    assert capsys.readouterr().err
