"""The design system: template tags, field and wire templates, theme, and what every template may use."""

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from django.utils.safestring import SafeString

from devcenter import theme, wire
from devcenter.styleguide import samples
from devcenter.templatetags import ui

NOON = dt.datetime(2026, 11, 22, 12, 4, tzinfo=dt.UTC)


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def read_all(folder: str, pattern: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in Path(settings.BASE_DIR, folder).rglob(pattern))


class TestIcons:
    def test_draws_from_the_sprite_and_stays_silent(self):
        html = render('{% icon "check" %}')
        assert "sprite" in html
        assert "#check" in html
        assert 'aria-hidden="true"' in html

    def test_speaks_when_it_has_a_label(self):
        html = render('{% icon "lock" 20 "Sealed" %}')
        assert 'aria-label="Sealed"' in html
        assert "aria-hidden" not in html

    def test_an_unknown_name_fails_for_builders_only(self, settings):
        settings.DEBUG = False
        assert f"#{ui.FALLBACK_ICON}" in ui.icon("no-such-icon")
        settings.DEBUG = True
        with pytest.raises(LookupError, match="no-such-icon"):
            ui.icon("no-such-icon")

    def test_every_icon_named_in_a_template_is_vendored(self):
        named = set(re.findall(r'(?:{% icon |icon_name=|picture=)"([^"{]+)"', read_all("templates", "*.html")))
        assert named <= ui.icon_names()

    def test_every_icon_of_a_state_is_vendored(self):
        pictures = {*ui.TONE_ICONS.values(), *(picture for picture, _word in ui.STEP_STATES.values())}
        assert pictures | {ui.FALLBACK_ICON} <= ui.icon_names()


class TestChips:
    @pytest.mark.parametrize("tone", ui.TONE_ICONS)
    def test_a_state_is_shape_word_and_colour(self, tone):
        html = ui.status_chip(tone, "A word")
        assert f"chip--{tone}" in html
        assert f"#{ui.TONE_ICONS[tone]}" in html
        assert "A word" in html

    def test_every_tone_has_its_own_shape(self):
        assert len(set(ui.TONE_ICONS.values())) == len(ui.TONE_ICONS)

    def test_words_are_escaped(self):
        assert "<b>" not in ui.status_chip("info", "<b>")

    def test_what_was_safe_once_does_not_make_the_same_text_safe(self):
        assert "<i>" in ui.status_chip("info", SafeString("<i>"))
        assert "<i>" not in ui.status_chip("info", "<i>")
        assert "<i>" in render('{% nav_link "home" word %}', word=SafeString("<i>"))
        assert "<i>" not in render('{% nav_link "home" word %}', word="<i>")

    @pytest.mark.parametrize(
        ("stage", "tone"), [("in_review", "progress"), ("in review", "progress"), ("odd", "neutral")]
    )
    def test_stage(self, stage, tone):
        assert f"chip--{tone}" in ui.stage_chip(stage)

    @pytest.mark.parametrize(("verdict", "word"), [("green", "Passed"), ("yellow", "Not supported"), ("red", "Failed")])
    def test_verdict_comes_with_its_word(self, verdict, word):
        assert word in ui.verdict_chip(verdict)


class TestLocalTime:
    def test_utc_carries_its_zone_and_lets_the_browser_shift_it(self):
        html = ui.local_time(NOON)
        assert 'datetime="2026-11-22T12:04:00+00:00"' in html
        assert "22 Nov 2026, 12:04 UTC" in html
        assert 'data-local="full"' in html

    def test_a_known_zone_is_not_shifted_again(self):
        with timezone.override("America/Los_Angeles"):
            html = ui.local_time(NOON)
        assert "04:04 PST" in html
        assert "data-local" not in html

    def test_a_plain_date_has_no_zone(self):
        assert ui.local_time(dt.date(2026, 11, 25)) == '<time datetime="2026-11-25">25 Nov 2026</time>'

    def test_nothing_is_a_dash(self):
        assert "–" in ui.local_time(None)
        assert "never" in ui.local_time(None, empty="never")

    @pytest.mark.parametrize(
        ("ago", "text"),
        [
            (0, "just now"),
            (60, "1\xa0minute ago"),
            (180, "3\xa0minutes ago"),
            (-3 * 86400 - 60, "in 3\xa0days"),
            (27 * 86400, "3\xa0weeks ago"),
            (400 * 86400, "1\xa0year ago"),
        ],
    )
    def test_relative(self, ago, text):
        assert text in ui.local_time(timezone.now() - dt.timedelta(seconds=ago), "relative")


