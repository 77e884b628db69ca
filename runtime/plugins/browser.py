"""Finding Chromium, starting it confined, and making sure that nothing of it is left (T15).

Where bubblewrap works, the browser runs as nobody in namespaces of its own: it sees system libraries and fonts and
no other file, no process but its own, and a network that ends at the egress proxy. Its own sandbox is on there,
also when we are root. Where bubblewrap is missing, its own sandbox and the flags below have to do; as root, which
Chromium's sandbox refuses, only the flags are left, and `BrowserSpec.weakness` says so.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runtime.plugins.devtools import DevTools, TooSlow

# Debian's own start script only adds flags for people with a screen, so the program behind it comes first.
PROGRAMS = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET = (
    "No Chromium was found. Install it with the system's package manager, for instance “apt-get install chromium” "
    "on Debian or “dnf install chromium” on Fedora, or say in CHROMIUM_PATH where it is."
)
NOT_AT = (
    "There is no program “{program}”, which CHROMIUM_PATH names. Correct it, or leave it empty to have Chromium looked "
    "for under its usual names."
)
_LAUNCHER = Path(__file__).with_name("launcher.py")
_FEATURES_OFF = (
    "AutofillServerCommunication,CertificateTransparencyComponentUpdater,DnsOverHttps,InterestFeedContentSuggestions,"
    "MediaRouter,OptimizationHints,Prerender2,PrivacySandboxSettings4,SpeculationRulesPrefetchFuture,Translate"
)
_FLAGS = f"""
    --headless --remote-debugging-pipe --no-startup-window --no-first-run --no-default-browser-check
    --disable-gpu --hide-scrollbars --mute-audio --disable-dev-shm-usage --window-size=1280,800
    --disable-background-networking --disable-breakpad --disable-component-update --disable-default-apps
    --disable-domain-reliability --disable-extensions --disable-field-trial-config --disable-hang-monitor
    --disable-notifications --disable-sync --disable-client-side-phishing-detection --disable-popup-blocking
    --disable-features={_FEATURES_OFF} --no-pings --no-service-autorun --password-store=basic --use-mock-keychain
    --disable-quic --dns-prefetch-disable --webrtc-ip-handling-policy=disable_non_proxied_udp
    --force-webrtc-ip-handling-policy=disable_non_proxied_udp --disable-webrtc-hw-encoding
    --proxy-server=http://{{proxy}} --proxy-bypass-list=<-loopback> --host-resolver-rules=MAP*~NOTFOUND
    --js-flags=--max-old-space-size=256
""".split()
# Everything the browser may read, if it exists. /etc/alternatives and ld.so.cache are how libraries are found.
_READABLE = (
    "/usr", "/opt", "/etc/fonts", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/alternatives",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/var/cache/fontconfig",
)  # fmt: skip
_HOME = "/tmp"  # noqa: S108 - the confinement's own, in memory
_LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_PROFILE = "web-plugin-"
# Longer than any run lasts: whose profile was left alone for so long was killed.
_STALE_SECONDS = 600
MAX_DATA = 4 * 1024**3  # bytes of data memory for each of its processes: array buffers are outside the heap's limit


class BrowserMissing(Exception):
    """No Chromium; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class BrowserSpec:
    """Which program to start and how. `find` makes one for this machine."""

    program: str
    confined: bool  # by bubblewrap: no network but the proxy, no files, no other processes
    sandboxed: bool  # Chromium's own sandbox

    @property
    def weakness(self) -> str:
        """What an operator should know, or "" when nothing is missing."""
        if self.confined:
            return ""
        if self.sandboxed:
            return "bubblewrap is missing, so only Chromium's own sandbox holds web plugins. Install bubblewrap."
        return (
            "Web plugins run as root and without Chromium's sandbox. Install bubblewrap, "
            "or run the worker as another user."
        )


def find(program: str = "") -> BrowserSpec:
    """The browser of this machine, or the one at `program`. Raises BrowserMissing."""
    names = (program,) if program else PROGRAMS
    found = next((path for name in names if (path := shutil.which(name))), None)
    if not found:
        raise BrowserMissing(NOT_AT.format(program=program) if program else HOW_TO_GET)
    confined = _can_confine()
    # One that was named may be a link from anywhere; inside the confinement only the program's own folder is there.
    found = os.path.realpath(found) if program else found
    return BrowserSpec(found, confined=confined, sandboxed=confined or os.geteuid() != 0)


