"""What GitHub says, applied: the only writer of what it says.

Facts of one repository are applied one after the other, behind a lock on its row, and each thing keeps the newest
fact by GitHub's clock: whatever is doubled, late or out of order ends in the same state.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps_catalog.models import App
from pulls import keeping
from pulls.models import Delivery, PullRequest, Repository
from pulls.signals import pull_changed
from pulls.standing import Snapshot, snapshot
from pulls.states import Outcome
from runtime.github.facts import BadPayload, ChecksSeen, Fact, PullSeen, Pushed, ReviewSeen, read

log = structlog.get_logger(__name__)


def apply(event: str, guid: str, payload: Mapping[str, Any]) -> Outcome:
    """Apply a delivery whose signature holds. One that came before changes nothing, and its outcome is told again."""
    try:
        outcome = _apply(event, guid, payload)
    except IntegrityError:
        # The same id at the same moment, with something else in it: the first one counts.
        known = _outcome_of(guid)
        if known is None:
            raise
        return known
    log.info("github_delivery", delivery=guid, github_event=event, outcome=str(outcome))
    return outcome


@transaction.atomic
def _apply(event: str, guid: str, payload: Mapping[str, Any]) -> Outcome:
    facts = _facts_in(event, payload)
    repository = locked(facts[0].repository) if facts else None
    # Looked up behind the lock: one that comes twice at the same moment has waited there for the first.
    known = _outcome_of(guid)
    if known is not None:
        return known
    outcome, pull = Outcome.UNKNOWN, None
    if repository is not None and facts:
        taken = take(repository, facts)
        outcome, pull = (Outcome.APPLIED if taken.is_news else Outcome.OLD), next(iter(taken.pulls), None)
    elif not facts:
        outcome = Outcome.BROKEN if facts is None else Outcome.NOTHING
    Delivery.objects.create(guid=guid, event=event, outcome=outcome, pull=pull)
    return outcome


def _facts_in(event: str, payload: Mapping[str, Any]) -> list[Fact] | None:
    """None for a payload that lacks what such an event always has."""
    try:
        return [keeping.fitting(fact) for fact in read(event, payload)]
    except BadPayload as error:
        log.warning("github_delivery_broken", github_event=event, error=str(error))
        return None


def _outcome_of(guid: str) -> Outcome | None:
    known = Delivery.objects.filter(guid=guid).values_list("outcome", flat=True).first()
    return None if known is None else Outcome(known)


def locked(name: str) -> Repository | None:
    """The watched repository of that name, held until the end of the transaction."""
    return Repository.objects.select_for_update().filter(name=name, is_watched=True).first()


@dataclass
class Taken:
    """The pull requests that the facts are about, and whether anything of it was news."""

    is_news: bool = False
    pulls: list[PullRequest] = field(default_factory=list)


def take(repository: Repository, facts: Sequence[Fact]) -> Taken:
    """Keep what is news, judge again, and tell once for each pull request of an App that stands otherwise now.

    `repository` is `locked`. Works for one delivery, and for all that a look at the API found out.
    """
    return _Taking(repository).take(facts)


class _Taking:
    """One application of facts: each pull request concerned is read, judged and saved once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._pulls: dict[int, PullRequest] = {}
        self._before: dict[int, Snapshot] = {}
        self._changed: set[int] = set()
        self._reviewed: set[int] = set()
        self._is_news = False

    def take(self, facts: Iterable[Fact]) -> Taken:
        reviews: dict[int, list[ReviewSeen]] = {}
        suites: list[ChecksSeen] = []
        for fact in facts:
            match fact:
                case PullSeen():
                    self._note(fact.number, keeping.keep_pull(self._pull(fact.number), fact))
                case ReviewSeen():
                    reviews.setdefault(fact.number, []).append(fact)
                case ChecksSeen():
                    suites.append(fact)
                case Pushed():
                    self._is_news |= keeping.keep_push(self._repository, fact)
        for number, seen in reviews.items():
            if keeping.keep_reviews(self._pull(number), seen):
                self._note(number, True)
                self._reviewed.add(number)
        self._take_suites(suites)
        self._settle()
        return Taken(self._is_news, list(self._pulls.values()))

    def _take_suites(self, suites: list[ChecksSeen]) -> None:
        """A suite is about every pull request whose newest commit it checked."""
        if not suites:
            return
        is_news = keeping.keep_suites(self._repository, suites)
        self._is_news |= is_news
        for pull in self._repository.pulls.filter(head_sha__in={suite.head_sha for suite in suites}):
            self._note(self._known(pull).number, is_news)

    def _pull(self, number: int) -> PullRequest:
        if number not in self._pulls:
            self._known(self._repository.pulls.get_or_create(number=number)[0])
        return self._pulls[number]

    def _known(self, pull: PullRequest) -> PullRequest:
        known = self._pulls.setdefault(pull.number, pull)
        self._before.setdefault(pull.number, snapshot(known))
        return known

    def _note(self, number: int, is_news: bool) -> None:
        self._is_news |= is_news
        if is_news:
            self._changed.add(number)

    def _settle(self) -> None:
        hold_apps(self._pulls[number].app_id for number in self._changed)
        for number in sorted(self._changed):
            pull = self._pulls[number]
            keeping.judge(pull)
            pull.changed_at = timezone.now()
            pull.save(update_fields=[*keeping.TOLD, "verdict", "checks", "changed_at"])
            tell(pull, self._before[number], is_reviewed=number in self._reviewed)


def hold_apps(ids: Iterable[int | None]) -> None:
    """Lock these Apps, in one order, until the end of the transaction.

    Whoever is told acts on them, and writes to the record of their companies. Decisions lock the App before that
    record, so this has to, too: else each would wait for what the other has.
    """
    wanted = {pk for pk in ids if pk is not None}
    if wanted:
        list(App.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))


def tell(pull: PullRequest, before: Snapshot, *, is_reviewed: bool = False) -> None:
    """Tell whoever listens, when the pull request belongs to an App and stands otherwise than `before`.

    A review is always told: one that asks for changes again leaves the verdict as it was.
    """
    if pull.app_id is not None and (is_reviewed or snapshot(pull) != before):
        pull_changed.send(sender=PullRequest, pull=pull, before=before)
