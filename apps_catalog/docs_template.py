"""First drafts of the documentation (S20): the page in Segment's docs in D50's shape, and one for the partner's site.

They are filled from what is known (settings, proven calls, listing). What only the partner can say is marked
with `TO_FILL`, in words that say what belongs there.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from apps_catalog.markdown import plain
from apps_catalog.models import App, Listing, Setting
from apps_catalog.proven_types import ProvenType
from apps_catalog.states import SettingType

UTM = {"utm_source": "segmentio", "utm_medium": "docs", "utm_campaign": "partners"}  # D50
TO_FILL = "To fill in:"
# The order of D50, and what Segment's spec says that each call is for.
PURPOSES = {
    "page": "Records that a person looked at a page of a website.",
    "screen": "Records that a person looked at a screen of a mobile app.",
    "identify": "Says who a person is, and records their traits.",
    "track": "Records what a person did, as an event with properties.",
    "group": "Says which company or account a person belongs to.",
    "alias": "Joins two identities of the same person.",
    "delete": "Asks for everything about a person to be deleted.",
}
_SAMPLED = ("type", "userId", "anonymousId", "groupId", "previousId", "event", "name", "properties", "traits")


def segment_text(app: App, listing: Listing, settings: Sequence[Setting], proven: Sequence[ProvenType]) -> str:
    """The page for Segment's documentation, as Markdown."""
    return _joined(
        [
            f"# {_text(app.name)} Destination",
            _intro(app, listing),
            _maintained(app, listing),
            "## Getting started",
            _steps(app, settings),
            "## Supported methods",
            *_methods(app, proven),
            "## Settings",
            _settings_table(settings),
        ]
    )


def partner_text(app: App, listing: Listing, settings: Sequence[Setting], proven: Sequence[ProvenType]) -> str:
    """A page for the partner's own documentation, as Markdown."""
    name = _text(app.name)
    calls = ", ".join(f"`{each.type}`" for each in _ordered(proven)) or f"{TO_FILL} run the Test Suite first."
    return _joined(
        [
            f"# Send data to {name} with Segment",
            f"Segment collects what people do in your product once, and sends it to {name} and to your other tools.",
            "## Set it up",
            _steps(app, settings),
            "## What we understand",
            f"{name} takes these calls: {calls}",
            f"{TO_FILL} where each of them appears in {name}, best with a picture.",
            "## Delete a person",
            f"{TO_FILL} what {name} deletes when Segment sends a deletion request, and how long it takes.",
            "## Help",
            _help(app, listing),
        ]
    )


def open_places(text: str) -> int:
    """How many places are still to be filled in."""
    return text.count(TO_FILL)


def with_utm(url: str) -> str:
    """The address with the fixed campaign parameters of D50, whatever it had of them before."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in UTM]
    return urlunsplit(parts._replace(query=urlencode([*kept, *UTM.items()])))


# --- Parts -------------------------------------------------------------------------------------------


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _intro(app: App, listing: Listing) -> str:
    name = _text(app.name)
    linked = f"[{name}]({with_utm(listing.website)})" if listing.website else name
    about = " ".join(_sentences(plain(listing.description.strip().partition("\n\n")[0]))[:2])
    return f"{linked}: {_text(about)}" if about else f"{linked} {TO_FILL} one or two sentences on what it does."


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+", text) if part]


def _maintained(app: App, listing: Listing) -> str:
    return f"This destination is maintained by {_text(app.company.name)}. {_help(app, listing)}"


def _help(app: App, listing: Listing) -> str:
    """Where customers ask. The support address of the listing is for Segment alone, and never in a text (S23)."""
    name = _text(app.name)
    if not listing.website:
        return f"{TO_FILL} where customers of {name} ask for help."
    return f"For any issue with it, [ask {name}]({with_utm(listing.website)})."


def _steps(app: App, settings: Sequence[Setting]) -> str:
    name = _text(app.name)
    needed = [_text(setting.label) for setting in settings if setting.required] or ["API Key"]
    steps = [
        f"In {name}, find your **{needed[0]}**. {TO_FILL} where it is found, click by click.",
        f"In your Segment workspace, open the catalog, choose **{name}** and select **Add destination**.",
        f"Choose the source whose data {name} should get.",
        f"Enter {_listed(needed)}, then switch the destination on.",
        f"Send an event and look at it in {name}. {TO_FILL} where it appears, and after how long.",
    ]
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _listed(names: Sequence[str]) -> str:
    bold = [f"**{name}**" for name in names]
    return bold[0] if len(bold) == 1 else f"{', '.join(bold[:-1])} and {bold[-1]}"


def _methods(app: App, proven: Sequence[ProvenType]) -> Iterator[str]:
    found = _ordered(proven)
    if not found:
        yield f"{TO_FILL} run the Test Suite until it passes, then write this text anew: it names what was proven."
        return
    name = _text(app.name)
    for each in found:
        yield f"### {each.type.capitalize()}"
        yield PURPOSES.get(each.type, "")
        yield _sample(each.event)
        yield f"{TO_FILL} what a {each.type} call becomes in {name}, and where it appears there."


def _ordered(proven: Sequence[ProvenType]) -> list[ProvenType]:
    order = list(PURPOSES)
    return sorted((each for each in proven if each.type in order), key=lambda each: order.index(each.type))


def _sample(event: dict[str, Any]) -> str:
    shown = {name: event[name] for name in _SAMPLED if event.get(name) is not None}
    return f"```json\n{json.dumps(shown, indent=2, ensure_ascii=False)}\n```" if shown else ""


def _settings_table(settings: Sequence[Setting]) -> str:
    rows = [f"| {_cell(row.label)} | {_cell(SettingType(row.type).label)} | {'Yes' if row.required else 'No'} "
            f"| {_cell(row.hint) or f'{TO_FILL} what it does.'} |" for row in settings]  # fmt: skip
    return "\n".join(["| Setting | Type | Required | What it does |", "|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """A text of the partner's as Markdown that says just that."""
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", " ".join(text.split()))
