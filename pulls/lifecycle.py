"""To which App a pull request belongs: link, unlink, release a claim. What GitHub says about it is `pulls.ingest`'s."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.rules import is_reviewer
from apps_catalog.drafting import StaleDraft, require_editor, set_pull_request
from apps_catalog.models import App, Component
from apps_catalog.states import ComponentKind
from audit.recording import System, record
from leases.doorbell import ring
from pulls.ingest import hold_apps, locked
from pulls.models import PullRequest, Repository
from pulls.signals import claim_released, pull_changed
from pulls.standing import of_app, parse, snapshot

Actor = User | System

ASK = "pulls.tasks.answer_asked"
# Somebody who presses again within this time gets the answer to the first time.
ASK_AGAIN_AFTER = timedelta(seconds=20)
EXAMPLE = "https://github.com/segmentio/action-destinations/pull/1234"
NO_ADDRESS = f"This is no address of a pull request. Copy it from the browser’s address bar; it looks like {EXAMPLE}."
NOT_HERE = "Pull requests of {} do not count here. Open yours against {}."
TAKEN = (
    "This pull request is linked to another App. Check the number. If it is yours, write to us in the thread, and we "
    "will sort it out."
)
NO_DESTINATION = "This App is not built by pull request. Choose that under Components first."


def component_of(app: App) -> Component | None:
    """The part of the draft that goes out by pull request."""
    return app.components.filter(kind=ComponentKind.ACTIONS_DESTINATION).first()


@transaction.atomic
def link(actor: Actor, app: App, address: str, revision: int | None = None) -> PullRequest:
    """Name the pull request at `address` in the draft and claim it for the App; asks GitHub about it.

    Doing it again changes nothing. Raises ValidationError with a sentence for the person when the address is none,
    when the repository is not watched, or when another App has claimed it; StaleDraft for an old form.
    """
    require_editor(actor, app)
    component = component_of(app)
    if component is None:
        raise ValidationError(NO_DESTINATION)
    repository, number = _watched(address)
    hold_apps([app.pk])
    pull, _ = repository.pulls.get_or_create(number=number)
    is_new = pull.app_id != app.pk
    if is_new:
        _claim(actor, app, pull)
    set_pull_request(actor, component, pull.url, component.revision if revision is None else revision)
    _let_go(app, keep=pull)
    if is_new:
        record(actor, "pull.linked", app, chain=app.chain, pull=pull.pk, repository=repository.name, number=number)
        ask(pull)
        pull_changed.send(sender=PullRequest, pull=pull, before=snapshot(pull))
    return pull


@transaction.atomic
def unlink(actor: Actor, app: App, revision: int | None = None) -> bool:
    """Name no pull request any more. False when none was named. What was handed in stays the App's."""
    require_editor(actor, app)
    component = component_of(app)
    if component is None or not component.pull_request:
        return False
    pull = of_app(app)
    if pull is not None:
        locked(pull.repository.name)
    hold_apps([app.pk])
    set_pull_request(actor, component, "", component.revision if revision is None else revision)
    _let_go(app)
    if pull is not None:
        record(actor, "pull.unlinked", app, chain=app.chain, pull=pull.pk)
    return True


@transaction.atomic
def release_claim(actor: User, pull: PullRequest) -> bool:
    """Take a pull request from an App that it does not belong to, so that another one can link it.

    For reviewers. The App's draft still names it, and says that it is not linked; what was approved with it is told,
    and does not leave. False when nobody has it.
    """
    if not is_reviewer(actor):
        raise PermissionDenied
    # The repository before the App, as whatever applies what GitHub tells.
    Repository.objects.select_for_update().get(pk=pull.repository_id)
    pull.refresh_from_db()
    hold_apps([pull.app_id])
    app = pull.app
    if app is None:
        return False
    _free(pull.pk, app)
    record(actor, "pull.claim_released", app, chain=app.chain, pull=pull.pk)
    pull.refresh_from_db()
    claim_released.send(sender=PullRequest, pull=pull, app=app, actor=actor)
    return True


def ask(pull: PullRequest) -> bool:
    """Have GitHub asked about it by a worker. False without a token, and when it was just asked."""
    if not settings.GITHUB_TOKEN:
        return False
    now = timezone.now()
    mine = PullRequest.objects.filter(pk=pull.pk).filter(
        Q(asked_at__isnull=True) | Q(asked_at__lt=now - ASK_AGAIN_AFTER)
    )
    if not mine.update(asked_at=now):
        return False
    pull.asked_at = now
    ring(ASK)
    return True


def _watched(address: str) -> tuple[Repository, int]:
    key = parse(address)
    if key is None:
        raise ValidationError(NO_ADDRESS)
    repository = locked(key[0])
    if repository is None:
        watched = list(Repository.objects.filter(is_watched=True).values_list("name", flat=True)[:5])
        raise ValidationError(NOT_HERE.format(key[0], " or ".join(watched) or "the repository that we name you"))
    if key[1] == 0:
        raise ValidationError(NO_ADDRESS)
    return repository, key[1]


def _claim(actor: Actor, app: App, pull: PullRequest) -> None:
    person = actor if isinstance(actor, User) else None
    now = timezone.now()
    mine = PullRequest.objects.filter(Q(app__isnull=True) | Q(app=app), pk=pull.pk)
    if not mine.update(app=app, linked_by=person, linked_at=now):
        raise ValidationError(TAKEN)
    pull.app, pull.linked_by, pull.linked_at = app, person, now


def _let_go(app: App, *, keep: PullRequest | None = None) -> None:
    """Free what the draft of the App names no more, so that nobody collects what is not theirs.

    Whatever was handed in with a version belongs to the App's past and stays: what travels or left was handed in.
    """
    others = [pull for pull in app.pulls.select_related("repository") if pull != keep]
    handed_in = _handed_in(app) if others else set()
    for pull in others:
        if (pull.repository.name, pull.number) not in handed_in:
            _free(pull.pk, app)


def _free(pk: int, app: App) -> None:
    PullRequest.objects.filter(pk=pk, app=app).update(app=None, linked_by=None, linked_at=None)


def _handed_in(app: App) -> set[tuple[str, int] | None]:
    """The pull requests that the versions of the App name."""
    frozen = app.versions.values_list("manifest__components", flat=True)
    return {parse(part.get("pull_request") or "") for parts in frozen for part in parts or ()}


__all__ = ["ASK", "StaleDraft", "ask", "component_of", "link", "release_claim", "unlink"]
