//! The bytes of a journal's item, which can be in parts.

use std::{ops::Deref, sync::OnceLock};

use minicbor::{Decoder, data::Type, decode};

use crate::crypto::{
    cbor::{self, Writer, Written},
    digest::{Digest, sha256},
};

/// Most parts of an item.
pub const MAX_PARTS: usize = 4_096;

/// The bytes of an item.
///
/// The digest of an item in parts is made of those of its parts, so that one of them can be shown
/// to be what an entry commits to, to somebody who must not have the others.
#[derive(Debug, Clone)]
pub struct Content {
    bytes: Vec<u8>,
    /// Where each part begins, but for the first. Empty if there is one.
    cuts: Vec<usize>,
    /// The digest, once it was asked for.
    digest: OnceLock<Digest>,
}

impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        (&self.bytes, &self.cuts) == (&other.bytes, &other.cuts)
    }
}

impl Eq for Content {}

impl Content {
    /// Bytes in parts that begin at `cuts` (ascending, none of them 0 or the end) and at 0.
    /// Without cuts, or with ones that cannot be: in one.
    pub fn in_parts(bytes: Vec<u8>, cuts: Vec<usize>) -> Content {
        let inside = cuts.first().is_none_or(|cut| *cut > 0) && cuts.last().is_none_or(|cut| *cut < bytes.len());
        let fit = inside && cuts.is_sorted_by(|a, b| a < b) && cuts.len() < MAX_PARTS;
        Content { bytes, cuts: if fit { cuts } else { Vec::new() }, digest: OnceLock::new() }
    }

    /// Where each part begins, but for the first.
    pub fn cuts(&self) -> &[usize] {
        &self.cuts
    }

