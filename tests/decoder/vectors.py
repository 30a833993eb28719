"""The vectors: made again or opened with this program's own code."""

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import age
from basics import Damaged, b64, cbor, id_text, need, sha256, uncbor
from people import Card, card_text, fingerprint, key_id
from sealing import Envelope, gather, leaves, pad, share_key, unpad
from vault import MEMBERS, Tree, checkpoint_text, entry_message, item_digest, parse_line, payload_digest

raw = bytes.fromhex


class Signer:
    def __init__(self, seed):
        self.private = Ed25519PrivateKey.from_private_bytes(raw(seed))
        self.public = self.private.public_key().public_bytes_raw()

    def note(self, text, name):
        signature = key_id(name, self.public) + self.private.sign(text.encode())
        return f"{text}\n— {name} {b64(signature)}\n"


def padding(given, made):
    need(pad(raw(given["value"])) == raw(made["padded"]), "another padding")
    need(unpad(raw(made["padded"])) == raw(given["value"]), "another value")


def shares(given, made):
    dealt = [raw(share) for share in made["leaves"]]
    need(len(dealt) == len(leaves(given["quorum"])), "another number of leaves")
    for sets, secret in ((given["opens"], raw(given["secret"])), (given["fails"], None)):
        for held in sets:
            reached = iter([share if leaf in held else None for leaf, share in enumerate(dealt)])
            need(gather(given["quorum"], reached) == secret, f"leaves {held}")


def sealed_share(given, made):
    at = [raw(given["vault"]), raw(given["record"]), given["kind"], given["version"]]
    envelope = raw(given["envelope"])
    place = sha256(cbor(["amanah place/1", *at, given["class"], envelope, given["charter"]]))
    need(place == raw(made["place"]), "another place")
    key = share_key(raw(given["session"]), raw(given["secret"]), given["class"], given["leaf"], given["group"])
    need(AESGCM(key).encrypt(envelope[:12], raw(given["share"]), place) == raw(made["sealed"]), "another sealed share")


def envelope(given, made):
    found = Envelope(uncbor(raw(made["envelope"])))
    need((found.class_, found.charter) == (given["class"], given["charter"]), "another class or charter")
    need(found.session == raw(given["session"]), "another session")
    place = (raw(given["vault"]), raw(given["record"]), given["kind"], given["version"])
    for sets, opens in ((given["opens"], True), (given["fails"], False)):
        for groups in sets:
            secrets = {group: raw(given["secrets"][group]) for group in groups}
            key = found.content_key(place, given["quorums"], secrets)
            need((key is not None) == opens, f"groups {groups}")
            if opens:
                values = found.open(key, *place)
                wanted = {name: uncbor(raw(value)) for name, value in given["fields"]}
                need(list(values.items()) == list(wanted.items()), "other values")
                need(not opens_as(found, key, *place[:3], given["version"] + 1), "it opens as another version")


def opens_as(found, *place):
    try:
        return found.open(*place) is not None
    except Damaged:
        return False


def given_item(item):
    if isinstance(item, dict):
        return [raw(item["erased"])]
    return [raw(part) for part in item] if isinstance(item, list) else raw(item)


def payload(given, made):
    segment = b"amanah journal/1\n"
    for one, digest in zip(given["payloads"], made["digests"], strict=True):
        items = [given_item(item) for item in one["items"]]
        digests = [item_digest(item) for item in items]
        need(payload_digest(raw(given["vault"]), one["sequence"], digests) == raw(digest), "another digest")
        body = cbor([one["sequence"], items])
        segment += len(body).to_bytes(4) + body
    need(segment == raw(made["segment"]), "another segment")


def entry(given, made):
    ordered = {member: given["entry"][member] for member in MEMBERS if member in given["entry"]}
    ordered["tree"] = {member: ordered["tree"][member] for member in ("size", "root")}
    for subject in ordered.get("subjects", []):
        fields = {class_: subject["fields"][class_] for class_ in sorted(subject["fields"])}
        members = [member for member in ("kind", "version", "fields", "records", "of") if member in subject]
        whole = subject | {"fields": fields}
        subject.clear()
        subject.update({member: whole[member] for member in members})
    signer, vault = Signer(given["seed"]), id_text(raw(given["vault"]))
    body = json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
    line = made["line"].encode()
    need(line[: line.rindex(b',"sig":')] == body, "another line")
    signature = b64(signer.private.sign(entry_message(vault, line)))
    need(line == body + b',"sig":"' + signature.encode() + b'"}', "another signature")
    need(parse_line(line) is not None, "a line that is not strict")


def tree(given, made):
    grown = Tree()
    roots = [grown.root().hex()]
    for leaf in given["leaves"]:
        grown.add(raw(leaf))
        roots.append(grown.root().hex())
    need(roots == made["roots"], "other roots")


def card(given, made):
    signer, recipient = Signer(given["seed"]), age.identity(given["identity"]).recipient
    text = card_text(given["member"], recipient, signer.public, given["created"])
    need(signer.note(text, given["member"]) == made["card"], "another card")
    need(fingerprint(text) == made["fingerprint"] == Card(made["card"]).fingerprint, "another fingerprint")


def checkpoint(given, made):
    vault = id_text(raw(given["vault"]))
    text = checkpoint_text(vault, given["size"], raw(given["root"]))
    need(Signer(given["seed"]).note(text, f"amanah/{vault}") == made["note"], "another note")


CHECKS = [padding, shares, sealed_share, envelope, payload, entry, tree, card, checkpoint]


def check(folder):
    """Checks every file; gives the names."""
    names = {function.__name__: function for function in CHECKS}
    for file in sorted(folder.glob("*.json")):
        need(file.stem in names, f"{file.name}: nothing checks it")
        cases = json.loads(file.read_text())["cases"]
        need(cases, f"{file.name}: empty")
        for number, case in enumerate(cases, 1):
            try:
                names[file.stem](case["given"], case["made"])
            except Damaged as damage:
                raise Damaged(f"{file.name}, case {number}: {damage}") from None
        yield file.stem