class TestNavLink:
    def test_a_route_that_does_not_exist_draws_nothing(self):
        assert render('{% nav_link "no-such-route" "Gone" %}') == ""

    def test_marks_its_own_page(self):
        request = RequestFactory().get("/admin/")
        assert 'aria-current="page"' in render('{% nav_link "admin:index" "Admin" exact=True %}', request=request)

    def test_marks_pages_below_unless_exact(self):
        request = RequestFactory().get("/admin/somewhere/")
        assert "aria-current" in render('{% nav_link "admin:index" "Admin" %}', request=request)
        assert "aria-current" not in render('{% nav_link "admin:index" "Admin" exact=True %}', request=request)


class TestFields:
    class Form(forms.Form):
        name = forms.CharField(help_text="As customers read it.")
        note = forms.CharField(widget=forms.Textarea, max_length=50, required=False)
        kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
        agree = forms.BooleanField(required=False)

    def test_hint_and_error_are_tied_to_the_control(self):
        html = self.Form({}, auto_id="id_%s")["name"].as_field_group()
        described = re.search(r'aria-describedby="([^"]+)"', html)
        assert described is not None
        for element_id in described.group(1).split():
            assert f'id="{element_id}"' in html

    def test_only_optional_fields_are_marked(self):
        form = self.Form()
        assert "Optional" not in form["name"].as_field_group()
        assert "Optional" in form["note"].as_field_group()
        assert "Optional" not in form["agree"].as_field_group()

    def test_a_long_text_with_a_limit_gets_a_counter(self):
        html = self.Form()["note"].as_field_group()
        assert 'data-counter-for="id_note"' in html
        assert 'data-limit="50"' in html

    def test_radios_are_a_fieldset_with_a_legend(self):
        html = self.Form()["kind"].as_field_group()
        assert "<fieldset" in html
        assert "<legend" in html

    def test_what_was_typed_is_escaped(self):
        assert "<script>" not in self.Form({"name": "<script>"})["name"].as_field_group()

    def test_the_summary_links_to_every_field_at_fault(self):
        html = render_to_string("partials/form_errors.html", {"form": self.Form({})})
        assert 'href="#id_name"' in html
        assert 'href="#id_kind_0"' in html

    def test_no_summary_without_problems(self):
        unbound = render_to_string("partials/form_errors.html", {"form": self.Form()})
        fine = render_to_string("partials/form_errors.html", {"form": self.Form({"name": "x", "kind": "a"})})
        assert unbound.strip() == fine.strip() == ""


class TestWire:
    def test_json_keeps_every_lexeme(self):
        source = '{"a":1.0,"a":1e5,"b":"\\u00e9 {[,:]}","c":[],"d":{},"e":[true,null]}'
        text = re.sub(r"<[^>]+>", "", wire.pretty_json(source)).replace("&quot;", '"')
        assert re.sub(r"\s+(?=[^é]*)", "", text) == source.replace(" ", "")

    def test_json_is_indented(self):
        text = re.sub(r"<[^>]+>", "", wire.pretty_json('{"a":[1,2],"b":{}}')).replace("&quot;", '"')
        assert text == '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}'

    @pytest.mark.parametrize(
        ("raw", "kind"), [('{"a":1}', "json"), ("{broken", "text"), (b"\xff", "text"), (None, "empty")]
    )
    def test_kinds_of_body(self, raw, kind):
        assert wire.body_of(raw).kind == kind

    def test_html_in_a_body_is_shown_and_not_run(self):
        assert "<script>" not in wire.body_of("<script>").html
        assert "<script>" not in wire.body_of('{"a":"<script>"}').html

    @pytest.mark.parametrize(
        ("status", "tone"), [(200, "success"), (202, "success"), (501, "warning"), (500, "danger")]
    )
    def test_tone_of_a_status(self, status, tone):
        assert wire.status_tone(status) == tone

    def test_masked_parts_are_seen_to_be_masked(self):
        exchange = wire.read_exchange(samples.EXCHANGE)
        assert exchange.masked
        assert '<mark class="masked">' in exchange.request.headers[0][1]

    def test_objects_are_read_like_mappings(self):
        answer = SimpleNamespace(status=501, reason="Not Implemented", headers=[("A", "b")], body="", truncated=True)
        side = wire.read_exchange(SimpleNamespace(request={"method": "POST", "url": "u"}, response=answer)).response
        assert side is not None
        assert side.start == "501 Not Implemented"
        assert side.truncated

    def test_a_stored_record_is_read_as_it_is(self):
        record = {
            "request": {"start_line": "POST /hook HTTP/1.1", "headers": [["A", "****cdef"]], "body": {"content": "{}"}},
            "response": None,
            "error": {"kind": "timeout", "message": "No answer in time."},
            "timings": {"dns": 1.0, "connect": None, "total": 4.0},
        }
        exchange = wire.read_exchange(record)
        assert (exchange.error, exchange.total_ms) == ("No answer in time.", 4.0)
        assert exchange.request.start == "POST /hook HTTP/1.1"
        assert exchange.request.headers == [("A", '<mark class="masked">****cdef</mark>')]

    def test_the_phases_fill_the_bar(self):
        phases = wire.read_exchange(samples.EXCHANGE).phases
        assert [phase.name for phase in phases] == ["dns", "connect", "tls", "first_byte", "body"]
        assert sum(phase.width for phase in phases) == pytest.approx(100, abs=0.1)

    def test_no_answer_says_why(self):
        html = render_to_string("partials/wire.html", {"exchange": samples.NO_ANSWER})
        assert "No answer" in html
        assert "said nothing for 15 seconds" in html


