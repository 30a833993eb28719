//! Requests and their answers on the way between institutions: each one file.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{Ending, Release, ReleaseError, Request};
use crate::{
    crypto::{
        cbor,
        digest::{Digest, sha256},
        envelope::Envelope,
    },
    id::Id,
};

/// Largest file of a request or an answer that is read, in bytes.
pub const MAX_FILE: u64 = 256_000_000;

const REQUEST: &str = "request/1";
const ANSWER: &str = "answer/1";

/// Bytes, in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map(Bytes).map_err(|_| serde::de::Error::custom("not base64"))
    }
}

/// What a group needs to open its shares: its keys and its secrets of sessions, both wrapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kit {
    /// The group.
    pub group: String,
    /// The group keys that the secrets are wrapped to, wrapped to the members: signed notes.
    pub keys: Vec<String>,
    /// Session, epoch of the group's key, age file.
    pub sessions: Vec<(Id, u64, Bytes)>,
    /// The group's shares: which envelope of the request, its session, its charter's version, the
    /// leaf, and the sealed share. None where the envelopes themselves go along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<(u64, Id, u64, u64, Bytes)>,
}

/// A request on its way to those who shall answer it without the vault.
///
/// One JSON object in one line. `entry` proves that the entry of the request stands in the ledger (C2SP
/// `tlog-proof.md`), and `items` that this entry brought this very request; a request from outside the
/// vault has neither, and one that was made from a copy has the copy's `head` instead. `old` and
/// `consistency` show that the ledger continues what the receiver has seen. `kits` hold what the groups asked need, and nothing else.
///
/// ```text
/// {"amanah":"request/1","request":"amanah request/1\n...","entry":"c2sp.org/tlog-proof@v1\n...","items":"9f3k...","old":7,"consistency":["gSKy..."],"kits":[{"group":"kpai/reviewers","keys":["amanah group-key/1\n..."],"sessions":[["5m2t...",1,"YWdl..."]],"shares":[[0,"5m2t...",1,1,"x7Qo..."]]}]}
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    amanah: String,
    request: String,
    /// That the request stands in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The digests of the items of that entry's payload, one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Bytes>,
    /// The newest checkpoint of a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// From how many entries on the proof of consistency goes.
    pub old: u64,
    /// That the ledger continues its first `old` entries.
    pub consistency: Vec<Bytes>,
    /// What the groups need.
    pub kits: Vec<Kit>,
}

impl RequestFile {
    /// Of a request; the rest is put in afterwards.
    pub fn new(request: &Request) -> RequestFile {
        RequestFile {
            amanah: REQUEST.to_owned(),
            request: text(request.to_bytes()),
            entry: None,
            items: None,
            head: None,
            old: 0,
            consistency: Vec::new(),
            kits: Vec::new(),
        }
    }

    /// Reads a file: only the bytes that would be written.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<RequestFile, ReleaseError> {
        let file: RequestFile = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
        file.request()?;
        in_the_one_way(&file.amanah, REQUEST, &file.to_bytes(), bytes)?;
        Ok(file)
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        line(self)
    }

    /// The request.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn request(&self) -> Result<Request, ReleaseError> {
        Request::parse(self.request.as_bytes())
    }
}

/// What goes with a release to somebody without the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The schema, to read the fields by.
    pub schema: String,
    /// The envelopes of the release, in its order: owner of the record, if it has one, and the
    /// envelope's bytes.
    pub envelopes: Vec<(Option<Id>, Bytes)>,
    /// What the asker's own groups need for their shares.
    pub kits: Vec<Kit>,
}

impl Carried {
    /// What the release says of it: SHA-256 of it as it stands in the file.
    pub fn digest(&self) -> Digest {
        // Strings and numbers: it cannot fail.
        sha256(&[&serde_json::to_vec(self).unwrap_or_default()])
    }

    /// The envelopes.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`], or one that is not.
    pub fn opened(&self) -> Result<Vec<(Option<Id>, Envelope)>, ReleaseError> {
        let decode =
            |bytes: &Bytes| cbor::strict("envelope", &bytes.0, Envelope::decode, |w, envelope| envelope.encode(w));
        self.envelopes.iter().map(|(of, bytes)| Ok((*of, decode(bytes)?))).collect()
    }
}

