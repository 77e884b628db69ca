"""The console pages: who gets in, what forms answer, and that nothing happens twice."""

import json
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import App, Category, Listing, ReviewerAccess
from apps_catalog.states import ComponentKind, Stage
from apps_catalog.versions import freeze
from audit.models import Record
from partners.models import Policy

pytestmark = pytest.mark.django_db

MARK = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4"/></svg>'
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 20"><path d="M0 0h90v20H0z"/></svg>'
CANARY = "canary-c0ffee"


@pytest.fixture
def webhook(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_WEBHOOK)


@pytest.fixture
def setting(app, alice):
    return lifecycle.add_setting(alice, app, {"label": "Host"}, 0)


def url(name, app, *args):
    return reverse(name, args=[app.slug, *args])


def upload(data, name="logo.svg"):
    return SimpleUploadedFile(name, data, "image/svg+xml")


# --- Roles -------------------------------------------------------------------------------------------

PAGES = [
    ("app-components", ()), ("app-component-webhook", ()), ("app-settings", ()), ("app-setting-new", ()),
    ("app-setting-edit", ("host",)), ("app-listing", ()), ("app-docs", ()), ("app-docs-links", ()),
    ("app-access", ()), ("app-danger", ()), ("app-activity", ()),
]  # fmt: skip
EDITORS_ONLY = {"app-setting-new", "app-setting-edit"}
WRITES = [
    ("app-components", ()), ("app-component-add", ()), ("app-component-webhook", ()), ("app-setting-new", ()),
    ("app-setting-edit", ("host",)), ("app-setting-remove", ("host",)), ("app-setting-move", ("host",)),
    ("app-listing", ()), ("app-listing-preview", ()), ("app-docs", ()), ("app-docs-links", ()), ("app-access", ()),
    ("app-rename", ()), ("app-delete", ()), ("app-undelete", ()),
]  # fmt: skip
OWNERS_ONLY = {"app-delete", "app-undelete"}


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_who_sees_a_page(name, args, app, webhook, setting, alice, bob, viv, charlie, carol, rita, client_for, client):
    address = url(name, app, *args)
    reader = 403 if name in EDITORS_ONLY else 200
    expected = {alice: 200, bob: 200, viv: reader, rita: reader, charlie: 404, carol: 404}
    found = {person: client_for(person).get(address).status_code for person in expected}
    assert found == expected
    answer = client.get(address)
    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize(("name", "args"), WRITES)
def test_who_may_write(name, args, app, webhook, setting, bob, viv, charlie, carol, rita, adam, client_for, client):
    address = url(name, app, *args)
    expected = {viv: 403, rita: 404 if name == "app-undelete" else 403, charlie: 404, carol: 404}
    if name == "app-undelete":
        expected[rita] = 403
    found = {person: client_for(person).post(address).status_code for person in expected}
    assert found == expected
    assert client_for(bob).post(address).status_code in ({403} if name in OWNERS_ONLY else {200, 303, 422})
    assert client.post(address).status_code == 302


@pytest.mark.parametrize(("name", "args"), [each for each in WRITES if each not in PAGES])
def test_what_changes_something_is_posted(name, args, app, alice, client_for):
    assert client_for(alice).get(url(name, app, *args)).status_code == 405


def test_a_deleted_app_is_gone_for_everybody(app, alice, rita, client_for):
    lifecycle.delete_app(alice, app)
    for person in (alice, rita):
        assert client_for(person).get(url("app-listing", app)).status_code == 404


def test_a_form_without_a_token_is_refused(app, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(url("app-listing", app), {"revision": 0}).status_code == 403


def test_without_a_webhook_its_page_does_not_exist(app, alice, client_for):
    assert client_for(alice).get(url("app-component-webhook", app)).status_code == 404


# --- The list ------------------------------------------------------------------------------------------


def make_apps(alice, company, count, start=0):
    words = ["Alpha", "Bravo", "Delta", "Echo", "Foxtrot", "Golf"]
    for number in range(start, start + count):
        app = lifecycle.create_app(alice, company, f"{words[number % 6]} {words[number // 6]} Works")
        lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_WEBHOOK)


