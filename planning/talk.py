"""What is said about a plan: its comments by the part that they are about, and which of them wait for an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from planning.models import Plan, PlanComment, PlannedAction
from planning.states import Section

# Of one plan; nobody reads more.
MOST_COMMENTS = 300
_ABOUT = {
    Section.PLAN: "the plan",
    Section.MODE: "the connection mode",
    Section.AUTH: "the log-in",
    Section.SETTINGS: "the settings",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One comment as pages show it. `url` leads to the page of the plan where it stands."""

    comment: PlanComment
    about: str
    url: str

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: the section, and the key of the action."""
        return self.comment.section, self.comment.action_key

    @property
    def author(self) -> str:
        return self.comment.author.display_name if self.comment.author else "Somebody who has left"

    @property
    def is_settled(self) -> bool:
        return self.comment.settled_at is not None


def comments_of(plan: Plan, actions: Sequence[PlannedAction]) -> list[Said]:
    """Every comment, the oldest first; `actions` are those of the plan. One query; none for one that is not saved."""
    if plan._state.adding:
        return []
    rows = list(plan.comments.select_related("author")[:MOST_COMMENTS])
    names = {action.key: action.name for action in actions}
    return [Said(row, _about(row, names), place(plan, row.section, row.action_key, names)) for row in rows]


def _about(row: PlanComment, names: dict[str, str]) -> str:
    if row.section != Section.ACTION:
        return _ABOUT[Section(row.section)]
    return f"“{names[row.action_key]}”" if row.action_key in names else "an action that was removed"


def place(plan: Plan, section: str, action_key: str, actions: Iterable[str]) -> str:
    """Where comments about this part stand; `actions` are the keys of those that the plan has."""
    if section == Section.ACTION and action_key in actions:
        return f"{reverse('app-plan-action', args=[plan.app.slug, action_key])}#talk"
    shown = Section.PLAN if section == Section.ACTION else section
    return f"{reverse('app-plan', args=[plan.app.slug])}#talk-{shown}"


def about(said: Sequence[Said], section: str, action_key: str = "") -> list[Said]:
    return [each for each in said if each.key == (section, action_key)]


def unanswered(said: Sequence[Said]) -> list[Said]:
    """Remarks of the team to which the partner has said nothing since, at most one for each part of the plan.

    What was settled, or was about an action that is gone, waits for nobody.
    """
    last: dict[tuple[str, str], Said] = {}
    for each in said:
        if not each.is_settled:
            last[each.key] = each
    return [each for each in last.values() if each.comment.is_segment and not _is_gone(each)]


def _is_gone(said: Said) -> bool:
    return said.comment.section == Section.ACTION and "#talk-" in said.url


def talkers(plan: Plan) -> list[User]:
    """The people of Segment's team who said something about the plan."""
    people = User.objects.filter(pk__in=plan.comments.filter(is_segment=True).values("author"), is_active=True)
    return list(people.order_by("pk"))
