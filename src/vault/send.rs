//! What goes out of the vault to another institution, in a file: requests, answers, charters. Each
//! holds what its receiver needs, and nothing else.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{
    Vault,
    actor::Actor,
    error::VaultError,
    item::Item,
    open::StoredNodes,
    request::{Ask, Covered, Exchange},
    rows,
};
use crate::{
    crypto::cbor,
    custody::{
        Chain, Release, ReleaseError, Request,
        exchange::{Answer, AnswerFile, Bytes, Carried, Kit, RequestFile, to_bytes},
    },
    id::{Id, body_of},
    ledger::{checkpoint::SignedHead, proof},
    records::schema::Schema,
    store::{Kv as _, journal},
    vault::JOURNAL,
};

impl Vault {
    /// All charters, for those who have no vault.
    pub fn chain(&self) -> Chain {
        Chain::new(self.charters.all().map(|charter| &**charter))
    }

    /// A request as a file for groups of one body: `to`, or those whose release is lacking, if they
    /// are of one body.
    ///
    /// # Errors
    /// [`ReleaseError::ForWhom`] if they are of several bodies.
    pub fn send_request(
        &mut self,
        actor: &mut Actor,
        id: &Id,
        to: &[String],
        seen: Option<u64>,
    ) -> Result<RequestFile, VaultError> {
        let exchange = self.exchange(id)?;
        let covered = self.covered_by(&exchange.request)?;
        let groups = self.addressees(exchange.request.asker(), &covered, to)?;
        self.checkpoint(actor)?;
        let old = self.seen_by(&groups, seen)?;
        let proof = self.prove_to(exchange.sequence, old)?;
        let mut file = RequestFile::new(&exchange.request);
        (file.old, file.consistency) = self.consistency(old, &proof.head)?;
        file.entry = Some(String::from_utf8_lossy(&proof.to_bytes()).into_owned());
        file.items = Some(self.items_of(exchange.sequence)?);
        file.kits = self.kits(&groups, &covered, true)?;
        Ok(file)
    }

    /// The digests of the items of an entry's payload.
    fn items_of(&self, sequence: u64) -> Result<Bytes, VaultError> {
        let mut items = Vec::new();
        journal::each_of(&self.dir.join(JOURNAL), &BTreeSet::from([sequence]), &mut |payload| {
            items.extend(payload.items.iter().flat_map(journal::Item::digest));
            Ok(())
        })?;
        Ok(Bytes(items))
    }

    /// Whether what is asked for can go to these groups in one file: to know before it is entered.
    ///
    /// # Errors
    /// As [`Vault::send_request`].
    pub fn check_addressees(&self, actor: &Actor, ask: &Ask<'_>, to: &[String]) -> Result<(), VaultError> {
        let covered = self.asked_for(ask.records, ask.classes, ask.fields, Some(actor))?;
        self.addressees(actor.member(), &covered, to).map(drop)
    }

    /// The same of a request that was made from a copy, and is in no ledger.
    pub(super) fn send_aside(
        &self,
        request: &Request,
        covered: &[Covered],
        to: &[String],
        seen: Option<u64>,
    ) -> Result<RequestFile, VaultError> {
        let groups = self.addressees(request.asker(), covered, to)?;
        let head = self.signed_head()?;
        // Who reads the file wants the log's key of the charter that they know. A copy is not signed anew.
        if head.verify_log(&[self.log_key_at(self.size())?]).is_err() {
            return Err(VaultError::CheckpointBehind);
        }
        let old = self.seen_by(&groups, seen)?;
        let mut file = RequestFile::new(request);
        (file.old, file.consistency) = self.consistency(old, &head)?;
        file.head = Some(String::from_utf8_lossy(&head.note().to_bytes()).into_owned());
        file.kits = self.kits(&groups, covered, true)?;
        Ok(file)
    }

