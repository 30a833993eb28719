//! X-Wing (`draft-connolly-cfrg-xwing-kem`): ML-KEM-768 and X25519 as one key encapsulation, KEM
//! id 0x647a of HPKE.
//!
//! It stands here because no release of a crate has it together with age's versions of `hpke` and
//! `ml-kem`. It combines what they do; the arithmetic is theirs.
//!
//! | | bytes | |
//! |---|---|---|
//! | private | 32 | a seed: SHAKE256 makes both private keys from it |
//! | public | 1184 + 32 | ML-KEM-768 encapsulation key, X25519 public key |
//! | share | 1088 + 32 | ML-KEM-768 ciphertext, X25519 public key of one use |
//! | secret | 32 | SHA3-256 of both shared secrets, the share's and the public X25519 key, and a label |

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, OnceLock},
};

use hpke::{
    Deserializable, HpkeError, Serializable,
    generic_array::typenum::{Sum, U32, U96, U192, U1024},
    kem::SharedSecret,
    rand_core::{CryptoRng, Error as RandomError, RngCore},
};
use ml_kem::{EncapsulateDeterministic as _, EncodedSizeUser as _, KemCore as _, MlKem768, kem::Decapsulate as _};
use sha3::{
    Digest as _, Sha3_256, Shake256,
    digest::{ExtendableOutput as _, ExtendableOutputReset as _, Update as _, XofReader as _},
};
use subtle::ConstantTimeEq as _;
use x25519_dalek::{PublicKey as XPublic, StaticSecret as XSecret};
use zeroize::{Zeroize as _, Zeroizing};

use super::{locked::Locked, random::Random};

const LABEL: &[u8] = br"\.//^\";

const PUBLIC: usize = PQ_PUBLIC + 32;
const PQ_PUBLIC: usize = 1184;
const SHARE: usize = PQ_CIPHERTEXT + 32;
const PQ_CIPHERTEXT: usize = 1088;

type PqSecret = <MlKem768 as ml_kem::KemCore>::DecapsulationKey;
type PqPublic = <MlKem768 as ml_kem::KemCore>::EncapsulationKey;

/// X-Wing, as HPKE wants it.
pub(super) struct XWing;

/// The seed of X-Wing's two private keys, and the keys once they were asked for: making them takes
/// longer than opening something with them, and which of the stanzas of a file is for a key is found
/// by trying. All of it stays in its place, and is wiped when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Seed(Arc<Secret>);

struct Secret {
    seed: Locked,
    keys: OnceLock<Keys>,
}

struct Keys {
    pq_secret: PqSecret,
    pq_public: PqPublic,
    x_secret: XSecret,
    x_public: XPublic,
}

/// A public key in which the ML-KEM part is known to be well formed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Public(Box<[u8; PUBLIC]>);

/// What goes to the holder of the private key.
#[derive(Clone)]
pub(super) struct Share(Box<[u8; SHARE]>);

impl Share {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

impl Seed {
    /// A seed that is written by `fill`, in its place from the beginning.
    pub(super) fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Seed, E> {
        Ok(Seed(Arc::new(Secret { seed: Locked::filled(fill)?, keys: OnceLock::new() })))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0.seed
    }

