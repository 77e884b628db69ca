"""Causes that status and headers show by themselves, redirects included."""

import re

from runtime.causes.cause import Cause, answered, shows
from runtime.causes.clues import Clues

_LOGIN = re.compile(r"log-?in|sign-?in|sso|oauth|/auth\b|saml")


def _to_login(clues: Clues) -> bool:
    return clues.is_redirect and bool(_LOGIN.search(f"{clues.led_host}{clues.location.path}"))


def _to_https(clues: Clues) -> bool:
    same = clues.led_host == clues.asked_host and clues.location.path == clues.asked_path
    return clues.is_redirect and clues.location.scheme == "https" and same


def _to_slash(clues: Clues) -> bool:
    """To the same path with a slash more or less, on whatever host and scheme."""
    paths = clues.asked_path, clues.location.path
    return clues.is_redirect and paths[0] != paths[1] and paths[0].rstrip("/") == paths[1].rstrip("/")


def _to_other_host(clues: Clues) -> bool:
    return clues.is_redirect and clues.led_host != clues.asked_host


def _wants_bearer(clues: Clues) -> bool:
    return clues.status == 401 and ("bearer" in clues.header("www-authenticate") or clues.has("bearer"))


def _wants_other_header(clues: Clues) -> bool:
    return clues.status in (401, 403) and clues.has("x-api-key", "api key header", "apikey header")


def _wants_basic(clues: Clues) -> bool:
    return clues.status == 401 and "basic" in clues.header("www-authenticate")


def _says_when(clues: Clues) -> bool:
    return clues.status == 429 and bool(clues.header("retry-after"))


def _is_planned_outage(clues: Clues) -> bool:
    return clues.status == 503 and (bool(clues.header("retry-after")) or clues.has("maintenance"))


def _hides_error(clues: Clues) -> bool:
    return clues.is_success and clues.admits_error


def _is_cut(clues: Clues) -> bool:
    return clues.is_success and clues.response is not None and clues.response.truncated


def _is_website(clues: Clues) -> bool:
    return clues.is_success and clues.is_html


def _is_html_refusal(clues: Clues) -> bool:
    return clues.status == 400 and clues.is_html


_REQUIRED = (
    "is required", "field required", "are required", "missing required", "required property", "can't be blank",
    "may not be blank", "must not be null", "is missing", "missing field", "cannot be null",
)  # fmt: skip
_NOT_JSON = (
    "json parse", "unexpected token", "unexpected end of json", "expecting value", "invalid json", "malformed json",
    "not valid json", "json decode", "jsondecodeerror", "problems parsing json", "failed to decode json",
    "could not parse", "cannot parse", "parse error",
)  # fmt: skip

