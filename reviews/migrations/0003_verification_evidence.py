import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0002_first_rubric"),
        ("workspaces", "0001_initial"),
    ]

    operations = [
        migrations.RenameField(model_name="verification", old_name="workspace", new_name="workspace_name"),
        migrations.AddField(
            model_name="verification",
            name="workspace",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+",
                to="workspaces.workspace",
            ),
        ),
        migrations.AddField(
            model_name="verification", name="evidence", field=models.JSONField(blank=True, default=dict)
        ),
    ]  # fmt: skip
