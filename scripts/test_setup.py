"""What the tests need from the system: install it on Debian as root, elsewhere say how to get it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FONTS = Path("/usr/share/fonts/truetype/dejavu")
# Another apt may be at work: wait for it rather than fail.
APT = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]


def _any_program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


@dataclass(frozen=True)
class Need:
    package: str
    purpose: str
    is_there: Callable[[], bool]


NEEDS = (
    Need("chromium", "browser tests", _any_program("chromium", "chromium-browser", "google-chrome")),
    Need("fonts-dejavu-core", "text in browser tests", lambda: FONTS.is_dir() or bool(shutil.which("fc-list"))),
    Need("redis-server", "Redis (else Valkey from a wheel is used)", _any_program("redis-server", "valkey-server")),
    Need("bubblewrap", "confined processes", _any_program("bwrap")),
    Need("nodejs", "Segment's Node SDK", _any_program("node")),
    Need("npm", "Segment's Node SDK", _any_program("npm")),
)


def missing() -> list[Need]:
    return [need for need in NEEDS if not need.is_there()]


def main() -> None:
    needs = missing()
    if needs and _can_install():
        _install([need.package for need in needs])
        needs = missing()
    for need in needs:
        print(f"Missing: {need.package}, for {need.purpose}. Debian and Ubuntu: apt-get install {need.package}")


def _can_install() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _install(packages: list[str]) -> None:
    """Failing is no end: the tests that need what is missing say so themselves."""
    print(f"Installing {', '.join(packages)}", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run([*APT, *step], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"apt-get {step[0]} failed:\n{done.stderr.strip()[-2000:]}", file=sys.stderr)
    if "redis-server" in packages:
        _keep_quiet("redis-server")


def _keep_quiet(service: str) -> None:
    """The package starts a server of its own at boot; the tests want only its program."""
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "disable", "--now", service], capture_output=True, check=False)


if __name__ == "__main__":
    main()