def test_the_list_costs_the_same_for_one_five_and_thirty_apps(alice, company, client_for, django_assert_num_queries):
    client = client_for(alice)
    make_apps(alice, company, 1)
    client.get("/apps/")
    with CaptureQueriesContext(connection) as one:
        client.get("/apps/")
    for total in (5, 30):
        make_apps(alice, company, total - App.objects.count(), start=App.objects.count())
        with django_assert_num_queries(len(one)):
            answer = client.get("/apps/")
        assert len(answer.context["rows"]) == min(total, 20)
    assert len(one) <= 15


def test_an_empty_list_says_what_to_do(alice, company, carol, client_for):
    assert "Create an App" in client_for(alice).get("/apps/").content.decode()
    assert "Request access" in client_for(carol).get("/apps/").content.decode()


def test_the_list_filters_by_stage_and_company(app, alice, client_for):
    client = client_for(alice)
    assert "Acme Analytics" in client.get("/apps/?stage=building&company=acme").content.decode()
    assert "Nothing found" in client.get("/apps/?stage=public").content.decode()
    assert "Nothing found" in client.get("/apps/?company=rival").content.decode()


def test_each_sees_their_own_apps_and_staff_all(app, charlie, other_company, viv, rita, client_for):
    assert "Acme Analytics" not in client_for(charlie).get("/apps/").content.decode()
    assert "Acme Analytics" in client_for(viv).get("/apps/").content.decode()
    assert "Acme Analytics" in client_for(rita).get("/apps/").content.decode()


# --- New -------------------------------------------------------------------------------------------------


def test_creating_an_app_leads_to_the_next_step(alice, company, client_for):
    answer = client_for(alice).post("/apps/new/", {"name": "Acme Analytics"})
    assert (answer.status_code, answer["Location"]) == (303, "/apps/acme-analytics/components/")


def test_a_double_click_makes_one_app(alice, company, client_for):
    client = client_for(alice)
    answers = [client.post("/apps/new/", {"name": "Acme Analytics"}) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == ["/apps/acme-analytics/components/"] * 2
    assert App.objects.count() == 1


def test_a_bad_name_comes_back_with_what_was_typed(alice, company, client_for):
    answer = client_for(alice).post("/apps/new/", {"name": "Segment Analytics"})
    assert answer.status_code == 422
    assert 'value="Segment Analytics"' in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 200), ("viv", 403), ("carol", 403), ("rita", 403)])
def test_who_may_make_an_app(who, status, company, request, client_for):
    client = client_for(request.getfixturevalue(who))
    assert client.get("/apps/new/").status_code == status
    assert client.post("/apps/new/", {"name": "Acme Analytics"}).status_code == (303 if status == 200 else 403)
    assert client.get("/apps/new/slug/?name=Acme").status_code == status


def test_no_app_in_somebody_elses_company(alice, company, other_company, client_for):
    answer = client_for(alice).post("/apps/new/", {"name": "Rival Tool", "company": other_company.slug})
    assert answer.status_code == 422
    assert not App.objects.exists()


def test_one_app_per_company_is_advice(app, alice, client_for):
    assert "Usually a company has one App" in client_for(alice).get("/apps/new/").content.decode()


def test_the_slug_is_previewed(app, alice, client_for):
    client = client_for(alice)
    assert client.get("/apps/new/slug/?name=New Tool").json()["slug"] == "new-tool"
    taken = client.get("/apps/new/slug/?name=Acme Analytics").json()
    assert taken["available"] is False
    assert taken["message"]
    assert client.get("/apps/new/slug/?name=").json() == {"slug": "", "message": ""}


# --- Components --------------------------------------------------------------------------------------------


