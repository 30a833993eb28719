"""Requests, releases and what ends them (FORMAT.md, section 13)."""

from basics import b64, id_bytes, need, sha256
from people import Note, keys_of, lines_after, need_time

REQUEST = ["vault", "charter", "charter_digest", "asker", "recipient", "purpose", "until", "made", "seen"]
REQUEST += ["records", "classes", "fields", "envelopes", "reason"]
RELEASE = ["vault", "charter", "charter_digest", "request", "releaser", "group", "asker", "recipient", "until", "made"]
RELEASE += ["seen", "shares", "envelopes"]


def digest_of(note):
    return sha256(note.text.encode())


def envelopes_of(data):
    rows = [(id_bytes(r), kind, version, class_, id_bytes(e)) for r, kind, version, class_, e in data["envelopes"]]
    need(rows == sorted(set(rows)), "envelopes out of order")
    return rows


def need_named(data, entry):
    """An entry names the records of what it brings: with them it is erased."""
    named = {id_bytes(record) for subject in entry.get("subjects", []) for record in subject["records"]}
    need({row[0] for row in envelopes_of(data)} <= named, "about records that the entry does not name")


def need_told(data, entry):
    """An entry says of which classes it gives, or asks for, something, and where that stands."""
    told = {
        (id_bytes(record), subject["kind"], subject["version"], class_)
        for subject in entry.get("subjects", [])
        for record in subject["records"]
        for class_ in subject["fields"]
    }
    need({row[:4] for row in envelopes_of(data)} <= told, "about classes that the entry does not tell of")


class Exchanges:
    """What the ledger holds of requests and their answers."""

    def __init__(self, vault_text):
        self.vault, self.requests, self.answers = vault_text, {}, set()
        self.lost = False  # whether a request can have been erased

    def _signed(self, data, charter, name, note):
        need(data["vault"] == self.vault and name in charter.members, "for another vault, or by a stranger")
        need_time(data["made"])
        note.need_signature(name, charter.members[name].signing)

    def _under(self, data, charter, entry):
        need(data["charter"] == charter.version == entry["charter"], "under another charter")
        need(data["charter_digest"] == b64(digest_of(charter.note)), "under another charter")

    def request(self, raw, entry, charter):
        note = Note(raw)
        data = lines_after(note, "amanah request/1")
        keys_of(data, REQUEST)
        self._signed(data, charter, data["asker"], note)
        self._under(data, charter, entry)
        need(data["recipient"] == charter.members[data["asker"]].recipient, "to another recipient")
        need(data["purpose"] == entry["purpose"] and data["purpose"] in charter.purposes, "another purpose")
        own = entry["action"] == "request.make" and entry["actor"] == data["asker"]
        need(own or entry["action"] in ("release.approve", "release.deny"), "a request that nobody made")
        for record, _, _, class_, _ in envelopes_of(data):
            need(record in map(id_bytes, data["records"]) and class_ in data["classes"], "envelopes not asked for")
        if entry["action"] == "request.make":
            need_told(data, entry)
        elif entry["action"] == "release.deny":
            need_named(data, entry)
        need(b64(digest_of(note)) not in self.requests, "a request twice")
        self.requests[b64(digest_of(note))] = data

    def release(self, raw, shares, entry, charter):
        note = Note(raw)
        data = lines_after(note, "amanah release/1")
        keys_of(data, RELEASE, ["carries"])
        need(data["request"] in self.requests or self.lost, "an answer to no request")
        asked = self.requests.get(data["request"], {**data, "envelopes": []})
        self._signed(data, charter, data["releaser"], note)
        self._under(data, charter, entry)
        need(data["releaser"] in charter.groups[data["group"]]["members"], "not of the group")
        need([data[k] for k in ("asker", "recipient", "until")] == [asked[k] for k in ("asker", "recipient", "until")], "for another")
        need(data["shares"] == b64(sha256(shares)), "other shares")
        need_told(data, entry)
        wanted = set(envelopes_of(asked))
        need(not wanted or set(envelopes_of(data)) <= wanted, "more than was asked for")
        if entry["action"] == "release.approve":
            need((entry["actor"], entry["group"]) == (data["releaser"], data["group"]), "in another's name")
            answer = (data["request"], data["releaser"], data["group"])
            need(answer not in self.answers, "an answer twice")
            self.answers.add(answer)
        else:
            need(entry["action"] == "release.open" and entry["actor"] == data["asker"], "taken in by another")

    def ending(self, raw, entry, charter):
        note = Note(raw)
        denies = note.text.startswith("amanah denial/1\n")
        data = lines_after(note, "amanah denial/1" if denies else "amanah withdrawal/1")
        keys_of(data, ["vault", "request", "by", "made"] + ["because"] * denies)
        need(data["request"] in self.requests or self.lost, "the end of no request")
        asked = self.requests.get(data["request"], {"asker": data["by"]})
        self._signed(data, charter, data["by"], note)
        action = "release.deny" if denies else "request.withdraw"
        need(entry["action"] == action and entry["actor"] == data["by"], "in another's name")
        need(denies or data["by"] == asked["asker"], "taken back by another")

    def statement(self, raw, request, releases, entry, charters):
        note, asked = Note(raw), Note(request)
        data, wanted = lines_after(note, "amanah statement/1"), lines_after(asked, "amanah request/1")
        keys_of(data, ["vault", "charter", "charter_digest", "opener", "group", "purpose", "made", "size", "root", "request", "releases", "envelopes"])
        charter = charters[data["charter"]]
        self._signed(data, charter, data["opener"], note)
        self._signed(wanted, charter, wanted["asker"], asked)
        need(entry.get("detail") == data["opener"], "an entry that does not say who opened")
        need(data["opener"] in charter.groups[data["group"]]["members"], "not of the group")
        need((data["request"], data["opener"]) == (b64(digest_of(asked)), wanted["asker"]), "of another request")
        need(data["releases"] == [b64(digest_of(Note(release))) for release in releases], "with other releases")
        for release in map(Note, releases):
            given = lines_after(release, "amanah release/1")
            self._signed(given, charter, given["releaser"], release)
            need(given["request"] == data["request"], "a release of another request")
        need(envelopes_of(data) and data["envelopes"] == wanted["envelopes"], "another opening than was asked for")
        need_told(data, entry)
