"""What everything else stands on: errors, base64, ids, CBOR, hashes (FORMAT.md, section 1)."""

import base64
import hashlib
import hmac


class Damaged(Exception):
    """What was read is not what a writer would have written."""


def need(condition, message):
    if not condition:
        raise Damaged(message)


# --- Hashes ---


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def hkdf_extract(salt, ikm):
    return hmac.digest(salt or bytes(32), ikm, "sha256")


def hkdf_expand(prk, info, length=32):
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        out, counter = out + block, counter + 1
    return out[:length]


def hkdf(salt, ikm, info, length=32):
    return hkdf_expand(hkdf_extract(salt, ikm), info, length)


# --- Base64 and ids ---


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text, length=None):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Damaged(f"not base64: {error}") from None
    need(b64(data) == text, "base64 is not canonical")
    need(length in (None, len(data)), f"{len(data)} bytes where {length} were expected")
    return data


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def id_text(data):
    number = int.from_bytes(data) << 2
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def id_bytes(text):
    need(isinstance(text, str) and len(text) == 26, f"not an id: {text!r}")
    number = 0
    for character in text:
        need(character in ALPHABET, f"not an id: {text!r}")
        number = number << 5 | ALPHABET.index(character)
    need(number & 3 == 0, f"an id whose last bits are not zero: {text!r}")
    return (number >> 2).to_bytes(16)


# --- CBOR: core deterministic encoding of the few types that occur ---


def cbor_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | code]) + number.to_bytes(size)
    raise Damaged("a number beyond 64 bits")


def cbor(value):
    match value:
        case None | False | True:
            return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
        case int():
            return cbor_head(0, value) if value >= 0 else cbor_head(1, -1 - value)
        case bytes():
            return cbor_head(2, len(value)) + value
        case str():
            return cbor_head(3, len(value.encode())) + value.encode()
        case list():
            return cbor_head(4, len(value)) + b"".join(map(cbor, value))
    raise Damaged(f"CBOR has no place here for {type(value)}")


def uncbor(data):
    """The one value that `data` encodes."""
    value, end = _item(data, 0, 8)
    need(end == len(data), "bytes after a CBOR value")
    need(cbor(value) == data, "CBOR is not deterministic")
    return value


def _item(data, at, depth):
    need(depth > 0, "CBOR is nested too deeply")
    first, at = _take(data, at, 1)
    major, code = first[0] >> 5, first[0] & 31
    if major == 7:
        need(code in (20, 21, 22), "CBOR of an unknown kind")
        return {20: False, 21: True, 22: None}[code], at
    number = code
    if code >= 24:
        need(code <= 27, "CBOR of indefinite length")
        raw, at = _take(data, at, 1 << code - 24)
        number = int.from_bytes(raw)
    match major:
        case 0:
            return number, at
        case 1:
            return -1 - number, at
        case 2:
            return _take(data, at, number)
        case 3:
            raw, at = _take(data, at, number)
            try:
                return raw.decode(), at
            except UnicodeDecodeError:
                raise Damaged("text that is not UTF-8") from None
        case 4:
            items = []
            for _ in range(number):
                item, at = _item(data, at, depth - 1)
                items.append(item)
            return items, at
    raise Damaged("CBOR of an unknown kind")


def _take(data, at, length):
    need(len(data) - at >= length, "CBOR ends too early")
    return data[at : at + length], at + length
