//! A secret on paper: SLIP-39, Shamir's scheme as words.
//!
//! <https://github.com/satoshilabs/slips/blob/master/slip-0039.md>, so that other programs read the
//! words when this one is no more. The primitives are `ring`'s (PBKDF2, HMAC) and `vsss-rs`'s
//! (GF(256)); here is only how they are put together.
//!
//! SLIP-39 puts the secret at x = 255 and shares at x = 0 to 15, where `vsss-rs` wants the value at
//! x = 0. In a field of characteristic two, adding a constant to every x moves a polynomial and
//! keeps its degree: the value at `at` from points `x` is the value at 0 from points `x ^ at`.

mod share;

use std::num::NonZeroU32;

use ring::{hmac, pbkdf2};
use subtle::ConstantTimeEq as _;
use vsss_rs::Gf256;
use zeroize::Zeroizing;

pub use share::Share;

use super::{CryptoError, random::Random};
use crate::problem::problems;

/// Most shares of one splitting: the format numbers them with four bits.
pub const MAX_SHARES: u8 = 16;

/// Where the secret lies on the polynomial.
const SECRET: u8 = 255;

/// Where its digest lies.
const DIGEST: u8 = 254;

/// Bytes of the digest; the rest of that point is random.
const DIGEST_BYTES: usize = 4;

/// Rounds of the Feistel network.
const ROUNDS: u8 = 4;

/// PBKDF2 rounds of all four together, for exponent 0.
const ITERATIONS: u32 = 10_000;

/// The largest exponent that is accepted: 640,000 rounds. Ours is 0; 15 would be minutes of work on
/// the word of whoever wrote the words.
const MAX_EXPONENT: u8 = 6;

problems! {
    /// What is wrong with words, or with shares together.
    pub enum Slip39Error {
        /// Not in the list.
        UnknownWord { place: usize } = Input, "slip39-unknown-word", "word {place} is not in the list of words";
        /// The checksum says which.
        WrongWord { place: usize } = Input, "slip39-wrong-word", "word {place} is not the one that was written down";
        /// The checksum says that there are several.
        Checksum = Input, "slip39-checksum", "several words are wrong, or in another order";
        /// Words are missing, or too many.
        WordCount { found: usize } = Input, "slip39-word-count", "there are {found} words; a share of a group key has 33";
        /// Not a share that anybody would write.
        Malformed = Input, "slip39-malformed", "the checksum is right, and yet this is not a share";
        /// Of another splitting.
        OtherSet = Input, "slip39-other-set", "these shares are not of one splitting: their first words differ";
        /// The same share twice.
        Twice { number: u8 } = Input, "slip39-twice", "share {number} was given twice";
        /// Too few.
        NotEnough { given: usize, wanted: u8 } = Refused, "slip39-not-enough", "{given} shares were given, and {wanted} are wanted";
        /// They have no secret in common.
        DoNotFit = Integrity, "slip39-do-not-fit", "the shares do not fit together: one of them was forged or altered";
        /// Words that want more work than is done for them.
        TooMuchWork { exponent: u8 } = Input, "slip39-too-much-work", "these words want 10,000 rounds of work {exponent} times doubled; those of a group key want 10,000";
        /// A splitting that makes no sense.
        BadThreshold { threshold: u8, shares: u8 } = Input, "slip39-bad-threshold", "{threshold} of {shares} cannot be dealt: at least 2 are wanted of at most 16";
    }
    transparent {
        /// From below.
        Crypto(CryptoError);
    }
}

/// Splits a secret: any `threshold` of the shares give it back, and fewer say nothing of it.
///
/// One group, no passphrase, extendable, exponent 0: with no passphrase, work protects nothing.
///
/// # Errors
/// [`Slip39Error::BadThreshold`], or no randomness. The secret has 16 bytes or more, an even number.
pub fn split(secret: &[u8], threshold: u8, shares: u8, random: &mut dyn Random) -> Result<Vec<Share>, Slip39Error> {
    if threshold < 2 || threshold > shares || shares > MAX_SHARES {
        return Err(Slip39Error::BadThreshold { threshold, shares });
    }
    if secret.len() < 16 || !secret.len().is_multiple_of(2) {
        return Err(CryptoError::BadKey.into());
    }
    let mut identifier = [0; 2];
    random.fill(&mut identifier)?;
    let identifier = u16::from_be_bytes(identifier) & 0x7fff;
    let encrypted = feistel(secret, b"", b"", 0, 0..ROUNDS)?;
    let mut points: Vec<Point> = Vec::with_capacity(usize::from(threshold));
    for x in 0..threshold - 2 {
        let mut value = Zeroizing::new(vec![0; encrypted.len()]);
        random.fill(&mut value)?;
        points.push((x, value));
    }
    let mut check = Zeroizing::new(vec![0; encrypted.len()]);
    random.fill(&mut check[DIGEST_BYTES..])?;
    let digest = digest(&check[DIGEST_BYTES..], &encrypted);
    check[..DIGEST_BYTES].copy_from_slice(&digest);
    points.push((DIGEST, check));
    points.push((SECRET, encrypted));
    (0..shares)
        .map(|index| {
            let value = interpolate(&points, index)?;
            Ok(Share {
                identifier,
                extendable: true,
                exponent: 0,
                group: 0,
                group_threshold: 1,
                groups: 1,
                index,
                threshold,
                value,
            })
        })
        .collect()
}

