//! The rules that the walk meets: charters, schemas and keys, and the sessions that are sealed under
//! them.

use std::sync::Arc;

use super::{
    super::{
        amend::{Brought, check_brought, check_rewrap},
        error::VaultError,
        item::{RewrapItem, SessionItem},
        rows,
    },
    Walk,
};
use crate::{
    custody::{Charter, GroupKey},
    id::Id,
    ledger::{Action, Entry},
    records::schema::Schema,
};

impl Walk<'_> {
    /// A charter: the vault's first, or one that has to be found good with all that came with it.
    pub(super) fn charter(&mut self, entry: &Entry, note: &[u8], brought: &mut Brought) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let charter = Charter::parse(note)?;
        self.row(&rows::charter(charter.version()), note);
        if brought.charter.is_some() {
            return Err(bad("it brings two charters"));
        }
        if entry.action == Action::VaultCreate {
            if charter.vault() != self.vault || charter.version() != 1 {
                return Err(bad("it brings a charter that is not this vault's first"));
            }
            charter.verify_founder(&entry.actor)?;
            self.begins.insert(1, entry.seq);
            self.charters.insert(1, charter.clone());
        }
        brought.charter = Some(charter);
        Ok(())
    }

    pub(super) fn schema(&mut self, entry: &Entry, toml: &str) -> Result<(), VaultError> {
        let schema = Schema::parse(toml)?;
        if !matches!(entry.action, Action::VaultCreate | Action::SchemaAmend) {
            let why = "it brings a schema without saying so";
            return Err(VaultError::BadEntry { sequence: entry.seq, why });
        }
        if let Some(last) = self.schemas.values().next_back() {
            schema.extends(last)?;
        }
        self.row(&rows::schema(schema.version()), toml.as_bytes());
        self.schemas.insert(schema.version(), Arc::new(schema));
        Ok(())
    }

    pub(super) fn group_key(&mut self, entry: &Entry, note: &[u8], brought: &mut Brought) -> Result<(), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let key = GroupKey::parse(note)?;
        let charter = brought.charter.as_ref().ok_or_else(|| bad("it brings a key before a charter"))?;
        key.verify(|name| charter.member(name))?;
        let group = charter.group(&key.group);
        if group.is_none_or(|group| group.recipient != key.recipient || group.epoch != key.epoch) {
            return Err(bad("it brings a group key that is not the charter's"));
        }
        self.row(&rows::group_key(&key.group, key.epoch), note);
        brought.keys.push(key);
        Ok(())
    }

    pub(super) fn session(&mut self, entry: &Entry, session: &SessionItem) -> Result<(), VaultError> {
        let charter = self.charters.get(&session.charter);
        let groups = charter.into_iter().flat_map(Charter::session_groups).map(|group| &group.id);
        if session.charter != entry.charter || !session.wrapped.iter().map(|(group, _)| group).eq(groups) {
            let why = "it brings a session that is not for the groups of its charter";
            return Err(VaultError::BadEntry { sequence: entry.seq, why });
        }
        self.sessions.insert(session.id, session.charter);
        Ok(())
    }

    /// Sessions handed on to a group's new key.
    pub(super) fn rewrap(&mut self, entry: &Entry, rewrap: &RewrapItem) -> Result<(), VaultError> {
        let why = "it names a charter that is not there";
        let charter = self.charters.get(&entry.charter).ok_or(VaultError::BadEntry { sequence: entry.seq, why })?;
        let began = |session: &Id| {
            let charter = self.sessions.get(session).and_then(|version| self.charters.get(version));
            let own = charter.filter(|charter| !charter.keeps_ledger(&rewrap.group));
            Ok(own.and_then(|charter| charter.group(&rewrap.group)).map(|group| group.epoch))
        };
        let at = |session: &Id| (*session, rewrap.group.clone(), rewrap.epoch);
        check_rewrap(entry, rewrap, charter, began, |session| Ok(self.handed_on.contains(&at(session))))?;
        for (session, file) in &rewrap.sessions {
            self.row(&rows::rewrapped(session, &rewrap.group, rewrap.epoch), file);
            self.handed_on.insert(at(session));
        }
        Ok(())
    }

    /// What an entry after the first has brought is good together, and is in force from here on.
    pub(super) fn amended(&mut self, entry: &Entry, brought: Brought) -> Result<(), VaultError> {
        check_brought(entry, || self.charters.values().collect(), &brought)?;
        if let Some(charter) = brought.charter {
            let schema = self.schemas.values().next_back();
            schema.map(|schema| schema.check_classes(|class| charter.class(class).is_some())).transpose()?;
            self.row(&rows::begin(charter.version()), &entry.seq.to_be_bytes());
            self.begins.insert(charter.version(), entry.seq);
            self.charters.insert(charter.version(), charter);
        }
        Ok(())
    }
}
