//! Where randomness comes from.

use ring::rand::SecureRandom as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    CryptoError,
    age_wrap::{self, Recipient, WrapError},
};

/// A source of randomness for keys and identifiers.
///
/// A trait only so that the published test vectors can be made with fixed bytes, and the histories
/// of `tests/simulate` twice. Nothing that the program does chooses another than
/// [`SystemRandom`] and [`PooledRandom`].
pub trait Random: Send {
    /// Fills `out`; on an error nothing in it may be used.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError>;

    /// Wraps something with age, which draws what it needs from the operating system by itself: a
    /// source that shall do the same twice has to write the age file too.
    ///
    /// # Errors
    /// Those of [`age_wrap::wrap`].
    fn wrap(&mut self, to: &Recipient, plaintext: &[u8]) -> Result<Vec<u8>, WrapError> {
        age_wrap::wrap(to, plaintext)
    }

    /// Another source, for many small pieces or for a thread of its own.
    fn another(&mut self) -> Box<dyn Random> {
        Box::new(PooledRandom::new())
    }
}

/// The operating system's generator, through ring.
#[derive(Debug)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// The generator; holds no state of its own.
    pub fn new() -> Self {
        SystemRandom(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.fill(out).map_err(|_| CryptoError::NoRandomness)
    }
}

/// The operating system's generator, asked for a thousand bytes at a time.
///
/// Dealing shares asks for one byte at a time, and a system call for each took longer than all
/// other sealing. What was handed out is wiped here at once, and the rest when it is dropped.
pub struct PooledRandom {
    source: SystemRandom,
    pool: Zeroizing<[u8; POOL]>,
    used: usize,
}

/// Bytes that are asked for at a time: a record of five classes needs about 500.
const POOL: usize = 1024;

impl PooledRandom {
    /// A generator whose pool is filled when it is first asked.
    pub fn new() -> Self {
        PooledRandom { source: SystemRandom::new(), pool: Zeroizing::new([0; POOL]), used: POOL }
    }
}

impl std::fmt::Debug for PooledRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PooledRandom(..)")
    }
}

impl Default for PooledRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl Random for PooledRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        if out.len() > POOL {
            return self.source.fill(out);
        }
        if self.used + out.len() > POOL {
            self.used = POOL;
            self.source.fill(self.pool.as_mut())?;
            self.used = 0;
        }
        let taken = &mut self.pool[self.used..self.used + out.len()];
        out.copy_from_slice(taken);
        taken.zeroize();
        self.used += out.len();
        Ok(())
    }
}

/// A new random identifier.
pub fn new_id(random: &mut dyn Random) -> Result<crate::id::Id, CryptoError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(crate::id::Id(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_of_the_pool_is_handed_out_twice() {
        let mut random = PooledRandom::new();
        let mut seen = std::collections::HashSet::new();
        for length in [16, 7, POOL - 8, POOL, POOL + 1, 16].into_iter().cycle().take(600) {
            let mut out = vec![0; length];
            random.fill(&mut out).unwrap();
            // A byte used again, or not filled, would be part of a block that was seen before.
            assert!(out.len() < 16 || out.chunks_exact(16).all(|block| seen.insert(block.to_vec())));
            assert!(random.pool[..random.used].iter().all(|byte| *byte == 0));
        }
    }
}
