//! Many things that come in another order than they are kept in, compared as a whole.

use ring::hmac;
use zeroize::Zeroizing;

use crate::crypto::{
    CryptoError,
    random::{Random as _, SystemRandom},
};

/// The key of one verification.
#[derive(Clone)]
pub(super) struct Key(hmac::Key);

impl Key {
    /// A fresh one: who made the store does not know it, and cannot make other things with the same
    /// sum.
    pub(super) fn fresh() -> Result<Key, CryptoError> {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(bytes.as_mut())?;
        Ok(Key(hmac::Key::new(hmac::HMAC_SHA256, bytes.as_ref())))
    }
}

/// How many things there are, and the sum of a keyed hash of each. Two that were made with the same
/// key are equal if they are of the same things; if not, by chance once in 2^128.
#[derive(Clone)]
pub(super) struct Gathered {
    key: Key,
    count: u64,
    sum: u128,
}

impl Gathered {
    pub(super) fn new(key: &Key) -> Gathered {
        Gathered { key: key.clone(), count: 0, sum: 0 }
    }

    pub(super) fn add(&mut self, thing: &[u8]) {
        let hash = hmac::sign(&self.key.0, thing);
        self.sum = self.sum.wrapping_add(hash.as_ref().first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes)));
        self.count += 1;
    }

    /// None yet, to be compared with this.
    pub(super) fn none(&self) -> Gathered {
        Gathered::new(&self.key)
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

impl PartialEq for Gathered {
    fn eq(&self, other: &Gathered) -> bool {
        (self.count, self.sum) == (other.count, other.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_does_not_count_and_everything_else_does() {
        let key = Key::fresh().unwrap();
        let of = |key: &Key, things: &[&str]| {
            let mut gathered = Gathered::new(key);
            things.iter().for_each(|thing| gathered.add(thing.as_bytes()));
            gathered
        };
        let some = of(&key, &["a", "b", "b"]);
        assert!(some == of(&key, &["b", "a", "b"]));
        assert_eq!(some.count(), 3);
        for others in [&["a", "a", "b"][..], &["a", "b"], &["a", "b", "b", "b"], &["a", "b", "c"], &["ab", "b", ""]] {
            assert!(some != of(&key, others), "{others:?}");
        }
        assert!(some.none() == of(&key, &[]));
        assert!(some != of(&Key::fresh().unwrap(), &["a", "b", "b"]));
    }
}
