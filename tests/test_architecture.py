"""The rules of the house that a reader would otherwise have to remember (DESIGN, docs/architecture.md)."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "devcenter", "tracking", "upkeep", "reviews", "trains", "testbench", "installs", "pulls", "planning", "metadata",
    "delivery", "workspaces", "apps_catalog", "partners", "notifications", "audit", "accounts", "vault", "leases",
    "runtime", "devcenter_test",
)  # fmt: skip
NAMELESS = {"utils", "util", "helpers", "common", "core", "services", "managers", "misc", "base"}
# The one door out, and the libraries' own doors: mail, Redis, the database and storage are configured, not opened.
DOOR = "runtime/egress/"
NETWORK_MODULES = {
    "socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "smtplib",
    "ftplib", "telnetlib", "asyncio.streams", "socketserver",
}  # fmt: skip
# Modules outside the door that may name one of them, with the reason beside each.
NETWORK_ALLOWED: dict[str, set[str]] = {
    # The browser's way out: the launcher opens a listener, the parent takes it over for the proxy; neither connects.
    "runtime/plugins/browser.py": {"socket"},
    "runtime/plugins/launcher.py": {"socket"},
    "notifications/failures.py": {"smtplib"},  # names the errors of a mail server
    "notifications/line.py": {"smtplib"},  # the same; Django's backend connects, to the configured server
}
MODULE_CEILING, FUNCTION_CEILING = 400, 60
# Look again above these: they are printed with -rP, and no failure.
MODULE_LOOK, FUNCTION_LOOK = 300, 40
MEDIAN_CEILING = 10
# Folders of one machine: they say where somebody worked, and are wrong everywhere else.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home/[a-z]|root/|Users/[A-Za-z]|work/|workspace/|mnt/|private/)")
TEXT_SUFFIXES = {".py", ".md", ".toml", ".ini", ".txt", ".in", ".html", ".css", ".js", ".sh", ".yml", ".yaml", ""}


def sources(*packages: str) -> list[Path]:
    """Product code: no tests, no migrations."""
    found = (path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in found if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.slow
def test_packages_import_downwards_only() -> None:
    """The contracts stand in pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_package_is_under_the_import_rules() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "scripts", "bench"}

    assert packages == set(PACKAGES)


def test_no_module_has_a_name_that_says_nothing() -> None:
    nameless = [name_of(path) for path in sources() if path.stem in NAMELESS or path.parent.name in NAMELESS]

    assert nameless == []


# --- Sizes -----------------------------------------------------------------------------------------


def test_modules_stay_readable() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in sources()}

    report({name: length for name, length in lengths.items() if length > MODULE_LOOK})
    assert {name: length for name, length in lengths.items() if length > MODULE_CEILING} == {}


def test_functions_stay_small() -> None:
    lengths = {f"{name_of(path)}:{node.name}": body_lines(node) for path in sources() for node in functions(path)}

    report({name: length for name, length in lengths.items() if length > FUNCTION_LOOK})
    assert {name: length for name, length in lengths.items() if length > FUNCTION_CEILING} == {}
    assert median(lengths.values()) <= MEDIAN_CEILING


def report(long_ones: dict[str, int]) -> None:
    for name, length in sorted(long_ones.items(), key=lambda pair: -pair[1]):
        print(f"look again: {name} has {length} lines")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From `def` to the last line, without the docstring."""
    first = node.body[0]
    docstring = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        docstring = (first.end_lineno or first.lineno) - first.lineno + 1
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


# --- The door out ----------------------------------------------------------------------------------


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def opens_connections(names: set[str]) -> set[str]:
    return {name for name in names if any(name == bad or name.startswith(f"{bad}.") for bad in NETWORK_MODULES)}


def test_only_the_door_out_opens_connections() -> None:
    offenders = {}
    for path in sources():
        name = name_of(path)
        found = opens_connections(imported_modules(path)) - NETWORK_ALLOWED.get(name, set())
        if found and not name.startswith(DOOR):
            offenders[name] = sorted(found)

    assert offenders == {}


# --- What must not be in the text ------------------------------------------------------------------


def texts() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.fail("This needs a git checkout, to know which files belong to the project.")
    for line in listed.stdout.splitlines():
        path = ROOT / line
        # This file has to name what it looks for.
        if path.suffix in TEXT_SUFFIXES and path.is_file() and path != Path(__file__) and ".venv" not in path.parts:
            yield path


def test_no_text_names_the_folders_of_one_machine() -> None:
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:120]}")

    assert found == []


# --- The rules themselves work -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("see /root/x", True), ("/home/ann/x", True), ("GET /work", False), ("a/root/b", False), ("/accounts/", False)],
)
def test_a_machine_path_is_told_from_an_address(text: str, is_found: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is is_found


def test_a_connection_is_seen_however_it_is_imported(write: Callable[[str], Path]) -> None:
    hidden = write("from urllib import request\nimport http.client as h\nfrom urllib.parse import quote\n")

    assert opens_connections(imported_modules(hidden)) == {"urllib.request", "http.client"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def save(text: str) -> Path:
        (tmp_path / "module.py").write_text(text)
        return tmp_path / "module.py"

    return save
