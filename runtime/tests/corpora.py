"""Reading the corpora under data/."""

import json
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[str]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def refused_urls(port: int) -> list[str]:
    return [json.loads(line.replace("{port}", str(port))) for line in lines("urls_refused.txt")]


def good_urls() -> list[tuple[str, str]]:
    pairs = (line.split("\t") for line in lines("urls_good.txt"))
    return [(json.loads(typed), read) for typed, read in pairs]
