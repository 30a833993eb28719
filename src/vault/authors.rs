//! Who has written an envelope, shown to somebody without the vault: from the envelope's digest to
//! the version's, to the payload's, to the entry that a member has signed, to the ledger's tree. So is
//! the schema that it is read by.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Vault,
    error::VaultError,
    item::{Item, VersionHead, VersionItem},
    open::StoredNodes,
    release::Sealed,
    request::Covered,
};
use crate::{
    crypto::{
        cbor,
        digest::{Digest, sha256},
    },
    custody::{
        Chain, ReleaseError,
        exchange::{Authorship, Bytes, from_bytes, to_bytes},
    },
    id::Id,
    ledger::{Action, Line, Outcome, entry::TreeHead, proof, tree},
    records::schema::Schema,
    store::{
        content::digest_of_parts,
        journal::{self, Item as Kept},
    },
    vault::JOURNAL,
};

/// Who has written a version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The record.
    pub record: Id,
    /// The version.
    pub version: u64,
    /// The classes whose fields they wrote, of those that were opened.
    pub classes: BTreeSet<String>,
    /// The member.
    pub member: String,
    /// The group that they acted for.
    pub group: String,
    /// When, by the entry.
    pub time: Timestamp,
    /// The entry.
    pub entry: u64,
}

impl Vault {
    /// Shows who has written these envelopes and the schema that they are read by, to whoever believes
    /// the tree with `size` entries.
    pub(super) fn authorship(
        &self,
        covered: &[Covered],
        schema: &Schema,
        size: u64,
    ) -> Result<Vec<Authorship>, VaultError> {
        let mut versions: BTreeMap<u64, BTreeSet<(Id, u64)>> = BTreeMap::new();
        versions.entry(self.schema_entry(schema.version())?).or_default();
        for one in covered {
            let (record, version) = (one.named.record, one.named.version);
            let differs = || VaultError::StoreDiffers { what: "the versions of a record" };
            let sequence = self.version(&record, version)?.ok_or_else(differs)?.sequence;
            versions.entry(sequence).or_default().insert((record, version));
        }
        let mut out = Vec::with_capacity(versions.len());
        let sequences = versions.keys().copied().collect();
        journal::each_of(&self.dir.join(JOURNAL), &sequences, &mut |payload| {
            let wanted = versions.remove(&payload.seq).unwrap_or_default();
            let mut items = Vec::with_capacity(32 * payload.items.len());
            let mut heads = Vec::with_capacity(wanted.len());
            for (place, kept) in (0..).zip(&payload.items) {
                items.extend_from_slice(&kept.digest());
                let Kept::Live(content) = kept else { continue };
                if !VersionItem::is_one(content) {
                    continue;
                }
                let head = VersionItem::decode_head(content)?;
                if wanted.contains(&(head.record, head.version)) {
                    let mut parts = content.parts();
                    let head = parts.next().unwrap_or_default().to_vec();
                    heads.push((place, Bytes(head), Bytes(parts.flat_map(|part| sha256(&[part])).collect())));
                }
            }
            out.push((payload.seq, Bytes(items), heads));
            Ok(())
        })?;
        let written = |(sequence, items, versions): (u64, Bytes, _)| {
            let proof = to_bytes(&proof::inclusion(sequence, size, &StoredNodes(&self.store))?);
            let line = String::from_utf8_lossy(self.line(sequence)?.bytes()).into_owned();
            Ok(Authorship { line, proof, items, versions })
        };
        out.into_iter().map(written).collect()
    }

    /// The sequence of the entry that brought a version of the schema: the first came with the vault.
    fn schema_entry(&self, version: u64) -> Result<u64, VaultError> {
        let mut seen = 1;
        if version == seen {
            return Ok(0);
        }
        for line in self.lines(0)? {
            let line = line?;
            let entry = line.entry();
            if entry.action == Action::SchemaAmend && entry.outcome == Outcome::Ok {
                seen += 1;
                if seen == version {
                    return Ok(entry.seq);
                }
            }
        }
        Err(VaultError::StoreDiffers { what: "what goes along with a release" })
    }
}

/// What was shown to be written.
#[derive(Default)]
pub(super) struct Authors {
    /// By record and version.
    versions: HashMap<(Id, u64), Shown>,
    /// The digests of all that came with entries that bring a schema.
    schemas: HashSet<Digest>,
}

