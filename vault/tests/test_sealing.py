import base64
import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from vault.sealing import CannotOpen, is_current, parse_keys, seal, unseal


def _key(name: str) -> str:
    return f"{name}:{base64.urlsafe_b64encode(os.urandom(32)).decode()}"


def test_what_is_sealed_opens_in_its_place():
    assert unseal(seal("s3cret ü", "app:1"), "app:1") == "s3cret ü"


def test_the_sealed_text_does_not_show_the_secret():
    sealed = seal("s3cret", "app:1")
    assert "s3cret" not in sealed
    assert seal("s3cret", "app:1") != sealed


def test_a_ciphertext_moved_to_another_row_does_not_open():
    with pytest.raises(CannotOpen):
        unseal(seal("s3cret", "app:1"), "app:2")


DAMAGES = [lambda s: s[:-4], lambda s: s[:-6] + "AAAAA=", lambda s: "v2" + s[2:], lambda s: ""]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_does_not_open(damage):
    with pytest.raises(CannotOpen):
        unseal(damage(seal("s3cret", "app:1")), "app:1")


def test_an_older_key_still_opens_and_the_newest_seals(settings):
    old, new = _key("old"), _key("new")
    settings.VAULT_KEYS = old
    sealed = seal("s3cret", "app:1")
    settings.VAULT_KEYS = f"{new},{old}"
    assert unseal(sealed, "app:1") == "s3cret"
    assert not is_current(sealed)
    assert is_current(seal("s3cret", "app:1"))


def test_a_lost_key_is_a_clear_error(settings):
    sealed = seal("s3cret", "app:1")
    settings.VAULT_KEYS = _key("other")
    with pytest.raises(CannotOpen, match="not among VAULT_KEYS"):
        unseal(sealed, "app:1")


@pytest.mark.parametrize("text", ["", "a", "a:short", "a b:" + "A" * 43, ","])
def test_malformed_keys_are_refused(text):
    with pytest.raises(ImproperlyConfigured):
        parse_keys(text)
