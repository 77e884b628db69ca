"""The categories of the catalog as they stand in S24, “Livechat” being another spelling of “Live chat”."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.text import slugify

NAMES = (
    "A/B Testing",
    "Advertising",
    "Analytics",
    "Attribution",
    "CRM",
    "Customer Success",
    "Deep Linking",
    "Email",
    "Email Marketing",
    "Enrichment",
    "Feature Flagging",
    "Heatmaps & Recordings",
    "Live chat",
    "Marketing Automation",
    "Performance Monitoring",
    "Personalization",
    "Raw Data",
    "Referrals",
    "Security & Fraud",
    "SMS & Push Notifications",
    "Surveys",
    "Tag Managers",
    "Video",
)
ALIASES = {"Live chat": ["Livechat"]}


def add_categories(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    category = apps.get_model("apps_catalog", "Category")
    for name in NAMES:
        slug = slugify(name.replace("/", " "))
        category.objects.get_or_create(name=name, defaults={"slug": slug, "aliases": ALIASES.get(name, [])})


class Migration(migrations.Migration):
    dependencies = [("apps_catalog", "0001_initial")]

    operations = [migrations.RunPython(add_categories, migrations.RunPython.noop)]
