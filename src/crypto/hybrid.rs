//! age's post-quantum keys, `mlkem768x25519`: `age1pq1...` and `AGE-SECRET-KEY-PQ-1...`.
//!
//! What is wrapped stays secret as long as either X25519 or ML-KEM-768 holds: a recording of today
//! is of no use to a quantum computer of later, and an error found in the newer of the two is no
//! disaster. The bytes are those of C2SP's `age.md`: HPKE (RFC 9180) in its base mode with X-Wing,
//! HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! ```text
//! -> mlkem768x25519 <1120 bytes: what X-Wing sends>
//! <32 bytes: the file key, sealed>
//! ```

use std::{collections::HashSet, fmt, str::FromStr};

use age::{DecryptError, EncryptError};
use age_core::{
    format::{FILE_KEY_BYTES, FileKey, Stanza},
    primitives::{bech32_decode, bech32_encode},
};
use bech32::{Fe32, Hrp, primitives::iter::ByteIterExt as _};
use data_encoding::BASE64_NOPAD;
use hpke::{Deserializable as _, HpkeError, OpModeR, OpModeS, aead::ChaCha20Poly1305, kdf::HkdfSha256};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{
    random::{Random, SystemRandom},
    xwing::{Drawn, Public, Seed, Share, XWing},
};

const RECIPIENT: Hrp = Hrp::parse_unchecked("age1pq");
const IDENTITY: Hrp = Hrp::parse_unchecked("age-secret-key-pq-");
const TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// What recipients say of themselves so that no file is wrapped to one of them and to a classic
/// key as well, which would undo what the hybrid is for.
const LABEL: &str = "postquantum";
/// Letters of a Bech32 checksum.
const CHECKSUM: usize = 6;
/// The file key and the tag of ChaCha20-Poly1305.
const BODY: usize = FILE_KEY_BYTES + 16;

/// The public side: whom to wrap to.
///
/// ```text
/// age1pq1...    (1,959 letters)
/// ```
///
/// The text is kept: it is compared, and written again, wherever a card or a charter is read, and
/// takes longer to make than all else that is done with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    key: Public,
    text: Box<str>,
}

impl FromStr for Recipient {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a post-quantum recipient";
        let bytes = unbech32(RECIPIENT, text).ok_or(wrong)?;
        if !is_canonical(text, &bytes) {
            return Err(wrong);
        }
        let key = Public::from_bytes(&bytes).map_err(|_| wrong)?;
        Ok(Recipient { key, text: text.into() })
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

impl Recipient {
    /// Wraps the key of an age file; what is of one use in it comes from `random`.
    pub fn wrap_file_key_with(&self, key: &FileKey, random: &mut dyn Random) -> Result<Stanza, EncryptError> {
        let sealed = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing, _>(
            &OpModeS::Base,
            &self.key,
            INFO,
            key.expose_secret(),
            &[],
            &mut Drawn(random),
        );
        let (share, body) = sealed.map_err(|e| EncryptError::Io(std::io::Error::other(e.to_string())))?;
        Ok(Stanza { tag: TAG.to_owned(), args: vec![BASE64_NOPAD.encode(share.bytes())], body })
    }
}

impl age::Recipient for Recipient {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let stanza = self.wrap_file_key_with(key, &mut SystemRandom::new())?;
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

/// The private side: what unwraps.
///
/// ```text
/// AGE-SECRET-KEY-PQ-1...    (32 bytes, from which both keys are made)
/// ```
#[derive(Clone)]
pub struct Identity(Seed);

impl Identity {
    /// From 32 random bytes that `fill` writes.
    pub fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
        Seed::filled(fill).map(Identity)
    }

    /// Its public side.
    pub fn to_public(&self) -> Recipient {
        let key = <XWing as hpke::Kem>::sk_to_pk(&self.0);
        let text = bech32_encode(RECIPIENT, key.bytes()).into();
        Recipient { key, text }
    }

    /// The key as age writes it. For a key file or a wrapping only.
    pub fn expose(&self) -> SecretString {
        let lower = Zeroizing::new(bech32_encode(IDENTITY, self.0.bytes()));
        SecretString::from(lower.to_ascii_uppercase())
    }
}

impl FromStr for Identity {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a post-quantum identity";
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(wrong);
        }
        let bytes = Zeroizing::new(unbech32(IDENTITY, text).ok_or(wrong)?);
        Seed::from_bytes(&bytes).map(Identity).map_err(|_| wrong)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl age::Identity for Identity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag != TAG {
            return None;
        }
        // Lengths first: a longer body could be made to open under two keys.
        let [share] = &stanza.args[..] else { return Some(Err(DecryptError::InvalidHeader)) };
        let share = BASE64_NOPAD.decode(share.as_bytes()).ok().and_then(|bytes| Share::from_bytes(&bytes).ok());
        let Some(share) = share.filter(|_| stanza.body.len() == BODY) else {
            return Some(Err(DecryptError::InvalidHeader));
        };
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.0,
            &share,
            INFO,
            &stanza.body,
            &[],
        );
        match opened.map(Zeroizing::new) {
            Ok(key) => Some(match <[u8; FILE_KEY_BYTES]>::try_from(&key[..]) {
                Ok(key) => Ok(FileKey::new(Box::new(key))),
                Err(_) => Err(DecryptError::InvalidHeader),
            }),
            // For another key. Which key a stanza is for cannot be seen from it.
            Err(HpkeError::OpenError) => None,
            Err(_) => Some(Err(DecryptError::InvalidHeader)),
        }
    }
}

