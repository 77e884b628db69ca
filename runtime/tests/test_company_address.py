import pytest

from runtime.company_address import FREE_MAIL, assess, has_mail_server, is_disposable, mail_domain, website_host


@pytest.mark.parametrize(
    ("email", "website", "kind", "level"),
    [
        ("owner@demo.example", "https://demo.example", "same_domain", "good"),
        ("owner@mail.demo.example", "www.demo.example/about", "same_domain", "good"),
        ("owner@demo.co.uk", "http://shop.demo.co.uk:8080/x?y#z", "same_domain", "good"),
        ("owner@DEMO.example", "HTTPS://Demo.Example.", "same_domain", "good"),
        ("owner@bücher.example", "https://xn--bcher-kva.example", "same_domain", "good"),
        ("owner@other.example", "https://demo.example", "different_domain", "warning"),
        ("owner@one.co.uk", "https://two.co.uk", "different_domain", "warning"),
        ("owner@a.github.io", "https://b.github.io", "different_domain", "warning"),
        ("owner@demo.example.evil.test", "https://demo.example", "different_domain", "warning"),
        ("someone@gmail.com", "https://demo.example", "free_mail", "warning"),
        ("someone@GMX.de", "", "free_mail", "warning"),
        ("someone@mailinator.com", "https://demo.example", "disposable", "warning"),
        ("someone@x.mailinator.com", "https://demo.example", "disposable", "warning"),
        ("no address", "https://demo.example", "unreadable", "warning"),
        ("@demo.example", "https://demo.example", "unreadable", "warning"),
        ("owner@", "https://demo.example", "unreadable", "warning"),
        ("owner@localhost", "https://demo.example", "unreadable", "warning"),
        ("owner@demo.example", "our website", "unreadable", "warning"),
    ],
)
def test_one_signal_that_explains_itself(email, website, kind, level):
    (signal,) = assess(email, website)

    assert (signal.kind, signal.level) == (kind, level)
    assert signal.text.endswith(".")


def test_without_a_website_there_is_nothing_to_compare():
    assert assess("owner@demo.example", "  ") == []


def test_the_text_names_both_domains():
    (signal,) = assess("owner@mail.other.example", "https://www.demo.example")

    assert "other.example" in signal.text
    assert "demo.example" in signal.text


def test_well_known_providers_are_listed_once_and_are_not_throw_away():
    assert len(FREE_MAIL) >= 60
    assert not [domain for domain in FREE_MAIL if is_disposable(domain)]


@pytest.mark.parametrize(
    "text", ["", " ", "a@b@", "x" * 10_000, "a@" + "b" * 70 + ".c", "\x00@\x00.x", "a@..", "a@é..é"]
)
def test_strange_input_is_unreadable_and_not_an_error(text):
    assert mail_domain(text) == ""
    assert website_host(text) == "" or "." in website_host(text)


@pytest.mark.parametrize(("exchangers", "warns"), [(["mx.demo.example."], False), ([], True), (["."], True)])
def test_mail_servers(exchangers, warns):
    signal = has_mail_server("demo.example", lambda domain: exchangers)

    assert (signal is not None) is warns


def test_no_answer_from_dns_is_no_signal():
    def failing(domain):
        raise OSError("timeout")

    assert has_mail_server("demo.example", failing) is None
