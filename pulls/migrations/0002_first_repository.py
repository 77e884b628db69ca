"""The public repository in which Segment's destinations are built (S15, S27)."""

from django.db import migrations


def watch(apps, schema_editor):
    apps.get_model("pulls", "Repository").objects.get_or_create(name="segmentio/action-destinations")


class Migration(migrations.Migration):
    dependencies = [("pulls", "0001_initial")]
    operations = [migrations.RunPython(watch, migrations.RunPython.noop)]
