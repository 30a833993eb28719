//! Envelopes: the fields of one class, in one record, written in one write, under one content key.
//!
//! `docs/FORMAT.md`, section 6. The content key is fresh and random for each envelope; the data
//! key that is derived from it seals the envelope's fields with a counting nonce and is gone when
//! the envelope is closed. A commitment to the content key is stored, because AES-GCM does not
//! commit to its key and several parties hold shares: without it one ciphertext could be made to
//! show two different texts to two readers. (Key and commitment from one secret with HKDF, as in the
//! AWS Encryption SDK's committing algorithm suites. That no two content keys have one commitment
//! rests on SHA-256 being free of collisions: HMAC with keys of one length.)

use std::{cell::RefCell, collections::BTreeMap};

use minicbor::{Decoder, decode};
use ring::{aead, hkdf};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    CryptoError,
    cbor::{self, Writer, Written},
    digest::{Digest, sha256},
    pad,
    random::{Random, new_id},
    session::{Session, SessionSecret, ShareKey},
    sharing::{Share, Tree},
};
use crate::id::Id;

/// Most fields in one envelope: the fields of a record kind.
pub const MAX_FIELDS: u64 = 200;

/// Most leaves over all quorums of a class: four quorums of the largest tree.
pub const MAX_SHARES: u64 = 128;

/// Longest plain value in bytes: 20,000 characters of four bytes, and CBOR's header.
pub const MAX_VALUE: usize = 80_016;

/// Where an envelope belongs. All of it is bound into every field and every share: a ciphertext that
/// is moved to another place does not open, and a share is not got out of its holder under the name of
/// another record.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The vault.
    pub vault: &'a Id,
    /// The record.
    pub record: &'a Id,
    /// The record's kind.
    pub kind: &'a str,
    /// The record's version, from 1.
    pub version: u64,
}

impl Place<'_> {
    /// What binds to the place: the digest of its names, and of those of the envelope there.
    fn digest(&self, class: &str, envelope: &Id, charter: u64) -> Digest {
        sha256(&[&cbor::bytes(|w| {
            w.array(8)?.str("amanah place/1")?.bytes(&self.vault.0)?.bytes(&self.record.0)?.str(self.kind)?;
            w.u64(self.version)?.str(class)?.bytes(&envelope.0)?.u64(charter).map(drop)
        })])
    }
}

/// Who can open a class, by one version of the charter.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The class.
    pub class: String,
    /// The charter's version.
    pub charter: u64,
    /// One tree for each quorum; their leaves are numbered through.
    pub quorums: Vec<Tree>,
    /// The groups at the leaves.
    pub leaves: Vec<String>,
}

/// An envelope's content key, put together from shares.
///
/// Not cloned, printed or stored; wiped when dropped.
pub struct ContentKey(Zeroizing<[u8; 32]>);

impl ContentKey {
    /// From the bytes that shares gave.
    pub fn new(bytes: &[u8]) -> Result<Self, CryptoError> {
        let bytes = bytes.try_into().map_err(|_| CryptoError::Malformed { what: "content key" })?;
        Ok(ContentKey(Zeroizing::new(bytes)))
    }

    /// The commitment to it, and the key of the fields. It is random through and through as it was made,
    /// so that there is nothing to extract (RFC 5869, section 3.3).
    fn derive(&self, envelope: &Id) -> Result<([u8; 32], aead::UnboundKey), CryptoError> {
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, self.0.as_ref());
        let mut commitment = [0; 32];
        prk.expand(&[b"amanah commitment/1", envelope.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut commitment))
            .map_err(|_| CryptoError::BadKey)?;
        let info: [&[u8]; 2] = [b"amanah data key/1", envelope.as_bytes()];
        let key = prk.expand(&info, &aead::AES_256_GCM).map_err(|_| CryptoError::BadKey)?;
        Ok((commitment, key.into()))
    }
}

/// What seals the envelopes of one class in one session: who can open them, and a key for each leaf.
#[derive(Debug)]
pub struct Sealer {
    policy: Policy,
    session: Id,
    /// In the order of the leaves.
    keys: Vec<ShareKey>,
}

