"""Run inside a new network namespace: give its loopback public and private addresses, and try the door.

Writes a JSON report to stdout. Started by `test_egress_door`; not a test by itself.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from runtime.egress import EgressPolicy, Limits, Request, send
from runtime.tests.listeners import Authority, Canary, Conversation, Listener

PUBLIC = ["8.8.4.4", "2620:fe::fe"]
PRIVATE = [
    *("10.0.0.1", "100.100.100.200", "168.63.129.16", "169.254.169.254", "172.16.0.1", "192.168.0.1"),
    *("192.0.2.1", "198.18.0.1", "203.0.113.1", "127.0.0.1"),
    *(
        "fd00:ec2::254",
        "fec0::1",
        "5f00::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001::1",
        "2001:db8::1",
        "::1",
    ),
]


def ok(conversation: Conversation) -> None:
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def main() -> None:
    ip("link", "set", "lo", "up")
    for address in PUBLIC + PRIVATE:
        if address not in ("127.0.0.1", "::1"):
            ip("addr", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo", *nodad(address))
    canary = Canary(tuple(PRIVATE))
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        tls = authority.server_context("hook.example.com")
    listeners = [Listener(ok, address, canary.port, tls) for address in PUBLIC]
    policy = EgressPolicy(ports=frozenset({canary.port}))
    request = Request("POST", f"https://hook.example.com:{canary.port}/", (), b"secret")

    def attempt(address: str):
        limits = Limits(total_seconds=5)
        return send(
            request,
            policy=policy,
            limits=limits,
            resolver=lambda _: [address],
            tls=authority.client_context(),
        )

    report = {
        "public": {a: (e := attempt(a)).response and e.response.status for a in PUBLIC},
        "refused": {a: (e := attempt(a)).error and e.error.kind for a in PRIVATE},
        "without_route": (e := attempt("1.1.1.1")).error and e.error.kind,
        "heard_by_canaries": canary.connections + len(canary.heard),
    }
    for listener in listeners:
        listener.close()
    canary.close()
    sys.stdout.write(json.dumps(report))


def nodad(address: str) -> list[str]:
    return ["nodad"] if ":" in address else []


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


if __name__ == "__main__":
    main()
