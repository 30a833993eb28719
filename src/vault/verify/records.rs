//! The records that the walk has met: little of each, as they are as many as the vault has.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::super::rows::Head;
use crate::id::Id;

/// The kind of a version, and its fields by class.
pub(super) type Fields = (String, BTreeMap<String, Vec<String>>);

/// The newest version of each record, and what each version can have postings of.
#[derive(Default)]
pub(super) struct Records {
    newest: HashMap<Id, Newest>,
    /// The fields of versions before the newest.
    older: HashMap<(Id, u64), Arc<Fields>>,
    /// All fields that there are, once.
    shared: HashSet<Arc<Fields>>,
}

struct Newest {
    version: u64,
    fields: Arc<Fields>,
    /// [`Id::ZERO`] for none.
    of: Id,
}

impl Records {
    /// Takes the next version of a record; `false` if it does not follow the last one.
    pub(super) fn add(&mut self, record: Id, head: Head, fields: BTreeMap<String, Vec<String>>) -> bool {
        let fields = Arc::new((head.kind, fields));
        let fields = match self.shared.get(&fields) {
            Some(shared) => shared.clone(),
            None => {
                self.shared.insert(fields.clone());
                fields
            }
        };
        let follows = match self.newest.get(&record) {
            None => head.version == 1,
            Some(last) => last.fields.0 == fields.0 && last.version + 1 == head.version,
        };
        if follows {
            let newest = Newest { version: head.version, fields, of: head.of.unwrap_or(Id::ZERO) };
            if let Some(last) = self.newest.insert(record, newest) {
                self.older.insert((record, last.version), last.fields);
            }
        }
        follows
    }

    /// The kind of a record, if it is there.
    pub(super) fn kind(&self, record: &Id) -> Option<&str> {
        self.newest.get(record).map(|newest| newest.fields.0.as_str())
    }

    /// The fields of a version, if it is there.
    pub(super) fn fields(&self, record: Id, version: u64) -> Option<Arc<Fields>> {
        let newest = self.newest.get(&record).filter(|newest| newest.version == version);
        newest.map(|newest| &newest.fields).or_else(|| self.older.get(&(record, version))).cloned()
    }

    /// Takes a record out; how many versions it had, if it was there.
    pub(super) fn remove(&mut self, record: &Id) -> Option<u64> {
        let newest = self.newest.remove(record)?;
        for version in 1..newest.version {
            self.older.remove(&(*record, version));
        }
        Some(newest.version)
    }

    /// All records, in no order: what is known of each.
    pub(super) fn heads(&self) -> impl Iterator<Item = (&Id, Head)> {
        self.newest.iter().map(|(record, newest)| {
            let of = Some(newest.of).filter(|of| *of != Id::ZERO);
            (record, Head { kind: newest.fields.0.clone(), version: newest.version, of })
        })
    }
}
