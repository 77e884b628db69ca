"""What happened in a company, read from its chain of the audit record: a page, and the record itself as JSON lines.

It stands here because the words for what happened come from every package.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.visitor import person
from apps_catalog.activity import describe, names_of
from apps_catalog.models import App
from audit.models import Record
from partners.models import Company
from partners.rules import can_manage
from reviews.events import WORDS as REVIEW_WORDS

PAGE_SIZE = 25
WORDS = REVIEW_WORDS | {
    "access.approve": "Access was approved",
    "access.undo": "The decision about access was taken back",
    "company.exported": "The company’s data was exported",
    "company.handed_over": "The company was handed over",
    "company.agreements_accepted": "A newer version of the agreements was accepted",
    "company.archived": "The company was archived",
    "company.restored": "The company was restored",
    "company.deletion_requested": "Deletion of the company was asked for",
    "company.deletion_cancelled": "The deletion was taken back",
    "invitation.sent": "Somebody was invited to the company",
    "invitation.revoked": "An invitation was revoked",
    "invitation.restored": "An invitation was brought back",
    "member.joined": "A member joined",
    "member.left": "A member left",
    "member.removed": "A member was removed",
    "member.restored": "A member was brought back",
    "member.role_changed": "A role was changed",
    "slack.connected": "A Slack channel was connected",
    "slack.changed": "The Slack channel was changed",
    "inquiry.forwarded": "A customer’s question was sent to the support address",
    "slack.seat_asked": "A seat in the partners’ Slack was asked for",
    "slack.seat_withdrawn": "A seat in the partners’ Slack is no longer asked for",
    "slack.seat_given": "A seat in the partners’ Slack was given",
    "slack.tested": "A test message was sent to Slack",
    "slack.disconnected": "The Slack channel was disconnected",
    "suite.started": "A Test Suite run was started",
    "suite.cancelled": "A Test Suite run was cancelled",
    "suite.finished": "A Test Suite run ended",
}
# What the page can be narrowed to: the first word of actions, by topic.
TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people": ("People and the company", ("company", "invitation", "member", "access", "slack")),
    "app": (
        "Apps and their drafts",
        ("app", "component", "setting", "settings", "plan", "guide", "listing", "docs", "echo", "version"),
    ),
    "secrets": ("Secrets", ("signing",)),
    "test": ("Tests", ("suite",)),
    "review": ("Reviews and decisions", ("submission", "enquiry", "checklist", "thread")),
    "beta": ("Beta and releases", ("beta", "release", "train")),
}
# What is about a secret under another first word.
SECRETS = ("access.revealed", "access.changed")
FIELDS = ("seq", "at", "actor", "action", "target", "data", "prev_hash", "hash")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page. `who` is a member, “Segment”, “a former member” or “the system”."""

    at: datetime
    who: str
    what: str
    about: str


@login_required
@never_cache
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """For every member, and for staff: newest first, 25 a page."""
    company = _company(request, slug)
    topic = request.GET.get("about", "")
    found = Paginator(records_of(company, topic), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "company": company,
        "page_obj": found,
        "lines": lines(list(found), company),
        "topics": [(key, title) for key, (title, _) in TOPICS.items()],
        "topic": topic if topic in TOPICS else "",
        "can_export": can_manage(person(request), company),
    }
    return render(request, "partners/activity.html", context)


@login_required
@never_cache
@require_safe
def export(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """For owners: the whole chain, the oldest first, one JSON object a line, with the hashes that chain them."""
    company = _company(request, slug)
    if not can_manage(person(request), company):
        raise PermissionDenied
    answer = StreamingHttpResponse(_json_lines(company), content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="{company.slug}-activity.jsonl"'
    return answer


def records_of(company: Company, topic: str = "") -> QuerySet[Record]:
    """The company's records, newest first; only those of one of the TOPICS, if it is one."""
    found = Record.objects.filter(chain_id=company.chain).order_by("-seq")
    return found.filter(_about(topic)) if topic in TOPICS else found


def _about(topic: str) -> Q:
    """What opens or changes a test log-in is about secrets, whatever its first word."""
    firsts = [Q(action__startswith=f"{word}.") for word in TOPICS[topic][1]]
    secrets = Q(action__in=SECRETS)
    about = reduce(or_, firsts)
    return about | secrets if topic == "secrets" else about & ~secrets


def lines(records: list[Record], company: Company) -> list[Line]:
    """Records in words, in three queries however many there are."""
    names = names_of({record.actor for record in records}, company)
    apps = _app_names({record.target for record in records})
    return [
        Line(
            record.at, names.get(record.actor, "Segment"), WORDS.get(record.action) or describe(record),
            apps.get(record.target, ""),
        )
        for record in records
    ]  # fmt: skip


def _app_names(targets: set[str]) -> dict[str, str]:
    ids = [target.removeprefix("app:") for target in targets if target.startswith("app:")]
    return {f"app:{pk}": name for pk, name in App.objects.filter(pk__in=ids).values_list("pk", "name")}


def _json_lines(company: Company) -> Iterator[str]:
    rows = Record.objects.filter(chain_id=company.chain).order_by("seq").values(*FIELDS)
    for row in rows.iterator(chunk_size=500):
        yield json.dumps({**row, "at": row["at"].isoformat()}, ensure_ascii=False) + "\n"


def _company(request: HttpRequest, slug: str) -> Company:
    return get_object_or_404(Company.objects.visible_to(person(request)), slug=slug)
