"""The guard for pictures that partners upload: reads an SVG strictly and builds a new one from what is allowed.

Nothing of the upload is passed on as it came: `svg_reading` keeps what an allow-list (`svg_rules`) names,
and the picture is written again from that, its only references being `#fragment`s (T11, T12).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self
from xml.sax.saxutils import escape, quoteattr

from apps_catalog import svg_rules
from apps_catalog.svg_reading import MAX_BYTES, BadSvg, Element, read_tree

__all__ = ["MAX_BYTES", "BadSvg", "CleanSvg", "clean_logo", "clean_mark", "clean_svg"]

# Elements drawn once every `use` and pattern is expanded.
MAX_DRAWN = 10_000


@dataclass(frozen=True, slots=True)
class CleanSvg:
    """A picture that is safe to show.

    `text` is the rebuilt document; `width` and `height` are its proportions in user units;
    `removed` says what was left out, one phrase each, `lines` where in the file each stood first; `advice`
    what would make it better. `elements_before` and `elements` count what was in it and what stays.
    """

    text: str
    width: float
    height: float
    removed: tuple[str, ...]
    advice: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    elements_before: int = 0
    elements: int = 0

    @property
    def is_square(self) -> bool:
        return abs(self.width - self.height) <= 0.01 * max(self.width, self.height)

    def facts(self) -> dict[str, Any]:
        """Everything but the text, as JSON can hold it."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "text"}

    @classmethod
    def from_facts(cls, text: str, facts: dict[str, Any]) -> Self:
        """The other way round."""
        given: dict[str, Any] = {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}
        return cls(text, **given)


def clean_svg(data: bytes) -> CleanSvg:
    """Read, check and rebuild a picture. Raises BadSvg with a sentence that says what to do."""
    tree = read_tree(data)
    root = tree.root
    width, height = _settle_size(root)
    _refuse_bombs(root)
    return CleanSvg(
        text=_write(root),
        width=width,
        height=height,
        removed=tuple(f"{what} ×{count}" if count > 1 else what for what, count in tree.removed.items()),
        advice=_advice(root, tree.removed),
        lines=tuple(tree.lines[what] for what in tree.removed),
        elements_before=tree.elements,
        elements=sum(1 for _ in root.walk()),
    )


def clean_mark(data: bytes) -> CleanSvg:
    """As `clean_svg`; a mark is square (S23)."""
    picture = clean_svg(data)
    if not picture.is_square:
        size = f"{picture.width:g} × {picture.height:g}"
        raise BadSvg(f"The mark must be square; this one is {size}. Use the symbol alone, without the name.")
    return picture


def clean_logo(data: bytes) -> CleanSvg:
    """As `clean_svg`; a logo holds the name (S23), so one that stands upright is refused, a square one advised on."""
    picture = clean_svg(data)
    if picture.height > picture.width * 1.01:
        size = f"{picture.width:g} × {picture.height:g}"
        raise BadSvg(
            f"The logo must be at least as wide as it is high; this one is {size}. "
            "Put the name beside the symbol, in one line."
        )
    if picture.width >= picture.height * 1.2:
        return picture
    return replace(picture, advice=(*picture.advice, "A logo with the name in one line, wider than it is high, "
                                    "reads best in the catalog."))  # fmt: skip


# By what a picture is for.
GUARDS = {"logo": clean_logo, "mark": clean_mark}


# --- Size ----------------------------------------------------------------------------------------------

_LENGTH = re.compile(r"([0-9]*\.?[0-9]+)(?:px|pt|pc|mm|cm|in)?")


def _settle_size(root: Element) -> tuple[float, float]:
    """Give the root a viewBox and no size of its own, so that the page decides how large it is drawn."""
    width, height = root.attributes.pop("width", ""), root.attributes.pop("height", "")
    for name in ("x", "y"):
        root.attributes.pop(name, None)
    box = _read_box(root.attributes.pop("viewBox", "")) or _box_of(width, height)
    if box is None:
        raise BadSvg("The picture has no size. Add a viewBox, or a width and a height, to its <svg> element.")
    if not all(0 < side <= 100_000 for side in box[2:]):
        raise BadSvg("The size of the picture must be more than 0 and at most 100,000.")
    root.attributes = {"viewBox": " ".join(f"{number:g}" for number in box), **root.attributes}
    return box[2], box[3]


def _read_box(text: str) -> tuple[float, float, float, float] | None:
    try:
        x, y, width, height = (float(part) for part in re.split(r"[\s,]+", text.strip()))
    except ValueError:
        return None
    return (x, y, width, height) if all(abs(part) < 1e9 for part in (x, y, width, height)) else None


def _box_of(width: str, height: str) -> tuple[float, float, float, float] | None:
    sides = [_LENGTH.fullmatch(text) for text in (width, height)]
    return (0.0, 0.0, float(sides[0][1]), float(sides[1][1])) if sides[0] and sides[1] else None


# --- Pictures that repeat themselves -------------------------------------------------------------------


def _refuse_bombs(root: Element) -> None:
    """Count what is drawn once every reference is followed; refuse circles and too much (T12)."""
    by_id = {element.attributes["id"]: element for element in root.walk() if "id" in element.attributes}
    counted: dict[int, int] = {}
    under_way: set[int] = set()

    def drawn(element: Element) -> int:
        key = id(element)
        if key in under_way:
            raise BadSvg("A part of the picture refers to itself. Remove the circle of references.")
        if key not in counted:
            under_way.add(key)
            targets = [by_id[name] for name in svg_rules.references(element.attributes) if name in by_id]
            children = [child for child in element.children if isinstance(child, Element)]
            counted[key] = 1 + sum(map(drawn, children)) + sum(map(drawn, targets))
            under_way.discard(key)
        return counted[key]

    if drawn(root) > MAX_DRAWN:
        raise BadSvg("The picture repeats its parts too often. Use fewer <use> elements and patterns.")


# --- Writing ----------------------------------------------------------------------------------------------


def _write(root: Element) -> str:
    root.attributes = {"xmlns": svg_rules.SVG_NS, **root.attributes}
    return "".join(_pieces(root))


def _pieces(element: Element) -> Iterator[str]:
    yield f"<{element.name}"
    for name, value in element.attributes.items():
        yield f" {name}={quoteattr(value)}"
    if not element.children:
        yield "/>"
        return
    yield ">"
    for child in element.children:
        if isinstance(child, Element):
            yield from _pieces(child)
        else:
            yield escape(child)
    yield f"</{element.name}>"


def _advice(root: Element, removed: Counter[str]) -> tuple[str, ...]:
    advice = []
    if removed["<style>"]:
        advice.append(
            "The colours stood in a style sheet, which we do not take. Export with “presentation attributes”."
        )
    if removed["<image>"]:
        advice.append("The file holds a pixel picture, which we do not take. Draw it as paths.")
    if any(element.name == "text" for element in root.walk()):
        advice.append("Convert text to outlines: visitors may not have your font.")
    return tuple(advice)
