"""Turn bytes into text whatever their label says: labels are missing, wrong or from 1998."""

import codecs
import re

from channels_ingest import wire

# Labels that promise less than senders put in; the wider set reads the narrower as well. GB2312
# needs none: bytes beyond it are often mislabelled UTF-8, and GB18030 is tried after that.
WIDER = {
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
    "iso8859-1": "cp1252",
    "iso2022_jp": "iso2022_jp_ext",
}
SPOKEN = {  # names that Python does not know
    "x-gbk": "gbk",
    "gb_2312-80": "gb2312",
    "gb2312_charset": "gb2312",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "utf8mb4": "utf-8",
}
# Codecs that are no charset of mail; some of them are slow on hostile input.
NO_CHARSETS = re.compile(r"idna|punycode|.*unicode_escape|undefined|utf-7|mbcs|oem|ascii")
GUESSES = ("utf-8", "gb18030")
# Short Chinese words in GB18030 can be valid UTF-8 by chance; it then reads as rare letters.
RARE = re.compile("[\u0180-\u0385\u0460-\u058f]")
BEYOND_TWO_BYTES = re.compile("[\u0800-\U0010ffff]")


def decode(data: bytes, label: str = "") -> str:
    """Read the bytes by their label, else as UTF-8, else as GB18030; never raises."""
    labelled = _codec(label)
    for name in (labelled, *GUESSES):
        try:
            read = data.decode(name) if name else None
        except UnicodeDecodeError:
            continue
        if read is not None and (name == labelled or not _is_utf8_by_chance(name, read)):
            return wire.storable(read)
    return wire.storable(data.decode(labelled or "utf-8", "replace"))


def _is_utf8_by_chance(name: str, read: str) -> bool:
    return name == "utf-8" and bool(RARE.search(read)) and not BEYOND_TWO_BYTES.search(read)


def _codec(label: str) -> str:
    wanted = label.strip().strip("\"'").lower()
    if not wanted.isascii() or len(wanted) > 40:
        return ""
    try:
        name = codecs.lookup(SPOKEN.get(wanted, wanted)).name
        "".encode(name)  # base64, zip and their like are codecs too, but not of text
    except (LookupError, ValueError):
        return ""
    return "" if NO_CHARSETS.fullmatch(name) else WIDER.get(name, name)
