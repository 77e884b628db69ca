import pytest

pytestmark = pytest.mark.django_db


def test_alive_needs_nothing(client):
    assert client.get("/healthz").content == b"ok\n"


def test_ready_names_every_part(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "parts": {"database": "ok", "migrations": "ok", "broker": "ok", "storage": "ok"},
    }


def test_a_dead_broker_is_named(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] != "ok"
    assert answer.json()["parts"]["database"] == "ok"


def test_an_unwritable_storage_is_named(client, settings, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    settings.MEDIA_ROOT = blocker
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["storage"]) == (503, "NotADirectoryError")
