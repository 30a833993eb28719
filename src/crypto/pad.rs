//! Hiding the length of a value.
//!
//! A value is followed by `0x80` and zeros up to a length that tells little: Padmé (Nikitin et
//! al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PETS 2019),
//! which leaks O(log log L) bits, with a floor under which everything has one length.

use zeroize::Zeroizing;

use super::CryptoError;

/// Everything up to this length is padded to it: all choices, booleans, dates and numbers.
pub const FLOOR: usize = 32;

/// The padded length for `length` bytes of content and mark.
pub fn padme(length: usize) -> usize {
    let length = length.max(FLOOR);
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1usize << (exponent - kept)) - 1;
    (length + mask) & !mask
}

/// `value`, the mark and the zeros, with room for the tag that sealing adds.
pub fn pad(value: &[u8], room: usize) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(padme(value.len() + 1) + room));
    pad_into(value, &mut out);
    out
}

/// Appends `value`, the mark and the zeros to `out`. The caller has made room.
pub fn pad_into(value: &[u8], out: &mut Vec<u8>) {
    let length = out.len() + padme(value.len() + 1);
    out.extend_from_slice(value);
    out.push(0x80);
    out.resize(length, 0);
}

/// The value inside padded bytes. Only the padding that [`pad`] makes is accepted.
pub fn unpad(padded: &[u8]) -> Result<&[u8], CryptoError> {
    let end = padded.iter().rposition(|&b| b != 0).ok_or(CryptoError::Malformed { what: "padding" })?;
    if padded[end] != 0x80 || padded.len() != padme(end + 1) {
        return Err(CryptoError::Malformed { what: "padding" });
    }
    Ok(&padded[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_lengths() {
        for (length, padded) in
            [(0, 32), (1, 32), (32, 32), (33, 36), (100, 104), (1000, 1024), (1025, 1088), (20_000, 20_480)]
        {
            assert_eq!(padme(length), padded, "{length}");
        }
    }

    #[test]
    fn other_padding_is_refused() {
        for bad in [&[][..], &[0; 32], &[0x80; 31], &[&[0x80][..], &[0; 32]].concat(), &[1; 32]] {
            assert!(unpad(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(value in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let padded = pad(&value, 16);
            prop_assert_eq!(padded.len(), padme(value.len() + 1));
            prop_assert!(padded.len() <= (value.len() + 1).max(FLOOR) * 112 / 100 + 1);
            prop_assert_eq!(unpad(&padded).unwrap(), &value[..]);
        }
    }
}
