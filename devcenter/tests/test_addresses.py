"""devcenter.addresses: PostgreSQL refuses U+0000, so nobody may get that far with it."""

import pytest


@pytest.mark.parametrize("url", ["/echo/%00/", "/assets/%00.svg", "/invitations/%00/", "/beta/%00/"])
def test_a_nul_in_the_path_is_not_found(client, db, url):
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", ["/catalog/?category=%00", "/apps/?company=a%00", "/apps/?stage=%00", "/?x=%00"])
def test_a_nul_in_the_query_string_makes_no_sense(client_for, alice, url):
    assert client_for(alice).get(url).status_code == 400


@pytest.mark.parametrize("page, field", [("questions", "kind"), ("test", "component"), ("test/send", "component")])
def test_a_nul_in_a_posted_choice_is_not_found(client_for, alice, app, page, field):
    assert client_for(alice).post(f"/apps/{app.slug}/{page}/", {field: "a\x00"}).status_code == 404


def test_a_nul_in_a_cookie_makes_no_sense(client, db):
    answer = client.get("/catalog/", headers={"cookie": 'sessionid="abcdefghijklmnopqrst\\000"'})
    assert answer.status_code == 400
