"""A repository that lives: pull requests are opened, pushed to, reviewed, checked and merged.

It writes every delivery that GitHub would send, in the shapes of GitHub's documentation, and answers as its API does.
"""

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

REPOSITORY = "partner/destinations"
# Who reviews, and how GitHub calls them: anybody may, in a public repository.
PEOPLE = {
    "reviewer-one": "MEMBER", "reviewer-two": "OWNER", "reviewer-three": "COLLABORATOR", "passer-by": "NONE",
    "former-author": "CONTRIBUTOR",
}  # fmt: skip


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Source:
    def __init__(self, seed: int, pulls: int = 20) -> None:
        self.random = random.Random(seed)
        self.ids = itertools.count(1000)
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.deliveries: list[tuple[str, dict[str, Any]]] = []
        self.pulls: dict[int, dict[str, Any]] = {}
        self.reviews: dict[int, dict[int, dict[str, Any]]] = {}
        self.suites: dict[int, dict[str, Any]] = {}
        for number in range(1, pulls + 1):
            self.open(number)

    # --- What happens -------------------------------------------------------------------------------

    def live(self) -> None:
        """One thing happens somewhere."""
        # Several things may happen within a second of GitHub's clock.
        self.now += timedelta(seconds=self.random.choice([0, 0, 1, 5, 60, 3600]))
        number = self.random.choice(list(self.pulls))
        pull = self.pulls[number]
        if pull["state"] == "closed":
            return self.reopen(number) if not pull["merged_at"] else self.comment(number)
        acts = [self.push, self.push, self.review, self.review, self.review, self.dismiss, self.edit, self.check,
                self.check, self.check, self.close, self.merge, self.draft]  # fmt: skip
        return self.random.choice(acts)(number)

    def open(self, number: int) -> None:
        self.pulls[number] = {
            "number": number, "state": "open", "draft": False, "merged_at": None, "merge_commit_sha": None,
            "head": {"sha": self.sha(), "ref": f"change-{number}"}, "base": {"ref": "main"},
            "user": {"login": "partner-developer"}, "title": f"Change {number}", "body": "- [x] Unit tests",
            "html_url": f"https://github.com/{REPOSITORY}/pull/{number}", "updated_at": stamp(self.now),
        }  # fmt: skip
        self.reviews[number] = {}
        self.tell_pull(number, "opened")

    def push(self, number: int) -> None:
        before = self.pulls[number]["head"]["sha"]
        self.pulls[number]["head"] = {**self.pulls[number]["head"], "sha": self.sha()}
        self.tell_pull(number, "synchronize")
        after = self.pulls[number]["head"]["sha"]
        self.tell("push", {"ref": f"refs/heads/change-{number}", "before": before, "after": after,
                           "head_commit": {"id": after, "timestamp": stamp(self.now)}})  # fmt: skip

    def review(self, number: int) -> None:
        id_ = next(self.ids)
        state = self.random.choice(["approved", "changes_requested", "commented"])
        by = self.random.choice(list(PEOPLE))
        self.reviews[number][id_] = {
            "id": id_, "state": state, "user": {"login": by}, "author_association": PEOPLE[by], "body": f"Review {id_}",
            "commit_id": self.pulls[number]["head"]["sha"], "submitted_at": stamp(self.now),
            "html_url": f"https://github.com/{REPOSITORY}/pull/{number}#review-{id_}",
        }  # fmt: skip
        self.tell_review(number, id_, "submitted")

    def dismiss(self, number: int) -> None:
        judging = [
            id_ for id_, one in self.reviews[number].items() if one["state"] in ("approved", "changes_requested")
        ]
        if judging:
            id_ = self.random.choice(judging)
            self.reviews[number][id_] = {**self.reviews[number][id_], "state": "dismissed"}
            self.tell_review(number, id_, "dismissed")

    def edit(self, number: int) -> None:
        self.pulls[number]["title"] = f"Change {number}, take {next(self.ids)}"
        self.tell_pull(number, "edited")

    def comment(self, number: int) -> None:
        self.tell("issue_comment", {"action": "created", "issue": {"number": number}})

    def draft(self, number: int) -> None:
        self.pulls[number]["draft"] = not self.pulls[number]["draft"]
        self.tell_pull(number, "converted_to_draft" if self.pulls[number]["draft"] else "ready_for_review")

    def check(self, number: int) -> None:
        head = self.pulls[number]["head"]["sha"]
        running = [id_ for id_, one in self.suites.items() if one["head_sha"] == head and one["status"] != "completed"]
        id_ = running[0] if running else next(self.ids)
        done = bool(running)
        self.suites[id_] = {
            "id": id_, "head_sha": head, "status": "completed" if done else "in_progress",
            "conclusion": self.random.choice(["success", "success", "failure", "neutral"]) if done else None,
            "updated_at": stamp(self.now), "app": {"slug": "github-actions"},
            "pull_requests": [{"number": number}],
        }  # fmt: skip
        self.tell(
            "check_suite", {"action": "completed" if done else "requested", "check_suite": dict(self.suites[id_])}
        )

    def close(self, number: int) -> None:
        if self.random.random() < 0.3:
            self.pulls[number]["state"] = "closed"
            self.tell_pull(number, "closed")

    def reopen(self, number: int) -> None:
        self.pulls[number]["state"] = "open"
        self.tell_pull(number, "reopened")

    def merge(self, number: int) -> None:
        if self.random.random() < 0.1:
            self.pulls[number] |= {"state": "closed", "merged_at": stamp(self.now), "merge_commit_sha": self.sha()}
            self.tell_pull(number, "closed")

    # --- What GitHub says ---------------------------------------------------------------------------

    def tell(self, event: str, payload: dict[str, Any]) -> None:
        self.deliveries.append((event, {**payload, "repository": {"full_name": REPOSITORY}}))

    def tell_pull(self, number: int, action: str) -> None:
        self.pulls[number]["updated_at"] = stamp(self.now)
        self.tell("pull_request", {"action": action, "number": number, "pull_request": dict(self.pulls[number])})

    def tell_review(self, number: int, id_: int, action: str) -> None:
        self.pulls[number]["updated_at"] = stamp(self.now)
        review, pull = dict(self.reviews[number][id_]), dict(self.pulls[number])
        self.tell("pull_request_review", {"action": action, "review": review, "pull_request": pull})

    def sha(self) -> str:
        return f"{self.random.getrandbits(160):040x}"
