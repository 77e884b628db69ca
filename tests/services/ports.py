"""Free loopback ports for servers that tests start."""

import random
import socket

# The kernel hands out 32768 and above to outgoing connections: a port there can be taken by a
# connection that somebody else opened a moment ago.
LOWEST, HIGHEST = 20000, 32767
_dice = random.SystemRandom()


def free_port() -> int:
    """A port on 127.0.0.1, below 32768, that nothing is bound to right now."""
    for _ in range(200):
        port = _dice.randint(LOWEST, HIGHEST)
        if _can_bind(port):
            return port
    raise RuntimeError(f"No free port between {LOWEST} and {HIGHEST}.")


def _can_bind(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