/// Puts a secret together. More shares than are wanted must fit too.
///
/// # Errors
/// Shares that are too few, not of one splitting, given twice, or that do not fit together.
pub fn combine(shares: &[Share], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Slip39Error> {
    let first = shares.first().ok_or(Slip39Error::NotEnough { given: 0, wanted: 2 })?;
    let common = |s: &Share| (s.identifier, s.extendable, s.exponent, s.group_threshold, s.groups, s.value.len());
    if shares.iter().any(|share| common(share) != common(first)) {
        return Err(Slip39Error::OtherSet);
    }
    if first.exponent > MAX_EXPONENT {
        return Err(Slip39Error::TooMuchWork { exponent: first.exponent });
    }
    let mut groups: Vec<Point> = Vec::new();
    for share in shares {
        if groups.iter().any(|(group, _)| *group == share.group) {
            continue;
        }
        let own: Vec<&Share> = shares.iter().filter(|other| other.group == share.group).collect();
        if own.iter().any(|other| other.threshold != share.threshold) {
            return Err(Slip39Error::OtherSet);
        }
        let twice = own.iter().enumerate().find(|(at, share)| own[..*at].iter().any(|s| s.index == share.index));
        if let Some((_, share)) = twice {
            return Err(Slip39Error::Twice { number: share.index + 1 });
        }
        let points: Vec<Point> = own.iter().map(|share| (share.index, share.value.clone())).collect();
        groups.push((share.group, recover(share.threshold, &points)?));
    }
    let encrypted = recover(first.group_threshold, &groups)?;
    let identifier = first.identifier.to_be_bytes();
    let salt: &[u8] = if first.extendable { b"" } else { &[b"shamir", &identifier[..]].concat() };
    feistel(&encrypted, passphrase, salt, first.exponent, (0..ROUNDS).rev())
}

/// A point of the polynomial of every byte.
type Point = (u8, Zeroizing<Vec<u8>>);

fn recover(threshold: u8, points: &[Point]) -> Result<Zeroizing<Vec<u8>>, Slip39Error> {
    let wanted = usize::from(threshold);
    if points.len() < wanted || points.is_empty() {
        return Err(Slip39Error::NotEnough { given: points.len(), wanted: threshold });
    }
    let (used, spare) = points.split_at(wanted);
    if threshold == 1 {
        let same = spare.iter().all(|(_, value)| *value == used[0].1);
        return if same { Ok(used[0].1.clone()) } else { Err(Slip39Error::DoNotFit) };
    }
    for (x, value) in spare {
        if !bool::from(interpolate(used, *x)?.ct_eq(value)) {
            return Err(Slip39Error::DoNotFit);
        }
    }
    let (secret, check) = (interpolate(used, SECRET)?, interpolate(used, DIGEST)?);
    let (given, random) = check.split_at(DIGEST_BYTES);
    if bool::from(digest(random, &secret).ct_eq(given)) { Ok(secret) } else { Err(Slip39Error::DoNotFit) }
}

/// The value at `at` of the polynomial through these points, of which there are two or more.
fn interpolate(points: &[Point], at: u8) -> Result<Zeroizing<Vec<u8>>, Slip39Error> {
    if let Some((_, value)) = points.iter().find(|(x, _)| *x == at) {
        return Ok(value.clone());
    }
    // The crate wants bare vectors, each with its x before it: they are wiped again right below.
    let moved = points.iter().map(|(x, value)| [&[*x ^ at][..], value].concat()).collect();
    let moved: Zeroizing<Vec<Vec<u8>>> = Zeroizing::new(moved);
    Gf256::combine_bytes(&*moved).map(Zeroizing::new).map_err(|_| Slip39Error::Malformed)
}

fn digest(key: &[u8], secret: &[u8]) -> [u8; DIGEST_BYTES] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), secret);
    let mut out = [0; DIGEST_BYTES];
    out.copy_from_slice(&tag.as_ref()[..DIGEST_BYTES]);
    out
}

