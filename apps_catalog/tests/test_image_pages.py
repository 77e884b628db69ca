"""The pictures of a listing in the console, in the manifest and on the public page (S23)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps_catalog import image_drafts
from apps_catalog.assets import store_image
from apps_catalog.image_limits import CleanImage
from apps_catalog.image_reading import clean_image
from apps_catalog.manifest import apply, export
from apps_catalog.manifest_images import with_files
from apps_catalog.manifest_values import ManifestError
from apps_catalog.models import App, Asset, Listing
from apps_catalog.publishing import publish
from apps_catalog.tests.image_corpus import data
from apps_catalog.versions import freeze
from audit.recording import SYSTEM

pytestmark = pytest.mark.django_db
ALT = "A funnel from visit to purchase"


def page(app, *more):
    return "/".join([f"/apps/{app.slug}/listing/pictures", *more, ""])


def picture(name="screenshot"):
    return SimpleUploadedFile(f"{name}.png", data(name))


def images(app):
    return Listing.objects.get(app=app).images


@pytest.fixture
def two(app, alice):
    """The keys of two pictures."""
    for name in ("screenshot", "upright"):
        image_drafts.add_image(alice, app, store_image(clean_image(data(name))), f"Alt of {name}", "")
    return [image["sha256"] for image in images(app)]


def test_a_picture_is_added_with_its_words(app, alice, client_for):
    answer = client_for(alice).post(page(app), {"file": picture(), "alt": ALT, "caption": "Funnel"})
    assert answer.status_code == 303
    [image] = images(app)
    assert (image["alt"], image["caption"], image["width"], image["height"]) == (ALT, "Funnel", 640, 400)
    shown = client_for(alice).get(f"/apps/{app.slug}/listing/").content.decode()
    assert f'/assets/{image["sha256"]}.webp" alt="{ALT}" width="640" height="400"' in shown


def test_a_picture_whose_words_are_missing_is_not_chosen_twice(app, alice, client_for):
    client = client_for(alice)
    answer = client.post(page(app), {"file": picture()})
    assert answer.status_code == 422
    assert "Say in words what the picture shows." in answer.content.decode()
    kept = answer.context["form"]["kept"].value()
    assert client.post(page(app), {"kept": kept, "alt": ALT}).status_code == 303
    assert images(app)[0]["sha256"] == kept


@pytest.mark.parametrize(("given", "words"), [({}, "Choose a picture."), ({"file": "pdf"}, "PNG, JPEG or WebP")])
def test_a_bad_picture_is_explained_and_the_words_stay(app, alice, client_for, given, words):
    files = {name: picture(value) for name, value in given.items()}
    answer = client_for(alice).post(page(app), {"alt": ALT, **files})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ALT in answer.content.decode()


def test_there_is_room_for_two(app, alice, client_for, two):
    answer = client_for(alice).post(page(app), {"file": picture("photo"), "alt": ALT})
    assert answer.status_code == 422
    assert "at most 2 pictures" in answer.content.decode()
    assert len(images(app)) == 2


def test_the_same_picture_twice_is_one(app, alice, two):
    assert image_drafts.remove_image(alice, app, two[1])
    assert not image_drafts.add_image(alice, app, Asset.objects.get(pk=two[0]), ALT, "")
    assert len(images(app)) == 1


def test_pictures_move_go_and_come_back(app, alice, client_for, two):
    client = client_for(alice)

    def press(key, act):
        assert client.post(page(app, key, "change"), {"do": act}).status_code == 303
        return [image["sha256"] for image in images(app)]

    first, second = two
    assert press(second, "earlier") == [second, first]
    assert press(second, "earlier") == [second, first]
    assert press(second, "remove") == [first]
    assert press(second, "remove") == [first]
    assert press(second, "restore") == [second, first]
    assert press(second, "rubbish") == [second, first]


def test_a_removed_picture_waits_for_room(app, alice, client_for, two):
    image_drafts.remove_image(alice, app, two[0])
    image_drafts.add_image(alice, app, store_image(clean_image(data("photo"))), ALT, "")
    answer = client_for(alice).post(page(app, two[0], "change"), {"do": "restore"}, follow=True)
    assert "Remove one first" in answer.content.decode()
    assert len(images(app)) == 2


def test_words_are_edited_and_two_tabs_conflict(app, alice, client_for, two):
    client, revision = client_for(alice), Listing.objects.get(app=app).images_revision
    form = {"alt": "New words", "caption": "", "revision": revision}
    assert client.post(page(app, two[0]), form).status_code == 303
    assert client.post(page(app, two[0]), form).status_code == 303  # a second click changes nothing
    assert client.post(page(app, two[0]), form | {"alt": "Others"}).status_code == 409
    assert images(app)[0]["alt"] == "New words"


def test_a_picture_makes_people_look_at_the_entry_again(app, alice):
    before = app.listing.shown_revision
    image_drafts.add_image(alice, app, store_image(CleanImage(b"x", 1, 1)), ALT, "")
    assert Listing.objects.get(app=app).shown_revision > before


def test_the_public_page_shows_pictures_with_their_size(app, client, two):
    publish(app, freeze(App.objects.get(pk=app.pk), SYSTEM), listed=True, actor=SYSTEM)
    shown = client.get(f"/catalog/{app.slug}/").content.decode()
    assert f'src="/assets/{two[0]}.webp" alt="Alt of screenshot" width="640" height="400" loading="lazy"' in shown
    answer = client.get(f"/assets/{two[0]}.webp")
    assert answer["Content-Type"] == "image/webp"
    assert "sandbox" in answer["Content-Security-Policy"]


# --- The manifest ----------------------------------------------------------------------------------------


def test_pictures_go_there_and_back_even_to_another_place(app, company, two):
    there = with_files(export(App.objects.get(pk=app.pk)))
    Listing.objects.filter(app=app).update(images=[])
    Asset.objects.filter(pk__in=two).delete()
    apply(there, company=company, actor=SYSTEM)
    assert with_files(export(App.objects.get(pk=app.pk))) == there


def test_a_draft_names_pictures_by_their_hash(app, company, two):
    manifest = export(App.objects.get(pk=app.pk))
    assert "data" not in manifest["listing"]["images"][0]
    apply(manifest, company=company, actor=SYSTEM)
    assert [image["sha256"] for image in images(app)] == two


@pytest.mark.parametrize(
    ("image", "path", "words"),
    [
        ({"sha256": "0" * 64, "alt": ALT}, "listing.images[0].sha256", "not stored here"),
        ({"data": "%%%", "alt": ALT}, "listing.images[0].data", "not base64"),
        ({"data": "aGVsbG8=", "alt": ALT}, "listing.images[0].data", "PNG, JPEG or WebP"),
        ({"data": "", "alt": " "}, "listing.images[0].alt", "in words"),
        ({"data": "", "alt": ALT, "onload": "x"}, "listing.images[0].onload", "Unknown key"),
    ],
)
def test_a_bad_picture_in_a_manifest_is_named(app, company, image, path, words):
    with pytest.raises(ManifestError, match=words) as found:
        apply({"slug": app.slug, "name": app.name, "listing": {"images": [image]}}, company=company, actor=SYSTEM)
    assert found.value.path == path


def test_a_launch_plan_goes_there_and_back(app, company):
    plan = {"kind": "recipe", "on": "2027-01-31", "note": "Ask us."}
    given = {"slug": app.slug, "name": app.name, "listing": {"docs_links": {"launch_plan": plan}}}
    apply(given, company=company, actor=SYSTEM)
    assert export(App.objects.get(pk=app.pk))["listing"]["docs_links"]["launch_plan"] == plan
    assert Listing.objects.get(app=app).has_launch_plan
