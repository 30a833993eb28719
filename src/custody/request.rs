//! Requests: one member asks those who hold shares of named envelopes to release them.

use serde::{Deserialize, Serialize};

use super::{
    Charter, ReleaseError,
    card::whole_seconds,
    charter::Hash,
    ending::unseal,
    release::{check_charter, check_day, check_until, signed_by},
};
use crate::{
    crypto::{
        age_wrap::{DecryptionKey, Recipient},
        digest::{Digest, sha256},
        envelope::Place,
        note::Note,
        sign::SigningKey,
    },
    id::Id,
};

const HEAD: &str = "amanah request/1\n";

/// Most envelopes of one request: at a hundred bytes each it stays below the million bytes of a
/// note.
pub const MAX_ENVELOPES: usize = 5_000;

/// Most records of one request: their ids and their owners' fit one line of the ledger.
pub const MAX_RECORDS: usize = 500;

/// The longest time for which one can ask, in days: a year.
pub const MAX_DAYS: i32 = 366;

/// An envelope that is asked for or released: where it stands, and which it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(Id, String, u64, String, Id)", into = "(Id, String, u64, String, Id)")]
pub struct Named {
    /// The record.
    pub record: Id,
    /// Its kind.
    pub kind: String,
    /// The version that the envelope came with.
    pub version: u64,
    /// Its class.
    pub class: String,
    /// The envelope.
    pub envelope: Id,
}

impl Named {
    /// Where the envelope belongs.
    pub fn place<'a>(&'a self, vault: &'a Id) -> Place<'a> {
        Place { vault, record: &self.record, kind: &self.kind, version: self.version }
    }
}

impl From<(Id, String, u64, String, Id)> for Named {
    fn from((record, kind, version, class, envelope): (Id, String, u64, String, Id)) -> Named {
        Named { record, kind, version, class, envelope }
    }
}

impl From<Named> for (Id, String, u64, String, Id) {
    fn from(of: Named) -> (Id, String, u64, String, Id) {
        (of.record, of.kind, of.version, of.class, of.envelope)
    }
}

/// What is asked, and what for.
///
/// ```text
/// amanah request/1
/// vault = "4wvtm1p8c2dx7r0k9ze5hq3n6a"
/// charter = 1
/// charter_digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
/// asker = "handayani/ratna"
/// recipient = "age1..."
/// purpose = "case_conference"
/// until = "2026-12-24"
/// made = "2026-11-24T10:00:00Z"
/// seen = 7
/// records = ["6j3d..."]
/// classes = ["sealed"]
/// fields = []
/// envelopes = [["6j3d...", "child", 1, "sealed", "0f9k..."]]
/// reason = [["kpai/reviewers", "YWdl..."]]
///
/// — handayani/ratna ...
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    text: Text,
    note: Note,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    vault: Id,
    charter: u64,
    charter_digest: Hash,
    asker: String,
    recipient: Recipient,
    purpose: String,
    until: jiff::civil::Date,
    made: jiff::Timestamp,
    seen: u64,
    records: Vec<Id>,
    classes: Vec<String>,
    fields: Vec<String>,
    envelopes: Vec<Named>,
    reason: Vec<(String, String)>,
}

/// What a request is made from, besides the charter and who asks.
#[derive(Debug, Clone)]
pub struct Asked {
    /// For which purpose of the charter.
    pub purpose: String,
    /// The last day on which it can be answered and opened.
    pub until: jiff::civil::Date,
    /// How many entries of the ledger the asker has seen.
    pub seen: u64,
    /// The records.
    pub records: Vec<Id>,
    /// The classes.
    pub classes: Vec<String>,
    /// The fields that were asked for by name; what is released are the envelopes that hold them.
    pub fields: Vec<String>,
    /// The envelopes. Empty if the asker has no vault: then those that there are when the request
    /// is answered.
    pub envelopes: Vec<Named>,
    /// The reason in words, to each group that may answer: group and age file in base64.
    pub reason: Vec<(String, String)>,
}

impl Request {
    /// Makes and signs a request by a member of the charter.
    ///
    /// # Errors
    /// [`ReleaseError::Stranger`] for somebody else, and where it asks for too much.
    pub fn make(
        charter: &Charter,
        asker: (&str, &SigningKey),
        asked: Asked,
        now: jiff::Timestamp,
    ) -> Result<Request, ReleaseError> {
        let card = charter.member(asker.0).ok_or_else(|| ReleaseError::Stranger { name: asker.0.to_owned() })?;
        let Asked { purpose, until, seen, records, classes, fields, envelopes, reason } = asked;
        let text = Text {
            vault: *charter.vault(),
            charter: charter.version(),
            charter_digest: Hash(charter.digest()),
            asker: asker.0.to_owned(),
            recipient: card.recipient.clone(),
            purpose,
            until,
            made: whole_seconds(now),
            seen,
            records,
            classes,
            fields,
            envelopes,
            reason,
        };
        check_size(&text)?;
        let text = toml::to_string(&text).map_err(|e| bad(&e.to_string()))?;
        let note = Note::sign(&format!("{HEAD}{text}"), asker.0, asker.1)?;
        Request::parse(&note.to_bytes())
    }

