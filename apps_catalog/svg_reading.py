"""Reading an SVG upload: from bytes to the tree of elements that may stay.

The parser (expat) refuses document types, entities, processing instructions and other encodings; what it
reports is kept only when `svg_rules` allows it (T11, T12).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from apps_catalog import svg_rules

MAX_BYTES = 100_000
MAX_ELEMENTS = 2_000
MAX_DEPTH = 32
MAX_ATTRIBUTE = 60_000


class BadSvg(ValueError):
    """A picture we do not take. The text is for the person who uploaded it and says what to do."""


@dataclass(slots=True)
class Element:
    """One element that stays. `children` holds elements and texts."""

    name: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """What was read: the root of what may stay, what was left out with how often and in which line first,
    and how many elements the file had."""

    root: Element
    removed: Counter[str]
    lines: dict[str, int]
    elements: int


def read_tree(data: bytes) -> Tree:
    """Raises BadSvg."""
    builder = _Builder()
    builder.read(_decode(data))
    return Tree(builder.finish(), builder.removed, builder.lines, builder.count)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise BadSvg(f"The file is larger than {MAX_BYTES // 1000} kB. Export it again without embedded pictures.")
    if not data.strip():
        raise BadSvg("The file is empty.")
    if data.startswith((b"\x1f\x8b", b"PK")):
        raise BadSvg("The file is compressed. Upload the plain .svg file.")
    if data.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF", b"%PDF")):
        raise BadSvg("The file is not an SVG picture. Export your artwork as SVG; PNG and JPEG are not taken.")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise BadSvg("The file is not in UTF-8. Save it as SVG with the encoding UTF-8.")
    return text


class _Builder:
    """Turns the parser's events into the tree of what may stay, and counts what may not."""

    def __init__(self) -> None:
        self.removed: Counter[str] = Counter()
        self.lines: dict[str, int] = {}
        self.count = 0
        self._parser = expat.ParserCreate("utf-8", " ")
        self._root: Element | None = None
        # One entry for each open element: the kept one, its parent again (unwrapped), or None (left out).
        self._open: list[Element | None] = []
        self._ids: set[str] = set()
        self._saw_svg = False

    def read(self, text: str) -> None:
        parser = self._parser
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.ProcessingInstructionHandler = self._refuse_instruction
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            raise BadSvg(
                f"The file is not well-formed: {expat.ErrorString(error.code)}, line {error.lineno}. Export it again."
            ) from None

    def finish(self) -> Element:
        if self._root is None:
            raise BadSvg("The file is not an SVG picture: it does not begin with <svg>.")
        return self._root

    @staticmethod
    def _declaration(version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
            raise BadSvg(f"The file says that it is in {encoding[:40]}. Save it as UTF-8.")

    @staticmethod
    def _refuse_doctype(*_: object) -> None:
        raise BadSvg("The file has a <!DOCTYPE> line. Remove it (SVG needs none) and upload the file again.")

    @staticmethod
    def _refuse_instruction(target: str, _: str) -> None:
        raise BadSvg(f"The file has a processing instruction (<?{target[:40]} …?>). Remove that line.")

    def _leave_out(self, what: str, times: int = 1) -> None:
        self.removed[what] += times
        self.lines.setdefault(what, self._parser.CurrentLineNumber)

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise BadSvg(f"The picture has more than {MAX_ELEMENTS:,} elements. Simplify its paths and export again.")
        if len(self._open) >= MAX_DEPTH:
            raise BadSvg(f"The picture is nested more than {MAX_DEPTH} levels deep. Ungroup it and export again.")
        self._open.append(self._place(qualified, attributes))

    def _place(self, qualified: str, attributes: dict[str, str]) -> Element | None:
        namespace, _, name = qualified.rpartition(" ")
        if not self._open:
            if name != "svg" or namespace not in ("", svg_rules.SVG_NS):
                raise BadSvg("The file is not an SVG picture: it does not begin with <svg>.")
            self._root = Element("svg", self._attributes(attributes))
            return self._root
        parent = self._open[-1]
        if parent is None:
            return None
        if namespace not in ("", svg_rules.SVG_NS):
            self._leave_out("data of a drawing program")
            return None
        return self._keep(parent, name, attributes)

    def _keep(self, parent: Element, name: str, attributes: dict[str, str]) -> Element | None:
        if name in svg_rules.UNWRAPPED:
            self._leave_out(f"<{name}> (its content stays)")
            return parent
        if name not in svg_rules.ELEMENTS:
            self._leave_out(f"<{name[:40]}>")
            return None
        element = Element(name, self._attributes(attributes))
        parent.children.append(element)
        return element

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        holder = self._open[-1] if self._open else None
        if holder is not None and holder.name in ("text", "tspan", "textPath", "title", "desc"):
            holder.children.append(text)

    def _attributes(self, given: dict[str, str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for qualified, value in given.items():
            namespace, _, name = qualified.rpartition(" ")
            if name == "style" and not namespace:
                continue
            found = self._attribute(namespace, name, value)
            if found is not None:
                kept[found[0]] = found[1]
        # A style attribute wins over attributes of the same name, as it does in a browser.
        return kept | self._style(given.get("style", ""))

    def _style(self, style: str) -> dict[str, str]:
        declarations, refused = svg_rules.style_declarations(style)
        if refused:
            self._leave_out("part of a style attribute", refused)
        return declarations

    def _attribute(self, namespace: str, name: str, value: str) -> tuple[str, str] | None:
        if len(value) > MAX_ATTRIBUTE:
            raise BadSvg(f"The attribute {name[:40]} is too long. Simplify the paths and export again.")
        if name == "href" and namespace in ("", svg_rules.XLINK_NS):
            return self._href(value)
        if namespace:
            return self._space(namespace, name, value)
        if name == "id":
            return self._id(value)
        cleaned = svg_rules.safe_value(value) if name in svg_rules.ATTRIBUTES else None
        if cleaned is None and name not in svg_rules.QUIET_ATTRIBUTES and not name.startswith(("data-", "aria-")):
            self._leave_out(f"attribute {name[:40]}")
        return None if cleaned is None else (name, cleaned)

    def _href(self, value: str) -> tuple[str, str] | None:
        if svg_rules.FRAGMENT.fullmatch(value.strip()):
            return "href", value.strip()
        self._leave_out("a link to somewhere else")
        return None

    @staticmethod
    def _space(namespace: str, name: str, value: str) -> tuple[str, str] | None:
        is_space = namespace == svg_rules.XML_NS and name == "space" and value in ("preserve", "default")
        return ("xml:space", value) if is_space else None

    def _id(self, value: str) -> tuple[str, str] | None:
        if not svg_rules.ID.fullmatch(value) or value in self._ids:
            return None
        self._ids.add(value)
        return "id", value
