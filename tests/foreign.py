"""Other people's packages, as their users install them: into a folder below `var`, once for each state of the lock."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

HOW_TO_GET_NODE = "Node.js or npm is missing. Debian and Ubuntu: apt-get install nodejs npm"
NPM = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
PIP = (
    sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
    "--only-binary", ":all:", "--target", ".", "--requirement", "requirements.txt",
)  # fmt: skip


def node_is_there() -> bool:
    return bool(shutil.which("node") and shutil.which("npm"))


def npm_folder(source: Path, target: Path, files: Iterable[str]) -> Path:
    """A copy of `source` with its packages, below `target`. `files` are those that make it another one."""
    return _installed(source, target, ["package-lock.json", *files], NPM)


def pip_folder(source: Path, target: Path) -> Path:
    """The wheels of `source`/requirements.txt, to be put into PYTHONPATH. What they need is in requirements-dev.txt."""
    return _installed(source, target, ["requirements.txt"], PIP)


def _installed(source: Path, target: Path, files: Iterable[str], argv: Sequence[str]) -> Path:
    """By whoever comes first."""
    parts = [(source / name).read_bytes() for name in files]
    found = target / hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    if not found.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        _install(source, found, argv)
    return found


def _install(source: Path, target: Path, argv: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        fresh = Path(name) / "fresh"
        shutil.copytree(source, fresh, ignore=shutil.ignore_patterns("__pycache__"))
        done = subprocess.run(argv, cwd=fresh, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, f"{argv[0]} failed:\n{done.stdout}{done.stderr}"
        try:
            fresh.rename(target)
        except OSError:  # another test process was faster
            assert target.is_dir()