struct Shown {
    head: VersionHead,
    envelopes: Vec<Digest>,
    author: Author,
}

impl Authors {
    /// Checks what shows who has written what: each entry in the tree, signed by a member of the
    /// charter that it names, and its payload made of these versions.
    ///
    /// # Errors
    /// [`ReleaseError::NotWritten`] if one of them does not show it.
    pub(super) fn check(&mut self, written: &[Authorship], head: &TreeHead, chain: &Chain) -> Result<(), VaultError> {
        let vault = *chain.vault()?;
        let bad = || VaultError::from(ReleaseError::NotWritten);
        for Authorship { line, proof, items, versions } in written {
            let line = Line::parse(line.as_bytes())?;
            let entry = line.entry();
            let leaf = tree::leaf_hash(line.bytes());
            proof::check_inclusion(&leaf, entry.seq, head, &from_bytes(proof)?).map_err(|_| bad())?;
            let charter = chain.of(entry.charter).ok_or_else(bad)?;
            let card = charter.member(&entry.actor).ok_or_else(bad)?;
            let right = match entry.action {
                Action::VaultCreate => entry.seq == 0,
                Action::SchemaAmend => charter.may(&entry.group, "schema"),
                action => action.writes() && charter.may(&entry.group, "write"),
            };
            let may = right && charter.groups_of(&entry.actor).any(|group| group == entry.group);
            let (items, rest) = items.0.as_chunks::<32>();
            let fits = line.is_signed_by(&card.signing, &vault)
                && may
                && entry.outcome == Outcome::Ok
                && rest.is_empty()
                && entry.payload == Some(journal::digest(&vault, entry.seq, items.iter().copied()));
            if !fits {
                return Err(bad());
            }
            if !entry.action.writes() {
                self.schemas.extend(items);
                continue;
            }
            for (place, first, envelopes) in versions {
                let (version, count) = VersionItem::decode_head_part(&first.0)?;
                let (envelopes, rest) = envelopes.0.as_chunks::<32>();
                let parts = std::iter::once(sha256(&[&first.0])).chain(envelopes.iter().copied());
                let item = usize::try_from(*place).ok().and_then(|place| items.get(place));
                if !rest.is_empty() || envelopes.len() != count || item != Some(&digest_of_parts(parts)) {
                    return Err(bad());
                }
                let author = Author {
                    record: version.record,
                    version: version.version,
                    classes: BTreeSet::new(),
                    member: entry.actor.clone(),
                    group: entry.group.clone(),
                    time: entry.time,
                    entry: entry.seq,
                };
                let at = (version.record, version.version);
                self.versions.insert(at, Shown { head: version, envelopes: envelopes.to_vec(), author });
            }
        }
        Ok(())
    }

    /// Checks that this schema stands in the ledger: another could call a field or a choice something
    /// else, or leave it out.
    ///
    /// # Errors
    /// [`ReleaseError::NotWritten`].
    pub(super) fn check_schema(&self, text: &str) -> Result<(), VaultError> {
        match self.schemas.contains(&sha256(&[&Item::Schema(text.to_owned()).encode()])) {
            true => Ok(()),
            false => Err(ReleaseError::NotWritten.into()),
        }
    }

    /// Checks that somebody wrote this envelope, in this version of this record, owned by this one, under
    /// this schema or an earlier one.
    ///
    /// # Errors
    /// [`ReleaseError::NotWritten`].
    pub(super) fn take(&mut self, sealed: &Sealed<'_>, schema: &Schema) -> Result<(), VaultError> {
        let digest = sha256(&[&cbor::bytes(|w| sealed.envelope.encode(w))]);
        let shown = self.versions.get_mut(&(sealed.record, sealed.version));
        let fits = |shown: &&mut Shown| {
            shown.head.kind == sealed.kind
                && shown.head.of == sealed.of
                && shown.head.schema <= schema.version()
                && shown.envelopes.contains(&digest)
        };
        let shown = shown.filter(fits).ok_or(ReleaseError::NotWritten)?;
        shown.author.classes.insert(sealed.envelope.class.clone());
        Ok(())
    }

    /// Who wrote what was taken, by record and version.
    pub(super) fn into_authors(self) -> Vec<Author> {
        let mut authors: Vec<Author> = self.versions.into_values().map(|shown| shown.author).collect();
        authors.retain(|author| !author.classes.is_empty());
        authors.sort_by_key(|author| (author.record, author.version));
        authors
    }
}
