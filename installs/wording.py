"""What a customer reads about an App before consenting and afterwards: who asks, and what it may do, by scope (D44)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from apps_catalog.models import App, CatalogEntry
from apps_catalog.states import Stage
from installs.models import Client
from installs.states import ScopeKind

# Each line goes on from “It may” or “It may not”; {app} is the name of the App.
_MAY: dict[str, tuple[str, ...]] = {
    ScopeKind.DESTINATION: (
        "set up {app} on the one source that you choose, change its settings there, and remove it again",
        "switch {app} on there: from then on it gets the events of this source",
        "see the names of the workspace and of this source",
    ),
    ScopeKind.WORKSPACE_READ: (
        "see the sources of the workspace that you choose, with their write keys",
        "see which Apps are set up on them, and their settings",
    ),
    ScopeKind.WORKSPACE: (
        "see the sources of the workspace that you choose, with their write keys",
        "add, change and remove sources",
        "set up any App on any of these sources, change its settings, switch it on or off, and remove it",
    ),
}
_OTHERS_SECRETS = "read secrets, such as API keys: of each it sees the last four characters"
_MAY_NOT: dict[str, tuple[str, ...]] = {
    ScopeKind.DESTINATION: (
        "see or change your other sources, other Apps on this one, or write keys",
        "read events that came in before it was switched on",
    ),
    ScopeKind.WORKSPACE_READ: (
        "change anything",
        _OTHERS_SECRETS,
        "read the events that came in",
        "see your other workspaces",
    ),
    ScopeKind.WORKSPACE: (_OTHERS_SECRETS, "read the events that came in", "see or change your other workspaces"),
}
_NEVER = ("see, invite or remove people", "log in as you, or learn your password")
_TRUST: dict[str, str] = {
    Stage.BUILDING: "Not reviewed by Segment yet. Only people of {maker} can enable it.",
    Stage.IN_REVIEW: "In review at Segment. Only people of {maker} can enable it.",
    Stage.PRIVATE_BETA: "Reviewed by Segment, and not in the catalog yet.",
    Stage.PUBLIC_BETA: "Reviewed by Segment, and new in the catalog.",
    Stage.PUBLIC: "Reviewed by Segment, and in the catalog.",
    Stage.DEPRECATED: "Its maker has ended it.",
}


def what_it_may(client: Client) -> list[str]:
    """What an install of this client may do with the scope that is set now; each line goes on from “It may”."""
    return _lines(_MAY[client.scope_kind], client)


def what_it_may_not(client: Client) -> list[str]:
    """The same from “It may not”. The last two hold for every scope."""
    return _lines((*_MAY_NOT[client.scope_kind], *_NEVER), client)


def _lines(lines: tuple[str, ...], client: Client) -> list[str]:
    return [line.format(app=client.app.name) for line in lines]


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for what: the context `ask` of templates/installs/_consent.html.

    `name`, `slug` and `mark_url` are what `{% app_mark %}` wants; `website` is “” or an http(s) address.
    """

    name: str
    slug: str
    mark_url: str
    maker: str
    website: str
    stage: str
    stage_word: str
    trust: str
    is_wide: bool
    may: list[str]
    may_not: list[str]

    @property
    def website_host(self) -> str:
        return urlsplit(self.website).hostname or ""


def ask_of(client: Client) -> Ask:
    """How `client` introduces itself: with the words of the catalog once Segment approved some, else of the draft."""
    app = client.app
    entry = _entry_of(app)
    name, maker, mark_url = (
        (entry.name, entry.maker, entry.mark_url) if entry else (app.name, app.company.name, app.mark_url)
    )
    website = entry.website if entry else app.listing.website or app.company.website
    return Ask(
        name=name,
        slug=app.slug,
        mark_url=mark_url,
        maker=maker,
        website=website if urlsplit(website).scheme in ("http", "https") else "",
        stage=app.stage,
        stage_word=app.get_stage_display(),
        trust=_TRUST[app.stage].format(maker=maker),
        is_wide=client.scope_kind != ScopeKind.DESTINATION,
        may=what_it_may(client),
        may_not=what_it_may_not(client),
    )


def name_for_visitors(client: Client) -> str:
    """The name of the App that a visitor is about to answer; “an App” where not everybody may know it (T21)."""
    app = client.app
    if app.invited_only or not app.is_live:
        return "an App"
    entry = _entry_of(app)
    return entry.name if entry else app.name


def _entry_of(app: App) -> CatalogEntry | None:
    entry: CatalogEntry | None = getattr(app, "entry", None)
    return entry if entry is not None and app.live_version_id is not None else None
