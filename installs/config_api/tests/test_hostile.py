"""No body breaks the Config API, and none is answered in another shape than D46 says (T9)."""

from typing import Any

from django.db import transaction

from installs.config_api.errors import CODES
from installs.config_api.tests.conftest import name_of, path_of
from installs.config_api.tests.hostile_bodies import HOSTILE
from workspaces.models import Destination


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 60
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE)


def test_every_hostile_body_gets_its_answer(api, source, hook):
    """All in one test, each from the same start; only a patch has something to patch."""
    path, name, wrong = path_of(source), name_of(source, hook), {}

    for hostile in HOSTILE:
        with transaction.atomic():
            if hostile.method == "PATCH":
                api.post(path, {"destination": {"name": name}})
            before = list(Destination.every.values())
            target = path if hostile.method == "POST" else f"{path}/{hook.slug}"
            answer = api.call(hostile.method, target, hostile.sent(name), **hostile.headers)
            is_untouched = list(Destination.every.values()) == before
            transaction.set_rollback(True)
        if answer.status_code != hostile.status or not is_right(answer) or is_untouched == (hostile.status == 200):
            wrong[hostile.name] = (answer.status_code, answer.content[:200], is_untouched)

    assert wrong == {}


def is_right(answer: Any) -> bool:
    """JSON; an error has a text of a readable length and the code of its status."""
    body = answer.json()
    if answer.status_code == 200:
        return "error" not in body
    is_short = 0 < len(body["error"]) < 600
    return set(body) == {"error", "code"} and body["code"] == CODES[answer.status_code] and is_short


QUERIES = (
    "page_size=-1", "page_size=x", "page_size=1.5", "page_size=٣", "page_size=99999999999", "page_token=x",
    "page_token=" + "x" * 5000, "page_token=%00", "page_size=%00",
)  # fmt: skip
PATHS = (
    "", "/", "/nothing", "/workspaces/", "/workspaces/a/b", "/workspaces/%00",
    "/workspaces/x/sources/%00/destinations/y", "/workspaces/%2e%2e", "/workspaces/" + "x" * 5000, "/workspaces/%ff",
    "/catalog", "/openapi", "//workspaces", "/workspaces/ß/sources/💥",
    "/workspaces/x/sources/y/destinations/z/config/apiKey",
)  # fmt: skip


def test_a_query_that_makes_no_sense_is_an_error_like_the_others(reader):
    answers = {query: reader.get(f"/workspaces?{query}") for query in QUERIES}

    assert {query: answer.status_code for query, answer in answers.items()} == dict.fromkeys(QUERIES, 400)
    assert all(map(is_right, answers.values()))


def test_an_address_that_makes_no_sense_is_one_too(wide):
    for path in PATHS:
        for method in ("GET", "POST", "PATCH"):
            answer = wide.call(method, path, {"source": {}})
            assert answer.status_code in (403, 404, 405), (method, path)
            assert is_right(answer), (method, path)
