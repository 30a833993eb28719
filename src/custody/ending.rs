//! What ends a request without an answer: one who could have released denies it, or the asker takes
//! it back.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::{Charter, ReleaseError, Request, card::whole_seconds, charter::Hash, release::signed_by, request::id_of};
use crate::{
    crypto::{
        age_wrap::{self, DecryptionKey, Recipient},
        digest::{Digest, sha256},
        note::Note,
        random::Random,
        sign::SigningKey,
    },
    id::Id,
};

const DENIAL: &str = "amanah denial/1\n";
const WITHDRAWAL: &str = "amanah withdrawal/1\n";

/// Longest text of why, in characters.
pub const MAX_BECAUSE: usize = 2_000;

/// A denial, or a withdrawal.
///
/// ```text
/// amanah denial/1
/// vault = "4wvtm1p8c2dx7r0k9ze5hq3n6a"
/// request = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
/// by = "kpai/ani"
/// made = "2026-11-24T10:00:00Z"
/// because = "YWdl..."
///
/// — kpai/ani ...
/// ```
///
/// `because` is an age file to the asker's recipient; a withdrawal has none.
#[derive(Debug, Clone)]
pub struct Ending {
    text: Text,
    denies: bool,
    note: Note,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    vault: Id,
    request: Hash,
    by: String,
    made: jiff::Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

impl Ending {
    /// Denies a request, and tells the asker why.
    ///
    /// # Errors
    /// [`ReleaseError::LongBecause`]; what age says.
    pub fn deny(
        request: &Request,
        by: (&str, &SigningKey),
        because: &str,
        now: jiff::Timestamp,
        random: &mut dyn Random,
    ) -> Result<Ending, ReleaseError> {
        if because.chars().count() > MAX_BECAUSE {
            return Err(ReleaseError::LongBecause { most: MAX_BECAUSE });
        }
        let because = seal(request.recipient(), because, random)?;
        Ending::make(DENIAL, request, by, Some(because), now)
    }

    /// Takes a request back.
    ///
    /// # Errors
    /// None in practice: the text is one that a note can carry.
    pub fn withdraw(request: &Request, by: (&str, &SigningKey), now: jiff::Timestamp) -> Result<Ending, ReleaseError> {
        Ending::make(WITHDRAWAL, request, by, None, now)
    }

    fn make(
        head: &str,
        request: &Request,
        by: (&str, &SigningKey),
        because: Option<String>,
        now: jiff::Timestamp,
    ) -> Result<Ending, ReleaseError> {
        let (vault, request) = (*request.vault(), Hash(request.digest()));
        let text = Text { vault, request, by: by.0.to_owned(), made: whole_seconds(now), because };
        let text = toml::to_string(&text).map_err(|e| bad(&e.to_string()))?;
        Ending::parse(&Note::sign(&format!("{head}{text}"), by.0, by.1)?.to_bytes())
    }

    /// Reads one: only the bytes that would be written. Who signed it is checked by
    /// [`Ending::check`].
    ///
    /// # Errors
    /// [`ReleaseError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Ending, ReleaseError> {
        let note = Note::parse(bytes)?;
        let (denies, body) = match (note.text().strip_prefix(DENIAL), note.text().strip_prefix(WITHDRAWAL)) {
            (Some(body), _) => (true, body),
            (None, Some(body)) => (false, body),
            (None, None) => return Err(bad("its first line is another")),
        };
        let text: Text = toml::from_str(body).map_err(|e| bad(e.message()))?;
        let usual = toml::to_string(&text).ok().as_deref() == Some(body) && text.made == whole_seconds(text.made);
        if !usual || text.because.is_some() != denies {
            return Err(bad("it is not written in the one way denials and withdrawals are written"));
        }
        Ok(Ending { text, denies, note })
    }

    /// Checks that it is about this request, and signed by a member of the charter in force (the
    /// last of `charters`); a withdrawal by who asked.
    ///
    /// # Errors
    /// What is wrong, each in its own words.
    pub fn check(&self, request: &Request, charters: &[&Charter]) -> Result<(), ReleaseError> {
        if self.text.vault != *request.vault() {
            return Err(ReleaseError::OtherVault);
        }
        if self.text.request.0 != request.digest() {
            return Err(ReleaseError::Replayed);
        }
        signed_by(&self.note, &self.text.by, charters)?;
        if !self.denies && self.text.by != request.asker() {
            return Err(ReleaseError::NotYours { asker: request.asker().to_owned() });
        }
        Ok(())
    }

    /// Checks only who has signed it, and for which vault: where the request was erased.
    ///
    /// # Errors
    /// For another vault, by a stranger, by somebody who was taken out, or changed since.
    pub fn check_signer(&self, charters: &[&Charter]) -> Result<(), ReleaseError> {
        let present = charters.last().ok_or(ReleaseError::OtherVault)?;
        if self.text.vault != *present.vault() {
            return Err(ReleaseError::OtherVault);
        }
        signed_by(&self.note, &self.text.by, charters).map(drop)
    }

    /// The signed note.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    /// What it is called: the first 16 bytes of the digest of its text.
    pub fn id(&self) -> Id {
        id_of(&sha256(&[self.note.text().as_bytes()]))
    }

    /// Whether it denies the request; else the asker takes it back.
    pub fn denies(&self) -> bool {
        self.denies
    }

    /// Who.
    pub fn by(&self) -> &str {
        &self.text.by
    }

    /// The digest of the request.
    pub fn request(&self) -> &Digest {
        &self.text.request.0
    }

    /// Why, for the asker.
    ///
    /// # Errors
    /// With another key than the asker's.
    pub fn because(&self, key: &DecryptionKey) -> Result<Option<String>, ReleaseError> {
        self.text.because.as_deref().map(|file| unseal(file, key)).transpose()
    }
}

/// A text, sealed to one recipient, in base64.
pub fn seal(to: &Recipient, text: &str, random: &mut dyn Random) -> Result<String, ReleaseError> {
    Ok(BASE64.encode(&random.wrap(to, text.as_bytes())?))
}

/// The text that was sealed.
///
/// # Errors
/// With another key; not an age file.
pub fn unseal(file: &str, key: &DecryptionKey) -> Result<String, ReleaseError> {
    let file = BASE64.decode(file.as_bytes()).map_err(|_| bad("not base64"))?;
    let text = age_wrap::unwrap(key, &file)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn bad(why: &str) -> ReleaseError {
    ReleaseError::Malformed { why: why.to_owned() }
}
