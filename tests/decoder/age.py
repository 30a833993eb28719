"""age v1, X25519 and mlkem768x25519, decryption only (C2SP age.md), and the Bech32 of its keys (BIP 173)."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from basics import Damaged, hkdf, need

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHUNK = 64 * 1024


def _polymod(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check


def _expanded(prefix):
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def bech32(prefix, data):
    bits = int.from_bytes(data) << -len(data) * 8 % 5
    count = (len(data) * 8 + 4) // 5
    values = [bits >> 5 * (count - 1 - i) & 31 for i in range(count)]
    check = _polymod(_expanded(prefix) + values + [0] * 6) ^ 1
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(CHARSET[v] for v in values)


def unbech32(prefix, text):
    """The 32 bytes of a key; lower case."""
    need(text.startswith(prefix + "1"), "not the expected kind of age key")
    values = [CHARSET.find(c) for c in text[len(prefix) + 1 :]]
    need(len(values) == 58 and min(values) >= 0, "an age key of the wrong form")
    bits = 0
    for value in values[:-6]:
        bits = bits << 5 | value
    data = (bits >> 4).to_bytes(32)
    need(bech32(prefix, data) == text, "an age key with a wrong checksum")
    return data


def identity(text):
    """The private side of a recipient, of whichever kind."""
    return (Hybrid if text.startswith("AGE-SECRET-KEY-PQ-1") else Classic)(text)


class Identity:
    """What opens the files of others; `stanza` names those that may be for it."""

    def decrypt(self, data):
        header, stanzas, mac, payload = _parse(data)
        keys = (self._file_key(args, body) for args, body in stanzas if args[0] == self.stanza)
        file_key = next((key for key in keys if key is not None), None)
        need(file_key is not None, "an age file that is not for this key")
        need(hmac.compare_digest(hmac.digest(hkdf(b"", file_key, b"header"), header, "sha256"), mac), "age header MAC")
        need(len(payload) >= 16, "an age file without a nonce")
        return _stream(hkdf(payload[:16], file_key, b"payload"), payload[16:])


class Hybrid(Identity):
    """The private side of an mlkem768x25519 recipient: a seed of X-Wing."""

    stanza = "mlkem768x25519"

    def __init__(self, text):
        need(text == text.upper(), "an age secret key is upper case")
        seed = hashlib.shake_256(unbech32("age-secret-key-pq-", text.lower())).digest(96)
        lattice, curve = MLKEM768PrivateKey.from_seed_bytes(seed[:64]), X25519PrivateKey.from_private_bytes(seed[64:])
        self.private = hpke.MLKEM768X25519PrivateKey(lattice, curve)
        public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        self.recipient = bech32("age1pq", public)

    def _file_key(self, args, body):
        need(len(args) == 2 and len(body) == 32, "an mlkem768x25519 stanza of the wrong form")
        share = _unpadded(args[1])
        need(len(share) == 1120, "an mlkem768x25519 share of the wrong length")
        suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
        try:
            return suite.decrypt(share + body, self.private, b"age-encryption.org/mlkem768x25519")
        except InvalidTag:
            return None


class Classic(Identity):
    """The private side of an X25519 recipient."""

    stanza = "X25519"

    def __init__(self, text):
        need(text == text.upper(), "an age secret key is upper case")
        self.private = X25519PrivateKey.from_private_bytes(unbech32("age-secret-key-", text.lower()))
        self.public = self.private.public_key().public_bytes_raw()
        self.recipient = bech32("age", self.public)

    def _file_key(self, args, body):
        need(len(args) == 2 and len(body) == 32, "an X25519 stanza of the wrong form")
        share = _unpadded(args[1])
        try:
            secret = self.private.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as error:
            raise Damaged(f"a bad share in an age file: {error}") from None
        key = hkdf(share + self.public, secret, b"age-encryption.org/v1/X25519")
        try:
            return ChaCha20Poly1305(key).decrypt(bytes(12), body, None)
        except InvalidTag:
            return None


def _unpadded(text):
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise Damaged("bad base64 in an age header") from None
    need(base64.b64encode(data).decode().rstrip("=") == text, "base64 in an age header is not canonical")
    return data


def _parse(data):
    """The header without its MAC, its stanzas, the MAC, and what follows the header."""
    need(data.startswith(b"age-encryption.org/v1\n"), "not an age file")
    at, stanzas = len(b"age-encryption.org/v1\n"), []
    while True:
        end = data.find(b"\n", at)
        need(end >= 0, "an age header without an end")
        try:
            line = data[at:end].decode("ascii")
        except UnicodeDecodeError:
            raise Damaged("an age header that is not ASCII") from None
        start, at = at, end + 1
        if line.startswith("--- "):
            need(stanzas, "an age header without a recipient")
            return data[: start + 3], stanzas, _unpadded(line[4:]), data[at:]
        args = line.split(" ")
        need(args[0] == "->" and len(args) > 1 and all(args), "an age header of the wrong form")
        body = ""
        while True:
            end = data.find(b"\n", at)
            need(0 <= end - at <= 64, "an age stanza of the wrong form")
            part, at = data[at:end].decode("ascii", "replace"), end + 1
            body += part
            if len(part) < 64:
                break
        stanzas.append((args[1:], _unpadded(body)))


def _stream(key, data):
    cipher, out, chunks = ChaCha20Poly1305(key), b"", range(0, len(data), CHUNK + 16)
    need(data, "an age file without a payload")
    for number, at in enumerate(chunks):
        last = number == len(chunks) - 1
        try:
            plain = cipher.decrypt(number.to_bytes(11) + bytes([last]), data[at : at + CHUNK + 16], None)
        except InvalidTag:
            raise Damaged("the payload of an age file does not open") from None
        need(plain or number == 0, "an age file with an empty last chunk")
        out += plain
    return out
