"""Reading a pixel picture of a listing (S23): PNG, JPEG or WebP in, a WebP of nothing but its pixels out (T12).

Runs in the child process of `picture_guard`, because decoders are where pictures attack. The size is read
from the header and refused before a pixel is decoded. The result is written without loss: screenshots stay
sharp, and the same picture read again gives the same bytes, so that a manifest goes there and back unchanged.
"""

import io
import struct
import warnings

from PIL import Image, ImageCms, ImageOps

from apps_catalog.image_limits import MAX_IMAGE_BYTES, BadImage, CleanImage

# A 4K screenshot has 8.3 million.
MAX_PIXELS = 9_000_000
# Twice the widest that the catalog draws it; what is larger is scaled down.
MAX_SIDE = 1_280
MIN_SIDE = 200
FORMATS = ("PNG", "JPEG", "WEBP")
_OTHERS = (
    (b"GIF8", "a GIF"), (b"BM", "a BMP"), (b"II*\x00", "a TIFF"), (b"MM\x00*", "a TIFF"), (b"%PDF", "a PDF"),
    (b"<", "an SVG or a web page"), (b"\x1f\x8b", "compressed"), (b"PK", "an archive"),
)  # fmt: skip


def clean_image(data: bytes) -> CleanImage:
    """Check, decode and write again. Raises BadImage with a sentence that says what to do."""
    _check_start(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        try:
            return _read(data)
        except BadImage:
            raise
        except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BadImage(_TOO_LARGE) from None
        except Exception:  # decoders raise nearly anything for a broken file; the child ends with this call
            raise BadImage("The file is damaged. Open it in a drawing program, export it again as PNG.") from None


_TOO_LARGE = (
    f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels. Scale it down to {MAX_SIDE:,} pixels wide."
)


def _check_start(data: bytes) -> None:
    if not data:
        raise BadImage("The file is empty.")
    if len(data) > MAX_IMAGE_BYTES:
        raise BadImage(
            f"The file is larger than {MAX_IMAGE_BYTES // 1_000_000} MB. Scale it down to {MAX_SIDE:,} pixels wide."
        )
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        _check_webp(data)
        return
    what = next((name for start, name in _OTHERS if data.lstrip()[:4].startswith(start)), "of another kind")
    raise BadImage(f"The file is {what}. Pictures are PNG, JPEG or WebP: export it as one of them.")


def _check_webp(data: bytes) -> None:
    """The size as its header gives it: the decoder would make room for it on opening."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise BadImage("The file is cut off. Export the picture again.")
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", body[6:10]))
    _check_size(width, height)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadImage(_TOO_LARGE)
    if max(width, height) < MIN_SIDE:
        raise BadImage(f"The picture is only {width} × {height} pixels. Give one of at least {MIN_SIDE} pixels.")
    if max(width, height) > 4 * min(width, height):
        raise BadImage(f"The picture is a strip of {width} × {height} pixels. Cut it so that people can read it.")


def _read(data: bytes) -> CleanImage:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check_size(*image.size)
        removed = _extras(image, data)
        if image.format == "JPEG":
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # decodes at a fraction of the size where that is enough
        profile = image.info.get("icc_profile")
        small = _scaled(ImageOps.exif_transpose(_plain(image)))
    pixels = _in_srgb(small, profile)
    out = io.BytesIO()
    pixels.save(out, "WEBP", lossless=True, method=0, quality=0, exact=False)
    return CleanImage(out.getvalue(), pixels.width, pixels.height, removed)


def _extras(image: Image.Image, data: bytes) -> tuple[str, ...]:
    """What the file holds besides its pixels, in words."""
    exif = image.getexif()
    found = {
        "the place where it was taken": bool(exif.get_ifd(0x8825)),
        "data of the camera or program (EXIF)": bool(exif),
        "texts (XMP)": "xmp" in image.info or "XML:com.adobe.xmp" in image.info,
        "comments": bool(getattr(image, "text", None)) or "comment" in image.info,
        "all frames but the first": getattr(image, "n_frames", 1) > 1 and image.format != "MPO",
        "data after the end of the picture": _has_tail(data),
    }
    return tuple(words for words, is_there in found.items() if is_there)


def _has_tail(data: bytes) -> bool:
    if data.startswith(b"\x89PNG"):
        return not data.endswith(b"IEND\xaeB`\x82")
    if data.startswith(b"RIFF"):
        return len(data) > int.from_bytes(data[4:8], "little") + 8
    return not data.rstrip(b"\x00").endswith(b"\xff\xd9")


def _plain(image: Image.Image) -> Image.Image:
    """The first frame in RGB, with a fourth channel where something shines through."""
    image.load()
    if image.mode.startswith("I"):  # 16 bits of grey
        orientation = image.getexif()
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        image.getexif().update(orientation)
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image if image.mode == "RGBA" else image.convert("RGBA")
    # Screenshots often have a fourth channel through which nothing shines; scaling it costs as much as the rest.
    return clear.convert("RGB") if clear.getchannel("A").getextrema() == (255, 255) else clear


def _scaled(image: Image.Image) -> Image.Image:
    """At most `MAX_SIDE` wide and high: first by a whole number, which is quick, then the rest smoothly."""
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.HAMMING, reducing_gap=1.5)
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as a browser shows them without the profile, which is left out with the rest."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=image.mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image  # a profile of another kind (CMYK, which decoding has turned already), or none at all
        return turned or image
    return image
