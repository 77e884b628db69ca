"""Tags of the design system; a builtin library, so no template needs `{% load ui %}`.

Usage of each is shown at /dev/styleguide/ and listed in docs/design-system.md.
"""

import datetime as dt
import re
from functools import cache, lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.forms.forms import BaseForm
from django.template import Context
from django.template.defaultfilters import capfirst
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil

from accounts.undo import TAG as UNDO_TAG
from devcenter import fields, wire

register = template.Library()

SPRITE = "vendor/lucide/sprite.svg"
SPRITE_FILE = Path(__file__).resolve().parents[2] / "static" / SPRITE
FALLBACK_ICON = "circle-question-mark"
MARK_COLOURS = 6

# State = icon shape + word + colour. The shapes differ, so the state is readable without colour.
TONE_ICONS = {
    "neutral": "circle",
    "info": "info",
    "success": "circle-check",
    "warning": "triangle-alert",
    "danger": "octagon-x",
    "progress": "circle-dot",
}
# Stage of an App (PRODUCT, Lifecycle).
STAGE_TONES = {
    "building": "neutral",
    "in_review": "progress",
    "private_beta": "info",
    "public_beta": "success",
    "public": "success",
    "deprecated": "danger",
}
# Verdicts of the Test Suite and of a reviewer, as (tone, word).
VERDICTS = {
    "green": ("success", "Passed"),
    "yellow": ("warning", "Not supported"),
    "red": ("danger", "Failed"),
    "not_run": ("neutral", "Not run"),
    "running": ("progress", "Running"),
    "queued": ("neutral", "Queued"),
}
# States of a step and of an item in the checklist, as (icon, word).
STEP_STATES = {
    "done": ("circle-check", "Done"),
    "current": ("circle-dot", "Now"),
    "open": ("circle", "To do"),
    "waiting": ("hourglass", "Waiting"),
}
# Routes whose name does not already read as a title.
SECTION_TITLES = {
    "app-detail": "Overview", "suite-home": "Test Suite", "app-access": "Reviewer access",
    "app-oauth": "Enable with Segment", "app-oauth-code": "Code and button",
    "app-oauth-preview": "What customers see", "app-oauth-secret-new": "New secret",
    "app-component-function": "Subscription function", "app-component-plugin": "Web plugin",
    "app-code-versions": "Versions of the code", "app-code-version": "Version of the code",
}  # fmt: skip
MESSAGE_TONES = {"debug": "neutral", "error": "danger"}
TIME_FORMATS = {"full": "{0.day} {0:%b %Y, %H:%M %Z}", "date": "{0.day} {0:%b %Y}", "time": "{0:%H:%M %Z}",
                "second": "{0:%H:%M:%S %Z}"}  # fmt: skip