    /// The parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.cuts.iter().copied());
        let ends = self.cuts.iter().copied().chain(std::iter::once(self.bytes.len()));
        begins.zip(ends).map(|(begin, end)| self.bytes.get(begin..end).unwrap_or_default())
    }

    /// What the payload's digest is made of.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| digest_of(self.cuts.len() + 1, self.parts()))
    }

    /// How many bytes it has in a frame.
    pub fn encoded(&self) -> u64 {
        let whole = |bytes: &[u8]| (cbor::head_length(bytes.len() as u64) + bytes.len()) as u64;
        match self.cuts.len() as u64 {
            0 => whole(&self.bytes),
            cuts => cbor::head_length(cuts + 1) as u64 + self.parts().map(whole).sum::<u64>(),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> Written {
        if self.cuts.is_empty() {
            return w.bytes(&self.bytes).map(drop);
        }
        w.array(self.cuts.len() as u64 + 1)?;
        self.parts().try_for_each(|part| w.bytes(part).map(drop))
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        Content { bytes, cuts: Vec::new(), digest: OnceLock::new() }
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The digest of an item in parts, from those of its parts.
pub fn digest_of_parts(parts: impl Iterator<Item = Digest>) -> Digest {
    let mut all = Vec::with_capacity(6 * 32);
    parts.for_each(|digest| all.extend_from_slice(&digest));
    sha256(&[b"amanah parts/1\n", &all])
}

fn digest_of<'a>(count: usize, mut parts: impl Iterator<Item = &'a [u8]>) -> Digest {
    match count {
        1 => sha256(&[parts.next().unwrap_or_default()]),
        _ => digest_of_parts(parts.map(|part| sha256(&[part]))),
    }
}

/// The parts of an item as they stand in a frame: what is only looked at need not be copied.
#[derive(Debug)]
pub struct Parts<'a>(Vec<&'a [u8]>);

impl<'a> Parts<'a> {
    /// Reads an item, with nothing behind it; `None` if that is none, or an erased one's digest.
    pub fn read(encoded: &'a [u8]) -> Option<Parts<'a>> {
        let mut d = Decoder::new(encoded);
        match read(&mut d).ok()? {
            Read::Parts(parts) if d.position() == encoded.len() => Some(parts),
            _ => None,
        }
    }

    /// Reads `count` parts, after the header that says so.
    fn take(d: &mut Decoder<'a>, count: u64) -> Result<Parts<'a>, decode::Error> {
        let parts = (0..count).map(|_| d.bytes()).collect::<Result<Vec<_>, _>>()?;
        match parts.iter().any(|part| part.is_empty()) {
            true => Err(decode::Error::message("an empty part")),
            false => Ok(Parts(parts)),
        }
    }

    /// [`Content::digest`] of the item.
    pub fn digest(&self) -> Digest {
        digest_of(self.0.len(), self.0.iter().copied())
    }

    /// The first part, and the others.
    pub fn split(&self) -> Option<(&'a [u8], &[&'a [u8]])> {
        self.0.split_first().map(|(first, others)| (*first, others))
    }

    /// A copy of the item.
    pub(super) fn content(&self) -> Content {
        let mut cuts = Vec::with_capacity(self.0.len());
        cuts.extend(self.0.iter().scan(0, |end, part| {
            *end += part.len();
            Some(*end)
        }));
        // The end of the last one.
        cuts.pop();
        Content { bytes: self.0.concat(), cuts, digest: OnceLock::new() }
    }
}

/// What stands in a frame at the place of an item.
pub(super) enum Read<'a> {
    Parts(Parts<'a>),
    Digest(Digest),
}

/// Reads what stands at the place of an item: bytes, a digest alone in an array, or parts.
pub(super) fn read<'a>(d: &mut Decoder<'a>) -> Result<Read<'a>, decode::Error> {
    if d.datatype()? != Type::Array {
        return Ok(Read::Parts(Parts(vec![d.bytes()?])));
    }
    match cbor::array_up_to(d, MAX_PARTS as u64)? {
        0 => Err(decode::Error::message("no parts")),
        1 => Ok(Read::Digest(cbor::fixed(d)?)),
        count => Ok(Read::Parts(Parts::take(d, count)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(content: &Content) -> Option<Content> {
        let bytes = cbor::bytes(|w| content.write(w));
        assert_eq!(bytes.len() as u64, content.encoded());
        let parts = Parts::read(&bytes)?;
        assert_eq!(parts.digest(), content.digest());
        assert!(Parts::read(&[&bytes[..], &[0]].concat()).is_none());
        Some(parts.content())
    }

    #[test]
    fn there_and_back_with_the_digest_of_its_parts() {
        let whole = Content::from(b"headonetwo".to_vec());
        let parts = Content::in_parts(b"headonetwo".to_vec(), vec![4, 7]);
        assert_eq!(parts.parts().collect::<Vec<_>>(), [&b"head"[..], b"one", b"two"]);
        assert_eq!(whole.parts().collect::<Vec<_>>(), [b"headonetwo"]);
        assert_eq!((back(&whole), back(&parts)), (Some(whole.clone()), Some(parts.clone())));
        let digests = [&b"head"[..], b"one", b"two"].map(|part| sha256(&[part]));
        assert_eq!(parts.digest(), digest_of_parts(digests.into_iter()));
        // The same bytes, and the bytes of the digests, are other items.
        let others =
            [whole.digest(), sha256(&[&digests.concat()]), Content::in_parts(parts.to_vec(), vec![4]).digest()];
        assert!(!others.contains(&parts.digest()));
    }

    #[test]
    fn cuts_that_cannot_be_are_none() {
        for cuts in [vec![0], vec![10], vec![11], vec![4, 4], vec![7, 4]] {
            assert!(Content::in_parts(b"headonetwo".to_vec(), cuts).cuts().is_empty());
        }
    }

    #[test]
    fn parts_are_two_or_more_and_none_empty() {
        let digest = [&[0x81, 0x58, 32][..], &[7; 32]].concat();
        assert!(matches!(read(&mut Decoder::new(&digest)), Ok(Read::Digest(_))) && Parts::read(&digest).is_none());
        for bad in [&[0x80][..], &[0x81, 0x41, 1], &[0x82, 0x41, 1, 0x40], &[0x82, 0x40, 0x41, 1], &[0x82, 0x41, 1]] {
            assert!(read(&mut Decoder::new(bad)).is_err(), "{bad:?}");
        }
    }
}
