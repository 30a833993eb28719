"""Reads, checks and opens a vault, knowing nothing but FORMAT.md.

    decode.py VAULT < keys        each line of keys: MEMBER AGE-SECRET-KEY-1...
    decode.py --vectors FOLDER

The first prints what it found as JSON, the second the names of the vectors that it checked. Damage goes to standard
error, with exit code 1. Python 3.11 and the package `cryptography`, 48 or newer.
"""

import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import age
import sealing
from basics import Damaged, id_text, need, sha256
from people import need_value
from vault import Vault


class Keys:
    """What the members' keys open: group keys, and by them session secrets."""

    def __init__(self, vault, members):
        self.vault, self.groups, self.cache = vault, {}, {}
        for member, identity in members:
            charter = vault.charters[max(vault.charters)]
            need(charter.members[member].recipient == identity.recipient, f"not the key of {member}")
            for (name, epoch), key in vault.group_keys.items():
                if member in key.wraps and name in charter.groups and member in charter.groups[name]["members"]:
                    group = age.identity(identity.decrypt(key.wraps[member]).decode("ascii"))
                    need(group.recipient == key.recipient, f"another key than that of {key.group}")
                    self.groups.setdefault(name, {})[epoch] = group
        for group, epochs in self.groups.items():
            newest = vault.log_keys[max(vault.log_keys)]
            seed = epochs[charter.groups[group]["epoch"]].decrypt(newest[group])
            public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
            need(public == charter.log, "another log key than the charter's")

    def secrets(self, session):
        if session not in self.cache:
            opened = {group: self._secret(session, group, epochs) for group, epochs in self.groups.items()}
            self.cache[session] = {group: secret for group, secret in opened.items() if secret is not None}
            need(all(len(s) == 32 for s in self.cache[session].values()), "a session secret of the wrong length")
        return self.cache[session]

    def _secret(self, session, group, epochs):
        """By the newest key that the session was handed on to, else by that of its own time."""
        for epoch in sorted(epochs, reverse=True):
            if (session, group, epoch) in self.vault.rewrapped:
                return epochs[epoch].decrypt(self.vault.rewrapped[session, group, epoch])
        key = epochs.get(self.vault.epoch(session, group))
        return key and key.decrypt(self.vault.sessions[session][group])

    def open(self, envelope, quorums, record, kind, version):
        place = (self.vault.id, record, kind, version)
        content_key = envelope.content_key(place, quorums, self.secrets(envelope.session))
        return None if content_key is None else envelope.open(content_key, *place)


def reasons(vault, keys):
    opened = {}
    for seq, envelope in vault.reasons.items():
        entry = vault.entries[seq]
        need(envelope.class_ == "reason" and [n for n, _ in envelope.fields] == ["reason"], "a reason's form")
        quorum = vault.charters[envelope.charter].reason_quorum(entry["actor"])
        values = keys.open(envelope, [quorum], bytes(16), "reason", seq)
        opened[seq] = values and values["reason"]
    return opened


def version_fields(vault, keys, record, version):
    """By name: `{"class", "value"}`, without a value if the keys do not open it."""
    fields, found = vault.schemas[version["schema"]].kinds[version["kind"]], {}
    for envelope in version["envelopes"]:
        quorums = vault.charters[envelope.charter].classes[envelope.class_]
        values = keys.open(envelope, quorums, record, version["kind"], version["version"])
        for name, _ in envelope.fields:
            found[name] = {"class": envelope.class_}
            if values is not None:
                need_value(fields[name], values[name])
                found[name]["value"] = values[name]
    return found


def index(vault, keys):
    """How many postings of each index the keys open, after looking every identity number up in it."""
    opened = {}
    for number, epoch in vault.epochs.items():
        quorums = vault.charters[epoch["secret"].charter].classes[epoch["class"]]
        values = keys.open(epoch["secret"], quorums, bytes(16), "amanah index", number)
        if values is None:
            continue
        key = sealing.Index(vault.id, epoch["class"], number, values["secret"])
        own = {label: key.open(label, sealed) for (of, label), sealed in vault.postings.items() if of == number}
        own = {label: posting for label, posting in own.items() if posting is not None}
        opened[number] = len(own)
        told = {(posting["record"], posting["version"], posting["tag"]) for posting in own.values()}
        for record, versions in vault.versions.items():
            for version in versions:
                kind = version["kind"]
                found = version_fields(vault, keys, record, version)
                for name, cell in found.items():
                    tag = sha256(kind.encode() + b"\0" + name.encode())[:8]
                    field = vault.schemas[epoch["schema"]].kinds[kind][name]
                    if (record, version["version"], tag) not in told or field["type"] != "identity_number":
                        continue
                    # So many labels can be missing as items were erased.
                    count, missing, hits = 0, 0, []
                    while missing <= vault.lost:
                        label = key.label("exact", "", cell["value"], count)
                        count += 1
                        if label in own:
                            hits.append((own[label]["record"], own[label]["version"], own[label]["tag"]))
                        else:
                            missing += 1
                    need((record, version["version"], tag) in hits, "a number that its index does not find")
    return opened


def report(vault, keys):
    records = []
    for record, versions in vault.versions.items():
        shown, present = [], {}
        for version in versions:
            fields = version_fields(vault, keys, record, version)
            present |= fields
            of = version["of"] and id_text(version["of"])
            shown.append({"version": version["version"], "schema": version["schema"], "of": of, "fields": fields})
        about = {"record": id_text(record), "kind": versions[0]["kind"], "of": shown[-1]["of"]}
        records.append(about | {"present": present, "versions": shown})
    given = reasons(vault, keys)
    log = [entry | {"reason": given[seq]} if seq in given else entry for seq, entry in enumerate(vault.entries)]
    return {
        "vault": vault.id_text,
        "entries": vault.tree.size,
        "torn_lines": vault.torn,
        "checkpoint": vault.checkpoint,
        "fingerprints": {m: card.fingerprint for m, card in vault.charters[max(vault.charters)].members.items()},
        "groups": sorted(keys.groups),
        "records": records,
        "indexes": index(vault, keys),
        "merged": {id_text(one): id_text(other) for one, other in vault.merged.items()},
        "erased": {id_text(record): seq for record, seq in vault.erased.items()},
        "log": log,
    }


def main(args):
    if len(args) == 2 and args[0] == "--vectors":
        import vectors

        for name in vectors.check(pathlib.Path(args[1])):
            print(name)
        return
    (folder,) = args
    members = [line.split(" ") for line in sys.stdin.read().splitlines()]
    vault = Vault(pathlib.Path(folder))
    keys = Keys(vault, [(member, age.identity(key)) for member, key in members])
    json.dump(report(vault, keys), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Damaged as damage:
        sys.exit(f"damaged: {damage}")
