"""The four addresses that move the product elsewhere, each against a real server."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from apps_catalog.assets import store_svg
from devcenter.env import storage_backends


@pytest.mark.processes
def test_uploads_go_to_a_bucket_and_come_back(s3_server):
    url = s3_server.make_bucket("devcenter-uploads")
    storages_by_url = storages.__class__(storage_backends(url, debug=False))
    bucket = storages_by_url["default"]
    name = bucket.save("assets/picture.svg", ContentFile(b"<svg/>"))
    with bucket.open(name) as file:
        assert file.read() == b"<svg/>"
    assert bucket.save("assets/picture.svg", ContentFile(b"other")) != name
    bucket.delete(name)
    assert not bucket.exists(name)


@pytest.mark.processes
@pytest.mark.django_db
def test_pictures_are_served_from_a_bucket(s3_server, client, settings):
    settings.STORAGES = storage_backends(s3_server.make_bucket("devcenter-pictures"), debug=True)
    picture = store_svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')
    answer = client.get(picture.url)
    assert answer.content.startswith(b"<svg")
