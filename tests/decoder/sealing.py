"""Quorums, shares, envelopes and padding (FORMAT.md, sections 4 and 6)."""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from basics import Damaged, cbor, hkdf, hkdf_expand, hkdf_extract, need, sha256, uncbor

# --- Padding ---


def padme(length):
    e = length.bit_length() - 1
    s = e.bit_length()
    step = 1 << e - s
    return -(-length // step) * step


def pad(value):
    length = padme(max(len(value) + 1, 32))
    return (value + b"\x80").ljust(length, b"\0")


def unpad(padded):
    value = padded.rstrip(b"\0")
    need(value.endswith(b"\x80"), "padding without its mark")
    need(pad(value[:-1]) == padded, "padding of the wrong length")
    return value[:-1]


# --- Shamir's scheme over GF(2^8) ---


def gf_mul(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def gf_inverse(a):
    return next(b for b in range(1, 256) if gf_mul(a, b) == 1)


def combine(points):
    """The value at 0 of what passes through the points: (x, bytes), distinct x."""
    need(len({len(values) for _, values in points}) == 1, "shares of different lengths")
    secret = bytearray(len(points[0][1]))
    for x, values in points:
        factor = 1
        for other, _ in points:
            if other != x:
                factor = gf_mul(factor, gf_mul(other, gf_inverse(x ^ other)))
        for at, value in enumerate(values):
            secret[at] ^= gf_mul(value, factor)
    return bytes(secret)


# --- Quorums: a leaf is a group's name, a node {"any": t, "of": [...]} ---


def leaves(node):
    return [node] if isinstance(node, str) else [leaf for part in node["of"] for leaf in leaves(part)]


def gather(node, reached):
    """What was given to the node, from what reached its leaves (an iterator, `None` for what is missing)."""
    if isinstance(node, str):
        return next(reached)
    parts = [gather(part, reached) for part in node["of"]]
    if node["any"] == 1:
        return next((part for part in parts if part is not None), None)
    points = []
    for number, part in enumerate(parts, 1):
        if part is not None:
            need(part[:1] == bytes([number]), "a share that stands in the wrong place")
            points.append((number, part[1:]))
    return combine(points[: node["any"]]) if len(points) >= node["any"] else None


# --- Envelopes ---


class Envelope:
    """`[envelope id, class, session id, charter version, commitment, [share, ...], [[field, sealed], ...]]`"""

    def __init__(self, items):
        need(isinstance(items, list) and len(items) == 7, "an envelope of the wrong form")
        self.id, self.class_, self.session, self.charter, self.commitment, self.shares, self.fields = items
        need(isinstance(self.id, bytes) and len(self.id) == 16, "an envelope id of the wrong form")
        need(isinstance(self.session, bytes) and len(self.session) == 16, "a session id of the wrong form")
        need(isinstance(self.class_, str) and type(self.charter) is int, "an envelope of the wrong form")
        need(isinstance(self.commitment, bytes) and len(self.commitment) == 32, "a commitment of the wrong form")
        need(isinstance(self.shares, list) and all(isinstance(s, bytes) for s in self.shares), "shares of a wrong form")
        need(isinstance(self.fields, list) and self.fields, "an envelope without fields")
        for field in self.fields:
            need(isinstance(field, list) and [type(part) for part in field] == [str, bytes], "a field of a wrong form")
        need(len({name for name, _ in self.fields}) == len(self.fields), "a field twice in one envelope")

    def place(self, vault, record, kind, version):
        return sha256(cbor(["amanah place/1", vault, record, kind, version, self.class_, self.id, self.charter]))

    def content_key(self, place, quorums, secrets):
        """CK, or `None` if the session secrets (by group) do not suffice. `place`: vault, record, kind, version."""
        groups = [leaf for quorum in quorums for leaf in leaves(quorum)]
        need(len(groups) == len(self.shares), "not one share for each leaf")
        reached = []
        for leaf, (group, share) in enumerate(zip(groups, self.shares)):
            value = None
            if group in secrets:
                key = share_key(self.session, secrets[group], self.class_, leaf, group)
                value = aes_open(key, self.id[:12], share, self.place(*place))
            reached.append(value)
        reached, solved = iter(reached), []
        for quorum in quorums:
            solved.append(gather(quorum, reached))
        candidates = [key for key in solved if key is not None]
        for key in candidates:
            need(len(key) == 32, "a content key of a wrong length")
            commitment = hkdf_expand(key, b"amanah commitment/1" + self.id)
            if hmac.compare_digest(commitment, self.commitment):
                return key
        need(not candidates, "an envelope whose shares do not give the key it commits to")
        return None

    def open(self, content_key, vault, record, kind, version):
        """The fields' values."""
        key = hkdf_expand(content_key, b"amanah data key/1" + self.id)
        place = self.place(vault, record, kind, version)
        values = {}
        for index, (field, sealed) in enumerate(self.fields):
            nonce = bytes(4) + index.to_bytes(8)
            values[field] = uncbor(unpad(aes_open(key, nonce, sealed, place + field.encode())))
        return values


def share_key(session, secret, class_, leaf, group):
    return hkdf(session, secret, cbor(["amanah share key/1", class_, leaf, group]))


class Index:
    """The keys of one index (FORMAT.md, section 11)."""

    def __init__(self, vault, class_, epoch, secret):
        need(isinstance(secret, bytes) and len(secret) == 32, "an index secret of the wrong form")
        prk = hkdf_extract(vault, secret)
        self.labels = hkdf_expand(prk, cbor(["amanah index labels/1", vault, class_, epoch]))
        self.values = hkdf_expand(prk, cbor(["amanah index values/1", vault, class_, epoch]))

    def label(self, mode, scope, text, count):
        keyword = cbor([mode, scope, text])
        return hmac.digest(self.labels, count.to_bytes(8) + keyword, "sha256")[:16]

    def open(self, label, sealed):
        """What a posting says, or `None` if it is an empty one."""
        try:
            content = AESGCM(self.values).decrypt(sealed[:12], sealed[12:], label)
        except InvalidTag:
            return None
        need(len(content) == 32 and content[30:] == bytes(2), "a posting of the wrong form")
        version = int.from_bytes(content[16:20])
        return {"record": content[:16], "version": version, "tag": content[20:28], "at": content[28], "of": content[29]}


def aes_open(key, nonce, sealed, aad):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except (InvalidTag, ValueError):
        raise Damaged("a ciphertext that does not open") from None
