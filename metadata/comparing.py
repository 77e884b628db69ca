"""What a template says beside what the listing says now, field by field."""

from dataclasses import dataclass, field
from typing import Any

from apps_catalog.models import App, Listing
from apps_catalog.picture_reports import NAMES
from metadata.models import TemplateDraft
from metadata.reading import most_categories, problem_with
from metadata.template import Categories, as_read, entry_of
from partners.models import Policy
from runtime.catalog_labels import LABELS
from runtime.catalog_mail import Entry
from runtime.catalog_remarks import Remark

# What the listing holds; the name and the pull request belong to other pages.
TAKEN = ("description", "website", "categories", "logo", "mark", "support_email")
# Nobody reads further in a template of a dozen lines.
MOST_LINES = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One field. `read` and `now` as text; `can_take`: it differs, and the listing could hold it."""

    name: str
    label: str
    read: str
    now: str
    is_picture: bool
    differs: bool
    can_take: bool
    remarks: list[Remark] = field(default_factory=list)

    @property
    def is_elsewhere(self) -> bool:
        """Whether another page than the listing changes it."""
        return self.name not in TAKEN

    @property
    def state(self) -> str:
        """“read”, “same”, “unread”: nothing usable was found, or “elsewhere”."""
        if not self.differs:
            return "same" if self.read and self.read == self.now else "unread"
        if self.is_elsewhere:
            return "elsewhere"
        return "read" if self.can_take else "unread"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the template as it came, with what was remarked about it."""

    number: int
    text: str
    remarks: list[str]


def entry_in(draft: TemplateDraft) -> Entry:
    """The entry as the draft keeps it."""
    return Entry(**{**draft.entry, "categories": tuple(draft.entry.get("categories", ()))})


def remarks_in(draft: TemplateDraft) -> list[Remark]:
    return [Remark(**one) for one in draft.remarks]


def rows(app: App, listing: Listing, draft: TemplateDraft) -> list[Row]:
    """Every field of the template in its order."""
    categories, policy = Categories(), Policy.current()
    entry, now = entry_in(draft), as_read(entry_of(app, listing, categories), categories)
    return [_row(name, entry, now, draft, policy) for name in LABELS]


def _row(name: str, entry: Entry, now: Entry, draft: TemplateDraft, policy: Policy) -> Row:
    read, stands = _usable(name, entry, policy), getattr(now, name)
    picture = draft.pictures.get(name)
    differs = bool(picture) or (bool(read) and read != stands and name not in NAMES)
    can_take = differs and name in TAKEN and not problem_with(name, entry, policy)
    remarks = [remark for remark in remarks_in(draft) if remark.field == name]
    shown = picture["name"] if picture else _in_words(read)
    return Row(name, LABELS[name][0], shown, _in_words(stands), name in NAMES, differs, can_take, remarks)


def _usable(name: str, entry: Entry, policy: Policy) -> Any:
    """As much of a field as the listing would hold."""
    value = getattr(entry, name)
    return value[: most_categories(policy)] if name == "categories" else value


def _in_words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def lines(draft: TemplateDraft) -> list[Line]:
    """The text line by line, so that what could not be read stays in view; of a very long one its beginning."""
    said: dict[int, list[str]] = {}
    for remark in remarks_in(draft):
        if remark.line:
            said.setdefault(remark.line, []).append(remark.text)
    begins = draft.text.split("\n", MOST_LINES)[:MOST_LINES]
    return [Line(number, text, said.get(number, [])) for number, text in enumerate(begins, start=1)]
