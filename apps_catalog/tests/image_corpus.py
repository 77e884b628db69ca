"""Hostile pixel pictures and their benign twins (SECURITY T12), made when they are needed: nothing binary is kept.

`HOSTILE` are bombs, polyglots and broken files; each is refused or comes out as nothing but pixels.
`BENIGN` are what cameras, browsers and drawing programs write; each is taken.
"""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, PngImagePlugin

JS = b"<script>alert(1)</script>"
SIZE = (640, 400)


def drawn(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture with something in it."""
    image = Image.new("RGB", size, "#f6f7f9")
    pen = ImageDraw.Draw(image)
    for number in range(8):
        left = size[0] * number // 9 + 10
        pen.rectangle(
            (left, size[1] - 30 * number - 40, left + size[0] // 14, size[1] - 20), fill=(10, 122, 30 * number)
        )
    return image.convert(mode)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_header(width: int, height: int, rest: bytes = b"") -> bytes:
    """A PNG that claims a size; its pixels are whatever `rest` says."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rest + chunk(b"IEND", b"")


def webp_header(width: int, height: int) -> bytes:
    body = b"\x10\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunks = b"VP8X" + struct.pack("<I", len(body)) + body + b"VP8L" + struct.pack("<I", 8) + b"\x2f" + b"\0" * 7
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def with_exif(image: Image.Image) -> Image.Exif:
    exif = image.getexif()
    exif[0x010F] = "Camera of somebody"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return exif


def texts() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta onload='alert(1)'/>")
    return info


def zipped_text(size: int) -> bytes:
    """A text chunk that unpacks to `size` bytes."""
    body = b"Comment\0\0" + zlib.compress(b"a" * size, 9)
    good = written(drawn(), "PNG")
    return good[:33] + chunk(b"zTXt", body) + good[33:]


def frames(number: int) -> list[Image.Image]:
    return [drawn().rotate(step) for step in range(number)]


Make = Callable[[], bytes]

# Refused, whatever is in them.
REFUSED: dict[str, Make] = {
    "png_of_60000_squared": lambda: png_header(60_000, 60_000, chunk(b"IDAT", zlib.compress(b"\0" * 1000))),
    "png_bomb_in_1_bit": lambda: written(Image.new("1", (12_000, 12_000)), "PNG"),
    "png_over_the_cap": lambda: written(Image.new("L", (3_001, 3_000)), "PNG"),
    "png_cut_off": lambda: written(drawn(), "PNG")[:400],
    "png_without_pixels": lambda: png_header(640, 400),
    "png_of_no_width": lambda: png_header(0, 400),
    "png_with_rubbish": lambda: png_header(640, 400, chunk(b"IDAT", b"rubbish" * 99)),
    "png_with_a_huge_text": lambda: zipped_text(80_000_000),
    "webp_of_16383_squared": lambda: webp_header(16_383, 16_383),
    "webp_of_16_million_squared": lambda: webp_header(1 << 24, 1 << 24),
    "webp_cut_off": lambda: written(drawn(), "WEBP")[:60],
    "webp_of_nothing": lambda: b"RIFF\x04\0\0\0WEBP",
    "jpeg_cut_to_its_start": lambda: b"\xff\xd8\xff\xe0",
    "jpeg_that_is_a_script": lambda: b"\xff\xd8\xff\xe0" + JS,
    "jpeg_over_the_cap": lambda: written(Image.new("RGB", (4_000, 3_000)), "JPEG", quality=20),
    "gif_of_10000_frames": lambda: (
        b"GIF89a" + b"\x01\0\x01\0\0\0\0" + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0" * 10_000
    ),
    "gif_with_a_script": lambda: b"GIF89a/*" + JS + b"*/=1;",
    "bmp": lambda: written(drawn(), "BMP"),
    "tiff": lambda: written(drawn(), "TIFF"),
    "ico": lambda: written(drawn(size=(256, 256)), "ICO"),
    "pdf": lambda: b"%PDF-1.7\n" + JS,
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": lambda: b"<!doctype html>" + JS,
    "zip": lambda: b"PK\x03\x04" + b"\0" * 40,
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(r) file",
    "empty": lambda: b"",
    "one_byte": lambda: b"\x89",
    "too_many_bytes": lambda: written(drawn(), "PNG") + b"\0" * 5_000_000,
    "one_pixel": lambda: written(Image.new("RGB", (1, 1)), "PNG"),
    "a_strip": lambda: written(Image.new("RGB", (4_000, 20)), "PNG"),
}

# Taken, but for what is not pixels.
CLEANED: dict[str, Make] = {
    "png_and_script_behind": lambda: written(drawn(), "PNG") + JS,
    "jpeg_and_script_behind": lambda: written(drawn(), "JPEG") + JS,
    "jpeg_and_zip_behind": lambda: written(drawn(), "JPEG") + b"PK\x03\x04" + b"\0" * 400,
    "webp_and_html_behind": lambda: written(drawn(), "WEBP") + b"<html>" + JS,
    "png_with_texts": lambda: written(drawn(), "PNG", pnginfo=texts()),
    "jpeg_with_comment": lambda: written(drawn(), "JPEG", comment=JS),
    "jpeg_with_place": lambda: written(drawn(), "JPEG", exif=with_exif(drawn())),
    "png_with_exif": lambda: written(drawn(), "PNG", exif=with_exif(drawn())),
    "webp_with_exif": lambda: written(drawn(), "WEBP", exif=with_exif(drawn())),
    "webp_with_xmp": lambda: written(drawn(), "WEBP", xmp=b"<x:xmpmeta onload='alert(1)'/>"),
    "png_with_broken_profile": lambda: written(drawn(), "PNG", icc_profile=JS * 9),
    "moving_webp": lambda: written(drawn(), "WEBP", save_all=True, append_images=frames(12)),
    "moving_png": lambda: written(drawn(), "PNG", save_all=True, append_images=frames(6)),
}

BENIGN: dict[str, Make] = {
    "screenshot": lambda: written(drawn(), "PNG"),
    "screenshot_4k": lambda: written(drawn(size=(3_840, 2_160)), "PNG"),
    "interlaced_looks": lambda: written(drawn(), "PNG", optimize=True),
    "see_through": lambda: written(drawn("RGBA"), "PNG"),
    "palette": lambda: written(drawn("P"), "PNG"),
    "palette_with_hole": lambda: written(drawn("P"), "PNG", transparency=0),
    "grey": lambda: written(drawn("L"), "PNG"),
    "grey_with_alpha": lambda: written(drawn("LA"), "PNG"),
    "one_bit": lambda: written(drawn("1"), "PNG"),
    "sixteen_bits": lambda: written(
        Image.frombytes("I;16", SIZE, bytes(each for value in drawn("L").tobytes() for each in (value, value))), "PNG"
    ),
    "photo": lambda: written(drawn(), "JPEG", quality=85),
    "photo_12_times_smaller": lambda: written(drawn(size=(3_400, 2_600)), "JPEG"),
    "progressive": lambda: written(drawn(), "JPEG", progressive=True),
    "grey_photo": lambda: written(drawn("L"), "JPEG"),
    "print_colours": lambda: written(drawn("CMYK"), "JPEG"),
    "webp": lambda: written(drawn(), "WEBP"),
    "webp_lossless": lambda: written(drawn("RGBA"), "WEBP", lossless=True),
    "upright": lambda: written(drawn(size=(600, 1_200)), "PNG"),
    "small": lambda: written(drawn(size=(240, 200)), "PNG"),
    "padded_jpeg": lambda: written(drawn(), "JPEG") + b"\0" * 16,
}


@cache
def data(name: str) -> bytes:
    """The bytes of one picture, made once."""
    return (REFUSED | CLEANED | BENIGN)[name]()