/// The four-round Feistel network; backwards with the rounds backwards.
fn feistel(
    text: &[u8],
    passphrase: &[u8],
    salt: &[u8],
    exponent: u8,
    rounds: impl Iterator<Item = u8>,
) -> Result<Zeroizing<Vec<u8>>, Slip39Error> {
    let (left, right) = text.split_at(text.len() / 2);
    let (mut left, mut right) = (Zeroizing::new(left.to_vec()), Zeroizing::new(right.to_vec()));
    if left.len() != right.len() {
        return Err(Slip39Error::Malformed);
    }
    let work = NonZeroU32::new((ITERATIONS << exponent) / u32::from(ROUNDS)).ok_or(Slip39Error::Malformed)?;
    for round in rounds {
        let key = Zeroizing::new([&[round][..], passphrase].concat());
        let salt = Zeroizing::new([salt, &right].concat());
        let mut mask = Zeroizing::new(vec![0; left.len()]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, work, &salt, &key, &mut mask);
        for (byte, mask) in left.iter_mut().zip(mask.iter()) {
            *byte ^= mask;
        }
        std::mem::swap(&mut left, &mut right);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    out.extend_from_slice(&right);
    out.extend_from_slice(&left);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::random::SystemRandom;

    #[test]
    fn the_published_vectors() {
        let vectors: Vec<(String, Vec<String>, String, String)> =
            serde_json::from_str(include_str!("../../../tests/slip39/vectors.json")).unwrap();
        assert_eq!(vectors.len(), 45);
        for (name, words, secret, _) in vectors {
            let shares: Result<Vec<Share>, _> = words.iter().map(|words| Share::parse(words)).collect();
            let combined = shares.and_then(|shares| {
                assert!(shares.iter().zip(&words).all(|(share, words)| *share.words() == *words), "{name}");
                combine(&shares, b"TREZOR")
            });
            match combined {
                Ok(found) => assert_eq!(data_encoding::HEXLOWER.encode(&found), secret, "{name}"),
                Err(error) => assert_eq!(secret, "", "{name}: {error}"),
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_not_split() {
        for (threshold, shares) in [(0, 3), (1, 3), (4, 3), (2, 17), (17, 17)] {
            let error = split(&[1; 32], threshold, shares, &mut SystemRandom::new()).unwrap_err();
            assert!(matches!(error, Slip39Error::BadThreshold { .. }), "{threshold} of {shares}");
        }
    }

    #[test]
    fn shares_that_do_not_belong_together() {
        let deal = || split(&[7; 32], 3, 5, &mut SystemRandom::new()).unwrap();
        let (ours, theirs) = (deal(), deal());
        let taken = |shares: &[&Share]| combine(&shares.iter().map(|s| (*s).clone()).collect::<Vec<_>>(), b"");
        assert!(matches!(taken(&[]), Err(Slip39Error::NotEnough { .. })));
        let few = taken(&[&ours[0], &ours[4]]);
        assert!(matches!(few, Err(Slip39Error::NotEnough { given: 2, wanted: 3 })));
        let twice = taken(&[&ours[0], &ours[4], &ours[4]]);
        assert!(matches!(twice, Err(Slip39Error::Twice { number: 5 })));
        if ours[0].identifier != theirs[0].identifier {
            assert!(matches!(taken(&[&ours[0], &ours[1], &theirs[2]]), Err(Slip39Error::OtherSet)));
        }
        let costly: Vec<Share> = ours.iter().map(|share| Share { exponent: 15, ..share.clone() }).collect();
        assert!(matches!(combine(&costly, b""), Err(Slip39Error::TooMuchWork { exponent: 15 })));
        // A forger would write a share with the right numbers; spare shares are checked as well.
        let forged = Share { identifier: ours[0].identifier, ..theirs[2].clone() };
        assert!(matches!(taken(&[&ours[0], &ours[1], &forged]), Err(Slip39Error::DoNotFit)));
        assert!(matches!(taken(&[&ours[0], &ours[1], &ours[3], &forged]), Err(Slip39Error::DoNotFit)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_enough_shares_through_their_words(secret: [u8; 32], threshold in 2..=16_u8, more in 0..=14_u8, from in 0..16_usize) {
            let count = (threshold + more).min(MAX_SHARES);
            let shares = split(&secret, threshold, count, &mut SystemRandom::new()).unwrap();
            let read = shares.iter().cycle().skip(from % usize::from(count)).take(usize::from(threshold));
            let read: Vec<Share> = read.map(|share| Share::parse(&share.words()).unwrap()).collect();
            prop_assert!(shares.iter().all(|share| share.words().split(' ').count() == 33));
            prop_assert_eq!(&**combine(&read, b"").unwrap(), &secret[..]);
            prop_assert!(combine(&read[1..], b"").is_err());
        }
    }
}
