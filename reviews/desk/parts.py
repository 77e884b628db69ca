"""What stands beside the sheet of a submission: one part in the middle, one on the right, each read when it is shown.

A reviewer looks at one part at a time, so a page pays for one. `?part=` and `?side=` name them, in the address and
in what the sheet posts; htmx fetches the same address and puts in the new part alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse

from reviews.desk import drawn, material, pull
from reviews.desk.material import Desk
from reviews.desk.thread import desk_thread


@dataclass(frozen=True, slots=True)
class Part:
    """`title` is the word of its tab; `load` reads what `template` shows. `concerns`: whether it has a tab at all."""

    title: str
    template: str
    load: Callable[[Desk], dict[str, Any]]
    concerns: Callable[[Desk], bool] = lambda desk: True


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to a part: works as a link, and is fetched by htmx where there are scripts."""

    name: str
    title: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is the id of its element and, as a parameter, what chooses the part; the first part stands by itself."""

    name: str
    label: str
    parts: Mapping[str, Part]

    def chosen(self, request: HttpRequest) -> str:
        """What was posted counts before the address: an unknown name is the first part."""
        wanted = request.POST.get(self.name) or request.GET.get(self.name)
        return wanted if wanted and wanted in self.parts else next(iter(self.parts))


PART = Column("part", "On this page", {
    "entry": Part("Listing", "_entry.html", material.entry),
    "changes": Part("Changes", "_changes.html", material.changes),
    "pull": Part("Pull request", "_pull.html", pull.pull, pull.is_by_pull),
    "wire": Part("Wire evidence", "_wire.html", material.wire, lambda desk: not pull.is_by_pull_alone(desk)),
    "code": Part("Code", "_code.html", material.code),
    "version": Part("Settings and docs", "_version.html", material.version),
    "account": Part("Test account", "_account.html", material.account),
    "company": Part("Company", "_company.html", material.company),
    "checklist": Part("Checklist", "_checklist.html", material.checklist),
})  # fmt: skip
SIDE = Column("side", "Beside it", {
    "thread": Part("Thread", "_thread.html", desk_thread),
    "questions": Part("Questions", "_questions.html", material.questions),
    "earlier": Part("Earlier", "_earlier.html", material.earlier),
    "history": Part("History", "_history.html", material.history),
})  # fmt: skip
COLUMNS = (PART, SIDE)


def columns_context(desk: Desk) -> dict[str, Any]:
    """Both columns with what their parts show."""
    found: dict[str, Any] = {}
    for column in COLUMNS:
        found |= column_context(desk, column)
    return found


def column_context(desk: Desk, column: Column) -> dict[str, Any]:
    """One column, under its own name, and what its part shows."""
    name = column.chosen(desk.request)
    part, urls = column.parts[name], urls_of(desk, column)
    parts_here = {each: one for each, one in column.parts.items() if each == name or one.concerns(desk)}
    tabs = [Tab(each, one.title, urls[each], each == name) for each, one in parts_here.items()]
    shown = {
        "name": name,
        "id": column.name,
        "tabs": drawn.tabs(column.label, column.name, tuple(tabs)),
        "template": f"admin/review/{part.template}",
    }
    return {column.name: shown, **part.load(desk)}


def urls_of(desk: Desk, column: Column) -> dict[str, str]:
    """Part → the address of the page that shows it; the other column stays as it is."""
    base = reverse("review-submission", args=[desk.submission.pk])
    kept = "".join(f"&{other.name}={other.chosen(desk.request)}" for other in COLUMNS if other is not column)
    return {name: f"{base}?{column.name}={name}{kept}" for name in column.parts}


def asked_by_htmx(request: HttpRequest) -> Column | None:
    """The column that alone is asked for; None when it is the whole page."""
    htmx: Any = getattr(request, "htmx", None)
    if not htmx or htmx.history_restore_request:
        return None
    return next((column for column in COLUMNS if column.name == htmx.target), None)


def address_after(request: HttpRequest, column: Column) -> str:
    """The address on which the page stands once `column` shows its new part; what the other shows stays in it."""
    htmx: Any = getattr(request, "htmx", None)
    before = parse_qs(urlsplit(htmx.current_url or "").query)
    chosen = {one.name: before[one.name][-1] for one in COLUMNS if one.name in before}
    return f"{request.path}?{urlencode(chosen | {column.name: column.chosen(request)})}"


def place(submission_url: str, request: HttpRequest, anchor: str = "", **chosen: str) -> str:
    """`submission_url` with the parts that were posted along; `chosen` names others, `anchor` where to look."""
    posted = {one.name: request.POST[one.name] for one in COLUMNS if request.POST.get(one.name) in one.parts}
    query = posted | chosen
    return submission_url + (f"?{urlencode(query)}" if query else "") + anchor
