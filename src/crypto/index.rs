//! The keys of a search index, its labels and its postings: the basic dynamic construction of
//! Cash et al., "Dynamic Searchable Encryption in Very-Large Databases" (NDSS 2014).
//!
//! `docs/FORMAT.md`, section 11; `docs/SEARCH.md` says why. A keyword's n-th posting stands under
//! a label that is a keyed hash of n and keyword: without the key no two labels have anything in
//! common, and whoever has it finds the postings one after the other. (The paper makes a key for each
//! keyword first, to give it to a server that searches. Here nobody searches but who has the index key.)

use ring::{aead, hkdf, hmac};
use zeroize::Zeroizing;

use super::{CryptoError, cbor, random::Random};
use crate::id::Id;

/// Bytes of an index secret.
pub const SECRET: usize = 32;
/// Bytes of a label.
pub const LABEL: usize = 16;
/// Bytes of what a posting says.
pub const CONTENT: usize = 32;
/// Bytes of a nonce.
pub const NONCE: usize = 12;
/// Bytes of a sealed posting behind its label: nonce, content, tag.
pub const SEALED: usize = NONCE + CONTENT + 16;
/// Bytes of a posting.
pub const POSTING: usize = LABEL + SEALED;

/// A label.
pub type Label = [u8; LABEL];

/// What a posting says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// The record.
    pub record: Id,
    /// Its version that holds the value.
    pub version: u32,
    /// Which field.
    pub tag: [u8; 8],
    /// Which of the value's tokens, from 0.
    pub at: u8,
    /// How many tokens the value has.
    pub of: u8,
}

impl Content {
    fn encode(&self) -> [u8; CONTENT] {
        let mut out = [0; CONTENT];
        out[..16].copy_from_slice(&self.record.0);
        out[16..20].copy_from_slice(&self.version.to_be_bytes());
        out[20..28].copy_from_slice(&self.tag);
        out[28] = self.at;
        out[29] = self.of;
        out
    }

    fn decode(bytes: &[u8]) -> Result<Content, CryptoError> {
        let malformed = || CryptoError::Malformed { what: "posting" };
        let (record, rest) = bytes.split_first_chunk().ok_or_else(malformed)?;
        let (version, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let (tag, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let [at, of, 0, 0] = *rest else { return Err(malformed()) };
        Ok(Content { record: Id(*record), version: u32::from_be_bytes(*version), tag: *tag, at, of })
    }
}

/// A random nonce of a posting: gone when it is used.
pub struct Nonce([u8; NONCE]);

impl Nonce {
    /// A new one.
    pub fn new(random: &mut dyn Random) -> Result<Nonce, CryptoError> {
        let mut nonce = Nonce([0; NONCE]);
        random.fill(&mut nonce.0)?;
        Ok(nonce)
    }
}

/// The keys of one epoch of one class.
///
/// Holds ring's derived keys only, which print nothing; ring does not wipe them when dropped.
pub struct IndexKey {
    labels: hmac::Key,
    values: aead::LessSafeKey,
}

/// What somebody searches by, as labels are made of it. Wiped when dropped.
pub struct Keyword(Zeroizing<Vec<u8>>);

impl IndexKey {
    /// From the epoch's secret.
    pub fn new(vault: &Id, class: &str, epoch: u64, secret: &[u8]) -> Result<IndexKey, CryptoError> {
        if secret.len() != SECRET {
            return Err(CryptoError::Malformed { what: "index secret" });
        }
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, vault.as_bytes()).extract(secret);
        let info =
            |what: &str| cbor::bytes(|w| w.array(4)?.str(what)?.bytes(&vault.0)?.str(class)?.u64(epoch).map(drop));
        let mut labels = Zeroizing::new([0; 32]);
        prk.expand(&[&info("amanah index labels/1")], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(labels.as_mut()))
            .map_err(|_| CryptoError::BadKey)?;
        let values = info("amanah index values/1");
        let values = prk
            .expand(&[&values], &aead::AES_256_GCM)
            .map_err(|_| CryptoError::BadKey)
            .map(|okm| aead::LessSafeKey::new(aead::UnboundKey::from(okm)))?;
        Ok(IndexKey { labels: hmac::Key::new(hmac::HMAC_SHA256, labels.as_ref()), values })
    }

    /// The label of the keyword's posting of this number, from 0.
    pub fn label(&self, keyword: &Keyword, count: u64) -> Label {
        let mut context = hmac::Context::with_key(&self.labels);
        context.update(&count.to_be_bytes());
        context.update(&keyword.0);
        let mut label = [0; LABEL];
        label.copy_from_slice(&context.sign().as_ref()[..LABEL]);
        label
    }

    /// Seals a posting under a label that was not used before, with a random nonce for it alone.
    pub fn seal(&self, label: &Label, content: &Content, nonce: Nonce) -> Result<[u8; SEALED], CryptoError> {
        let Nonce(nonce) = nonce;
        let mut out = [0; SEALED];
        out[..NONCE].copy_from_slice(&nonce);
        let mut content = content.encode();
        let tag = self
            .values
            .seal_in_place_separate_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(label), &mut content)
            .map_err(|_| CryptoError::TooLarge { what: "a posting" })?;
        out[NONCE..NONCE + CONTENT].copy_from_slice(&content);
        out[NONCE + CONTENT..].copy_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Opens the posting that stands under a label.
    pub fn open(&self, label: &Label, sealed: &[u8]) -> Result<Content, CryptoError> {
        let (nonce, rest) = sealed.split_first_chunk().ok_or(CryptoError::DoesNotOpen)?;
        let mut rest = rest.to_vec();
        let plain = self
            .values
            .open_in_place(aead::Nonce::assume_unique_for_key(*nonce), aead::Aad::from(label), &mut rest)
            .map_err(|_| CryptoError::DoesNotOpen)?;
        Content::decode(plain)
    }
}

impl Keyword {
    /// From mode, scope and text, as FORMAT.md says.
    pub fn new(mode: &str, scope: &str, text: &str) -> Keyword {
        Keyword(Zeroizing::new(cbor::bytes(|w| w.array(3)?.str(mode)?.str(scope)?.str(text).map(drop))))
    }
}

/// A posting that says nothing: cannot be told from one that does.
pub fn empty(random: &mut dyn Random) -> Result<[u8; POSTING], CryptoError> {
    let mut out = [0; POSTING];
    random.fill(&mut out)?;
    Ok(out)
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexKey(..)")
    }
}

