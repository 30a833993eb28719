//! The charter: the signed, versioned policy that a vault lives under.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{
    Card, CharterError, check,
    quorum::{Coalition, Quorum, smallest},
    retention::{Erasure, Retention},
};
use crate::{
    crypto::{
        age_wrap::Recipient,
        digest::{Digest, sha256},
        note::Note,
        sign::{PublicKey, SigningKey},
        vkey::VerifierKey,
    },
    id::{Id, body_of},
};

pub(super) const HEAD: &str = "amanah charter/1\n";

/// The longest charter, or key of a group, that is made: with room for a hundred signatures below the
/// million bytes of a note.
pub(super) const MAX_TEXT: usize = 980_000;

/// The right of a group that keeps the ledger, and is given nothing else.
pub(super) const LEDGER: &str = "ledger";

/// What a body is to the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The institution that keeps the records.
    Centre,
    /// An institution that watches over it.
    Oversight,
}

/// An institution.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its short name, `kpai`.
    pub id: String,
    /// Its full name.
    pub name: String,
    /// What it is to the vault.
    pub role: Role,
}

/// Members of one body who hold a key together.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `body/name`.
    pub id: String,
    /// Counts the group's keys, from 1.
    pub epoch: u64,
    /// Whom to wrap to.
    pub recipient: Recipient,
    /// The members' names.
    pub members: Vec<String>,
    /// What the group may do besides opening what it holds: `write`, `schema`; or `ledger`, which
    /// is all that a group with it may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
}

/// A sensitivity class of fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name, `identity`.
    pub id: String,
    /// Whether opening it wants a reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reason: bool,
    /// The ways to open it; each one suffices.
    pub quorums: Vec<Quorum>,
    /// The way to open it in an emergency, with groups of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<Quorum>,
}

/// A purpose for which something may be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// What stands in the ledger, `care`.
    pub code: String,
    /// In English.
    pub en: String,
    /// In Indonesian.
    pub id: String,
    /// Whether it wants a reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reason: bool,
    /// Whether records whose use is restricted are used for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

/// Who watches over the ledger from outside, and how closely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnesses {
    /// So many of them must have cosigned lately.
    pub any: u64,
    /// How old their last cosignature may be, in hours.
    pub max_age_hours: u64,
    /// Their keys.
    pub keys: Vec<VerifierKey>,
}

/// The text of a charter, as it is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub version: u64,
    pub vault: Id,
    pub name: String,
    pub time_zone: String,
    pub log: PublicKey,
    /// Digest of the charter that this one replaces; version 1 replaces none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Hash>,
    /// Digest of the keys that come with this version: [`super::amendment::brings`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brings: Option<Hash>,
    pub body: Vec<Body>,
    pub member: Vec<MemberText>,
    pub group: Vec<Group>,
    pub class: Vec<Class>,
    pub purpose: Vec<Purpose>,
    pub amendment: Quorum,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witnesses>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Erasure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retention: Vec<Retention>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberText {
    pub card: String,
}

/// A digest, as base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash(pub Digest);

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Hash).ok_or_else(|| serde::de::Error::custom("not a SHA-256 digest in base64"))
    }
}

/// A charter that has been read and found sound.
#[derive(Debug, Clone)]
pub struct Charter {
    text: Text,
    cards: Vec<Card>,
    note: Note,
}

impl Charter {
    /// Checks and signs a charter.
    pub(super) fn sign(text: &Text, member: &str, key: &SigningKey) -> Result<Charter, CharterError> {
        let toml = toml_of(text)?;
        check_length(toml.len())?;
        let note = Note::sign(&format!("{HEAD}{toml}"), member, key)?;
        Charter::parse(&note.to_bytes())
    }