    fn keys(&self) -> &Keys {
        self.0.keys.get_or_init(|| Keys::new(&self.0.seed))
    }
}

impl Keys {
    fn new(seed: &[u8; 32]) -> Keys {
        let mut bytes = Zeroizing::new([0; 96]);
        // What it was given last stands in the hash until something else takes its place.
        let mut hash = Box::new(Shake256::default());
        hash.update(seed);
        hash.finalize_xof_reset().read(&mut bytes[..]);
        hash.update(&[0; 32]);
        let (mut d, mut z, mut x) = (ml_kem::B32::default(), ml_kem::B32::default(), Zeroizing::new([0; 32]));
        d.copy_from_slice(&bytes[..32]);
        z.copy_from_slice(&bytes[32..64]);
        x.copy_from_slice(&bytes[64..]);
        let (pq_secret, pq_public) = MlKem768::generate_deterministic(&d, &z);
        d.as_mut_slice().zeroize();
        z.as_mut_slice().zeroize();
        let x_secret = XSecret::from(*x);
        let x_public = XPublic::from(&x_secret);
        Keys { pq_secret, pq_public, x_secret, x_public }
    }
}

impl Public {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// Whether all coefficients are reduced, which FIPS 203, 7.2 demands before a key is used. There
    /// it is found by writing the key back, which takes a fifth of reading a charter: all of ML-KEM's
    /// matrix is made for it, and not used. Three bytes hold two coefficients; the last 32 are a seed.
    fn is_in_range(&self) -> bool {
        const COEFFICIENTS: usize = PQ_PUBLIC - 32;
        const MODULUS: u16 = 3_329;
        self.0[..COEFFICIENTS].as_chunks().0.iter().all(|[a, b, c]| {
            let [a, b, c] = [a, b, c].map(|byte| u16::from(*byte));
            (a | (b & 0xf) << 8) < MODULUS && (b >> 4 | c << 4) < MODULUS
        })
    }

    fn parts(&self) -> Option<(PqPublic, XPublic)> {
        let (pq, x) = self.0.split_at_checked(PQ_PUBLIC)?;
        let pq = PqPublic::from_bytes(&pq.try_into().ok()?);
        Some((pq, XPublic::from(<[u8; 32]>::try_from(x).ok()?)))
    }
}

impl hpke::Kem for XWing {
    type PublicKey = Public;
    type PrivateKey = Seed;
    type EncappedKey = Share;
    type NSecret = U32;
    const KEM_ID: u16 = 0x647a;

    fn sk_to_pk(seed: &Seed) -> Public {
        let keys = seed.keys();
        let mut bytes = Box::new([0; PUBLIC]);
        bytes[..PQ_PUBLIC].copy_from_slice(&keys.pq_public.as_bytes());
        bytes[PQ_PUBLIC..].copy_from_slice(keys.x_public.as_bytes());
        Public(bytes)
    }

    fn derive_keypair(material: &[u8]) -> (Seed, Public) {
        // SHAKE256 labelled as HPKE labels a one-stage key derivation.
        let mut hash = Shake256::default().chain(material).chain(b"HPKE-v1KEM").chain(Self::KEM_ID.to_be_bytes());
        hash.update(&[0, 13]);
        hash.update(b"DeriveKeyPair");
        hash.update(&[0, 32]);
        let Ok(seed) = Seed::filled(|seed| {
            hash.finalize_xof().read(seed);
            Ok::<_, Infallible>(())
        });
        let public = Self::sk_to_pk(&seed);
        (seed, public)
    }

    fn encap<R: CryptoRng + RngCore>(
        to: &Public,
        sender: Option<(&Seed, &Public)>,
        random: &mut R,
    ) -> Result<(SharedSecret<Self>, Share), HpkeError> {
        if sender.is_some() {
            return Err(HpkeError::EncapError);
        }
        let mut drawn = Zeroizing::new([0; 64]);
        random.try_fill_bytes(&mut drawn[..]).map_err(|_| HpkeError::EncapError)?;
        let mut x = Zeroizing::new([0; 32]);
        x.copy_from_slice(&drawn[32..]);
        let (pq_public, x_public) = to.parts().ok_or(HpkeError::EncapError)?;
        let message = (&drawn[..32]).try_into().map_err(|_| HpkeError::EncapError)?;
        let (pq_share, pq_shared) =
            pq_public.encapsulate_deterministic(&message).map_err(|()| HpkeError::EncapError)?;
        let x_secret = XSecret::from(*x);
        let x_share = XPublic::from(&x_secret);
        let x_shared = x_secret.diffie_hellman(&x_public);
        if !x_shared.was_contributory() {
            return Err(HpkeError::EncapError);
        }
        let mut share = Box::new([0; SHARE]);
        share[..PQ_CIPHERTEXT].copy_from_slice(&pq_share);
        share[PQ_CIPHERTEXT..].copy_from_slice(x_share.as_bytes());
        Ok((combined(&pq_shared, x_shared.as_bytes(), &x_share, &x_public), Share(share)))
    }

