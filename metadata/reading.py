"""A filled-in template as the product reads it: what it says, what a person has to look at, and its pictures.

`runtime.catalog_mail` reads the words; here come the rules of the listing, which know the policy and the App.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from apps_catalog import validators
from apps_catalog.models import App, Listing
from apps_catalog.states import Processes
from metadata import pictures
from metadata.pictures import File
from metadata.template import Categories, read_text
from partners.models import Policy
from runtime.catalog_labels import LABELS
from runtime.catalog_mail import Entry
from runtime.catalog_remarks import Code, Remark


@dataclass(frozen=True, slots=True)
class Found:
    entry: Entry
    remarks: list[Remark]
    pictures: dict[str, Any]


def tidy(text: str) -> str:
    """Line ends as remarks count them; what a database cannot hold is gone."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def find(app: App, listing: Listing, text: str, files: Mapping[str, File], more_files: Iterable[File] = ()) -> Found:
    """Read a template. `files` are those given for a field, `more_files` those whose field is to be found out."""
    categories, policy = Categories(), Policy.current()
    reading = read_text(tidy(text), categories)
    placed, left_out = pictures.place(reading.entry, more_files)
    current = {"logo": listing.logo_id, "mark": listing.mark_id}
    taken = pictures.take(reading.entry, placed | dict(files), current, reading.lines)
    remarks = [one for one in reading.remarks if not _is_beside_the_point(one, app, reading.entry, taken.kept)]
    told = {remark.field for remark in remarks if remark.code == Code.INVALID}
    faults = [
        Remark(name, reading.lines.get(name, 0), fault)
        for name, fault in _faults(reading.entry, policy)
        if name not in told
    ]
    return Found(reading.entry, [*remarks, *faults, *taken.remarks, *left_out], taken.kept)


def _is_beside_the_point(remark: Remark, app: App, entry: Entry, kept: Mapping[str, Any]) -> bool:
    """“Missing” of what came along as a file, or of a pull request where the App is not built by one."""
    if getattr(entry, remark.field, None):
        return False
    return remark.field in kept or (remark.field == "pull_request" and app.processes != Processes.PULL_REQUEST)


# --- The rules of the listing ---------------------------------------------------------------------------


def problem_with(name: str, entry: Entry, policy: Policy) -> str:
    """Why the listing cannot take this field over as it stands; "" when it can. Nothing is said of an empty one."""
    value = getattr(entry, name)
    check = _CHECKS.get(name)
    if not value or check is None:
        return ""
    try:
        check(value, policy)
    except ValidationError as problem:
        return problem.messages[0]
    return ""


def most_categories(policy: Policy) -> int:
    return 1 + policy.secondary_categories


def _faults(entry: Entry, policy: Policy) -> Iterable[tuple[str, str]]:
    for name in LABELS:
        if problem := problem_with(name, entry, policy):
            yield name, problem
    if len(entry.categories) > most_categories(policy):
        yield "categories", f"An entry has room for {most_categories(policy)}; the first are taken."


_CHECKS: dict[str, Callable[[str, Policy], Any]] = {
    "description": validators.clean_description,
    "website": lambda value, policy: validators.clean_link(value),
    "support_email": lambda value, policy: validators.clean_email(value),
}
