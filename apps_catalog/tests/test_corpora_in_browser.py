"""Hostile and benign uploads and texts, sent through the real forms and then opened in Chromium (T11 to T13).

The browser's requests are answered by the product itself, headers and all; whatever it asks for elsewhere is a
leak. Every page is opened twice: as it is served, and once more without its Content-Security-Policy, which is
the second wall and not the first.
"""

import re
from mimetypes import guess_type
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps_catalog.models import App, CatalogEntry, Listing
from apps_catalog.publishing import publish
from apps_catalog.tests import image_corpus, svg_corpus, text_corpus
from apps_catalog.versions import freeze
from audit.recording import SYSTEM
from tests.counts import count

pytestmark = pytest.mark.browser

HOST = "https://testserver"
BATCH = 40
DRAWN = "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))"


def some(items):
    """A few on every run, all of them in `make test-full`."""
    return list(items)[:: count(11, 1)]


class Visit:
    """One visitor: collects every dialog, script error, policy violation and request to somewhere else."""

    def __init__(self, browser, client):
        self.client, self.seen, self.fetched, self.has_policy = client, [], {}, True
        self.context = browser.new_context(base_url=HOST)
        self.context.expose_binding("reportCspViolation", lambda _, text: self.seen.append(f"policy {text}"))
        self.context.add_init_script(
            'document.addEventListener("securitypolicyviolation", (e) => window.reportCspViolation(e.blockedURI));'
        )
        self.context.route("**/*", self.answer)
        self.page = self.context.new_page()
        self.page.on("dialog", self.on_dialog)
        self.page.on("pageerror", lambda error: self.seen.append(f"error {error}"))
        self.page.on("console", lambda line: self.seen.append(f"console {line.text}") if line.type == "error" else None)
        self.page.on("popup", lambda popup: self.seen.append("popup"))

    def on_dialog(self, dialog):
        self.seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def answer(self, route):
        """From what was fetched before: a browser's request is served outside of the test's transaction."""
        url = urlsplit(route.request.url)
        given = self.fetched.get(url.path) if url.hostname == "testserver" else None
        if url.hostname == "testserver" and url.path.startswith("/static/"):  # not what is looked at here
            return route.fulfill(status=200, body="", content_type=guess_type(url.path)[0] or "text/plain")
        if given is None:
            self.seen.append(f"request {route.request.url}")
            return route.abort()
        hidden = set() if self.has_policy else {"Content-Security-Policy"}
        headers = {name: value for name, value in given.headers.items() if name not in hidden}
        return route.fulfill(status=given.status_code, headers=headers, body=given.content)

    def fetch(self, path):
        """Have the product answer for a page and for the pictures in it."""
        self.fetched[path] = answer = self.client.get(path)
        assert answer.status_code == 200, path
        if "html" in answer["Content-Type"]:
            for picture in set(re.findall(r"/assets/[0-9a-f]{64}\.(?:svg|webp)", answer.content.decode())):
                self.fetched.setdefault(picture, self.client.get(picture))

    def open_both_ways(self, path):
        self.fetch(path)
        for self.has_policy in (False, True):
            self.page.goto(path)
        assert self.seen == [], path


@pytest.fixture
def visit(browser, alice, client_for):
    one = Visit(browser, client_for(alice))
    yield one
    one.context.close()


@pytest.fixture
def entry(app):
    """A published entry, whose page shows what a test puts into it."""
    return publish(app, freeze(app, SYSTEM), listed=True, actor=SYSTEM)


def post_listing(visit, app, **data):
    listing = Listing.objects.get(app=app)
    return visit.client.post(f"/apps/{app.slug}/listing/", {"revision": listing.revision, **data})


