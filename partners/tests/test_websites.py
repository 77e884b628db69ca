"""What a look at an applicant's website says."""

import pytest

from partners import websites
from runtime.egress import ErrorKind, Exchange, Failure, Response, SentRequest

SENT = SentRequest("GET / HTTP/1.1", (), b"")
UNKNOWN = Exchange(SENT, None, Failure(ErrorKind.DNS_NOT_FOUND, "The host name does not exist."))


def answered(status: int) -> Exchange:
    return Exchange(SENT, Response(status, "", [], b""))


@pytest.mark.parametrize(
    ("exchange", "kind"),
    [
        (answered(200), "website_answers"),
        (answered(301), "website_answers"),
        (answered(403), "website_answers"),
        (answered(404), "no_website"),
        (answered(503), "no_website"),
        (UNKNOWN, "no_website"),
    ],
)
def test_an_answer_is_a_website(exchange, kind):
    signal = websites.ask("https://lens.example.com", lambda url: exchange)
    assert signal is not None
    assert (signal.kind, signal.level) == (kind, "good" if kind == "website_answers" else "warning")


def test_it_is_asked_as_it_was_typed_with_or_without_a_scheme():
    asked = []
    for website in ("lens.example.com", "http://lens.example.com/a#b"):
        websites.ask(website, lambda url: asked.append(url) or answered(200))
    assert asked == ["https://lens.example.com", "http://lens.example.com/a#b"]
    assert websites.ask(" ", lambda url: pytest.fail("nothing to ask")) is None
