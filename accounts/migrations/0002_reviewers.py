"""The group of Segment's reviewers; its permissions are granted after each migrate (devcenter.roles)."""

from django.db import migrations


def make_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.get_or_create(name="Reviewers")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
