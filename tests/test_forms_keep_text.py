"""Every form in which people write keeps what they write (docs/design-system.md, Forms): the pages of the access
matrix are visited as everybody who has one, and each form with a text in it is looked at.

A new form gets it by `data-draft` (or `data-autosave-url`, when the server keeps drafts). `data-draft="never"` says
that its text must not come back: a word typed to confirm something. No form that is covered holds a secret in a plain
input.
"""

import logging
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import TestCase

from apps_catalog.models import ReviewerAccess
from tests.access_matrix import ROUTES, Kind, model_routes
from tests.visiting import QUIET, Visitor
from tests.world import ROLES, World, make_world

pytestmark = pytest.mark.postgres

TEXT_TYPES = {"text", "email", "url", "tel", "date", "datetime-local"}
# Filled in by a browser or a device, or different each time: nothing to keep.
NOT_WRITTEN = re.compile(r"password|one-time-code|username|webauthn")
SECRET_NAMES = re.compile(r"(password|secret|token|api_?key)$", re.IGNORECASE)
# Forms that keep nothing, by their address, with the reason.
EXEMPT = {
    "/accounts/password/reset/": "an address that the person knows by heart, asked for while nobody is logged in",
    "/accounts/2fa/totp/activate/": "a code that is valid for half a minute",
    "/accounts/2fa/webauthn/add/": "a name that goes with a key the browser makes at the same moment",
}


# A form that only shows how it will look.
PREVIEW = "/preview/"


def _is_exempt(action: str) -> bool:
    return action in EXEMPT or action.endswith(PREVIEW)


@dataclass
class Form:
    attributes: dict[str, str]
    controls: list[dict[str, str]] = field(default_factory=list)

    @property
    def texts(self) -> list[dict[str, str]]:
        """The controls that somebody writes in."""
        return [control for control in self.controls if _is_written(control)]

    @property
    def is_covered(self) -> bool:
        return bool({"data-draft", "data-autosave-url"} & self.attributes.keys())

    @property
    def plain_secrets(self) -> list[str]:
        """Controls whose text would be kept although it is a secret."""
        if not self.is_covered or self.attributes.get("data-draft") == "never":
            return []
        return [
            control["name"] for control in self.texts
            if control["type"] != "password" and "data-autosave-skip" not in control and _is_secret(control["name"])
        ]  # fmt: skip


def _is_written(control: dict[str, str]) -> bool:
    is_text = control["type"] in TEXT_TYPES and not NOT_WRITTEN.search(control.get("autocomplete", ""))
    return is_text and "readonly" not in control and "disabled" not in control and bool(control.get("name"))


def _is_secret(name: str) -> bool:
    return bool(SECRET_NAMES.search(name)) or name in ReviewerAccess.SEALED


class Forms(HTMLParser):
    """Collects the POST forms of a page, controls with a `form` attribute included."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(attributes)
            if attributes.get("method", "").lower() == "post":
                self.found.append(self._open)
        elif tag in ("input", "textarea"):
            kind = "text" if tag == "textarea" else attributes.get("type", "text")
            form = self._named(attributes.get("form")) or self._open
            if form:
                form.controls.append(attributes | {"type": kind})

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _named(self, form_id: str | None) -> Form | None:
        return next((form for form in self.found if form_id and form.attributes.get("id") == form_id), None)


@QUIET
class EveryForm(TestCase):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()

    def setUp(self) -> None:
        logging.disable(logging.ERROR)
        self.addCleanup(logging.disable, logging.NOTSET)

    def test_every_form_keeps_what_is_written_in_it(self) -> None:
        bare, leaky, seen = set(), set(), 0
        for page, form in self.forms():
            seen += 1
            action = form.attributes.get("action") or page
            if form.texts and not form.is_covered and not _is_exempt(action):
                bare.add(f"{page}: the form to {action} with {form.texts[0]['name']}")
            leaky |= {f"{page}: {name}" for name in form.plain_secrets}

        assert seen > 100
        assert not bare, "These forms lose what is typed; give them data-draft:\n" + "\n".join(sorted(bare))
        assert not leaky, "These secrets would be kept in the browser:\n" + "\n".join(sorted(leaky))

    def test_every_page_can_keep_text(self) -> None:
        """The pieces name the person whose texts these are; the log-in pages of visitors keep none."""
        page = Visitor(self.world.people["owner"]).visit("GET", "/apps/new/").body.decode()
        assert f'data-person="{self.world.people["owner"].pk}"' in page
        assert 'data-person=""' in Visitor(None).visit("GET", "/accounts/login/").body.decode()

    def forms(self) -> list[tuple[str, Form]]:
        stock = set(model_routes())
        own = [route for route in ROUTES if route.kind in (Kind.PAGE, Kind.PART) and route.get and route not in stock]
        found = []
        for role in ROLES[1:]:
            visitor = Visitor(self.world.people[role])
            for route in own:
                is_read_only = route.expected("POST", role) == "403"
                if route.expected("GET", role) != "ok" or is_read_only or route.name.startswith("admin:"):
                    continue
                cache.clear()
                path = self.world.path(route.name, route.slots)
                found += [(path, form) for form in Forms(visitor.visit("GET", path).body.decode()).found]
        return found


def test_a_bare_form_is_found() -> None:
    [form] = Forms('<form method="post"><input type="hidden" name="a"><textarea name="b"></textarea></form>').found
    assert (len(form.texts), form.is_covered) == (1, False)


def test_a_secret_in_a_covered_form_is_found() -> None:
    page = '<form method="post" data-draft><input name="api_key"><input type="password" name="password"></form>'
    assert Forms(page).found[0].plain_secrets == ["api_key"]
