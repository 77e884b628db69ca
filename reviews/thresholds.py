"""What stands between a private beta and the public catalog: customers, days, policy (D48, S33)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet

from apps_catalog.models import App
from installs import proof
from partners.models import Membership, Policy
from reviews.models import Submission, Verification
from reviews.states import SubmissionState
from workspaces.models import WorkspaceMember

# Nothing of a company that rests or is about to go is opened to customers.
INACTIVE_COMPANY = "The company is archived or about to be deleted. An owner has to restore it first."


def policy_for(app: App) -> Policy:
    """The policy an App is judged by: the one in force when its latest approved version was submitted.

    Before any approval, the one of the latest submission; before that, the current one.
    """
    submissions = Submission.objects.filter(app=app).select_related("policy").order_by("-submitted_at")
    approved = submissions.filter(state=SubmissionState.APPROVED).first()
    found = approved or submissions.first()
    return found.policy if found else Policy.current()


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


def missing_for_public(app: App, policy: Policy) -> list[str]:
    """Sentences that say what is missing before the App can go public; empty when nothing is."""
    missing = [] if app.company.is_active else [INACTIVE_COMPANY]
    count = counting_verifications(app).count()
    if count < policy.customers_to_verify:
        missing.append(customers_missing(count, policy.customers_to_verify))
    if policy.oauth_required and not has_working_oauth(app):
        missing.append("Enable with Segment has to work: one install has to go through, up to the Config API.")
    return missing


def customers_missing(count: int, needed: int) -> str:
    plural = "customer has" if needed == 1 else "customers have"
    return f"{needed} {plural} to confirm that the App works; {count} did so far."


def has_working_oauth(app: App) -> bool:
    """By what an install did, never by what somebody said about it (S13)."""
    return proof.works(app)


def leaves_beta_at(app: App, policy: Policy) -> datetime:
    """When the days of the public beta are over (D48)."""
    return app.stage_since + timedelta(days=policy.public_beta_days)
