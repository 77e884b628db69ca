"""Review in proportion: what goes live on save, what waits, what is refused after launch."""

import copy
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps_catalog import lifecycle
from apps_catalog.manifest import export
from apps_catalog.models import App, CatalogEntry
from apps_catalog.proportion import FIELDS, Road, breakages, carry, field_changes, road_of
from audit.models import Record
from leases.transitions import StaleState
from notifications.models import OutboxMessage
from notifications.states import MessageState
from partners.models import Membership
from reviews import attestations, decisions, live_changes, submissions
from reviews.models import LiveChange
from reviews.proportion import differences
from reviews.refusals import NotReady, Refused
from reviews.states import Attested, LiveChangeState
from reviews.tests.conftest import number_live, pass_all

pytestmark = pytest.mark.django_db


def fresh(app: App) -> App:
    return App.objects.get(pk=app.pk)


def describe(app: App, actor, text: str, **more) -> None:
    listing = fresh(app).listing
    lifecycle.save_listing(actor, fresh(app), {"description": text, **more}, listing.revision)


def shown(app: App) -> CatalogEntry:
    return CatalogEntry.objects.get(app=app)


# --- The table ----------------------------------------------------------------------------------------

ROADS = {
    "listing.support_email": Road.INSTANT, "settings.region.hint": Road.INSTANT, "settings": Road.INSTANT,
    "listing.description": Road.AFTER, "listing.website": Road.AFTER, "listing.images": Road.AFTER,
    "listing.primary_category": Road.AFTER, "listing.docs_links.launch_plan": Road.AFTER,
    "settings.region.label": Road.AFTER,
    "components.subscription_webhook.endpoint": Road.BEFORE, "components.subscription_function.code": Road.BEFORE,
    "components.web_plugin": Road.BEFORE, "scopes": Road.BEFORE, "name": Road.BEFORE, "settings.region": Road.BEFORE,
    "settings.region.required": Road.BEFORE, "settings.region.key": Road.BEFORE, "anything.new": Road.BEFORE,
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(ROADS))
def test_the_road_of(path):
    assert road_of(path) == ROADS[path]


def test_every_value_of_a_manifest_is_in_the_table(ready):
    manifest = export(ready)
    names = {"components": manifest["components"], "settings": manifest["settings"]}
    known = {f"{part}.*.{key}" for part, rows in names.items() for row in rows for key in row}
    known |= {f"listing.{key}" for key in manifest["listing"] if key != "docs_links"}
    known |= {f"listing.docs_links.{key}" for key in manifest["listing"]["docs_links"]}
    assert known - set(FIELDS) == {"components.*.kind", "settings.*.key"}  # these name the rows


def test_carrying_every_change_but_those_of_rows_makes_the_draft(ready):
    live = export(ready)
    draft = copy.deepcopy(live)
    draft["listing"]["description"], draft["listing"]["docs_links"]["launch"] = "New", "https://acme.example/blog"
    draft["settings"][0]["hint"] = "In your profile."
    draft["components"][0]["endpoint"] = "https://new.acme.example/"
    paths = [change.path for change in field_changes(live, draft)]
    assert len(paths) == 4
    assert carry(live, draft, paths) == draft
    assert carry(live, draft, []) == live


# --- On save --------------------------------------------------------------------------------------------


def test_an_instant_change_is_a_new_live_version_on_the_record(in_beta, alice):
    lifecycle.save_listing(alice, in_beta, {"support_email": "help@acme.example"}, in_beta.listing.revision)
    [step] = live_changes.put_live(alice, in_beta, "listing")
    assert step.road == Road.INSTANT
    assert number_live(in_beta) == 2
    assert fresh(in_beta).live_version.manifest["listing"]["support_email"] == "help@acme.example"
    assert LiveChange.objects.get().state == LiveChangeState.INSTANT
    record = Record.objects.get(action="app.changed_live")
    assert record.data["fields"] == ["listing.support_email"]
    assert live_changes.put_live(alice, in_beta, "listing") == []  # twice is once


def test_what_is_reviewed_after_is_live_and_on_the_desk(in_beta, alice, rita):
    describe(in_beta, alice, "Sends your events to Acme, fast.")
    live_changes.put_live(alice, in_beta)
    assert "fast" in shown(in_beta).description
    change = LiveChange.objects.get()
    assert (change.state, change.fields) == (LiveChangeState.WAITING, ["listing.description"])
    # A further save joins it; the reviewer sees the whole difference.
    describe(in_beta, alice, "Sends your events to Acme, very fast.")
    live_changes.put_live(alice, in_beta)
    change = LiveChange.objects.get()
    [difference] = live_changes.shown(change)
    assert (difference.before, difference.after) == (
        "Sends your events to Acme.", "Sends your events to Acme, very fast."
    )  # fmt: skip
    live_changes.keep(change, rita)
    assert LiveChange.objects.get().state == LiveChangeState.KEPT


