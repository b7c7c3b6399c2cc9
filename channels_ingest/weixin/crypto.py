"""The signature and the cipher of pushed messages."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

PADDED_TO = 256  # bits: the vendor pads to 32 bytes, though a block of AES has 16
HEAD = 20  # bytes before the text: 16 random ones, 4 for its length


def signature(*parts: str) -> str:
    """The vendor's signature of some words, whatever their order."""
    joined = "".join(sorted(parts)).encode("utf-8", "replace")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def is_signed(given: str, tokens: Iterable[str], *parts: str) -> bool:
    """Whether `given` is the signature of `parts` with a token; an empty token signs nothing."""
    value = given.encode("utf-8", "replace")
    expected = [signature(token, *parts).encode() for token in tokens if token]
    # No early end: the time this takes does not say which token came close.
    matches = [hmac.compare_digest(ours, value) for ours in expected]
    return any(matches)


def is_key(encoding_aes_key: str) -> bool:
    """Whether the text can be an EncodingAESKey."""
    return re.fullmatch(r"[A-Za-z0-9+/]{43}", encoding_aes_key) is not None


def opened(encrypted: str, keys: Iterable[str], receiver: str) -> bytes:
    """Decrypt what was sent to `receiver` with one of the keys.

    Raises ValueError where no key fits, or the text was meant for somebody else.
    """
    for key in filter(is_key, keys):
        try:
            return _opened(encrypted, key, receiver)
        except ValueError:
            continue
    raise ValueError("no EncodingAESKey opens this for the given id")


def _opened(encrypted: str, encoding_aes_key: str, receiver: str) -> bytes:
    sealed = base64.b64decode(encrypted, validate=True)
    # The last character may carry bits that belong to no byte; Python's decoder lets them be.
    key = base64.b64decode(encoding_aes_key + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    unpadder = PKCS7(PADDED_TO).unpadder()
    padded = decryptor.update(sealed) + decryptor.finalize()
    plain = unpadder.update(padded) + unpadder.finalize()
    length = int.from_bytes(plain[16:HEAD], "big")
    text, tail = plain[HEAD : HEAD + length], plain[HEAD + length :]
    if len(plain) < HEAD or len(text) != length or tail != receiver.encode():
        raise ValueError("meant for somebody else")
    return text