NO_SHIFT = dt.timedelta(0)
# (seconds, unit), the largest first. From four weeks on, months have to be counted by the calendar.
SPANS = ((7 * 86_400, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"))
CALENDAR_SECONDS = 28 * 86_400
# Pieces of markup that are drawn hundreds of times a page are kept once they are made, this many of each
# kind. What goes into their keys is escaped before: a safe text equals an unsafe one.
KEPT = 1_024


@cache
def icon_names() -> frozenset[str]:
    """Names of the vendored icons, read from the sprite."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', SPRITE_FILE.read_text(encoding="utf-8")))


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """`{% icon "check" %}`: 16 or 20 px, silent for screen readers unless it has a `label`.

    Raises LookupError for an unknown name while DEBUG is on; a visitor gets a question mark instead.
    """
    if name not in icon_names():
        if settings.DEBUG:
            raise LookupError(f"No icon {name!r} in {SPRITE}; see the VERSION file beside it.")
        name = FALLBACK_ICON
    return _drawn(name, size, conditional_escape(label) if label else SafeString())


@lru_cache(maxsize=KEPT)
def _drawn(name: str, size: int, label: SafeString) -> SafeString:
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon--{}" width="{}" height="{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        size, size, size, voice, static(SPRITE), name,
    )  # fmt: skip


@register.simple_tag
def status_chip(tone: str, word: str, icon_name: str = "") -> SafeString:
    """`{% status_chip "success" "Passed" %}`. Tones are the keys of `TONE_ICONS`; others become neutral."""
    tone = tone if tone in TONE_ICONS else "neutral"
    return _chip(tone, icon_name or TONE_ICONS[tone], conditional_escape(word))


@lru_cache(maxsize=KEPT)
def _chip(tone: str, icon_name: str, word: SafeString) -> SafeString:
    return format_html('<span class="chip chip--{}">{}{}</span>', tone, icon(icon_name), word)


@register.simple_tag
def stage_chip(stage: str, word: object = "") -> SafeString:
    """`{% stage_chip app.stage app.get_stage_display %}`."""
    key = _stage_key(str(stage))
    return status_chip(STAGE_TONES.get(key, "neutral"), capfirst(str(word or key.replace("_", " "))))


@lru_cache(maxsize=KEPT)
def _stage_key(stage: str) -> str:
    return re.sub(r"[\s-]+", "_", stage).lower()


@register.simple_tag
def verdict_chip(verdict: str, word: str = "") -> SafeString:
    """`{% verdict_chip case.verdict %}` for green, yellow, red, not_run, queued, running."""
    tone, default_word = VERDICTS.get(str(verdict), ("neutral", str(verdict).capitalize()))
    return status_chip(tone, word or default_word)


@register.simple_tag
def state_icon(state: str, size: int = 16) -> SafeString:
    """The shape of a checklist state; write `{{ state|state_word }}` beside it."""
    return icon(STEP_STATES.get(state, STEP_STATES["open"])[0], size)


@register.filter
def state_word(state: str) -> str:
    return STEP_STATES.get(state, STEP_STATES["open"])[1]


@register.filter
def message_tone(level_tag: str) -> str:
    """Tone of one of Django's messages."""
    tone = MESSAGE_TONES.get(level_tag, level_tag)
    return tone if tone in TONE_ICONS else "info"


@register.filter
def undo_path(message: Message) -> str:
    """Where the Undo button of a message posts to (accounts.undo); "" when there is nothing to undo."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO_TAG) if tags.startswith(UNDO_TAG + "/") else ""


@register.filter
def tone_icon(tone: str) -> str:
    return TONE_ICONS.get(tone, TONE_ICONS["neutral"])


@register.simple_tag
def local_time(value: dt.datetime | dt.date | None, style: str = "full", empty: str = "–") -> SafeString:
    """A `<time>` in the viewer's zone with the zone's abbreviation.

    `style`: full, date, time, second or relative ("3 minutes ago"). A plain date has no zone and is never shifted.
    Where the server does not know the viewer's zone (it is UTC), the browser puts its own in.
    """
    if value is None:
        return format_html('<span class="muted">{}</span>', empty)
    if not isinstance(value, dt.datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), TIME_FORMATS["date"].format(value))
    here = timezone.localtime(value)
    full = TIME_FORMATS["full"].format(here)
    text = _relative(here) if style == "relative" else TIME_FORMATS[style].format(here)
    shift = f' data-local="{style}"' if here.utcoffset() == NO_SHIFT else ""
    # Safe as it is: digits, and the calendar's own names of months and zones; nothing a person typed.
    return SafeString(f'<time datetime="{here.isoformat(timespec="seconds")}" title="{full}"{shift}>{text}</time>')


@register.simple_tag
def piece(name: str, **values: object) -> SafeString:
    """`{% piece "partials/x.html" person=user.pk %}`: an include that sees `values` and nothing else, and is kept.

    For what many pages have in common; the values are plain and few: numbers, words, tuples of them.
    """
    return _piece(name, tuple(values.items()))


@lru_cache(maxsize=KEPT)
def _piece(name: str, values: tuple[tuple[str, object], ...]) -> SafeString:
    return render_to_string(name, dict(values))


@register.simple_tag
def countdown(until: dt.datetime) -> SafeString:
    """“until 12:03:07 UTC”; with scripts, the time that is left is counted down behind it (static/js/countdown.js)."""
    left = max(0, round((until - timezone.now()).total_seconds()))
    return format_html('<span data-countdown="{}">until {}</span>', left, local_time(until, "second"))


def _relative(moment: dt.datetime) -> str:
    now = timezone.now()
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 60:
        return "just now"
    if abs(seconds) >= CALENDAR_SECONDS:
        return f"{timesince(moment, now, depth=1)} ago" if seconds > 0 else f"in {timeuntil(moment, now, depth=1)}"
    return f"{_span(seconds)} ago" if seconds > 0 else f"in {_span(-seconds)}"


def _span(seconds: float) -> str:
    """At least a minute, less than a month: as `timesince` writes it, at a tenth of the price."""
    size, unit = next(span for span in SPANS if seconds >= span[0])
    number = int(seconds // size)
    return f"{number}\xa0{unit}{'' if number == 1 else 's'}"


@register.simple_tag(takes_context=True)
def nav_link(
    context: Context,
    url_name: str,
    label: str,
    *args: object,
    icon_name: str = "",
    exact: bool = False,
    badge: object = "",
) -> SafeString:
    """`{% nav_link "app-list" "Apps" icon_name="layers" %}`: nothing at all when the route does not exist.

    Marks itself with `aria-current="page"` on its own page and, unless `exact`, on the pages below it.
    """
    url = _address(url_name, args, get_urlconf(), get_script_prefix())
    if not url:
        return mark_safe("")
    is_current = _is_current(context, url, exact=exact)
    return _link(url, conditional_escape(label), icon_name, conditional_escape(str(badge or "")), is_current=is_current)


@lru_cache(maxsize=KEPT)
def _address(url_name: str, args: tuple[object, ...], urlconf: object, prefix: str) -> str:
    """The address of a route, "" when there is none. The last two only say what the answer depends on."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=KEPT)
def _link(url: str, label: SafeString, icon_name: str, badge: SafeString, *, is_current: bool) -> SafeString:
    current = mark_safe(' aria-current="page"') if is_current else ""
    picture = icon(icon_name) if icon_name else ""
    count = format_html('<span class="badge">{}</span>', badge) if badge else ""
    return format_html('<a class="nav-link" href="{}"{}>{}<span>{}</span>{}</a>', url, current, picture, label, count)


def _is_current(context: Context, url: str, *, exact: bool) -> bool:
    path = getattr(context.get("request"), "path", "")
    return path == url if exact else path.startswith(url)


@register.simple_tag(takes_context=True)
def section_title(context: Context) -> str:
    """The section of the App console for `<title>`, from the name of the route: "suite-home" is "Test Suite"."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = getattr(match, "url_name", None) or ""
    return SECTION_TITLES.get(name, name.replace("app-", "", 1).replace("-", " ").capitalize())


@register.simple_tag
def app_mark(app: object, size: str = "m") -> SafeString:
    """The App's mark, or its initials on one of six colours picked by the slug. `size`: s, m or l."""
    name, slug = str(getattr(app, "name", "")), str(getattr(app, "slug", ""))
    picture = getattr(app, "mark_url", "")
    if picture:
        return format_html('<img class="mark mark--{}" src="{}" alt="" width="40" height="40">', size, picture)
    colour = sum(slug.encode()) % MARK_COLOURS + 1
    return _initials_mark(str(size), colour, initials(name))


@lru_cache(maxsize=KEPT)
def _initials_mark(size: str, colour: int, letters: str) -> SafeString:
    return format_html('<span class="mark mark--{} mark--c{}" aria-hidden="true">{}</span>', size, colour, letters)


@register.filter
def initials(name: object) -> str:
    """At most two capital letters: "Acme Analytics" is AA, "owner@demo.example" is O."""
    words = re.findall(r"\w+", str(name).split("@")[0])
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def milliseconds(value: float | None) -> str:
    """1234.5 → "1.23 s", 87.4 → "87 ms"."""
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


@register.simple_tag
def field_parts(field: BoundField) -> fields.FieldParts:
    return fields.field_parts(field)


@register.simple_tag
def form_problems(form: BaseForm | None) -> list[fields.Problem]:
    return fields.form_problems(form) if form is not None and form.is_bound else []


@register.simple_tag
def wire_view(exchange: object) -> wire.Exchange:
    return wire.read_exchange(exchange)


@register.filter
def pretty_json(text: str) -> SafeString:
    """JSON text, indented and coloured; other text comes back escaped. For use in `<pre class="code">`."""
    return wire.body_of(text).html
