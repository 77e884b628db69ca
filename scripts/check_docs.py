"""The docs say nothing that is not there, and leave out nothing that must be said.

Every relative link and anchor in the Markdown files resolves; every `manage.py` command and `make` target
that they name exists; every variable that the settings read stands in docs/settings.md, and the other way
round.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = ROOT / "devcenter" / "settings.py"
SETTINGS_DOC = ROOT / "docs" / "settings.md"
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(<?([^)\s>]+)>?[^)]*\)")
COMMAND = re.compile(r"manage\.py\s+([a-z][a-z_0-9]+)")
TARGET = re.compile(r"`make ([a-z][a-z-]*)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]+$")
# Read by the tests, the Makefile or libraries rather than by the settings.
ELSEWHERE = {"HOST", "PORT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DJANGO_SETTINGS_MODULE"}


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def broken_links(path: Path) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", path.read_text())):
        if re.match(r"[a-z][a-z+.-]*:|/", target):  # another site, or an address of the running product
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        if not linked.exists():
            yield f"links to {target}, which does not exist"
        elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
            yield f"links to {target}, but there is no such heading"


def anchors(path: Path) -> set[str]:
    """The names that headings get: lower case, words joined by hyphens."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def unknown_commands(path: Path, known: set[str]) -> Iterator[str]:
    for name in sorted(set(COMMAND.findall(path.read_text())) - known):
        yield f"names the command {name}, which does not exist"


def unknown_targets(path: Path, known: set[str]) -> Iterator[str]:
    for name in sorted(set(TARGET.findall(path.read_text())) - known):
        yield f"names `make {name}`, which does not exist"


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def variables_read(path: Path = SETTINGS) -> set[str]:
    """Environment variables that a settings module reads: `env.<type>("NAME", …)`, `env("NAME")`."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args]
    return {name for call in calls if _root_name(call.func) == "env" and (name := _variable(call.args[0]))}


def _root_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _variable(node: ast.expr) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and VARIABLE.match(value) else None


def undocumented_variables() -> Iterator[str]:
    if not SETTINGS_DOC.exists():
        yield "is missing: it describes every variable that the settings read"
        return
    text = SETTINGS_DOC.read_text()
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", text))
    read = variables_read()
    for name in sorted(read - documented):
        yield f"does not describe {name}, which the settings read"
    rows = set(re.findall(r"^\|\s*`([A-Z][A-Z0-9_]+)`", text, re.MULTILINE))
    for name in sorted(rows - read - ELSEWHERE):
        yield f"describes {name}, which the settings do not read"


def faults() -> Iterator[str]:
    commands, targets = set(get_commands()), make_targets()
    for path in documents():
        name = path.relative_to(ROOT)
        for fault in (*broken_links(path), *unknown_commands(path, commands), *unknown_targets(path, targets)):
            yield f"{name} {fault}"
    for fault in undocumented_variables():
        yield f"{SETTINGS_DOC.relative_to(ROOT)} {fault}"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devcenter.settings")
    django.setup()
    found = list(faults())
    print("\n".join(found) if found else f"{len(documents())} documents are true.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
