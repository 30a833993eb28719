//! Entries: one action each, as a line of JSON whose exact bytes are signed and hashed.

use std::{collections::BTreeMap, fmt, io};

use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::LedgerError;
use crate::{
    crypto::{
        digest::Digest,
        sign::{PublicKey, SigningKey},
    },
    id::Id,
    texts,
};

/// Longest line in bytes: a C2SP entry bundle gives an entry two bytes of length, and 60,000 is
/// easier to remember than 65,535.
pub const MAX_LINE: usize = 60_000;

/// `,"sig":"` and `"}` around 88 characters of base64.
const SIGNATURE_SUFFIX: usize = 8 + 88 + 2;

macro_rules! actions {
    ($($(#[$meta:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What an entry says was done. The names stand in `docs/FORMAT.md`, section 8.1.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action {
            $( $(#[$meta])* #[serde(rename = $name)] $variant, )*
        }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Action] = &[$(Action::$variant),*];

            /// The name in the ledger.
            pub fn name(self) -> &'static str {
                match self { $(Action::$variant => $name),* }
            }
        }
    };
}

actions! {
    /// The vault came into being.
    VaultCreate = "vault.create",
    /// The next version of the charter, with the keys that it brings.
    CharterAmend = "charter.amend",
    /// Session secrets of a group were wrapped to its new key.
    GroupRotate = "group.rotate",
    /// A new version of the schema.
    SchemaAmend = "schema.amend",
    /// A record was entered.
    RecordCreate = "record.create",
    /// Fields of a record were written anew.
    RecordUpdate = "record.update",
    /// A record was made to belong to another.
    RecordLink = "record.link",
    /// Records were entered from a file.
    RecordImport = "record.import",
    /// Fields of a record were shown.
    RecordRead = "record.read",
    /// The versions of a record were shown.
    RecordHistory = "record.history",
    /// Records of a kind were listed.
    RecordList = "record.list",
    /// All that belongs to a child or family was shown.
    CaseRead = "case.read",
    /// Records were searched for a value that must be unique.
    RecordCheck = "record.check",
    /// Records were found by what they say.
    RecordFind = "record.find",
    /// A record turned out to be the same as another.
    RecordMerge = "record.merge",
    /// Records were compared with each other.
    RecordDuplicates = "record.duplicates",
    /// Fields of a class were encrypted to somebody outside.
    RecordExport = "record.export",
    /// What records are found by was written again, or by somebody else than the record.
    IndexRebuild = "index.rebuild",
    /// A group's key was split among holders of paper.
    RecoverySplit = "recovery.split",
    /// Shares on paper were tried.
    RecoveryDrill = "recovery.drill",
    /// A group's former key was put together from paper.
    RecoveryCombine = "recovery.combine",
    /// Shares of named envelopes were asked for.
    RequestMake = "request.make",
    /// A request was taken back.
    RequestWithdraw = "request.withdraw",
    /// A group's shares were sealed to who asked.
    ReleaseApprove = "release.approve",
    /// A request was denied.
    ReleaseDeny = "release.deny",
    /// What was released was shown.
    ReleaseOpen = "release.open",
    /// A class was opened in an emergency.
    GlassBreak = "glass.break",
    /// An overseer has taken note of that.
    GlassAcknowledge = "glass.acknowledge",
    /// What overseers opened without the centre was taken into the ledger.
    LedgerAdmit = "ledger.admit",
    /// Reasons that were given with entries were read.
    AuditReasons = "audit.reasons",
    /// Records were erased.
    RecordErase = "record.erase",
    /// Somebody asked for an erasure, which a second member has to confirm.
    RecordEraseAsk = "record.erase-ask",
    /// A backup was made.
    BackupCreate = "backup.create",
    /// A backup was tried out.
    BackupDrill = "backup.drill",
    /// The use of records was restricted.
    RecordRestrict = "record.restrict",
    /// Records can be used again.
    RecordRelease = "record.release-restriction",
}

impl Action {
    /// Whether entries with this action bring versions of records, once they are done.
    pub fn writes(self) -> bool {
        matches!(self, Action::RecordCreate | Action::RecordUpdate | Action::RecordLink | Action::RecordImport)
    }
}

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done, or is being done right after this entry.
    Ok,
    /// It was refused; nothing was shown or written.
    Refused,
    /// What was asked for did not open.
    Failed,
}

impl Outcome {
    /// The name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
        }
    }
}

/// What an action was done to: records of one kind, in one version, the same fields of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The records' kind.
    pub kind: String,
    /// Their version; 0 where none is meant.
    pub version: u64,
    /// Field names by class.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The records.
    pub records: Vec<Id>,
    /// The records that they belong to, one for each; left out where none of them has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<Owner>,
}

/// The record that another belongs to, or an empty string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner(pub Option<Id>);

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(id) => id.serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        texts::read(deserializer, "an id or nothing", |text| match text {
            "" => Some(Owner(None)),
            text => text.parse().ok().map(|id| Owner(Some(id))),
        })
    }
}

