"""The folder: ledger, journal, checkpoint (FORMAT.md, sections 2, 5, 8 and 9)."""

import json
import re

from basics import Damaged, b64, cbor, id_bytes, id_text, need, sha256, unb64, uncbor
from exchange import Exchanges
from people import Charter, GroupKey, Note, Schema, signed_by
from sealing import Envelope

MEMBERS = ["v", "seq", "time", "actor", "group", "action", "purpose", "subjects", "payload"]
MEMBERS += ["outcome", "detail", "charter", "tree", "sig"]
OPTIONAL = {"purpose", "subjects", "payload", "detail"}
ACTIONS = {"vault.create", "schema.amend", "record.create", "record.update", "record.link", "record.import"}
ACTIONS |= {"charter.amend", "group.rotate", "recovery.split", "recovery.drill", "recovery.combine"}
ACTIONS |= {"record.read", "record.history", "record.list", "case.read", "record.check", "record.export"}
ACTIONS |= {"request.make", "request.withdraw", "release.approve", "release.deny", "release.open", "ledger.admit", "glass.break", "glass.acknowledge"}
ACTIONS |= {"record.find", "record.merge", "record.duplicates", "index.rebuild"}
ACTIONS |= {"record.erase", "record.erase-ask", "record.restrict", "record.release-restriction", "backup.create", "backup.drill"}
ACTIONS |= {"audit.reasons"}
POSTING = 76  # a label of 16 bytes, and what it stands for, sealed, in 60
MAX_LINE = 60_000
MAX_BODY = 64 * 1024 * 1024


def ordered(pairs):
    need(len(dict(pairs)) == len(pairs), "a member of an object twice")
    return dict(pairs)


def parse_line(line):
    """The entry, or `None` if the line is not a complete one."""
    try:
        entry = json.loads(line.decode(), object_pairs_hook=ordered, parse_float=int, parse_constant=int)
        need(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() == line, "white space")
        need(len(line) <= MAX_LINE, "a line too long")
        need([m for m in MEMBERS if m in entry] == list(entry), "members in another order")
        need(set(MEMBERS) - OPTIONAL <= set(entry), "a member is missing")
        need(list(entry["tree"]) == ["size", "root"], "an entry of the wrong form")
        numbers = [entry["v"], entry["seq"], entry["charter"], entry["tree"]["size"]]
        need(all(type(number) is int and number >= 0 for number in numbers), "a number of the wrong form")
        need(entry["v"] == 1 and entry["tree"]["size"] == entry["seq"], "an entry of the wrong form")
        words = [entry[m] for m in ("actor", "group", "purpose", "detail") if m in entry]
        need(all(isinstance(word, str) for word in words), "a word of the wrong form")
        need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["time"]), "an entry's time")
        need(entry["action"] in ACTIONS and entry["outcome"] in ("ok", "refused", "failed"), "an unknown action")
        need(entry.get("subjects") != [], "no subjects, but said so")
        for subject in entry.get("subjects", []):
            check_subject(subject)
        unb64(entry["tree"]["root"], 32)
        unb64(entry["sig"], 64)
        return entry
    except (Damaged, ValueError, KeyError, TypeError, AttributeError):
        return None


def check_subject(subject):
    members = ["kind", "version", "fields", "records"] + (["of"] if "of" in subject else [])
    need(list(subject) == members and type(subject["version"]) is int, "a subject of the wrong form")
    need(list(subject["fields"]) == sorted(subject["fields"]), "a subject whose classes are not in order")
    for record in subject["records"] + [of for of in subject.get("of", []) if of]:
        id_bytes(record)
    need("of" not in subject or len(subject["of"]) == len(subject["records"]) and any(subject["of"]), "a subject's `of`")


