"""Notes, cards, group keys, charters and schemas (FORMAT.md, sections 1, 3, 4 and 10)."""

import datetime
import re
import tomllib
import unicodedata

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from basics import Damaged, b64, id_bytes, id_text, need, sha256, unb64
from sealing import leaves

BODY = r"[a-z][a-z0-9-]{0,31}"
WORD = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def signed_by(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def key_id(name, key):
    return sha256(name.encode(), b"\n\x01", key)[:4]


class Note:
    def __init__(self, data):
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise Damaged("a note that is not UTF-8") from None
        text, middle, signatures = whole.rpartition("\n\n")
        need(middle and signatures.endswith("\n"), "a note without signatures")
        self.text, self.signatures = text + "\n", []
        for line in signatures[:-1].split("\n"):
            mark, name, raw = (line.split(" ") + ["", ""])[:3]
            need(line == f"— {name} {raw}" and mark == "—" and name, "a signature line of the wrong form")
            self.signatures.append((name, unb64(raw)))

    def need_signature(self, name, key):
        for who, raw in self.signatures:
            if who == name and raw[:4] == key_id(name, key) and signed_by(key, self.text.encode(), raw[4:]):
                return
        raise Damaged(f"a note that {name} did not sign")


def keys_of(table, required, optional=()):
    need(isinstance(table, dict), "not a table")
    need(set(required) <= set(table) <= {*required, *optional}, f"members {sorted(table)} instead of {required}")


def toml(text):
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Damaged(f"bad TOML: {error}") from None


def lines_after(note, first):
    need(note.text.startswith(first + "\n"), f"not {first}")
    return toml(note.text[len(first) + 1 :])


def need_time(text):
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), f"not a time: {text}")
    datetime.datetime.fromisoformat(text)


def card_text(member, recipient, signing, created):
    return (
        f'amanah card/1\nmember = "{member}"\nrecipient = "{recipient}"\n'
        f'signing = "{b64(signing)}"\ncreated = "{created}"\n'
    )


def fingerprint(text):
    name = id_text(sha256(text.encode())[:16])
    return "-".join([name[0:5], name[5:10], name[10:15], name[15:20], name[20:]])


class Card:
    def __init__(self, text):
        note = Note(text.encode())
        data = lines_after(note, "amanah card/1")
        keys_of(data, ["member", "recipient", "signing", "created"])
        self.member, self.recipient = data["member"], data["recipient"]
        self.signing = unb64(data["signing"], 32)
        need(re.fullmatch(f"{BODY}/{BODY}", self.member), "a card of a badly named member")
        need_time(data["created"])
        need(note.text == card_text(self.member, self.recipient, self.signing, data["created"]), "a card's layout")
        note.need_signature(self.member, self.signing)
        self.fingerprint = fingerprint(note.text)
        self.text = text


class GroupKey:
    def __init__(self, data, charter):
        note = Note(data)
        table = lines_after(note, "amanah group-key/1")
        keys_of(table, ["group", "epoch", "recipient", "created", "wrap"])
        need_time(table["created"])
        need(table["group"] in charter.groups, "the key of an unknown group")
        group = charter.groups[table["group"]]
        need(group["epoch"] == table["epoch"] and group["recipient"] == table["recipient"], "not the charter's key")
        text = "amanah group-key/1\n" + "".join(
            [f'group = "{table["group"]}"\nepoch = {table["epoch"]}\n']
            + [f'recipient = "{table["recipient"]}"\ncreated = "{table["created"]}"\n']
        )
        self.group, self.recipient, self.wraps = table["group"], table["recipient"], {}
        self.epoch = table["epoch"]
        for wrap in table["wrap"]:
            keys_of(wrap, ["member", "recipient", "key"])
            need(wrap["recipient"] == charter.members[wrap["member"]].recipient, "a wrap for a stranger's key")
            text += f'\n[[wrap]]\nmember = "{wrap["member"]}"\nrecipient = "{wrap["recipient"]}"\nkey = "{wrap["key"]}"\n'
            self.wraps[wrap["member"]] = unb64(wrap["key"])
        need(note.text == text, "a group key's layout")
        need(list(self.wraps) == group["members"], "the wraps are not those of the members")
        signers = [name for name, _ in note.signatures if name.split("/")[0] == self.group.split("/")[0]]
        need(len(note.signatures) == 1 and signers and signers[0] in charter.members, "a group key's signer")
        note.need_signature(signers[0], charter.members[signers[0]].signing)