def test_what_is_reviewed_before_stays_a_draft(in_beta, alice):
    component = in_beta.components.get()
    lifecycle.set_endpoint(alice, component, "https://new.acme.example/hook", component.revision)
    assert live_changes.put_live(alice, in_beta) == []
    assert number_live(in_beta) == 1
    [step] = differences(fresh(in_beta)).steps
    assert (step.change.path, step.road) == ("components.subscription_webhook.endpoint", Road.BEFORE)


def test_what_would_leave_the_entry_incomplete_stays_a_draft(in_beta, alice):
    describe(in_beta, alice, "")
    assert live_changes.put_live(alice, in_beta) == []
    [step] = differences(fresh(in_beta)).steps
    assert step.road == Road.BEFORE
    assert "cannot go live as it is" in step.reason


def test_only_the_saved_part_goes_live(in_beta, alice):
    describe(in_beta, alice, "Half a sente")  # saved by itself while typing
    setting = in_beta.settings.get()
    lifecycle.edit_setting(alice, setting, {"hint": "In your profile."}, fresh(in_beta).revision)
    live_changes.put_live(alice, in_beta, "settings")
    assert "Half" not in shown(in_beta).description
    assert fresh(in_beta).live_version.manifest["settings"][0]["hint"] == "In your profile."


# --- The look afterwards --------------------------------------------------------------------------------


def test_a_change_is_taken_back_told_and_does_not_return_on_save(in_beta, alice, rita, settings):
    settings.UNDO_SECONDS = 600
    describe(in_beta, alice, "The best tool ever.")
    live_changes.put_live(alice, in_beta)
    change = LiveChange.objects.get()
    with pytest.raises(NotReady):
        live_changes.take_back(change, rita, " ")
    live_changes.take_back(change, rita, "No superlatives.")
    assert shown(in_beta).description == "Sends your events to Acme."
    assert fresh(in_beta).listing.description == "The best tool ever."
    assert OutboxMessage.objects.get(kind="live_change_taken_back").state == MessageState.QUEUED
    assert live_changes.put_live(alice, in_beta) == []  # it waits for a submission now

    live_changes.undo(change, rita)
    assert shown(in_beta).description == "The best tool ever."
    assert OutboxMessage.objects.get(kind="live_change_taken_back").state == MessageState.DROPPED
    with pytest.raises(StaleState):
        live_changes.undo(change, rita)


def test_the_second_verdict_changes_nothing_and_old_pages_judge_nothing(in_beta, alice, rita):
    describe(in_beta, alice, "One.")
    live_changes.put_live(alice, in_beta)
    old = LiveChange.objects.get()
    describe(in_beta, alice, "Two.")
    live_changes.put_live(alice, in_beta)
    with pytest.raises(Refused):
        live_changes.keep(old, rita)
    live_changes.keep(LiveChange.objects.get(), rita)
    with pytest.raises(StaleState):
        live_changes.take_back(LiveChange.objects.get(), rita, "No.")


def test_nobody_judges_changes_of_their_own_company(in_beta, alice, rita):
    describe(in_beta, alice, "One.")
    live_changes.put_live(alice, in_beta)
    change = LiveChange.objects.get()
    Membership.objects.create(company=in_beta.company, user=rita, role="viewer")
    for act in (live_changes.keep, live_changes.undo, lambda row, by: live_changes.take_back(row, by, "No.")):
        with pytest.raises(PermissionDenied):
            act(change, rita)
    with pytest.raises(PermissionDenied):
        live_changes.put_live(rita, in_beta)


# --- Beside a submission --------------------------------------------------------------------------------


def test_an_approval_keeps_what_went_live_meanwhile_and_its_undo_too(in_beta, alice, rita, settings):
    settings.UNDO_SECONDS = 600
    component = in_beta.components.get()
    describe(in_beta, alice, "Of the update.")
    attestations.attest(fresh(in_beta), alice, Attested.ENTRY_LOOKED_AT)
    update = submissions.submit(fresh(in_beta), alice, "New text.")
    describe(in_beta, alice, "Mended after it.")
    live_changes.put_live(alice, in_beta)
    pass_all(update, rita)
    decisions.approve(update, rita)
    assert shown(in_beta).description == "Mended after it."
    lifecycle.save_listing(alice, fresh(in_beta), {"support_email": "a@acme.example"}, fresh(in_beta).listing.revision)
    live_changes.put_live(alice, in_beta)
    decisions.undo(update, rita)
    live = fresh(in_beta).live_version.manifest
    assert live["listing"]["support_email"] == "a@acme.example"
    assert live["components"][0]["endpoint"] == component.endpoint


