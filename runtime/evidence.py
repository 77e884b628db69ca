"""The evidence of a submission: one canonical JSON document, its digest, and how to check it without the product.

    python -m runtime.evidence FILE

An exported file is `{"digest": …, "evidence": {…}}`. The digest is the SHA-256, in hex, of the evidence in
canonical JSON: keys sorted, no spaces, ASCII with escapes, no NaN. Inside, `parts` holds the digest of
each part, so that a change can be placed. Needs the standard library only.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FORMAT = "developer-center-evidence/1"
# What `parts` has a digest of.
PARTS = ("submission", "manifest", "code", "assets", "checklist", "runs")
USAGE = "Usage: python -m runtime.evidence FILE"


class NotEvidence(ValueError):
    """The file cannot be read as an export of evidence; the text says why."""


def canonical(value: Any) -> str:
    """`value` in the one JSON text that its digest is of. Raises ValueError for NaN and infinities."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256 over the canonical JSON of `value`, in hex."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 over a text itself, as code and pictures have it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def seal(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The document of these `PARTS`, complete with their digests. Raises KeyError when one is missing."""
    content = {name: parts[name] for name in PARTS}
    return {"format": FORMAT, **content, "parts": {name: digest(part) for name, part in content.items()}}


def exported(document: str, document_digest: str) -> str:
    """The text of a file to hand out: the stored canonical `document` beside the digest that decisions quote."""
    return f'{{"digest":{json.dumps(document_digest)},"evidence":{document}}}\n'


def read(text: str) -> dict[str, Any]:
    """The content of an exported file. Raises NotEvidence."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotEvidence(f"This is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("evidence"), dict) or "digest" not in found:
        raise NotEvidence("This is no export of evidence: “digest” and “evidence” are expected.")
    if found["evidence"].get("format") != FORMAT:
        raise NotEvidence(f"The format is {found['evidence'].get('format')!r}; this program knows {FORMAT!r}.")
    return found


def faults(found: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing that does not match; empty when the file is as it was frozen."""
    evidence = found["evidence"]
    whole = digest(evidence)
    wrong = (
        [] if whole == found["digest"] else [f"The digest is {whole}, not {found['digest']}: something was altered."]
    )
    return [*wrong, *_altered_parts(evidence), *_altered_code(evidence), *_altered_pictures(evidence)]


def _altered_parts(evidence: Mapping[str, Any]) -> Iterator[str]:
    written = _mapping(evidence.get("parts"))
    for name in PARTS:
        if name not in evidence:
            yield f"The part “{name}” is missing."
        elif written.get(name) != digest(evidence[name]):
            yield f"The part “{name}” was altered."


def _altered_code(evidence: Mapping[str, Any]) -> Iterator[str]:
    """The code that the manifest carries is the code whose hash was frozen."""
    frozen = {entry.get("kind"): entry.get("sha256") for entry in _mappings(evidence.get("code"))}
    for component in _mappings(_mapping(evidence.get("manifest")).get("components")):
        code, kind = component.get("code"), component.get("kind")
        if isinstance(code, str) and code and frozen.get(kind) != text_digest(code):
            yield f"The code of {kind} is not the code whose hash was frozen."


def _altered_pictures(evidence: Mapping[str, Any]) -> Iterator[str]:
    """A drawing stands in the manifest; other pictures are named there by their hash."""
    listing = _mapping(_mapping(evidence.get("manifest")).get("listing"))
    for asset in _mappings(evidence.get("assets")):
        drawing = listing.get(str(asset.get("name")))
        if isinstance(drawing, str) and text_digest(drawing) != asset.get("sha256"):
            yield f"The picture “{asset.get('name')}” is not the one whose hash was frozen."


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def summary(found: Mapping[str, Any]) -> str:
    """What the file is about, in one line."""
    submission = _mapping(found["evidence"].get("submission"))
    runs = len(_mappings(found["evidence"].get("runs")))
    return f"{submission.get('app')} version {submission.get('version')}, {runs} suite run(s), digest {found['digest']}"


def main(arguments: list[str]) -> int:
    """Check one file and say so. 0: as it was frozen; 1: altered; 2: usage, or not to be read."""
    if len(arguments) != 1:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    try:
        found = read(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NotEvidence) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    wrong = faults(found)
    lines = wrong or [f"As it was frozen: {summary(found)}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
