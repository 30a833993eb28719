//! Questions to the ledger, and its entries in the formats that others take.
//!
//! Works over entries, charters and nothing else: no key is ever near it, and nothing of it is
//! secret. Who asks for reasons asks the vault.
//!
//! | file | holds |
//! |---|---|
//! | `nature` | what an action means for the records it names |
//! | `who` | who had to do with a record |
//! | `member` | what a member did |
//! | `exposure` | what a member's keys could have opened |
//! | `export` | the entries in the formats of others, with proof that they are complete |
//! | `unusual` | what is out of the ordinary, by rules |
//! | `report` | what a report counts |

pub mod export;
pub mod exposure;
pub mod member;
pub mod nature;
pub mod report;
pub mod unusual;
pub mod who;

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;

pub use exposure::{Exposure, exposure};
pub use member::{Doings, doings};
pub use nature::{Nature, opened_to, opener};
pub use unusual::{Finding, Rule, unusual};
pub use who::{Kin, Sight, sights};

use crate::{
    ledger::{Entry, LedgerError},
    problem::problems,
};

problems! {
    /// What can be wrong with a question.
    pub enum AuditError {
        /// A member whom no charter of the vault names.
        UnknownMember { member: String } = NotFound, "audit-unknown-member",
            "no charter of this vault has a member {member}";
        /// A file of rules that is not one.
        BadRules { why: String } = Input, "audit-bad-rules",
            "these are not rules for what is unusual: {why}";
        /// A file of an export could not be read or written.
        Io { path: String, source: std::io::Error } = Storage, "export-io",
            "{path}: {source}";
        /// The place of an export is taken.
        ExportExists { path: String } = Input, "export-exists",
            "{path} exists already";
        /// Not a manifest.
        BadManifest { why: String } = Input, "export-bad-manifest",
            "this is not the manifest of an export: {why}";
        /// Signed by another log, or not at all.
        OtherLog { origin: String } = Integrity, "export-other-log",
            "the checkpoint of {origin} is not signed by the log that was named";
        /// A witness whose word was wanted has not cosigned.
        NotCosigned { witness: String } = Integrity, "export-not-cosigned",
            "{witness} has cosigned neither the checkpoint nor one before it";
        /// A file that is not what the manifest says.
        FileChanged { path: String } = Integrity, "export-file-changed",
            "{path} is not as the manifest says";
        /// Entries that are not those of the range.
        Incomplete { first: u64, next: u64 } = Integrity, "export-incomplete",
            "the entries are not all from {first} until before {next} of the signed ledger";
        /// Events that do not follow from the entries.
        EventsDiffer { path: String } = Integrity, "export-events-differ",
            "{path} does not say what the entries beside it say";
        /// Events that another version has made.
        NotCompared = Newer, "export-not-compared",
            "the entries are sound and complete, but whether the events say the same is not known: another version made them";
        /// Not a state of exports.
        BadState { path: String } = Input, "export-bad-state",
            "{path} does not hold how far exports have come";
        /// A state of another vault, format or recipient.
        OtherState { path: String } = Input, "export-other-state",
            "{path} is of another vault, format or recipient";
        /// The ledger is not the one that was exported before.
        OtherPast { path: String, next: u64 } = Integrity, "export-other-past",
            "the first {next} entries of the ledger are not those that were exported by {path}";
        /// A time in which nothing was done.
        NothingToExport = NotFound, "export-nothing",
            "the ledger has no entries of that time under its checkpoint";
        /// A recipient whose name is none.
        BadRecipient { name: String } = Usage, "export-bad-recipient",
            "{name} is not a usable name of a recipient: lower case letters, digits and hyphens, beginning with a letter";
        /// A pseudonym of nobody.
        NoPseudonym { pseudonym: String, recipient: String } = NotFound, "export-no-pseudonym",
            "no record of this ledger has the pseudonym {pseudonym} for {recipient}";
    }
    transparent {
        /// From the ledger.
        Ledger(LedgerError);
    }
}

