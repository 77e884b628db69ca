"""`verify_audit`: check that nobody altered or removed a record."""

from typing import Any

from audit.models import Chain, Record
from audit.recording import verify
from devcenter.operations import OpsCommand


class Command(OpsCommand):
    help = "Check the hash chains of the audit record. Exit 1 when a record was altered or is missing, naming it."

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        chains = Chain.objects.order_by("name")
        found = [one for chain in chains.iterator() for one in verify(chain)]
        breaks = [one.text for one in found]
        first = {one.chain: one.seq for one in reversed(found)}  # of each chain, the first broken record
        data = {"chains": chains.count(), "records": Record.objects.count(), "first_broken": first, "breaks": breaks}
        lines = breaks or [f"{data['records']} records in {data['chains']} chains are as they were written."]
        self.finish(data, lines, as_json=json, failed=bool(breaks))
