"""What the pixel pictures of a listing may be, for code that does not decode them (S23)."""

from dataclasses import dataclass

MAX_IMAGES = 2
MAX_IMAGE_BYTES = 5_000_000
MAX_ALT = 200
MAX_CAPTION = 200


class BadImage(ValueError):
    """A picture we do not take. The text is for the person who uploaded it and says what to do."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture that is safe to show: `data` is a WebP of `width` × `height` pixels; `removed` in phrases."""

    data: bytes
    width: int
    height: int
    removed: tuple[str, ...] = ()
