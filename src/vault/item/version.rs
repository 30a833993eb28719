//! A version of a record, as the journal holds it: what it says of itself, and its envelopes.

use minicbor::{Decoder, decode};

use super::MAX_ENVELOPES;
use crate::{
    crypto::{
        CryptoError,
        cbor::{self, Writer, Written},
        envelope::Envelope,
    },
    id::Id,
    store::content::{Content, Parts},
};

/// One version of a record: what one write sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionItem {
    /// The record.
    pub record: Id,
    /// Its kind.
    pub kind: String,
    /// Counts from 1.
    pub version: u64,
    /// The version of the schema it was written under.
    pub schema: u64,
    /// The record it belongs to.
    pub of: Option<Id>,
    /// One envelope for each class written.
    pub envelopes: Vec<Envelope>,
}

/// What a version says of itself before its envelopes; the members are those of [`VersionItem`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of `VersionItem`")]
pub struct VersionHead {
    pub record: Id,
    pub kind: String,
    pub version: u64,
    pub schema: u64,
    pub of: Option<Id>,
}

impl VersionHead {
    /// Reads it from the beginning of an item.
    fn begin(d: &mut Decoder<'_>) -> Result<VersionHead, decode::Error> {
        cbor::array(d, 7)?;
        if d.u8()? == 6 { VersionHead::read(d) } else { Err(decode::Error::message("not a version")) }
    }

    fn read(d: &mut Decoder<'_>) -> Result<VersionHead, decode::Error> {
        let (record, kind) = (cbor::id(d)?, d.str()?.to_owned());
        let (version, schema) = (d.u64()?, d.u64()?);
        let of = match d.datatype()? {
            minicbor::data::Type::Null => d.null().map(|()| None)?,
            _ => Some(cbor::id(d)?),
        };
        Ok(VersionHead { record, kind, version, schema, of })
    }
}

impl VersionItem {
    /// The item's bytes, without making an [`super::Item`] of it first.
    pub fn encode(&self) -> Vec<u8> {
        cbor::bytes(|w| self.write(w))
    }

    pub(super) fn write(&self, w: &mut Writer) -> Written {
        let VersionItem { record, kind, version, schema, of, .. } = self;
        VersionItem::begin(w, record, kind, *version, *schema, of.as_ref(), self.envelopes.len())?;
        self.envelopes.iter().try_for_each(|envelope| envelope.encode(w))
    }

    /// Writes what comes before the envelopes; the caller writes as many as it says.
    pub fn begin(
        w: &mut Writer,
        record: &Id,
        kind: &str,
        version: u64,
        schema: u64,
        of: Option<&Id>,
        envelopes: usize,
    ) -> Written {
        w.array(7)?.u8(6)?.bytes(&record.0)?.str(kind)?.u64(version)?.u64(schema)?;
        match of {
            Some(of) => w.bytes(&of.0)?,
            None => w.null()?,
        };
        w.array(envelopes as u64).map(drop)
    }

    pub(super) fn read_members(d: &mut Decoder<'_>) -> Result<VersionItem, decode::Error> {
        let head = VersionHead::read(d)?;
        VersionItem::read_envelopes(d, head)
    }

    fn read_envelopes(d: &mut Decoder<'_>, head: VersionHead) -> Result<VersionItem, decode::Error> {
        let VersionHead { record, kind, version, schema, of } = head;
        // Nothing is reserved for what the header claims; this many are common.
        let mut envelopes = Vec::with_capacity(6);
        for _ in 0..cbor::array_up_to(d, MAX_ENVELOPES)? {
            envelopes.push(Envelope::decode(d)?);
        }
        Ok(VersionItem { record, kind, version, schema, of, envelopes })
    }

    /// Whether an item that was encoded here is a version.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0x87, 0x06])
    }

    /// Whether an item came in the parts that it is committed in: a version in its head and its
    /// envelopes, so that an envelope can be shown to be what an entry commits to without the others;
    /// other items whole.
    pub fn is_in_parts(content: &Content) -> bool {
        content.cuts() == VersionItem::cuts(content)
    }

    /// Where the envelopes of a version begin; nothing if the item is another.
    fn cuts(bytes: &[u8]) -> Vec<usize> {
        let read = |d: &mut Decoder<'_>| {
            VersionHead::begin(d)?;
            let mut cuts = Vec::new();
            for _ in 0..cbor::array_up_to(d, MAX_ENVELOPES)? {
                cuts.push(d.position());
                d.skip()?;
            }
            Ok::<_, decode::Error>(cuts)
        };
        match VersionItem::is_one(bytes) {
            true => read(&mut Decoder::new(bytes)).unwrap_or_default(),
            false => Vec::new(),
        }
    }

    /// Reads the first part of a version, before its envelopes: what the version says of itself, and
    /// how many envelopes it has. Only what would have been written.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`].
    pub fn decode_head_part(bytes: &[u8]) -> Result<(VersionHead, usize), CryptoError> {
        cbor::strict("head of a version", bytes, VersionItem::head_part, |w, (head, envelopes)| {
            let VersionHead { record, kind, version, schema, of } = head;
            VersionItem::begin(w, record, kind, *version, *schema, of.as_ref(), *envelopes)
        })
    }

    fn head_part(d: &mut Decoder<'_>) -> Result<(VersionHead, usize), decode::Error> {
        let head = VersionHead::begin(d)?;
        Ok((head, usize::try_from(cbor::array_up_to(d, MAX_ENVELOPES)?).unwrap_or(usize::MAX)))
    }

    /// What the item says of itself before its envelopes, without reading those.
    pub fn decode_head(bytes: &[u8]) -> Result<VersionHead, CryptoError> {
        VersionHead::begin(&mut Decoder::new(bytes)).map_err(|_| malformed())
    }

    /// Reads a version that was encoded here: without the second encoding that
    /// [`super::Item::decode`] compares with.
    pub fn decode_trusted(bytes: &[u8]) -> Result<VersionItem, CryptoError> {
        let mut d = Decoder::new(bytes);
        let head = VersionHead::begin(&mut d).map_err(|_| malformed())?;
        VersionItem::read_envelopes(&mut d, head).map_err(|_| malformed())
    }

    /// Reads a version where the store says that it stands, which was checked when it was applied,
    /// with the envelopes of the classes that are wanted: of the others not even the length is read.
    pub fn decode_wanted(parts: &Parts<'_>, wanted: &dyn Fn(&str) -> bool) -> Result<VersionItem, CryptoError> {
        let (first, others) = parts.split().ok_or_else(malformed)?;
        let mut d = Decoder::new(first);
        let (head, count) = VersionItem::head_part(&mut d).map_err(|_| malformed())?;
        if d.position() != first.len() || count != others.len() {
            return Err(malformed());
        }
        let VersionHead { record, kind, version, schema, of } = head;
        let mut envelopes = Vec::with_capacity(count);
        for part in others {
            envelopes.extend(Envelope::decode_if(part, wanted).map_err(|_| malformed())?);
        }
        Ok(VersionItem { record, kind, version, schema, of, envelopes })
    }
}

fn malformed() -> CryptoError {
    CryptoError::Malformed { what: "stored version" }
}
