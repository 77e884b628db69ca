"""The template that partners know, there and back, and what people make of it (S23)."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.catalog_labels import LABELS
from runtime.catalog_mail import MAX_VALUE, TOO_LONG, Entry, read, write
from runtime.catalog_remarks import Code

NAMES = ("A/B Testing", "Analytics", "CRM", "Heatmaps & Recordings", "Live chat", "SMS & Push Notifications")
CATEGORIES = {name: name for name in NAMES}
CATEGORIES["Livechat"] = "Live chat"
FULL = Entry(
    "Rocket", "https://github.com/segmentio/action-destinations/pull/12", "Sends **rockets**.\n\n- one\n- two",
    "https://rocket.example", ("Analytics", "A/B Testing"), "logo.svg", "mark.svg", "help@rocket.example",
)  # fmt: skip

# No emphasis, quotation marks or brackets around a name: these are taken off.
plain = st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters='*_"`“”[]()<>')
words = st.text(plain, min_size=1, max_size=12)
lines = st.lists(words, min_size=1, max_size=6).map(" ".join)
labels = st.sampled_from([f"- **{label}:** x" for all_ in LABELS.values() for label in all_])
descriptions = st.lists(lines | labels | st.just(""), min_size=1, max_size=8).map(lambda some: "\n".join(some).strip())
entries = st.builds(
    Entry, name=lines, pull_request=st.integers(1, 9999).map(lambda n: f"https://github.com/a/b/pull/{n}"),
    description=descriptions, website=st.just("https://rocket.example/path"),
    categories=st.lists(st.sampled_from(sorted(set(CATEGORIES.values()))), min_size=1, unique=True).map(tuple),
    logo=lines, mark=lines, support_email=st.just("help@rocket.example"),
)  # fmt: skip


@given(entries)
def test_there_and_back_is_equal(entry):
    again = read(write(entry), CATEGORIES)
    assert again.entry == entry
    assert [remark for remark in again.remarks if getattr(entry, remark.field)] == []


def test_an_empty_template_says_all_that_is_missing():
    again = read(write(Entry()), CATEGORIES)
    assert (again.entry, {remark.field for remark in again.remarks}) == (Entry(), set(LABELS))


def quoted(mark: str) -> str:
    return "\n".join(f"{mark} {line}" for line in write(FULL).split("\n"))


def changed(old: str, new: str) -> str:
    assert old in write(FULL)
    return write(FULL).replace(old, new)


PR = "https://github.com/segmentio/action-destinations/pull/12"
LABEL = "- **Link to your most recent PR on the actions-destination repository:** "
# Each with the fields that a remark is about; the rest is read as in FULL.
BAD = {
    "empty": ("", set(LABELS)),
    "another mail": ("Hello,\n\nwhen is the next release?\n", set(LABELS)),
    "nul and control": ("\0\x01\x02", set(LABELS)),
    "quoted": (quoted(">"), set()),
    "quoted twice": (quoted(">>"), set()),
    "quoted with a word before": ("On Tuesday somebody wrote:\n" + quoted(">"), set()),
    "indented": ("\n".join(f"    {line}" for line in write(FULL).split("\n")), set()),
    "windows": (write(FULL).replace("\n", "\r\n"), set()),
    "old mac": (write(FULL).replace("\n", "\r"), set()),
    "no bullets": (write(FULL).replace("- **", "**"), set()),
    "no stars": (write(FULL).replace("**Name:**", "Name:").replace("**Mark:**", "Mark:"), set()),
    "colon outside": (changed("**Website:**", "**Website**:"), set()),
    "round bullets": (changed("- **Website", "• **Website"), set()),
    "numbers": (changed("- **Website", "4. **Website"), set()),
    "capitals": (changed("**Website:**", "**WEBSITE:**"), set()),
    "odd blanks": (changed("- **Website:** ", "-\xa0**Website:**\xa0"), set()),
    "short label": (changed(LABEL, "PR: "), set()),
    "value below": (changed("**Website:** ", "**Website:**\n"), set()),
    "no name": (changed("- **Name:** Rocket\n", ""), {"name"}),
    "empty name": (changed("Name:** Rocket", "Name:**"), {"name"}),
    "placeholder": (changed("Name:** Rocket", "Name:** _Name of integration_"), {"name"}),
    "placeholder of the description": (
        changed("Sends **rockets**.", "_Brief description of your integration, up to ~500 characters._"),
        {"description"},
    ),
    "emphasis": (changed("Name:** Rocket", "Name:** _Rocket_"), set()),
    "quotation marks": (changed("Name:** Rocket", "Name:** “Rocket”"), set()),
    "name twice": (write(FULL) + "- **Name:** Missile\n", {"name"}),
    "two lines": (changed("Name:** Rocket", "Name:** Rocket\n  and more"), {"name"}),
    "no scheme": (changed("https://rocket.example", "rocket.example"), {"website"}),
    "no website": (changed("https://rocket.example", "see below"), {"website"}),
    "link": (changed("https://rocket.example", "[our site](https://rocket.example)"), set()),
    "brackets": (changed("https://rocket.example", "<https://rocket.example>"), set()),
    "files of the pull request": (changed(PR, f"{PR}/files#diff"), {"pull_request"}),
    "another forge": (changed(PR, "https://forge.example/a/b/pull/1"), {"pull_request"}),
    "number only": (changed(PR, "#12"), {"pull_request"}),
    "unknown category": (changed("Analytics, A/B Testing", "Analytics, Rockets"), {"categories"}),
    "near category": (changed("Analytics, A/B Testing", "Analitics, A/B Testing"), {"categories"}),
    "words around": (changed("Analytics, A/B Testing", "Primary: Analytics; secondary: A/B Testing"), set()),
    "in brackets": (changed("Analytics, A/B Testing", "Analytics (primary), A/B Testing (secondary)"), set()),
    "one line each": (changed("Analytics, A/B Testing", "\n  - Analytics\n  - A/B Testing"), set()),
    "slash": (changed("Analytics, A/B Testing", "Analytics / A/B Testing"), set()),
    "named mail": (changed("help@rocket.example", "Rocket Help <help@rocket.example>"), {"support_email"}),
    "mail link": (changed("help@rocket.example", "<mailto:help@rocket.example>"), set()),
    "no mail": (changed("help@rocket.example", "our chat"), {"support_email"}),
    "order": ("".join(f"- **{one}" for one in reversed(write(FULL).split("- **")[1:])), set()),
    "endless": (write(FULL) + "x" * 200_000, {"", "support_email"}),
    "only colons": (":\n" * 500, set(LABELS)),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_what_people_send_is_read_with_the_right_remarks(kind):
    text, remarked = BAD[kind]
    reading = read(text, CATEGORIES)
    assert {remark.field for remark in reading.remarks} == remarked, reading.remarks
    for name in LABELS:
        if name not in remarked:
            assert getattr(reading.entry, name) == getattr(FULL, name), name
    assert all(remark.text.endswith((".", "?")) for remark in reading.remarks)


def test_there_are_as_many_bad_ones_as_asked_for():
    assert len(BAD) >= 40


NEAR = {  # what stands instead of the line of the website, and what the remark suggests
    "Websit: https://rocket.example": "Website",
    "- **Web-site address:** https://rocket.example": None,
    "**Website** https://rocket.example": "Website",
    "- Website https://rocket.example": "Website",
    "Customer suport e-mail addresss: help@rocket.example": "Customer support email address",
    "Phone: 1": None,
}


@pytest.mark.parametrize("line", NEAR)
def test_a_label_that_is_none_is_told_with_its_line(line):
    text = write(Entry(description="Rockets.")).replace("Rockets.", f"Rockets.\n{line}")
    reading = read(text, CATEGORIES)
    (told,) = [remark for remark in reading.remarks if remark.code == Code.LABEL]
    assert (told.field, text.split("\n")[told.line - 1]) == ("description", line)
    assert line in reading.entry.description
    assert ("Do you mean" in told.text) == (NEAR[line] is not None)
    assert told.text.endswith(f" Do you mean “{NEAR[line]}:”?" if NEAR[line] else "part of “Description”.")


@pytest.mark.parametrize(
    "line",
    ["https://rocket.example", "10:30 in the morning", "- one", "**Fast** and good", "Nothing",
     "  Websit: https://rocket.example", "It does all of these things for everybody: a, b"],
)  # fmt: skip
def test_other_lines_of_a_description_are_no_labels(line):
    text = write(FULL).replace("- two", f"- two\n{line}")
    assert read(text, CATEGORIES).remarks == []


def test_a_label_that_is_none_before_all_others_is_told():
    told = read("Dear team,\nplease note:\n" + changed("**Name:**", "**Nme:**"), CATEGORIES).remarks
    assert [(remark.field, remark.line) for remark in told] == [("name", 0), ("", 5)]
    assert told[1].text == "“Nme” was not read as a label: this line was left out. Do you mean “Name:”?"


def test_every_line_that_is_left_out_is_told():
    text = changed("Name:** Rocket", "Name:** Rocket\n\n  and more\nWebsit: x")
    told = read(text, CATEGORIES).remarks
    assert [(remark.line, remark.code) for remark in told] == [(5, Code.LEFT_OUT), (6, Code.LEFT_OUT)]
    assert "“and more” was left out" in told[0].text
    assert told[1].text.endswith("Do you mean “Website:”?")


def test_of_many_lines_that_are_left_out_or_look_like_labels_some_are_told():
    text = changed("Name:** Rocket", "Name:** Rocket\n" + "Websit: x\n" * 5000)
    told = read(text, CATEGORIES).remarks
    assert len(told) == 22  # one more: what is longer than a value may be
    assert told[11].text == "This and 4,989 more lines were left out."


@given(st.text(max_size=400))
def test_nothing_that_is_sent_breaks_it(text):
    read(text, CATEGORIES)


# Each made some pattern of the reader take time with the square of its length, or worse.
SLOW = ("a", "[", "[a](", "<https:", "a@", "a.", "-", " ", "a ", "**", "“", "1) ", "_ ", "> ", "primary ", " and", " /")


@pytest.mark.parametrize("field", [name for name in LABELS if name != "pull_request"])
def test_a_long_line_takes_no_longer_than_a_long_text(field):
    began = process_time()
    for piece in SLOW:
        long = piece * (100_000 // len(piece) - 200)
        for value in (long, f"a{long}b"):
            read(f"- **{LABELS[field][0]}:** {value}\n", CATEGORIES)
    # 34 texts of 100,000 characters, which take a third of a second. Unbounded, a single one takes minutes.
    assert process_time() - began < 8


def test_many_lines_are_bounded_together():
    began = process_time()
    read("- **Categories:** x\n" + f"  {'[a](' * 400}a{' ' * 300}b\n" * 50, CATEGORIES)
    assert process_time() - began < 2


def test_what_was_cut_is_told():
    text = changed("Name:** Rocket", f"Name:** {'Rocket' * 1000}")
    reading = read(text, CATEGORIES)
    assert len(reading.entry.name) == MAX_VALUE
    assert [(one.field, one.text) for one in reading.remarks] == [("name", TOO_LONG)]
    assert reading.entry.website == FULL.website


def test_a_long_description_is_whole():
    entry = Entry(description="word " * 2000 + "end")
    assert read(write(entry), CATEGORIES).entry.description == entry.description
