from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.egress import EgressPolicy
from runtime.egress.policy import embedded_ipv4
from runtime.tests.corpora import lines

PUBLIC_ONLY = EgressPolicy()
LOOPBACK = EgressPolicy.from_setting("127.0.0.0/8,::1/128")


def test_corpora_are_large_enough_to_mean_something():
    assert len(lines("addresses_refused.txt")) >= 80
    assert len(lines("addresses_good.txt")) >= 20


@pytest.mark.parametrize("address", lines("addresses_refused.txt"))
def test_refuses_with_a_reason(address):
    verdict = PUBLIC_ONLY.classify(address)

    assert not verdict.allowed
    assert verdict.reason.startswith("it ")


@pytest.mark.parametrize("address", lines("addresses_good.txt"))
def test_allows_public_unicast(address):
    assert PUBLIC_ONLY.classify(address).allowed


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "１２７.0.0.1", "8.8.8.8 "])
def test_refuses_what_is_not_an_address(text):
    assert PUBLIC_ONLY.classify(text).reason == "it is not an IP address"


@given(st.ip_addresses(v=4))
def test_never_allows_ipv4_that_python_calls_special(address: IPv4Address):
    if PUBLIC_ONLY.classify(address).allowed:
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.ip_addresses(v=4))
def test_never_allows_an_ipv4_address_hidden_in_ipv6(address: IPv4Address):
    number = int(address)
    hiding_places = [number, 0xFFFF << 32 | number, 0xFFFF << 48 | number]
    hiding_places += [0x64FF9B << 96 | number, 0x64FF9B0001 << 80 | number]
    hiding_places += [0x2002 << 112 | number << 80, 0x20010000 << 96 | (~number & 0xFFFFFFFF)]

    assert not any(PUBLIC_ONLY.classify(IPv6Address(place)).allowed for place in hiding_places)


@given(st.ip_addresses(v=6))
def test_allows_ipv6_only_inside_global_unicast(address: IPv6Address):
    if PUBLIC_ONLY.classify(address).allowed:
        assert address in ip_network("2000::/3")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("::127.0.0.1", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::ffff:0:127.0.0.1", "127.0.0.1"),
        ("64:ff9b::a9fe:a9fe", "169.254.169.254"),
        ("64:ff9b:1::7f00:1", "127.0.0.1"),
        ("2002:7f00:1::", "127.0.0.1"),
        ("2001:0:53aa:64c:0:fbff:80ff:fffe", "127.0.0.1"),
    ],
)
def test_says_which_ipv4_address_is_hidden(text, hidden):
    assert embedded_ipv4(IPv6Address(text)) == IPv4Address(hidden)
    assert hidden in PUBLIC_ONLY.classify(text).reason


@pytest.mark.parametrize("text", ["::", "::1", "2606:4700:4700::1111", "fe80::1"])
def test_finds_no_ipv4_address_where_none_is(text):
    assert embedded_ipv4(IPv6Address(text)) is None


def test_allow_list_opens_exactly_what_it_names():
    assert LOOPBACK.classify("127.9.9.9").allowed
    assert LOOPBACK.classify("::1").allowed
    for address in ("10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0", "::", "fe80::1"):
        assert not LOOPBACK.classify(address).allowed


def test_reads_networks_and_hosts_from_the_setting():
    policy = EgressPolicy.from_setting(" 127.0.0.0/8, ::1 ,Receiver.internal,, host_1")

    assert policy.allow == (ip_network("127.0.0.0/8"), ip_network("::1/128"), "receiver.internal", "host_1")
    assert policy.allows_host("RECEIVER.internal")
    assert not policy.allows_host("other.internal")


def test_an_empty_setting_stays_closed():
    assert not EgressPolicy.from_setting("").is_open
    assert not EgressPolicy.from_setting(" , ").is_open


@pytest.mark.parametrize(
    "entry",
    ["127.0.0.1/8", "10.0.0.0/33", "::1/129", "300.1.1.1", "127.1", "http://x", "a b", "*.example.com", "é"],
)
def test_names_the_entry_that_cannot_be_read(entry):
    with pytest.raises(ValueError, match="EGRESS_ALLOW") as caught:
        EgressPolicy.from_setting(f"127.0.0.0/8,{entry}")

    assert entry in str(caught.value)
