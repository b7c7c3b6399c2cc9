"""Pictures from outside: judged, drawn anew without what hides in them, marked for one viewer."""

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2400
KINDS = ("PNG", "JPEG", "WEBP", "GIF")


class Unreadable(Exception):
    """Not a picture that we take: another format, broken, or too large."""


def opened(data: bytes, *, most_pixels: int = MOST_PIXELS) -> "Image":
    """The first picture of a file, fully read. Raises Unreadable.

    Its size is judged by its header, before anything of it is unpacked.
    """
    from PIL import Image

    if len(data) > LARGEST:
        raise Unreadable("too many bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(data), formats=KINDS)
            if picture.width * picture.height > most_pixels:
                raise Unreadable("too many pixels")
            picture.load()
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise whatever a broken file leads them to
        raise Unreadable(type(error).__name__) from None
    return picture


def redrawn(data: bytes) -> bytes:
    """The picture as a fresh JPEG of bounded size: no place, no device, no second content in it.

    Raises Unreadable.
    """
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(opened(data)).convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _jpeg(picture)


def watermarked(data: bytes, lines: Sequence[str]) -> bytes:
    """The picture with `lines` written across all of it, as a JPEG. Raises Unreadable."""
    from PIL import Image, ImageDraw, ImageFont

    picture = opened(data).convert("RGBA")
    size = max(14, min(picture.size) // 24)
    font = ImageFont.load_default(size)
    words = "\n".join(_drawable(line) for line in lines)
    box = ImageDraw.Draw(picture).multiline_textbbox((0, 0), words, font=font)
    width, height = int(box[2]) + size, int(box[3]) + size
    mark = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(mark).multiline_text(
        (0, 0),
        words,
        font=font,
        fill=(255, 255, 255, 150),
        stroke_width=1,
        stroke_fill=(0, 0, 0, 130),
    )
    mark = mark.rotate(20, expand=True)
    cover = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    for row, top in enumerate(range(-mark.height // 2, picture.height, mark.height)):
        for left in range(-(row % 2) * mark.width // 2, picture.width, mark.width):
            cover.paste(mark, (left, top))
    return _jpeg(Image.alpha_composite(picture, cover).convert("RGB"))


def _drawable(line: str) -> str:
    """What the font at hand can draw; an address and a time always can."""
    return "".join(char for char in line if char.isascii() and char.isprintable()).strip()


def _jpeg(picture: "Image") -> bytes:
    drawn = BytesIO()
    picture.save(drawn, "JPEG", quality=88)
    return drawn.getvalue()