/// An entry before it is signed.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the members are those of `Entry`")]
pub struct EntryDraft {
    pub seq: u64,
    pub time: Timestamp,
    pub actor: String,
    pub group: String,
    pub action: Action,
    pub purpose: Option<String>,
    pub subjects: Vec<Subject>,
    pub payload: Option<Digest>,
    pub outcome: Outcome,
    pub detail: Option<String>,
    pub charter: u64,
    pub root: Digest,
}

/// One action.
///
/// ```text
/// {"v":1,"seq":7,"time":"2026-11-24T10:00:00.123456Z","actor":"handayani/siti","group":"handayani/registry",
///  "action":"record.read","purpose":"care","subjects":[{"kind":"child","version":1,
///  "fields":{"identity":["full_name"]},"records":["4wvtm1p8c2dx7r0k9ze5hq3n6a"]}],"outcome":"ok",
///  "charter":1,"tree":{"size":7,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"sig":"..."}
/// ```
///
/// (on one line, without white space)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    v: u8,
    /// Counts from 0.
    pub seq: u64,
    /// When, by the writer's clock.
    #[serde(with = "time")]
    pub time: Timestamp,
    /// The member who acted.
    pub actor: String,
    /// The group in whose right they acted.
    pub group: String,
    /// What was done.
    pub action: Action,
    /// For which purpose of the charter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// To what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// Digest of the payload, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_digest")]
    pub payload: Option<Digest>,
    /// How it ended.
    pub outcome: Outcome,
    /// A short code of what happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Version of the charter in force.
    pub charter: u64,
    /// The ledger's tree before this entry.
    pub tree: TreeHead,
}

/// Size and root of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeHead {
    /// How many leaves.
    pub size: u64,
    /// The root hash.
    #[serde(with = "digest")]
    pub root: Digest,
}

/// A signed entry as it stands in the ledger, without its newline.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    bytes: Vec<u8>,
    entry: Entry,
}

impl Line {
    /// Signs an entry.
    pub fn sign(draft: EntryDraft, key: &SigningKey, vault: &Id) -> Result<Line, LedgerError> {
        let EntryDraft { seq, actor, group, action, purpose, subjects, payload, outcome, detail, charter, .. } = draft;
        // Microseconds are what is written; what is kept must be what is read again.
        let time = Timestamp::from_microsecond(draft.time.as_microsecond()).unwrap_or(draft.time);
        let tree = TreeHead { size: seq, root: draft.root };
        let entry =
            Entry { v: 1, seq, time, actor, group, action, purpose, subjects, payload, outcome, detail, charter, tree };
        let mut bytes = entry.to_json()?;
        bytes.pop();
        let signature = key.sign(&signed_message(vault, &bytes));
        bytes.extend_from_slice(b",\"sig\":\"");
        bytes.extend_from_slice(BASE64.encode(&signature).as_bytes());
        bytes.extend_from_slice(b"\"}");
        if bytes.len() > MAX_LINE {
            return Err(LedgerError::TooLong { most: MAX_LINE });
        }
        Ok(Line { bytes, entry })
    }

    /// Reads a line: only the bytes that would be written. The signature is not checked yet.
    pub fn parse(bytes: &[u8]) -> Result<Line, LedgerError> {
        let bad = |why: &str| LedgerError::Malformed { why: why.to_owned() };
        if bytes.len() > MAX_LINE {
            return Err(bad("longer than lines are"));
        }
        let (body, _) = split(bytes).ok_or_else(|| bad("no signature at its end"))?;
        // What was signed, closed where the signature begins.
        let end = body.len();
        let mut bytes = bytes.to_owned();
        bytes[end] = b'}';
        let json = &bytes[..=end];
        let entry: Entry = serde_json::from_slice(json).map_err(|e| bad(&e.to_string()))?;
        if entry.v != 1 || entry.tree.size != entry.seq || !entry.is_written_as(json) {
            return Err(bad("not written in the one way entries are written"));
        }
        bytes[end] = b',';
        for subject in &entry.subjects {
            let told = subject.of.iter().any(|owner| owner.0.is_some());
            let fits = if told { subject.of.len() == subject.records.len() } else { subject.of.is_empty() };
            if !fits {
                return Err(bad("a subject's owners do not fit its records"));
            }
        }
        Ok(Line { bytes, entry })
    }

    /// The line's bytes, without newline.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Whether it is signed by this key, for this vault.
    pub fn is_signed_by(&self, key: &PublicKey, vault: &Id) -> bool {
        let Some((body, signature)) = split(&self.bytes) else { return false };
        key.verify(&signed_message(vault, body), &signature)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({})", String::from_utf8_lossy(&self.bytes))
    }
}

impl Entry {
    fn to_json(&self) -> Result<Vec<u8>, LedgerError> {
        serde_json::to_vec(self).map_err(|e| LedgerError::Malformed { why: e.to_string() })
    }

    /// Whether this is how it would be written.
    fn is_written_as(&self, json: &[u8]) -> bool {
        let mut left = Left(json);
        serde_json::to_writer(&mut left, self).is_ok() && left.0.is_empty()
    }
}

/// What is left of a text that is compared with what is written.
struct Left<'a>(&'a [u8]);

