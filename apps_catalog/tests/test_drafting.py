import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from apps_catalog import lifecycle
from apps_catalog.lifecycle import StaleDraft
from apps_catalog.models import Component, LinkCheck, Listing, ReviewerAccess
from apps_catalog.states import ComponentKind, SettingType
from audit.models import Record
from vault.sealing import CannotOpen

pytestmark = pytest.mark.django_db
CANARY = "canary-7f3a9"


@pytest.fixture
def webhook(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_WEBHOOK)


def test_two_tabs_on_one_listing_conflict(app, alice, bob):
    lifecycle.save_listing(alice, app, {"description": "From Alice"}, 0)
    with pytest.raises(StaleDraft) as stale:
        lifecycle.save_listing(bob, app, {"description": "From Bob"}, 0)
    listing = Listing.objects.get(app=app)
    assert stale.value.row == listing
    assert (listing.description, listing.revision) == ("From Alice", 1)


def test_the_same_form_twice_saves_once(app, alice):
    assert lifecycle.save_listing(alice, app, {"description": "Text"}, 0) == ["description"]
    assert lifecycle.save_listing(alice, app, {"description": "Text"}, 0) == []
    assert Record.objects.filter(action="listing.changed").count() == 1


def test_listing_and_docs_do_not_conflict_with_each_other(app, alice):
    lifecycle.save_listing(alice, app, {"description": "Text"}, 0)
    assert lifecycle.save_docs(alice, app, {"docs_segment_text": "Docs"}, 0) == ["docs_segment_text"]


def test_new_links_are_looked_at(app, alice):
    lifecycle.save_docs(alice, app, {"docs_partner_url": "https://docs.acme.example/"}, 0)
    assert LinkCheck.objects.get().due_at is not None


def test_a_text_without_links_asks_for_no_look(app, alice):
    lifecycle.save_docs(alice, app, {"docs_segment_text": "Docs"}, 0)
    assert not LinkCheck.objects.exists()


def test_the_endpoint_and_its_test_values_are_stored(webhook, alice):
    values = {"apiKey": CANARY, "region": "eu"}
    changed = lifecycle.set_endpoint(alice, webhook, "https://hooks.acme.example/", 0, test_settings=values)
    assert sorted(changed) == ["endpoint", "test_settings_sealed"]
    stored = Component.objects.get()
    assert stored.open_test_settings() == values
    assert CANARY not in stored.test_settings_sealed


def test_the_same_test_values_change_nothing(webhook, alice):
    for _ in range(2):
        lifecycle.set_endpoint(alice, webhook, webhook.endpoint, 0, test_settings={"apiKey": CANARY})
    assert Component.objects.get().revision == 1


def test_an_old_webhook_form_is_refused(webhook, alice):
    lifecycle.set_endpoint(alice, webhook, "https://one.example/", 0)
    with pytest.raises(StaleDraft):
        lifecycle.set_endpoint(alice, webhook, "https://two.example/", 0)


@pytest.mark.parametrize("who", ["viv", "charlie", "carol", "rita"])
def test_others_change_nothing(app, webhook, who, request):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        lifecycle.save_listing(person, app, {"description": "x"}, 0)
    with pytest.raises(PermissionDenied):
        lifecycle.save_docs(person, app, {"docs_segment_text": "x"}, 0)
    with pytest.raises(PermissionDenied):
        lifecycle.set_endpoint(person, webhook, "https://evil.example/", 0)
    with pytest.raises(PermissionDenied):
        lifecycle.save_access(person, app, {"notes": "x"}, 0)
    with pytest.raises(PermissionDenied):
        lifecycle.add_setting(person, app, {"label": "x"}, 0)