impl Sealer {
    /// Derives the keys of the leaves.
    ///
    /// # Errors
    /// [`CryptoError::BadTree`] if the session has no secret for a group at a leaf.
    pub fn new(policy: Policy, session: &Session) -> Result<Sealer, CryptoError> {
        let key = |(leaf, group): (usize, &String)| {
            session.secret(group).ok_or(CryptoError::BadTree)?.share_key(&policy.class, leaf, group)
        };
        let keys = policy.leaves.iter().enumerate().map(key).collect::<Result<_, _>>()?;
        Ok(Sealer { policy, session: session.id, keys })
    }
}

impl std::fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContentKey(..)")
    }
}

/// A sealed envelope, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The envelope's id.
    pub id: Id,
    /// The class of its fields.
    pub class: String,
    /// The session whose secrets seal its shares.
    pub session: Id,
    /// The version of the charter that says who holds the shares.
    pub charter: u64,
    commitment: [u8; 32],
    /// Shares and fields as they are written, headers and all: one piece of memory for an
    /// envelope, not one for each field.
    bytes: Vec<u8>,
    /// How many shares there are.
    shares: usize,
    /// Where the sealed shares are, and after them name and ciphertext of each field.
    parts: Vec<Span>,
}

/// A piece of an envelope's bytes. Its encoding is at most a frame long, so 32 bits reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    begin: u32,
    end: u32,
}

impl Span {
    /// The last `length` bytes that the decoder has read, in what is read from `begin` on.
    fn last(d: &Decoder<'_>, begin: usize, length: usize) -> Result<Span, decode::Error> {
        let end = u32::try_from(d.position() - begin).ok();
        let span = end.and_then(|end| Some(Span { begin: end.checked_sub(u32::try_from(length).ok()?)?, end }));
        span.ok_or_else(|| decode::Error::message("envelope length"))
    }
}

impl Envelope {
    /// Seals fields (name and encoded value) under a fresh content key.
    pub fn seal(
        place: &Place<'_>,
        sealer: &Sealer,
        fields: &[(&str, &[u8])],
        random: &mut dyn Random,
    ) -> Result<Envelope, CryptoError> {
        let mut w = Writer::new(Vec::with_capacity(1024));
        Envelope::seal_into(&mut w, place, sealer, fields, random)?;
        Envelope::decode(&mut Decoder::new(w.writer())).map_err(|_| CryptoError::Malformed { what: "envelope" })
    }

    /// Seals as [`Envelope::seal`] does, and writes what [`Envelope::encode`] would write.
    ///
    /// On an error what was written so far is of no use.
    pub fn seal_into(
        w: &mut Writer,
        place: &Place<'_>,
        sealer: &Sealer,
        fields: &[(&str, &[u8])],
        random: &mut dyn Random,
    ) -> Result<(), CryptoError> {
        let Sealer { policy, session, keys } = sealer;
        let id = new_id(random)?;
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut())?;
        let content_key = ContentKey(bytes);
        let (commitment, key) = content_key.derive(&id)?;
        let head = |w: &mut Writer| {
            w.array(7)?.bytes(&id.0)?.str(&policy.class)?.bytes(&session.0)?.u64(policy.charter)?;
            w.bytes(&commitment)?.array(keys.len() as u64).map(drop)
        };
        written(head(w))?;

        // Leaves are numbered in the order in which they are dealt to, so that shares can be
        // written as they come.
        let mut next = 0;
        let place = place.digest(&policy.class, &id, policy.charter);
        for tree in &policy.quorums {
            tree.deal(content_key.0.as_ref(), random, &mut |leaf, share| {
                if leaf != next {
                    return Err(CryptoError::BadTree);
                }
                next += 1;
                let key = keys.get(leaf).ok_or(CryptoError::BadTree)?;
                begin_bytes(w, share.len() + aead::AES_256_GCM.tag_len())?;
                key.seal_into(&id, &place, share, w.writer_mut())
            })?;
        }
        if next != keys.len() {
            return Err(CryptoError::BadTree);
        }