    /// Reads a request: only the bytes that would be written. Who signed it is checked by
    /// [`Request::check`].
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Request, ReleaseError> {
        let note = Note::parse(bytes)?;
        let body = note.text().strip_prefix(HEAD).ok_or_else(|| bad("its first line is another"))?;
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        if toml::to_string(&text).ok().as_deref() != Some(body) || text.made != whole_seconds(text.made) {
            return Err(bad("it is not written in the one way requests are written"));
        }
        check_size(&text)?;
        let fits = |named: &Named| text.records.contains(&named.record) && text.classes.contains(&named.class);
        if !text.envelopes.iter().all(fits) || !text.envelopes.is_sorted_by(|a, b| a < b) {
            return Err(bad("its envelopes are not those of its records and classes, in order"));
        }
        Ok(Request { text, note })
    }

    /// Checks it by the charter in force, which is the last of `charters` (all so far, oldest
    /// first): made under that charter, signed by its member, and until a day that is neither over nor
    /// further away than one can ask.
    ///
    /// # Errors
    /// What is wrong, each in its own words.
    pub fn check(&self, charters: &[&Charter], now: jiff::Timestamp) -> Result<(), ReleaseError> {
        self.check_signed(charters)?;
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        check_charter(present, self.text.charter, &self.text.charter_digest.0)?;
        check_day(present, self.text.until, now)?;
        check_until(present, self.text.until, now)
    }

    /// Checks who has signed it: a member of the charter in force, with the key and the recipient
    /// on their card.
    ///
    /// # Errors
    /// For another vault, by a stranger, by somebody who was taken out, or changed since.
    pub fn check_signed(&self, charters: &[&Charter]) -> Result<(), ReleaseError> {
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        if self.text.vault != *present.vault() {
            return Err(ReleaseError::OtherVault);
        }
        let card = signed_by(&self.note, &self.text.asker, charters)?;
        if card.recipient != self.text.recipient {
            return Err(ReleaseError::Revoked { member: self.text.asker.clone() });
        }
        Ok(())
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// SHA-256 of the signed text: what answers name.
    pub fn digest(&self) -> Digest {
        sha256(&[self.note.text().as_bytes()])
    }

    /// What people call it: the first 16 bytes of the digest.
    pub fn id(&self) -> Id {
        id_of(&self.digest())
    }

    /// The vault.
    pub fn vault(&self) -> &Id {
        &self.text.vault
    }

    /// The version of the charter that it was made under.
    pub fn charter(&self) -> u64 {
        self.text.charter
    }

    /// Who asks.
    pub fn asker(&self) -> &str {
        &self.text.asker
    }

    /// To whom the shares shall be sealed.
    pub fn recipient(&self) -> &Recipient {
        &self.text.recipient
    }

    /// The purpose.
    pub fn purpose(&self) -> &str {
        &self.text.purpose
    }

    /// The last day.
    pub fn until(&self) -> jiff::civil::Date {
        self.text.until
    }

    /// When it was made, by the asker's clock.
    pub fn made(&self) -> jiff::Timestamp {
        self.text.made
    }

    /// How many entries of the ledger the asker had seen.
    pub fn seen(&self) -> u64 {
        self.text.seen
    }

    /// The records.
    pub fn records(&self) -> &[Id] {
        &self.text.records
    }

    /// The classes.
    pub fn classes(&self) -> &[String] {
        &self.text.classes
    }

    /// The fields that were asked for by name.
    pub fn fields(&self) -> &[String] {
        &self.text.fields
    }

    /// The envelopes, sorted; empty if those are meant that there are when it is answered.
    pub fn envelopes(&self) -> &[Named] {
        &self.text.envelopes
    }

    /// The reason in words, for a group whose key this is. None if nothing that it opens was given: a
    /// reason that nobody can read is none.
    pub fn reason_for(&self, group: &str, key: &DecryptionKey) -> Option<String> {
        let (_, file) = self.text.reason.iter().find(|(to, _)| to == group)?;
        unseal(file, key).ok().filter(|words| !words.trim().is_empty())
    }
}

/// The name of a signed text that people use.
pub fn id_of(digest: &Digest) -> Id {
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    Id(id)
}

fn check_size(text: &Text) -> Result<(), ReleaseError> {
    if text.records.is_empty() || text.classes.is_empty() {
        return Err(bad("it asks for nothing"));
    }
    if text.records.len() > MAX_RECORDS || text.envelopes.len() > MAX_ENVELOPES {
        return Err(ReleaseError::TooMany { records: MAX_RECORDS, envelopes: MAX_ENVELOPES });
    }
    Ok(())
}

fn bad(why: &str) -> ReleaseError {
    ReleaseError::Malformed { why: why.to_owned() }
}
