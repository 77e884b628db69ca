"""The tools of the workshop find what they are there to find."""

import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bench.load import Timing
from bench.pages import EMPTY, PAGES, Page, floor_of
from bench.report import Line, Report, table
from scripts import check_docs, test_setup
from tests import counts

ROOT = Path(__file__).resolve().parents[1]

# --- Docs --------------------------------------------------------------------------------------------


@pytest.fixture
def document(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "page.md"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("# A heading\n[here](#a-heading) and [there](page.md#a-heading)", 0),
        ("[elsewhere](https://example.com/x) and [in the product](/catalog/)", 0),
        ("```\n[not a link](missing.md)\n```", 0),
        ("[gone](missing.md)", 1),
        ("![gone](missing.png)", 1),
        ("[no such heading](#nowhere)", 1),
    ],
)
def test_links_must_lead_somewhere(document: Callable[[str], Path], text: str, number: int) -> None:
    assert len(list(check_docs.broken_links(document(text)))) == number


def test_commands_and_targets_must_exist(document: Callable[[str], Path]) -> None:
    page = document("Run `make run`, `make nonsense`, `manage.py migrate` and `manage.py fly_home`.")

    assert list(check_docs.unknown_commands(page, {"migrate"})) == ["names the command fly_home, which does not exist"]
    assert list(check_docs.unknown_targets(page, check_docs.make_targets())) == [
        "names `make nonsense`, which does not exist"
    ]


def test_every_variable_of_the_settings_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "settings.py"
    module.write_text('A = env.str("SITE_URL", "x")\nB = env("DEBUG")\nC = other.str("NOT_THIS")\nD = env.seal()\n')

    assert check_docs.variables_read(module) == {"SITE_URL", "DEBUG"}
    assert {"SECRET_KEY", "EGRESS_ALLOW"} <= check_docs.variables_read()


# --- Templates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["{% if %}", "{% nonsense %}", "{% include 'no/such.html' %}", "{{ x|nonsense }}"])
def test_a_broken_template_fails_the_check(tmp_path: Path, settings, text: str) -> None:
    (tmp_path / "broken.html").write_text(text)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    with pytest.raises(CommandError, match="1 faults in 1 templates"):
        call_command("check_templates", stderr=StringIO())


# --- Counts and set-up -------------------------------------------------------------------------------


def test_counts_are_small_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "FULL", False)
    assert counts.count(3, 1_000) == 3
    monkeypatch.setattr(counts, "FULL", True)
    assert counts.count(3, 1_000) == 1_000


def test_what_cannot_be_installed_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    need = test_setup.Need("telescope", "stars", lambda: False)
    monkeypatch.setattr(test_setup, "NEEDS", (need,))
    monkeypatch.setattr(test_setup, "_can_install", lambda: False)

    test_setup.main()

    assert "apt-get install telescope" in capsys.readouterr().out


def test_make_lists_its_targets() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for target in ("run", "test", "test-full", "check", "bench"):
        assert f"make {target} " in shown


# --- The benchmark's verdict ---------------------------------------------------------------------------

DASHBOARD = next(page for page in PAGES if page.name == "dashboard")


def line(page: Page, number: int, milliseconds: float, status: int = 200) -> Line:
    return Line(page, number, status, alone=Timing([milliseconds] * 5, 1.0), together=Timing([milliseconds] * 5, 1.0))


@pytest.mark.parametrize(
    ("few", "many", "expected"),
    [
        (line(DASHBOARD, 1, 15.0), line(DASHBOARD, 2, 16.0), []),
        (line(DASHBOARD, 1, 19.0), line(DASHBOARD, 2, 21.0), ["at most 2x of the list"]),
        (line(DASHBOARD, 1, 10.0), line(DASHBOARD, 2, 14.0), ["at most 1.3x of 1 Apps"]),
        (line(DASHBOARD, 1, 10.0), line(DASHBOARD, 2, 10.0, status=404), ["status 404"]),
    ],
)
def test_a_slow_or_growing_list_fails_the_benchmark(few: Line, many: Line, expected: list[str]) -> None:
    floors = [line(page, number, 10.0) for page in (EMPTY, floor_of(DASHBOARD)) for number in (1, 2)]
    report = Report([*floors, few, many])

    assert report.faults(many) == expected
    assert report.failed == bool(expected)


def test_a_table_has_straight_columns() -> None:
    assert table(("page", "ms"), [("catalog", "12.5")]) == "page     ms\n-------  ----\ncatalog  12.5"


def test_quantiles_come_from_the_sorted_answers() -> None:
    timing = Timing([float(number) for number in range(100, 0, -1)], 2.0)

    assert (timing.median, timing.quantile(0.99), timing.per_second) == (51.0, 100.0, 50.0)
