"""Every column that holds sealed secrets, for the check of the keys and for their rotation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models

from apps_catalog.models import Component, ReviewerAccess, SigningSecret
from devcenter.login import SECOND_FACTOR
from installs.models import FlowTrial
from notifications import slack
from notifications.models import SlackChannel
from testbench.models import SuiteRun
from vault.sealing import CannotOpen, is_current, seal, unseal
from workspaces.models import Destination


@dataclass(frozen=True)
class Column:
    """`context` says what a row's secret is bound to, exactly as the model seals it."""

    model: type[models.Model]
    field: str
    context: Callable[[Any], str]
    # Set when the field is a JSON object and the secret one of its values.
    key: str = ""

    def __str__(self) -> str:
        return ".".join(filter(None, [self.model._meta.label, self.field, self.key]))

    def rows(self) -> models.QuerySet[Any]:
        # The base manager: a removed component's secrets are turned over too.
        rows = self.model._base_manager.order_by("pk")
        if self.key:
            return rows.filter(**{f"{self.field}__has_key": self.key})
        return rows.exclude(**{self.field: ""})

    def sealed(self, row: Any) -> str:
        value = getattr(row, self.field)
        return str(value[self.key] if self.key else value)

    def replace(self, row: Any, sealed: str) -> bool:
        """Store another sealed value; False when the row was changed since it was read."""
        old = getattr(row, self.field)
        new = old | {self.key: sealed} if self.key else sealed
        same = self.model._base_manager.filter(pk=row.pk, **{self.field: old})
        return bool(same.update(**{self.field: new}))


def _access(name: str) -> Column:
    return Column(ReviewerAccess, f"{name}_sealed", lambda row: f"reviewer-access:{row.app_id}:{name}")


COLUMNS = [
    *(_access(name) for name in ReviewerAccess.SEALED),
    Column(Component, "test_settings_sealed", lambda row: f"component-test-settings:{row.pk}"),
    Column(SigningSecret, "value_sealed", lambda row: row.context),
    Column(SlackChannel, "address_sealed", lambda row: slack.CONTEXT),
    Column(Destination, "settings_sealed", lambda row: f"destination:{row.pk}"),
    Column(SuiteRun, "settings_sealed", lambda row: f"suite-run:{row.pk}"),
    Column(FlowTrial, "secrets_sealed", lambda row: row.context),
    Column(Authenticator, "data", lambda row: SECOND_FACTOR, key="secret"),
    Column(Authenticator, "data", lambda row: SECOND_FACTOR, key="seed"),
]


@dataclass
class Rotation:
    """What `rotate` did: rows sealed anew, rows that were current, and where a secret does not open."""

    resealed: int = 0
    current: int = 0
    broken: list[str] = field(default_factory=list)


def rotate(*, dry_run: bool = False) -> Rotation:
    """Seal every secret under the current key. What does not open is listed and left as it is.

    Safe to break off and to run again, and while the site is up: a value changed meanwhile is left alone.
    """
    done = Rotation()
    for column, row in _each():
        if is_current(column.sealed(row)):
            done.current += 1
        elif (plain := _opened(column, row, done.broken)) is not None:
            done.resealed += dry_run or column.replace(row, seal(plain, column.context(row)))
    return done


def broken(limit: int) -> list[str]:
    """Where a secret does not open, looking at `limit` rows of each column."""
    found: list[str] = []
    for column, row in _each(limit):
        _opened(column, row, found)
    return found


def _each(limit: int | None = None) -> Iterator[tuple[Column, Any]]:
    for column in COLUMNS:
        rows = column.rows() if limit is None else column.rows()[:limit]
        for row in rows.iterator(chunk_size=200):
            yield column, row


def _opened(column: Column, row: Any, broken: list[str]) -> str | None:
    try:
        return unseal(column.sealed(row), column.context(row))
    except CannotOpen as error:
        broken.append(f"{column} of {row._meta.model_name} {row.pk}: {error}")
        return None
