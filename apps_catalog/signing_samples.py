"""Code that verifies a signature, to copy: one file per language under data/verify/, run by the tests."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "verify"
LANGUAGES = {"Python": "verify.py", "Node": "verify.mjs", "Ruby": "verify.rb", "Go": "verify.go"}


@dataclass(frozen=True, slots=True)
class Sample:
    language: str
    code: str

    @property
    def id(self) -> str:
        return f"sample-{self.language.lower()}"


@cache
def samples() -> tuple[Sample, ...]:
    return tuple(Sample(name, (FOLDER / file).read_text(encoding="utf-8")) for name, file in LANGUAGES.items())
