"""The listing as a template: out, in, looked at, taken over."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import leaving
from apps_catalog import lifecycle as apps
from apps_catalog.models import App, Asset, Category, Listing
from audit.models import Record
from metadata import lifecycle
from metadata.models import TemplateDraft
from metadata.states import Way
from metadata.tests.conftest import LOGO, MARK
from partners.models import Policy
from runtime.catalog_labels import LABELS
from runtime.catalog_mail import Entry, write
from runtime.tests.test_catalog_mail import BAD, FULL

pytestmark = pytest.mark.django_db


def page(app: App) -> str:
    return reverse("app-template", args=[app.slug])


def files() -> dict[str, SimpleUploadedFile]:
    return {"logo": SimpleUploadedFile("logo.svg", LOGO), "mark": SimpleUploadedFile("mark.svg", MARK)}


def exported(client, app: App) -> str:
    return client.get(reverse("app-template-file", args=[app.slug])).content.decode()


def paste(client, app: App, text: str, **more) -> TemplateDraft:
    answer = client.post(page(app), {"text": text, **more})
    assert answer.status_code == 303, answer.content.decode()
    return TemplateDraft.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def address(draft: TemplateDraft) -> str:
    return reverse("app-template-draft", args=[draft.app.slug, draft.pk])


def take(client, draft: TemplateDraft, *names: str, revision: int | None = None):
    number = Listing.objects.get(app=draft.app).revision if revision is None else revision
    return client.post(address(draft), {"do": "take", "take": names, "revision": number})


def remarked(draft: TemplateDraft) -> set[str]:
    return {remark["field"] for remark in draft.remarks}


# --- Out and back -----------------------------------------------------------------------------------------


def test_out_and_back_is_equal(filled, alice, client_for):
    client = client_for(alice)
    text = exported(client, filled)
    before = Listing.objects.values().get(app=filled)

    draft = paste(client, filled, text)
    shown = client.get(address(draft)).content.decode()

    assert (draft.remarks, draft.pictures) == ([], {})
    assert shown.count("The same") == len(LABELS)
    assert "There is nothing to take over." in shown
    assert Listing.objects.values().get(app=filled) == before
    assert text.startswith("Please find the below info for Rocket Catalog entry.")
    assert "help@rocket.example" in text


def test_into_another_app_everything_comes_along(filled, alice, company, client_for):
    """Pictures too: they are named by their address here."""
    client = client_for(alice)
    other = apps.create_app(alice, company, "Comet")
    draft = paste(client, other, exported(client, filled))
    take(client, draft, "description", "website", "categories", "logo", "mark", "support_email")

    names = ("description", "website", "primary_category_id", "secondary_categories", "support_email")
    columns = (*names, "logo_id", "mark_id")
    now, then = (Listing.objects.filter(app=app).values(*columns).get() for app in (other, filled))
    assert now == then
    assert remarked(draft) == set()


def test_the_page_shows_the_template_to_whoever_sees_the_app(filled, viv, rita, charlie, client_for):
    for user in (viv, rita):
        shown = client_for(user).get(page(filled)).content.decode()
        assert "**Website:** https://rocket.example/start" in shown
        assert 'name="text"' not in shown
    assert client_for(charlie).get(page(filled)).status_code == 404
    assert client_for(viv).post(page(filled), {"text": "Name: x"}).status_code == 403


# --- What people send ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BAD)
def test_a_badly_filled_one_is_a_draft_with_the_right_remarks(kind, rocket, alice, client_for):
    client, (text, fields) = client_for(alice), BAD[kind]
    answer = client.post(page(rocket), {"text": text, **files()})
    if kind in ("empty", "nul and control"):
        assert answer.status_code == (422 if kind == "empty" else 303)
    if answer.status_code == 422:
        assert "Paste the filled-in template." in answer.content.decode()
        return
    draft = TemplateDraft.objects.get()

    # The pictures came as files, whatever the text says of them.
    assert remarked(draft) == fields - {"logo", "mark"}, draft.remarks
    assert set(draft.pictures) == {"logo", "mark"}
    shown = client.get(address(draft)).content.decode()
    for remark in draft.remarks:
        assert remark["text"].split("“")[0].rstrip() in shown
    takeable = {name for name in LABELS if f'id="take-{name}"' in shown}
    read = {"description", "website", "categories", "support_email", "logo", "mark"}
    assert read - fields <= takeable | {"logo", "mark"}
    assert take(client, draft, *takeable).status_code == 303
    listing = Listing.objects.get(app=rocket)
    for name in {"description", "website", "support_email"} - fields:
        assert getattr(listing, name) == getattr(FULL, name)
    assert listing.logo_id
    assert listing.mark_id


def test_marked_lines_are_those_of_the_text(rocket, alice, client_for):
    text = write(FULL).replace("https://rocket.example", "see below")
    draft = paste(client_for(alice), rocket, text, **files())
    [remark] = draft.remarks
    assert text.split("\n")[remark["line"] - 1] == "- **Website:** see below"
    shown = client_for(alice).get(address(draft)).content.decode()
    assert f'id="line-{remark["line"]}" class="template-lines__marked"' in shown
    assert 'id="take-website"' not in shown


def test_rules_of_the_listing_are_remarked_and_keep_the_field_out(rocket, alice, client_for):
    long = "x" * (Policy.current().description_limit + 1)
    entry = Entry("Rocket", "", long, "https://10.0.0.1/", ("Analytics", "CRM", "Video"), "", "", "help@rocket.example")
    draft = paste(client_for(alice), rocket, write(entry))
    texts = {remark["field"]: remark["text"] for remark in draft.remarks}
    assert "are allowed" in texts["description"]
    assert "has room for 2" in texts["categories"]
    assert "website" in texts

    assert take(client_for(alice), draft, "description").status_code == 422
    assert take(client_for(alice), draft, "categories", "support_email").status_code == 303
    listing = Listing.objects.select_related("primary_category").get(app=rocket)
    assert (listing.primary_category.name, listing.secondary_categories) == ("Analytics", ["crm"])
    assert (listing.description, listing.website) == ("", "")


def test_pictures_are_cleaned_and_bad_ones_remarked(rocket, alice, client_for):
    evil = LOGO.replace(b"<rect", b"<script>alert(1)</script><rect")
    bad = {"logo": SimpleUploadedFile("logo.svg", evil), "mark": SimpleUploadedFile("mark.png", b"\x89PNG")}
    client = client_for(alice)
    draft = paste(client, rocket, write(FULL), **bad)

    assert remarked(draft) == {"mark"}
    assert "script" not in draft.pictures["logo"]["svg"]
    picture = client.get(reverse("app-template-picture", args=[rocket.slug, draft.pk, "logo"]))
    assert picture["Content-Type"] == "image/svg+xml"
    assert "sandbox" in picture["Content-Security-Policy"]
    assert client.get(reverse("app-template-picture", args=[rocket.slug, draft.pk, "mark"])).status_code == 404
    assert not Asset.objects.exists()
    take(client, draft, "logo")
    listing = Listing.objects.get(app=rocket)
    assert listing.logo_id
    assert listing.picture_reports["logo"]["removed"]


def test_pictures_elsewhere_are_not_fetched(rocket, alice, client_for):
    entry = Entry("Rocket", logo="https://cdn.example.com/logo.svg", mark="mark.svg")
    draft = paste(client_for(alice), rocket, write(entry))
    texts = {remark["field"]: remark["text"] for remark in draft.remarks}
    assert "not fetched" in texts["logo"]
    assert "“mark.svg” did not come along" in texts["mark"]


def test_a_hosted_app_lacks_no_pull_request(rocket, alice, client_for):
    App.objects.filter(pk=rocket.pk).update(processes="webhook")
    draft = paste(client_for(alice), rocket, write(Entry("Rocket")))
    assert "pull_request" not in remarked(draft)


def test_other_pages_are_named_for_what_they_change(rocket, alice, client_for):
    entry = Entry("Missile", "https://github.com/segmentio/action-destinations/pull/13")
    client = client_for(alice)
    draft = paste(client, rocket, write(entry))
    shown = client.get(address(draft)).content.decode()
    assert "A name is changed under" in shown
    assert "A pull request is linked on the page" in shown
    assert take(client, draft, "name", "pull_request").status_code == 422
    assert App.objects.get(pk=rocket.pk).name == "Rocket"


def test_a_category_that_went_meanwhile_is_left_out(rocket, alice, client_for):
    draft = paste(client_for(alice), rocket, write(FULL))
    Category.objects.filter(name="A/B Testing").update(is_active=False)
    take(client_for(alice), draft, "categories")
    assert Listing.objects.get(app=rocket).secondary_categories == []


# --- Deciding -----------------------------------------------------------------------------------------------


def test_only_what_is_ticked_is_taken(filled, alice, client_for):
    text = exported(client_for(alice), filled).replace("start", "begin").replace("help@", "care@")
    draft = paste(client_for(alice), filled, text)
    assert take(client_for(alice), draft, "website").status_code == 303
    listing = Listing.objects.get(app=filled)
    assert (listing.website, listing.support_email) == ("https://rocket.example/begin", "help@rocket.example")
    assert Record.objects.filter(action="listing.template_taken").count() == 1
    assert not lifecycle.open_drafts(filled)


def test_nothing_ticked_is_said(filled, alice, client_for):
    draft = paste(client_for(alice), filled, write(FULL))
    answer = take(client_for(alice), draft)
    assert (answer.status_code, "Choose what to take over." in answer.content.decode()) == (422, True)
    assert TemplateDraft.objects.get().is_open


def test_a_listing_that_changed_meanwhile_is_shown_and_kept(filled, alice, bob, client_for):
    client = client_for(alice)
    draft = paste(client, filled, write(FULL))
    seen = filled.listing.revision
    listing = Listing.objects.get(app=filled)
    apps.save_listing(bob, filled, {"website": "https://rocket.example/bob"}, listing.revision)

    answer = take(client, draft, "website", revision=seen)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "https://rocket.example/bob" in shown
    assert FULL.website in shown
    assert Listing.objects.get(app=filled).website == "https://rocket.example/bob"
    assert TemplateDraft.objects.get().is_open
    assert take(client, draft, "website").status_code == 303
    assert Listing.objects.get(app=filled).website == FULL.website


def test_a_second_click_changes_nothing(filled, alice, client_for):
    client = client_for(alice)
    first, second = paste(client, filled, write(FULL)), paste(client, filled, write(FULL))
    assert first == second
    assert [take(client, first, "website").status_code for _ in range(2)] == [303, 303]
    assert client.post(address(first), {"do": "drop"}).status_code == 303
    draft = TemplateDraft.objects.get()
    assert (draft.dropped_at, bool(draft.taken_at)) == (None, True)


def test_dropping_and_correcting(filled, alice, client_for):
    client = client_for(alice)
    first = paste(client, filled, write(FULL))
    second = paste(client, filled, write(FULL) + "\n", replaces=first.pk)
    first.refresh_from_db()
    assert first.dropped_at
    assert lifecycle.open_drafts(filled) == [second]
    client.post(address(second), {"do": "drop"})
    assert lifecycle.open_drafts(filled) == []
    assert "Dropped" in client.get(address(second)).content.decode()


def test_the_template_of_another_app_does_not_exist_here(filled, alice, company, client_for):
    other = apps.create_app(alice, company, "Comet")
    draft = paste(client_for(alice), other, write(FULL))
    there = reverse("app-template-draft", args=[filled.slug, draft.pk])
    assert client_for(alice).get(there).status_code == 404
    assert client_for(alice).post(page(filled), {"text": "Name: x", "replaces": draft.pk}).status_code == 303
    draft.refresh_from_db()
    assert draft.is_open


def test_only_so_many_wait(rocket, alice):
    for number in range(lifecycle.MOST_OPEN + 3):
        lifecycle.take_in(alice, rocket, Way.PASTED, f"Name: {number}", {})
    assert len(lifecycle.open_drafts(rocket)) == lifecycle.MOST_OPEN
    assert lifecycle.open_drafts(rocket)[-1].entry["name"] == "3"


def test_a_huge_text_costs_little_and_is_shown_in_part(rocket, alice, client_for):
    client = client_for(alice)
    draft = paste(client, rocket, "Categories: " + "- cat egory nr\n" * 30_000)
    assert len(draft.remarks) < 25
    shown = client.get(address(draft)).content.decode()
    assert "The text goes on" in shown
    assert shown.count('id="line-') == 300


def test_what_is_kept_of_it(rocket, alice, bob):
    lifecycle.take_in(alice, rocket, Way.PASTED, "Name: Rocket", {})
    [kept] = leaving.export(alice)["catalog_templates"]
    assert (kept["app"], kept["text"]) == (rocket.slug, "Name: Rocket")
    assert leaving.export(bob)["catalog_templates"] == []
    now = timezone.now()
    assert lifecycle.purge(now + timedelta(days=89)) == 0
    assert lifecycle.purge(now + timedelta(days=91)) == 1
