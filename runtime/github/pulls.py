"""The state of a pull request, made of facts in any order, any number of times.

`take` keeps of each thing the fact that GitHub's clock calls the newest: it is commutative, associative and
idempotent, so duplicates and late arrivals change nothing, and one look at the API heals what was lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from runtime.github.facts import ChecksSeen, Fact, PullSeen, Pushed, ReviewSeen

Seen = TypeVar("Seen", ReviewSeen, ChecksSeen)
GOOD = frozenset({"success", "neutral", "skipped"})
# A review that judges; a comment does not take an earlier judgement back.
JUDGING = frozenset({"approved", "changes_requested"})
# Whose review judges: in a public repository anybody may write one, also the author's second account. GitHub's
# `author_association`; one that it did not tell judges nothing.
JUDGES = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


class Verdict(StrEnum):
    """What the reviews come to, as GitHub counts them: the newest judgement of each person who may judge."""

    NONE = "none"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    STALE = "stale"  # approved, and changed since


class Checks(StrEnum):
    NONE = "none"
    RUNNING = "running"
    FAILED = "failed"
    PASSED = "passed"


@dataclass
class PullState:
    """Everything known about one pull request. Suites of other commits are kept: the head may move back."""

    pull: PullSeen | None = None
    reviews: dict[int, ReviewSeen] = field(default_factory=dict)
    suites: dict[int, ChecksSeen] = field(default_factory=dict)

    def take(self, fact: Fact) -> bool:
        """Whether the fact was news."""
        match fact:
            case PullSeen():
                if self.pull is not None and fact.rank <= self.pull.rank:
                    return False
                self.pull = fact
            case ReviewSeen():
                return _keep(self.reviews, fact)
            case ChecksSeen():
                return _keep(self.suites, fact)
            case Pushed():
                return False
        return True

    def take_all(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.take(fact)

    @property
    def judgements(self) -> list[ReviewSeen]:
        """The newest judgement of each reviewer that still holds, the newest first.

        The author's own is none, nor is that of anybody who does not belong to the repository.
        """
        author = self.pull.author if self.pull else ""
        newest: dict[str, ReviewSeen] = {}
        for review in sorted(self.reviews.values(), key=lambda one: (one.submitted_at, one.id)):
            if review.author != author and is_judgement(review.state, review.association):
                newest[review.author] = review
        return sorted(newest.values(), key=lambda one: (one.submitted_at, one.id), reverse=True)

    @property
    def verdict(self) -> Verdict:
        judged = self.judgements
        if any(review.state == "changes_requested" for review in judged):
            return Verdict.CHANGES_REQUESTED
        if not judged or self.pull is None:
            return Verdict.NONE
        fresh = any(review.commit_sha == self.pull.head_sha for review in judged)
        return Verdict.APPROVED if fresh else Verdict.STALE

    @property
    def checks(self) -> Checks:
        """Of the newest commit."""
        suites = [suite for suite in self.suites.values() if self.pull and suite.head_sha == self.pull.head_sha]
        if not suites:
            return Checks.NONE
        if any(suite.status == "completed" and suite.conclusion not in GOOD for suite in suites):
            return Checks.FAILED
        return Checks.PASSED if all(suite.status == "completed" for suite in suites) else Checks.RUNNING


def is_judgement(state: str, association: str) -> bool:
    """Whether a review of this state, by somebody whom GitHub calls so, says anything about the verdict."""
    return state in JUDGING and association in JUDGES


def _keep(known: dict[int, Seen], fact: Seen) -> bool:
    kept = known.get(fact.key)
    if kept is not None and fact.rank <= kept.rank:
        return False
    known[fact.key] = fact
    return True