impl std::fmt::Debug for Keyword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SystemRandom;

    const VAULT: Id = Id([1; 16]);
    const CONTENT: Content = Content { record: Id([7; 16]), version: 300, tag: *b"fieldtag", at: 1, of: 3 };

    fn key(class: &str, epoch: u64) -> IndexKey {
        IndexKey::new(&VAULT, class, epoch, &[9; SECRET]).unwrap()
    }

    #[test]
    fn labels_have_nothing_in_common_across_keywords_counts_epochs_classes_and_vaults() {
        let mut seen = std::collections::HashSet::new();
        let other = IndexKey::new(&Id([2; 16]), "identity", 1, &[9; SECRET]).unwrap();
        for key in [key("identity", 1), key("identity", 2), key("personal", 1), other] {
            for (mode, scope, text) in
                [("exact", "", "siti"), ("name", "", "siti"), ("name", "s", "iti"), ("choice", "child.sex", "male")]
            {
                for count in 0..3 {
                    assert!(seen.insert(key.label(&Keyword::new(mode, scope, text), count)));
                }
            }
        }
        let again = || key("a", 1).label(&Keyword::new("exact", "", "x"), 5);
        assert_eq!(again(), again());
    }

    #[test]
    fn a_posting_opens_under_its_label_and_key_only() {
        let (own, label) = (key("identity", 1), [3; LABEL]);
        let seal = || own.seal(&label, &CONTENT, Nonce::new(&mut SystemRandom::new()).unwrap()).unwrap();
        let sealed = seal();
        assert_eq!(own.open(&label, &sealed).unwrap(), CONTENT);
        assert!(own.open(&[4; LABEL], &sealed).is_err());
        assert!(key("identity", 2).open(&label, &sealed).is_err());
        assert!(own.open(&label, &sealed[..SEALED - 1]).is_err() && own.open(&label, &[]).is_err());
        for at in 0..SEALED {
            let mut altered = sealed;
            altered[at] ^= 1;
            assert!(own.open(&label, &altered).is_err(), "{at}");
        }
        assert_ne!(sealed, seal());
    }
}
