"""What the list of Apps shows about each that this package cannot know: the next step and the last run.

Packages above this one provide it, a page of Apps at a time; `devcenter` registers them when it starts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models.expressions import BaseExpression

from apps_catalog.addresses import asset_path, page_of
from apps_catalog.states import Stage


@dataclass(frozen=True, slots=True)
class AppRow:
    """One App of the list, from its own columns. `name`, `slug` and `mark_url` are what `app_mark` draws."""

    pk: int
    name: str
    slug: str
    stage: str
    company: str
    mark_id: str | None
    collects: str
    has_component: bool
    # The columns that providers asked for, by name.
    more: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    @property
    def url(self) -> str:
        return page_of("app-detail", self.slug)

    @property
    def stage_word(self) -> str:
        return Stage(self.stage).label

    @property
    def mark_url(self) -> str:
        return asset_path(self.mark_id) if self.mark_id else ""


@dataclass(frozen=True, slots=True)
class RowFacts:
    """One row's cells. Empty texts and None mean: not known."""

    next_text: str = ""
    next_url: str = ""
    run_verdict: str = ""
    run_url: str = ""
    run_at: datetime | None = None


# Gets the Apps of a page and who looks; answers the fields of RowFacts that it knows, by App id. It must
# take a constant number of queries, however many Apps there are.
Provider = Callable[[Sequence[AppRow], Any], Mapping[int, Mapping[str, Any]]]
_providers: list[Provider] = []
_columns: dict[str, BaseExpression] = {}


def provide(provider: Provider, **columns: BaseExpression) -> None:
    """Register a provider, once; a later one wins over an earlier one.

    `columns` are read with the Apps themselves, in the same query, and come back as `AppRow.more`.
    """
    if provider not in _providers:
        _providers.append(provider)
    _columns.update(columns)


def columns() -> Mapping[str, BaseExpression]:
    """What the query of the list has to be annotated with."""
    return _columns


def facts_for(apps: Sequence[AppRow], user: Any) -> dict[int, RowFacts]:
    """The facts of each App by id."""
    facts = {app.pk: own_facts(app) for app in apps}
    for provider in _providers:
        for pk, known in provider(apps, user).items():
            facts[pk] = replace(facts[pk], **known)
    return facts


_BY_STAGE = {
    Stage.IN_REVIEW: "Wait for Segment’s review",
    Stage.PRIVATE_BETA: "Invite customers to the beta",
    Stage.PUBLIC_BETA: "Look after your customers",
    Stage.PUBLIC: "Look after your customers",
    Stage.DEPRECATED: "Nothing to do",
}


def own_facts(app: AppRow) -> RowFacts:
    """What is next as far as this package knows."""
    if app.stage != Stage.BUILDING:
        return RowFacts(_BY_STAGE[Stage(app.stage)])
    if not app.collects or not app.has_component:
        return RowFacts("Choose how to collect and process", page_of("app-components", app.slug))
    return RowFacts("Complete the checklist", page_of("app-listing", app.slug))