def show(visit, entry, pieces):
    """Open the entry's page with these pieces of HTML in it, a batch at a time; what readers see of each."""
    texts = []
    for start in range(0, len(pieces), BATCH):
        batch = pieces[start : start + BATCH]
        joined = "".join(f'<section class="case">{piece}</section>' for piece in batch)
        CatalogEntry.objects.filter(pk=entry.pk).update(description_html=joined)
        visit.open_both_ways(f"/catalog/{entry.slug}/")
        texts += visit.page.eval_on_selector_all(".case", "all => all.map(one => one.textContent)")
        assert len(texts) == start + len(batch)  # no piece swallowed another
        widths = visit.page.eval_on_selector_all(".case img", DRAWN)
        assert len(widths) == joined.count("<img ")
        assert all(widths), "a picture is not drawn"
    return texts


def spaced(text):
    return re.sub(r"\s+", " ", text).strip()


def test_descriptions_do_nothing_and_lose_nothing(visit, app, entry):
    hostile, benign = some(text_corpus.HOSTILE), some(text_corpus.BENIGN)
    shown = []
    for text in [*hostile, *(text for text, _ in benign)]:
        answer = post_listing(visit, app, description=text)
        is_stored = "\x00" not in text
        assert answer.status_code == (303 if is_stored else 422), text
        if is_stored:
            assert Listing.objects.get(app=app).description == text.strip().replace("\r\n", "\n")
            now = App.objects.get(pk=app.pk)
            shown.append(publish(now, freeze(now, SYSTEM), listed=True, actor=SYSTEM).description_html)
    seen = show(visit, entry, shown)[-len(benign) :]
    assert [spaced(text) for text in seen] == [spaced(text) for _, text in benign]


def test_the_preview_of_a_hostile_draft_does_nothing(visit, app):
    """The console shows what is saved and never published: the same walls hold there."""
    text = "\n\n".join(text_corpus.HOSTILE[: count(30, 60)]).replace("\x00", "")[:5_000]
    for page in ("listing", "docs"):
        field = {"listing": "description", "docs": "docs_segment_text"}[page]
        Listing.objects.filter(app=app).update(**{field: text})
        visit.open_both_ways(f"/apps/{app.slug}/{page}/")


def upload(name, data):
    return SimpleUploadedFile(f"{name}.svg", data, content_type="image/svg+xml")


def test_drawings_do_nothing_and_harmless_ones_are_taken(visit, app, entry):
    benign = {name: data for name, (data, _) in svg_corpus.BENIGN.items()}
    paths = []
    for name in [*some(svg_corpus.HOSTILE), *some(benign)]:
        answer = post_listing(visit, app, logo=upload(name, (svg_corpus.HOSTILE | benign)[name]))
        is_refused = answer.status_code == 422
        assert is_refused or answer.status_code == 303, name
        assert not (is_refused and name in benign), name
        assert not (name in svg_corpus.REFUSED and not is_refused), name
        if not is_refused:
            paths.append(Listing.objects.select_related("logo").get(app=app).logo.url)
    assert paths
    show(visit, entry, [f'<img src="{path}" alt="" width="50" height="50">' for path in paths])
    for path in paths:
        visit.open_both_ways(path)


def test_pictures_are_pixels_and_harmless_ones_are_taken(visit, app, entry):
    shown = []
    for name in [*some(image_corpus.REFUSED), *some(image_corpus.CLEANED), *some(image_corpus.BENIGN)]:
        file = SimpleUploadedFile(f"{name}.png", image_corpus.data(name), content_type="image/png")
        answer = visit.client.post(f"/apps/{app.slug}/listing/pictures/", {"file": file, "alt": f"Bars: {name}"})
        assert answer.status_code == (422 if name in image_corpus.REFUSED else 303), name
        shown += [image["sha256"] for image in Listing.objects.get(app=app).images]
        Listing.objects.filter(app=app).update(images=[])
    assert shown
    show(visit, entry, [f'<img src="/assets/{key}.webp" alt="" width="50" height="50">' for key in shown])
    for key in shown:
        visit.open_both_ways(f"/assets/{key}.webp")


def test_there_is_enough_of_everything():
    files = [svg_corpus.HOSTILE, svg_corpus.BENIGN, image_corpus.REFUSED, image_corpus.CLEANED, image_corpus.BENIGN]
    assert sum(map(len, files)) >= 60
    assert len(text_corpus.HOSTILE) + len(text_corpus.BENIGN) >= 150
