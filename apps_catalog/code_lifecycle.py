"""The verbs of code: keep the draft, save a version, deploy one, bring an old one back (D21).

The draft is what is typed and what tests run. A version never changes: LATEST is the newest, DEPLOYED the one that
runs on live events. While the App is in building or in review, its own people decide what is deployed. Once it has
customers, code is reviewed before it reaches them (`proportion`): then only an approval deploys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from apps_catalog.code_limits import check_code
from apps_catalog.drafting import Actor, require_editor, save_row
from apps_catalog.models import App, AppVersion, CodeVersion, Component
from apps_catalog.models.code import MAX_NOTE, digest
from apps_catalog.proportion import Road, road_of
from apps_catalog.states import CODE_KINDS, PluginShape
from audit.recording import record

CONTENT = ("code", "shape", "library_name")
NOTHING = "There is no code to save yet. Write some, or open a file."
REVIEWED = (
    "Customers use this App, so its code is reviewed before it runs for them. Save the version and submit the App: "
    "with the approval it is deployed by itself."
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. `is_new` is False when the newest version said the same already."""

    version: CodeVersion
    is_new: bool
    is_deployed: bool = False


def deploys_at_once(app: App) -> bool:
    """Whether the App's own people deploy; otherwise code waits for a review."""
    return not (app.is_live and road_of("components.*.code") == Road.BEFORE)


@transaction.atomic
def save_draft(actor: Actor, component: Component, values: Mapping[str, str], revision: int) -> list[str]:
    """Keep what is typed (`CONTENT`); the names of what changed. No version, nothing deployed.

    The same twice at once is no conflict. Raises StaleDraft for an old form, ValidationError for code that cannot be
    kept.
    """
    require_editor(actor, component.app)
    _locked(component)
    return save_row(component, _checked(values), revision)


@transaction.atomic
def replace_draft(actor: Actor, component: Component, values: Mapping[str, str], revision: int, *, why: str) -> bool:
    """Put other code in place of the draft, as when a file is opened; whether it was different.

    What was only in the draft becomes a version first, noted with `why`: nothing is lost. Raises StaleDraft.
    """
    require_editor(actor, component.app)
    now = _locked(component)
    wanted = _checked(values)
    if all(getattr(now, name) == value for name, value in wanted.items()):
        return False
    if now.revision == revision:
        _keep_unsaved(actor, now, why)
    return bool(save_row(component, wanted, revision))


@transaction.atomic
def save_version(
    actor: Actor, component: Component, values: Mapping[str, str], revision: int, *, note: str = "",
    deploy: bool = False,
) -> Saved:  # fmt: skip
    """Make a version out of what is typed, and deploy it if `deploy` says so.

    The same again is no new version, so a second click does nothing. Raises StaleDraft for an old form, and
    ValidationError when there is no code, when it cannot be kept, or (code "review") when only an approval deploys.
    """
    require_editor(actor, component.app)
    _locked(component)
    if deploy:
        _require_deploying(component.app)
    wanted = _checked(values)
    if not wanted["code"].strip():
        raise ValidationError(NOTHING, code="empty")
    save_row(component, wanted, revision)
    version, is_new = _version(actor, component, note=note)
    is_deployed = deploy and _deploy(actor, component, version)
    return Saved(version, is_new, is_deployed)


@transaction.atomic
def restore_version(actor: Actor, component: Component, number: int) -> Saved:
    """Make version `number` the draft and the newest version; the versions between stay.

    What was only in the draft becomes a version first. Raises CodeVersion.DoesNotExist.
    """
    require_editor(actor, component.app)
    now = _locked(component)
    old = now.code_versions.get(number=number)
    latest = latest_of(now)
    if latest and latest.content == old.content == content_of(now):
        return Saved(latest, is_new=False)
    _keep_unsaved(actor, now, f"Kept before version {number} was brought back")
    save_row(component, old.content, now.revision)
    version, is_new = _version(actor, component, restored_from=old)
    return Saved(version, is_new)


@transaction.atomic
def deploy_version(actor: Actor, component: Component, number: int) -> bool:
    """Run version `number` on live events; False when it does already.

    Raises CodeVersion.DoesNotExist, and ValidationError (code "review") when only an approval deploys.
    """
    require_editor(actor, component.app)
    _require_deploying(component.app)
    now = _locked(component)
    return _deploy(actor, now, now.code_versions.get(number=number))


