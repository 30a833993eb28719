//! What an entry commits: each item of its payload, by what it is.

use super::{
    super::{
        amend::Brought,
        error::VaultError,
        item::{Item, PostingsAt, VersionItem},
        policy,
        recovery::check_paper,
        rows,
    },
    Walk,
};
use crate::{
    crypto::cbor,
    custody::Charter,
    ledger::{Action, Entry},
    store::journal::{self, Position},
};

impl Walk<'_> {
    pub(super) fn payload(
        &mut self,
        entry: &Entry,
        payload: &journal::Payload,
        frame: Position,
    ) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        self.findings.payloads += 1;
        let mut brought = Brought::default();
        self.erased(entry, payload)?;
        for (kept, at) in payload.items.iter().zip(payload.places(frame)) {
            let journal::Item::Live(bytes) = kept else { continue };
            match Item::decode(bytes)? {
                Item::Charter(note) => self.charter(entry, &note, &mut brought)?,
                Item::Schema(toml) => self.schema(entry, &toml)?,
                Item::GroupKey(note) => self.group_key(entry, &note, &mut brought)?,
                Item::LogKey(wrapped) => {
                    let charter =
                        brought.charter.as_ref().ok_or_else(|| bad("it brings a log key without a charter"))?;
                    self.row(&rows::log_key(charter.version()), bytes);
                    brought.log = Some(wrapped);
                }
                Item::Session(session) => {
                    self.session(entry, &session)?;
                    self.row(&rows::session(&session.id), bytes);
                }
                Item::Rewrap(rewrap) => self.rewrap(entry, &rewrap)?,
                Item::Reason(envelope) => {
                    if envelope.class != policy::REASON || envelope.charter != entry.charter {
                        return Err(bad("its reason is not sealed as a reason"));
                    }
                    self.row(&rows::reason(entry.seq), bytes);
                }
                item @ (Item::GlassBroken | Item::Acknowledged(_)) => {
                    let charter = self.charters.get(&entry.charter);
                    let charter = charter.ok_or_else(|| bad("it names a charter that is not there"))?;
                    let (key, row) = self.exchanged.glass(entry, &item, charter)?;
                    self.row(&key, &row);
                }
                item @ (Item::Request(_) | Item::Release(_) | Item::Ending(_) | Item::Statement(_)) => {
                    let charters: Vec<&Charter> = self.charters.values().collect();
                    let key = self.exchanged.item(entry, &item, &charters)?;
                    self.row(&key, &rows::stored_item(entry.seq, bytes));
                }
                Item::Version(version) => {
                    self.version(entry, &version)?;
                    self.stands(entry, &VersionItem::decode_head(bytes)?, at, bytes)?;
                }
                Item::Postings(_) => {
                    let at = at.after(cbor::head_length(bytes.len() as u64) as u64);
                    self.postings(entry, &PostingsAt::find(bytes)?, at)?;
                }
                Item::Epoch(epoch) => self.epoch(entry, epoch, bytes)?,
                Item::Complete(epoch) => self.complete(entry, epoch)?,
                Item::Paper(paper) => {
                    let charter =
                        self.charters.get(&entry.charter).ok_or_else(|| bad("it names a charter that is not there"))?;
                    check_paper(entry, &paper, charter)?;
                    let key = rows::paper(&paper.group, paper.what, entry.seq);
                    self.row(&key, &rows::stored_item(entry.seq, bytes));
                }
                Item::Merged { record, survivor } => self.merged(entry, record, survivor)?,
                Item::Erasure(erasure) => self.erasure(entry, &erasure)?,
                Item::Backup { backup, until } => {
                    let action = if until.is_some() { Action::BackupCreate } else { Action::BackupDrill };
                    let day = until.as_ref().is_none_or(|until| until.parse::<jiff::civil::Date>().is_ok());
                    if entry.action != action || !day {
                        return Err(bad("it speaks of a backup without saying so"));
                    }
                    if let Some(until) = until {
                        self.row(&rows::backup(&backup), &rows::stored_item(entry.seq, until.as_bytes()));
                    }
                }
                Item::Restriction { restricted, records } => self.restriction(entry, restricted, &records)?,
            }
        }
        for (kind, records) in std::mem::take(&mut self.begun) {
            self.row(&rows::kind_in(&kind, entry.seq), &records);
        }
        if entry.seq > 0 { self.amended(entry, brought) } else { Ok(()) }
    }
}