def quota(field):
    """How many postings a field has."""
    kind, listed = field["type"], field["type"] == "list" and "choices" in field
    usual = {"text": "exact" if field.get("unique") else "name", "integer": "exact", "identity_number": "exact"}
    usual |= {"date": "date", "choice": "choice", "boolean": "choice"} | ({"list": "choice"} if listed else {})
    mode = field.get("search") or (usual.get(kind) if field.get("searchable") else None)
    return {None: 0, "exact": 1, "name": 4, "date": 2, "choice": 4 if kind == "list" else 1}[mode]


class Tree:
    """An RFC 6962 tree that grows: the roots of its full subtrees, largest first."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def add(self, leaf):
        node, size = sha256(b"\0", leaf), self.size
        while size & 1:
            node, size = sha256(b"\1", self.peaks.pop(), node), size >> 1
        self.peaks.append(node)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\1", peak, root)
        return root


def entry_message(vault_text, line):
    return b"amanah entry/1\n" + vault_text.encode() + b"\n" + line[: line.rindex(b',"sig":')]


def checkpoint_text(vault_text, size, root):
    return f"amanah/{vault_text}\n{size}\n{b64(root)}\n"


def payload_digest(vault, sequence, digests):
    return sha256(b"amanah payload/1\n", vault, sequence.to_bytes(8), *digests)


def segments(folder, ending):
    files = sorted(folder.iterdir())
    need([f.name for f in files] == [f"{i:06}.{ending}" for i in range(1, len(files) + 1)], f"gaps in {folder}")
    return files


def item_digest(raw):
    """Of bytes, of parts, or of an item that was erased."""
    if not isinstance(raw, list):
        need(isinstance(raw, bytes), "an item of the wrong form")
        return sha256(raw)
    need(raw and all(isinstance(part, bytes) and part for part in raw), "an item's parts")
    if len(raw) == 1:
        need(len(raw[0]) == 32, "an erased item's form")
        return raw[0]
    return sha256(b"amanah parts/1\n", *(sha256(part) for part in raw))


def in_parts(raw, value):
    """How an item stands in a frame: a version as its head and its envelopes."""
    if value[0] != 6 or not value[6]:
        return raw
    envelopes = [cbor(envelope) for envelope in value[6]]
    head = raw[: -sum(len(envelope) for envelope in envelopes)]
    need(b"".join([head, *envelopes]) == raw, "the parts of a version")
    return [head, *envelopes]


class Item:
    """One item of a payload: its bytes and its value, or only the digest if it was erased."""

    def __init__(self, raw):
        self.digest, self.value = item_digest(raw), None
        if raw != [self.digest]:
            bytes_ = b"".join(raw) if isinstance(raw, list) else raw
            self.value = uncbor(bytes_)
            need(raw == in_parts(bytes_, self.value), "an item that is not in its parts")


class Vault:
    """Everything that is not sealed, verified."""

    def __init__(self, folder):
        about = json.loads((folder / "vault.json").read_text())
        self.id_text, self.id = about["vault"], id_bytes(about["vault"])
        written = '{"amanah":"vault/1","vault":"%s"}\n' % self.id_text
        need((folder / "vault.json").read_text() == written, "vault.json, or a version that is not known")
        self.tree, self.torn, self.entries, self.roots = Tree(), 0, [], [sha256()]
        self.charters, self.schemas, self.group_keys, self.sessions = {}, {}, {}, {}
        self.session_charters = {}
        self.log_keys, self.begins, self.rewrapped, self.versions, self.reasons = {}, {}, {}, {}, {}
        self.epochs, self.postings, self.merged = {}, {}, {}
        self.glass = {}
        self.exchanges = Exchanges(self.id_text)
        # Items that are gone until an entry says so; the records that entries say are erased.
        self.gone, self.lost, self.erased, self.restricted = set(), 0, {}, set()
        # What entries name of which a request, an answer or a statement is gone.
        self.exchanged = {}
        frames = self._frames(folder)
        for line, entry in self._lines(folder):
            self._accept(line, entry, frames)
        try:
            leftover = next(frames, None)
        except Damaged:
            leftover = None  # A power cut can leave anything behind the last frame that is committed.
        need(leftover is None or leftover[0] >= self.tree.size, "a payload that no entry commits")
        need(self.entries, "an empty ledger")
        need(not self.gone, f"items are gone that no entry says are erased: {sorted(self.gone)[:3]}")
        ghosts = [r for r, versions in self.versions.items() if any(v["gone"] for v in versions)]
        need(not ghosts, "versions are gone of a record that no entry says is erased")
        self.checkpoint = None
        if (folder / "checkpoint").exists():
            self._checkpoint((folder / "checkpoint").read_bytes())

    def _lines(self, folder):
        for segment in segments(folder / "ledger", "jsonl"):
            lines = segment.read_bytes().split(b"\n")
            for line in lines if lines[-1] else lines[:-1]:
                entry = parse_line(line)
                if entry:
                    yield line, entry
                else:
                    self.torn += 1

    def _frames(self, folder):
        files = segments(folder / "journal", "amj")
        for number, file in enumerate(files, 1):
            data = file.read_bytes()
            need(data.startswith(b"amanah journal/1\n"), "a journal segment without its first line")
            at = 17
            while at < len(data):
                length = int.from_bytes(data[at : at + 4])
                body = data[at + 4 : at + 4 + length]
                if not any(data[at:]):
                    break
                if len(data) - at < 4 or len(body) < length:
                    need(number == len(files), "a journal segment that ends within a frame")
                    return
                need(length <= MAX_BODY, "a frame too long")
                frame = uncbor(body)
                need(isinstance(frame, list) and len(frame) == 2 and type(frame[0]) is int, "a frame of a wrong form")
                need(isinstance(frame[1], list) and len(frame[1]) <= 65_535, "a frame of a wrong form")
                yield frame[0], [Item(raw) for raw in frame[1]]
                at += 4 + length

    def _accept(self, line, entry, frames):
        seq = self.tree.size
        where = f"entry {seq}: "
        need(entry["seq"] == seq, where + "out of sequence")
        need(unb64(entry["tree"]["root"]) == self.roots[-1], where + "another tree")
        items = []
        if "payload" in entry:
            sequence, items = next(frames, (None, []))
            need(sequence == seq, where + f"its payload is not in the journal ({sequence})")
            digest = payload_digest(self.id, seq, [item.digest for item in items])
            need(b64(digest) == entry["payload"], where + "another payload")
        if seq == 0:
            need(entry["action"] == "vault.create" and items and items[0].value[0] == 1, where + "not a beginning")
            self._charter(items[0].value, entry)
        in_force = max(self.charters)
        need(entry["charter"] == in_force, where + "a charter that is not in force")
        charter = self.charters[entry["charter"]]
        need(entry["actor"] in charter.members, where + "an unknown actor")
        need(entry["group"] in charter.groups, where + "an unknown group")
        need(entry["actor"] in charter.groups[entry["group"]]["members"], where + "not the actor's group")
        given = entry["outcome"] != "refused" and "subjects" in entry
        need(not (given and charter.keeps_ledger(entry["group"])), where + "records given to who keeps the ledger")
        need("purpose" not in entry or entry["purpose"] in charter.purposes, where + "an unknown purpose")
        message = entry_message(self.id_text, line)
        need(signed_by(charter.members[entry["actor"]].signing, message, unb64(entry["sig"])), where + "signature")
        if entry["action"] == "charter.amend" and entry["outcome"] == "ok":
            items = items[self._amend([item.value for item in items], entry) :]
        self._gone([item.value for item in items], entry)
        for item in items[1:] if seq == 0 else items:
            if item.value is not None:
                self._item(item.value, entry, charter)
        self.tree.add(line)
        self.roots.append(self.tree.root())
        self.entries.append(entry)
        if seq == 0:
            need(set(self.group_keys) == {(g, 1) for g in charter.groups}, "not one key for each group")
            need(self.schemas and self.log_keys, "a beginning without schema or log key")

    def _gone(self, values, entry):
        """Items of which only the digests are left: versions that the entry names, and postings."""
        lost = [place for place, value in enumerate(values) if value is None]
        if not lost:
            return
        self.gone |= {(entry["seq"], place) for place in lost}
        self.lost += len(lost)
        if entry["action"] == "index.rebuild":
            return
        exchanges = {"request.make": 1, "release.deny": 1, "ledger.admit": 1, "release.approve": 2}
        exchanges |= {"release.open": len(lost)}
        if entry["action"] in exchanges:
            need(entry["outcome"] == "ok" and len(lost) <= exchanges[entry["action"]], "more is gone than was exchanged")
            named = {record for subject in entry.get("subjects", []) for record in subject["records"]}
            outside = entry["action"] == "release.approve" and len(values) == 2
            self.exchanged[entry["seq"]] = (named, outside)
            self.exchanges.lost |= entry["action"] in ("request.make", "release.approve", "release.deny")
            return
        live = {id_text(value[1]) for value in values if value and value[0] == 6}
        writes = {"record.create", "record.update", "record.link", "record.import"}
        need(entry["action"] in writes and entry["outcome"] == "ok", "an item is gone of an entry that writes nothing")
        ghosts = 0
        for subject in entry["subjects"]:
            for place, text in enumerate(subject["records"]):
                if text in live:
                    continue
                of = subject.get("of", [""] * len(subject["records"]))[place]
                earlier = self.versions.setdefault(id_bytes(text), [])
                need(subject["version"] == len(earlier) + 1, "a version out of sequence")
                earlier.append({"kind": subject["kind"], "version": subject["version"], "of": of, "gone": True})
                ghosts += 1
        need(ghosts <= len(lost) <= 2 * ghosts, "more is gone than versions and their postings")

    def _erase(self, ground, asked, records, items, entry):
        named = {record for subject in entry["subjects"] for record in subject["records"]}
        need(entry["outcome"] == "ok" and entry["detail"] == ground, "an erasure on another ground")
        need(records and named == {id_text(record) for record in records}, "an erasure of other records")
        charter = self.charters[entry["charter"]]
        need("erase" in charter.groups[entry["group"]].get("may", []), "an erasure without the right")
        need(asked is not None or not charter.confirm, "an erasure that nobody else asked for")
        if asked is not None:
            ask = self.entries[asked]
            asked_for = {record for subject in ask["subjects"] for record in subject["records"]}
            need(ask["action"] == "record.erase-ask" and ask["outcome"] == "ok", "an erasure asked for by nothing")
            need(ask["actor"] != entry["actor"] and ask["detail"] == ground, "an erasure asked for by the same member")
            need(asked_for == named, "an erasure of other records than were asked for")
        need([of for of, _ in items] == sorted({of for of, _ in items}), "an erasure of entries out of order")
        for of, places in items:
            need(places and places == sorted(set(places)), "an erasure of items out of order")
            for place in places:
                need((of, place) in self.gone, f"entry {of} still has what entry {entry['seq']} erased")
                self.gone.remove((of, place))
            about, outside = self.exchanged.get(of, (named, False))
            need(about & named or (outside and places == [0]), "an erasure of what others exchanged")
        for record in records:
            versions = self.versions.pop(record, [])
            need(versions and all(version["gone"] for version in versions), "an erased record that is still there")
            self.erased[record] = entry["seq"]
            self.restricted.discard(record)

    def _charter(self, value, entry):
        need(len(value) == 2, "a charter item of the wrong form")
        charter = Charter(value[1])
        need(charter.version == 1 and charter.vault == self.id, "a charter of another vault")
        founder = charter.members[entry["actor"]]
        charter.note.need_signature(founder.member, founder.signing)
        self.charters[1], self.begins[1] = charter, 0

    def _amend(self, items, entry):
        """The next charter, with its keys; how many items they are."""
        old = self.charters[max(self.charters)]
        need(items and items[0] and items[0][0] == 1 and len(items[0]) == 2, "an amendment without a charter")
        new, keys, log = Charter(items[0][1]), [], None
        for item in items[1:]:
            if item and item[0] == 3:
                keys.append(item[1])
            elif item and item[0] == 4:
                log = item[1]
            else:
                break
        need(new.vault == self.id and new.version == old.version + 1, "an amendment of another charter")
        need(new.replaces == sha256(old.note.text.encode()), "an amendment of another charter")
        parts = [sha256(key) for key in keys] + [sha256(p) for g, file in log or [] for p in (g.encode(), file)]
        need(new.brings == sha256(b"amanah brings/1\n", *parts), "an amendment that brings other keys")
        new.need_amends(old, [c for v, c in sorted(self.charters.items())])
        fresh = [g for g, table in new.groups.items() if table["epoch"] != old.groups.get(g, {}).get("epoch")]
        need(len(keys) == len(fresh), "an amendment without a key for each new epoch")
        for note, group in zip(keys, fresh):
            key = GroupKey(note, new)
            need(key.group == group, "an amendment's keys in another order")
            self.group_keys[group, key.epoch] = key
        changed = {g: t["recipient"] for g, t in old.groups.items()} != {g: t["recipient"] for g, t in new.groups.items()}
        if changed:
            need(log is not None and [group for group, _ in log] == list(new.groups), "the log key is not for all")
            need(new.log not in [c.log for c in self.charters.values()], "a log key that was used before")
            self.log_keys[new.version] = dict(log)
        else:
            need(log is None and new.log == old.log, "a log key for nothing")
        self.charters[new.version], self.begins[new.version] = new, entry["seq"]
        return 1 + len(keys) + (log is not None)

    def epoch(self, session, group):
        """The epoch of the group's key when the session began."""
        began = self.charters[self.session_charters[session]]
        return began.groups[group]["epoch"] if group in began.session_groups() else None

    def _item(self, value, entry, charter):
        allowed = {"vault.create": {2, 3, 4, 5, 7}, "schema.amend": {2, 5, 7}, "group.rotate": {5, 7, 11}}
        writes = {"record.create", "record.update", "record.link", "record.import"}
        action = entry["action"]
        allowed |= {"index.rebuild": {5, 7, 12, 13}, "record.merge": {5, 7, 16}}
        allowed |= {f"recovery.{what}": {5, 7, 22} for what in ("split", "drill", "combine")}
        allowed |= {"request.make": {5, 7, 8}, "request.withdraw": {5, 7, 10}}
        allowed |= {"release.approve": {5, 7, 8, 9}, "release.deny": {5, 7, 8, 10}, "release.open": {5, 7, 9}, "ledger.admit": {5, 7, 14}}
        allowed |= {"glass.break": {5, 7, 14}, "glass.acknowledge": {5, 7, 14}}
        allowed |= {"record.erase": {5, 7, 17}}
        allowed |= {"backup.create": {5, 7, 19}, "backup.drill": {5, 7, 19}}
        allowed |= {"record.restrict": {5, 7, 18}, "record.release-restriction": {5, 7, 18}}
        other = {5, 6, 7, 12, 13} if action in writes else {5, 7}
        need(value[0] in allowed.get(action, other), f"{value[0]} in {action}")
        match value:
            case [2, str(text)]:
                schema = Schema(text)
                need(schema.version == len(self.schemas) + 1, "a schema out of sequence")
                self.schemas[schema.version] = schema
            case [3, bytes(note)]:
                key = GroupKey(note, charter)
                need((key.group, 1) not in self.group_keys and key.epoch == 1, "a group key twice")
                self.group_keys[key.group, 1] = key
            case [4, list(wraps)]:
                need([group for group, _ in wraps] == list(charter.groups), "the log key is not wrapped for all")
                self.log_keys[1] = dict(wraps)
            case [5, bytes(session), int(version), list(wraps)]:
                need(len(session) == 16 and session not in self.sessions, "a session twice")
                need(version == entry["charter"], "a session of another charter")
                need([group for group, _ in wraps] == charter.session_groups(), "a session that is not wrapped for all")
                self.sessions[session] = dict(wraps)
                self.session_charters[session] = version
            case [11, str(group), int(epoch), list(sessions)]:
                need(entry["group"] == group and entry["outcome"] == "ok", "sessions of another group")
                need(charter.groups[group]["epoch"] == epoch and len(sessions) <= 256, "sessions for another key")
                for session, file in sessions:
                    need(session in self.sessions and self.epoch(session, group) is not None, "an unknown session")
                    need(self.epoch(session, group) < epoch, "a session that needs no other key")
                    need((session, group, epoch) not in self.rewrapped, "a session handed on twice")
                    self.rewrapped[session, group, epoch] = file
            case [6, bytes(record), str(kind), int(version), int(schema), of, list(envelopes)]:
                self._version(record, kind, version, schema, of, envelopes, entry)
            case [7, list(envelope)]:
                need(entry["seq"] not in self.reasons, "two reasons")
                self.reasons[entry["seq"]] = self._envelope(envelope)
            case [12, bytes(record), int(version), list(classes)]:
                self._postings(record, version, classes)
            case [13, int(epoch), str(class_), int(schema), list(envelope)]:
                need(epoch == max(self.epochs, default=0) + 1, "an index out of sequence")
                secret = self._envelope(envelope)
                need(secret.class_ == class_ and [n for n, _ in secret.fields] == ["secret"], "an index of another form")
                need(schema == max(self.schemas), "an index of another schema")
                self.epochs[epoch] = {"class": class_, "schema": schema, "secret": secret, "live": True}
            case [13, int(epoch)]:
                need(action == "index.rebuild" and epoch in self.epochs, "the end of an unknown index")
                for number, other in self.epochs.items():
                    other["live"] &= other["class"] != self.epochs[epoch]["class"] or number >= epoch
            case [22, int(what), str(group), int(epoch), int(threshold), int(shares), int(identifier)]:
                said = {"recovery.split": 1, "recovery.drill": 2, "recovery.combine": 3}
                need(what == said[action] and entry["group"] == group, "another use of a key on paper than said")
                present = charter.groups[group]["epoch"]
                need(0 < epoch < present if what == 3 else epoch == present, "a key on paper of another epoch")
                need(max(threshold, shares) < 256 and identifier < 1 << 16, "numbers of paper too large")
            case [8, bytes(note)]:
                self.exchanges.request(note, entry, charter)
            case [9, bytes(note), bytes(shares)]:
                self.exchanges.release(note, shares, entry, charter)
            case [14]:
                need(action == "glass.break" and entry["outcome"] == "ok", "glass broken without saying so")
                self.glass[entry["seq"]] = None
            case [14, int(of)]:
                need(action == "glass.acknowledge" and self.glass.get(of, 0) is None, "acknowledged without need")
                self.glass[of] = entry["seq"]
            case [14, bytes(statement), bytes(request), list(releases)]:
                need(action == "ledger.admit", "a statement that is not admitted")
                self.exchanges.statement(statement, request, releases, entry, self.charters)
            case [10, bytes(note)]:
                self.exchanges.ending(note, entry, charter)
            case [16, bytes(record), bytes(survivor)]:
                need(record in self.versions and survivor in self.versions, "a merger of unknown records")
                need(record != survivor and not {record, survivor} & set(self.merged), "a merger out of sequence")
                self.merged[record] = survivor
            case [19, bytes(backup), until]:
                need(len(backup) == 16 and (until is None) == (action == "backup.drill"), "a backup of another form")
            case [18, bool(restricted), list(records)]:
                need(restricted == (action == "record.restrict"), "a restriction that is called another")
                for record in records:
                    need(record in self.versions, "the restriction of an unknown record")
                    need((record in self.restricted) != restricted, "a restriction out of sequence")
                    self.restricted ^= {record}
            case [17, str(ground), asked, list(records), list(items)]:
                self._erase(ground, asked, records, items, entry)
            case _:
                raise Damaged(f"an unknown item in entry {entry['seq']}")

    def _postings(self, record, version, classes):
        versions = self.versions.get(record, [])
        need(1 <= version <= len(versions), "postings of an unknown version")
        of = versions[version - 1]
        need(not of["gone"], "postings of a version that is gone")
        for epoch, postings in classes:
            need(epoch in self.epochs and self.epochs[epoch]["live"], "postings of an unknown index")
            index = self.epochs[epoch]
            fields = self.schemas[index["schema"]].kinds[of["kind"]]
            names = [n for e in of["envelopes"] if e.class_ == index["class"] for n, _ in e.fields]
            wanted = sum(quota(fields[name]) for name in names)
            need(len(postings) == wanted * POSTING > 0, "another number of postings than the fields have")
            each = [postings[at : at + POSTING] for at in range(0, len(postings), POSTING)]
            need(each == sorted(each), "postings out of order")
            for posting in each:
                need((epoch, posting[:16]) not in self.postings, "a label twice")
                self.postings[epoch, posting[:16]] = posting[16:]

    def _envelope(self, items):
        envelope = Envelope(items)
        need(envelope.session in self.sessions, "an envelope of an unknown session")
        need(envelope.charter in self.charters, "an envelope of an unknown charter")
        return envelope

    def _version(self, record, kind, version, schema, of, envelopes, entry):
        earlier = self.versions.setdefault(record, [])
        need(record not in self.erased, "a version of an erased record")
        need(len(record) == 16 and (of is None or isinstance(of, bytes) and len(of) == 16), "a record's ids")
        need(version == len(earlier) + 1, "a version out of sequence")
        need(not earlier or earlier[0]["kind"] == kind, "a record of two kinds")
        need(schema == max(self.schemas) and kind in self.schemas[schema].kinds, "a version of an unknown kind")
        fields = self.schemas[schema].kinds[kind]
        envelopes = [self._envelope(items) for items in envelopes]
        written = [(name, envelope.class_) for envelope in envelopes for name, _ in envelope.fields]
        need(all(fields.get(name, {}).get("class") == class_ for name, class_ in written), "fields of another class")
        names = [name for name, _ in written]
        need(len(set(names)) == len(names), "a field twice in one version")
        classes = list(dict.fromkeys(fields[name]["class"] for name in fields if name in names))
        need([e.class_ for e in envelopes] == classes, "classes in another order, or one twice")
        for envelope in envelopes:
            own = [name for name, _ in envelope.fields]
            need(own == [name for name in fields if name in own], "fields in another order")
        need(earlier or set(names) == set(fields), "a new record without all of its fields")
        said = [s for s in entry.get("subjects", []) if id_text(record) in s["records"]]
        need(len(said) == 1 and said[0]["kind"] == kind, "a version that its entry does not name")
        parents = said[0].get("of", [""] * len(said[0]["records"]))
        named = parents[said[0]["records"].index(id_text(record))]
        need(named == (id_text(of) if of else ""), "a version whose entry names another `of`")
        need(said[0]["version"] == version, "a version whose entry names another")
        by_class = {e.class_: [name for name, _ in e.fields] for e in envelopes}
        need(said[0]["fields"] == by_class, "a version whose entry names other fields")
        earlier.append({"kind": kind, "version": version, "schema": schema, "of": of, "gone": False, "envelopes": envelopes})

    def _checkpoint(self, data):
        note = Note(data)
        lines = note.text.split("\n")
        size = int(lines[1])
        # The log's key of the charter that was in force when there were so many entries.
        version = max((v for v, begin in self.begins.items() if begin < size), default=1)
        note.need_signature(f"amanah/{self.id_text}", self.charters[version].log)
        need(size < len(self.roots), "a checkpoint of a longer ledger")
        need(note.text == checkpoint_text(self.id_text, size, self.roots[size]), "a checkpoint of another tree")
        self.checkpoint = size
