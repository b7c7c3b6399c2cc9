"""Pushed requests: whether they are the vendor's and fresh, and what stands in them."""

from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels_ingest import wire
from channels_ingest.connectors.base import BadSignature, Request
from channels_ingest.weixin.crypto import is_signed

FRESH = 600  # seconds by which the two clocks may differ


def check(
    request: Request, tokens: tuple[str, ...], now: datetime, *, name: str, sealed: str | None
) -> None:
    """Check the signature in the query field `name` and its time.

    `sealed` is the ciphertext that it covers, None where it covers the time alone. Raises
    BadSignature with the same words for any cause.
    """
    query = request.query
    moment, nonce = query.get("timestamp", ""), query.get("nonce", "")
    covered = (moment, nonce) if sealed is None else (moment, nonce, sealed)
    good = is_signed(query.get(name, ""), tokens, *covered)
    if not (good and _is_fresh(moment, now)):
        raise BadSignature("signature refused")


def _is_fresh(moment: str, now: datetime) -> bool:
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    return abs(now.timestamp() - int(moment)) <= FRESH


def fields(body: bytes) -> dict[str, str]:
    """The fields of a push in XML or JSON, without what is nested deeper. Raises ValueError."""
    found = _from_json(body) if body.lstrip()[:1] == b"{" else _from_xml(body)
    return {name: wire.storable(value) for name, value in found.items()}


def _from_json(body: bytes) -> dict[str, str]:
    values: Mapping[str, object] = wire.json_object(body)
    return {
        wire.storable(name): str(value)
        for name, value in values.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _from_xml(body: bytes) -> dict[str, str]:
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise ValueError(f"no XML that can be read: {type(error).__name__}") from None
    return {str(each.tag): each.text or "" for each in root if not len(each)}
