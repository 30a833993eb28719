//! The 32 bytes inside an age key: what is split on paper.

use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use zeroize::Zeroizing;

use super::{
    CryptoError,
    age_wrap::{DecryptionKey, Recipient, Silent},
};

const CLASSIC: &str = "AGE-SECRET-KEY-";
const HYBRID: &str = "AGE-SECRET-KEY-PQ-";

/// Bytes of either kind of key.
const LENGTH: usize = 32;

/// The secret of a key; a plugin's key has none here.
///
/// # Errors
/// [`CryptoError::BadKey`].
pub fn to_bytes(key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let text = key.expose();
    let read = CheckedHrpstring::new::<Bech32>(text.expose_secret()).map_err(|_| CryptoError::BadKey)?;
    let name = read.hrp();
    let known = [CLASSIC, HYBRID].iter().any(|known| Hrp::parse(known).is_ok_and(|known| known == name));
    let mut bytes = Zeroizing::new(Vec::with_capacity(LENGTH));
    bytes.extend(read.byte_iter().take(LENGTH + 1));
    if known && bytes.len() == LENGTH { Ok(bytes) } else { Err(CryptoError::BadKey) }
}

/// The key of a secret, of the same kind as a recipient's. Whether it is that recipient's key, the
/// caller finds out.
///
/// # Errors
/// [`CryptoError::BadKey`].
pub fn from_bytes(bytes: &[u8], like: &Recipient) -> Result<DecryptionKey, CryptoError> {
    if bytes.len() != LENGTH {
        return Err(CryptoError::BadKey);
    }
    let kind = if like.to_string().starts_with("age1pq1") { HYBRID } else { CLASSIC };
    let name = Hrp::parse(kind).map_err(|_| CryptoError::BadKey)?;
    let text = bech32::encode_upper::<Bech32>(name, bytes).map_err(|_| CryptoError::BadKey)?;
    let text = SecretString::from(text);
    DecryptionKey::parse(text.expose_secret(), Arc::new(Silent)).map_err(|_| CryptoError::BadKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{age_wrap::KeyKind, random::SystemRandom};

    #[test]
    fn there_and_back() {
        for kind in [KeyKind::Hybrid, KeyKind::Classic] {
            let key = DecryptionKey::generate_kind(kind, &mut SystemRandom::new()).unwrap();
            let recipient = key.recipient().unwrap();
            let bytes = to_bytes(&key).unwrap();
            assert_eq!(from_bytes(&bytes, &recipient).unwrap().recipient(), Some(recipient.clone()));
            assert!(from_bytes(&bytes[1..], &recipient).is_err());
        }
        let plugin = "AGE-PLUGIN-YUBIKEY-1QQPZCQVZ5J7QFSQRMH4JK";
        if let Ok(key) = DecryptionKey::parse(plugin, Arc::new(Silent)) {
            assert!(to_bytes(&key).is_err());
        }
    }
}
