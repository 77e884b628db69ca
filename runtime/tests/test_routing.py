import pytest

from runtime.routing import is_routed


@pytest.mark.parametrize(
    ("integrations", "goes"),
    [
        ({}, True),
        (None, True),
        ({"Acme": False}, False),
        ({"Acme": True}, True),
        ({"acme": False}, True),
        ({"Other": False}, True),
        ({"All": True}, True),
        ({"All": False}, False),
        ({"All": False, "Acme": True}, True),
        ({"All": False, "acme": True}, False),
        ({"All": False, "Acme": {"sessionId": 5}}, True),
        ({"All": False, "Acme": {}}, True),
        ({"All": True, "Acme": False}, False),
        ({"All": False, "Acme": None}, False),
        ({"Acme": None}, True),
        ({"all": False}, True),
        ({"All": 0}, True),
        ([], True),
        ("Acme", True),
        (False, True),
    ],
    ids=str,
)
def test_integrations_choose_the_destinations(integrations, goes):
    assert is_routed(integrations, "Acme") is goes
