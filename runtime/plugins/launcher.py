"""Becomes the browser: opens the proxy's listener where the browser runs, hands it out, sets limits, and execs.

A program of its own, run by path, with nothing but the standard library: inside the confinement the project's
files are not there. A socket belongs to the network namespace it was made in; so the listener that is made here is
the browser's only way out, although the process that accepts on it lives outside.

Arguments: control socket, pipe to read commands, pipe to write answers, bytes of data memory, program, flags…
`{proxy}` in a flag becomes the listener's address.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    control_fd, read_fd, write_fd, memory = (int(text) for text in arguments[:4])
    program, *flags = arguments[4:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    address = _hand_out_listener(control_fd)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    # Where the browser looks for its pipes. Moved high first: either may sit where the other goes.
    reading, writing = fcntl.fcntl(read_fd, fcntl.F_DUPFD, 10), fcntl.fcntl(write_fd, fcntl.F_DUPFD, 10)
    os.dup2(reading, 3)
    os.dup2(writing, 4)
    os.closerange(5, 256)
    os.execv(program, [program, *(flag.replace("{proxy}", address) for flag in flags)])  # noqa: S606 - no shell is the point


def _hand_out_listener(control_fd: int) -> str:
    with socket.socket(fileno=control_fd) as control, socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        socket.send_fds(control, [address.encode()], [listener.fileno()])
    return address


if __name__ == "__main__":
    main(sys.argv[1:])
