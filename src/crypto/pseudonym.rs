//! Pseudonyms of records: other ids in place of theirs, different for each recipient.
//!
//! ```text
//! key of a recipient = HMAC-SHA256(key, "amanah pseudonym/1\n" ‖ recipient)
//! pseudonym          = the first 16 bytes of HMAC-SHA256(key of the recipient, id)
//! ```
//!
//! Who has the key finds the record again by making the pseudonyms of all records; who has not
//! cannot tell which record is meant, nor whether two recipients were told of the same one.

use data_encoding::BASE64;
use ring::hmac;
use zeroize::Zeroizing;

use super::{CryptoError, digest::sha256, random::Random};
use crate::id::Id;

const HEAD: &str = "amanah pseudonym-key/1\n";

/// The key from which pseudonyms are made.
///
/// ```text
/// amanah pseudonym-key/1
/// 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
/// ```
pub struct PseudonymKey(Zeroizing<[u8; 32]>);

impl PseudonymKey {
    /// A new key.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn generate(random: &mut dyn Random) -> Result<PseudonymKey, CryptoError> {
        let mut key = Zeroizing::new([0; 32]);
        random.fill(&mut *key)?;
        Ok(PseudonymKey(key))
    }

    /// Reads a file: only what [`PseudonymKey::to_text`] writes.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<PseudonymKey, CryptoError> {
        let malformed = || CryptoError::Malformed { what: "pseudonym key" };
        let text = std::str::from_utf8(bytes).ok().and_then(|text| text.strip_prefix(HEAD)).ok_or_else(malformed)?;
        let text = text.strip_suffix('\n').ok_or_else(malformed)?;
        let decoded = Zeroizing::new(BASE64.decode(text.as_bytes()).map_err(|_| malformed())?);
        let mut key = Zeroizing::new([0; 32]);
        if decoded.len() != key.len() {
            return Err(malformed());
        }
        key.copy_from_slice(&decoded);
        Ok(PseudonymKey(key))
    }

    /// The file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(BASE64.encode(&*self.0));
        Zeroizing::new(format!("{HEAD}{}\n", *key))
    }

    /// What tells keys apart, and says nothing of them.
    pub fn name(&self) -> String {
        let digest = sha256(&[b"amanah pseudonym-key-id/1\n", &*self.0]);
        data_encoding::HEXLOWER.encode(&digest[..8])
    }

    /// The pseudonyms for one recipient.
    pub fn of(&self, recipient: &str) -> Pseudonyms {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*self.0);
        let own = hmac::sign(&key, &[b"amanah pseudonym/1\n", recipient.as_bytes()].concat());
        Pseudonyms(hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()))
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PseudonymKey({})", self.name())
    }
}

/// The pseudonyms for one recipient.
pub struct Pseudonyms(hmac::Key);

impl Pseudonyms {
    /// The pseudonym of a record.
    pub fn of(&self, id: &Id) -> Id {
        let tag = hmac::sign(&self.0, &id.0);
        let mut out = [0; 16];
        out.copy_from_slice(&tag.as_ref()[..16]);
        Id(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SystemRandom;

    #[test]
    fn the_same_for_one_recipient_and_another_for_another() {
        let key = PseudonymKey(Zeroizing::new([7; 32]));
        let id = Id([1; 16]);
        let (one, other) = (key.of("bssn").of(&id), key.of("kpai").of(&id));
        assert!(one != other && one != id && one == key.of("bssn").of(&id));
        assert_ne!(one, key.of("bssn").of(&Id([2; 16])));
        assert_ne!(one, PseudonymKey(Zeroizing::new([8; 32])).of("bssn").of(&id));
    }

    #[test]
    fn written_and_read_again() {
        let key = PseudonymKey::generate(&mut SystemRandom::new()).unwrap();
        let text = key.to_text();
        assert_eq!(PseudonymKey::parse(text.as_bytes()).unwrap().name(), key.name());
        assert!(!format!("{key:?}").contains(&BASE64.encode(&*key.0)));
        for bad in ["", HEAD, &text[..text.len() - 1], &text.replace("key/1", "key/2"), &format!("{}\n", *text)] {
            assert!(PseudonymKey::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(PseudonymKey::parse(format!("{HEAD}{}\n", BASE64.encode(&[1; 31])).as_bytes()).is_err());
    }
}
