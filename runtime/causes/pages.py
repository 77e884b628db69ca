"""Causes known by the page that a framework, proxy, firewall, tunnel or host sends in place of your answer.

The words are those that the makers write, in small letters; each has a recorded page in the tests.
"""

from runtime.causes.cause import Cause, shows
from runtime.causes.clues import Clues


def _is_csrf_page(clues: Clues) -> bool:
    if clues.status == 419:  # Laravel's own number for it
        return True
    words = ("csrf", "invalidauthenticitytoken", "invalid authenticity token", "change you wanted was rejected")
    return clues.status in (400, 403, 422) and clues.has(*words)


def _is_challenge(clues: Clues) -> bool:
    named = clues.has(
        "just a moment", "attention required! | cloudflare", "checking your browser", "verify you are human"
    )
    return clues.status >= 400 and (bool(clues.header("cf-mitigated")) or named)


def _is_tunnel_offline(clues: Clues) -> bool:
    is_ngrok = clues.header("ngrok-error-code") in ("err_ngrok_3200", "err_ngrok_727") or clues.has("err_ngrok_3200")
    return clues.status >= 400 and (is_ngrok or clues.has("tunnel error", "no tunnel here", "tunnel unavailable"))


def _is_tunnel_warning(clues: Clues) -> bool:
    names = ("err_ngrok_6024", "you are about to visit", "tunnel password", "friendly reminder")
    return clues.status in (200, 401, 403, 408, 511) and clues.has(*names)


def _is_tunnel_without_server(clues: Clues) -> bool:
    return clues.status == 502 and (clues.header("ngrok-error-code") == "err_ngrok_8012" or clues.has("err_ngrok_8012"))


def _is_gateway_route(clues: Clues) -> bool:
    return clues.status == 403 and clues.has("missing authentication token")


def _is_gateway_key(clues: Clues) -> bool:
    return clues.status == 403 and clues.header("x-amzn-errortype").startswith("forbidden")


def _is_log_in_form(clues: Clues) -> bool:
    return clues.is_success and clues.is_html and clues.has('type="password"', "type=password", "type='password'")


def _is_static_host(clues: Clues) -> bool:
    servers = ("amazons3", "github.com", "netlify", "cloudflare pages")
    return clues.status == 405 and (
        clues.header("server").startswith(servers) or clues.has("<code>methodnotallowed</code>")
    )


