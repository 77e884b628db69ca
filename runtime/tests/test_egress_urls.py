import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.egress import BadAddress, EgressPolicy, check_url
from runtime.tests.corpora import good_urls, refused_urls

PUBLIC_ONLY = EgressPolicy()
LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128,receiver.internal")


@pytest.mark.parametrize("url", refused_urls(8443), ids=ascii)
def test_refuses_and_explains(url):
    with pytest.raises(BadAddress) as caught:
        check_url(url, PUBLIC_ONLY)

    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("typed", "read"), good_urls(), ids=ascii)
def test_accepts_and_rebuilds(typed, read):
    target = check_url(typed, PUBLIC_ONLY)

    assert target.url == read
    assert not target.needs_allowance


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("example.com/hook", "scheme"),
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "ftp://"),
        ("https://user:pass@example.com/", "user name"),
        ("https://example.com:22/", "Port 22"),
        ("https://example.com/\t", "invisible"),
        ("https://example.com\\x", "backslash"),
        ("https://example.com./", "dot"),
        ("https://localhost/", "public host name"),
        ("https://127.0.0.1/", "loopback"),
        ("https://2130706433/", "number"),
        ("https://例え。example/", "xn--"),
        ("https://", "missing"),
        ("https://example.com/#x", "#"),
        ("https://example.com/" + "a" * 2048, "too long"),
        ("https://" + "a" * 64 + ".com/", "not valid"),
        ("https://" + "a." * 130 + "com/", "not valid"),
    ],
)
def test_says_what_to_change(url, word):
    with pytest.raises(BadAddress, match=word):
        check_url(url, PUBLIC_ONLY)


@pytest.mark.parametrize(
    ("url", "needs_allowance"),
    [
        ("http://127.0.0.1:9000/hook", False),
        ("http://[::1]:9000/hook", False),
        ("https://127.0.0.1:9000/hook", False),
        ("http://receiver.internal:81/hook", False),
        ("http://localhost:9000/hook", True),
        ("https://localhost/hook", True),
        ("https://example.com:9000/hook", True),
        ("http://example.com/hook", True),
        ("https://example.com/hook", False),
    ],
)
def test_an_allow_list_opens_http_and_ports_towards_it(url, needs_allowance):
    assert check_url(url, LOOPBACK).needs_allowance is needs_allowance


@pytest.mark.parametrize("url", ["http://8.8.8.8/", "https://8.8.8.8:22/", "http://10.0.0.1/", "https://10.0.0.1/"])
def test_an_allow_list_opens_nothing_else(url):
    with pytest.raises(BadAddress):
        check_url(url, LOOPBACK)


def test_takes_a_url_apart():
    target = check_url("https://[2001:4860:4860::8888]:8443/a?b=c", PUBLIC_ONLY)

    assert (target.host, target.port, target.path) == ("2001:4860:4860::8888", 8443, "/a?b=c")
    assert target.authority == "[2001:4860:4860::8888]:8443"


@given(st.text(max_size=60))
def test_any_text_is_either_refused_or_read_as_plain_ascii(text):
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            target = check_url(url, PUBLIC_ONLY)
        except BadAddress:
            continue
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url
        assert check_url(target.url, PUBLIC_ONLY) == target
