"""Answers by mail: from what `notifications.inbound` has read to a message in the App's thread, or to a template of
its catalog entry that somebody looks at (`metadata`), as the address says.

The signed address says whose answer it is and to which App; the sender has to be that person, by one of the addresses
they have verified. An answer from elsewhere waits for staff; a template from elsewhere is refused, since its pictures
would be gone by the time staff let it in, and the person is told at their own address, once a day. No other sender is
written back to, so that a forged mail makes no noise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from audit.recording import record
from leases.transitions import move
from metadata import mail_in
from notifications import inbound
from notifications.inbound import Envelope, Letter, Unreadable
from notifications.models import InboundMail
from notifications.states import InboundState
from reviews import thread_emails, threads
from reviews.refusals import Refused
from reviews.rules import side_in_thread

log = structlog.get_logger(__name__)
AUDIT_CHAIN = "mail"
DUPLICATE = "duplicate"
NOT_OURS = "It was not sent to a reply address of ours, or the address was changed."
NO_PERSON = "Its address belongs to nobody who may write in this thread."
OTHER_SENDER = "It came from another address than the person’s own."
ELSEWHERE = "It came from another address than your own. Send it from one that you have verified, with its pictures."
AUTOMATIC = "It was written by a machine."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail: an InboundState or “duplicate”, and why."""

    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a mail goes: who may send one there, how it is read, and what takes it.

    `take(app, user, letter)` raises Refused or ValidationError with a sentence for the sender. `holds`: what comes
    from another sender waits for staff, as text.
    """

    may: Callable[[User, App], Any]
    read: Callable[[bytes], Letter]
    take: Callable[[App, User, Letter], object]
    holds: bool = True


def _into_thread(app: App, user: User, letter: Letter) -> object:
    return threads.post(app, user, _with_remark(letter), by_mail=True)


def _as_template(app: App, user: User, letter: Letter) -> object:
    return mail_in.take(app, user, letter.text, letter.files)


# By the first word of the case that an address is signed for.
DOORS = {
    "app": Door(side_in_thread, inbound.read_letter, _into_thread),
    mail_in.CASE: Door(can_edit_app, inbound.read_whole, _as_template, holds=False),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A genuine reply address, looked up."""

    envelope: Envelope
    app: App
    user: User

    @property
    def door(self) -> Door:
        return DOORS[self.envelope.case.partition(":")[0]]

    @property
    def is_from_user(self) -> bool:
        own = EmailAddress.objects.filter(user=self.user, verified=True, email__iexact=self.envelope.sender)
        return bool(self.envelope.sender) and own.exists()


def receive(raw: bytes, recipient: str = "") -> Outcome:
    """Take in one mail. The same Message-ID again changes nothing; nothing of a refused mail is kept."""
    try:
        envelope = inbound.read_head(raw, recipient)
    except Unreadable as error:
        return _log(Outcome(InboundState.REFUSED, error.fault.value))
    if InboundMail.objects.filter(digest=envelope.digest).exists():
        return _log(Outcome(DUPLICATE))
    found = _look_up(envelope)
    if found is None:
        return _log(Outcome(InboundState.REFUSED, NO_PERSON if envelope.case else NOT_OURS))
    try:
        with transaction.atomic():
            return _log(_take(found, raw))
    except IntegrityError:  # the same mail came in twice at the same moment
        return _log(Outcome(DUPLICATE))


def _log(outcome: Outcome) -> Outcome:
    log.info("mail_received", state=outcome.state, reason=outcome.reason)
    return outcome


def _look_up(envelope: Envelope) -> Post | None:
    """The App and the person of the address, if that person may still write there."""
    if not envelope.case or envelope.user_id is None:
        return None
    name, _, number = envelope.case.partition(":")
    app = App.objects.filter(pk=int(number), deleted_at__isnull=True).select_related("company", "listing").first()
    user = User.objects.filter(pk=envelope.user_id, is_active=True).first()
    return Post(envelope, app, user) if app and user and name in DOORS and DOORS[name].may(user, app) else None


def _take(found: Post, raw: bytes) -> Outcome:
    if found.envelope.is_automatic:
        return _keep(found, InboundState.IGNORED, AUTOMATIC)
    is_from_user = found.is_from_user
    if not is_from_user and not found.door.holds:
        thread_emails.sent_from_elsewhere(found.app, found.user, ELSEWHERE, found.envelope)
        return _keep(found, InboundState.REFUSED, OTHER_SENDER)
    try:
        letter = found.door.read(raw)
    except Unreadable as error:
        return _refuse(found, error.fault.value, tell=is_from_user)
    if not is_from_user:
        return _keep(found, InboundState.HELD, OTHER_SENDER, text=_with_remark(letter))
    try:
        with transaction.atomic():
            found.door.take(found.app, found.user, letter)
    except Refused as refusal:
        return _refuse(found, str(refusal), tell=True)
    except ValidationError as problem:
        return _refuse(found, problem.messages[0], tell=True)
    return _keep(found, InboundState.LANDED)


def _with_remark(letter: Letter) -> str:
    """Attachments are not taken: who reads the thread should know that there were some."""
    if not letter.attachments:
        return letter.text
    number = letter.attachments
    return f"{letter.text}\n\n*{number} attachment{'s were' if number > 1 else ' was'} left out.*"


def _refuse(found: Post, reason: str, *, tell: bool) -> Outcome:
    if tell:
        thread_emails.reply_refused(found.app, found.user, reason, found.envelope)
    return _keep(found, InboundState.REFUSED, reason)


def _keep(found: Post, state: InboundState, reason: str = "", *, text: str = "") -> Outcome:
    InboundMail.objects.create(
        digest=found.envelope.digest, user=found.user, case=found.envelope.case, sender=found.envelope.sender,
        text=text, state=state, reason=reason,
    )  # fmt: skip
    return Outcome(state, reason)


# --- What staff do with a held mail ---------------------------------------------------------------------


@transaction.atomic
def let_in(mail: InboundMail, actor: User) -> None:
    """Put a held mail where it was sent to, as the person's own. Raises StaleState, PermissionDenied, Refused."""
    found = _look_up(Envelope(mail.digest, mail.case, mail.user_id, mail.sender, is_automatic=False))
    if found is None:
        raise PermissionDenied(NO_PERSON)
    letter = Letter(mail.text, 0)
    move(mail, "state", from_={InboundState.HELD}, to=InboundState.LANDED, text="")
    found.door.take(found.app, found.user, letter)
    record(actor, "reply.let_in", mail, chain=AUDIT_CHAIN, case=mail.case)


@transaction.atomic
def throw_away(mail: InboundMail, actor: User) -> None:
    """Raises StaleState when it is not held any more."""
    move(mail, "state", from_={InboundState.HELD}, to=InboundState.DISCARDED, text="")
    record(actor, "reply.thrown_away", mail, chain=AUDIT_CHAIN, case=mail.case)