    fn decap(seed: &Seed, sender: Option<&Public>, share: &Share) -> Result<SharedSecret<Self>, HpkeError> {
        let wrong = HpkeError::DecapError;
        if sender.is_some() {
            return Err(wrong);
        }
        let keys = seed.keys();
        let (pq_share, x_share) = share.0.split_at_checked(PQ_CIPHERTEXT).ok_or(HpkeError::DecapError)?;
        let x_share = XPublic::from(<[u8; 32]>::try_from(x_share).map_err(|_| HpkeError::DecapError)?);
        let pq_share = pq_share.try_into().map_err(|_| HpkeError::DecapError)?;
        let pq_shared = keys.pq_secret.decapsulate(&pq_share).map_err(|()| HpkeError::DecapError)?;
        let x_shared = keys.x_secret.diffie_hellman(&x_share);
        // A point of low order makes the classic half public: age demands that it be refused.
        if !x_shared.was_contributory() {
            return Err(wrong);
        }
        Ok(combined(&pq_shared, x_shared.as_bytes(), &x_share, &keys.x_public))
    }
}

fn combined(pq_shared: &[u8], x_shared: &[u8], x_share: &XPublic, x_public: &XPublic) -> SharedSecret<XWing> {
    let hash = Sha3_256::new()
        .chain_update(pq_shared)
        .chain_update(x_shared)
        .chain_update(x_share.as_bytes())
        .chain_update(x_public.as_bytes())
        .chain_update(LABEL);
    SharedSecret(hash.finalize())
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }
}

impl Eq for Seed {}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Public(..)")
    }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<Box<[u8; N]>, HpkeError> {
    bytes.to_vec().into_boxed_slice().try_into().map_err(|_| HpkeError::IncorrectInputLength(N, bytes.len()))
}

impl Deserializable for Public {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let public = Public(exactly(bytes)?);
        if public.is_in_range() { Ok(public) } else { Err(HpkeError::ValidationError) }
    }
}

impl Deserializable for Share {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        exactly(bytes).map(Share)
    }
}

impl Deserializable for Seed {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        Seed::filled(|seed| match bytes.len() == seed.len() {
            true => {
                seed.copy_from_slice(bytes);
                Ok(())
            }
            false => Err(HpkeError::IncorrectInputLength(seed.len(), bytes.len())),
        })
    }
}

impl Serializable for Public {
    type OutputSize = Sum<U1024, U192>;

    fn write_exact(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0[..]);
    }
}

impl Serializable for Share {
    type OutputSize = Sum<U1024, U96>;

    fn write_exact(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.0[..]);
    }
}

impl Serializable for Seed {
    type OutputSize = U32;

    fn write_exact(&self, out: &mut [u8]) {
        out.copy_from_slice(&self.bytes()[..]);
    }
}

/// Our randomness behind the trait that HPKE asks.
pub(super) struct Drawn<'a>(pub(super) &'a mut dyn Random);

impl CryptoRng for Drawn<'_> {}

