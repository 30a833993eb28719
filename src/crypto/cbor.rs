//! Canonical CBOR (RFC 8949, section 4.2.1), on `minicbor`.
//!
//! Writers write it; readers decode, encode again and compare ([`strict`]), so that for everything
//! that is hashed, signed or authenticated there is one encoding only.

use std::convert::Infallible;

use minicbor::{Decoder, Encoder, decode, encode};

use super::CryptoError;

/// A writer into memory.
pub type Writer = Encoder<Vec<u8>>;

/// What writing into memory can fail with: nothing.
pub type Written = Result<(), encode::Error<Infallible>>;

/// The bytes that `write` writes.
pub fn bytes(write: impl FnOnce(&mut Writer) -> Written) -> Vec<u8> {
    // Most of what is written is associated data of about this length: growing costs more.
    let mut writer = Encoder::new(Vec::with_capacity(192));
    match write(&mut writer) {
        Ok(()) => writer.into_writer(),
        // Memory does not refuse, and no value here has an encoding that can fail.
        Err(_) => Vec::new(),
    }
}

/// Decodes the whole of `input` and checks that it is what `write` would have written.
pub fn strict<'b, T>(
    what: &'static str,
    input: &'b [u8],
    read: impl FnOnce(&mut Decoder<'b>) -> Result<T, decode::Error>,
    write: impl FnOnce(&mut Writer, &T) -> Written,
) -> Result<T, CryptoError> {
    let mut decoder = Decoder::new(input);
    let value = read(&mut decoder).map_err(|_| CryptoError::Malformed { what })?;
    if bytes(|w| write(w, &value)) != input {
        return Err(CryptoError::Malformed { what });
    }
    Ok(value)
}

/// How many bytes the header of a string or an array of this length has.
pub fn head_length(length: u64) -> usize {
    match length {
        0..=0x17 => 1,
        0x18..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

/// Reads the header of an array that must have `length` elements.
pub fn array(decoder: &mut Decoder<'_>, length: u64) -> Result<(), decode::Error> {
    if decoder.array()? == Some(length) { Ok(()) } else { Err(decode::Error::message("array length")) }
}

/// Reads the header of an array of at most `most` elements. Nothing is reserved for what the
/// header claims, so that a few bytes cannot ask for much memory.
pub fn array_up_to(decoder: &mut Decoder<'_>, most: u64) -> Result<u64, decode::Error> {
    match decoder.array()? {
        Some(length) if length <= most => Ok(length),
        _ => Err(decode::Error::message("array length")),
    }
}

/// Reads a byte string of exactly `N` bytes.
pub fn fixed<const N: usize>(decoder: &mut Decoder<'_>) -> Result<[u8; N], decode::Error> {
    decoder.bytes()?.try_into().map_err(|_| decode::Error::message("byte string length"))
}

/// Reads an identifier.
pub fn id(decoder: &mut Decoder<'_>) -> Result<crate::id::Id, decode::Error> {
    fixed(decoder).map(crate::id::Id)
}
