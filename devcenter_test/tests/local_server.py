"""A stand-in for `./bin/run serve` of Segment's actions repository: its paths, and the shapes of its answers.

It answers 200 to whatever an action did, with every request since it was started; an action that threw is one object
with `requestError`; a path that it does not know is Express's 404.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.services.receiver import Receiver, Reply, Request

JSON = (("Content-Type", "application/json; charset=utf-8"),)


def exchange(status: int = 200, body: Any = None) -> dict[str, Any]:
    """What an action asked the partner's API, and what that said."""
    return {
        "request": {"url": "https://api.acme.example/events", "method": "POST", "headers": {}, "body": "{}"},
        "response": {"statusCode": status, "statusMessage": "", "headers": {}, "body": body or {"ok": True}},
    }


def thrown(status: int, message: Any = "", **fields: str) -> dict[str, Any]:
    """As the server writes down an error that left perform()."""
    error = {"statusCode": status, "message": message, "stack": ["Error: …", "    at perform (index.ts:1)"]}
    return {**error, **({"fields": fields} if fields else {}), "requestError": True}


class LocalServer:
    """`actions` says what each action does with the body of its request: the exchange it made, an error, or nothing."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver, self.url = receiver, receiver.url
        self.actions: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {}
        self.log_in: dict[str, Any] = {"ok": True}
        self._asked: list[dict[str, Any]] = []
        receiver.default = self._answer

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.receiver.to(path)]

    def _answer(self, request: Request) -> Reply:
        key = request.path.strip("/")
        if key == "authenticate":
            return self._json(self.log_in)
        if request.method != "POST" or key not in self.actions:
            text = f"<pre>Cannot {request.method} {request.path}</pre>"
            return Reply(404, text.encode(), (("Content-Type", "text/html; charset=utf-8"),))
        did = self.actions[key](json.loads(request.body))
        if did and did.get("requestError"):
            return self._json([did])
        self._asked += [did] if did else []
        return self._json(self._asked)

    @staticmethod
    def _json(content: Any) -> Reply:
        return Reply(200, json.dumps(content).encode(), JSON)
