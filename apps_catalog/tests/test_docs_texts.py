"""The drafts of the documentation (D50), and taking a new one over section by section."""

# ruff: noqa: E501 - a text is shown in one piece

import pytest

from apps_catalog import docs_merging, docs_template
from apps_catalog.docs_template import with_utm
from apps_catalog.models import App, Listing
from apps_catalog.proven_types import ProvenType

UTM = "utm_source=segmentio&utm_medium=docs&utm_campaign=partners"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://a.example/", f"https://a.example/?{UTM}"),
        ("https://a.example/?x=1#top", f"https://a.example/?x=1&{UTM}#top"),
        ("https://a.example/?utm_source=me&utm_medium=mail", f"https://a.example/?{UTM}"),
    ],
)
def test_the_campaign_is_always_the_same(given, expected):
    assert with_utm(given) == expected


@pytest.fixture
def told(app):
    """An App with something to say."""
    Listing.objects.filter(app=app).update(
        description="Acme draws **funnels**. It is fast! And more.",
        website="https://acme.example/",
        support_email="help@acme.example",
    )
    return App.objects.get(pk=app.pk)


def text_of(app, *proven):
    return docs_template.segment_text(app, app.listing, list(app.settings.all()), proven)


def test_the_draft_has_the_sections_of_the_template(told):
    track = ProvenType("track", {"type": "track", "event": "Signed up", "userId": "u1", "context": {"ip": "1.2.3.4"}})
    text = text_of(told, track, ProvenType("page", {"type": "page", "name": "Home"}))
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        f"# {told.name} Destination", "## Getting started", "## Supported methods", "### Page", "### Track", "## Settings",
    ]  # fmt: skip
    assert f"[{told.name}](https://acme.example/?{UTM}): Acme draws funnels. It is fast!" in text
    assert "And more" not in text
    assert f"[ask {told.name}](https://acme.example/?{UTM})" in text
    assert "help@acme.example" not in text  # for Segment's support alone (S23)
    assert '"event": "Signed up"' in text
    assert "1.2.3.4" not in text
    assert "| API Key | Text | Yes |" in text or "| API Key |" in text
    assert docs_template.open_places(text) >= 3


def test_without_a_proof_the_draft_claims_nothing(told):
    text = text_of(told)
    assert "run the Test Suite" in text
    assert "###" not in text


def test_names_are_no_markdown(app):
    App.objects.filter(pk=app.pk).update(name="A*b*c [x](javascript:y) | <z>")
    now = App.objects.get(pk=app.pk)
    html = docs_template.segment_text(now, now.listing, [], ())
    assert "# A\\*b\\*c \\[x\\](javascript:y) | \\<z\\> Destination" in html


MINE = "# Acme\n\nMy intro.\n\n## Steps\n\nMy steps.\n\n## Limits\n\nOnly here.\n"
NEW = "# Acme\n\nNew intro.\n\n## Calls\n\n```\n## no heading\n```\n\n## Steps\n\nMy steps.\n"


def test_only_what_differs_is_offered():
    found = docs_merging.changes(MINE, NEW)
    assert [(change.title, change.is_new) for change in found] == [("# Acme", False), ("## Calls", True)]
    kinds = {(line.kind, line.text) for line in found[0].lines}
    assert {("gone", "My intro."), ("added", "New intro."), ("kept", "# Acme")} <= kinds


def test_only_what_was_chosen_is_taken():
    merged = docs_merging.merged(MINE, NEW, {"## Calls"})
    assert merged == (
        "# Acme\n\nMy intro.\n\n## Calls\n\n```\n## no heading\n```\n\n## Steps\n\nMy steps.\n\n## Limits\n\nOnly here.\n"
    )
    assert docs_merging.merged(MINE, NEW, set()) == MINE
    assert docs_merging.merged("", NEW, set(docs_merging.sections(NEW))) == NEW
    assert docs_merging.changes(docs_merging.merged(MINE, NEW, {"# Acme", "## Calls"}), NEW) == []


@pytest.mark.django_db
class TestPages:
    def take(self, client, app, shown, **changed):
        sections = [change.title for change in shown.context["changes"]]
        data = {"take": sections, "digest": shown.context["digest"], "revision": shown.context["revision"], **changed}
        return client.post(f"/apps/{app.slug}/docs/template/", data)

    def test_a_first_draft_is_taken_and_then_offered_no_more(self, told, alice, client_for):
        client = client_for(alice)
        shown = client.get(f"/apps/{told.slug}/docs/template/")
        assert self.take(client, told, shown).status_code == 303
        assert "## Getting started" in Listing.objects.get(app=told).docs_segment_text
        assert "Nothing to take over" in client.get(f"/apps/{told.slug}/docs/template/").content.decode()

    @pytest.mark.parametrize("changed", [{"digest": "old"}, {"revision": "99"}, {"revision": "x"}, {"take": []}])
    def test_what_the_writer_did_not_see_is_not_taken(self, told, alice, client_for, changed):
        client = client_for(alice)
        shown = client.get(f"/apps/{told.slug}/docs/template/")
        assert self.take(client, told, shown, **changed).status_code == 303
        assert Listing.objects.get(app=told).docs_segment_text == ""

    def test_both_texts_can_be_downloaded(self, told, alice, client_for):
        for which in ("segment", "partner"):
            answer = client_for(alice).get(f"/apps/{told.slug}/docs/files/{which}.md")
            assert answer["Content-Type"].startswith("text/markdown")
            assert f"{told.slug}-{which}.md" in answer["Content-Disposition"]
        assert client_for(alice).get(f"/apps/{told.slug}/docs/files/other.md").status_code == 404

    def test_the_preview_shows_tables_and_counts_open_places(self, app, alice, client_for):
        text = "| a | b |\n|---|---|\n| To fill in: x | <script>alert(1)</script> |"
        shown = client_for(alice).post(f"/apps/{app.slug}/docs/preview/", {"docs_segment_text": text}).content.decode()
        assert "<table>" in shown
        assert "<script>" not in shown
        assert "1 place" in shown

    def test_a_plan_needs_its_kind(self, app, alice, client_for):
        page, client = f"/apps/{app.slug}/docs/", client_for(alice)
        refused = client.post(page, {"revision": 0, "launch_on": "2027-01-31"})
        assert refused.status_code == 422
        assert "Choose what you publish" in refused.content.decode()
        assert client.post(page, {"revision": 0, "launch_on": "2027-01-31", "launch_kind": "email"}).status_code == 303
        assert Listing.objects.get(app=app).has_launch_plan
