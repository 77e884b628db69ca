"""The built-in sample client: what a partner's server does with a code, request by request (D42 to D46).

Touches no database. Each step makes one HTTP request to this product's own public addresses, through the door out,
and says whether the answer is the one that the protocol promises.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from installs.states import ScopeKind
from installs.trial_steps import StepVerdict
from runtime.egress import Exchange, Request
from runtime.webhooks import API_KEY

Send = Callable[[Request], Exchange]
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")
ACCEPT = ("Accept", "application/json")
# What is written into the destination of a trial: nobody's key.
FIRST_KEY, SECOND_KEY = "first-key-of-a-trial", "second-key-of-a-trial"
# The members of a token's answer that a partner's server goes on with (D42).
PROMISED = frozenset({"install_name", "app_name", "workspace_names", "token_type", "expires_in", "scope"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step with what became of it. `id` is a key of `installs.trial_steps.STEPS`."""

    id: str
    verdict: StepVerdict
    message: str
    exchange: Exchange

    @property
    def has_failed(self) -> bool:
        return self.verdict == StepVerdict.FAILED


@dataclass(frozen=True, slots=True)
class Consent:
    """What the sample client knows when the browser comes back.

    `source` is “workspaces/x/sources/y”, empty for the wider scopes. `takes_key`: the App has an API key among its
    settings that takes any text.
    """

    client_id: str
    client_secret: str
    redirect_uri: str
    code: str
    verifier: str
    scope_kind: str
    slug: str
    workspace: str
    source: str
    takes_key: bool
    connection_mode: str = "UNSPECIFIED"