    /// Reads a charter and checks that it is sound. Who signed it is checked by
    /// [`Charter::verify_founder`].
    pub fn parse(bytes: &[u8]) -> Result<Charter, CharterError> {
        let bad = |why: &str| CharterError::Malformed { why: why.to_owned() };
        let note = Note::parse(bytes)?;
        let body = note.text().strip_prefix(HEAD).ok_or_else(|| bad("its first line is another"))?;
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        let cards =
            text.member.iter().map(|member| Card::parse(member.card.as_bytes())).collect::<Result<Vec<_>, _>>()?;
        let amends = text.version > 1;
        if text.version == 0 || text.replaces.is_some() != amends || text.brings.is_some() != amends {
            return Err(bad("the first version replaces none, and every other one says which"));
        }
        match check::faults(&text, &cards).into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(Charter { text, cards, note }),
        }
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// The signed text without its first line: TOML.
    pub fn toml(&self) -> &str {
        self.note.text().strip_prefix(HEAD).unwrap_or_default()
    }

    /// SHA-256 of the signed text.
    pub fn digest(&self) -> Digest {
        sha256(&[self.note.text().as_bytes()])
    }

    /// Checks that the member who made the vault has signed its first charter.
    pub fn verify_founder(&self, member: &str) -> Result<(), CharterError> {
        let card = self.member(member).ok_or_else(|| CharterError::Unsigned { member: member.to_owned() })?;
        Ok(self.note.verify(member, &card.signing)?)
    }

    /// Adds the signature of a member of the charter that this one replaces. Whether it counts is
    /// checked by [`super::amendment::check_signatures`].
    pub(super) fn add_signature(&mut self, member: &str, key: &SigningKey) -> Result<(), CharterError> {
        Ok(self.note.add_signature(member, key)?)
    }

    /// Takes over the signatures of another copy; whether it is a copy.
    pub(super) fn merge(&mut self, other: &Charter) -> bool {
        self.note.merge(&other.note)
    }

    /// The note, to look at its signatures.
    pub(super) fn note(&self) -> &Note {
        &self.note
    }

    /// The text, to make the next version from.
    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// Digest of the charter that this one replaces: [`Charter::digest`] of that. `None` in
    /// version 1.
    pub fn replaces(&self) -> Option<&Digest> {
        self.text.replaces.as_ref().map(|hash| &hash.0)
    }

    /// Digest of the keys that came with this version: [`super::amendment::brings`].
    pub fn brings(&self) -> Option<&Digest> {
        self.text.brings.as_ref().map(|hash| &hash.0)
    }

