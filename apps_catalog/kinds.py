"""The kinds of component as cards: what each is good for, and where it is edited (S10, D2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps_catalog.models import Component
from apps_catalog.states import ComponentKind


@dataclass(frozen=True, slots=True)
class KindCard:
    """`component` is the draft's own, if it has one."""

    kind: ComponentKind
    text: str
    component: Component | None = None

    @property
    def page(self) -> str:
        return page_of(self.kind)

    @property
    def icon(self) -> str:
        return _PAGES[self.kind][1]


_TEXTS = {
    ComponentKind.SUBSCRIPTION_WEBHOOK: (
        "Segment sends every event to a web service that you run. You use any language and keep your own logs; "
        "you also keep the service up."
    ),
    ComponentKind.SUBSCRIPTION_FUNCTION: (
        "JavaScript that Segment runs for each event, calling an API that you have already. There is no server "
        "to run; there is a time limit."
    ),
    ComponentKind.WEB_PLUGIN: (
        "Code in the visitor’s browser that collects data or changes the page. It sees websites only, no servers "
        "and no mobile apps."
    ),
    ComponentKind.ACTIONS_DESTINATION: (
        "A destination written in TypeScript and handed in as a pull request, for integrations that need "
        "mappings per customer."
    ),
}
# Where a component of the kind is edited: name of the address and its icon.
_PAGES = {
    ComponentKind.SUBSCRIPTION_WEBHOOK: ("app-component-webhook", "webhook"),
    ComponentKind.SUBSCRIPTION_FUNCTION: ("app-component-function", "braces"),
    ComponentKind.WEB_PLUGIN: ("app-component-plugin", "puzzle"),
    ComponentKind.ACTIONS_DESTINATION: ("app-plan", "git-pull-request"),
}


def cards(components: Sequence[Component]) -> list[KindCard]:
    """One card per kind."""
    mine = {component.kind: component for component in components}
    return [KindCard(kind, _TEXTS[kind], mine.get(kind)) for kind in ComponentKind]


def page_of(kind: str) -> str:
    """The name of the address where a component of this kind is edited; that of all components where there is none."""
    return _PAGES[ComponentKind(kind)][0] if kind in _PAGES else "app-components"