def test_choosing_leads_to_a_webhook_that_works_already(app, alice, client_for):
    client = client_for(alice)
    data = {"revision": 0, "collects": "subscription", "processes": "webhook"}
    answer = client.post(url("app-components", app), data, follow=True)
    assert answer.redirect_chain == [(url("app-component-webhook", app), 303)]
    assert app.echo.token in answer.content.decode()
    assert client.post(url("app-components", app), data).status_code == 303
    assert app.components.count() == 1


@pytest.mark.parametrize("choice", [("", ""), ("x", "y"), ("subscription", "")])
def test_a_choice_that_is_not_offered_is_explained(app, alice, choice, client_for):
    data = {"revision": 0, "collects": choice[0], "processes": choice[1]}
    assert client_for(alice).post(url("app-components", app), data).status_code == 422
    assert not app.components.exists()


def test_there_is_a_card_for_each_kind_and_all_are_offered(app, alice, client_for):
    text = client_for(alice).get(url("app-components", app)).content.decode()
    assert text.count('name="kind"') == len(ComponentKind)
    assert "disabled" not in text


@pytest.mark.parametrize(
    ("choice", "page"),
    [(("web_plugin", "webhook"), "app-component-plugin"), (("subscription", "function"), "app-component-function")],
)
def test_choosing_leads_to_code_that_is_there_already(app, alice, choice, page, client_for):
    data = {"revision": 0, "collects": choice[0], "processes": choice[1]}
    answer = client_for(alice).post(url("app-components", app), data, follow=True)
    assert answer.redirect_chain == [(url(page, app), 303)]
    assert app.components.get().code in unescape(answer.content.decode())


def test_choosing_a_pull_request_leads_to_the_plan(app, alice, client_for):
    data = {"revision": 0, "collects": "subscription", "processes": "pull_request"}
    answer = client_for(alice).post(url("app-components", app), data, follow=True)
    assert answer.redirect_chain == [(url("app-plan", app), 303)]
    assert app.components.get().kind == ComponentKind.ACTIONS_DESTINATION


def test_adding_it_by_its_card_is_choosing_it(app, alice, client_for):
    client_for(alice).post(url("app-component-add", app), {"kind": "actions_destination"})
    app.refresh_from_db()
    assert (app.collects, app.processes) == ("subscription", "pull_request")


@pytest.mark.parametrize(
    "endpoint",
    ["", "hooks.acme.example", "http://acme.example/", "https://127.0.0.1/", "https://u:p@acme.example/", "ftp://a.example",
     "https://acme.example:22/", "https://[::1]/", "javascript:alert(1)", "https://acme.example/" + "x" * 100_000],
)  # fmt: skip
def test_a_bad_endpoint_comes_back_as_typed(app, webhook, alice, endpoint, client_for, settings):
    settings.EGRESS_ALLOW = ""
    answer = client_for(alice).post(url("app-component-webhook", app), {"revision": 0, "endpoint": endpoint})
    assert answer.status_code == 422
    assert endpoint in answer.content.decode()
    webhook.refresh_from_db()
    assert app.echo.token in webhook.endpoint


def test_a_secret_test_value_goes_in_and_never_out(app, webhook, setting, alice, client_for):
    client = client_for(alice)
    data = {"revision": 0, "endpoint": "https://hooks.acme.example/", "value_apiKey": CANARY, "value_host": "eu"}
    assert client.post(url("app-component-webhook", app), data).status_code == 303
    webhook.refresh_from_db()
    assert webhook.open_test_settings() == {"apiKey": CANARY, "host": "eu"}

    page = client.get(url("app-component-webhook", app)).content.decode()
    assert CANARY not in page
    assert 'value="eu"' in page
    client.post(
        url("app-component-webhook", app), {"revision": 1, "endpoint": "https://two.acme.example/", "value_host": "us"}
    )
    webhook.refresh_from_db()
    assert webhook.open_test_settings() == {"apiKey": CANARY, "host": "us"}
    client.post(url("app-component-webhook", app), {"revision": 2, "endpoint": webhook.endpoint, "forget_apiKey": "on"})
    webhook.refresh_from_db()
    assert "apiKey" not in webhook.open_test_settings()


