"""A partner's server as one would write it today: Authlib with PKCE, a `state` and a verifier for each visitor.

`PARTNER` carries its settings as JSON; see tests/oauth_clients/partners.py for what it answers. It runs on its own, in
a process that knows nothing of this project.
"""

import html
import json
import os
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests import Response
from requests.auth import HTTPBasicAuth

PATHS = ["destination.enabled", "destination.config", "destination.connection_mode"]
Answer = dict[str, Any]


class Refused(Exception):
    """The customer or the server said no; carries what came back."""


class Partner:
    """`given` as written by tests/oauth_clients/partners.py."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.verifiers: dict[str, str] = {}
        self.session = self._new_session()
        self.callback, self.previous, self.times = "", "", 0

    def _new_session(self) -> OAuth2Session:
        given = self.given
        return OAuth2Session(
            given["client_id"], given["client_secret"], scope=given["scope"], redirect_uri=given["redirect_uri"],
            code_challenge_method="S256", token_endpoint=given["token_url"], default_timeout=20,
        )  # fmt: skip

    # --- The flow

    def start(self) -> str:
        """Where the visitor is sent."""
        verifier = secrets.token_urlsafe(48)
        address, state = self.session.create_authorization_url(self.given["authorization_url"], code_verifier=verifier)
        self.verifiers[state] = verifier
        return str(address)

    def connect(self, address: str) -> list[Answer]:
        """The visitor comes back: the code becomes a token, and the token a destination."""
        came = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        if came.get("state") not in self.verifiers:
            raise Refused({"error": "unknown state"})
        if "error" in came:
            raise Refused(came)
        if came.get("iss") != self.given["issuer"]:  # RFC 9207
            raise Refused({"error": f"issuer is {came.get('iss')}"})
        self.callback = address
        self.exchange()
        return self.enable()

    def exchange(self) -> None:
        state = parse_qs(urlsplit(self.callback).query)["state"][0]
        self.session.fetch_token(authorization_response=self.callback, state=state, code_verifier=self.verifiers[state])

    # --- What the token is for

    def enable(self) -> list[Answer]:
        """Creates the destination; where there is one, brings it up to date. All answers, in order."""
        self.times += 1
        source, name = self.session.token["source_names"][0], self.name
        value = f"{self.given['api_key']}-{self.times}"
        destination = {
            "name": name, "connection_mode": "CLOUD", "enabled": True,
            "config": [{"name": f"{name}/config/apiKey", "value": value}],
        }  # fmt: skip
        created = self.call("POST", f"{source}/destinations", {"destination": destination})
        if "destination already exists" not in created["body"].get("error", ""):
            return [created]
        return [created, self.call("PATCH", name, {"destination": destination, "update_mask": {"paths": PATHS}})]

    @property
    def name(self) -> str:
        return f"{self.session.token['source_names'][0]}/destinations/{self.given['destination']}"

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        return told(self.session.request(method, f"{self.given['api_url']}/{path}", json=body))

    def read(self) -> Answer:
        return self.call("GET", self.name)

    def read_with_old(self) -> Answer:
        headers = {"Authorization": f"Bearer {self.previous}"}
        return told(self.session.get(f"{self.given['api_url']}/{self.name}", withhold_token=True, headers=headers))

    # --- The next token

    def renew(self) -> Answer:
        """The original's way (D43): GET, with the client's own credentials."""
        token = self.session.token
        credentials = HTTPBasicAuth(self.given["client_id"], self.given["client_secret"])
        answer = self.session.get(f"{self.given['api_url']}/{token['install_name']}/token", auth=credentials)
        if answer.status_code != 200:
            return told(answer)
        return self.keep(token, {**token, **answer.json()})

    def refresh(self) -> Answer:
        token = dict(self.session.token)
        return self.keep(token, {**token, **self.session.refresh_token()})

    def exchange_again(self) -> Answer:
        token = dict(self.session.token)
        try:
            self.exchange()
        finally:
            self.session.token = token
        return self.keep(token, token)

    def keep(self, old: dict[str, Any], new: dict[str, Any]) -> Answer:
        self.previous, self.session.token = old["access_token"], new
        return {"status": 200, "body": {key: value for key, value in new.items() if not key.endswith("_token")}}

    def act(self, name: str) -> Any:
        try:
            return getattr(self, name.replace("-", "_"))()
        except AuthlibBaseError as error:
            return {"status": 400, "body": {"error": error.error, "error_description": error.description}}


def told(answer: Response) -> Answer:
    return {"status": answer.status_code, "body": answer.json()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    partner: Partner
    lock = threading.Lock()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/auth/segment":
            self.answer(302, "", ("Location", self.partner.start()))
        elif path == urlsplit(self.partner.given["redirect_uri"]).path:
            self.come_back()
        else:
            self.show("Sign-up", '<a href="/auth/segment">Enable with Segment</a>')

    def do_POST(self) -> None:
        with self.lock:
            found = self.partner.act(self.path.removeprefix("/do/"))
        self.answer(200, json.dumps(found), ("Content-Type", "application/json"))

    def come_back(self) -> None:
        try:
            with self.lock:
                found, title = self.partner.connect(self.path), "Connected"
        except Refused as error:
            found, title = error.args[0], "Not connected"
        except AuthlibBaseError as error:
            found, title = {"error": error.error, "error_description": error.description}, "Not connected"
        self.show(title, f"<pre>{html.escape(json.dumps(found), quote=False)}</pre>")

    def show(self, title: str, content: str) -> None:
        head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        page = f'{head}<link rel="icon" href="data:,"><h1>{title}</h1>{content}'
        self.answer(200, page, ("Content-Type", "text/html; charset=utf-8"))

    def answer(self, status: int, body: str, *headers: tuple[str, str]) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    given = json.loads(os.environ["PARTNER"])
    Handler.partner = Partner(given)
    ThreadingHTTPServer((given["host"], given["port"]), Handler).serve_forever()


if __name__ == "__main__":
    main()
