"""Names that pass for another (SECURITY T31): the pure rules are tested in runtime; here with the database."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps_catalog.models import App
from apps_catalog.naming import read_name

pytestmark = pytest.mark.django_db

LOOK_ALIKES = [
    "Acme Analytics", "acme analytics", "ACME ANALYTICS", "Acme-Analytics", "Acme_Analytics", "AcmeAnalytics",
    "Acme  Analytics", "Acme Ana1ytics", "Acme Anaiytics", "Acme Analytlcs", "Acme Analyt1cs", "Acme Analytic5",
    "Acme.Analytics", "Acme'Analytics", "Acrne Analytics", "ACME·ANALYTICS", "Ácme Analytics", "Acmé Änalytics",
    "Ａｃｍｅ Ａｎａｌｙｔｉｃｓ", "𝐀𝐜𝐦𝐞 𝐀𝐧𝐚𝐥𝐲𝐭𝐢𝐜𝐬",
    "Аcme Analytics", "Acme Аnalytics", "Acme Analуtics", "Acmе Analytics",
    "Ac\u200bme Analytics", "Acme\u00adAnalytics", "Acme\u200d Analytics", "\u202eAcme Analytics",
    "Acme Analytics\ufeff",
    "Acme—Analytics", "Acme/Analytics", "Acme: Analytics!", "(Acme) Analytics", "Αcme Analytics",
]  # fmt: skip
RESERVED = [
    "Admin",
    "API",
    "Catalog",
    "Segment",
    "Segment Analytics",
    "My Segment",
    "Twilio Tools",
    "5egment Tools",
    "Adm1n",
    "New",
    "Docs",
]
FINE = [
    "Acme Insight",
    "Bravo",
    "Delta Works",
    "Amplitude Plus",
    "Café Zürich",
    "42 Labs",
    "Acme Analytics Pro",
    "A&B Testing Co",
]


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_are_refused(app, name):
    with pytest.raises(ValidationError) as caught:
        read_name(name)
    assert all(message.endswith(".") for message in caught.value.messages)


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_words_are_refused(db, name):
    with pytest.raises(ValidationError):
        read_name(name)


@pytest.mark.parametrize("name", FINE)
def test_other_names_are_fine(app, name):
    assert read_name(name).slug


@pytest.mark.parametrize("name", ["", "  ", "!!!", "日本語", "x", "x" * 61, "a\x00b", "a\nb" * 40])
def test_names_without_an_address_are_refused(db, name):
    with pytest.raises(ValidationError):
        read_name(name)


def test_an_app_does_not_collide_with_itself(app):
    assert read_name("ACME Analytics", ours=app).slug == app.slug


def test_the_database_has_the_last_word(app):
    with pytest.raises(IntegrityError), transaction.atomic():
        App.objects.create(company=app.company, name="x", slug="other", skeleton=app.skeleton)
