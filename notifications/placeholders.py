"""Words written by staff: plain text with {{ placeholders }}, filled in by hand and never run as a template.

Nothing that is written in the admin reaches Django's template engine. A name is looked up only if the table of
kinds declares it, so that a text can neither call anything nor reach beyond what its message is about.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.template.loader import get_template
from django.utils import formats, timezone
from django.utils.html import escape
from django.utils.safestring import SafeString

from notifications.kinds import LISTS, Kind

DATE_FORMAT = "l, j F Y, H:i T"
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
_CODE = re.compile(r"\{[%{#]|[%}#]\}")
_CONTENT = re.compile(r"\{% block content %\}(.*?)\{% endblock %\}", re.DOTALL)
_LOOP = re.compile(r"\{% for \w+ in (\w+) %\}.*?\{% endfor %\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}")
_FILTERED = re.compile(r"\{\{\s*([\w.]+)\|[^}]*\}\}")


def names_in(text: str) -> list[str]:
    """The placeholders of a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def faults(text: str, kind: Kind, *, needs: Iterable[str] = ()) -> list[str]:
    """What is wrong with a text for this kind, as sentences; nothing when it can be used."""
    found = []
    if _CODE.search(_PLACEHOLDER.sub("", text)):
        found.append("Only placeholders like {{ app.name }} work here; no tags, filters or comments.")
    if unknown := [name for name in names_in(text) if name not in _known(kind)]:
        found.append(f"This message does not know: {', '.join(unknown)}.")
    if missing := [name for name in needs if name not in names_in(text)]:
        found.append(f"Readers need this, so it has to stay: {', '.join(f'{{{{ {name} }}}}' for name in missing)}.")
    return found


def _known(kind: Kind) -> set[str]:
    return {*kind.names, "site_url"}


def fill(text: str, kind: Kind, context: Mapping[str, Any]) -> str:
    """The text with values in the place of placeholders, in one pass: what a value says is never looked at again."""
    return _filled(text, kind, context, lambda name, value: value)


def fill_html(text: str, kind: Kind, context: Mapping[str, Any]) -> SafeString:
    """The same as paragraphs of HTML, everything escaped; only addresses of the product's own become links."""
    parts = re.split(r"\n\s*\n", text.strip())
    filled = (_filled(escape(part), kind, context, _as_html) for part in parts)
    return SafeString("\n".join(f"<p>{part}</p>".replace("\n", "<br>\n") for part in filled))


def _as_html(name: str, value: str) -> str:
    return f'<a href="{escape(value)}">{escape(value)}</a>' if name.endswith("_url") else escape(value)


def _filled(text: str, kind: Kind, context: Mapping[str, Any], show: Callable[[str, str], str]) -> str:
    known = _known(kind)

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return show(name, _in_words(name, _look_up(name, context))) if name in known else ""

    return _PLACEHOLDER.sub(value, text)


def _look_up(name: str, context: Mapping[str, Any]) -> Any:
    """Walks a declared name; None where something is missing on the way."""
    place: Any = context
    for part in name.split("."):
        place = place.get(part) if isinstance(place, Mapping) else getattr(place, part, None)
        place = place() if callable(place) else place
    return place


def _in_words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), DATE_FORMAT)
    if name in LISTS:
        return "\n".join(f"{number}. {_item(name, item)}" for number, item in enumerate(value, start=1))
    return str(value)


def _item(name: str, item: Any) -> str:
    values = (
        (before, _look_up(attribute, {attribute: getattr(item, attribute, None)})) for before, attribute in LISTS[name]
    )
    return "\n   ".join(f"{before}{value}" for before, value in values if value not in (None, ""))


# --- Where an edit starts from ----------------------------------------------------------------------------


def starting_words(kind: Kind) -> tuple[str, str]:
    """Subject and text of the original, its conditions and loops flattened into what the table declares."""
    return _flattened(_source(f"mail/{kind.name}.subject.txt"), kind), _flattened(_content(kind), kind)


def _content(kind: Kind) -> str:
    found = _CONTENT.search(_source(f"mail/{kind.name}.txt"))
    return found[1] if found else ""


def _source(name: str) -> str:
    template: Any = get_template(name)
    return str(template.template.source)


def _unfiltered(match: re.Match[str]) -> str:
    """Without its filter; how many there are of something is not known before it is sent."""
    if match[1] in LISTS:
        return "s" if "pluralize" in match[0] else "some"
    return f"{{{{ {match[1]} }}}}"


def _flattened(source: str, kind: Kind) -> str:
    text = _TAG.sub("", _LOOP.sub(r"{{ \1 }}", source))
    text = _FILTERED.sub(_unfiltered, text)
    kept = _PLACEHOLDER.sub(lambda match: match[0] if match[1] in _known(kind) else "", text)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()
