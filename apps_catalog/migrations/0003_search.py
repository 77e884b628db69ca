"""The text index behind `apps_catalog.search`; other databases than PostgreSQL do without."""

from django.db import migrations

NAME = "catalog_entry_words"
# Exactly the expression that SearchVector("search_text", config="simple") writes.
EXPRESSION = "to_tsvector('simple'::regconfig, COALESCE(search_text, ''))"


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {NAME} ON apps_catalog_catalogentry USING gin ({EXPRESSION})")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {NAME}")


class Migration(migrations.Migration):
    dependencies = [("apps_catalog", "0002_categories")]
    operations = [migrations.RunPython(make_index, drop_index)]
