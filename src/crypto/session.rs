//! Sealing sessions: the few public-key operations behind many envelopes.
//!
//! Per session and group there is one random secret, wrapped with age to the group's recipient.
//! The keys that seal single shares are derived from it, one for each share, so that any one
//! envelope can be released alone and a rotation re-wraps a few secrets instead of all records.

use ring::{aead, hkdf};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    CryptoError,
    age_wrap::{Recipient, WrapError},
    random::{Random, new_id},
    sharing::Share,
};
use crate::id::Id;

/// Length of a session secret in bytes.
pub const SECRET: usize = 32;

/// One group's secret of one session, as the parent of that group's share keys.
///
/// Holds ring's extracted key only, which prints nothing; ring does not wipe it when dropped.
pub struct SessionSecret(hkdf::Prk);

impl SessionSecret {
    /// From the unwrapped secret.
    pub fn new(session: &Id, secret: &[u8]) -> Result<Self, CryptoError> {
        if secret.len() != SECRET {
            return Err(CryptoError::Malformed { what: "session secret" });
        }
        Ok(SessionSecret(hkdf::Salt::new(hkdf::HKDF_SHA256, session.as_bytes()).extract(secret)))
    }

    /// Seals what reached a leaf. `info` names the share's place: it is in the key's derivation
    /// and in the associated data, and no two shares have the same, so the nonce can be zero.
    pub fn seal_share(&self, info: &[u8], share: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut out = Vec::with_capacity(share.len() + aead::AES_256_GCM.tag_len());
        self.seal_share_into(info, share, &mut out)?;
        Ok(out)
    }

    /// Seals as [`SessionSecret::seal_share`] does, at the end of `out`.
    pub fn seal_share_into(&self, info: &[u8], share: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let begin = out.len();
        let key = self.key(info)?;
        // Room for all of it first: a buffer that grew afterwards would leave the share behind.
        out.reserve(share.len() + aead::AES_256_GCM.tag_len());
        out.extend_from_slice(share);
        let sealed = key.seal_in_place_separate_tag(zero_nonce(), aead::Aad::from(info), &mut out[begin..]);
        let tag = sealed.map_err(|_| {
            out[begin..].zeroize();
            CryptoError::TooLarge { what: "a share" }
        })?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens a sealed share.
    pub fn open_share(&self, info: &[u8], sealed: &[u8]) -> Result<Share, CryptoError> {
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let length = self
            .key(info)?
            .open_in_place(zero_nonce(), aead::Aad::from(info), &mut buffer)
            .map_err(|_| CryptoError::DoesNotOpen)?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }

    fn key(&self, info: &[u8]) -> Result<aead::LessSafeKey, CryptoError> {
        let okm =
            self.0.expand(&[info], &aead::AES_256_GCM).map_err(|_| CryptoError::BadKey).map(aead::UnboundKey::from);
        okm.map(aead::LessSafeKey::new)
    }
}

impl std::fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

fn zero_nonce() -> aead::Nonce {
    aead::Nonce::assume_unique_for_key([0; 12])
}

/// A session as its writer holds it: every group's secret.
#[derive(Debug)]
pub struct Session {
    /// The session's id.
    pub id: Id,
    secrets: Vec<(String, SessionSecret)>,
}

/// The wrapped secrets of a session: group and age file.
pub type Wrapped = Vec<(String, Vec<u8>)>;

impl Session {
    /// Begins a session for these groups; gives it and what must be stored.
    pub fn begin(groups: &[(&str, &Recipient)], random: &mut dyn Random) -> Result<(Session, Wrapped), WrapError> {
        let id = new_id(random)?;
        let mut secrets = Vec::with_capacity(groups.len());
        let mut wrapped = Vec::with_capacity(groups.len());
        for (group, recipient) in groups {
            let mut secret = Zeroizing::new([0; SECRET]);
            random.fill(secret.as_mut())?;
            wrapped.push(((*group).to_owned(), random.wrap(recipient, secret.as_ref())?));
            secrets.push(((*group).to_owned(), SessionSecret::new(&id, secret.as_ref())?));
        }
        Ok((Session { id, secrets }, wrapped))
    }

    /// A session with given secrets: for test vectors.
    pub fn from_secrets(id: Id, secrets: &[(&str, [u8; SECRET])]) -> Result<Session, CryptoError> {
        let secrets = secrets
            .iter()
            .map(|(group, secret)| Ok(((*group).to_owned(), SessionSecret::new(&id, secret)?)))
            .collect::<Result<_, CryptoError>>()?;
        Ok(Session { id, secrets })
    }

    /// The secret of a group.
    pub fn secret(&self, group: &str) -> Option<&SessionSecret> {
        self.secrets.iter().find(|(name, _)| name == group).map(|(_, secret)| secret)
    }
}
