"""`receive_mail`: one mail from standard input, as the pipe of a mail server gives it."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.db import Error, transaction

from devcenter.operations import OpsCommand
from notifications.inbound import MAX_BYTES
from reviews.replies import Outcome, receive

# sysexits.h: the mail server keeps the mail and tries again.
EX_TEMPFAIL = getattr(os, "EX_TEMPFAIL", 75)


class Command(OpsCommand):
    help = (
        "Take in one answer by mail (RFC 5322) from standard input. Exit 0 whatever became of it, so that nothing "
        "bounces to a forged sender; 75 when it could not be looked at now, so that the mail server tries again."
    )
    writes = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--recipient", default="", help="the envelope's recipient, where the mail server tells it")

    def handle(self, *args: Any, json: bool, dry_run: bool, recipient: str, **options: Any) -> None:
        # One byte more than is taken, to tell a mail that is too large.
        raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        try:
            outcome = self._take(raw, recipient, dry_run)
        except Error as error:
            self.stderr.write(f"The database is not there: {type(error).__name__}.")
            raise SystemExit(EX_TEMPFAIL) from error
        data = {"dry_run": dry_run, "state": outcome.state, "reason": outcome.reason}
        self.finish(data, [f"{outcome.state}. {outcome.reason}".strip()], as_json=json)

    def _take(self, raw: bytes, recipient: str, dry_run: bool) -> Outcome:
        with transaction.atomic():
            outcome = receive(raw, recipient)
            transaction.set_rollback(dry_run)
        return outcome