class TestRail:
    def test_every_step_says_its_state_in_words(self):
        html = render_to_string("partials/rail.html", {"rail": samples.rail()})
        assert html.count('<li class="step') == 9
        assert "Waiting" in html
        assert "Done" in html
        assert 'aria-current="step"' in html

    def test_the_next_act_is_a_link_with_its_reason(self):
        html = render_to_string("partials/rail.html", {"rail": samples.rail()})
        assert "Run the Test Suite" in html
        assert "no longer counts" in html


class TestTheme:
    def test_only_known_themes_are_believed(self):
        request = RequestFactory().get("/")
        request.COOKIES["theme"] = '"><script>'
        assert theme.theme_of(request) == "system"

    def test_sets_the_cookie_and_goes_back(self):
        response = theme.set_theme(RequestFactory().post("/", {"theme": "dark", "next": "/catalog/?q=a"}))
        assert (response.status_code, response["Location"]) == (302, "/catalog/?q=a")
        assert response.cookies["theme"].value == "dark"
        assert response.cookies["theme"]["samesite"] == "Lax"

    @pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:alert(1)", ""])
    def test_never_leaves_the_site(self, target):
        assert theme.set_theme(RequestFactory().post("/", {"theme": "light", "next": target}))["Location"] == "/"

    def test_an_unknown_theme_is_refused(self):
        assert theme.set_theme(RequestFactory().post("/", {"theme": "pink"})).status_code == 400

    def test_a_get_changes_nothing(self):
        assert theme.set_theme(RequestFactory().get("/")).status_code == 405


class TestStrictPolicy:
    """No inline script, style or handler in any template: the policy would refuse it."""

    def test_templates(self):
        source = re.sub(
            r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", read_all("templates", "*.html"), flags=re.DOTALL
        )
        assert not re.search(r"<script(?![^>]*\bsrc=)", source)
        assert not re.search(r"<[a-z][^>]*\son[a-z]+=", source)

    def test_no_colour_is_written_outside_the_tokens(self):
        sheets = Path(settings.BASE_DIR, "static/css")
        for sheet in ("base.css", "forms.css", "wire.css"):
            assert not re.findall(r"#[0-9a-f]{3,8}\b", (sheets / sheet).read_text(encoding="utf-8")), sheet


@pytest.mark.parametrize("name", ["initials", "milliseconds"])
def test_filters_are_registered(name):
    assert name in ui.register.filters


@pytest.mark.parametrize(("name", "letters"), [("Acme Analytics Inc", "AA"), ("owner@demo.example", "O"), ("", "?")])
def test_initials(name, letters):
    assert ui.initials(name) == letters


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (4.21, "4.2 ms"), (87.4, "87 ms"), (1234.5, "1.23 s")])
def test_milliseconds(value, text):
    assert ui.milliseconds(value) == text


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_last_resort_needs_no_context(name):
    assert "<h1>" in render_to_string(name)
