import pytest
from django.core.exceptions import ValidationError

from apps_catalog.validators import MAX_URL, clean_link, clean_url


@pytest.mark.parametrize(
    "url", ["", "https://acme.example/segment", "https://acme.example/segment#setup", "https://acme.example/#/a?b=c"]
)
def test_a_link_is_kept_as_it_was_typed(url):
    assert clean_link(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "#setup",
        "acme.example#setup",
        "https://10.0.0.1/#setup",
        "https://acme.example/#a b",
        "https://acme.example/#a\\b",
        "https://acme.example/#a\u202eb",
        "https://acme.example/#" + "x" * MAX_URL,
    ],
)
def test_a_link_that_nobody_can_open_is_refused(url):
    with pytest.raises(ValidationError):
        clean_link(url)


def test_an_endpoint_has_no_fragment():
    with pytest.raises(ValidationError, match="#"):
        clean_url("https://hooks.acme.example/segment#setup")
