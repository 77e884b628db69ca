"""What each answer of a webhook means (D12), whether it is retried (D30), its code (D31), and what to do.

A table rather than code, so that a test can walk it. Codes are from D31's closed list: statuses that have
none of their own take the nearest, `INVALID_SETTINGS` where the endpoint's address is at fault and
`MESSAGE_REJECTED` otherwise; a timeout takes ECONNABORTED, which is what the original's HTTP client said.
"""

from dataclasses import dataclass, replace

from runtime.egress import ErrorKind

_RETRY = "errors.awaiting-retry."
_DISCARD = "errors.discarded."


@dataclass(frozen=True, slots=True)
class Meaning:
    """`text` says what Segment makes of the answer, `cause` why it is likely, `fix` what to do next."""

    text: str
    cause: str
    fix: str
    code: str = ""

    @property
    def is_retryable(self) -> bool:
        """Sent again for up to four hours (D30)."""
        return self.code.startswith(_RETRY)


_REDIRECT = Meaning(
    "Not delivered: redirects are not followed.",
    "The endpoint answered with a redirect to another address.",
    "Enter the address it redirects to as your endpoint. A missing or extra slash at the end is a usual cause.",
    _DISCARD + "INVALID_SETTINGS",
)
_OTHER_4XX = Meaning(
    "Rejected: not sent again.",
    "The endpoint refused the event with a status that Segment does not give a meaning of its own.",
    "Answer 2xx for events you take, 501 for kinds you do not support, and 400 for events that are malformed.",
    _DISCARD + "MESSAGE_REJECTED",
)
_OTHER_5XX = Meaning(
    "Temporary failure: sent again later.",
    "The endpoint reported a failure of its own.",
    "Look into your server's log at the time of this request.",
    _RETRY + "5xx",
)
_UNKNOWN = Meaning(
    "Not delivered: the status has no meaning here.",
    "The endpoint answered with a status outside 200 to 599.",
    "Answer with one of the documented statuses: 200, 202, 400, 401, 403, 500, 501 or 503.",
    _DISCARD + "MESSAGE_REJECTED",
)
_DELIVERED = Meaning("Delivered and processed.", "The endpoint took the event.", "Nothing to do.")

STATUSES = {
    202: Meaning(
        "Accepted, not yet processed.",
        "The endpoint took the event and will process it later.",
        "Nothing to do. Check in your own service that the data arrives.",
    ),
    400: Meaning(
        "Rejected as malformed: not sent again.",
        "The endpoint found the event malformed or incomplete.",
        "If the event looks right to you, check how your endpoint reads the JSON body, and which fields it "
        "insists on: few are always there.",
        _DISCARD + "400",
    ),
    401: Meaning(
        "API key refused: not sent again.",
        "The endpoint says that the API key is malformed, expired or unknown.",
        "Check the key that you entered. It arrives as the user name of Basic authorization, with an empty "
        "password: decode the Authorization header and cut off the colon at the end.",
        _DISCARD + "401",
    ),
    403: Meaning(
        "Not permitted: not sent again.",
        "The API key is valid but is not allowed to do this, or a firewall in front of the endpoint blocks us.",
        "Give the key permission to write data, and let requests with User-Agent Segment.io/1.0 through.",
        _DISCARD + "403",
    ),
    404: Meaning(
        "Not delivered: there is nothing at this address.",
        "The server works, but it has no page at the endpoint's path.",
        "Compare the path of the endpoint with the route in your server, including a slash at the end.",
        _DISCARD + "INVALID_SETTINGS",
    ),
    405: Meaning(
        "Not delivered: the endpoint does not take POST.",
        "There is something at this path, but it does not accept POST requests.",
        "Make your route accept POST.",
        _DISCARD + "INVALID_SETTINGS",
    ),
    413: Meaning(
        "Rejected as too large: not sent again.",
        "The endpoint, or a proxy in front of it, limits the size of a request too tightly.",
        "Accept bodies of at least 32 kB: that is how large an event may be.",
        _DISCARD + "MESSAGE_REJECTED",
    ),
    415: Meaning(
        "Rejected for its content type: not sent again.",
        "The endpoint does not take JSON.",
        "Accept Content-Type: application/json.",
        _DISCARD + "MESSAGE_REJECTED",
    ),
    429: Meaning(
        "Too many requests: sent again later.",
        "The endpoint limits how many requests it takes.",
        "Raise the limit for this key if you can; events are retried for up to four hours.",
        _RETRY + "429",
    ),
    500: Meaning(
        "Internal error: sent again later.",
        "The endpoint's code failed while it handled the event.",
        "Look into your server's log at the time of this request. An optional field that is missing is a usual cause.",
        _RETRY + "5xx",
    ),
    501: Meaning(
        "Event not supported: not sent again.",
        "The endpoint says that it does not support this kind of event.",
        "Nothing to do if that is what you intend. To support it, answer 200 once it is processed.",
        _DISCARD + "MESSAGE_REJECTED",
    ),
    502: Meaning(
        "Temporary failure: sent again later.",
        "A proxy in front of the endpoint got no good answer from your application.",
        "Check that your application is running and that the proxy points to it.",
        _RETRY + "5xx",
    ),
    503: Meaning(
        "Temporarily unavailable: sent again later.",
        "The endpoint says that it is down for the moment.",
        "Try again when your service is up. Segment holds events and retries them for up to four hours.",
        _RETRY + "5xx",
    ),
    504: Meaning(
        "Temporary failure: sent again later.",
        "A proxy in front of the endpoint waited too long for your application.",
        "Answer first and process later: 202 says so.",
        _RETRY + "5xx",
    ),
}


