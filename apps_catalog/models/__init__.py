"""Segment Apps: one editable draft, immutable numbered versions, and the public catalog's read model."""

from apps_catalog.models.apps import App, AppQuerySet, AppVersion
from apps_catalog.models.code import CodeVersion
from apps_catalog.models.components import Component, Setting
from apps_catalog.models.echo import EchoInbox, EchoRequest, new_echo_token
from apps_catalog.models.entries import CatalogEntry, CatalogEntryQuerySet, EntryCategory
from apps_catalog.models.listings import Asset, Category, LaunchKind, LinkCheck, Listing, ReviewerAccess
from apps_catalog.models.removed import RemovedSetting
from apps_catalog.models.signing import SigningSecret

__all__ = [
    "App",
    "AppQuerySet",
    "AppVersion",
    "Asset",
    "CatalogEntry",
    "CatalogEntryQuerySet",
    "Category",
    "CodeVersion",
    "Component",
    "EchoInbox",
    "EchoRequest",
    "EntryCategory",
    "LinkCheck",
    "LaunchKind",
    "Listing",
    "RemovedSetting",
    "ReviewerAccess",
    "Setting",
    "SigningSecret",
    "new_echo_token",
]
