"""Everything the checklist is computed from, loaded in a constant number of queries.

At most a dozen; three more while the tests in a workspace (S18, S19) are open, ten more with a pull request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, Subquery

from apps_catalog.code_lifecycle import CONTENT
from apps_catalog.completeness import Gap, listing_gaps
from apps_catalog.models import App, CodeVersion, Component
from apps_catalog.states import CODE_KINDS, TESTABLE_KINDS, ComponentKind
from installs import proof
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners import agreements
from partners.models import AccessRequest, Policy
from partners.states import CriterionOutcome, RequestState
from reviews import pull_items, workspace_tests
from reviews.models import Attestation, Enquiry, Release, Submission
from reviews.states import SubmissionState
from reviews.thresholds import Numbers, counting_verifications, has_pull, numbers_for
from testbench import fingerprint
from testbench.proof import Proof, proofs

# The kind of the Welcome mail (S8), as partners.emails queues it.
WELCOME = "access_approved"


@dataclass(frozen=True, slots=True)
class Access:
    """What is known about the way in. `request` is None for a company that Segment itself set up.

    `is_outdated`: a newer version of an agreement is in force, and nobody has accepted it for the company (S4).
    """

    request: AccessRequest | None
    documents: int = 0
    is_outdated: bool = False
    criteria_met: int = 0
    welcome_sent: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """`latest` is the newest submission, `judged` how many of its steps are; `customers` those that count.

    `numbers`: what the policy asks of this App on its way to the catalog (D48).
    `components` is the fingerprint of all components, as attestations keep it. `tested`: when the items that
    delivered events close were proven, as far as no attestation keeps it already. `enabled_at`: when Enable with
    Segment first worked (S13). `has_code`: there is a function or
    a web plugin; `unsaved` are those whose draft is not their newest version. `by_pull` is the destination by pull
    request, None without one.
    """

    app: App
    policy: Policy
    numbers: Numbers
    access: Access
    gaps: Mapping[str, Gap]
    proofs: list[Proof]
    components: str
    attestations: Mapping[str, Attestation]
    tested: Mapping[str, datetime]
    enquiries: Mapping[str, Enquiry]
    latest: Submission | None
    judged: int
    is_approved: bool
    customers: int
    release: Release | None
    enabled_at: datetime | None
    has_code: bool
    unsaved: list[Component]
    by_pull: pull_items.ByPull | None = None

    @property
    def is_by_pull_alone(self) -> bool:
        """Whether there is nothing that the Test Suite could run."""
        return self.by_pull is not None and not any(one.component.kind in TESTABLE_KINDS for one in self.proofs)


def load(app: App, policy: Policy | None = None) -> Facts:
    """The facts about `app` as they stand in the database now, whatever the instance in hand says.

    Judged by `policy`; without one, by that of the live version, or else the one in force.
    """
    related = ("company", "listing__primary_category", "listing__logo", "listing__mark", "reviewer_access", "release")
    live = F("live_version__manifest__components")
    fresh = App.objects.select_related(*related).annotate(enabled_at=proof.since(), live_components=live).get(pk=app.pk)
    submissions = _submissions(fresh)
    judging = next((one for one in submissions if one.state == SubmissionState.APPROVED), None)
    policy = policy or (judging.policy if judging and fresh.is_live else Policy.current())
    proven = proofs(fresh)
    components = [proof.component for proof in proven]
    current = fingerprint.of_all(components)
    attested = {one.item: one for one in fresh.attestations.select_related("by")}
    kept = {item for item, one in attested.items() if one.components == current}
    with_code = [proof.component for proof in proven if proof.component.kind in CODE_KINDS]
    return Facts(
        app=fresh,
        policy=policy,
        numbers=_numbers(fresh, policy, components),
        access=_access(fresh),
        gaps={gap.item: gap for gap in listing_gaps(fresh, policy)},
        proofs=proven,
        components=current,
        attestations=attested,
        tested=workspace_tests.find(fresh, components, workspace_tests.CLOSED_BY.keys() - kept),
        enquiries={one.kind: one for one in fresh.enquiries.all()},
        latest=submissions[0] if submissions else None,
        judged=getattr(submissions[0], "judged", 0) if submissions else 0,
        is_approved=judging is not None,
        customers=counting_verifications(fresh).count() if fresh.is_live else 0,
        release=getattr(fresh, "release", None),
        enabled_at=fresh.enabled_at,
        has_code=bool(with_code),
        unsaved=_unsaved(with_code),
        by_pull=pull_items.load(fresh, components),
    )


def _numbers(app: App, policy: Policy, components: list[Component]) -> Numbers:
    """Of an App that has no live version yet the draft, which is at hand, says which rules are its own."""
    if app.live_version_id is not None:
        return numbers_for(policy, by_pull=has_pull(app.live_components or []))  # type: ignore[attr-defined]
    drafted = any(one.kind == ComponentKind.ACTIONS_DESTINATION for one in components)
    return numbers_for(policy, by_pull=drafted)


def _unsaved(with_code: list[Component]) -> list[Component]:
    """Compared in the database, one query: code is long, and the checklist stands beside every page."""
    if not with_code:
        return []
    latest = CodeVersion.objects.filter(component=OuterRef("pk")).order_by("-number")
    same = {name: Subquery(latest.values(name)[:1]) for name in CONTENT}
    saved = set(Component.objects.filter(pk__in=[one.pk for one in with_code], **same).values_list("pk", flat=True))
    return [one for one in with_code if one.pk not in saved]


def _submissions(app: App) -> list[Submission]:
    """The newest submission and the newest approved one."""
    rows = Submission.objects.filter(app=app).select_related("policy").defer("evidence").order_by("-submitted_at")
    newest = rows.values("pk")[:1]
    approved = rows.filter(state=SubmissionState.APPROVED).values("pk")[:1]
    return list(rows.filter(Q(pk__in=newest) | Q(pk__in=approved)).annotate(judged=Count("verdicts")))


def _access(app: App) -> Access:
    met = Count("verdicts", filter=Q(verdicts__outcome=CriterionOutcome.MET), distinct=True)
    documents = Count("acceptances__agreement__document", distinct=True)
    request = AccessRequest.objects.annotate(documents=documents, met=met).filter(company_id=app.company_id).first()
    if request is None:
        return Access(None)
    return Access(request, request.documents, bool(agreements.missing(request)), request.met, _is_welcomed(request))


def _is_welcomed(request: AccessRequest) -> bool:
    """The purge removes mails that were sent long ago, never those that still wait or have failed."""
    if request.state != RequestState.APPROVED:
        return False
    mails = OutboxMessage.objects.filter(kind=WELCOME, case=f"access:{request.pk}")
    states = set(mails.exclude(state=MessageState.DROPPED).values_list("state", flat=True))
    return not states or MessageState.SENT in states
