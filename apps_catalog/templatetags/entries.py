"""Filters for pages that show catalog entries."""

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.safestring import SafeString, mark_safe

from apps_catalog.images import Shown, visible
from apps_catalog.markdown import render_docs
from apps_catalog.states import ComponentKind, SettingType

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Safe HTML of a partner's documentation in Markdown."""
    return mark_safe(render_docs(text))  # noqa: S308  it ends in an allow-list


@register.filter
def visible_images(images: list[Any] | None) -> list[Shown]:
    """The pictures of a manifest's listing that visitors see."""
    return visible(images or [])


@register.filter
def is_web_address(text: str) -> bool:
    """Whether an address may stand in a link; imported ones may be anything."""
    return text.startswith(("https://", "http://"))


@register.filter
def bare_address(text: str) -> str:
    """`https://www.acme.example/?x=1` as a person says it: acme.example."""
    return (urlsplit(text).hostname or text).removeprefix("www.")


@register.filter
def component_kind(kind: str) -> str:
    """The words for a kind of component."""
    return ComponentKind(kind).label if kind in ComponentKind.values else kind


@register.filter
def setting_type(name: str) -> str:
    """The words for a type of setting: “text-map” is “Text map”."""
    return SettingType(name).label if name in SettingType.values else name
