//! Where randomness comes from.

use ring::rand::SecureRandom as _;

use super::CryptoError;

/// A source of randomness for keys and identifiers.
///
/// A trait only so that the published test vectors can be made with fixed bytes.
pub trait Random: Send {
    /// Fills `out`; on an error nothing in it may be used.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError>;
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

/// A new random identifier.
pub fn new_id(random: &mut dyn Random) -> Result<crate::id::Id, CryptoError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    Ok(crate::id::Id(bytes))
}
