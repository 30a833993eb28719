//! Randomness from a seed, so that a history can be run twice: no byte comes from the operating
//! system, and of no age file the length.

use age_core::{
    format::{FILE_KEY_BYTES, FileKey, Stanza},
    primitives::hkdf,
};
use amanah::crypto::{
    CryptoError,
    age_wrap::{Recipient, WrapError},
    random::Random,
};
use data_encoding::BASE64_NOPAD;
use ring::{aead, hmac};

use crate::common::faults::Dice;

/// The same bytes from the same seed.
pub struct Seeded(Dice);

impl Seeded {
    /// A source that is nothing but its seed.
    pub fn new(seed: u64) -> Seeded {
        // Neighbouring seeds should have nothing in common.
        Seeded(Dice(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1))
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out).unwrap();
        out
    }
}

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for part in out.chunks_mut(8) {
            let drawn = self.0.below(u64::MAX).to_le_bytes();
            part.copy_from_slice(&drawn[..part.len()]);
        }
        Ok(())
    }

    /// An age file as age writes it, but for the stanza of grease: of random length and without
    /// meaning, it is what makes two files differ in length. What is read is read by age.
    fn wrap(&mut self, to: &Recipient, plaintext: &[u8]) -> Result<Vec<u8>, WrapError> {
        let Recipient::Hybrid(to) = to else { panic!("the worlds of tests have keys of the usual kind only") };
        let key: [u8; FILE_KEY_BYTES] = self.bytes();
        let stanza = to.wrap_file_key_with(&FileKey::new(Box::new(key)), self).unwrap();
        let mut file = header(&stanza, &key);
        let nonce: [u8; 16] = self.bytes();
        file.extend_from_slice(&nonce);
        assert!(plaintext.len() <= 64 * 1024, "one chunk");
        file.extend(last_chunk(&hkdf(&nonce, b"payload", &key), plaintext));
        Ok(file)
    }

    fn another(&mut self) -> Box<dyn Random> {
        Box::new(Seeded::new(self.0.below(u64::MAX)))
    }
}

fn header(stanza: &Stanza, key: &[u8]) -> Vec<u8> {
    let mut out = b"age-encryption.org/v1\n-> ".to_vec();
    out.extend_from_slice(format!("{} {}\n", stanza.tag, stanza.args.join(" ")).as_bytes());
    out.extend_from_slice(format!("{}\n---", BASE64_NOPAD.encode(&stanza.body)).as_bytes());
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &hkdf(&[], b"header", key)), &out);
    out.extend_from_slice(format!(" {}\n", BASE64_NOPAD.encode(mac.as_ref())).as_bytes());
    out
}

/// The one chunk of a short file, which is its last.
fn last_chunk(key: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::CHACHA20_POLY1305, key).unwrap());
    let mut nonce = [0; aead::NONCE_LEN];
    nonce[aead::NONCE_LEN - 1] = 1;
    let mut out = plaintext.to_vec();
    key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::empty(), &mut out).unwrap();
    out
}
