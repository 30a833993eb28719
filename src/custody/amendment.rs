//! Amendments: the next charter, with the keys that it brings and the signatures that put it into
//! force, in one file that goes from hand to hand.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{Charter, CharterError, Group, GroupKey, Role};
use crate::{
    crypto::{
        CryptoError,
        age_wrap::WrapError,
        digest::{Digest, sha256},
        note::NoteError,
        session::Wrapped,
        sign::SigningKey,
    },
    id::body_of,
    problem::problems,
};

/// Largest amendment file in bytes: two charters of a million each, and a key of every group.
pub const MAX_FILE: u64 = 16_000_000;

const FORMAT: &str = "amendment/1";
const BRINGS: &[u8] = b"amanah brings/1\n";

problems! {
    /// Why the next charter is not put into force.
    pub enum AmendmentError {
        /// Not an amendment.
        Malformed { why: String } = Input, "amendment-malformed", "this is not an amendment: {why}";
        /// For another vault.
        OtherVault = Refused, "amendment-other-vault", "this amendment is for another vault";
        /// One that was applied.
        InForce { version: u64 } = Refused, "amendment-in-force", "version {version} of the charter, which this amendment makes, is there already";
        /// For another version.
        NotNext { version: u64, next: u64 } = Refused, "amendment-not-next", "this amendment makes version {version} of the charter, but the next one is version {next}";
        /// For another charter of the same version.
        OtherBase = Refused, "amendment-other-base", "this amendment was made for another charter than the one in force";
        /// Two files that are not copies of one amendment.
        DifferentTexts = Input, "amendment-different", "these files are different amendments: signatures of one do not count for another";
        /// Signed by somebody who has no say.
        ForeignSigner { name: String } = Refused, "amendment-foreign-signer", "{name} has signed, and is not a member in the charter that is amended";
        /// Signed twice.
        TwiceSigned { name: String } = Refused, "amendment-twice-signed", "{name} has signed more than once";
        /// Not enough signatures.
        NotEnough { signed: String, wanted: String } = Refused, "amendment-quorum", "the signatures at hand ({signed}) do not put it into force; it wants {wanted}, each by a member of its own";
        /// No overseer among the signers.
        NoOverseer = Refused, "amendment-no-overseer", "no oversight body has signed: the centre alone amends nothing";
        /// An oversight body has not agreed to what is done to itself.
        NoConsent { body: String } = Refused, "amendment-no-consent", "it changes members or keys of {body}, and no member of {body} has signed";
        /// The members of a group change and its key does not.
        StaleKey { group: String } = Refused, "amendment-stale-key", "{group} gets other members or cards, and keeps its key";
        /// A key of the wrong epoch.
        WrongEpoch { group: String, epoch: u64 } = Refused, "amendment-wrong-epoch", "the next key of {group} is of epoch {epoch}";
        /// A key that was there before.
        KeyReused { group: String } = Refused, "amendment-key-reused", "{group} gets a key that was in use before";
        /// The name of a group that is no more.
        NameReused { group: String } = Refused, "amendment-name-reused", "there was a group {group} before; a name is not used again";
        /// A new key is not in the file.
        NoKey { group: String } = Refused, "amendment-no-key", "the new key of {group} is missing, or is for other members or cards";
        /// A key in the file that nothing asks for.
        SurplusKey { group: String } = Refused, "amendment-surplus-key", "it brings a key of {group} that its charter does not name";
        /// The log's key must go with the groups' keys.
        LogKey = Refused, "amendment-log-key", "the log's key changes with the keys of groups, and only then; it is wrapped to every group";
        /// What comes with the charter is not what was signed.
        OtherKeys = Integrity, "amendment-other-keys", "the keys in this file are not those that its signers have signed";
        /// Nothing is different.
        NothingChanged = Input, "amendment-nothing", "nothing would be different";
        /// The present charter has no such member.
        UnknownMember { member: String } = NotFound, "amendment-unknown-member", "the charter has no member {member}";
        /// The present charter has no such group.
        UnknownGroup { group: String } = NotFound, "amendment-unknown-group", "the charter has no group {group}";
        /// A group that is there already.
        GroupExists { group: String } = Input, "amendment-group-exists", "the charter has a group {group} already";
        /// Its own body makes the key.
        OwnKey { group: String, epoch: u64 } = Input, "amendment-own-key", "the key of {group} (epoch {epoch}) is made by a member of its own body";
        /// A key that was given and is not the one that is wanted.
        NotThisKey { group: String, epoch: u64, members: String } = Input, "amendment-not-this-key", "what is wanted of {group} is a key of epoch {epoch}, for {members} in this order";
        /// A key that was given for nothing.
        KeyNotWanted { group: String } = Input, "amendment-key-not-wanted", "a key of {group} was given, and the amendment gives it no new one";
    }
    transparent {
        /// From a charter, a card or a group key.
        Charter(CharterError);
        /// From a note.
        Note(NoteError);
        /// From age.
        Wrap(WrapError);
        /// From below.
        Crypto(CryptoError);
    }
}