        written(w.array(fields.len() as u64).map(drop))?;
        let mut sealing = SealingKey::new(key);
        let mut bound = Bound::new(&place);
        for (name, value) in fields {
            if value.len() > MAX_VALUE {
                return Err(CryptoError::TooLarge { what: "a value" });
            }
            written(w.array(2).and_then(|w| w.str(name)).map(drop))?;
            begin_bytes(w, pad::padme(value.len() + 1) + aead::AES_256_GCM.tag_len())?;
            sealing.seal(bound.to(name), value, w.writer_mut())?;
        }
        Ok(())
    }

    /// The names of the sealed fields, in the order they were sealed.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.field_count()).map(|index| self.name(index))
    }

    /// Which of the sealed fields has this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        let names = self.parts.get(self.shares..).unwrap_or_default().iter().step_by(2);
        names.map(|span| self.span(*span)).position(|own| own == name.as_bytes())
    }

    fn field_count(&self) -> usize {
        (self.parts.len() - self.shares) / 2
    }

    fn span(&self, span: Span) -> &[u8] {
        self.bytes.get(span.begin as usize..span.end as usize).unwrap_or_default()
    }

    fn part(&self, index: usize) -> Option<&[u8]> {
        self.parts.get(index).map(|span| self.span(*span))
    }

    fn name(&self, index: usize) -> &str {
        // It was read as a text.
        self.part(self.shares + 2 * index).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
    }

    fn sealed_field(&self, index: usize) -> Option<&[u8]> {
        self.part(self.shares + 2 * index + 1)
    }

    /// How many sealed shares it carries: as many as its class has leaves.
    pub fn share_count(&self) -> usize {
        self.shares
    }

    /// The share at a leaf as it is sealed, to be opened elsewhere with [`open_sealed_share`].
    pub fn sealed_share(&self, leaf: usize) -> Option<&[u8]> {
        self.part(leaf).filter(|_| leaf < self.shares)
    }

    /// Puts the content key together from opened shares: of the first quorum that they meet.
    pub fn content_key(&self, policy: &Policy, shares: &BTreeMap<usize, Share>) -> Result<ContentKey, CryptoError> {
        let held = |leaf: usize| shares.contains_key(&leaf);
        let tree = policy.quorums.iter().find(|tree| tree.is_met(&held)).ok_or(CryptoError::QuorumNotMet)?;
        ContentKey::new(&tree.combine(shares)?)
    }

    /// The envelope at its place, to be opened as what was sealed there. The place is what is asked
    /// for, not what an envelope says of itself: one that was moved there does not open.
    pub fn at(&self, place: &Place<'_>) -> Placed<'_> {
        Placed { envelope: self, place: place.digest(&self.class, &self.id, self.charter) }
    }

    /// Writes the envelope.
    pub fn encode(&self, w: &mut Writer) -> Written {
        w.array(7)?.bytes(&self.id.0)?.str(&self.class)?.bytes(&self.session.0)?.u64(self.charter)?;
        w.bytes(&self.commitment)?.array(self.shares as u64)?;
        for share in self.parts.iter().take(self.shares) {
            w.bytes(self.span(*share))?;
        }
        w.array(self.field_count() as u64)?;
        for index in 0..self.field_count() {
            w.array(2)?.str(self.name(index))?.bytes(self.sealed_field(index).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Reads an envelope. The caller checks that the encoding was canonical.
    pub fn decode(d: &mut Decoder<'_>) -> Result<Envelope, decode::Error> {
        let (id, class) = Envelope::begin(d)?;
        Envelope::read(d, id, class)
    }

    /// Reads an envelope, all that is there, if its class is wanted.
    pub fn decode_if(bytes: &[u8], wanted: &dyn Fn(&str) -> bool) -> Result<Option<Envelope>, decode::Error> {
        let mut d = Decoder::new(bytes);
        let (id, class) = Envelope::begin(&mut d)?;
        if !wanted(class) {
            return Ok(None);
        }
        let envelope = Envelope::read(&mut d, id, class)?;
        match d.position() == bytes.len() {
            true => Ok(Some(envelope)),
            false => Err(decode::Error::message("something behind an envelope")),
        }
    }

    fn begin<'a>(d: &mut Decoder<'a>) -> Result<(Id, &'a str), decode::Error> {
        cbor::array(d, 7)?;
        Ok((cbor::id(d)?, d.str()?))
    }

    fn read(d: &mut Decoder<'_>, id: Id, class: &str) -> Result<Envelope, decode::Error> {
        let (class, session) = (class.to_owned(), cbor::id(d)?);
        let (charter, commitment) = (d.u64()?, cbor::fixed(d)?);
        let begin = d.position();
        // Nothing is reserved for what a header claims; this many are common.
        let mut parts = Vec::with_capacity(24);
        for _ in 0..cbor::array_up_to(d, MAX_SHARES)? {
            let length = d.bytes()?.len();
            parts.push(Span::last(d, begin, length)?);
        }
        let shares = parts.len();
        for _ in 0..cbor::array_up_to(d, MAX_FIELDS)? {
            cbor::array(d, 2)?;
            let length = d.str()?.len();
            parts.push(Span::last(d, begin, length)?);
            let length = d.bytes()?.len();
            parts.push(Span::last(d, begin, length)?);
        }
        let bytes = d.input().get(begin..d.position()).unwrap_or_default().to_vec();
        Ok(Envelope { id, class, session, charter, commitment, bytes, shares, parts })
    }
}

/// Where a sealed share belongs, when it travels without its envelope.
#[derive(Debug, Clone, Copy)]
pub struct ShareAt<'a> {
    /// Where its envelope belongs.
    pub place: Place<'a>,
    /// The envelope.
    pub envelope: &'a Id,
    /// Its class.
    pub class: &'a str,
    /// The version of the charter that it was sealed under.
    pub charter: u64,
    /// The leaf.
    pub leaf: usize,
    /// The group at the leaf.
    pub group: &'a str,
}

/// Opens a share that travelled without its envelope, with the group's secret of its session.
pub fn open_sealed_share(at: &ShareAt<'_>, secret: &SessionSecret, sealed: &[u8]) -> Result<Share, CryptoError> {
    let key = secret.share_key(at.class, at.leaf, at.group)?;
    key.open(at.envelope, &at.place.digest(at.class, at.envelope, at.charter), sealed)
}

/// An envelope at a place.
#[derive(Debug)]
pub struct Placed<'a> {
    envelope: &'a Envelope,
    place: Digest,
}