impl io::Write for Left<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The line before `,"sig":`, and the signature.
fn split(line: &[u8]) -> Option<(&[u8], [u8; 64])> {
    let (body, suffix) = line.split_at_checked(line.len().checked_sub(SIGNATURE_SUFFIX)?)?;
    let text = suffix.strip_prefix(b",\"sig\":\"")?.strip_suffix(b"\"}")?;
    let mut signature = [0; 66];
    let length = BASE64.decode_mut(text, signature.get_mut(..BASE64.decode_len(text.len()).ok()?)?).ok()?;
    Some((body, *signature.get(..length)?.first_chunk().filter(|_| length == 64)?))
}

fn signed_message(vault: &Id, body: &[u8]) -> Vec<u8> {
    [b"amanah entry/1\n", vault.to_string().as_bytes(), b"\n", body].concat()
}

mod time {
    use super::*;

    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{time:.6}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        texts::read(deserializer, "a time", |text| text.parse().ok())
    }
}

mod digest {
    use super::*;

    /// Length of a digest in base64.
    const TEXT: usize = 44;

    pub fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; TEXT];
        BASE64.encode_mut(digest, &mut text);
        serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        texts::read(deserializer, "a digest", |text| {
            // As many bytes as base64 of this length could hold, were it not padded.
            let mut bytes = [0; TEXT / 4 * 3];
            if text.len() != TEXT || BASE64.decode_mut(text.as_bytes(), &mut bytes) != Ok(size_of::<Digest>()) {
                return None;
            }
            bytes.first_chunk().copied()
        })
    }
}

mod optional_digest {
    use super::*;

    pub fn serialize<S: Serializer>(optional: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
        match optional {
            Some(bytes) => digest::serialize(bytes, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Digest>, D::Error> {
        digest::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const VAULT: Id = Id([1; 16]);

    pub fn key() -> SigningKey {
        SigningKey::from_seed(&[5; 32]).unwrap()
    }

    pub fn line(seq: u64, root: Digest) -> Line {
        let subject = Subject {
            kind: "child".into(),
            version: 1,
            fields: BTreeMap::from([("identity".into(), vec!["full_name".into()])]),
            records: vec![Id([2; 16]), Id([3; 16])],
            of: vec![Owner(None), Owner(Some(Id([4; 16])))],
        };
        let draft = EntryDraft {
            seq,
            time: Timestamp::UNIX_EPOCH,
            actor: "handayani/siti".into(),
            group: "handayani/registry".into(),
            action: Action::RecordRead,
            purpose: Some("care".into()),
            subjects: vec![subject],
            payload: Some([9; 32]),
            outcome: Outcome::Ok,
            detail: None,
            charter: 1,
            root,
        };
        Line::sign(draft, &key(), &VAULT).unwrap()
    }

    #[test]
    fn signed_and_read_again() {
        let line = line(7, [6; 32]);
        let text = std::str::from_utf8(line.bytes()).unwrap();
        assert!(
            text.starts_with(r#"{"v":1,"seq":7,"time":"1970-01-01T00:00:00.000000Z","actor":"handayani/siti""#),
            "{text}"
        );
        let read = Line::parse(line.bytes()).unwrap();
        assert_eq!(read, line);
        assert!(read.is_signed_by(&key().public(), &VAULT));
        assert!(!read.is_signed_by(&key().public(), &Id([2; 16])));
        assert!(!read.is_signed_by(&SigningKey::from_seed(&[6; 32]).unwrap().public(), &VAULT));
    }

    #[test]
    fn only_what_would_be_written_is_read() {
        let text = String::from_utf8(line(7, [6; 32]).bytes().to_vec()).unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"v\":1", "\"v\": 1"),
            ("\"seq\":7", "\"seq\":8"),
            ("\"seq\":7", "\"seq\":07"),
            ("000000Z", "000Z"),
            ("record.read", "record.peek"),
            ("\"outcome\"", "\"extra\":1,\"outcome\""),
            ("\"purpose\":\"care\",", "\"purpose\":null,"),
            (",\"of\":[\"\",", ",\"of\":["),
            (&format!("\"\",\"{}\"", Id([4; 16])), "\"\",\"\""),
            (
                "\"actor\":\"handayani/siti\",\"group\":\"handayani/registry\"",
                "\"group\":\"handayani/registry\",\"actor\":\"handayani/siti\"",
            ),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            assert!(Line::parse(changed.as_bytes()).is_err(), "{to}");
        }
        for bad in ["", "{}", &text[1..], &text[..text.len() - 1], &format!("{text} ")] {
            assert!(Line::parse(bad.as_bytes()).is_err());
        }
    }

    #[test]
    fn every_flipped_byte_breaks_form_or_signature() {
        let line = line(7, [6; 32]);
        for at in 0..line.bytes().len() {
            let mut bytes = line.bytes().to_vec();
            bytes[at] ^= 1;
            let accepted = Line::parse(&bytes).is_ok_and(|line| line.is_signed_by(&key().public(), &VAULT));
            assert!(!accepted, "byte {at}");
        }
    }
}