/// What shows who has written envelopes that go along: the line of an entry that brought some of
/// them, and the way from the digest of each of them to the payload's that its writer has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorship {
    /// The entry's line.
    pub line: String,
    /// That it stands in the tree of the answer's own `entry`: the hashes beside its path.
    pub proof: Vec<Bytes>,
    /// The digests of the items of its payload, one after the other.
    pub items: Bytes,
    /// The versions: place of the item, its head, and the digests of its envelopes, one after the
    /// other.
    pub versions: Vec<(u64, Bytes, Bytes)>,
}

/// An answer on its way to who asked: a release, or a denial.
///
/// One JSON object in one line, with the request that it answers. `entry`, `old` and `consistency`
/// are as in a request, of the answer's own entry; an answer by somebody without the vault has
/// none.
///
/// ```text
/// {"amanah":"answer/1","request":"amanah request/1\n...","release":"amanah release/1\n...","shares":"YWdl...","old":0,"consistency":[]}
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerFile {
    amanah: String,
    request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shares: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denial: Option<String>,
    /// What goes along for somebody without the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
    /// Who has written the envelopes that go along, and the schema.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Authorship>,
    /// That the answer stands in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// From how many entries on the proof of consistency goes.
    pub old: u64,
    /// That the ledger continues its first `old` entries.
    pub consistency: Vec<Bytes>,
}

/// What is in an answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Shares.
    Release(Box<Release>),
    /// None.
    Denial(Ending),
}

impl AnswerFile {
    /// Of an answer; the proofs are put in afterwards.
    pub fn new(request: &Request, answer: &Answer) -> AnswerFile {
        let (release, shares, denial) = match answer {
            Answer::Release(release) => (Some(text(release.to_bytes())), Some(Bytes(release.shares().to_vec())), None),
            Answer::Denial(ending) => (None, None, Some(text(ending.to_bytes()))),
        };
        AnswerFile {
            amanah: ANSWER.to_owned(),
            request: text(request.to_bytes()),
            release,
            shares,
            denial,
            carried: None,
            written: Vec::new(),
            entry: None,
            old: 0,
            consistency: Vec::new(),
        }
    }

    /// Reads a file: only the bytes that would be written.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`], [`ReleaseError::Altered`].
    pub fn parse(bytes: &[u8]) -> Result<AnswerFile, ReleaseError> {
        let file: AnswerFile = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
        file.request()?;
        if let Answer::Release(release) = file.answer()?
            && release.carries() != file.carried.as_ref().map(Carried::digest).as_ref()
        {
            return Err(ReleaseError::Altered { name: release.releaser().to_owned() });
        }
        in_the_one_way(&file.amanah, ANSWER, &file.to_bytes(), bytes)?;
        Ok(file)
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        line(self)
    }

    /// The request that it answers.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn request(&self) -> Result<Request, ReleaseError> {
        Request::parse(self.request.as_bytes())
    }

    /// The answer.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`], [`ReleaseError::Altered`].
    pub fn answer(&self) -> Result<Answer, ReleaseError> {
        match (&self.release, &self.shares, &self.denial) {
            (Some(note), Some(shares), None) => {
                Ok(Answer::Release(Box::new(Release::parse(note.as_bytes(), &shares.0)?)))
            }
            (None, None, Some(note)) => Ok(Answer::Denial(Ending::parse(note.as_bytes())?)),
            _ => Err(bad("it holds no answer, or two")),
        }
    }
}

/// Whether a file says what it is, and is written as it would be.
fn in_the_one_way(tag: &str, wanted: &str, written: &[u8], bytes: &[u8]) -> Result<(), ReleaseError> {
    match tag == wanted && written == bytes {
        true => Ok(()),
        false => Err(bad("it is not written in the one way")),
    }
}

/// Hashes of a proof, as they stand in a file.
pub fn to_bytes(hashes: &[Digest]) -> Vec<Bytes> {
    hashes.iter().map(|hash| Bytes(hash.to_vec())).collect()
}

/// Hashes of a proof from a file.
///
/// # Errors
/// [`ReleaseError::Malformed`].
pub fn from_bytes(hashes: &[Bytes]) -> Result<Vec<Digest>, ReleaseError> {
    hashes.iter().map(|hash| Digest::try_from(&hash.0[..]).map_err(|_| bad("a hash of another length"))).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn line<T: Serialize>(file: &T) -> Vec<u8> {
    // Strings and numbers: it cannot fail.
    let mut bytes = serde_json::to_vec(file).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn bad(why: &str) -> ReleaseError {
    ReleaseError::Malformed { why: why.to_owned() }
}