impl<'a> Placed<'a> {
    /// Opens the share at a leaf with the leaf's key.
    pub fn open_share(&self, leaf: usize, key: &ShareKey) -> Result<Share, CryptoError> {
        let sealed = self.envelope.sealed_share(leaf).ok_or(CryptoError::Malformed { what: "envelope" })?;
        key.open(&self.envelope.id, &self.place, sealed)
    }

    /// Checks the content key against the commitment, before anything is opened with it.
    pub fn open(&self, content_key: &ContentKey) -> Result<Opened<'a>, CryptoError> {
        let (commitment, key) = content_key.derive(&self.envelope.id)?;
        if !bool::from(commitment.ct_eq(&self.envelope.commitment)) {
            return Err(CryptoError::CommitmentMismatch);
        }
        let bound = RefCell::new(Bound::new(&self.place));
        Ok(Opened { envelope: self.envelope, bound, key: aead::LessSafeKey::new(key) })
    }
}

/// An envelope whose content key has been checked: opens its fields.
pub struct Opened<'a> {
    envelope: &'a Envelope,
    bound: RefCell<Bound>,
    key: aead::LessSafeKey,
}

impl Opened<'_> {
    /// Opens one field; `None` if the envelope has none of that name.
    pub fn field(&self, name: &str) -> Option<Result<Zeroizing<Vec<u8>>, CryptoError>> {
        self.envelope.position(name).map(|index| self.open_alone(index))
    }

    /// Opens all fields, in order.
    pub fn all(&self) -> impl Iterator<Item = (&str, Result<Zeroizing<Vec<u8>>, CryptoError>)> {
        self.envelope.fields().enumerate().map(|(index, name)| (name, self.open_alone(index)))
    }

    fn open_alone(&self, index: usize) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut buffer = Zeroizing::default();
        let length = self.open_into(index, &mut buffer)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// Opens the field of this number in a buffer that can be used for one field after the other.
    pub fn open_into<'b>(&self, index: usize, buffer: &'b mut Zeroizing<Vec<u8>>) -> Result<&'b [u8], CryptoError> {
        let sealed = self.envelope.sealed_field(index).ok_or(CryptoError::DoesNotOpen)?;
        if buffer.capacity() < sealed.len() {
            // Not grown, which would leave behind what was opened before.
            *buffer = Zeroizing::new(Vec::with_capacity(sealed.len().next_power_of_two()));
        }
        buffer.clear();
        buffer.extend_from_slice(sealed);
        let mut bound = self.bound.borrow_mut();
        let aad = aead::Aad::from(bound.to(self.envelope.name(index)));
        let opened = self.key.open_in_place(counting_nonce(index as u64), aad, buffer);
        pad::unpad(opened.map_err(|_| CryptoError::DoesNotOpen)?)
    }
}

