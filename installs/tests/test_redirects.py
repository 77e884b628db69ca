"""Which addresses can be registered as redirect URIs (SECURITY T16)."""

import pytest
from django.core.exceptions import ValidationError

from installs.redirects import MAX_LENGTH, check

GOOD = [
    "https://example.com",
    "https://example.com/",
    "https://example.com/auth/segment/callback",
    "https://example.com:8443/callback?tenant=7&next=%2Fhome",
    "https://sub-domain.example.com/a;b=c/(d)/~e",
    "https://xn--bcher-kva.example/callback",
    "https://203.0.113.7/callback",
    "https://[2001:db8::1]/callback",
    "https://localhost/callback",
    "http://localhost:8888/auth/segment/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:8080/callback",
    "https://example.com/" + "a" * (MAX_LENGTH - 20),
]
# The code of the refusal -> addresses.
BAD = {
    "empty": [""],
    "long": ["https://example.com/" + "a" * (MAX_LENGTH - 19)],
    "wildcard": ["https://*.example.com/callback", "https://example.com/*", "*"],
    "backslash": ["https://example.com\\@evil.example/", "https:\\\\example.com/", "https://example.com/\\..\\"],
    "fragment": ["https://example.com/callback#", "https://example.com/#/callback", "https://evil.example#@example.com"],
    "letters": ["https://exämple.com/callback", "https://example.com/früh", "https://еxample.com/", "https://example。com/"],
    "characters": [
        " https://example.com/", "https://example.com/ ", "https://example.com/a b", "https://example.com/\n",
        "https://example.com/\r\nX: y", "https://exam\tple.com/", "https://example.com/\x00", "https://example.com/<a>",
        'https://example.com/"', "https://example.com/{tenant}", "https://example.com/%", "https://example.com/%zz",
        "https://example.com/^", "https://example.com/|", "https://example.com/`",
    ],
    "scheme": [
        "example.com/callback", "/callback", "//example.com/callback", "callback", "https:example.com",
        "https:/example.com", "javascript:alert(1)", "data:text/html,hi", "ftp://example.com/", "myapp://callback",
        "urn:ietf:wg:oauth:2.0:oob", "HTTPS://example.com/", "file:///etc/passwd", "?code=1",
    ],
    "userinfo": ["https://user@example.com/", "https://user:pass@example.com/", "https://example.com@evil.example/"],
    "host": [
        "https://", "https:///callback", "https://.example.com/", "https://example.com./", "https://exam_ple.com/",
        "https://example..com/", "https://-example.com/", "https://example.com%2eevil.example/", "https://[::1/",
        "https://[evil.example]/", "https://[]/", "https://[::1%25eth0]/", "https://ex]ample/", "https://:443/",
        "https://" + "a" * 64 + ".example/", "https://a,b/",
    ],
    "port": ["https://example.com:/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:a/",
             "https://example.com:443:443/", "https://[::1]x/", "https://example.com:0443/"],
    "http": [
        "http://example.com/callback", "http://localhost.evil.example/", "http://127.0.0.2/", "http://127.1/",
        "http://0.0.0.0/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://LOCALHOST/", "http://[::]/",
        "http://10.0.0.1/",
    ],
    "dots": ["https://example.com/../callback", "https://example.com/a/%2e%2E/b", "https://example.com/./a",
             "https://example.com/a/..", "https://example.com/.%2e"],
    "parameter": ["https://example.com/?code=mine", "https://example.com/?a=b&state=", "https://example.com/?%63ode=1"],
}  # fmt: skip


@pytest.mark.parametrize("uri", GOOD)
def test_full_addresses_can_be_registered(uri):
    check(uri)


@pytest.mark.parametrize(("code", "uri"), [(code, uri) for code, uris in BAD.items() for uri in uris])
def test_anything_that_can_be_read_in_two_ways_is_refused_with_a_sentence(code, uri):
    with pytest.raises(ValidationError) as refused:
        check(uri)
    assert refused.value.code == code
    assert refused.value.message.endswith((".", "…"))
