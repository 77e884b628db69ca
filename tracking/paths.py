"""What calls are named in addresses: in full, and in one letter as analytics.js does."""

CALLS = {
    **{kind: kind for kind in ("identify", "track", "page", "screen", "group", "alias", "batch", "import")},
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": "batch",
}
# Every address of the package begins with one of these; nothing else does.
PREFIXES = ("/v1/", "/analytics.js/", "/analytics-next/")