@transaction.atomic
def keep_submitted(actor: Actor, app: App, number: int) -> None:
    """Make versions out of what a submission hands in, so that the reviewed code is found in the history.

    `number` is that of the App's version. The caller has checked who may submit.
    """
    for component in app.components.filter(kind__in=CODE_KINDS).exclude(code=""):
        component.app = app
        _version(actor, _locked(component), note=f"Submitted with version {number} of the App")


@transaction.atomic
def deploy_approved(actor: Actor, app: App, version: AppVersion) -> None:
    """Deploy the code of an approved version, also of a component that left the draft since: it may come back.

    The caller has checked who may approve.
    """
    frozen = {part["kind"]: part for part in version.manifest.get("components") or () if part.get("code")}
    for component in Component.every.filter(app=app, kind__in=CODE_KINDS & frozen.keys()):
        component.app = app
        wanted = _content_of_manifest(frozen[component.kind])
        note = f"Approved with version {version.number} of the App"
        _deploy(actor, component, _found_or_made(actor, _locked(component), wanted, note))


# --- Reading ---------------------------------------------------------------------------------------------


def latest_of(component: Component) -> CodeVersion | None:
    return component.code_versions.order_by("-number").first()


def content_of(component: Component) -> dict[str, str]:
    """The draft, by column."""
    return {name: getattr(component, name) for name in CONTENT}


def _content_of_manifest(part: Mapping[str, Any]) -> dict[str, str]:
    is_plugin = part["kind"] == "web_plugin"
    shape = part.get("shape") or (PluginShape.OBJECT.value if is_plugin else "")
    return {"code": part["code"], "shape": shape, "library_name": part.get("library_name", "")}


# --- Steps -----------------------------------------------------------------------------------------------


def _checked(values: Mapping[str, str]) -> dict[str, str]:
    """What the columns get; those that are not given stay away. Raises ValidationError."""
    return {**values, "code": check_code(values["code"])}


def _locked(component: Component) -> Component:
    """The component as it stands now; two saves at once take their numbers one after the other."""
    now = Component.every.select_for_update().get(pk=component.pk)
    now.app = component.app
    return now


def _require_deploying(app: App) -> None:
    if not deploys_at_once(app):
        raise ValidationError(REVIEWED, code="review")


def _keep_unsaved(actor: Actor, component: Component, why: str) -> None:
    if component.code.strip():
        _version(actor, component, note=why)


def _version(
    actor: Actor, component: Component, *, note: str = "", restored_from: CodeVersion | None = None
) -> tuple[CodeVersion, bool]:
    """The newest version if it says what the draft says, or a new one."""
    latest = latest_of(component)
    if latest and latest.content == content_of(component):
        return latest, False
    return _make(actor, component, content_of(component), note, restored_from), True


def _make(
    actor: Actor, component: Component, content: Mapping[str, str], note: str, restored_from: CodeVersion | None = None
) -> CodeVersion:
    latest = latest_of(component)
    version = CodeVersion.objects.create(
        component=component, number=latest.number + 1 if latest else 1, sha256=digest(content["code"]),
        note=note.strip()[:MAX_NOTE], saved_by=actor if isinstance(actor, User) else None,
        restored_from=restored_from, **content,
    )  # fmt: skip
    facts = {"kind": component.kind, "number": version.number, "sha256": version.sha256}
    app = component.app
    if restored_from:
        record(actor, "code.restored", app, chain=app.chain, restored=restored_from.number, **facts)
    else:
        record(actor, "code.saved", app, chain=app.chain, **facts)
    return version


def _found_or_made(actor: Actor, component: Component, wanted: Mapping[str, str], note: str) -> CodeVersion:
    same = component.code_versions.filter(sha256=digest(wanted["code"])).order_by("-number")
    found = next((version for version in same if version.content == wanted), None)
    return found or _make(actor, component, wanted, note)


def _deploy(actor: Actor, component: Component, version: CodeVersion) -> bool:
    other = Component.every.filter(pk=component.pk).exclude(deployed=version)
    if not other.update(deployed=version):
        return False
    component.deployed = version
    facts = {"kind": component.kind, "number": version.number, "sha256": version.sha256}
    record(actor, "code.deployed", component.app, chain=component.app.chain, **facts)
    return True
