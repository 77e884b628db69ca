"""The content of one App: its draft, its versions, what the catalog says of it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from apps_catalog.markdown import plain, render
from apps_catalog.models import App, AppVersion, Category, Listing, Setting
from apps_catalog.publishing import SUMMARY_LENGTH
from apps_catalog.states import Collects, Processes, Stage
from partners.models import Company
from reviews.states import ChecklistStep

WORDS = "analytics attribution chat email experiments feature flags heatmaps push surveys warehouse".split()
DESCRIPTION = "**{name}** receives your events and shows them to the people who need them. " * 4
API_KEY = {"key": "apiKey", "label": "API key", "type": "password", "required": True, "sensitive": True}
REGION = {"key": "region", "label": "Region", "type": "string", "required": False, "sensitive": False}
# The checklist as it stood at submission: two items a step.
EVIDENCE = {
    "runs": [],
    "checklist": [
        {"step": step.value, "item": f"{step.value}_{number}", "state": "done", "reason": ""}
        for step in ChecklistStep
        for number in range(2)
    ],
}


def app(number: int, company: Company, stage: Stage) -> App:
    name, slug = f"{WORDS[number % len(WORDS)].title()} {number}", f"app-{number}"
    return App(
        company=company, name=name, slug=slug, skeleton=slug, stage=stage,
        collects=Collects.SUBSCRIPTION, processes=Processes.WEBHOOK,
    )  # fmt: skip


def settings_of(app: App) -> Iterator[Setting]:
    for position, setting in enumerate([API_KEY, REGION]):
        yield Setting(app=app, position=position, **setting)


def listing(app: App, categories: Sequence[Category]) -> Listing:
    return Listing(
        app=app, description=description(app), website="https://demo.example", support_email="help@demo.example",
        primary_category=category_of(app, categories), docs_partner_url="https://demo.example/docs",
    )  # fmt: skip


def version(app: App, categories: Sequence[Category], number: int) -> AppVersion:
    """A frozen draft; the second one has another setting, so that there is a difference to show."""
    manifest = {
        "name": app.name,
        "slug": app.slug,
        "components": [{"kind": "subscription_webhook", "endpoint": "https://hooks.example.com/segment"}],
        "settings": [API_KEY, REGION][:number],
        "listing": {
            "description": description(app),
            "website": "https://demo.example",
            "primary_category": category_of(app, categories).name,
            "secondary_categories": [],
            "support_email": "help@demo.example",
            "docs_links": {"partner": "https://demo.example/docs"},
        },
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    return AppVersion(app=app, number=number, manifest=manifest, digest=digest)


def entry_texts(app: App) -> dict[str, Any]:
    text = description(app)
    words = plain(text)
    return {
        "description": text,
        "description_html": render(text),
        "summary": words[:SUMMARY_LENGTH],
        "search_text": f"{app.name} {app.company.name} {words}",
    }


def description(app: App) -> str:
    return DESCRIPTION.format(name=app.name)


def category_of(app: App, categories: Sequence[Category]) -> Category:
    return categories[app.pk % len(categories)]