PAGES = (
    # --- Tunnels ------------------------------------------------------------------------------------
    Cause(
        "tunnel-offline",
        _is_tunnel_offline,
        "The tunnel that the endpoint leads through is offline, or has another address by now.",
        "Start the tunnel again, and enter its address if it changed.",
    ),
    Cause(
        "tunnel-without-server",
        _is_tunnel_without_server,
        "The tunnel works, but your own server at its other end does not answer.",
        "Start your server, and let the tunnel point to its port.",
    ),
    Cause(
        "tunnel-warning",
        _is_tunnel_warning,
        "The tunnel shows visitors a warning page before it lets them through.",
        "Switch the warning page off, or use a tunnel without one.",
    ),
    # --- Firewalls ------------------------------------------------------------------------------------
    Cause(
        "browser-challenge",
        _is_challenge,
        "A firewall wants to see that a person in a browser is asking.",
        "Add a rule to the firewall that lets POST requests to the endpoint's path through without a challenge.",
    ),
    Cause(
        "firewall-block",
        shows(
            "sorry, you have been blocked",
            "incapsula incident",
            "request blocked",
            "web application firewall",
            "mod_security",
            "the requested url was rejected",
            "errors.edgesuite.net",
            "sucuri website firewall",
            among=(403, 406, 429, 503),
        ),
        "A firewall in front of the endpoint blocked the request; your application never saw it.",
        "Let User-Agent Segment.io/1.0 through at the endpoint's path. Rules on “code in the body” often hit events.",
    ),
    Cause(
        "server-denies",
        shows("<h1>403 forbidden</h1>", "you don't have permission to access", among=(403,)),
        "The web server itself refuses this path, by a rule on addresses or because it looks for a file there.",
        "Look at deny rules and the document root in its settings: the request never reached your application.",
    ),
    # --- The wrong door -------------------------------------------------------------------------------
    Cause(
        "http-on-https-port",
        shows(
            "plain http request was sent to https port",
            "sent an http request to an https server",
            "speaking plain http to an ssl",
        ),
        "The endpoint's address says http, but the port speaks https.",
        "Enter the endpoint with https://.",
    ),
    Cause(
        "host-not-allowed",
        shows(
            "invalid http_host header",
            "disallowedhost",
            "invalid host header",
            "blocked request. this host",
            "blocked host",
        ),
        "The framework does not know the host name under which it is asked.",
        "Add the host name to its list: ALLOWED_HOSTS in Django, config.hosts in Rails, allowedHosts in a dev server.",
    ),
    Cause(
        "csrf-check",
        _is_csrf_page,
        "The framework's protection against forged forms (CSRF) refuses the request.",
        "Exempt the endpoint: @csrf_exempt in Django, skip_forgery_protection in Rails, the except list in Laravel.",
    ),
    Cause(
        "gateway-no-route",
        _is_gateway_route,
        "Amazon API Gateway has no route for this path; it says so with a 403.",
        "Check the stage and path in the endpoint's address, and deploy the API after a change.",
    ),
    Cause(
        "gateway-wants-key",
        _is_gateway_key,
        "Amazon API Gateway wants a key of its own in X-API-Key, or its authorizer said no.",
        "Switch “API key required” off for this route, and check the key in your own code.",
    ),
    Cause(
        "nothing-deployed",
        shows(
            "no such app",
            "deployment_not_found",
            "there isn't a github pages site here",
            "nosuchbucket",
            "this deployment cannot be found",
            "site not found",
            among=(404, 410),
        ),
        "The hosting service answers that nothing is deployed under this name.",
        "Deploy the application, or correct the host name of the endpoint.",
    ),
    Cause(
        "static-host",
        _is_static_host,
        "The endpoint lies on a host for files, which take no POST.",
        "Enter the address of your application or function instead.",
    ),
    Cause(
        "no-route-in-framework",
        shows(
            "cannot post /",
            "the requested url was not found on the server",
            "page not found (404)",
            "no route matches [post]",
            "using the urlconf defined in",
            '{"detail":"not found"}',
            "could not be found.",
            among=(404,),
        ),
        "The application runs, but has no route for POST at this path.",
        "Compare the path with your routes, and mind a prefix such as /api and a slash at the end.",
    ),
    Cause(
        "log-in-page",
        _is_log_in_form,
        "A log-in page answers with a success status, so events vanish there.",
        "Take the endpoint's path out of what needs a session: events carry the API key instead.",
    ),
    # --- Between proxy and origin -----------------------------------------------------------------------
    Cause(
        "origin-down",
        lambda clues: clues.status in (521, 523) or (clues.status == 530 and clues.has("1016", "1033")),
        "Cloudflare answers, but cannot reach your server behind it.",
        "Check that the server is up, that Cloudflare has its right address, and that its firewall lets Cloudflare in.",
    ),
    Cause(
        "origin-slow",
        lambda clues: clues.status in (522, 524),
        "Cloudflare answers, because your server behind it did not in time.",
        "Take the event, answer 202 at once, and process it afterwards.",
    ),
    Cause(
        "origin-tls",
        lambda clues: clues.status in (525, 526),
        "Cloudflare answers, because it cannot set up a secure connection to your server.",
        "Install a valid certificate on the server, or correct the SSL mode in Cloudflare.",
    ),
    Cause(
        "origin-odd-answer",
        lambda clues: clues.status == 520,
        "Cloudflare answers, because your server sent it something that it could not read, or nothing at all.",
        "Look for a crash in your server's log, and for answers with headers that are too large.",
    ),
)
