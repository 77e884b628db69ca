"""Causes of no complete answer: name, address, connection, TLS, time, and broken HTTP."""

from runtime.causes.cause import Cause, failed
from runtime.causes.clues import Clues
from runtime.egress import ErrorKind

_ANSWER_FIRST = "Take the event, answer 202 at once, and process it afterwards."


def _broke_off_in_chunks(clues: Clues) -> bool:
    return clues.kind is ErrorKind.INCOMPLETE and clues.is_chunked


def _stalled_in_body(clues: Clues) -> bool:
    return clues.kind is ErrorKind.TIMEOUT and clues.response is not None


def _never_read(clues: Clues) -> bool:
    """Connected, and the time ran out before our request was out."""
    return clues.kind is ErrorKind.TIMEOUT and clues.exchange.timings.first_byte is None


def _wants_certificate(clues: Clues) -> bool:
    """By an alert, or as nginx says it."""
    by_alert = clues.kind is ErrorKind.RESET and "client certificate" in clues.said
    return by_alert or (clues.status == 400 and clues.has("no required ssl certificate was sent"))


CONNECTION = (
    Cause(
        "public-needs-https",
        failed(ErrorKind.REFUSED_ADDRESS, "by https"),
        "The host is on the public internet, but the endpoint uses plain http or an unusual port.",
        "Use https:// and port 443, 80 or 8443.",
    ),
    Cause(
        "private-address",
        failed(ErrorKind.REFUSED_ADDRESS),
        "The host name points into a private or reserved network, where we never connect to.",
        "Point the name to a public address and remove private ones from its DNS records. To test a server on your "
        "own machine, give it a public https address with a tunnel.",
    ),
    Cause(
        "dns-no-address",
        failed(ErrorKind.DNS_NOT_FOUND, "has no address"),
        "The host name exists, but it has no address.",
        "Add an A, AAAA or CNAME record for exactly this name.",
    ),
    Cause(
        "dns-no-such-name",
        failed(ErrorKind.DNS_NOT_FOUND),
        "The host name does not exist.",
        "Check its spelling. A name that was just made may need some minutes to be known everywhere.",
    ),
    Cause(
        "dns-slow",
        failed(ErrorKind.DNS_FAILED, "took more than"),
        "The name servers of your domain did not answer in time.",
        "Check that all name servers that your domain lists are up and reachable.",
    ),
    Cause(
        "dns-server-failure",
        failed(ErrorKind.DNS_FAILED),
        "The name servers of your domain reported a failure, or DNSSEC does not check out.",
        "Look at the domain with a DNS checker: a lapsed domain and wrong DNSSEC keys are usual causes.",
    ),
    Cause(
        "connection-refused",
        failed(ErrorKind.CONNECT_REFUSED),
        "The machine is there, but nothing accepts connections on this port.",
        "Start your server, check the port, and let it listen on all addresses (0.0.0.0), not on 127.0.0.1 alone.",
    ),
    Cause(
        "connect-timeout",
        failed(ErrorKind.CONNECT_TIMEOUT),
        "The machine did not react to our connection: it is down, or a firewall drops packets without a word.",
        "Check that the server is up, and open the port in its firewall or security group.",
    ),
    Cause(
        "no-route",
        failed(ErrorKind.UNREACHABLE),
        "There is no route to the machine.",
        "Check the addresses in the DNS records; an IPv6 record without a working route is a usual cause.",
    ),
    Cause(
        "tls-expired",
        failed(ErrorKind.TLS, "has expired"),
        "The certificate of the endpoint has expired.",
        "Renew the certificate, and check why it was not renewed by itself.",
    ),
    Cause(
        "tls-not-yet-valid",
        failed(ErrorKind.TLS, "not valid yet"),
        "The certificate of the endpoint starts to be valid later.",
        "Check the dates in the certificate, and the clock of the machine that issued it.",
    ),
    Cause(
        "tls-self-signed",
        failed(ErrorKind.TLS, "self-signed"),
        "The certificate of the endpoint is signed by itself, not by a public authority.",
        "Install a certificate from a public authority; Let's Encrypt gives them away free.",
    ),
    Cause(
        "tls-unknown-issuer",
        failed(ErrorKind.TLS, "issuer is unknown"),
        "The issuer of the certificate is unknown: usually the intermediate certificate is missing.",
        "Configure the full chain (often a file named fullchain.pem) instead of the certificate alone.",
    ),
    Cause(
        "tls-private-authority",
        failed(ErrorKind.TLS, "not publicly trusted"),
        "The certificate comes from an authority that only your own machines trust.",
        "Install a certificate from a public authority.",
    ),
    Cause(
        "tls-wrong-host",
        failed(ErrorKind.TLS, "for another"),
        "The certificate is for another name than that of the endpoint.",
        "Issue a certificate that lists this host name, or enter the endpoint under the name that it lists.",
    ),
    Cause(
        "tls-plain-http",
        failed(ErrorKind.TLS, "plain HTTP"),
        "The port speaks plain HTTP, while the endpoint's address says https.",
        "Enter the port on which your server speaks TLS, or set TLS up on this one.",
    ),
    Cause(
        "tls-too-old",
        failed(ErrorKind.TLS, "too old"),
        "The server offers only TLS 1.1 or older, which is no longer secure.",
        "Allow TLS 1.2 and 1.3 in the server's settings.",
    ),
    Cause(
        "tls-refused",
        failed(ErrorKind.TLS, "refused the handshake"),
        "The server refused the TLS handshake: it knows no certificate for this name, or shares no cipher with us.",
        "Check that the host name is set up in the server or proxy with a certificate and with modern ciphers.",
    ),
    Cause(
        "tls-broken-off",
        failed(ErrorKind.TLS),
        "The server broke off while the secure connection was being set up.",
        "Check that this port speaks TLS 1.2 or later, and that the certificate's key is readable to the server.",
    ),
    Cause(
        "tls-timeout",
        failed(ErrorKind.TIMEOUT, "TLS handshake"),
        "The server took our connection, but never answered the TLS handshake.",
        "Check that this port speaks TLS, and that the server is not overloaded.",
    ),
    Cause(
        "request-not-read",
        _never_read,
        "The server took our connection, but did not read the request.",
        "All its workers may be busy or stuck: look at their number, and restart the application.",
    ),
    Cause(
        "body-stalled",
        _stalled_in_body,
        "The server sent the head of an answer, and then its body dripped or stopped.",
        "Send the whole answer at once, with Content-Length; an open stream never counts as an answer.",
    ),
    Cause(
        "no-first-byte",
        failed(ErrorKind.TIMEOUT),
        "The server read the request, but did not answer in time.",
        _ANSWER_FIRST,
    ),
    Cause(
        "empty-reply",
        failed(ErrorKind.RESET, "without an answer"),
        "The server closed the connection without a word.",
        "Your application probably crashed, or hit a limit on memory or time: look into its log at this moment.",
    ),
    Cause(
        "client-certificate-wanted",
        _wants_certificate,
        "The server wants a client certificate (mutual TLS).",
        "Switch client certificates off for this endpoint: events carry the API key instead.",
    ),
    Cause(
        "connection-reset",
        failed(ErrorKind.RESET),
        "The connection broke off in the middle of the answer.",
        "Check whether the application or its proxy restarted or crashed during this request.",
    ),
    Cause(
        "chunks-broken",
        _broke_off_in_chunks,
        "The answer comes in chunks, and they break off or are badly written.",
        "Let your web framework write the answer, or send a plain body with Content-Length.",
    ),
    Cause(
        "body-too-short",
        failed(ErrorKind.INCOMPLETE),
        "The body of the answer is shorter than its Content-Length.",
        "Count bytes, not characters, or let your web framework set Content-Length.",
    ),
    Cause(
        "headers-too-large",
        failed(ErrorKind.TOO_LARGE),
        "The headers of the answer are too large or too many.",
        "Send at most 16 kB and 99 lines of headers. Cookies that pile up are a usual cause.",
    ),
    Cause(
        "not-http",
        failed(ErrorKind.PROTOCOL),
        "What came back is not HTTP/1.1.",
        "Check that a web server listens on this port, and not a mail, SSH or database server or one that speaks "
        "only HTTP/2.",
    ),
)
