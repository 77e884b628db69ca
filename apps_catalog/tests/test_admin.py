import pytest
from django.contrib import admin
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog import models as catalog
from apps_catalog.versions import freeze

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "apps_catalog"]


@pytest.fixture
def filled(app, alice):
    lifecycle.add_component(alice, app, "subscription_webhook")
    lifecycle.save_access(alice, app, {}, 0, secrets={"password": "canary-9"})
    lifecycle.save_docs(alice, app, {"docs_partner_url": "https://docs.acme.example/"}, 0)
    freeze(app, alice)
    return app


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_and_row_opens_and_shows_no_secret(filled, model, adam, client_for):
    client = client_for(adam)
    name = f"admin:apps_catalog_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist")]
    pages += [reverse(f"{name}_change", args=[row.pk]) for row in model.objects.all()[:1]]
    for page in pages:
        answer = client.get(page)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "canary" not in text
        assert "v1.test." not in text
        assert filled.echo.token not in text or model is catalog.Component or model in (catalog.App, catalog.AppVersion)


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model is not catalog.Category], ids=lambda model: model.__name__
)
def test_what_verbs_own_is_only_read(filled, model, adam, client_for):
    client = client_for(adam)
    name = f"admin:apps_catalog_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_add")).status_code == 403
    for row in model.objects.all()[:1]:
        assert client.get(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403


def test_categories_are_edited_and_switched_off(adam, client_for):
    client = client_for(adam)
    video = catalog.Category.objects.get(slug="video")
    page = reverse("admin:apps_catalog_category_change", args=[video.pk])
    assert client.post(page, {"name": "Video", "slug": "video", "aliases": "[]"}).status_code == 302
    video.refresh_from_db()
    assert video.is_active is False


def test_the_23_categories_are_there():
    assert catalog.Category.objects.count() == 23
    assert catalog.Category.objects.get(name="Live chat").aliases == ["Livechat"]
