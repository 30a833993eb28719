//! The charters of a vault, as somebody without the vault knows them: from the first one they were
//! shown, each signed by those whom the one before it names.

use serde::{Deserialize, Serialize};

use super::{Charter, CharterError, ReleaseError, amendment::check_signatures};
use crate::{
    crypto::digest::{Digest, sha256},
    id::{Id, encode},
};

/// Largest file of charters that is read, in bytes.
pub const MAX_FILE: u64 = 64_000_000;

const FORMAT: &str = "charters/1";

/// All charters of a vault, oldest first.
///
/// ```text
/// {"amanah":"charters/1","charters":["amanah charter/1\n...","amanah charter/1\n..."]}
/// ```
#[derive(Debug, Clone)]
pub struct Chain(Vec<Charter>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    amanah: String,
    charters: Vec<String>,
}

impl Chain {
    /// From the charters of a vault.
    pub fn new<'a>(charters: impl IntoIterator<Item = &'a Charter>) -> Chain {
        Chain(charters.into_iter().cloned().collect())
    }

    /// Reads a file, and checks that each charter follows the one before it and is signed by those
    /// whom that one names. Whether the first one is to be believed, only a person can tell.
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`]; a charter that is not good, or not signed.
    pub fn parse(bytes: &[u8]) -> Result<Chain, ReleaseError> {
        let bad = |why: &str| ReleaseError::Malformed { why: why.to_owned() };
        let file: File = serde_json::from_slice(bytes).map_err(|e| bad(&e.to_string()))?;
        let charters = file.charters.iter().map(|note| Charter::parse(note.as_bytes()));
        let chain = Chain(charters.collect::<Result<Vec<_>, CharterError>>()?);
        if file.amanah != FORMAT || chain.0.is_empty() || chain.to_bytes() != bytes {
            return Err(bad("it is not written in the one way charters are written"));
        }
        for (at, charter) in chain.0.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| chain.0.get(before));
            let follows = match before {
                None => charter.version() == 1,
                Some(before) => {
                    charter.version() == before.version() + 1
                        && charter.vault() == before.vault()
                        && charter.replaces() == Some(&before.digest())
                }
            };
            if !follows {
                return Err(bad("a charter in it does not follow the one before"));
            }
            before.map(|before| check_signatures(before, charter)).transpose()?;
        }
        Ok(chain)
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |charter: &Charter| String::from_utf8_lossy(&charter.to_bytes()).into_owned();
        let file = File { amanah: FORMAT.to_owned(), charters: self.0.iter().map(text).collect() };
        // Strings in a vector: it cannot fail.
        let mut bytes = serde_json::to_vec(&file).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Whether it goes on from what was known before, and in no other way.
    pub fn continues(&self, known: &Chain) -> bool {
        self.0.len() >= known.0.len() && self.0.iter().zip(&known.0).all(|(a, b)| a.digest() == b.digest())
    }

    /// All, oldest first.
    pub fn all(&self) -> Vec<&Charter> {
        self.0.iter().collect()
    }

    /// The newest.
    ///
    /// # Errors
    /// None: a chain is never empty.
    pub fn newest(&self) -> Result<&Charter, ReleaseError> {
        self.0.last().ok_or(ReleaseError::OtherVault)
    }

    /// That of a version.
    pub fn of(&self, version: u64) -> Option<&Charter> {
        self.0.iter().find(|charter| charter.version() == version)
    }

    /// The vault.
    ///
    /// # Errors
    /// None: a chain is never empty.
    pub fn vault(&self) -> Result<&Id, ReleaseError> {
        Ok(self.newest()?.vault())
    }

    /// What two people compare by voice before one of them believes it: 128 bits of a SHA-256 over
    /// all of it, in groups.
    pub fn fingerprint(&self) -> String {
        let digests: Vec<Digest> = self.0.iter().map(Charter::digest).collect();
        let parts: Vec<&[u8]> = digests.iter().map(|digest| &digest[..]).collect();
        let letters = encode(&sha256(&parts)[..16]);
        let parts = [(0, 5), (5, 10), (10, 15), (15, 20), (20, letters.len())];
        parts.iter().filter_map(|(from, to)| letters.get(*from..*to)).collect::<Vec<_>>().join("-")
    }
}