class Charter:
    def __init__(self, data):
        self.note = Note(data)
        table = lines_after(self.note, "amanah charter/1")
        tables = ["body", "member", "group", "class", "purpose"]
        amends = ["replaces", "brings"] if table.get("version") != 1 else []
        keys_of(table, ["version", "vault", "name", "time_zone", "log", *amends, *tables, "amendment"], ["witness", "erasure", "retention"])
        self.replaces, self.brings = (unb64(table[key], 32) if amends else None for key in ("replaces", "brings"))
        self.version, self.vault = table["version"], id_bytes(table["vault"])
        self.log = unb64(table["log"], 32)
        self.bodies = {}
        for body in table["body"]:
            keys_of(body, ["id", "name", "role"])
            need(re.fullmatch(BODY, body["id"]) and body["role"] in ("centre", "oversight"), "a body of the wrong form")
            self.bodies[body["id"]] = body["role"]
        cards = []
        for member in table["member"]:
            keys_of(member, ["card"])
            cards.append(Card(member["card"]))
        self.members = {card.member: card for card in cards}
        self.groups = {}
        for group in table["group"]:
            keys_of(group, ["id", "epoch", "recipient", "members"], ["may"])
            need(re.fullmatch(f"{BODY}/{BODY}", group["id"]), "a badly named group")
            need(set(group["members"]) <= set(self.members), "a group with an unknown member")
            need(set(group.get("may", [])) <= {"write", "schema", "erase", "ledger"}, "a group with an unknown right")
            self.groups[group["id"]] = group
        self.classes = {}
        for class_ in table["class"]:
            keys_of(class_, ["id", "quorums"], ["reason", "break_glass"])
            need(WORD.fullmatch(class_["id"]) and class_["quorums"], "a class of the wrong form")
            emergency = [class_["break_glass"]] if "break_glass" in class_ else []
            self.classes[class_["id"]] = class_["quorums"] + emergency
            for quorum in self.classes[class_["id"]]:
                need(len(leaves(quorum)) <= 32, "a quorum with too many leaves")
                self._check(quorum, 4)
        self.purposes = set()
        for purpose in table["purpose"]:
            keys_of(purpose, ["code", "en", "id"], ["reason", "restricted"])
            self.purposes.add(purpose["code"])
        self._check(table["amendment"], 4)
        self.amendment = table["amendment"]
        keys_of(table.get("erasure", {"confirm": False}), ["confirm"])
        self.confirm = table.get("erasure", {"confirm": False})["confirm"]
        for rule in table.get("retention", []):
            keys_of(rule, ["kind", "keep_years"], ["after", "until"])
            need(1 <= rule["keep_years"] <= 200, "a rule of retention that keeps for no time")
        named = {g for quorums in self.classes.values() for quorum in quorums for g in leaves(quorum)}
        for name in filter(self.keeps_ledger, self.groups):
            alone = not any(set(g["members"]) & set(self.groups[name]["members"]) for n, g in self.groups.items() if n != name)
            need(self.groups[name]["may"] == ["ledger"] and alone, "a group that keeps the ledger with more than that")
            need(name not in named | set(leaves(self.amendment)), "a group that keeps the ledger in a quorum")
        self.body_tables = {body["id"]: body for body in table["body"]}
        for items, one in (("body", "bodies"), ("group", "groups"), ("class", "classes"), ("purpose", "purposes")):
            need(len(table[items]) == len(getattr(self, one)), f"a {items} twice")
        need(len(cards) == len(self.members), "a member twice")

    def _check(self, node, depth):
        if isinstance(node, str):
            need(node in self.groups, f"a quorum with the unknown group {node}")
            return
        keys_of(node, ["any", "of"])
        need(depth > 0 and 1 <= node["any"] <= len(node["of"]), "a quorum of the wrong form")
        for part in node["of"]:
            self._check(part, depth - 1)

    def need_amends(self, old, earlier):
        """This charter may follow `old`, the last of `earlier`, and those have signed who must (section 4.1)."""
        for name, group in self.groups.items():
            before = old.groups.get(name)
            if before is None:
                need(not any(name in charter.groups for charter in earlier), "a group's name that was used before")
            same = before and before["members"] == group["members"] and all(
                m in old.members and old.members[m].text == self.members[m].text for m in group["members"]
            )
            if before and before["recipient"] == group["recipient"]:
                need(same and before["epoch"] == group["epoch"], "other members, or another epoch, with the same key")
            else:
                need(group["epoch"] == (before["epoch"] if before else 0) + 1, "an epoch that does not follow")
                used = [g["recipient"] for charter in earlier for g in charter.groups.values()]
                need(group["recipient"] not in used, "a group key that was used before")
        signers = [name for name, _ in self.note.signatures]
        need(len(set(signers)) == len(signers), "two signatures of one member")
        for name in signers:
            need(name in old.members, "a signature of a stranger")
            self.note.need_signature(name, old.members[name].signing)
        bodies = {name.split("/")[0] for name in signers}
        need(any(old.bodies[body] == "oversight" for body in bodies), "no overseer has signed")
        for body, role in old.bodies.items():
            if role == "oversight" and old._about(body) != self._about(body):
                need(body in bodies, f"{body} is changed and has not signed")
        need(old._signed(signers), "too few signatures")

    def _about(self, body):
        of = lambda name: name.split("/")[0] == body
        cards = sorted(card.text for name, card in self.members.items() if of(name))
        return self.body_tables.get(body), cards, {n: dict(g, may=g.get("may", [])) for n, g in self.groups.items() if of(n)}

    def _signed(self, signers):
        """Whether signers, each counted for one group, meet the quorum of `[amendment]`."""

        def met(node, held):
            if isinstance(node, str):
                return node in held
            return sum(met(part, held) for part in node["of"]) >= node["any"]

        def choose(left, held):
            if met(self.amendment, held):
                return True
            if not left:
                return False
            own = [g for g, table in self.groups.items() if left[0] in table["members"] and g not in held]
            return any(choose(left[1:], held | {group}) for group in own) or choose(left[1:], held)

        return choose(signers, frozenset())

    def keeps_ledger(self, group):
        return "ledger" in self.groups[group].get("may", [])

    def session_groups(self):
        """The groups that session secrets are wrapped to."""
        return [group for group in self.groups if not self.keeps_ledger(group)]

    def reason_quorum(self, actor):
        """Who may open the reasons that the actor gives."""
        own = actor.split("/")[0]
        of = [g for g in self.session_groups() if g.split("/")[0] == own or self.bodies[g.split("/")[0]] == "oversight"]
        return {"any": 1, "of": of}