@cache
def _can_confine() -> bool:
    """Whether bubblewrap is there and may make namespaces here."""
    program = shutil.which("bwrap")
    if not program:
        return False
    command = [program, "--unshare-all", "--uid", "65534", "--ro-bind", "/", "/", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


class Browser:
    """A running browser: `tools` speaks to it, `listener` is where it asks for the way out."""

    def __init__(self, process: subprocess.Popen[bytes], tools: DevTools, listener: socket.socket) -> None:
        self.process, self.tools, self.listener = process, tools, listener

    def kill(self) -> None:
        """End every process of it, at once. (In a confinement they end with the first one, whatever they do.)"""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # The kernel takes a process namespace down after its first process; the pipe tells when it has come that far.
        self.tools.drain(seconds=1)


@contextlib.contextmanager
def started(spec: BrowserSpec, *, seconds: float = 20.0) -> Iterator[Browser]:
    """A new browser with a new profile, gone without a trace afterwards.

    Raises TooSlow when it does not answer within `seconds`, BrowserGone when it ends meanwhile. It also dies with
    the thread that started it.
    """
    end = time.monotonic() + seconds
    with _profile(spec) as profile:
        browser = _launch(spec, profile, end)
        try:
            browser.tools.call("Browser.getVersion", seconds=max(end - time.monotonic(), 0.1))
            yield browser
        finally:
            browser.kill()
            browser.tools.close()
            browser.listener.close()


@contextlib.contextmanager
def _profile(spec: BrowserSpec) -> Iterator[str]:
    """Where the profile goes. Its name tells whose browser it is, also to somebody who looks at the processes."""
    prefix = f"{_PROFILE}{os.getpid()}-"
    if spec.confined:  # in memory, and gone with the namespace
        yield f"{_HOME}/{prefix}{secrets.token_hex(4)}"
        return
    _remove_stale_profiles()
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        yield folder


def _remove_stale_profiles() -> None:
    """What workers left that were killed in the middle. Other people's folders, and links, stay."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PROFILE}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            is_old = found.st_mtime < time.time() - _STALE_SECONDS
            if is_old and found.st_uid == os.geteuid() and stat.S_ISDIR(found.st_mode):
                shutil.rmtree(folder, ignore_errors=True)


def _launch(spec: BrowserSpec, profile: str, end: float) -> Browser:
    ours, theirs = socket.socketpair()
    commands_out, commands_in = os.pipe()
    answers_out, answers_in = os.pipe()
    passed = (theirs.fileno(), commands_out, answers_in)
    launcher = [*map(str, passed), str(MAX_DATA), spec.program, *_flags(spec, profile)]
    command = [*_confinement(spec.program), "/launcher.py"] if spec.confined else [sys.executable, "-I", str(_LAUNCHER)]
    tools = DevTools(answers_out, commands_in)
    try:
        process = subprocess.Popen(
            [*command, *launcher],
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"HOME": profile, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        tools.close()
        ours.close()
        raise
    finally:
        theirs.close()
        os.close(commands_out)
        os.close(answers_in)
    with ours:
        return Browser(process, tools, _receive_listener(ours, process, tools, end))


def _receive_listener(
    control: socket.socket, process: subprocess.Popen[bytes], tools: DevTools, end: float
) -> socket.socket:
    control.settimeout(max(end - time.monotonic(), 0.1))
    try:
        _, descriptors, _, _ = socket.recv_fds(control, 64, 1)
    except OSError:
        descriptors = []
    if not descriptors:
        process.kill()
        process.wait()
        tools.close()
        raise TooSlow("the browser did not start")
    return socket.socket(fileno=descriptors[0])


def _flags(spec: BrowserSpec, profile: str) -> list[str]:
    rules = [flag.replace("MAP*~NOTFOUND", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1") for flag in _FLAGS]
    sandbox = [] if spec.sandboxed else ["--no-sandbox"]
    return [*rules, *sandbox, f"--user-data-dir={profile}"]


def _confinement(program: str) -> list[str]:
    """bubblewrap up to the interpreter that runs the launcher."""
    interpreter = os.path.realpath(sys.executable)
    needed = {sys.base_prefix, str(Path(interpreter).parents[1]), str(Path(program).parent)}
    readable = [
        *_READABLE,
        *sorted(folder for folder in needed if not folder.startswith(("/usr", "/opt")) and folder != "/"),
    ]
    binds = [part for path in readable if Path(path).exists() for part in ("--ro-bind", path, path)]
    for link in _LINKS:
        if os.path.islink(link):
            binds += ["--symlink", os.readlink(link), link]
        elif Path(link).exists():
            binds += ["--ro-bind", link, link]
    return [
        shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
        "--setenv", "HOME", _HOME, "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8",
        "--dev", "/dev", "--proc", "/proc", *binds, "--ro-bind", str(_LAUNCHER), "/launcher.py",
        "--size", str(512 * 1024 * 1024), "--tmpfs", _HOME, "--uid", "65534", "--gid", "65534", "--chdir", _HOME,
        "--", interpreter, "-I", "-S",
    ]  # fmt: skip