impl std::fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({})", self.envelope.id)
    }
}

/// ring's sealing key, which owns its nonces: it cannot be made to use one twice, and it is gone
/// when the envelope is closed.
struct SealingKey(aead::SealingKey<Counter>);

impl SealingKey {
    fn new(key: aead::UnboundKey) -> Self {
        use aead::BoundKey as _;
        SealingKey(aead::SealingKey::new(key, Counter(0)))
    }

    /// Pads and seals a value at the end of `out`.
    fn seal(&mut self, aad: &[u8], value: &[u8], out: &mut Vec<u8>) -> Result<(), CryptoError> {
        let begin = out.len();
        // Room for all of it first: a buffer that grew afterwards would leave the value behind.
        out.reserve(pad::padme(value.len() + 1) + aead::AES_256_GCM.tag_len());
        pad::pad_into(value, out);
        let sealed = self.0.seal_in_place_separate_tag(aead::Aad::from(aad), &mut out[begin..]);
        let tag = sealed.map_err(|_| {
            out[begin..].zeroize();
            CryptoError::TooLarge { what: "an envelope" }
        })?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }
}

struct Counter(u64);

impl aead::NonceSequence for Counter {
    fn advance(&mut self) -> Result<aead::Nonce, ring::error::Unspecified> {
        let nonce = counting_nonce(self.0);
        self.0 = self.0.checked_add(1).ok_or(ring::error::Unspecified)?;
        Ok(nonce)
    }
}

fn counting_nonce(index: u64) -> aead::Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&index.to_be_bytes());
    aead::Nonce::assume_unique_for_key(bytes)
}

/// The associated data of an envelope's fields: its place, and the field's name. The number of the field
/// is its nonce.
struct Bound(Vec<u8>);

impl Bound {
    fn new(place: &Digest) -> Bound {
        // Names have at most 40 characters.
        let mut bytes = Vec::with_capacity(place.len() + 40);
        bytes.extend_from_slice(place);
        Bound(bytes)
    }

    fn to(&mut self, name: &str) -> &[u8] {
        self.0.truncate(size_of::<Digest>());
        self.0.extend_from_slice(name.as_bytes());
        &self.0
    }
}

fn written(written: Written) -> Result<(), CryptoError> {
    written.map_err(|_| CryptoError::TooLarge { what: "an envelope" })
}