impl AuditError {
    /// An error of a file.
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> AuditError + use<> {
        let path = path.display().to_string();
        move |source| AuditError::Io { path: path.clone(), source }
    }
}

/// A stretch of time: from its beginning on, until before its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// The first moment; `None` for the first entry.
    pub since: Option<Timestamp>,
    /// The first moment after it; `None` for now.
    pub until: Option<Timestamp>,
}

impl Span {
    /// Whether a moment is in it.
    pub fn has(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// Names of fields by class, as entries have them.
pub type Fields = BTreeMap<String, Vec<String>>;

/// Adds fields to fields; each stands there once, in order.
pub(crate) fn add_fields(to: &mut Fields, more: &Fields) {
    for (class, fields) in more {
        add_class(to, class, fields);
    }
}

/// The same, of one class.
pub(crate) fn add_class(to: &mut Fields, class: &str, fields: &[String]) {
    let own = match to.get_mut(class) {
        Some(own) => own,
        None => to.entry(class.to_owned()).or_default(),
    };
    for field in fields {
        if let Err(at) = own.binary_search(field) {
            own.insert(at, field.clone());
        }
    }
}

/// Entries of a stretch of time, of a ledger that is being read.
pub(crate) fn within<E>(
    entries: impl IntoIterator<Item = Result<Entry, E>>,
    span: Span,
) -> impl Iterator<Item = Result<Entry, E>> {
    entries.into_iter().filter(move |entry| entry.as_ref().map_or(true, |entry| span.has(entry.time)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        crypto::sign::SigningKey,
        id::Id,
        ledger::{Action, EntryDraft, Line, Outcome, Subject, entry::Owner},
    };

    /// A ledger that is put together entry by entry.
    #[derive(Default)]
    pub struct Told(pub Vec<Entry>);

    impl Told {
        /// Tells of an action on records of one kind.
        pub fn say(&mut self, time: &str, actor: &str, action: Action, outcome: Outcome, subjects: Vec<Subject>) {
            let draft = EntryDraft {
                seq: self.0.len() as u64,
                time: time.parse().unwrap(),
                actor: actor.into(),
                group: "handayani/registry".into(),
                action,
                purpose: Some("care".into()),
                subjects,
                payload: None,
                outcome,
                detail: None,
                charter: 1,
                root: [0; 32],
            };
            let key = SigningKey::from_seed(&[5; 32]).unwrap();
            self.0.push(Line::sign(draft, &key, &Id([1; 16])).unwrap().entry().clone());
        }

        /// The entries, as a reader gives them.
        pub fn read(&self) -> impl Iterator<Item = Result<Entry, AuditError>> + '_ {
            self.0.iter().cloned().map(Ok)
        }
    }

    /// Records of one kind, with one field of a class.
    pub fn subject(kind: &str, class: &str, field: &str, records: &[u8], of: Option<u8>) -> Subject {
        let id = |number: u8| Id([number; 16]);
        Subject {
            kind: kind.into(),
            version: 1,
            fields: BTreeMap::from([(class.into(), vec![field.into()])]),
            records: records.iter().map(|number| id(*number)).collect(),
            of: of.map(|of| vec![Owner(Some(id(of))); records.len()]).unwrap_or_default(),
        }
    }

    #[test]
    fn fields_are_added_once_and_in_order() {
        let of = |fields: &[&str]| Fields::from([("a".into(), fields.iter().map(|f| (*f).to_owned()).collect())]);
        let mut all = of(&["b"]);
        add_fields(&mut all, &of(&["c", "a", "b"]));
        assert_eq!(all, of(&["a", "b", "c"]));
    }

    #[test]
    fn a_span_has_its_beginning_and_not_its_end() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let span = Span { since: Some(at(5)), until: Some(at(7)) };
        let has: Vec<_> = (4..9).filter(|second| span.has(at(*second))).collect();
        assert_eq!(has, [5, 6]);
        assert!(Span::default().has(at(0)));
    }
}