def meaning_of_status(status: int) -> Meaning:
    """The meaning of any status, listed or not."""
    if status in STATUSES:
        return STATUSES[status]
    by_class = {2: _DELIVERED, 3: _REDIRECT, 4: _OTHER_4XX, 5: _OTHER_5XX}
    return by_class.get(status // 100, _UNKNOWN)


REFUSED = Meaning(
    "Refused, as it should be.",
    "The endpoint noticed that the API key is wrong.",
    "Nothing to do.",
    _DISCARD + "401",
)
NOT_REFUSED = Meaning(
    "Accepted, although the API key is wrong.",
    "The endpoint takes events without looking at the API key.",
    "Compare the user name of the Authorization header with the keys that you gave out, and answer 401 when it is "
    "none of them. Until then a customer who mistyped the key loses data without a word.",
)
UNDECIDED = Meaning(
    "Event not supported: not sent again.",
    "The endpoint looked at the kind of event first, so this says nothing about the API key.",
    "Check the API key before anything else, and answer 401 when it is wrong.",
    _DISCARD + "MESSAGE_REJECTED",
)
UNCLEAR = Meaning(
    "Refused, but the status does not say that the API key is at fault.",
    "The endpoint fails on a wrong API key, or takes it for a fault in the event.",
    "Check the API key before anything else, and answer 401 when it is wrong: then customers are told to correct it.",
    _DISCARD + "400",
)


def meaning_of_refusal(status: int) -> Meaning | None:
    """What the answer to a wrong API key means; None where the status speaks of something else (429, 503)."""
    if 200 <= status < 300:
        return NOT_REFUSED
    named = {
        401: REFUSED,
        403: REFUSED,
        501: UNDECIDED,
        400: UNCLEAR,
        422: UNCLEAR,
        500: replace(UNCLEAR, code=_RETRY + "5xx"),
    }
    return named.get(status)


def _transient(cause: str, fix: str, code: str) -> Meaning:
    return Meaning("No complete answer: sent again later.", cause, fix, _RETRY + code)


def _bad_endpoint(cause: str, fix: str) -> Meaning:
    return Meaning("Not delivered: the endpoint's address cannot be used.", cause, fix, _DISCARD + "INVALID_SETTINGS")


NO_ANSWER = {
    ErrorKind.BAD_URL: _bad_endpoint(
        "The endpoint is not an address that we can send to.",
        "Correct the endpoint. It has to be a public https:// address.",
    ),
    ErrorKind.REFUSED_ADDRESS: _bad_endpoint(
        "The host name points into a private or reserved network.",
        "Point the name to a public address, and remove private ones from its DNS records. To test a "
        "server on your own machine, give it a public https address with a tunnel.",
    ),
    ErrorKind.DNS_NOT_FOUND: _transient(
        "The host name does not exist or has no address.",
        "Check the spelling of the host name. A name that was just made may need some minutes.",
        "ENOTFOUND",
    ),
    ErrorKind.DNS_FAILED: _transient(
        "Looking up the host name failed or took more than five seconds.",
        "Check the name servers of your domain, then try again.",
        "EAI_AGAIN",
    ),
    ErrorKind.CONNECT_REFUSED: _transient(
        "Nothing accepts connections at this host and port.",
        "Start your server, and check the port.",
        "ECONNREFUSED",
    ),
    ErrorKind.CONNECT_TIMEOUT: _transient(
        "The server did not react to the connection in time.",
        "Check that your server is up and that no firewall drops our connections.",
        "ECONNABORTED",
    ),
    ErrorKind.UNREACHABLE: _transient(
        "There is no route to the server.",
        "Check the addresses in the DNS records of the host; an IPv6 record without a working route is a usual cause.",
        "EHOSTUNREACH",
    ),
    ErrorKind.TLS: _transient(
        "The secure connection could not be set up.",
        "Install a certificate for this host name from a public authority, with its intermediate "
        "certificates, and allow TLS 1.2 or later.",
        "ECONNABORTED",
    ),
    ErrorKind.TIMEOUT: _transient(
        "The answer was not complete in time.",
        "Answer within a few seconds: take the event, answer 202, and process it afterwards.",
        "ECONNABORTED",
    ),
    ErrorKind.RESET: _transient(
        "The server closed the connection before a complete answer.",
        "Check whether your application crashed or restarted during this request.",
        "ECONNRESET",
    ),
    ErrorKind.PROTOCOL: _transient(
        "The answer is not valid HTTP/1.1.",
        "Check that a web server, and not another service, listens on this port.",
        "ECONNABORTED",
    ),
    ErrorKind.TOO_LARGE: _transient(
        "The headers of the answer are larger or more than we accept.",
        "Send fewer and smaller headers: at most 16 kB and 99 lines in all.",
        "ECONNABORTED",
    ),
    ErrorKind.INCOMPLETE: _transient(
        "The body of the answer is shorter than announced.",
        "Let your web framework set Content-Length, or check what cuts the answer off.",
        "ECONNRESET",
    ),
}