impl RngCore for Drawn<'_> {
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(out).map_err(RandomError::new)
    }

    // HPKE hands the generator to `encap` above and to nothing else, which asks as `try_fill_bytes`.
    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("randomness is asked for by try_fill_bytes")
    }
    fn next_u32(&mut self) -> u32 {
        unreachable!("randomness is asked for by try_fill_bytes")
    }
    fn next_u64(&mut self) -> u64 {
        unreachable!("randomness is asked for by try_fill_bytes")
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use hpke::{Kem as _, OpModeR, OpModeS, aead::ChaCha20Poly1305, kdf::HkdfSha256};
    use serde_json::Value as Json;

    use super::*;
    use crate::crypto::CryptoError;

    /// Hands out given bytes once.
    struct Given(Vec<u8>);

    impl Random for Given {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
            out.copy_from_slice(&self.0.drain(..out.len()).collect::<Vec<_>>());
            Ok(())
        }
    }

    fn hex(case: &Json, name: &str) -> Vec<u8> {
        HEXLOWER.decode(case[name].as_str().unwrap().as_bytes()).unwrap()
    }

    #[test]
    fn the_drafts_vectors() {
        let cases: Json = serde_json::from_str(include_str!("../../tests/peers/xwing.json")).unwrap();
        let cases = cases.as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let seed = Seed::from_bytes(&hex(case, "seed")).unwrap();
            let public = Public::from_bytes(&hex(case, "pk")).unwrap();
            assert!(XWing::sk_to_pk(&seed) == public);
            let mut random = Given(hex(case, "eseed"));
            let (secret, share) = XWing::encap(&public, None, &mut Drawn(&mut random)).unwrap();
            assert_eq!((secret.0.to_vec(), share.bytes()), (hex(case, "ss"), &hex(case, "ct")[..]));
            assert_eq!(XWing::decap(&seed, None, &share).unwrap().0.to_vec(), hex(case, "ss"));
        }
    }

    #[test]
    fn the_vector_of_hpke_with_this_kem() {
        let case: Json = serde_json::from_str(include_str!("../../tests/peers/hpke.json")).unwrap();
        let (seed, public) = XWing::derive_keypair(&hex(&case, "ikmR"));
        assert_eq!((&seed.bytes()[..], public.bytes()), (&hex(&case, "skRm")[..], &hex(&case, "pkRm")[..]));
        let (info, first) = (hex(&case, "info"), &case["encryptions"][0]);
        let (text, aad) = (hex(first, "pt"), hex(first, "aad"));
        let mut random = Given(hex(&case, "ikmE"));
        let (share, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing, _>(
            &OpModeS::Base,
            &public,
            &info,
            &text,
            &aad,
            &mut Drawn(&mut random),
        )
        .unwrap();
        assert_eq!((share.bytes(), &sealed), (&hex(&case, "enc")[..], &hex(first, "ct")));
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &seed,
            &share,
            &info,
            &sealed,
            &aad,
        );
        assert_eq!(opened.unwrap(), text);
    }

    /// FIPS 203's own way to find it, and by the one value that is just too large.
    #[test]
    fn coefficients_are_in_range_if_the_key_is_written_back_as_it_was() {
        let good = XWing::derive_keypair(b"anything").1;
        let written_back = |public: &Public| public.parts().unwrap().0.as_bytes()[..] == public.0[..PQ_PUBLIC];
        assert!(good.is_in_range() && written_back(&good));
        let mut refused = 0;
        for at in (0..PQ_PUBLIC - 32).step_by(3) {
            for (low, high) in [(3_328, 3_328), (3_329, 0), (0, 3_329), (0xfff, 1), (1, 0xfff)] {
                let mut public = good.clone();
                let pair = u32::to_le_bytes(low | high << 12);
                public.0[at..at + 3].copy_from_slice(&pair[..3]);
                assert_eq!(public.is_in_range(), written_back(&public), "{at} {low} {high}");
                refused += usize::from(!public.is_in_range());
            }
        }
        assert_eq!(refused, 384 * 4);
        // The seed may be anything.
        let mut seeded = good;
        seeded.0[PQ_PUBLIC - 32..PQ_PUBLIC].fill(0xff);
        assert!(seeded.is_in_range() && written_back(&seeded));
    }

    #[test]
    fn a_public_key_out_of_range_or_of_low_order_is_refused() {
        let (_, public) = XWing::derive_keypair(b"anything");
        let good = public.bytes().to_vec();
        for (at, bytes) in [(0, [0xff, 0x0f]), (1100, [0xff, 0xff])] {
            let mut bad = good.clone();
            bad[at..at + 2].copy_from_slice(&bytes);
            assert!(Public::from_bytes(&bad).is_err(), "{at}");
        }
        assert!(Public::from_bytes(&good[1..]).is_err());
        let mut low = good;
        low[PQ_PUBLIC..].fill(0);
        let low = Public::from_bytes(&low).unwrap();
        let mut random = Given(vec![7; 64]);
        assert!(XWing::encap(&low, None, &mut Drawn(&mut random)).is_err());
    }
}