/// The next charter, on its way to those who must sign it.
///
/// One JSON object in one line: `replaces` is the charter that is amended, `charter` the next one
/// with the signatures so far, both whole notes; `keys` the group keys that are new, in the order
/// of the charter's groups; `log` the log's new key, wrapped to every group, or empty.
///
/// ```text
/// {"amanah":"amendment/1","replaces":"amanah charter/1\n...","charter":"amanah charter/1\n...","keys":["amanah group-key/1\n..."],"log":[["handayani/registry","YWdl..."]]}
/// ```
#[derive(Debug, Clone)]
pub struct Amendment {
    present: Charter,
    next: Charter,
    keys: Vec<GroupKey>,
    log: Option<Wrapped>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    amanah: String,
    replaces: String,
    charter: String,
    keys: Vec<String>,
    log: Vec<(String, String)>,
}

impl Amendment {
    /// Puts it together. Nothing is checked: [`check`] does.
    pub(super) fn new(present: Charter, next: Charter, keys: Vec<GroupKey>, log: Option<Wrapped>) -> Amendment {
        Amendment { present, next, keys, log }
    }

    /// Reads a file; only the bytes that [`Amendment::to_bytes`] would write are accepted.
    pub fn parse(bytes: &[u8]) -> Result<Amendment, AmendmentError> {
        let bad = |why: &str| AmendmentError::Malformed { why: why.to_owned() };
        let file: File = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
        if file.amanah != FORMAT {
            return Err(bad("it is of another format"));
        }
        let keys = file.keys.iter().map(|key| GroupKey::parse(key.as_bytes())).collect::<Result<_, _>>()?;
        let mut log = Wrapped::new();
        for (group, file) in file.log {
            log.push((group, BASE64.decode(file.as_bytes()).map_err(|_| bad("a wrapped key is not base64"))?));
        }
        let amendment = Amendment {
            present: Charter::parse(file.replaces.as_bytes())?,
            next: Charter::parse(file.charter.as_bytes())?,
            keys,
            log: Some(log).filter(|log| !log.is_empty()),
        };
        if amendment.to_bytes() == bytes { Ok(amendment) } else { Err(bad("it is not written in the one way")) }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let file = File {
            amanah: FORMAT.to_owned(),
            replaces: text(self.present.to_bytes()),
            charter: text(self.next.to_bytes()),
            keys: self.keys.iter().map(|key| text(key.to_bytes())).collect(),
            log: self.log.iter().flatten().map(|(group, file)| (group.clone(), BASE64.encode(file))).collect(),
        };
        // Strings in vectors: it cannot fail.
        let mut bytes = serde_json::to_vec(&file).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// The charter that would be replaced, as the one who proposed it saw it. Whether it is the one
    /// in force, only the vault can tell.
    pub fn present(&self) -> &Charter {
        &self.present
    }

    /// The next charter.
    pub fn next(&self) -> &Charter {
        &self.next
    }

    /// The new group keys.
    pub fn keys(&self) -> &[GroupKey] {
        &self.keys
    }

    /// The log's new key, wrapped to every group.
    pub fn log(&self) -> Option<&Wrapped> {
        self.log.as_ref()
    }

    /// Signs it, as a member of the charter that it replaces.
    pub fn sign(&mut self, member: &str, key: &SigningKey) -> Result<(), AmendmentError> {
        let card = self.present.member(member);
        if card.is_none_or(|card| card.signing != key.public()) {
            return Err(AmendmentError::ForeignSigner { name: member.to_owned() });
        }
        Ok(self.next.add_signature(member, key)?)
    }

    /// Takes over the signatures of another copy.
    pub fn merge(&mut self, other: &Amendment) -> Result<(), AmendmentError> {
        let same = self.present.digest() == other.present.digest()
            && self.keys.iter().map(GroupKey::to_bytes).eq(other.keys.iter().map(GroupKey::to_bytes))
            && self.log == other.log;
        if same && self.next.merge(&other.next) { Ok(()) } else { Err(AmendmentError::DifferentTexts) }
    }

    /// Checks everything but whether enough have signed, by the charter in the file alone.
    pub fn check_content(&self) -> Result<(), AmendmentError> {
        check_content(&[&self.present], &self.next, &self.keys, self.log.as_ref())
    }
}

/// Checks that `next` may follow the last of `earlier`, and that it is signed: the one rule by
/// which a charter comes into force. `earlier` are all charters before it, oldest first.
pub fn check(
    earlier: &[&Charter],
    next: &Charter,
    keys: &[GroupKey],
    log: Option<&Wrapped>,
) -> Result<(), AmendmentError> {
    check_content(earlier, next, keys, log)?;
    let present = earlier.last().ok_or(AmendmentError::OtherBase)?;
    check_signatures(present, next)
}

/// What must be so of the next charter and the keys it brings, whoever signs.
pub fn check_content(
    earlier: &[&Charter],
    next: &Charter,
    keys: &[GroupKey],
    log: Option<&Wrapped>,
) -> Result<(), AmendmentError> {
    let present = earlier.last().ok_or(AmendmentError::OtherBase)?;
    if next.vault() != present.vault() {
        return Err(AmendmentError::OtherVault);
    }
    if earlier.iter().any(|one| one.version() == next.version() && one.digest() == next.digest()) {
        return Err(AmendmentError::InForce { version: next.version() });
    }
    if next.version() != present.version() + 1 {
        return Err(AmendmentError::NotNext { version: next.version(), next: present.version() + 1 });
    }
    if next.replaces() != Some(&present.digest()) {
        return Err(AmendmentError::OtherBase);
    }
    let mut keys_left = keys.iter();
    for group in next.groups() {
        if group_changes(present, next, group)? {
            check_new_key(earlier, next, group, keys_left.next())?;
        }
    }
    if let Some(key) = keys_left.next() {
        return Err(AmendmentError::SurplusKey { group: key.group.clone() });
    }
    let log_changes = keyed(present) != keyed(next);
    let log_was_there = earlier.iter().any(|old| old.log() == next.log());
    let wrapped_to_all =
        log.is_some_and(|log| log.iter().map(|(group, _)| group).eq(next.groups().iter().map(|g| &g.id)));
    let log_is_right = match log_changes {
        true => !log_was_there && wrapped_to_all,
        false => present.log() == next.log() && log.is_none(),
    };
    if !log_is_right {
        return Err(AmendmentError::LogKey);
    }
    if next.brings() == Some(&brings(keys, log)) { Ok(()) } else { Err(AmendmentError::OtherKeys) }
}

/// What decides whether the log's key must change: the groups and their keys.
fn keyed(charter: &Charter) -> BTreeMap<&str, String> {
    charter.groups().iter().map(|group| (group.id.as_str(), group.recipient.to_string())).collect()
}

/// Whether a group has a new key, compared with the present charter. A group whose members, or
/// their cards, are others must have one.
fn group_changes(present: &Charter, next: &Charter, group: &Group) -> Result<bool, AmendmentError> {
    let Some(old) = present.group(&group.id) else { return Ok(true) };
    if old.recipient != group.recipient || old.epoch != group.epoch {
        return Ok(true);
    }
    if same_people(present, old, &group.members, |name| next.member(name).map(|card| card.to_bytes())) {
        Ok(false)
    } else {
        Err(AmendmentError::StaleKey { group: group.id.clone() })
    }
}

/// Whether a group has the same members, in the same order and with the same cards.
pub(super) fn same_people(
    present: &Charter,
    old: &Group,
    members: &[String],
    card: impl Fn(&str) -> Option<Vec<u8>>,
) -> bool {
    let same = |name: &String| present.member(name).map(|card| card.to_bytes()) == card(name);
    old.members == members && members.iter().all(same)
}

fn check_new_key(
    earlier: &[&Charter],
    next: &Charter,
    group: &Group,
    key: Option<&GroupKey>,
) -> Result<(), AmendmentError> {
    let name = || group.id.clone();
    let present = earlier.last().ok_or(AmendmentError::OtherBase)?;
    let old = present.group(&group.id);
    if old.is_none() && earlier.iter().any(|charter| charter.group(&group.id).is_some()) {
        return Err(AmendmentError::NameReused { group: name() });
    }
    let epoch = old.map_or(1, |old| old.epoch + 1);
    if group.epoch != epoch {
        return Err(AmendmentError::WrongEpoch { group: name(), epoch });
    }
    if earlier.iter().flat_map(|charter| charter.groups()).any(|old| old.recipient == group.recipient) {
        return Err(AmendmentError::KeyReused { group: name() });
    }
    let key = key.ok_or_else(|| AmendmentError::NoKey { group: name() })?;
    let fits = key.group == group.id && key.epoch == epoch && key.recipient == group.recipient;
    if !fits || !key.members().eq(group.members.iter().map(String::as_str)) {
        return Err(AmendmentError::NoKey { group: name() });
    }
    Ok(key.verify(|name| next.member(name))?)
}

/// Digest of the keys that an amendment brings; in the charter it is signed with it:
/// `SHA-256("amanah brings/1\n" ‖ SHA-256(key 1) ‖ ... ‖ SHA-256(group 1) ‖ SHA-256(file 1) ‖ ...)`.
pub fn brings(keys: &[GroupKey], log: Option<&Wrapped>) -> Digest {
    let mut parts: Vec<Digest> = keys.iter().map(|key| sha256(&[&key.to_bytes()])).collect();
    for (group, file) in log.into_iter().flatten() {
        parts.extend([sha256(&[group.as_bytes()]), sha256(&[file])]);
    }
    let mut whole = vec![BRINGS];
    whole.extend(parts.iter().map(|part| &part[..]));
    sha256(&whole)
}

/// Checks that those have signed who must: the quorum of `[amendment]` in the present charter, each
/// group by a member who counts for no other; an oversight body among them; and every oversight
/// body of which members, cards or keys change. Who keeps the ledger signs for no body.
pub fn check_signatures(present: &Charter, next: &Charter) -> Result<(), AmendmentError> {
    let signers = signers(present, next)?;
    let oversight = |body: &str| present.body(body).is_some_and(|body| body.role == Role::Oversight);
    // The key of a service lies about unattended: it does not speak for its body.
    let person = |name: &&String| !present.groups_of(name).any(|group| present.keeps_ledger(group));
    let bodies: BTreeSet<&str> = signers.iter().filter(person).filter_map(|name| body_of(name)).collect();
    for body in consents(present, next) {
        if !bodies.contains(body.as_str()) {
            return Err(AmendmentError::NoConsent { body });
        }
    }
    let coalitions = present.amendment().coalitions();
    if !coalitions.iter().any(|groups| each_by_another(present, &signers, groups)) {
        let wanted = coalitions.iter().map(|set| set.iter().cloned().collect::<Vec<_>>().join(" + "));
        let wanted = wanted.collect::<Vec<_>>().join(", ");
        let signed = if signers.is_empty() { "-".to_owned() } else { signers.join(", ") };
        return Err(AmendmentError::NotEnough { signed, wanted });
    }
    if bodies.iter().any(|body| oversight(body)) { Ok(()) } else { Err(AmendmentError::NoOverseer) }
}

/// The members of the present charter who have signed, once each; anything else among the
/// signatures is refused.
pub fn signers(present: &Charter, next: &Charter) -> Result<Vec<String>, AmendmentError> {
    let mut out: Vec<String> = Vec::new();
    for name in next.signers() {
        if out.iter().any(|known| known == name) {
            return Err(AmendmentError::TwiceSigned { name: name.to_owned() });
        }
        let card = present.member(name).ok_or_else(|| AmendmentError::ForeignSigner { name: name.to_owned() })?;
        next.note().verify(name, &card.signing)?;
        out.push(name.to_owned());
    }
    Ok(out)
}

/// The oversight bodies of the present charter that must agree, because it is they who would be
/// changed: their name or role, their members' cards, or their groups' members, keys or rights.
pub fn consents(present: &Charter, next: &Charter) -> Vec<String> {
    let differs = |body: &str| {
        let of = |name: &str| body_of(name) == Some(body);
        let about = |charter: &Charter| charter.body(body).map(|body| (body.name.clone(), body.role));
        let cards = |charter: &Charter| -> BTreeSet<Vec<u8>> {
            charter.members().iter().filter(|card| of(&card.member)).map(|card| card.to_bytes()).collect()
        };
        let groups = |charter: &Charter| -> BTreeMap<String, (u64, String, Vec<String>, Vec<String>)> {
            let own = charter.groups().iter().filter(|group| of(&group.id));
            own.map(|g| (g.id.clone(), (g.epoch, g.recipient.to_string(), g.members.clone(), g.may.clone()))).collect()
        };
        about(present) != about(next) || cards(present) != cards(next) || groups(present) != groups(next)
    };
    let oversight = present.bodies().iter().filter(|body| body.role == Role::Oversight);
    oversight.filter(|body| differs(&body.id)).map(|body| body.id.clone()).collect()
}

/// Whether every one of these groups can be given a signer of its own: a member who is in two
/// groups counts for one of them.
fn each_by_another(charter: &Charter, signers: &[String], groups: &BTreeSet<String>) -> bool {
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let mut taken: Vec<Option<usize>> = vec![None; signers.len()];
    (0..groups.len()).all(|group| place(charter, signers, &groups, group, &mut taken, &mut BTreeSet::new()))
}

/// Finds a signer for a group, moving others to free one (the augmenting path of bipartite
/// matching). The depth is that of the number of signers, who are at most the charter's members.
fn place(
    charter: &Charter,
    signers: &[String],
    groups: &[&str],
    group: usize,
    taken: &mut [Option<usize>],
    tried: &mut BTreeSet<usize>,
) -> bool {
    let has = |name: &str| charter.group(groups[group]).is_some_and(|group| group.members.iter().any(|m| m == name));
    for at in 0..signers.len() {
        if !has(&signers[at]) || !tried.insert(at) {
            continue;
        }
        let free = match taken[at] {
            None => true,
            Some(other) => place(charter, signers, groups, other, taken, tried),
        };
        if free {
            taken[at] = Some(group);
            return true;
        }
    }
    false
}
