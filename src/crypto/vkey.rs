//! Keys of logs and witnesses in the form that other software takes (C2SP `signed-note.md`,
//! "Verifier keys").

use std::{fmt, str::FromStr};

use data_encoding::BASE64;

use super::{note::NoteError, sign::PublicKey};

/// What a key signs, by the type byte that goes into its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Use {
    /// `0x01`: Ed25519 signatures of notes, as logs make them.
    Note,
    /// `0x04`: Ed25519 cosignatures of checkpoints with a time, as witnesses make them
    /// (C2SP `tlog-cosignature.md`).
    Cosignature,
}

impl Use {
    fn byte(self) -> u8 {
        match self {
            Use::Note => 0x01,
            Use::Cosignature => 0x04,
        }
    }
}

/// A named key, and what it signs.
///
/// ```text
/// example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerifierKey {
    name: String,
    usage: Use,
    key: PublicKey,
}

impl VerifierKey {
    /// A key under a name.
    ///
    /// # Errors
    /// [`NoteError::BadKey`] if the name is empty or has blanks or `+`.
    pub fn new(name: &str, usage: Use, key: PublicKey) -> Result<VerifierKey, NoteError> {
        if !signed_note::is_key_name_valid(name) || name.chars().any(char::is_control) {
            return Err(NoteError::BadKey);
        }
        Ok(VerifierKey { name: name.to_owned(), usage, key })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn usage(&self) -> Use {
        self.usage
    }

    /// The key.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The first four bytes of `SHA-256(name ‖ 0x0A ‖ type ‖ public key)`.
    pub fn id(&self) -> u32 {
        signed_note::key_id(&self.name, &self.typed())
    }

    fn typed(&self) -> [u8; 33] {
        let mut out = [self.usage.byte(); 33];
        out[1..].copy_from_slice(&self.key.0);
        out
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), BASE64.encode(&self.typed()))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    /// Reads a key; only what [`fmt::Display`] writes is accepted, so that the id always fits.
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let name = text.split('+').next().unwrap_or_default();
        let typed = text.splitn(3, '+').nth(2).and_then(|typed| BASE64.decode(typed.as_bytes()).ok());
        let (byte, key) = typed
            .as_deref()
            .and_then(|typed| typed.split_first())
            .and_then(|(byte, key)| Some((*byte, PublicKey(key.try_into().ok()?))))
            .ok_or(NoteError::BadKey)?;
        let usage = match byte {
            0x01 => Use::Note,
            0x04 => Use::Cosignature,
            _ => return Err(NoteError::BadKey),
        };
        let read = VerifierKey::new(name, usage, key)?;
        if read.to_string() == text { Ok(read) } else { Err(NoteError::BadKey) }
    }
}

impl serde::Serialize for VerifierKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for VerifierKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not a verifier key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_specification() {
        let text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        let key: VerifierKey = text.parse().unwrap();
        assert_eq!((key.name(), key.usage(), key.to_string().as_str()), ("example.com/foo", Use::Note, text));
        let note = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
        super::super::note::Note::parse(note.as_bytes()).unwrap().verify_key(&key).unwrap();
        let cosigner = VerifierKey::new("example.com/foo", Use::Cosignature, *key.key()).unwrap();
        assert_ne!(cosigner.id(), key.id());
        assert_eq!(cosigner.to_string().parse::<VerifierKey>().unwrap(), cosigner);
    }

    #[test]
    fn only_what_would_be_written() {
        let text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        for bad in [
            "",
            "a+b",
            "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            &text.replace("530d903a", "530D903A"),
            &text.replace("530d903a", "530d903b"),
            &text.replace("foo", "fop"),
            &text.replace("AekyeR", "BekyeR"),
            &text.replace("AekyeR", "BukyeR"),
            &format!("{text}="),
            &format!("{text}\n"),
            &text[..text.len() - 4],
        ] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
    }
}
