"""Upload a file to QQ in parts, for one user or one group; nothing is posted by that."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from channels_ingest import wire
from channels_ingest.connectors.base import (
    FetchFailure,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
)
from channels_ingest.qq import errors
from channels_ingest.qq.api import Api
from tickets.interchange import OutgoingFile

FIRST_BYTES = 10_002_432  # what the vendor's third checksum covers
IMAGE, VIDEO, VOICE, FILE = 1, 2, 3, 4
TYPES = {"image/png": IMAGE, "image/jpeg": IMAGE, "video/mp4": VIDEO, "audio/silk": VOICE}


def upload(api: Api, place: str, file: OutgoingFile, now: datetime) -> str:
    """Upload `file` for the chat at `place`; the `file_info` to send it by. Raises SendFailure."""
    kind = {"file_type": TYPES.get(file.content_type, FILE), "file_name": file.name}
    prepared = _asked(api, f"{place}/upload_prepare", kind | _checksums(file.data), now)
    number = prepared.get("upload_id")
    parts = prepared.get("parts")
    if not isinstance(number, str) or not isinstance(parts, list):
        raise TemporaryFailure("unavailable", "QQ did not say where to upload")
    start = 0
    for part in parts:  # in this order: the vendor counts them from 0 or from 1
        given = part if isinstance(part, dict) else {}
        size = _size(given) or _size(prepared)
        _put(api, given.get("presigned_url"), file.data[start : start + size])
        _confirm(api, place, number, given.get("index"), file.data[start : start + size], now)
        start += size
    if start < len(file.data):
        raise TemporaryFailure("unavailable", "QQ gave too few places to upload to")
    done = _asked(
        api, f"{place}/files", kind | {"srv_send_msg": False, "upload_id": number}, now
    ).get("file_info")
    if not isinstance(done, str) or not done:
        raise TemporaryFailure("unavailable", "QQ did not say how to send the file")
    return done


def _checksums(data: bytes) -> dict[str, str]:
    return {
        "file_size": str(len(data)),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha1": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "md5_10m": hashlib.md5(data[:FIRST_BYTES], usedforsecurity=False).hexdigest(),
    }


def _size(holder: Mapping[str, Any]) -> int:
    """The length of a part; a number or a text."""
    value = str(holder.get("block_size") or "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0


def _put(api: Api, address: object, data: bytes) -> None:
    if not isinstance(address, str) or not data:
        raise TemporaryFailure("unavailable", "QQ gave an upload address without its part")
    try:
        status = api.put(address, data)
    except requests.RequestException as error:
        raise _nothing_sent(wire.broken_send(error)) from None  # the address itself is a secret
    if status != 200:
        raise TemporaryFailure("unavailable", f"HTTP {status} while uploading")


def _confirm(api: Api, place: str, number: str, index: object, data: bytes, now: datetime) -> None:
    """Tell QQ that a part is there."""
    body = {
        "upload_id": number,
        "part_index": index,
        "block_size": str(len(data)),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
    }
    path = f"{place}/upload_part_finish"
    try:
        _asked(api, path, body, now)
    except TemporaryFailure as failure:
        if failure.code != errors.NOT_THERE_YET:
            raise
        _asked(api, path, body, now)  # the store tells QQ a moment after it has told us


def _asked(api: Api, path: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """One step of the upload. Raises SendFailure, never that the outcome is unknown."""
    try:
        response = api.call("POST", path, body)
    except FetchFailure as failure:
        raise errors.while_sending(failure) from None
    except requests.RequestException as error:
        raise _nothing_sent(wire.broken_send(error)) from None
    refusal = errors.failure_of(response, api.said(response), now)
    if refusal:
        raise _nothing_sent(refusal)
    try:
        return wire.json_object(response.content)
    except ValueError:
        return {}


def _nothing_sent(failure: SendFailure) -> SendFailure:
    """What an upload's trouble means for the message: it can always be tried again."""
    if isinstance(failure, OutcomeUnknown):
        return TemporaryFailure(failure.code, failure.detail)
    if isinstance(failure, PermanentFailure) and failure.code == "refused":
        return PermanentFailure("content_refused", f"QQ does not take the file ({failure.detail})")
    return failure