    /// An answer as a file for who asked, with a proof of its entry.
    ///
    /// # Errors
    /// As [`Vault::prove`].
    pub fn send_answer(
        &mut self,
        actor: &mut Actor,
        request: &Request,
        entry: u64,
        answer: &Answer,
        seen: Option<u64>,
    ) -> Result<AnswerFile, VaultError> {
        self.checkpoint(actor)?;
        let old = seen.unwrap_or_else(|| request.seen().min(self.size()));
        let proof = self.prove_to(entry, old)?;
        let mut file = AnswerFile::new(request, answer);
        (file.old, file.consistency) = self.consistency(old, &proof.head)?;
        file.entry = Some(String::from_utf8_lossy(&proof.to_bytes()).into_owned());
        if let Answer::Release(release) = answer
            && release.carries().is_some()
        {
            let covered = self.named(release.envelopes())?;
            let (carried, schema) = self.carried_with(request, &covered, release)?;
            file.carried = Some(carried);
            file.written = self.authorship(&covered, schema, proof.head.tree().size)?;
        }
        Ok(file)
    }

    /// What goes along with a release to somebody without the vault: the envelopes, and what their
    /// own groups need to open their shares of them.
    pub(super) fn carried(
        &self,
        request: &Request,
        covered: &[Covered],
        schema: &Schema,
    ) -> Result<Carried, VaultError> {
        let own: Vec<String> = self.charter().groups_of(request.asker()).map(ToOwned::to_owned).collect();
        let own: BTreeSet<String> = own.into_iter().collect();
        let bytes = |one: &Covered| (one.of, Bytes(cbor::bytes(|w| one.envelope.encode(w))));
        Ok(Carried {
            schema: schema.text().to_owned(),
            envelopes: covered.iter().map(bytes).collect(),
            kits: self.kits(&own, covered, false)?,
        })
    }

    /// What went along with a release that was given, by the schema of its time.
    fn carried_with(
        &self,
        request: &Request,
        covered: &[Covered],
        release: &Release,
    ) -> Result<(Carried, &Schema), VaultError> {
        for schema in self.schemas.values().rev() {
            let carried = self.carried(request, covered, schema)?;
            if Some(&carried.digest()) == release.carries() {
                return Ok((carried, schema));
            }
        }
        Err(VaultError::StoreDiffers { what: "what goes along with a release" })
    }