# --- After launch (D49) -----------------------------------------------------------------------------------

BREAKS = {
    "a new required setting": (lambda m: m["settings"].append({"key": "region", "required": True}), "required"),
    "an optional one made required": (lambda m: m["settings"][1].update(required=True), "required"),
    "a removed setting": (lambda m: m["settings"].pop(), "removed or renamed"),
    "a renamed key": (lambda m: m["settings"][1].update(key="zone"), "removed or renamed"),
    "a removed component": (lambda m: m["components"].pop(), "component"),
}
MANIFEST = {
    "components": [{"kind": "subscription_webhook", "endpoint": "https://acme.example/"}],
    "settings": [{"key": "apiKey", "required": True}, {"key": "area", "required": False}],
}


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_what_breaks_installs(name):
    change, word = BREAKS[name]
    draft = copy.deepcopy(MANIFEST)
    change(draft)
    [reason] = breakages(MANIFEST, draft)
    assert word in reason


def test_what_breaks_nothing():
    draft = copy.deepcopy(MANIFEST)
    draft["settings"][0]["required"] = False
    draft["settings"].append({"key": "new", "required": False})
    assert breakages(MANIFEST, draft) == []


def test_after_launch_it_is_refused_before_launch_not(in_beta, listed, alice):
    app = fresh(listed)
    values = {"label": "Region", "type": "string", "required": True}
    lifecycle.add_setting(alice, app, values, app.revision)
    with pytest.raises(Refused, match="cannot be required after launch"):
        submissions.submit(fresh(app), alice, "A region.")
    assert differences(fresh(app)).refused
    App.objects.filter(pk=app.pk).update(stage="private_beta")
    assert differences(fresh(app)).refused == []


# --- Pages ------------------------------------------------------------------------------------------------


def test_the_form_tells_before_and_saves_live(in_beta, alice, client_for):
    client = client_for(alice)
    url = reverse("app-listing", args=[in_beta.slug])
    assert "This App is live" in client.get(url).content.decode()
    data = {
        "description": "From the form.", "website": "https://acme.example", "primary_category": "analytics",
        "support_email": "support@acme.example", "revision": fresh(in_beta).listing.revision,
    }  # fmt: skip
    by_itself = client.post(url, data, headers={"Accept": "application/json"})
    assert by_itself.status_code == 200, by_itself.json()
    assert "form" not in shown(in_beta).description
    data["revision"] = by_itself.json()["revision"]
    answer = client.post(url, data, follow=True)
    assert "Live now: Description. Segment looks at it afterwards." in answer.content.decode()
    assert shown(in_beta).description == "From the form."


def test_the_page_of_differences(in_beta, alice, viv, client_for):
    url = reverse("app-differences", args=[in_beta.slug])
    assert "No difference" in client_for(alice).get(url).content.decode()
    describe(in_beta, alice, "Other words.")
    component = in_beta.components.get()
    lifecycle.set_endpoint(alice, component, "https://new.acme.example/hook", component.revision)
    page = client_for(alice).get(url).content.decode()
    assert "Put 1 change live" in page
    assert "new.acme.example" in page
    assert "Put 1 change live" not in client_for(viv).get(url).content.decode()
    assert client_for(viv).post(url).status_code == 403
    assert client_for(alice).post(url).status_code == 303
    assert shown(in_beta).description == "Other words."
    assert client_for(alice).post(url).status_code == 303
    assert LiveChange.objects.count() == 1


def test_the_desk_sees_the_difference_only(in_beta, alice, rita, client_for):
    describe(in_beta, alice, "Other words.")
    live_changes.put_live(alice, in_beta)
    change = LiveChange.objects.get()
    client, url = client_for(rita), reverse("review-live-change", args=[change.pk])
    assert reverse("review-live-change", args=[change.pk]) in client.get(reverse("review-verdicts")).content.decode()
    page = client.get(url).content.decode()
    assert "Description" in page
    assert "acme.example/login" not in page
    sent = {"act": "take_back", "version": change.version.number}
    assert client.post(url, sent).status_code == 422
    assert client.post(url, {**sent, "version": 1, "reason": "No."}).status_code == 409
    assert client.post(url, {**sent, "reason": "No."}).status_code == 303
    assert client.post(url, {**sent, "reason": "No."}).status_code == 409
    assert shown(in_beta).description == "Sends your events to Acme."


def test_a_waiting_change_is_due(in_beta, alice):
    describe(in_beta, alice, "Other words.")
    live_changes.put_live(alice, in_beta)
    assert LiveChange.objects.get().due_at > timezone.now() + timedelta(days=2)
