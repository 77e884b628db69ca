"""What happens to the client of an App that goes for good, or whose company does (PRODUCT, Leaving).

While an App is only marked as deleted its tokens are refused, and come back with it: `Client.is_usable`.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit.recording import SYSTEM, record
from installs.clients import usable_secrets
from installs.lifecycle import end
from installs.models import Client, Install
from installs.numbers import numbers_of
from installs.states import EndReason, InstallState
from partners.models import Company


def company_data(company: Company) -> list[dict[str, Any]]:
    """One entry for each client: how it is set up. No secret, and nothing about customers but their number."""
    clients = Client.objects.filter(app__company=company).select_related("app").order_by("pk")
    return [_client_data(client) for client in clients]


def _client_data(client: Client) -> dict[str, Any]:
    return {
        "app": client.app.slug,
        "client_id": client.client_id,
        "scope": client.scope,
        "is_classic": client.is_classic,
        "redirect_uris": client.uris,
        "secrets": [{"name": one.name, "created_at": one.created_at.isoformat()} for one in usable_secrets(client)],
        "scope_requests": [
            {"scope": one.scope_kind, "reason": one.reason, "state": one.state, "answer": one.answer}
            for one in client.scope_requests.all()
        ],
        "active_installs": numbers_of(client).active,
    }


def erase(company: Company) -> int:
    """End what the company's clients may do and delete them. Runs inside the company's deletion."""
    return _remove(Client.objects.filter(app__company=company))


def purge_clients(before: datetime) -> int:
    """The same for Apps that were deleted before `before`; returns how many clients went. For the purge."""
    return _remove(Client.objects.filter(app__deleted_at__lt=before))


def _remove(clients: QuerySet[Client]) -> int:
    return sum(_end(client) for client in clients.select_related("app__company").order_by("pk"))


@transaction.atomic
def _end(client: Client) -> bool:
    """Every install ends on the record, and its customers are told, before the rows go with the client."""
    open_ones = Install.objects.filter(client=client).exclude(state=InstallState.ENDED)
    for install in open_ones.select_related("workspace", "source", "client__app__company"):
        end(install, SYSTEM, EndReason.APP)
    record(SYSTEM, "client.removed", client.app, chain=client.app.chain, client=client.pk)
    client.delete()
    return True
