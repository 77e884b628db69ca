"""What the product starts with: the first policy, both documents (S4), an open intake."""

from django.db import migrations

FIRST_VERSION = "2026-01"
DOCUMENTS = {
    "program_agreement": "https://segment.com/legal/partnersagreement/",
    "privacy_policy": "https://segment.com/legal/privacy/",
}


def fill(apps, schema_editor):
    policies, intakes = apps.get_model("partners", "Policy"), apps.get_model("partners", "Intake")
    if not policies.objects.exists():
        policies.objects.create(note="The first version.")
    if not intakes.objects.exists():
        intakes.objects.create()
    versions = apps.get_model("partners", "AgreementVersion")
    for document, url in DOCUMENTS.items():
        versions.objects.get_or_create(document=document, version=FIRST_VERSION, defaults={"url": url})


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