    /// The answer that the actor has given to a request in the name of a group, where it still counts:
    /// to write it as a file again, for who has lost it or has seen more of the ledger since.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn given(
        &self,
        actor: &Actor,
        request: &Request,
        group: Option<&str>,
    ) -> Result<Option<(u64, Release)>, VaultError> {
        let exchange = match self.exchange(&request.id()) {
            Ok(exchange) if !exchange.is_withdrawn() => exchange,
            Ok(_) | Err(VaultError::Release(ReleaseError::NoRequest { .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (charters, now) = (self.charters_so_far(), crate::clock::now());
        let own = |release: &Release| {
            release.releaser() == actor.member()
                && group.is_none_or(|group| group == release.group())
                && release.check(&exchange.request, &charters, now).is_ok()
        };
        Ok(exchange.releases.iter().find(|(_, release)| own(release)).cloned())
    }

    /// The groups that a file is for: those asked for, or those of other bodies who could release.
    fn addressees(&self, asker: &str, covered: &[Covered], to: &[String]) -> Result<BTreeSet<String>, VaultError> {
        let holders: BTreeSet<&String> = covered.iter().flat_map(|one| &one.policy.leaves).collect();
        if let Some(group) = to.iter().find(|group| !holders.contains(group)) {
            return Err(ReleaseError::NoShareOf { group: group.clone() }.into());
        }
        let own = body_of(asker);
        let groups: BTreeSet<String> = match to.is_empty() {
            false => to.iter().cloned().collect(),
            true => holders.into_iter().filter(|group| body_of(group) != own).cloned().collect(),
        };
        let bodies: BTreeSet<Option<&str>> = groups.iter().map(|group| body_of(group)).collect();
        if bodies.len() != 1 {
            let groups = groups.into_iter().collect::<Vec<_>>().join(", ");
            return Err(ReleaseError::ForWhom { groups }.into());
        }
        Ok(groups)
    }

    /// How many entries the body of these groups is known to have seen: what the newest of its
    /// requests and releases says.
    fn seen_by(&self, groups: &BTreeSet<String>, given: Option<u64>) -> Result<u64, VaultError> {
        if let Some(seen) = given {
            return Ok(seen);
        }
        let body = groups.iter().next().and_then(|group| body_of(group));
        let mut seen = 0;
        for Exchange { request, releases, .. } in self.exchanges()? {
            if body_of(request.asker()) == body {
                seen = seen.max(request.seen());
            }
            let of_body = releases.iter().filter(|(_, release)| body_of(release.releaser()) == body);
            seen = of_body.map(|(_, release)| release.seen()).fold(seen, u64::max);
        }
        Ok(seen)
    }

    fn consistency(&self, old: u64, head: &SignedHead) -> Result<(u64, Vec<Bytes>), VaultError> {
        let hashes = proof::consistency(old, head.tree().size, &StoredNodes(&self.store))?;
        Ok((old, to_bytes(&hashes)))
    }

    /// What groups need to open their shares of envelopes: with the shares, or without where the
    /// envelopes go along.
    fn kits(&self, groups: &BTreeSet<String>, covered: &[Covered], shares: bool) -> Result<Vec<Kit>, VaultError> {
        groups.iter().map(|group| self.kit(group, covered, shares)).collect()
    }

    fn kit(&self, group: &str, covered: &[Covered], with_shares: bool) -> Result<Kit, VaultError> {
        let mut keys: BTreeMap<u64, String> = BTreeMap::new();
        let mut sessions: BTreeMap<Id, (u64, Bytes)> = BTreeMap::new();
        let mut shares = Vec::new();
        if with_shares && let Some(epoch) = self.charter().group(group).map(|own| own.epoch) {
            // The one to which the reason is sealed.
            keys.insert(epoch, self.group_key_note(group, epoch)?);
        }
        for (index, one) in covered.iter().enumerate() {
            let session = one.envelope.session;
            let leaves = one.policy.leaves.iter().enumerate().filter(|(_, own)| *own == group);
            for (leaf, _) in leaves {
                if let Entry::Vacant(place) = sessions.entry(session) {
                    let (epoch, file) = self.session_file(&session, group, one.envelope.charter)?;
                    keys.insert(epoch, self.group_key_note(group, epoch)?);
                    place.insert((epoch, Bytes(file)));
                }
                let sealed = one.envelope.sealed_share(leaf).unwrap_or_default().to_vec();
                if with_shares {
                    shares.push((index as u64, session, one.envelope.charter, leaf as u64, Bytes(sealed)));
                }
            }
        }
        Ok(Kit {
            group: group.to_owned(),
            keys: keys.into_values().collect(),
            sessions: sessions.into_iter().map(|(session, (epoch, file))| (session, epoch, file)).collect(),
            shares,
        })
    }

    fn group_key_note(&self, group: &str, epoch: u64) -> Result<String, VaultError> {
        let missing = || VaultError::NoGroupKey { group: group.to_owned() };
        let key = self.store.get(&rows::group_key(group, epoch))?.ok_or_else(missing)?;
        Ok(String::from_utf8_lossy(&key).into_owned())
    }

    /// A group's secret of a session, as it is wrapped to the newest of the group's keys that it was
    /// handed on to.
    fn session_file(&self, session: &Id, group: &str, charter: u64) -> Result<(u64, Vec<u8>), VaultError> {
        let missing = || VaultError::NoSession { session: session.to_string() };
        let began = self.charter_of(charter).and_then(|charter| charter.group(group)).ok_or_else(missing)?.epoch;
        let present = self.charter().group(group).map_or(began, |group| group.epoch);
        for epoch in (began + 1..=present).rev() {
            if let Some(file) = self.store.get(&rows::rewrapped(session, group, epoch))? {
                return Ok((epoch, file));
            }
        }
        let row = self.store.get(&rows::session(session))?.ok_or_else(missing)?;
        let Item::Session(item) = Item::decode(&row)? else { return Err(missing()) };
        Ok((began, item.for_group(group).ok_or_else(missing)?.to_vec()))
    }
}
