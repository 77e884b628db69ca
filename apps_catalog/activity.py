"""What happened to an App, in words: the audit record read for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from apps_catalog.models import App
from audit.models import Record
from audit.recording import name_of
from partners.models import Company

_WORDS = {
    "app.created": "Created the App",
    "app.renamed": "Renamed the App to {slug}",
    "app.deleted": "Deleted the App",
    "app.restored": "Brought the App back",
    "app.imported": "Brought the draft to a manifest: {parts}",
    "app.kinds_chosen": "Chose how to collect and process",
    "app.submit": "The App went into review",
    "app.return_to_building": "The App went back to building",
    "app.open_private_beta": "The private beta opened",
    "app.open_public_beta": "The App went public as a beta",
    "app.make_public": "The App became public",
    "app.deprecate": "The App was deprecated",
    "app.revive_private_beta": "The end of the App was undone",
    "app.revive_public_beta": "The end of the App was undone",
    "app.revive_public": "The end of the App was undone",
    "component.added": "Added a component: {kind}",
    "component.removed": "Removed a component: {kind}",
    "component.restored": "Brought a component back: {kind}",
    "component.changed": "Changed the {kind}: {fields}",
    "code.saved": "Saved version {number} of the {kind}",
    "code.restored": "Brought version {restored} of the {kind} back, as version {number}",
    "code.deployed": "Deployed version {number} of the {kind}",
    "setting.added": "Added the setting {key}",
    "setting.changed": "Changed the setting {key}: {fields}",
    "setting.removed": "Removed the setting {key}",
    "setting.moved": "Moved the setting {key}",
    "settings.replaced": "Replaced the settings",
    "listing.changed": "Changed the listing: {fields}",
    "listing.template_read": "Sent a catalog template: {remarks} remarks",
    "listing.template_taken": "Took over from a catalog template: {fields}",
    "listing.template_dropped": "Dropped a catalog template",
    "docs.changed": "Changed the documentation: {fields}",
    "access.changed": "Changed the reviewer access: {fields}",
    "access.revealed": "Opened the reviewers’ {field}",
    "signing.revealed": "Revealed a signing secret",
    "signing.rotated": "Made a new signing secret",
    "signing.ended": "Ended an old signing secret",
    "client.set_up": "Set up Enable with Segment",
    "client.changed": "Changed Enable with Segment: {fields}",
    "client.secret_made": "Made a new client secret",
    "client.secret_retired": "Retired a client secret",
    "client.removed": "Enable with Segment went with the App",
    "client.scope_set": "Set the scope to {scope}",
    "client.scope_asked": "Asked for the scope {scope}",
    "client.scope_withdrawn": "Withdrew the request for the scope {scope}",
    "client.scope_granted": "Granted the scope {scope}",
    "client.scope_declined": "Declined the scope {scope}",
    "client.scope_taken_back": "Took the wider scope back; installs ended: {ended}",
    "trial.started": "Tried Enable with Segment",
    "trial.ended": "A trial of Enable with Segment ended: {state}",
    "plan.changed": "Changed the plan: {fields}",
    "plan.action_added": "Planned the action {key}",
    "plan.action_changed": "Changed the planned action {key}",
    "plan.action_removed": "Took the action {key} out of the plan",
    "plan.action_restored": "Brought the planned action {key} back",
    "plan.action_moved": "Moved the planned action {key}",
    "plan.look_asked": "Asked Segment’s team to look at the plan",
    "plan.looked_at": "Looked at the plan: building can start",
    "plan.commented": "Commented on the plan: {section}",
    "plan.comment_settled": "Settled a comment on the plan",
    "guide.ticked": "Ticked in the set-up guide: {item}",
    "guide.unticked": "Took a tick of the set-up guide back: {item}",
    "app.delist": "The App left the catalog",
    "app.at_risk": "The App is at risk: its nightly checks failed",
    "app.risk_cleared": "The App is no longer at risk",
    "app.risk_extended": "Gave the App at risk more time",
    "app.delisted_for_risk": "The time to mend the App was over",
    "app.look_asked": "Asked for another nightly check",
    "app.launch_planned": "Planned launch content: {kind}",
    "app.launch_done": "Launch content is out: {kind}",
    "app.launch_reopened": "Opened launch content again: {kind}",
    "app.launch_dropped": "Dropped launch content: {kind}",
    "echo.scripted": "Set the echo inbox to answer: {script}",
    "echo.cleared": "Cleared the echo inbox",
    "echo.restored": "Brought the cleared echo inbox back",
    "version.frozen": "Version {number} was frozen",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the activity. `who` is a name inside the company, “Segment” or “the system” otherwise."""

    at: datetime
    who: str
    what: str
    action: str


def records_of(app: App, *actions: str) -> QuerySet[Record]:
    """The audit records about an App, newest first; only those of `actions` when some are given."""
    found = Record.objects.filter(chain_id=app.chain, target=name_of(app))
    return found.filter(action__in=actions) if actions else found


def events(records: Iterable[Record], app: App) -> list[Event]:
    """Records as lines, in two queries however many there are."""
    records = list(records)
    names = names_of({record.actor for record in records}, app.company)
    return [Event(each.at, names.get(each.actor, "Segment"), describe(each), each.action) for each in records]


def describe(record: Record) -> str:
    """What a record says, in words; an action without a sentence of its own is spelt out."""
    sentence = _WORDS.get(record.action)
    if sentence is None:
        return record.action.replace(".", " ").replace("_", " ").capitalize()
    return sentence.format_map(_Words(record.data))


class _Words(dict[str, Any]):
    """Values for a sentence: lists joined, underscores as spaces, a dash for what is missing."""

    def __getitem__(self, key: str) -> str:
        value = self.get(key, "–")
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        return text.replace("_", " ")


def names_of(actors: set[str], company: Company) -> dict[str, str]:
    """Names of the members among the actors. Staff are “Segment”; those who left are “a former member”."""
    ids = {int(actor.removeprefix("user:")) for actor in actors if actor.startswith("user:")}
    members = set(company.memberships.filter(user_id__in=ids).values_list("user_id", flat=True))
    people = {f"user:{user.pk}": _name(user, members) for user in User.objects.filter(pk__in=ids)}
    gone = {f"user:{pk}": "a former member" for pk in ids}
    return {**gone, **people, "system": "the system"}


def _name(user: User, members: set[int]) -> str:
    if user.pk in members:
        return user.display_name
    return "Segment" if user.is_staff else "a former member"
