"""Asking GitHub how things are: heals what deliveries lost on their way. Only where a token is set.

One poll of a repository looks at the list of what changed, at each linked pull request that may still change, and at
the branch that is released. What it finds are facts like any others (`ingest.take`), so it may run at any time, twice
or at once. GitHub is never asked while a row is held.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from pulls import ingest
from pulls.api import Answer, GitHub, Missing, OddAnswer, Paused, Unreachable
from pulls.keeping import fitting
from pulls.models import PullRequest, Repository
from runtime.github.facts import (
    FAULTS,
    ChecksSeen,
    Fact,
    Payload,
    PullSeen,
    Pushed,
    checks_of,
    moment,
    pull_of,
    review_of,
)

log = structlog.get_logger(__name__)

# The first poll of a repository looks so far back; a later one to a little before the last.
FIRST_LOOK, OVERLAP = timedelta(days=30), timedelta(hours=1)
# What was closed may be opened again, and reviews of it dismissed, for so long.
STILL_WARM = timedelta(days=14)
# Of one poll: pages of the list, pages of reviews and suites of one pull request, and pull requests.
MOST_PAGES, MOST_PAGES_EACH, MOST_PULLS = 10, 4, 100
# No poll takes longer.
LONGEST = timedelta(minutes=3)
# An answer about the second in which it was given may be about its middle.
SETTLED_AFTER = timedelta(seconds=5)
NO_SUCH_PULL = "GitHub knows no such pull request"
# How many checks a suite has; not in every answer.
RUNS = "latest_check_runs_count"
Read = TypeVar("Read")


def poll(repository: Repository) -> None:
    """Ask GitHub about everything that may have changed. Without a token, and during a pause, nothing.

    What is in the way is kept in the repository's row, never raised; what was found out before it counts.
    """
    now = timezone.now()
    if not settings.GITHUB_TOKEN or not repository.is_watched or (repository.poll_after or now) > now:
        return
    with GitHub(repository.name) as github:
        done = _safely(repository, _Poll(repository, github, now).run)
    if done:
        # The tag is kept only now: a poll that broke off has not seen what its list named.
        fields = {"polled_at": now, "poll_error": "", "poll_after": None, "poll_tag": repository.poll_tag}
        Repository.objects.filter(pk=repository.pk).update(**fields)
    log.info("github_polled", repository=repository.name, done=done)


def answer_asked() -> int:
    """Ask about each pull request that somebody waits for; how many."""
    now = timezone.now()
    waiting = PullRequest.objects.select_related("repository").filter(
        Q(polled_at__isnull=True) | Q(polled_at__lt=F("asked_at")), asked_at__isnull=False, repository__is_watched=True,
    ).filter(Q(repository__poll_after__isnull=True) | Q(repository__poll_after__lte=now))  # fmt: skip
    pulls = list(waiting.order_by("asked_at")[:MOST_PULLS]) if settings.GITHUB_TOKEN else []
    for pull in pulls:
        with GitHub(pull.repository.name) as github:
            _safely(pull.repository, partial(look, github, pull))
    return len(pulls)


def look(github: GitHub, pull: PullRequest) -> None:
    """Everything about one pull request: itself, its reviews, the suites of its newest commit."""
    began = timezone.now()
    try:
        facts = _facts_of(github, pull.repository.name, pull.number)
    except (Missing, OddAnswer) as error:
        # The others are asked about all the same.
        text = NO_SUCH_PULL if isinstance(error, Missing) else str(error)
        PullRequest.objects.filter(pk=pull.pk).update(polled_at=began, poll_error=text[:200])
        return
    _take(pull.repository, facts)
    PullRequest.objects.filter(pk=pull.pk).update(polled_at=began, poll_error="")


class _Poll:
    def __init__(self, repository: Repository, github: GitHub, now: datetime) -> None:
        self._repository, self._github, self._now = repository, github, now
        self._since = repository.polled_at - OVERLAP if repository.polled_at else now - FIRST_LOOK

    def run(self) -> None:
        self._list()
        for pull in self._due():
            if timezone.now() > self._now + LONGEST:
                raise Unreachable("GitHub is slow: not everything could be asked. The next time goes on from here.")
            look(self._github, pull)
        self._branch()

    def _list(self) -> None:
        """Every pull request that changed since the last poll, the newest first."""
        query = {"state": "all", "sort": "updated", "direction": "desc"}
        newest = self._github.get("/pulls", tag=self._repository.poll_tag, per_page=1, page=1, **query)
        if newest.document is None:
            return
        for page in self._github.pages("/pulls", most=MOST_PAGES, **query):
            facts = [_pull(self._repository.name, one, page) for one in page.document]
            for fact in facts:
                _take(self._repository, [fact])
            if any(fact.at < self._since for fact in facts):
                break
        self._repository.poll_tag = newest.tag

    def _due(self) -> QuerySet[PullRequest]:
        """Of Apps only: nobody waits for the others. Who was not asked about for the longest time comes first."""
        warm = Q(is_open=True) | Q(changed_at__gt=self._now - STILL_WARM) | Q(asked_at__gt=F("polled_at"))
        linked = self._repository.pulls.filter(warm, app__isnull=False).select_related("repository")
        return linked.order_by(F("polled_at").asc(nulls_first=True), "pk")[:MOST_PULLS]

    def _branch(self) -> None:
        """The newest commit of what is released, and its suites."""
        name = self._repository.name
        branch = self._github.get(f"/branches/{self._repository.branch}").document
        facts: list[Fact] = [_read(partial(_branch_of, name, self._repository.branch, branch))]
        sha = facts[0].after if isinstance(facts[0], Pushed) else ""
        _take(self._repository, [*facts, *_suites(self._github, name, sha)])


def _facts_of(github: GitHub, repository: str, number: int) -> list[Fact]:
    answer = github.get(f"/pulls/{number}")
    pull = _pull(repository, answer.document, answer)
    pages = github.pages(f"/pulls/{number}/reviews", most=MOST_PAGES_EACH)
    # A review that its author has not sent off yet has no time and says nothing.
    told = [one for page in pages for one in page.document if isinstance(one, dict) and one.get("submitted_at")]
    reviews = [_read(partial(review_of, repository, number, one, pull.at, is_polled=True)) for one in told]
    return [pull, *reviews, *_suites(github, repository, pull.head_sha)]


def _suites(github: GitHub, repository: str, sha: str) -> Iterator[ChecksSeen]:
    """Of one commit. GitHub makes a suite for every program that may check, and some never do: those say nothing."""
    for page in github.pages(f"/commits/{sha}/check-suites", most=MOST_PAGES_EACH, key="check_suites"):
        for one in page.document:
            if not isinstance(one, dict) or one.get("status") == "completed" or one.get(RUNS) != 0:
                yield _read(partial(checks_of, repository, one, is_polled=True))


def _pull(repository: str, document: Payload, answer: Answer) -> PullSeen:
    seen = _read(partial(pull_of, repository, document, is_polled=True))
    return seen if answer.at - seen.at >= SETTLED_AFTER else replace(seen, is_polled=False)


def _branch_of(repository: str, branch: str, document: Payload) -> Pushed:
    commit = document["commit"]
    return Pushed(repository, branch, moment(commit["commit"]["committer"]["date"]), "", str(commit["sha"]))


def _read(reader: Callable[[], Read]) -> Read:
    try:
        return reader()
    except FAULTS as error:
        raise OddAnswer(f"GitHub's answer has another shape: {error!r}") from None


def _take(repository: Repository, facts: Iterable[Fact]) -> None:
    """One that fails, with us or whoever listens, is logged, and keeps no other from being taken."""
    fitted = [_read(partial(fitting, fact)) for fact in facts]
    try:
        with transaction.atomic():
            held = ingest.locked(repository.name)
            if held is not None:
                ingest.take(held, fitted)
    except Exception:
        log.exception("github_facts_failed", repository=repository.name)


def _safely(repository: Repository, act: Callable[[], None]) -> bool:
    """Do it; what is in the way is kept for staff and pages. Whether all went well."""
    mine = Repository.objects.filter(pk=repository.pk)
    try:
        act()
    except Paused as pause:
        mine.update(poll_after=pause.until, poll_error=str(pause)[:200])
    except Unreachable as error:
        mine.update(poll_error=str(error)[:200])
    else:
        return True
    log.warning("github_unreachable", repository=repository.name)
    return False