def test_the_contract_is_shown_as_it_is_sent(app, webhook, setting, alice, client_for):
    text = client_for(alice).get(url("app-component-webhook", app)).content.decode()
    for part in ("X-Segment-Settings", "Segment.io/1.0", "Keep-Alive", "501", "For up to 4 hours"):
        assert part in text


def test_an_old_webhook_form_shows_both_versions(app, webhook, alice, client_for):
    client = client_for(alice)
    address = url("app-component-webhook", app)
    client.post(address, {"revision": 0, "endpoint": "https://one.example/"})
    answer = client.post(address, {"revision": 0, "endpoint": "https://two.example/"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "https://one.example/" in text
    assert "https://two.example/" in text
    assert 'name="revision" value="1"' in text
    assert client.post(address, {"revision": 1, "endpoint": "https://two.example/"}).status_code == 303


# --- Settings ----------------------------------------------------------------------------------------------

NEW = {"label": "Region", "type": "select", "choices": "eu\nus", "default": "eu", "hint": "Where your data lives."}


def test_adding_editing_and_removing_a_setting(app, alice, client_for):
    client = client_for(alice)
    assert client.post(url("app-setting-new", app), {"revision": 0, **NEW}).status_code == 303
    setting = app.settings.get(key="region")
    assert (setting.choices, setting.default, setting.position) == (["eu", "us"], "eu", 1)

    edit = url("app-setting-edit", app, "region")
    assert client.post(edit, {"revision": 1, **NEW, "label": "Data region"}).status_code == 303
    setting.refresh_from_db()
    assert (setting.key, setting.label) == ("region", "Data region")

    assert client.post(url("app-setting-remove", app, "region"), {"revision": 2}).status_code == 303
    assert not app.settings.filter(key="region").exists()


def test_a_second_click_adds_one_setting(app, alice, client_for):
    client = client_for(alice)
    for _ in range(2):
        assert client.post(url("app-setting-new", app), {"revision": 0, **NEW}).status_code == 303
    assert app.settings.count() == 2


def test_an_old_tab_adds_nothing(app, setting, alice, client_for):
    answer = client_for(alice).post(url("app-setting-new", app), {"revision": 0, **NEW})
    assert answer.status_code == 409
    assert "Where your data lives." in answer.content.decode()
    assert app.settings.count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"label": ""}, "required"),
        ({"label": "x" * 100_000}, "at most 100"),
        ({**NEW, "choices": ""}, "at least one option"),
        ({**NEW, "choices": "a\na"}, "twice"),
        ({**NEW, "default": "asia"}, "not one of the options"),
        ({"label": "Count", "type": "number", "default": "many"}, "Enter a number"),
        ({"label": "Count", "type": "number", "default": "nan"}, "Enter a number"),
        ({"label": "Flag", "type": "boolean", "default": "perhaps"}, "true or false"),
        ({"label": "Token", "type": "password", "default": "secret"}, "no default"),
        ({"label": "List", "type": "url"}, "not one of the available choices"),
    ],
)
def test_a_bad_setting_is_explained(app, alice, data, words, client_for):
    answer = client_for(alice).post(url("app-setting-new", app), {"revision": 0, "type": "string", **data})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert app.settings.count() == 1


def test_html_in_a_setting_is_text_everywhere(app, alice, client_for):
    client = client_for(alice)
    evil = "<img src=x onerror=alert(1)>"
    client.post(url("app-setting-new", app), {"revision": 0, "type": "string", "label": evil, "hint": evil})
    key = app.settings.last().key
    for address in (url("app-settings", app), url("app-setting-edit", app, key), url("app-activity", app)):
        assert "<img src=x" not in client.get(address).content.decode()