@dataclass(slots=True)
class Sample:
    """One walk through the flow. `oauth` and `api` make addresses of paths.

    `secrets` are all that it holds, tokens included as they come in: what is to be masked.
    """

    consent: Consent
    send: Send
    oauth: Callable[[str], str]
    api: Callable[[str], str]
    install_name: str = ""
    access_tokens: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.secrets |= {self.consent.client_secret, self.consent.code, self.consent.verifier}

    # --- The walk -------------------------------------------------------------------------------------

    def walk(self) -> Iterator[Step]:
        """From the exchange of the code to the second token. The first step that fails is the last one."""
        for step in self._steps():
            yield step
            if step.has_failed:
                return

    def after_the_end(self) -> Iterator[Step]:
        """What is left to try once the install has ended: the newest token, and the spent code."""
        yield self._refused("ended", self._get(self._home, self.access_tokens[-1]), 401, 16)
        yield self._code_again()

    def _steps(self) -> Iterator[Step]:
        yield self._exchange()
        yield from self._destination() if self.consent.scope_kind == ScopeKind.DESTINATION else self._workspace()
        yield self._refresh()
        yield self._refused("old_token", self._get(self._home, self.access_tokens[0]), 401, 16)
        yield self._new_token()

    @property
    def _home(self) -> str:
        """What the install may read, as it says: asked for with each token in turn."""
        return self._destination_path if self.consent.scope_kind == ScopeKind.DESTINATION else "workspaces"

    # --- Tokens ---------------------------------------------------------------------------------------

    def _exchange(self) -> Step:
        exchange = self._post_code()
        answer = self._read_token(exchange)
        missing = sorted(PROMISED - answer.keys())
        if not self.access_tokens or missing:
            return _failed("exchange", exchange, f"200 with {', '.join(missing) or 'an access token'}")
        self.install_name = str(answer["install_name"])
        return _passed("exchange", exchange, f"A token for {answer['expires_in']} seconds, for {self.install_name}.")

    def _refresh(self) -> Step:
        """D43: the token belongs to the install, so it is asked for by the install's name."""
        exchange = self._ask("GET", self.api(f"{self.install_name}/token"), self._basic)
        self._read_token(exchange)
        if len(self.access_tokens) < 2 or self.access_tokens[0] == self.access_tokens[1]:
            return _failed("refresh", exchange, "200 with another access token")
        return _passed("refresh", exchange, "Another token. The first one is dead from now on.")

    def _new_token(self) -> Step:
        exchange = self._get(self._home, self.access_tokens[-1])
        # Where the trial has taken its destination away again, there is none.
        if _status(exchange) not in (200, 404):
            return _failed("new_token", exchange, "200 or 404")
        return _passed("new_token", exchange, "Segment knows the new token.")

    def _code_again(self) -> Step:
        exchange = self._post_code()
        if _status(exchange) == 400 and _json_of(exchange).get("error") == "invalid_grant":
            return _passed("spent_code", exchange, "Refused: “invalid_grant”.")
        return _failed("spent_code", exchange, "400 “invalid_grant”")

    def _post_code(self) -> Exchange:
        known = self.consent
        form = {
            "grant_type": "authorization_code", "code": known.code, "redirect_uri": known.redirect_uri,
            "code_verifier": known.verifier,
        }  # fmt: skip
        return self._ask("POST", self.oauth("/oauth2/token"), FORM, self._basic, body=urlencode(form).encode())

    def _read_token(self, exchange: Exchange) -> dict[str, Any]:
        """The answer of a token request; what is secret in it is noted."""
        answer = _json_of(exchange)
        self.secrets |= {str(answer[name]) for name in ("access_token", "refresh_token") if name in answer}
        if _status(exchange) == 200 and "access_token" in answer:
            self.access_tokens.append(str(answer["access_token"]))
        return answer

    @property
    def _basic(self) -> tuple[str, str]:
        pair = f"{self.consent.client_id}:{self.consent.client_secret}"
        return ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")

    # --- One destination --------------------------------------------------------------------------------

    def _destination(self) -> Iterator[Step]:
        token, path = self.access_tokens[0], self._destination_path
        yield self._refused("beyond", self._get("workspaces", token), 403, 7)
        exchange = self._get(path, token)
        if _status(exchange) == 200:
            yield _passed("read", exchange, "It is there already. A trial leaves it as it is.")
            return
        yield self._refused("read", exchange, 404, 5, "There is none yet.")
        create = f"{self.consent.source}/destinations"
        yield self._done("create", self._write("POST", create, self._body(FIRST_KEY)), "Set up, and switched off.")
        yield self._refused("create_again", self._write("POST", create, self._body(FIRST_KEY)), 409, 6)
        mask = {"update_mask": {"paths": ["destination.config"]}}
        yield self._done("patch", self._write("PATCH", path, self._body(SECOND_KEY) | mask), "Changed.")
        yield self._done("delete", self._ask("DELETE", self.api(path), self._bearer(token)), "Removed.")

    @property
    def _destination_path(self) -> str:
        return f"{self.consent.source}/destinations/{self.consent.slug}"

    def _body(self, key: str) -> dict[str, Any]:
        name = self._destination_path
        config = [{"name": f"{name}/config/{API_KEY}", "value": key}] if self.consent.takes_key else []
        mode = self.consent.connection_mode
        return {"destination": {"name": name, "connection_mode": mode, "config": config, "enabled": False}}

    # --- A whole workspace ------------------------------------------------------------------------------

    def _workspace(self) -> Iterator[Step]:
        """A trial changes nothing here: these sources are in use."""
        token, sources = self.access_tokens[0], f"{self.consent.workspace}/sources"
        yield self._lists("workspaces", self._get("workspaces", token))
        yield self._lists("sources", self._get(sources, token))
        if self.consent.scope_kind == ScopeKind.WORKSPACE_READ:
            wanted = {"name": f"{sources}/trial-of-the-flow", "catalog_name": "catalog/sources/javascript"}
            yield self._refused("beyond", self._write("POST", sources, {"source": wanted}), 403, 7)

    def _lists(self, name: str, exchange: Exchange) -> Step:
        rows = _json_of(exchange).get(name)
        if _status(exchange) != 200 or not isinstance(rows, list):
            return _failed(name, exchange, f"200 with a list of {name}")
        return _passed(name, exchange, f"{len(rows)} in the list.")

    # --- Requests and verdicts --------------------------------------------------------------------------

    def _get(self, path: str, token: str) -> Exchange:
        return self._ask("GET", self.api(path), self._bearer(token))

    def _write(self, method: str, path: str, body: dict[str, Any]) -> Exchange:
        headers = (JSON, self._bearer(self.access_tokens[0]))
        return self._ask(method, self.api(path), *headers, body=json.dumps(body).encode())

    def _ask(self, method: str, url: str, *headers: tuple[str, str], body: bytes = b"") -> Exchange:
        return self.send(Request(method, url, (ACCEPT, *headers), body))

    @staticmethod
    def _bearer(token: str) -> tuple[str, str]:
        return ("Authorization", f"Bearer {token}")

    def _done(self, step: str, exchange: Exchange, message: str) -> Step:
        if _status(exchange) == 200:
            return _passed(step, exchange, message)
        return _failed(step, exchange, "200")

    def _refused(self, step: str, exchange: Exchange, status: int, code: int, message: str = "") -> Step:
        """The step wants this very error (D46)."""
        answer = _json_of(exchange)
        if _status(exchange) != status or answer.get("code") != code:
            return _failed(step, exchange, f"{status} with the code {code}")
        return _passed(step, exchange, message or f"Refused: “{answer.get('error', '')}”.")


def _passed(step: str, exchange: Exchange, message: str) -> Step:
    return Step(step, StepVerdict.PASSED, message, exchange)


def _failed(step: str, exchange: Exchange, wanted: str) -> Step:
    if exchange.error is not None:
        return Step(step, StepVerdict.FAILED, f"No answer: {exchange.error.message}", exchange)
    answer = _json_of(exchange)
    text = answer.get("error_description") or answer.get("error") or "an answer without an explanation"
    return Step(step, StepVerdict.FAILED, f"Expected {wanted}. Segment answered {_status(exchange)}: {text}", exchange)


def _status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0


def _json_of(exchange: Exchange) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    try:
        found = json.loads(exchange.response.body) if exchange.response else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
