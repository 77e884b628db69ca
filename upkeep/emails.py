"""The words to the makers of an App after its launch, and to the team. Each function is called by one verb."""

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from accounts.models import User
from accounts.rules import REVIEWERS
from notifications.outbox import announce, queue
from pulls.models import Repository
from reviews.emails import editors_of, reviewers_for, stamp, tell
from upkeep.models import Inquiry, LaunchItem, Risk


def at_risk(risk: Risk) -> None:
    """Its nightly checks failed: what failed, and by when it has to work again."""
    name = risk.app.name
    _of_risk(risk, "app_at_risk", f"{name} is at risk: its nightly checks fail.")
    _to_team(risk, "is at risk", f"{name} is at risk: its nightly checks fail.")


def reminder(risk: Risk) -> None:
    """Half of the time is over."""
    _of_risk(risk, "app_at_risk_reminder", f"{risk.app.name} still fails its nightly checks.")


def extended(risk: Risk, reason: str) -> None:
    notice = f"You have more time to mend {risk.app.name}."
    _of_risk(risk, "app_risk_extended", notice, mark=str(stamp(risk.grace_until)), reason=reason)


def cleared(risk: Risk, why: str) -> None:
    _of_risk(risk, "app_risk_cleared", f"{risk.app.name} is no longer at risk.", why=why)


def delisted(risk: Risk) -> None:
    """It left the catalog; to the team as well, who let it in."""
    name = risk.app.name
    _of_risk(risk, "app_delisted", f"{name} is no longer in the catalog.")
    _to_team(risk, "is no longer in the catalog", f"{name} was delisted: its nightly checks went on failing.")


def _of_risk(risk: Risk, kind: str, notice: str, *, mark: str = "", **context: object) -> None:
    tell(
        editors_of(risk.app), kind, risk.app,
        {"risk": risk, "problems": in_lines(risk.problems), **context}, notice=notice,
        url=reverse("app-upkeep", args=[risk.app.slug]), key=f"risk:{risk.pk}:{kind}{mark}",
    )  # fmt: skip


def _to_team(risk: Risk, news: str, notice: str) -> None:
    tell(
        reviewers_for(risk.app), "risk_to_team", risk.app,
        {"risk": risk, "problems": in_lines(risk.problems), "news": news}, notice=notice,
        url=reverse("admin:upkeep_risk_change", args=[risk.pk]), key=f"risk:{risk.pk}:team:{risk.state}",
    )  # fmt: skip


def shared_branch_failed(repository: Repository, apps: int) -> None:
    """To the team, once for each commit: nobody but they can say whose fault it is."""
    kind, key = "shared_branch_failed", f"branch:{repository.pk}:{repository.branch_sha}"
    context = {"repository": repository, "apps": apps}
    url = reverse("admin:upkeep_nightlycheck_changelist")
    notice = f"Checks fail in {repository.name}, where {apps} Apps have code."
    for reviewer in User.objects.filter(is_active=True, is_staff=True, groups__name=REVIEWERS).order_by("pk"):
        who = f"{key}:user:{reviewer.pk}"
        queue(kind, reviewer, kind, context, notice=notice, url=url, case=key, dedupe_key=who)
    announce(kind, kind, context, url=url, case=key, dedupe_key=key)


def in_lines(problems: Sequence[str]) -> str:
    """Sentences as lines, for the quote in a mail."""
    return "\n".join(problems)


def launch_item_due(item: LaunchItem, day: date, *, is_today: bool) -> None:
    """The day that the partner planned comes, or has come."""
    when = "today" if is_today else "soon"
    tell(
        editors_of(item.app), "launch_item_due", item.app, {"item": item, "day": day},
        notice=f"{item.app.name}: {item.get_kind_display()} is planned for {day:%A, %-d %B}.",
        url=reverse("app-upkeep", args=[item.app.slug]) + "#launch",
        key=f"launch-item:{item.pk}:{day:%Y%m%d}:{when}",
    )  # fmt: skip


def inquiry_forwarded(inquiry: Inquiry, to: str) -> None:
    """A customer's question, to the App's support address `to`."""
    app = inquiry.app
    queue(
        "inquiry_forwarded", to, "inquiry_forwarded", {"app": app, "inquiry": inquiry},
        url=reverse("app-thread", args=[app.slug]), case=f"app:{app.pk}", dedupe_key=f"inquiry:{inquiry.pk}",
    )  # fmt: skip
