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

use std::fmt;

use hpke::{
    Deserializable, HpkeError, Serializable,
    generic_array::typenum::{Sum, U32, U96, U192, U1024},
    kem::SharedSecret,
    rand_core::{CryptoRng, Error as RandomError, RngCore},
};
use ml_kem::{EncapsulateDeterministic as _, EncodedSizeUser as _, KemCore as _, MlKem768, kem::Decapsulate as _};
use sha3::{
    Digest as _, Sha3_256, Shake256,
    digest::{ExtendableOutput as _, Update as _, XofReader as _},
};
use subtle::ConstantTimeEq as _;
use x25519_dalek::{PublicKey as XPublic, StaticSecret as XSecret};
use zeroize::{Zeroize as _, Zeroizing};

use super::random::Random;

const LABEL: &[u8] = br"\.//^\";

const PUBLIC: usize = PQ_PUBLIC + 32;
const PQ_PUBLIC: usize = 1184;
const SHARE: usize = PQ_CIPHERTEXT + 32;
const PQ_CIPHERTEXT: usize = 1088;

type PqSecret = <MlKem768 as ml_kem::KemCore>::DecapsulationKey;
type PqPublic = <MlKem768 as ml_kem::KemCore>::EncapsulationKey;

/// X-Wing, as HPKE wants it.
pub(super) struct XWing;

/// The seed of X-Wing's two private keys, which are made from it anew each time.
#[derive(Clone)]
pub(super) struct Seed(pub(super) Zeroizing<[u8; 32]>);

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
    fn expand(&self) -> (PqSecret, PqPublic, XSecret) {
        let mut bytes = Zeroizing::new([0; 96]);
        Shake256::default().chain(&self.0[..]).finalize_xof().read(&mut bytes[..]);
        let (mut d, mut z, mut x) = (ml_kem::B32::default(), ml_kem::B32::default(), Zeroizing::new([0; 32]));
        d.copy_from_slice(&bytes[..32]);
        z.copy_from_slice(&bytes[32..64]);
        x.copy_from_slice(&bytes[64..]);
        let (secret, public) = MlKem768::generate_deterministic(&d, &z);
        d.as_mut_slice().zeroize();
        z.as_mut_slice().zeroize();
        (secret, public, XSecret::from(*x))
    }
}

impl Public {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
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
        let (_, pq, x) = seed.expand();
        let mut bytes = Box::new([0; PUBLIC]);
        bytes[..PQ_PUBLIC].copy_from_slice(&pq.as_bytes());
        bytes[PQ_PUBLIC..].copy_from_slice(XPublic::from(&x).as_bytes());
        Public(bytes)
    }

    fn derive_keypair(material: &[u8]) -> (Seed, Public) {
        // SHAKE256 labelled as HPKE labels a one-stage key derivation.
        let mut seed = Zeroizing::new([0; 32]);
        let mut hash = Shake256::default().chain(material).chain(b"HPKE-v1KEM").chain(Self::KEM_ID.to_be_bytes());
        hash.update(&[0, 13]);
        hash.update(b"DeriveKeyPair");
        hash.update(&[0, 32]);
        hash.finalize_xof().read(&mut seed[..]);
        let seed = Seed(seed);
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
        let (pq_secret, _, x_secret) = seed.expand();
        let (pq_share, x_share) = share.0.split_at_checked(PQ_CIPHERTEXT).ok_or(HpkeError::DecapError)?;
        let x_share = XPublic::from(<[u8; 32]>::try_from(x_share).map_err(|_| HpkeError::DecapError)?);
        let pq_share = pq_share.try_into().map_err(|_| HpkeError::DecapError)?;
        let pq_shared = pq_secret.decapsulate(&pq_share).map_err(|()| HpkeError::DecapError)?;
        let x_shared = x_secret.diffie_hellman(&x_share);
        // A point of low order makes the classic half public: age demands that it be refused.
        if !x_shared.was_contributory() {
            return Err(wrong);
        }
        Ok(combined(&pq_shared, x_shared.as_bytes(), &x_share, &XPublic::from(&x_secret)))
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
        self.0.ct_eq(&other.0[..]).into()
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
        // FIPS 203, 7.2: a key that is written back otherwise has coefficients out of range.
        let (pq, _) = public.parts().ok_or(HpkeError::ValidationError)?;
        if pq.as_bytes()[..] == public.0[..PQ_PUBLIC] { Ok(public) } else { Err(HpkeError::ValidationError) }
    }
}

impl Deserializable for Share {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        exactly(bytes).map(Share)
    }
}

impl Deserializable for Seed {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let seed = <[u8; 32]>::try_from(bytes).map_err(|_| HpkeError::IncorrectInputLength(32, bytes.len()))?;
        Ok(Seed(Zeroizing::new(seed)))
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
        out.copy_from_slice(&self.0[..]);
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
        assert_eq!((&seed.0[..], public.bytes()), (&hex(&case, "skRm")[..], &hex(&case, "pkRm")[..]));
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
