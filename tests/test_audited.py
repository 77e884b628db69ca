"""Every verb writes to the audit record: every public function that changes something, in every module of verbs.

A verb is found by its `@transaction.atomic`. It has to reach `record` by itself or through functions of its
own package; a verb that need not is named below with the reason. A new verb without a record fails here.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from audit.models import Chain, Record
from audit.recording import verify
from tests.world import make_world

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "partners", "apps_catalog", "testbench", "installs", "pulls", "planning", "metadata", "trains", "reviews", "upkeep",
    "notifications", "accounts",
)  # fmt: skip
# Writers of the record outside a package: what calls one of these is recorded.
# The account tells its listeners, of which `audit.recording.account_event` is one (audit/tests).
RECORDERS = frozenset({"record", "move_stage", "freeze", "_listeners"})
# “module.function” → why it writes no record of its own.
UNRECORDED = {
    "partners.applying.save_answers": "typing in a draft; sending it is recorded",
    "apps_catalog.drafting.request_link_check": "asks for a look at links; nothing of the App changes",
    "notifications.preferences.save": "which mails a person wants is that person’s own affair",
}


def names_called(node: ast.AST) -> set[str]:
    """The last names of what is called, or handed on as a value."""
    found = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return found | {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def is_verb(node: ast.FunctionDef) -> bool:
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    return not node.name.startswith("_") and "transaction.atomic" in decorators


def takes_an_actor(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.args, *node.args.kwonlyargs]
    return any(argument.arg in ("actor", "user") for argument in arguments)


@cache
def functions_of(package: str) -> dict[str, list[tuple[str, ast.FunctionDef]]]:
    """name → (module, function) of every function of a package, without its tests and migrations."""
    found: dict[str, list[tuple[str, ast.FunctionDef]]] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        inside = path.relative_to(ROOT).with_suffix("").parts
        if {"tests", "migrations"} & set(inside):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append((".".join(inside), node))
    return found


@cache
def recorders_of(package: str) -> set[str]:
    """Names of functions that reach the record, through whichever functions of the package."""
    bodies = {
        name: set.union(*(names_called(node) for _, node in nodes)) for name, nodes in functions_of(package).items()
    }
    reached: set[str] = set(RECORDERS)
    while more := {name for name, called in bodies.items() if name not in reached and called & reached}:
        reached |= more
    return reached


def verbs() -> list[tuple[str, ast.FunctionDef, str]]:
    return [
        (f"{module}.{node.name}", node, package)
        for package in PACKAGES
        for nodes in functions_of(package).values()
        for module, node in nodes
        if is_verb(node) and takes_an_actor(node)
    ]


VERBS = {name: (node, package) for name, node, package in verbs()}


def test_the_walk_finds_the_verbs_there_are():
    known = {
        "reviews.submissions.submit", "reviews.decisions.approve", "reviews.releases.release", "reviews.beta.invite",
        "partners.decisions.approve", "partners.membership.change_role", "apps_catalog.lifecycle.create_app",
        "apps_catalog.signing.reveal", "testbench.lifecycle.cancel",
    }  # fmt: skip
    assert known - set(VERBS) == set()
    assert len(VERBS) > 60


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_reaches_the_record(name):
    node, package = VERBS[name]
    is_recorded = bool(names_called(node) & recorders_of(package))
    if name in UNRECORDED:
        assert not is_recorded, f"{name} is recorded now: take it off the list."
    else:
        assert is_recorded, f"{name} changes something and writes no audit record."


def test_the_list_of_exceptions_is_up_to_date():
    assert set(UNRECORDED) - set(VERBS) == set()


# --- What the record itself holds ------------------------------------------------------------------------------


def test_a_world_of_verbs_leaves_whole_chains_without_anybody_named(world_records):
    assert [one for chain in Chain.objects.all() for one in verify(chain)] == []
    text = "\n".join(str(one.data) for one in world_records)
    assert "@" not in text
    assert "'secret'" not in text  # the password of the test accounts


@pytest.fixture
def world_records(db):
    make_world()
    return list(Record.objects.all())
