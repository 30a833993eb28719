//! Ed25519 signatures (RFC 8032), by ring.

use std::{fmt, str::FromStr};

use data_encoding::BASE64;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{CryptoError, locked::Locked, random::Random};

/// A signing key, made from a 32-byte seed. Not cloned, not printed, its seed wiped when dropped.
pub struct SigningKey {
    seed: Locked,
    /// Where it does not move: what is moved leaves copies.
    pair: Box<Ed25519KeyPair>,
    public: PublicKey,
}

impl SigningKey {
    /// A new random key.
    pub fn generate(random: &mut dyn Random) -> Result<Self, CryptoError> {
        Self::new(Locked::filled(|seed| random.fill(seed))?)
    }

    /// The key of a 32-byte seed.
    pub fn from_seed(seed: &[u8]) -> Result<Self, CryptoError> {
        Self::new(Locked::filled(|page| match seed.len() == page.len() {
            true => {
                page.copy_from_slice(seed);
                Ok(())
            }
            false => Err(CryptoError::BadKey),
        })?)
    }

    fn new(seed: Locked) -> Result<Self, CryptoError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| CryptoError::BadKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| CryptoError::BadKey)?;
        Ok(SigningKey { seed, pair: Box::new(pair), public: PublicKey(public) })
    }

    /// The seed, to be written into a key file.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs a message. The message must begin with bytes that say what it is, so that no
    /// signature can stand for another kind of document.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair.sign(message).as_ref());
        out
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(public {})", self.public)
    }
}

/// An Ed25519 public key. As text: base64 of its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Whether `signature` is one of this key over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| CryptoError::BadKey)?;
        Ok(PublicKey(bytes.try_into().map_err(|_| CryptoError::BadKey)?))
    }
}

impl serde::Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not an Ed25519 public key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8032_test_2() {
        let hex = |s: &str| data_encoding::HEXLOWER.decode(s.as_bytes()).unwrap();
        let key =
            SigningKey::from_seed(&hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")).unwrap();
        assert_eq!(key.public().0.to_vec(), hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        let signature = key.sign(&[0x72]);
        assert_eq!(
            signature.to_vec(),
            hex(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            )
        );
        assert!(key.public().verify(&[0x72], &signature));
        assert!(!key.public().verify(&[0x73], &signature));
        assert!(!format!("{key:?}").contains("4ccd"));
    }

    #[test]
    fn only_canonical_text() {
        let key = PublicKey([7; 32]);
        assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
        for bad in ["", "AAAA", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwf="] {
            assert!(bad.parse::<PublicKey>().is_err(), "{bad}");
        }
    }
}
