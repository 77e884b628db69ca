import pytest

from apps_catalog.setting_keys import KEY, key_from_label


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("API Key", "apiKey"),
        ("Custom setting one", "customSettingOne"),
        ("host", "host"),
        ("Customer's ID", "customersId"),
        ("2nd host", "setting2ndHost"),
        ("Straße & Ort", "straeOrt"),
        ("Ünïcode", "unicode"),
        ("日本語", "setting"),
        ("constructor", "settingConstructor"),
        ("__proto__", "proto"),
        ("!!!", "setting"),
        ("x" * 200, "x" * 60),
    ],
)
def test_key_from_label(label, key):
    assert key_from_label(label) == key
    assert KEY.fullmatch(key)


def test_a_taken_key_gets_a_number_whatever_its_case():
    assert key_from_label("Host", ["HOST", "host2"]) == "host3"