class TestReviewerAccess:
    def test_secrets_are_sealed_and_named_on_the_record_only(self, app, alice):
        lifecycle.save_access(alice, app, {"notes": "Log in."}, 0, secrets={"password": CANARY, "username": "reviewer"})
        access = ReviewerAccess.objects.get()
        assert access.open("password") == CANARY
        record = Record.objects.get(action="access.changed")
        assert record.data["fields"] == ["notes", "password", "username"]
        assert CANARY not in json.dumps(record.data) + access.password_sealed

    def test_an_absent_secret_stays_and_an_empty_one_goes(self, app, alice):
        lifecycle.save_access(alice, app, {}, 0, secrets={"password": CANARY, "username": "reviewer"})
        lifecycle.save_access(alice, app, {}, 1, secrets={"username": ""})
        access = ReviewerAccess.objects.get()
        assert (access.open("password"), access.open("username")) == (CANARY, "")

    def test_the_same_secret_again_is_no_change(self, app, alice):
        for _ in range(2):
            lifecycle.save_access(alice, app, {}, 0, secrets={"password": CANARY})
        assert ReviewerAccess.objects.get().revision == 1

    def test_a_secret_moved_to_another_row_does_not_open(self, app, alice, company):
        other = lifecycle.create_app(alice, company, "Second Tool")
        lifecycle.save_access(alice, app, {}, 0, secrets={"password": CANARY})
        sealed = ReviewerAccess.objects.get(app=app).password_sealed
        ReviewerAccess.objects.filter(app=other).update(password_sealed=sealed)
        with pytest.raises(CannotOpen):
            ReviewerAccess.objects.get(app=other).open("password")

    def test_a_reviewer_reads_it_on_the_record(self, app, alice, rita):
        lifecycle.save_access(alice, app, {}, 0, secrets={"password": CANARY})
        app.refresh_from_db()
        assert lifecycle.reveal_access(rita, app, "password") == CANARY
        record = Record.objects.get(action="access.revealed")
        assert (record.actor, record.data) == (f"user:{rita.pk}", {"field": "password"})

    @pytest.mark.parametrize("who", ["alice", "bob", "charlie", "carol"])
    def test_nobody_else_reads_it(self, app, who, request):
        with pytest.raises(PermissionDenied):
            lifecycle.reveal_access(request.getfixturevalue(who), app, "password")
        assert not Record.objects.filter(action="access.revealed").exists()


class TestSettings:
    def test_the_key_is_made_once_and_never_follows_the_label(self, app, alice):
        setting = lifecycle.add_setting(alice, app, {"label": "Custom setting one"}, 0)
        assert setting.key == "customSettingOne"
        lifecycle.edit_setting(alice, setting, {"label": "Something else"}, 1)
        setting.refresh_from_db()
        assert (setting.key, setting.label) == ("customSettingOne", "Something else")

    def test_equal_labels_get_different_keys(self, app, alice):
        lifecycle.add_setting(alice, app, {"label": "Host"}, 0)
        assert lifecycle.add_setting(alice, app, {"label": "host"}, 1).key == "host2"
        assert lifecycle.add_setting(alice, app, {"label": "API key"}, 2).key == "apiKey2"

    def test_a_password_is_always_secret(self, app, alice):
        values = {"label": "Token", "type": SettingType.PASSWORD, "sensitive": False}
        assert lifecycle.add_setting(alice, app, values, 0).sensitive is True

    def test_the_api_key_stays(self, app, alice):
        key = app.settings.get()
        with pytest.raises(ValidationError, match="cannot be removed"):
            lifecycle.remove_setting(alice, app, "apiKey", 0)
        lifecycle.edit_setting(alice, key, {"label": "Key", "required": False, "sensitive": False, "type": "number"}, 0)
        key.refresh_from_db()
        assert (key.label, key.required, key.sensitive, key.type) == ("Key", True, True, "string")

    def test_order_and_its_ends(self, app, alice):
        for revision, label in enumerate(["One", "Two", "Three"]):
            lifecycle.add_setting(alice, app, {"label": label}, revision)
        assert lifecycle.move_setting(alice, app, "three", -1, 3) is True
        assert list(app.settings.values_list("key", flat=True)) == ["apiKey", "one", "three", "two"]
        assert lifecycle.move_setting(alice, app, "one", -1, 4) is False
        assert lifecycle.move_setting(alice, app, "two", 1, 5) is False
        assert lifecycle.move_setting(alice, app, "apiKey", 1, 6) is False
        assert app.settings.first().key == "apiKey"

    def test_a_double_click_moves_once(self, app, alice):
        for revision, label in enumerate(["One", "Two", "Three"]):
            lifecycle.add_setting(alice, app, {"label": label}, revision)
        lifecycle.move_setting(alice, app, "three", -1, 3)
        with pytest.raises(StaleDraft):
            lifecycle.move_setting(alice, app, "three", -1, 3)
        assert list(app.settings.values_list("key", flat=True)) == ["apiKey", "one", "three", "two"]

    def test_two_people_never_edit_different_lists(self, app, alice, bob):
        lifecycle.add_setting(alice, app, {"label": "One"}, 0)
        with pytest.raises(StaleDraft):
            lifecycle.add_setting(bob, type(app).objects.get(pk=app.pk), {"label": "Two"}, 0)
        assert app.settings.count() == 2

    def test_removing_what_is_gone_is_fine(self, app, alice):
        lifecycle.add_setting(alice, app, {"label": "One"}, 0)
        assert lifecycle.remove_setting(alice, app, "one", 1) is True
        assert lifecycle.remove_setting(alice, app, "one", 1) is False

    def test_there_is_a_limit(self, app, alice):
        for revision in range(49):
            lifecycle.add_setting(alice, app, {"label": f"Setting {revision}"}, revision)
        with pytest.raises(ValidationError, match="50"):
            lifecycle.add_setting(alice, app, {"label": "One more"}, 49)
