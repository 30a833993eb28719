//! Sealing sessions: the few public-key operations behind many envelopes.
//!
//! Per session and group there is one random secret, wrapped with age to the group's recipient.
//! The keys that seal shares are derived from it, one for each leaf of a class, so that a rotation
//! re-wraps a few secrets instead of all records. What reached a leaf is released, never its key: any
//! one envelope can be released alone.

use ring::{aead, hkdf};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    CryptoError,
    age_wrap::{Recipient, WrapError},
    cbor,
    digest::Digest,
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

    /// The key of what reaches a leaf of a class where this group stands.
    pub fn share_key(&self, class: &str, leaf: usize, group: &str) -> Result<ShareKey, CryptoError> {
        let info =
            cbor::bytes(|w| w.array(4)?.str("amanah share key/1")?.str(class)?.u64(leaf as u64)?.str(group).map(drop));
        let info = [&info[..]];
        let key = self.0.expand(&info, &aead::AES_256_GCM).map_err(|_| CryptoError::BadKey)?;
        Ok(ShareKey(aead::LessSafeKey::new(key.into())))
    }
}

impl std::fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

/// Seals and opens what reaches one leaf of a class, in all envelopes of a session.
///
/// The nonce is made of the envelope's id, which is random and of which one key sees a million at most:
/// two with the same 96 bits come with a probability below 2^-57. (NIST SP 800-38D, section 8.2.2; section
/// 8.3 lets a key have 2^32 such nonces.)
pub struct ShareKey(aead::LessSafeKey);

impl ShareKey {
    /// Seals the share of an envelope, bound to its place, at the end of `out`. An envelope has one share
    /// for each key.
    pub fn seal_into(&self, envelope: &Id, place: &Digest, share: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let begin = out.len();
        // Room for all of it first: a buffer that grew afterwards would leave the share behind.
        out.reserve(share.len() + aead::AES_256_GCM.tag_len());
        out.extend_from_slice(share);
        let sealed = self.0.seal_in_place_separate_tag(nonce(envelope), aead::Aad::from(place), &mut out[begin..]);
        let tag = sealed.map_err(|_| {
            out[begin..].zeroize();
            CryptoError::TooLarge { what: "a share" }
        })?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens a sealed share.
    pub fn open(&self, envelope: &Id, place: &Digest, sealed: &[u8]) -> Result<Share, CryptoError> {
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let length = self
            .0
            .open_in_place(nonce(envelope), aead::Aad::from(place), &mut buffer)
            .map_err(|_| CryptoError::DoesNotOpen)?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

impl std::fmt::Debug for ShareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShareKey(..)")
    }
}

fn nonce(envelope: &Id) -> aead::Nonce {
    let [bytes @ .., _, _, _, _] = envelope.0;
    aead::Nonce::assume_unique_for_key(bytes)
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
