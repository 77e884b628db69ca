"""The browser fixture sees what it must see: console errors, page errors and CSP violations."""

from typing import Any

import pytest

from tests.services.browser import Pages
from tests.services.receiver import Receiver, Reply

pytestmark = [pytest.mark.browser]

POLICY = ("Content-Security-Policy", "default-src 'self'")


def serve(receiver: Receiver, markup: str, *headers: tuple[str, str], status: int = 200) -> str:
    page = f"<!doctype html><title>x</title><link rel=icon href=data:,><body>{markup}"
    receiver.on("/page", Reply(status, page.encode(), headers=(("Content-Type", "text/html"), *headers)))
    return f"{receiver.url}/page"


@pytest.fixture
def watched(browser: Any) -> Any:
    """Pages whose problems are looked at here instead of failing the test."""
    pages = Pages(browser)
    yield pages
    pages.close()


def test_a_clean_page_passes(page_factory: Pages, receiver: Receiver) -> None:
    page = page_factory(size="phone", scheme="dark")

    page.goto(serve(receiver, "<p>Hello</p>"))

    assert page.viewport_size == {"width": 390, "height": 844}
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<script>console.error('broken')</script>", "broken"),
        ("<script>throw new Error('lost')</script>", "lost"),
        ("<script src='/missing.js'></script>", "404"),
    ],
)
def test_errors_are_noticed(watched: Pages, receiver: Receiver, markup: str, expected: str) -> None:
    receiver.on("/missing.js", Reply(404))

    watched().goto(serve(receiver, markup))

    assert expected in "\n".join(watched.problems.unexpected())


def test_a_blocked_style_is_noticed(watched: Pages, receiver: Receiver) -> None:
    watched().goto(serve(receiver, "<p style='color: red'>Hello</p>", POLICY))

    assert any(text.startswith("CSP") and "style-src" in text for text in watched.problems.unexpected())


@pytest.mark.parametrize(("status", "number"), [(422, 0), (404, 1), (500, 1)])
def test_only_a_form_shown_again_is_no_problem(watched: Pages, receiver: Receiver, status: int, number: int) -> None:
    watched().goto(serve(receiver, "<p>Please correct this.</p>", status=status))

    assert len(watched.problems.unexpected()) == number


def test_an_expected_problem_can_be_allowed(page_factory: Pages, receiver: Receiver) -> None:
    page_factory.problems.allow("status of 404")

    page_factory().goto(serve(receiver, "<p>Nothing here.</p>", status=404))


def test_a_page_without_scripts_works(page_factory: Pages, receiver: Receiver) -> None:
    page = page_factory(javascript=False)

    page.goto(serve(receiver, "<p>Plain</p><script>document.body.textContent = 'Scripted'</script>"))

    assert page.get_by_text("Plain").is_visible()


@pytest.mark.django_db
def test_the_database_is_usable_beside_the_browser(page_factory: Pages, django_user_model: Any) -> None:
    assert page_factory()
    assert django_user_model.objects.count() == 0
