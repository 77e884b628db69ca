"""A manifest as a person edits it: checked as a whole, every problem at its line, and what it would change.

Nothing here writes; `manifest.apply` and `manifest.apply_to` do. What a text would change is found out by applying
it in a transaction that is rolled back, so that the preview cannot differ from the act.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import User
from apps_catalog.manifest import apply, apply_to, export, identity_problems
from apps_catalog.manifest_changes import Change, Row, changes, rows
from apps_catalog.manifest_rules import rules_for
from apps_catalog.manifest_schema import examine
from apps_catalog.manifest_text import Excerpt, Located, read_text
from apps_catalog.manifest_values import ManifestError
from apps_catalog.models import App
from partners.models import Company
from runtime.names import slugify_name

# Characters. The largest draft that the forms allow has fewer; import_app has no such limit.
MAX_TEXT = 900_000
# More would help nobody: the first ones mended, the others often go too.
MAX_PROBLEMS = 100
EMPTY: Mapping[str, Any] = {
    "name": "", "slug": "", "components": [], "settings": [], "listing": {"docs_links": {}},
}  # fmt: skip
STARTER = {
    "name": "",
    "components": [{"kind": "subscription_webhook", "endpoint": ""}],
    "settings": [
        {"key": "apiKey", "label": "API Key", "type": "string", "required": True, "sensitive": True},
        {"key": "region", "label": "Region", "type": "select", "choices": ["eu", "us"], "default": "eu"},
    ],
    "listing": {"description": "", "website": "", "primary_category": "", "support_email": ""},
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem at its place: line and column from 1, how many characters it marks, and the line it stands in."""

    line: int
    column: int
    length: int
    path: str
    message: str
    excerpt: Excerpt

    @property
    def marked(self) -> tuple[str, str, str]:
        """The excerpt before, in and behind the mark."""
        text, start = self.excerpt.text, self.excerpt.at
        end = start + self.length
        return text[:start], text[start:end], text[end:]


@dataclass(frozen=True, slots=True)
class Check:
    """What a text comes down to: either problems, or changes (none: it says what is saved already)."""

    text: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    hidden_problems: int = 0
    changes: list[Change] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def is_fine(self) -> bool:
        return not self.problems

    @property
    def digest(self) -> str:
        """Names the text that was checked."""
        return text_digest(self.text)


def write(manifest: Mapping[str, Any]) -> str:
    """A manifest as `export_app` prints it, for the editor."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def tidy(text: str) -> str:
    """Line ends as the editor counts them: browsers send carriage returns too. A byte order mark goes."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def text_digest(text: str) -> str:
    return hashlib.sha256(tidy(text).encode("utf-8", "surrogatepass")).hexdigest()


def check_edit(app: App, text: str, actor: User) -> Check:
    """What `text` would make of the draft of this App."""
    found = read_text(text)
    problems = _problems(found, app.company, lambda data: identity_problems(app, data))
    if problems:
        return _refused(found, problems)
    before = export(App.objects.get(pk=app.pk))
    try:
        after = _tried_on(app, found.value, actor)
    except ManifestError as problem:
        return _refused(found, [_placed(found, problem)])
    return _compared(found, before, after)


def check_new(company: Company, text: str, actor: User) -> Check:
    """What App `text` would make in this company."""
    found = read_text(text)
    problems = _problems(found, company, _existing)
    if problems:
        return _refused(found, problems)
    try:
        after = _made_of(company, found.value, actor)
    except ManifestError as problem:
        return _refused(found, [_placed(found, problem)])
    return _compared(found, EMPTY, after)


def _compared(found: Located, before: Mapping[str, Any], after: Mapping[str, Any]) -> Check:
    old = write(before) if before is not EMPTY else ""
    return Check(found.text, found.value, changes=changes(before, after), rows=rows(old, write(after)))


def _tried_on(app: App, data: Any, actor: User) -> dict[str, Any]:
    with transaction.atomic():
        apply_to(app, data, actor=actor)
        after = export(App.objects.get(pk=app.pk))
        transaction.set_rollback(True)
    return after


def _made_of(company: Company, data: Any, actor: User) -> dict[str, Any]:
    with transaction.atomic():
        made = apply(data, company=company, actor=actor)
        after = export(App.objects.get(pk=made.pk))
        transaction.set_rollback(True)
    return after


def _existing(data: Any) -> list[ManifestError]:
    """Why `data` makes no new App: one with its slug is there. Of other companies it is not even said whose."""
    slug = data.get("slug") or slugify_name(str(data.get("name") or ""))
    if not App.objects.filter(slug=str(slug)).exists():
        return []
    path = "slug" if data.get("slug") else "name"
    return [ManifestError(path, f"There is an App with the address “{slug}” already. Give this one another name.")]


# --- Problems at their places ------------------------------------------------------------------------------


def _problems(found: Located, company: Company, more: Any) -> list[Problem]:
    """Every problem of the text, in the order of the text, each place once."""
    placed = [_at(found, (fault.offset, fault.offset + 1), "", fault.message) for fault in found.faults]
    if found.value is not None or not found.faults:
        _, errors = examine(found.value, rules_for(company))
        named = list(more(found.value)) if isinstance(found.value, dict) and not errors else []
        placed += [_placed(found, error) for error in [*errors, *named]]
    return sorted(set(placed), key=lambda problem: (problem.line, problem.column, problem.path))


def _refused(found: Located, problems: list[Problem]) -> Check:
    shown = problems[:MAX_PROBLEMS]
    return Check(found.text, found.value, problems=shown, hidden_problems=len(problems) - len(shown))


def _placed(found: Located, error: ManifestError) -> Problem:
    return _at(found, found.span(error.path), error.path, error.message)


def _at(found: Located, span: tuple[int, int], path: str, message: str) -> Problem:
    line, column = found.place(span[0])
    return Problem(line, column, max(1, span[1] - span[0]), path, message, found.excerpt(span[0]))


def parts_of(found: Iterable[Change]) -> str:
    """The parts that changed, as words: "settings and listing"."""
    names = list(dict.fromkeys(change.part.lower() for change in found))
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