/// Writes the header of a byte string whose bytes the caller appends.
fn begin_bytes(w: &mut Writer, length: usize) -> Result<(), CryptoError> {
    written(w.bytes_len(length as u64).map(drop))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::random::SystemRandom;

    const VAULT: Id = Id([1; 16]);
    const RECORD: Id = Id([2; 16]);
    const PLACE: Place<'static> = Place { vault: &VAULT, record: &RECORD, kind: "child", version: 1 };
    const FIELDS: [(&str, &[u8]); 3] = [("a", b"alpha"), ("b", b""), ("c", &[7; 100])];

    fn policy() -> Policy {
        let leaf = Tree::Leaf;
        Policy {
            class: "sealed".into(),
            charter: 1,
            quorums: vec![
                Tree::Threshold { any: 2, of: vec![leaf(0), leaf(1)] },
                Tree::Threshold { any: 2, of: vec![leaf(2), leaf(3)] },
            ],
            leaves: ["centre/head", "kpai/reviewers", "kpai/reviewers", "ombudsman/reviewers"]
                .map(String::from)
                .to_vec(),
        }
    }

    fn session() -> Session {
        let secrets = [("centre/head", [1; 32]), ("kpai/reviewers", [2; 32]), ("ombudsman/reviewers", [3; 32])];
        Session::from_secrets(Id([9; 16]), &secrets).unwrap()
    }

    fn sealed() -> Envelope {
        let sealer = Sealer::new(policy(), &session()).unwrap();
        Envelope::seal(&PLACE, &sealer, &FIELDS, &mut SystemRandom::new()).unwrap()
    }

    fn shares(envelope: &Envelope, groups: &[&str]) -> BTreeMap<usize, Share> {
        let (policy, session) = (policy(), session());
        policy
            .leaves
            .iter()
            .enumerate()
            .filter(|(_, group)| groups.contains(&group.as_str()))
            .map(|(leaf, group)| {
                let key = session.secret(group).unwrap().share_key("sealed", leaf, group).unwrap();
                (leaf, envelope.at(&PLACE).open_share(leaf, &key).unwrap())
            })
            .collect()
    }

    fn key(envelope: &Envelope) -> ContentKey {
        envelope.content_key(&policy(), &shares(envelope, &["centre/head", "kpai/reviewers"])).unwrap()
    }

    #[test]
    fn either_quorum_opens_and_no_one_alone_does() {
        let envelope = sealed();
        for pair in [["centre/head", "kpai/reviewers"], ["kpai/reviewers", "ombudsman/reviewers"]] {
            let key = envelope.content_key(&policy(), &shares(&envelope, &pair)).unwrap();
            let opened = envelope.at(&PLACE).open(&key).unwrap();
            let values: Vec<_> = opened.all().map(|(name, value)| (name.to_owned(), value.unwrap().to_vec())).collect();
            assert_eq!(values, FIELDS.map(|(name, value)| (name.to_owned(), value.to_vec())));
        }
        for alone in [&["centre/head"][..], &["kpai/reviewers"], &["centre/head", "ombudsman/reviewers"], &[]] {
            let found = envelope.content_key(&policy(), &shares(&envelope, alone));
            assert!(matches!(found, Err(CryptoError::QuorumNotMet)), "{alone:?}");
        }
    }

    #[test]
    fn a_moved_ciphertext_does_not_open() {
        let envelope = sealed();
        let key = key(&envelope);
        let (other_vault, other_record) = (Id([3; 16]), Id([4; 16]));
        for place in [
            Place { vault: &other_vault, ..PLACE },
            Place { record: &other_record, ..PLACE },
            Place { kind: "family", ..PLACE },
            Place { version: 2, ..PLACE },
        ] {
            let opened = envelope.at(&place).open(&key).unwrap();
            assert!(opened.all().all(|(_, value)| matches!(value, Err(CryptoError::DoesNotOpen))), "{place:?}");
        }
        let mut swapped = envelope.clone();
        let first = swapped.shares + 1;
        swapped.parts.swap(first, first + 4);
        let mut renamed = envelope.clone();
        let name = renamed.parts[renamed.shares].begin as usize;
        renamed.bytes[name] = b'z';
        let mut reclassed = envelope.clone();
        reclassed.class = "administrative".into();
        let mut rechartered = envelope.clone();
        rechartered.charter = 2;
        for (bad, field) in [(swapped, "a"), (renamed, "z"), (reclassed, "a"), (rechartered, "a")] {
            assert!(matches!(bad.at(&PLACE).open(&key).unwrap().field(field), Some(Err(CryptoError::DoesNotOpen))));
        }
    }

    #[test]
    fn a_share_opens_only_at_its_leaf_for_its_group_in_its_envelope() {
        let (envelope, other, session) = (sealed(), sealed(), session());
        let kpai = session.secret("kpai/reviewers").unwrap();
        let own = kpai.share_key("sealed", 1, "kpai/reviewers").unwrap();
        assert!(envelope.at(&PLACE).open_share(1, &own).is_ok());
        let mut moved = envelope.clone();
        moved.parts.swap(1, 2);
        let mut foreign = envelope.clone();
        let Span { begin, end } = foreign.parts[1];
        let at = begin as usize..end as usize;
        foreign.bytes[at.clone()].copy_from_slice(&other.bytes[at]);
        // What is moved to another class, or under another charter, does not open with the right key either.
        let (mut reclassed, mut rechartered) = (envelope.clone(), envelope.clone());
        reclassed.class = "administrative".into();
        rechartered.charter = 2;
        for bad in [&reclassed, &rechartered] {
            assert!(matches!(bad.at(&PLACE).open_share(1, &own), Err(CryptoError::DoesNotOpen)));
        }
        let of_class = kpai.share_key("administrative", 1, "kpai/reviewers").unwrap();
        assert!(matches!(envelope.at(&PLACE).open_share(1, &of_class), Err(CryptoError::DoesNotOpen)));
        let other = Id([4; 16]);
        for (from, place, leaf, group) in [
            (&moved, PLACE, 1, "kpai/reviewers"),
            (&foreign, PLACE, 1, "kpai/reviewers"),
            (&envelope, Place { vault: &other, ..PLACE }, 1, "kpai/reviewers"),
            (&envelope, Place { record: &other, ..PLACE }, 1, "kpai/reviewers"),
            (&envelope, Place { kind: "family", ..PLACE }, 1, "kpai/reviewers"),
            (&envelope, Place { version: 2, ..PLACE }, 1, "kpai/reviewers"),
            (&envelope, PLACE, 0, "kpai/reviewers"),
            (&envelope, PLACE, 1, "centre/head"),
        ] {
            let found = from.at(&place).open_share(leaf, &kpai.share_key("sealed", leaf, group).unwrap());
            assert!(matches!(found, Err(CryptoError::DoesNotOpen)), "{place:?} {leaf} {group}");
        }
    }

    #[test]
    fn another_content_key_is_stopped_by_the_commitment() {
        let (envelope, other) = (sealed(), sealed());
        assert!(matches!(envelope.at(&PLACE).open(&key(&other)), Err(CryptoError::CommitmentMismatch)));
        let mut mixed = shares(&envelope, &["centre/head"]);
        mixed.extend(shares(&other, &["kpai/reviewers"]));
        let wrong = envelope.content_key(&policy(), &mixed).unwrap();
        assert!(matches!(envelope.at(&PLACE).open(&wrong), Err(CryptoError::CommitmentMismatch)));
    }

    #[test]
    fn debug_prints_no_key() {
        let envelope = sealed();
        let key = key(&envelope);
        assert_eq!(format!("{key:?} {:?}", session().secret("centre/head")), "ContentKey(..) Some(SessionSecret(..))");
    }

    #[test]
    fn written_and_read() {
        let envelope = sealed();
        let bytes = cbor::bytes(|w| envelope.encode(w));
        let read = cbor::strict("envelope", &bytes, Envelope::decode, |w, e| e.encode(w)).unwrap();
        assert_eq!(read, envelope);
        let longer = [&bytes[..], &[0]].concat();
        assert!(cbor::strict("envelope", &longer, Envelope::decode, |w, e| e.encode(w)).is_err());
        assert!(cbor::strict("envelope", &bytes[..bytes.len() - 1], Envelope::decode, |w, e| e.encode(w)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn one_flipped_bit_never_opens_to_something_else(byte: prop::sample::Index, bit in 0u8..8) {
            let envelope = sealed();
            let key = key(&envelope);
            let mut bytes = cbor::bytes(|w| envelope.encode(w));
            let at = byte.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let Ok(changed) = cbor::strict("envelope", &bytes, Envelope::decode, |w, e| e.encode(w)) else { return Ok(()) };
            let Ok(opened) = changed.at(&PLACE).open(&key) else { return Ok(()) };
            for (name, value) in FIELDS {
                if let Some(Ok(found)) = opened.field(name) {
                    prop_assert_eq!(&found[..], value);
                }
            }
        }
    }
}