class Schema:
    """The kinds, each a dictionary of its fields' tables; the parent is not among them."""

    def __init__(self, text):
        table = toml(text)
        keys_of(table, ["schema", "version", "kind"])
        self.version, self.kinds = table["version"], {}
        for kind in table["kind"]:
            keys_of(kind, ["id", "label", "field"])
            self.kinds[kind["id"]] = {field["id"]: field for field in kind["field"] if not field.get("parent")}


def need_value(field, value):
    """The value is of the field's type (section 7), or empty."""
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    need(all(isinstance(t, str) and unicodedata.is_normalized("NFC", t) for t in texts), "a text of the wrong form")
    choices = {choice["key"] for choice in field.get("choices", [])}
    fits = value is None
    match field["type"]:
        case "text" | "long_text":
            fits |= isinstance(value, str)
        case "identity_number":
            fits |= isinstance(value, str) and re.fullmatch("[0-9]{16}", value) is not None
        case "choice":
            fits |= isinstance(value, str) and value in choices
        case "integer":
            fits |= type(value) is int and -(2**63) <= value < 2**63
        case "boolean":
            fits |= isinstance(value, bool)
        case "date":
            if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                fits |= 1900 <= datetime.date.fromisoformat(value).year <= 2199
        case "list":
            fits |= isinstance(value, list) and (not choices or set(value) <= choices)
        case "reference":
            fits |= isinstance(value, str) and len(id_bytes(value)) == 16
    need(fits, f"a value that is no {field['type']}")
