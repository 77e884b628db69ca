"""What stands between a private beta and the public catalog: customers, days, policy (D48, S33)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Min, QuerySet

from apps_catalog.models import App, AppVersion
from apps_catalog.states import ComponentKind
from installs import proof
from partners.models import Membership, Policy
from reviews.models import Submission, Verification
from reviews.states import SubmissionState
from workspaces.models import Destination, WorkspaceMember

# Nothing of a company that rests or is about to go is opened to customers.
INACTIVE_COMPANY = "The company is archived or about to be deleted. An owner has to restore it first."


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the policy asks of one App; for destinations by pull request the rules were others (D48).

    `customers` have to confirm that it works before it can be listed; the badge comes off after `beta_days`, once it
    is switched on at `configured` customers.
    """

    customers: int
    beta_days: int
    configured: int = 0


def numbers(app: App, policy: Policy) -> Numbers:
    """The numbers that count for `app`, by what its customers get; one query."""
    return numbers_for(policy, by_pull=is_by_pull(app))


def numbers_for(policy: Policy, *, by_pull: bool) -> Numbers:
    if by_pull:
        return Numbers(policy.pull_customers_to_verify, policy.pull_public_beta_days, policy.pull_configured_customers)
    return Numbers(policy.customers_to_verify, policy.public_beta_days)


def is_by_pull(app: App) -> bool:
    """Whether `app` is a destination by pull request: by its live version, which no draft changes, if there is one."""
    if app.live_version_id is None:
        return app.components.filter(kind=ComponentKind.ACTIONS_DESTINATION).exists()
    live = AppVersion.objects.filter(pk=app.live_version_id).values_list("manifest__components", flat=True).first()
    return has_pull(live or [])


def has_pull(components: Iterable[Mapping[str, Any]]) -> bool:
    """The same of the components in a manifest."""
    return any(one.get("kind") == ComponentKind.ACTIONS_DESTINATION for one in components)


def policy_for(app: App) -> Policy:
    """The policy an App is judged by: the one in force when its latest approved version was submitted.

    Before any approval, the one of the latest submission; before that, the current one.
    """
    found = _judged_by(app)
    return found.policy if found else Policy.current()


def terms_of(app: App) -> tuple[Policy, Numbers]:
    """The policy of `policy_for`, and its numbers for this App; one query for an App that was approved."""
    found = _judged_by(app)
    if found is None or found.state != SubmissionState.APPROVED:
        policy = found.policy if found else Policy.current()
        return policy, numbers(app, policy)
    return found.policy, numbers_for(found.policy, by_pull=has_pull(found.components or []))  # type: ignore[attr-defined]


def _judged_by(app: App) -> Submission | None:
    """With the `components` of its version, of which nothing else is fetched."""
    rows = Submission.objects.filter(app=app).select_related("policy").defer("evidence").order_by("-submitted_at")
    rows = rows.annotate(components=F("version__manifest__components"))
    return rows.filter(state=SubmissionState.APPROVED).first() or rows.first()


def counting_verifications(app: App) -> QuerySet[Verification]:
    """Verifications that count today, one for each workspace: several people in one workspace are one customer.

    A customer who joined the partner or Segment since then does not count, and neither does one who deleted the
    account or the workspace, who could begin anew and be counted twice, nor a workspace that somebody of the
    partner has joined. `customers` says the same in words.
    """
    insiders = Membership.objects.filter(company_id=app.company_id).values("user_id")
    said = Verification.objects.filter(app=app, user__isnull=False, workspace__isnull=False)
    outside = said.exclude(user__in=insiders).exclude(user__is_staff=True).exclude(workspace__in=own_workspaces(app))
    firsts = outside.order_by().values("workspace").annotate(first=Min("pk")).values("first")
    return outside.filter(pk__in=firsts)


def own_workspaces(app: App) -> QuerySet[WorkspaceMember, Any]:
    """Ids of the workspaces of which somebody of the partner is a member (PRODUCT, Workspaces)."""
    inside = WorkspaceMember.objects.filter(user__memberships__company_id=app.company_id)
    return inside.order_by().values_list("workspace_id", flat=True)


def configured_customers(app: App) -> int:
    """Customers at whom the App is switched on: workspaces of other people, each once (D48)."""
    on = Destination.objects.filter(app=app, is_enabled=True, paused_at__isnull=True)
    outside = on.exclude(source__workspace__in=own_workspaces(app)).exclude(source__workspace__members__is_staff=True)
    return outside.order_by().values("source__workspace").distinct().count()


def missing_for_public(app: App, policy: Policy, asked: Numbers | None = None) -> list[str]:
    """Sentences that say what is missing before the App can go public; empty when nothing is.

    `asked`: the numbers, if they are at hand; as in the functions below.
    """
    missing = [] if app.company.is_active else [INACTIVE_COMPANY]
    count, needed = counting_verifications(app).count(), (asked or numbers(app, policy)).customers
    if count < needed:
        missing.append(customers_missing(count, needed))
    if policy.oauth_required and not has_working_oauth(app):
        missing.append("Enable with Segment has to work: one install has to go through, up to the Config API.")
    return missing


def customers_missing(count: int, needed: int) -> str:
    plural = "customer has" if needed == 1 else "customers have"
    return f"{needed} {plural} to confirm that the App works; {count} did so far."


def configured_missing(count: int, needed: int) -> str:
    places = "customer’s workspace" if needed == 1 else "customers’ workspaces"
    return f"It has to be switched on in {needed} {places}; it is in {count} so far."


def keeps_badge(app: App, policy: Policy, asked: Numbers | None = None) -> list[str]:
    """What keeps the beta badge on, beside the days; empty when nothing does (D48)."""
    asked = asked or numbers(app, policy)
    counted = counting_verifications(app).count()
    kept = [customers_missing(counted, asked.customers)] if counted < asked.customers else []
    if asked.configured and (on := configured_customers(app)) < asked.configured:
        kept.append(configured_missing(on, asked.configured))
    return kept


def has_working_oauth(app: App) -> bool:
    """By what an install did, never by what somebody said about it (S13)."""
    return proof.works(app)


def leaves_beta_at(app: App, policy: Policy, asked: Numbers | None = None) -> datetime:
    """When the days of the public beta are over (D48)."""
    return app.stage_since + timedelta(days=(asked or numbers(app, policy)).beta_days)
