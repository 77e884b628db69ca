"""What an SVG picture may be made of: an allow-list, because a deny-list always lacks the next trick (T11)."""

import re

SVG_NS = "http://www.w3.org/2000/svg"
XLINK_NS = "http://www.w3.org/1999/xlink"
XML_NS = "http://www.w3.org/XML/1998/namespace"

ELEMENTS = frozenset(
    """
    svg g path rect circle ellipse line polyline polygon text tspan textPath defs symbol use title desc
    linearGradient radialGradient stop clipPath mask pattern marker
    filter feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG
    feFuncR feGaussianBlur feMerge feMergeNode feOffset
    """.split()
)
# Their content is harmless without them: drawing programs wrap whole pictures in these.
UNWRAPPED = frozenset({"a", "switch"})

# CSS properties that are attributes too; a style attribute is taken apart into these.
PRESENTATION = frozenset(
    """
    clip-path clip-rule color color-interpolation color-interpolation-filters display dominant-baseline fill
    fill-opacity fill-rule filter flood-color flood-opacity font-family font-size font-stretch font-style
    font-variant font-weight letter-spacing lighting-color marker-end marker-mid marker-start mask mix-blend-mode
    opacity overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
    text-anchor text-decoration text-rendering transform vector-effect visibility word-spacing
    alignment-baseline baseline-shift isolation
    """.split()
)
ATTRIBUTES = PRESENTATION | frozenset(
    """
    d points x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy width height viewBox preserveAspectRatio rotate
    pathLength offset textLength lengthAdjust startOffset method spacing side
    gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits patternTransform
    clipPathUnits maskUnits maskContentUnits filterUnits primitiveUnits
    markerUnits markerWidth markerHeight orient refX refY
    in in2 result mode operator type values tableValues slope intercept amplitude exponent k1 k2 k3 k4
    stdDeviation edgeMode
    """.split()
)
# Left out without a word: names for style sheets and programs, which change nothing in the picture.
QUIET_ATTRIBUTES = frozenset({"class", "version", "baseProfile", "enable-background", "role", "lang", "tabindex"})

ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,99}")
FRAGMENT = re.compile(r"#([A-Za-z_][A-Za-z0-9_.:-]{0,99})")
# A reference inside a value: url(#id) and nothing else.
LOCAL_URL = re.compile(r"""url\(\s*(["']?)#([A-Za-z_][A-Za-z0-9_.:-]{0,99})\1\s*\)""")
# No backslash (CSS escapes), no @, no comments, no colon or semicolon, no control characters.
PLAIN_VALUE = re.compile(r"""[A-Za-z0-9#%.,()\s+"'_-]*""")
FUNCTION = re.compile(r"([A-Za-z-]+)\s*\(")
FUNCTIONS = frozenset(
    "rgb rgba hsl hsla matrix translate translatex translatey scale scalex scaley rotate skewx skewy".split()
)


def safe_value(value: str) -> str | None:
    """The value of an attribute if it is plain or refers to `#fragment`s only; None otherwise."""
    rest = LOCAL_URL.sub(" ", value)
    if not PLAIN_VALUE.fullmatch(rest) or any(name.lower() not in FUNCTIONS for name in FUNCTION.findall(rest)):
        return None
    return value.strip()


def style_declarations(style: str) -> tuple[dict[str, str], int]:
    """The declarations of a style attribute that are safe as attributes, and how many were not."""
    kept, refused = {}, 0
    for declaration in filter(str.strip, style.split(";")):
        name, _, value = declaration.partition(":")
        cleaned = safe_value(value.replace("!important", ""))
        if name.strip().lower() in PRESENTATION and cleaned:
            kept[name.strip().lower()] = cleaned
        else:
            refused += 1
    return kept, refused


def references(attributes: dict[str, str]) -> list[str]:
    """The ids that an element refers to."""
    inside = [match[1] for value in attributes.values() for match in LOCAL_URL.findall(value)]
    target = FRAGMENT.fullmatch(attributes.get("href", ""))
    return [*inside, target[1]] if target else inside
