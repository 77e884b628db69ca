"""Agreements after joining (S4, 003): a newer version in force is accepted anew, by an owner, for the company.

What was accepted stays with the request that brought the company in, so that all acceptances stand in one place.
A company that Segment itself set up has none, and is asked for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from audit.recording import record
from partners import rules
from partners.models import Acceptance, AccessRequest, AgreementVersion, Company
from partners.states import RequestState


@dataclass(frozen=True, slots=True)
class Agreements:
    """`accepted` by document, the newest of each; `asked` are versions in force that nobody has accepted yet."""

    accepted: list[Acceptance]
    asked: list[AgreementVersion]


def of_company(company: Company) -> Agreements | None:
    """None for a company that came in without a request."""
    request = _request_of(company)
    if request is None:
        return None
    rows = list(request.acceptances.select_related("agreement", "user").order_by("-agreement__effective_at", "-pk"))
    newest: dict[str, Acceptance] = {}
    for row in rows:
        newest.setdefault(row.agreement.document, row)
    return Agreements(list(newest.values()), missing(request))


def missing(request: AccessRequest) -> list[AgreementVersion]:
    """The versions in force that were not accepted with this request. One query."""
    done = Acceptance.objects.filter(request=request, agreement=OuterRef("pk"))
    in_force = AgreementVersion.objects.annotate(is_accepted=Exists(done)).in_force()
    return [version for version in in_force if not version.is_accepted]  # type: ignore[attr-defined]


@transaction.atomic
def accept(company: Company, actor: User, agreed: Iterable[AgreementVersion]) -> list[AgreementVersion]:
    """Record that the company accepts these versions; those that were new. A second click changes nothing.

    Raises PermissionDenied for whoever is no owner, ValidationError when one in force is left out.
    """
    if not (company.is_active and rules.can_manage(actor, company)):
        raise PermissionDenied
    request = _request_of(company)
    if request is None:
        return []
    AccessRequest.objects.select_for_update().get(pk=request.pk)
    wanted, given = missing(request), {version.pk for version in agreed}
    if left := [str(version) for version in wanted if version.pk not in given]:
        raise ValidationError(f"Please read and accept: {', '.join(left)}.", code="agreements")
    new = [Acceptance(user=actor, request=request, agreement=version) for version in wanted]
    Acceptance.objects.bulk_create(new)
    if new:
        versions = [version.pk for version in wanted]
        record(actor, "company.agreements_accepted", company, chain=company.chain, agreements=versions)
    return wanted


def _request_of(company: Company) -> AccessRequest | None:
    return AccessRequest.objects.filter(company=company, state=RequestState.APPROVED).order_by("pk").first()