ANSWERS = (
    # --- Redirects ----------------------------------------------------------------------------------
    Cause(
        "redirect-to-login",
        _to_login,
        "The endpoint sends visitors who are not signed in to a log-in page.",
        "Take the endpoint's path out of what needs a session: events carry the API key instead.",
    ),
    Cause(
        "redirect-to-https",
        _to_https,
        "The endpoint redirects from http to https, and redirects are not followed.",
        "Enter the endpoint with https://.",
    ),
    Cause(
        "redirect-to-slash",
        _to_slash,
        "The endpoint redirects to the same address with or without a slash at its end.",
        "Enter the address exactly as the Location header gives it.",
    ),
    Cause(
        "redirect-to-other-host",
        _to_other_host,
        "The endpoint redirects to another host, as from example.com to www.example.com.",
        "Enter the address in the Location header as the endpoint.",
    ),
    Cause(
        "redirect",
        lambda clues: clues.is_redirect,
        "The endpoint redirects to another address, and redirects are not followed.",
        "Enter the address in the Location header as the endpoint, or answer right where you are asked.",
    ),
    # --- Who may ----------------------------------------------------------------------------------
    Cause(
        "key-in-other-header",
        _wants_other_header,
        "The server looks for the key in a header such as X-API-Key.",
        "Read the key from the Authorization header: it is the user name of Basic authorization.",
    ),
    Cause(
        "bearer-expected",
        _wants_bearer,
        "The server expects a Bearer token, but the key comes as the user name of Basic authorization.",
        "Accept Basic authorization at this endpoint: decode it and cut off the colon at the end.",
    ),
    Cause(
        "password-expected",
        _wants_basic,
        "The server expects a user name with a password, but the key comes as user name with an empty password.",
        "Compare the part before the colon with the customer's API key, and let the password be empty.",
    ),
    # --- What is asked ------------------------------------------------------------------------------
    Cause(
        "json-not-read",
        shows(*_NOT_JSON, among=(400, 422)),
        "The endpoint tried to read the body as JSON and failed.",
        "Read the raw body as UTF-8 exactly once: a body that something else has read before is empty.",
    ),
    Cause(
        "field-required",
        shows(*_REQUIRED, among=(400, 422)),
        "The endpoint insists on a field that this event does not have.",
        "Make the field optional: of all fields only type, messageId, the times, and a userId or an anonymousId are "
        "always there.",
    ),
    Cause(
        "schema-refused",
        answered(422),
        "The endpoint reads the event, but its own rules for the content refuse it.",
        "Loosen the rules: names and types of properties are the customer's choice.",
    ),
    Cause(
        "refused-as-website",
        _is_html_refusal,
        "A proxy or framework refused the request with a page of its own, before your code saw it.",
        "Look into the proxy's log. Large headers, an unknown host name and odd characters are usual causes.",
    ),
    Cause(
        "wrong-path",
        answered(404),
        "The server works, but has nothing at this path.",
        "Compare the path of the endpoint with the route in your server, including a slash at the end.",
    ),
    Cause(
        "post-not-allowed",
        answered(405),
        "There is something at this path, but it does not take POST.",
        "Add POST to the route's methods. A slash that is missing at the end can also lead to the wrong route.",
    ),
    Cause(
        "not-acceptable",
        answered(406),
        "The endpoint says that it cannot answer in a form that we accept.",
        "We accept everything (Accept: */*). Look for a rule on Accept, or for a firewall that answers 406.",
    ),
    Cause(
        "proxy-login",
        answered(407),
        "A proxy in front of the endpoint asks for a log-in of its own.",
        "Give the endpoint an address that is reached without that proxy.",
    ),
    Cause(
        "request-timed-out",
        answered(408),
        "The server gave up waiting for the request.",
        "It probably waits for more than Content-Length announces. Read exactly that many bytes.",
    ),
    Cause(
        "conflict",
        answered(409),
        "The endpoint finds that it has this already.",
        "Answer 2xx to a messageId that you have seen: retries repeat events.",
    ),
    Cause(
        "gone",
        answered(410),
        "The endpoint says that this address was given up for good.",
        "Enter the new address of your webhook.",
    ),
    Cause(
        "length-required",
        answered(411),
        "The server did not see the Content-Length that we send: something in between took it away.",
        "Check the proxy or load balancer in front of your application.",
    ),
    Cause(
        "body-limit",
        answered(413),
        "A limit on the size of requests is too tight.",
        "Allow at least 32 kB: client_max_body_size in nginx, the limit option of express.json, "
        "DATA_UPLOAD_MAX_MEMORY_SIZE in Django.",
    ),
    Cause(
        "address-too-long",
        answered(414),
        "The server finds the endpoint's address too long.",
        "Shorten the path and query of the endpoint.",
    ),
    Cause(
        "content-type-refused",
        answered(415),
        "The endpoint does not take Content-Type: application/json.",
        "Switch the reading of JSON on for this route.",
    ),
    Cause(
        "wrong-virtual-host",
        answered(421),
        "The server that answered is not responsible for this host name.",
        "Add the host name to the server's or load balancer's settings, with its certificate.",
    ),
    Cause(
        "upgrade-required",
        answered(426, 505),
        "The server insists on another version of the protocol; events are sent with HTTP/1.1.",
        "Allow HTTP/1.1 at this endpoint.",
    ),
    Cause(
        "rate-limit-with-time",
        _says_when,
        "The endpoint limits how many requests it takes, and says when to come back.",
        "Nothing is lost: events are retried for up to four hours. Raise the limit if customers wait too long.",
    ),
    Cause(
        "rate-limit",
        answered(429),
        "The endpoint limits how many requests it takes, without saying when to come back.",
        "Send a Retry-After header with the seconds to wait, and raise the limit for this key if you can.",
    ),
    Cause(
        "request-headers-too-large",
        answered(431, 494),
        "The server's limit on request headers is too tight: settings travel in X-Segment-Settings.",
        "Allow at least 16 kB of headers (large_client_header_buffers in nginx, --max-http-header-size in Node).",
    ),
    # --- What went wrong inside -----------------------------------------------------------------------
    Cause(
        "planned-outage",
        _is_planned_outage,
        "The endpoint is closed for a while, probably for maintenance.",
        "Nothing is lost: events are retried for up to four hours. Run the suite again when it is over.",
    ),
    Cause(
        "proxy-without-app",
        answered(502),
        "A proxy answered, but got nothing usable from your application behind it.",
        "Check that the application runs, that the proxy points to its port, and that it did not crash on this event.",
    ),
    Cause(
        "no-capacity",
        answered(503),
        "Your server or its load balancer has no healthy instance at the moment.",
        "Check that the application is up and passes its health checks.",
    ),
    Cause(
        "proxy-waited",
        answered(504),
        "A proxy waited for your application until its own limit ran out.",
        "Take the event, answer 202 at once, and process it afterwards.",
    ),
    Cause(
        "disk-full",
        answered(507),
        "The server has no room left.",
        "Free some disk space or quota on the server.",
    ),
    Cause(
        "captive-portal",
        answered(511),
        "A network in front of the server wants somebody to sign in first, and answers in its place.",
        "Give the endpoint a public address that does not pass through that network.",
    ),
    # --- A success that is none -----------------------------------------------------------------------
    Cause(
        "success-with-error",
        _hides_error,
        "The status says success, but the body speaks of an error.",
        "Answer with 4xx or 5xx when an event fails: only the status counts, and nobody reads the body of a success.",
    ),
    Cause(
        "website-answers",
        _is_website,
        "A web page answers, as if a person had opened it in a browser: perhaps this is not your webhook.",
        "Check the path of the endpoint. Frameworks with pages on the client answer 200 to any address.",
    ),
    Cause(
        "answer-too-large",
        _is_cut,
        "The body of the answer is larger than 64 kB; we read no further.",
        "Answer with an empty or small body: nobody reads that of a success.",
    ),
    Cause(
        "not-an-http-answer",
        answered(101),
        "The server wants to change to another protocol, such as WebSocket.",
        "Enter the address of a plain HTTP endpoint.",
    ),
)