    /// The names under which it is signed.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.note.names()
    }

    /// Counts amendments, from 1.
    pub fn version(&self) -> u64 {
        self.text.version
    }

    /// The vault it is for.
    pub fn vault(&self) -> &Id {
        &self.text.vault
    }

    /// The vault's name for people.
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// The time zone in which times are shown and working hours counted.
    pub fn time_zone(&self) -> &str {
        &self.text.time_zone
    }

    /// The log's key, which signs checkpoints.
    pub fn log(&self) -> &PublicKey {
        &self.text.log
    }

    /// All bodies.
    pub fn bodies(&self) -> &[Body] {
        &self.text.body
    }

    /// All groups, in order.
    pub fn groups(&self) -> &[Group] {
        &self.text.group
    }

    /// All classes, in order.
    pub fn classes(&self) -> &[Class] {
        &self.text.class
    }

    /// All purposes, in order.
    pub fn purposes(&self) -> &[Purpose] {
        &self.text.purpose
    }

    /// Who must sign the next version.
    pub fn amendment(&self) -> &Quorum {
        &self.text.amendment
    }

    /// Who watches over the ledger from outside, if the charter says so.
    pub fn witnesses(&self) -> Option<&Witnesses> {
        self.text.witness.as_ref()
    }

    /// Whether an erasure wants a second member.
    pub fn confirms_erasure(&self) -> bool {
        self.text.erasure.is_some_and(|erasure| erasure.confirm)
    }

    /// How long records are kept, by kind.
    pub fn retention(&self) -> &[Retention] {
        &self.text.retention
    }

    /// The cards of all members.
    pub fn members(&self) -> &[Card] {
        &self.cards
    }

    /// A body by name.
    pub fn body(&self, id: &str) -> Option<&Body> {
        self.text.body.iter().find(|body| body.id == id)
    }

    /// A group by name.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.text.group.iter().find(|group| group.id == id)
    }

    /// A class by name.
    pub fn class(&self, id: &str) -> Option<&Class> {
        self.text.class.iter().find(|class| class.id == id)
    }

    /// A purpose by code.
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.text.purpose.iter().find(|purpose| purpose.code == code)
    }

    /// A member's card.
    pub fn member(&self, name: &str) -> Option<&Card> {
        self.cards.iter().find(|card| card.member == name)
    }

    /// The groups a member is in, in order.
    pub fn groups_of(&self, member: &str) -> impl Iterator<Item = &str> {
        let has = move |group: &&Group| group.members.iter().any(|name| name == member);
        self.text.group.iter().filter(has).map(|group| group.id.as_str())
    }

    /// Whether a group may do something.
    pub fn may(&self, group: &str, right: &str) -> bool {
        self.group(group).is_some_and(|group| group.may.iter().any(|may| may == right))
    }

    /// Whether a group keeps the ledger, and is given nothing else: for services.
    pub fn keeps_ledger(&self, group: &str) -> bool {
        self.may(group, LEDGER)
    }

    /// The groups that a session's secrets are wrapped to, in order: all but those that keep the
    /// ledger, which have nothing to open.
    pub fn session_groups(&self) -> impl Iterator<Item = &Group> {
        self.text.group.iter().filter(|group| !self.keeps_ledger(&group.id))
    }

    /// Whether these groups open a class without anybody else.
    pub fn openable_alone(&self, class: &str, held: &[String]) -> bool {
        let has = |group: &str| held.iter().any(|held| held == group);
        self.class(class).is_some_and(|class| class.quorums.iter().any(|quorum| quorum.is_met(&has)))
    }

    /// Whether these groups may open a class in an emergency.
    pub fn opens_in_emergency(&self, class: &str, held: &[String]) -> bool {
        let has = |group: &str| held.iter().any(|held| held == group);
        let quorum = self.class(class).and_then(|class| class.break_glass.as_ref());
        quorum.is_some_and(|quorum| quorum.is_met(&has))
    }

    /// The classes that open in an emergency, with the smallest sets of groups that open them.
    pub fn emergencies(&self) -> Vec<(String, Vec<Coalition>)> {
        let with = self.classes().iter().filter(|class| class.break_glass.is_some());
        with.map(|class| (class.id.clone(), self.emergency_coalitions(&class.id))).collect()
    }

    /// The smallest sets of groups that open a class in an emergency.
    pub fn emergency_coalitions(&self, class: &str) -> Vec<Coalition> {
        let quorum = self.class(class).and_then(|class| class.break_glass.as_ref());
        quorum.map(Quorum::coalitions).unwrap_or_default()
    }

    /// The smallest sets of groups that open a class.
    pub fn coalitions(&self, class: &str) -> Vec<Coalition> {
        let quorums = self.class(class).map(|class| class.quorums.as_slice()).unwrap_or_default();
        smallest(quorums.iter().flat_map(Quorum::coalitions).collect())
    }

    /// The groups that can read the reasons a member of this body gives: those of the body, and
    /// those of all oversight bodies, in the charter's order. A group that keeps the ledger reads
    /// none.
    pub fn reason_leaves(&self, body: &str) -> Vec<String> {
        let oversight = |id: &str| self.body(id).is_some_and(|body| body.role == Role::Oversight);
        let reads = |group: &&Group| body_of(&group.id).is_some_and(|of| of == body || oversight(of));
        self.session_groups().filter(reads).map(|group| group.id.clone()).collect()
    }
}

pub(super) fn toml_of(text: &Text) -> Result<String, CharterError> {
    toml::to_string(text).map_err(|e| CharterError::Malformed { why: e.to_string() })
}

/// Refuses what no note could hold. Only where a charter is made: what was signed is read.
pub(super) fn check_length(toml: usize) -> Result<(), CharterError> {
    if HEAD.len() + toml <= MAX_TEXT { Ok(()) } else { Err(CharterError::TooLong { most: MAX_TEXT }) }
}

/// The bodies of the groups of a coalition.
pub fn bodies_of(coalition: &Coalition) -> BTreeSet<&str> {
    coalition.iter().filter_map(|group| body_of(group)).collect()
}