# --- Listing -----------------------------------------------------------------------------------------------


def listing_data(**changes):
    return {
        "revision": 0, "description": "**Analytics** for shops", "website": "https://acme.example/",
        "primary_category": "analytics", "secondary_1": "crm", "support_email": "help@acme.example", **changes,
    }  # fmt: skip


def test_a_listing_is_saved_with_its_pictures(app, alice, client_for):
    data = listing_data(logo=upload(LOGO), mark=upload(MARK))
    assert client_for(alice).post(url("app-listing", app), data).status_code == 303
    listing = Listing.objects.get(app=app)
    assert listing.primary_category == Category.objects.get(name="Analytics")
    assert listing.secondary_categories == ["crm"]
    assert listing.logo
    assert listing.mark
    assert listing.logo_id != listing.mark_id
    text = client_for(alice).get(url("app-listing", app)).content.decode()
    assert listing.logo.url in text
    assert "<strong>Analytics</strong>" in text


BAD_PICTURES = {
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
    "ten_megabytes": LOGO + b" " * 10_000_000,
    "doctype": b'<!DOCTYPE svg [<!ENTITY a "b">]>' + LOGO,
    "empty": b"",
    "text": b"hello",
    "utf16": LOGO.decode().encode("utf-16"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_wrong_picture_leaves_every_other_field_as_typed(app, alice, name, client_for):
    answer = client_for(alice).post(url("app-listing", app), listing_data(logo=upload(BAD_PICTURES[name])))
    text = answer.content.decode()
    assert answer.status_code == 422
    for typed in ("**Analytics** for shops", "https://acme.example/", "help@acme.example"):
        assert typed in text
    assert '<option value="analytics" selected>' in text
    assert '<option value="crm" selected>' in text
    assert Listing.objects.get(app=app).description == ""


def test_a_good_picture_is_kept_when_another_field_is_wrong(app, alice, client_for):
    client = client_for(alice)
    answer = client.post(url("app-listing", app), listing_data(logo=upload(LOGO), website="acme"))
    assert answer.status_code == 422
    kept = answer.context["form"].data["kept_logo"]
    assert client.post(url("app-listing", app), listing_data(kept_logo=kept)).status_code == 303
    assert Listing.objects.get(app=app).logo_id == kept


def test_a_mark_that_is_not_square_is_explained(app, alice, client_for):
    answer = client_for(alice).post(url("app-listing", app), listing_data(mark=upload(LOGO)))
    assert answer.status_code == 422
    assert "must be square" in answer.content.decode()


def test_what_was_left_out_of_a_picture_is_said(app, alice, client_for):
    dirty = LOGO.replace(b"<path", b"<script>alert(1)</script><path")
    answer = client_for(alice).post(url("app-listing", app), listing_data(logo=upload(dirty)), follow=True)
    assert "We left out of the logo: &lt;script&gt;" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"description": "x" * 1_001}, "1,001 characters; 1,000 are allowed"),
        ({"description": "x" * 100_000}, "Shorten it"),
        ({"website": "acme.example"}, "http"),
        ({"support_email": "nobody"}, "valid email"),
        ({"support_email": "a@b.example, c@d.example"}, "valid email"),
        ({"primary_category": "nonsense"}, "Select a valid choice"),
        ({"secondary_1": "analytics"}, "primary category already"),
    ],
)
def test_a_bad_listing_is_explained(app, alice, changes, words, client_for):
    data = listing_data(**changes)
    answer = client_for(alice).post(url("app-listing", app), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert data["description"] in answer.content.decode()


def test_a_thousand_visible_characters_with_formatting_fit(app, alice, client_for):
    text = "**" + "x" * 998 + "** [y](https://example.com/a/rather/long/address)"
    assert client_for(alice).post(url("app-listing", app), listing_data(description=text)).status_code == 303


def test_autosave_answers_json(app, alice, client_for):
    client, address = client_for(alice), url("app-listing", app)
    headers = {"Accept": "application/json"}
    saved = client.post(address, listing_data(), headers=headers)
    assert (saved.status_code, saved.json()["revision"], saved.json()["counter"]["used"]) == (200, 1, 19)
    assert client.post(address, listing_data(), headers=headers).json()["revision"] == 1
    refused = client.post(address, listing_data(revision=1, website="acme"), headers=headers)
    assert refused.status_code == 422
    assert "website" in refused.json()["errors"]
    stale = client.post(address, listing_data(description="Other"), headers=headers)
    assert (stale.status_code, stale.json()["revision"]) == (409, 1)


def test_two_tabs_with_the_listing(app, alice, bob, client_for):
    client_for(alice).post(url("app-listing", app), listing_data())
    answer = client_for(bob).post(url("app-listing", app), listing_data(description="From Bob"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "From Bob" in text
    assert "**Analytics** for shops" in text
    assert Listing.objects.get(app=app).description == "**Analytics** for shops"


def test_the_preview_shows_what_is_typed_and_saves_nothing(app, alice, client_for):
    answer = client_for(alice).post(url("app-listing-preview", app), listing_data(description="*New* text"))
    assert "<em>New</em> text" in answer.content.decode()
    assert "8 of 1000" in answer.content.decode()
    assert Listing.objects.get(app=app).revision == 0


def test_a_policy_with_more_secondary_categories(app, alice, client_for):
    Policy.objects.create(secondary_categories=3)
    data = listing_data(secondary_1="crm", secondary_2="video", secondary_3="")
    assert client_for(alice).post(url("app-listing", app), data).status_code == 303
    assert Listing.objects.get(app=app).secondary_categories == ["crm", "video"]


# --- Docs, access, danger, activity ---------------------------------------------------------------------------


def docs_data(**changes):
    return {
        "revision": 0,
        "docs_partner_url": "https://docs.acme.example/segment",
        "docs_segment_text": "## Setup",
        **changes,
    }


def test_docs_are_saved_and_looked_at(app, alice, client_for):
    client = client_for(alice)
    answer = client.post(url("app-docs", app), docs_data(), follow=True)
    assert "Checking" in answer.content.decode()
    assert app.listing.link_check.due_at is not None


@pytest.mark.parametrize(
    "changes", [{"docs_partner_url": "docs"}, {"docs_segment_text": "x" * 100_000}, {"launch_url": "data:x"}]
)
def test_bad_docs_come_back_as_typed(app, alice, changes, client_for):
    answer = client_for(alice).post(url("app-docs", app), docs_data(**changes))
    assert answer.status_code == 422
    assert next(iter(changes.values())) in answer.content.decode()


def test_the_test_account_goes_in_and_never_out(app, alice, client_for):
    client = client_for(alice)
    data = {
        "revision": 0,
        "username": "reviewer",
        "password": CANARY,
        "api_key": f"{CANARY}-key",
        "notes": "Use the form.",
    }
    answer = client.post(url("app-access", app), data, follow=True)
    assert answer.status_code == 200
    assert CANARY not in answer.content.decode()
    assert "by Alice" in answer.content.decode()
    client.post(url("app-access", app), {"revision": 1, "notes": "Use the other form."})
    access = ReviewerAccess.objects.get(app=app)
    assert access.open("password") == CANARY
    assert access.notes == "Use the other form."
    client.post(url("app-access", app), {"revision": 2, "remove_password": "on"})
    assert ReviewerAccess.objects.get(app=app).open("password") == ""
    refused = client.post(url("app-access", app), {"revision": 3, "password": CANARY, "login_url": "nowhere"})
    assert refused.status_code == 422
    assert CANARY not in refused.content.decode()
    assert CANARY not in client.get(url("app-activity", app)).content.decode()


def test_who_opened_the_test_account_is_shown_to_the_partner(app, alice, rita, client_for):
    lifecycle.save_access(alice, app, {}, 0, secrets={"password": CANARY})
    lifecycle.reveal_access(rita, app, "password")
    text = client_for(alice).get(url("app-access", app)).content.decode()
    assert "Opened the reviewers’ password" in text
    assert "Segment, " in text
    assert "Rita" not in text


def test_renaming_moves_the_page(app, alice, client_for):
    answer = client_for(alice).post(url("app-rename", app), {"revision": 0, "name": "Acme Insight"})
    assert (answer.status_code, answer["Location"]) == (303, "/apps/acme-insight/danger/")


def test_after_the_first_submission_the_name_is_fixed(app, alice, client_for):
    freeze(app, alice)
    client = client_for(alice)
    assert "fixed since the first submission" in client.get(url("app-danger", app)).content.decode()
    assert client.post(url("app-rename", app), {"revision": 0, "name": "Acme Insight"}).status_code == 422


def test_deleting_asks_for_the_slug_and_offers_the_way_back(app, alice, client_for):
    client = client_for(alice)
    assert client.post(url("app-delete", app), {"slug": "acme"}).status_code == 422
    answer = client.post(url("app-delete", app), {"slug": app.slug}, follow=True)
    assert "Recently deleted" in answer.content.decode()
    for _ in range(2):
        assert client.post(url("app-undelete", app)).status_code == 303
    assert client.get(url("app-danger", app)).status_code == 200


def test_an_app_in_review_says_why_it_cannot_be_deleted(app, alice, client_for):
    App.objects.filter(pk=app.pk).update(stage=Stage.IN_REVIEW)
    assert "Withdraw the submission first" in client_for(alice).get(url("app-danger", app)).content.decode()
    assert client_for(alice).post(url("app-delete", app), {"slug": app.slug}).status_code == 403


def test_the_activity_costs_the_same_however_long(app, alice, client_for, django_assert_num_queries):
    client, address = client_for(alice), url("app-activity", app)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(30):
        lifecycle.save_listing(alice, app, {"website": f"https://acme.example/{number}"}, number)
    with CaptureQueriesContext(connection) as many:
        text = client.get(address).content.decode()
    assert len(many) == len(few)
    assert "Changed the listing: website" in text
    assert "Page 1 of 2" in text


@pytest.mark.parametrize(
    "name", ["app-components", "app-settings", "app-listing", "app-docs", "app-access", "app-danger"]
)
def test_html_in_every_field_is_text_on_every_page(app, alice, company, name, client_for):
    evil = '"><script>alert(1)</script>'
    lifecycle.save_listing(alice, app, {"description": evil, "website": evil, "support_email": evil}, 0)
    lifecycle.save_docs(alice, app, {"docs_segment_text": evil, "docs_partner_url": evil}, 0)
    lifecycle.save_access(alice, app, {"notes": evil, "login_url": evil}, 0)
    App.objects.filter(pk=app.pk).update(name=evil)
    text = client_for(alice).get(url(name, app)).content.decode()
    assert "<script>alert(1)" not in text


def test_a_category_that_was_switched_off_is_not_offered(app, alice, client_for):
    Category.objects.filter(slug="video").update(is_active=False)
    assert 'value="video"' not in client_for(alice).get(url("app-listing", app)).content.decode()


def test_json_in_the_record_has_no_secret(app, alice, client_for):
    client_for(alice).post(url("app-access", app), {"revision": 0, "password": CANARY})
    assert CANARY not in json.dumps([record.data for record in Record.objects.all()])


def test_an_autosave_without_anything_in_it_is_refused(app, alice, client_for):
    answer = client_for(alice).post(f"/apps/{app.slug}/listing/", {}, headers={"accept": "application/json"})
    assert answer.status_code == 422