/// The bytes of a Bech32 text with this prefix, whatever its length.
fn unbech32(prefix: Hrp, text: &str) -> Option<Vec<u8>> {
    let fits = |hrp| if hrp == prefix { Ok(()) } else { Err(()) };
    // Enough from the beginning: what is too short is left behind, and may be a secret.
    let collected = |bytes: bech32::primitives::decode::ByteIter<'_>| {
        let mut out = Vec::with_capacity(text.len());
        out.extend(bytes);
        out
    };
    bech32_decode(text, |_| (), fits, |_, bytes| Ok(collected(bytes))).ok()
}

/// Whether a text that decodes to these bytes is the one way to write them: in small letters, and
/// with nothing in the bits that are left of its last letter. Its checksum has been compared.
fn is_canonical(text: &str, bytes: &[u8]) -> bool {
    let letters = text.rsplit_once('1').map_or("", |(_, letters)| letters);
    let data = letters.get(..letters.len().saturating_sub(CHECKSUM)).unwrap_or_default();
    bytes.iter().copied().bytes_to_fes().map(Fe32::to_char).eq(data.chars())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use bech32::primitives::iter::Fe32IterExt as _;

    use super::*;
    use crate::crypto::digest::sha256;

    fn made() -> Identity {
        of([7; 32])
    }

    fn of(seed: [u8; 32]) -> Identity {
        Identity(Seed::from_bytes(&seed).unwrap())
    }

    #[test]
    fn there_and_back() {
        let identity = made();
        let recipient = identity.to_public();
        let text = recipient.to_string();
        assert!(text.starts_with("age1pq1") && text.len() == 1959, "{}", text.len());
        assert!(text.parse::<Recipient>().unwrap() == recipient);
        let secret = identity.expose();
        assert!(secret.expose_secret().starts_with("AGE-SECRET-KEY-PQ-1"));
        let identity: Identity = secret.expose_secret().parse().unwrap();
        let file = age::encrypt(&recipient, b"hello").unwrap();
        assert_eq!(age::decrypt(&identity, &file).unwrap(), b"hello");
        let other = of([8; 32]);
        assert!(matches!(age::decrypt(&other, &file), Err(DecryptError::NoMatchingKeys)));
        // A key in the form of the other kind, and in mixed or lower case.
        assert!(secret.expose_secret().to_lowercase().parse::<Identity>().is_err());
        assert!(text.parse::<Identity>().is_err() && secret.expose_secret().parse::<Recipient>().is_err());
    }

    #[test]
    fn a_recipient_is_written_in_one_way() {
        let text = made().to_public().to_string();
        assert!(text.to_uppercase().parse::<Recipient>().is_err());
        // 1,216 bytes leave two bits of the last letter; with a checksum that fits.
        let mut letters: Vec<Fe32> = made().to_public().key.bytes().iter().copied().bytes_to_fes().collect();
        let last = letters.pop().unwrap();
        for bits in 0..4 {
            let other = Fe32::try_from(last.to_u8() | bits).unwrap();
            let written: String =
                letters.iter().copied().chain([other]).with_checksum::<bech32::Bech32>(&RECIPIENT).chars().collect();
            assert_eq!(written == text, bits == 0);
            assert_eq!(written.parse::<Recipient>().is_ok(), bits == 0, "{written}");
        }
    }

    #[test]
    fn a_file_is_not_wrapped_to_a_classic_key_as_well() {
        let (pq, classic) = (made().to_public(), age::x25519::Identity::generate().to_public());
        let both = age::Encryptor::with_recipients([&pq as &dyn age::Recipient, &classic].into_iter());
        assert!(matches!(both, Err(EncryptError::IncompatibleRecipients { .. })));
    }

    /// The CCTV corpus: what must open opens, and what must not is refused for the right reason.
    #[test]
    fn the_corpus_of_others() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/cctv");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name == "README.md" {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let at = bytes.windows(2).position(|w| w == b"\n\n").unwrap();
            let (head, body) = (std::str::from_utf8(&bytes[..at]).unwrap(), &bytes[at + 2..]);
            let said = |name: &'static str| head.lines().filter_map(move |l| l.strip_prefix(name)?.strip_prefix(": "));
            let identities: Vec<Box<dyn age::Identity>> = said("identity")
                .map(|text| match text.parse::<Identity>() {
                    Ok(identity) => Box::new(identity) as Box<dyn age::Identity>,
                    Err(_) => Box::new(text.parse::<age::x25519::Identity>().unwrap()),
                })
                .collect();
            let mut plain = Vec::new();
            age::armor::ArmoredReader::new(body).read_to_end(&mut plain).unwrap();
            let opened = age::Decryptor::new(&plain[..])
                .and_then(|decryptor| decryptor.decrypt(identities.iter().map(AsRef::as_ref)))
                .and_then(|mut reader| {
                    let mut out = Vec::new();
                    reader.read_to_end(&mut out)?;
                    Ok(data_encoding::HEXLOWER.encode(&sha256(&[&out])))
                });
            let fits = match (said("expect").next().unwrap(), &opened) {
                ("success", Ok(digest)) => said("payload").next() == Some(digest),
                ("no match", Err(DecryptError::NoMatchingKeys)) => true,
                (
                    "header failure",
                    Err(DecryptError::InvalidHeader | DecryptError::UnknownFormat | DecryptError::Io(_)),
                ) => true,
                _ => false,
            };
            assert!(fits, "{name}: {:?}\n{head}", opened.map_err(|e| e.to_string()));
            count += 1;
        }
        assert_eq!(count, 19);
    }
}
