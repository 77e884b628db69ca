"""A pull request as GitHub tells about it: deliveries in its shapes, signed, and posted to the site's own door.

The demo's repository cannot exist at GitHub, whose owners have no dots in their names: no link leads to the work of
somebody else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from runtime.github.signatures import HEADER, signature_of

REPOSITORY = "acme.example/action-destinations"
AUTHOR = "acme-developer"
REVIEWER = "segment-reviewer"
BRANCH = "main"
PATH = "/github/webhook"
# What a partner writes, with the boxes of the repository's template (S27).
DESCRIPTION = """{text}

## Testing

- [x] Added unit tests for new functionality
- [x] Tested end-to-end using the local server
- [ ] [If destination is already live] Tested for backward compatibility of destination
"""
Payload = dict[str, Any]
# Posts a path with headers and a body; returns the status.
Post = Callable[[str, Mapping[str, str], bytes], int]


@dataclass
class Telling:
    """One pull request. Each verb is something that happens to it, an hour after what happened before.

    `post` sends a delivery to the site; `secret` signs it. The id of a delivery follows from the pull request and from
    how many there were before, so that telling the same again changes nothing.
    """

    post: Post
    secret: str
    number: int
    title: str
    text: str
    began_at: datetime
    repository: str = REPOSITORY
    step: timedelta = timedelta(hours=1)
    _told: int = 0
    _commits: int = 0
    _pull: Payload = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://github.com/{self.repository}/pull/{self.number}"

    @property
    def head(self) -> str:
        """The newest commit."""
        return self._sha(self._commits)

    # --- What happens to it -------------------------------------------------------------------------

    def open(self) -> None:
        self._pull = {
            "id": self._id("pull"), "number": self.number, "html_url": self.url, "state": "open", "locked": False,
            "draft": False, "title": self.title, "body": DESCRIPTION.format(text=self.text), "merged": False,
            "merged_at": None, "merge_commit_sha": None, "user": _user(AUTHOR), "created_at": self._stamp(),
            "head": {"ref": f"destination-{self.number}", "sha": self.head, "user": _user(AUTHOR)},
            "base": {"ref": BRANCH, "sha": self._sha(-1), "user": _user(self._owner)},
        }  # fmt: skip
        self._tell_pull("opened")

    def push(self) -> None:
        """Another commit: what was approved before is stale."""
        before = self.head
        self._commits += 1
        self._pull["head"] = {**self._pull["head"], "sha": self.head}
        self._tell_pull("synchronize", before=before, after=self.head)

    def check(self, conclusion: str = "success") -> None:
        """The suite of checks on the newest commit ends: “success” or “failure”."""
        suite = {
            "id": self._id(f"suite {self._commits}"), "head_branch": self._pull["head"]["ref"], "head_sha": self.head,
            "status": "completed", "conclusion": conclusion, "app": {"id": 15368, "slug": "github-actions"},
            "created_at": self._stamp(), "updated_at": self._stamp(), "pull_requests": [],
        }  # fmt: skip
        self._tell("check_suite", {"action": "completed", "check_suite": suite})

    def review(self, state: str, text: str = "") -> None:
        """A reviewer says “approved”, “changes_requested” or “commented” about the newest commit."""
        review = {
            "id": self._id(f"review {self._told}"), "user": _user(REVIEWER), "body": text, "state": state,
            "commit_id": self.head, "submitted_at": self._stamp(), "html_url": f"{self.url}#pullrequestreview",
            "author_association": "MEMBER",
        }  # fmt: skip
        self._pull["updated_at"] = self._stamp()
        self._tell("pull_request_review", {"action": "submitted", "review": review, "pull_request": self._pull})

    def merge(self) -> None:
        merged = {"state": "closed", "merged": True, "merged_at": self._stamp(), "closed_at": self._stamp()}
        self._pull |= {**merged, "merge_commit_sha": self._sha(1_000), "merged_by": _user(REVIEWER)}
        self._tell_pull("closed")

    # --- How it is told -----------------------------------------------------------------------------

    def _tell_pull(self, action: str, **more: Any) -> None:
        self._pull["updated_at"] = self._stamp()
        self._tell("pull_request", {"action": action, "number": self.number, "pull_request": self._pull, **more})

    def _tell(self, event: str, payload: Payload) -> None:
        """Raises NotTold unless the site took it in."""
        owner, name = self.repository.split("/")
        about = {"id": self._id("repository"), "name": name, "full_name": self.repository, "owner": _user(owner)}
        body = json.dumps({**payload, "repository": about, "sender": _user(AUTHOR)}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid5(NAMESPACE_URL, f"{self.url}#{self._told}")),
            HEADER: signature_of(body, self.secret),
        }
        status = self.post(PATH, headers, body)
        if not 200 <= status < 300:
            raise NotTold(f"{PATH} answered {status} to {event}")
        self._told += 1

    def _stamp(self) -> str:
        at = self.began_at + self.step * self._told
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _sha(self, number: int) -> str:
        return sha1(f"{self.url}@{number}".encode(), usedforsecurity=False).hexdigest()

    def _id(self, what: str) -> int:
        return int(sha1(f"{self.url} {what}".encode(), usedforsecurity=False).hexdigest()[:8], 16)

    @property
    def _owner(self) -> str:
        return self.repository.split("/")[0]


class NotTold(Exception):
    """The site did not take a delivery in; the text says what it answered."""


def _user(login: str) -> Payload:
    return {"login": login, "type": "User"}
