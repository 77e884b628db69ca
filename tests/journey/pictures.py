"""Logos and marks to upload: good, hostile, and far too large."""

from pathlib import Path
from typing import Any

Upload = dict[str, Any]

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 48" width="220" height="48">
<circle cx="24" cy="24" r="20" fill="#0f7b5f"/><path d="M14 26l8 8 14-18" fill="none" stroke="#fff" stroke-width="4"/>
<text x="56" y="32" font-family="sans-serif" font-size="26" fill="#12263a">Brightloop</text></svg>"""
MARK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48">
<rect width="48" height="48" rx="12" fill="#0f7b5f"/>
<path d="M12 26l9 9 15-20" fill="none" stroke="#fff" stroke-width="5"/></svg>"""
HOSTILE_LOGO = LOGO.replace(
    "<text",
    '<script>document.title = "taken over"</script><image href="https://tracker.example/pixel.png"/>'
    '<rect x="20" y="20" width="8" height="8" fill="none" onclick="alert(1)"/><text',
)


def upload(name: str, text: str) -> Upload:
    """A file as the browser's file chooser takes it."""
    return {"name": name, "mimeType": "image/svg+xml", "buffer": text.encode()}


def oversized(directory: Path, megabytes: int = 10) -> Path:
    """A picture of that size, on disk: handed to the browser by its path."""
    path = directory / "huge.svg"
    path.write_text(MARK + "<!--" + "x" * (megabytes * 1024 * 1024) + "-->")
    return path
