"""Everything a company owns, as plain JSON values; packages above add their part.

A package registers from its `AppConfig.ready`: what it would export about a company, what it ends as soon
as deletion is asked for, and what has to go before the company itself can be deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.models import Record
from partners import company_slack
from partners.models import AccessRequest, Company


@dataclass(frozen=True)
class Part:
    """`collect` gives plain JSON values; `erase` runs in the transaction that deletes the company.

    `close` runs in the transaction that starts the grace period: it ends what nobody should go on working on.
    The company's row is held then and already marked; nothing is in the company's audit chain yet, so a
    part locks its own rows before it records.
    """

    name: str
    collect: Callable[[Company], Any]
    erase: Callable[[Company], Any] | None = None
    close: Callable[[Company], Any] | None = None


_parts: dict[str, Part] = {}


def register(
    name: str,
    collect: Callable[[Company], Any],
    *,
    erase: Callable[[Company], Any] | None = None,
    close: Callable[[Company], Any] | None = None,
) -> None:
    """Add a part to the export; a name registered again replaces the former."""
    _parts[name] = Part(name, collect, erase, close)


def parts() -> list[Part]:
    return list(_parts.values())


def company_data(company: Company) -> dict[str, Any]:
    """The whole export: our own part first, then the registered ones by name."""
    own = {
        "company": _company(company),
        "members": [_member(member) for member in company.memberships.select_related("user")],
        "invitations": [_invitation(invitation) for invitation in company.invitations.all()],
        "access_request": _access_request(AccessRequest.objects.filter(company=company).first()),
        "slack": company_slack.data_of(company),
        "activity": _activity(company),
    }
    return own | {part.name: part.collect(company) for part in sorted(parts(), key=lambda part: part.name)}


def _company(company: Company) -> dict[str, Any]:
    return {
        "name": company.name,
        "slug": company.slug,
        "website": company.website,
        "created_at": _time(company.created_at),
        "archived_at": _time(company.archived_at),
    }


def _member(member: Any) -> dict[str, Any]:
    return {
        "email": member.user.email,
        "name": member.user.name,
        "role": member.role,
        "joined_at": _time(member.joined_at),
    }


def _invitation(invitation: Any) -> dict[str, Any]:
    return {
        "email": invitation.email,
        "role": invitation.role,
        "created_at": _time(invitation.created_at),
        "accepted_at": _time(invitation.accepted_at),
        "revoked_at": _time(invitation.revoked_at),
    }


def _access_request(access_request: AccessRequest | None) -> dict[str, Any] | None:
    return request_data(access_request) if access_request else None


def request_data(access_request: AccessRequest) -> dict[str, Any]:
    """What an applicant gave us and was told; a reviewer's notes are not theirs."""
    accepted = access_request.acceptances.select_related("agreement")
    return {
        "state": access_request.state,
        "answers": access_request.answers,
        "submitted_at": _time(access_request.submitted_at),
        "decided_at": _time(access_request.decided_at),
        "message": access_request.message,
        "accepted": [
            {"document": a.agreement.document, "version": a.agreement.version, "at": _time(a.at)} for a in accepted
        ],
    }


def _activity(company: Company) -> list[dict[str, Any]]:
    rows = Record.objects.filter(chain_id=company.chain).order_by("seq")
    return [
        {"at": _time(row.at), "actor": row.actor, "action": row.action, "target": row.target, "data": row.data}
        for row in rows
    ]


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
