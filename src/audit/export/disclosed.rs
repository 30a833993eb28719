//! An entry as it goes out.

use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    audit::nature::opener_in,
    crypto::digest::Digest,
    id::{Id, body_of},
    ledger::{Action, LedgerError, Line, Outcome, Subject, entry::Owner, tree::leaf_hash},
};

/// An entry as it goes out: what the ledger says of an action, with pseudonyms in the place of
/// records if it is for a recipient. Without its signature then, which would be of something else;
/// the hash of its line says which entry it is.
///
/// ```text
/// {"seq":7,"leaf":"...","time":"2026-11-24T10:00:00.123456Z","actor":"handayani/siti",...,"outcome":"ok","charter":1}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are those of `Entry`")]
pub struct Disclosed {
    pub seq: u64,
    /// Base64 of the hash of the entry's line, as it is in the ledger's tree.
    pub leaf: String,
    pub time: Timestamp,
    pub actor: String,
    pub group: String,
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub charter: u64,
}

impl Disclosed {
    /// Of a line, with other ids in the place of its records.
    pub fn of(line: &Line, pseudonym: Option<&dyn Fn(&Id) -> Id>) -> Disclosed {
        let entry = line.entry();
        let mut subjects = entry.subjects.clone();
        if let Some(pseudonym) = pseudonym {
            for subject in &mut subjects {
                subject.records.iter_mut().for_each(|record| *record = pseudonym(record));
                subject.of.iter_mut().for_each(|owner| *owner = Owner(owner.0.as_ref().map(pseudonym)));
            }
        }
        Disclosed {
            seq: entry.seq,
            leaf: BASE64.encode(&leaf_hash(line.bytes())),
            time: entry.time,
            actor: entry.actor.clone(),
            group: entry.group.clone(),
            action: entry.action,
            purpose: entry.purpose.clone(),
            subjects,
            outcome: entry.outcome,
            detail: entry.detail.clone(),
            charter: entry.charter,
        }
    }

    /// Reads a line of a file of them: only what [`Disclosed::to_json`] writes.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(bytes: &[u8]) -> Result<Disclosed, LedgerError> {
        let bad = |why: &str| LedgerError::Malformed { why: why.to_owned() };
        let entry: Disclosed = serde_json::from_slice(bytes).map_err(|error| bad(&error.to_string()))?;
        let fits = |subject: &Subject| subject.of.is_empty() || subject.of.len() == subject.records.len();
        if entry.to_json()? != bytes || entry.leaf_hash().is_none() || !entry.subjects.iter().all(fits) {
            return Err(bad("not written in the one way entries are written"));
        }
        Ok(entry)
    }

    /// The line, without its newline.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_json(&self) -> Result<Vec<u8>, LedgerError> {
        serde_json::to_vec(self).map_err(|error| LedgerError::Malformed { why: error.to_string() })
    }

    /// The hash of the entry's line.
    pub fn leaf_hash(&self) -> Option<Digest> {
        BASE64.decode(self.leaf.as_bytes()).ok()?.try_into().ok()
    }

    /// Whose deed it tells of: the one who acted or, where a statement of what an overseer had opened
    /// without the centre was taken in, that overseer.
    pub fn doer(&self) -> &str {
        self.opener().unwrap_or(&self.actor)
    }

    /// Who took a statement in of what [`Disclosed::doer`] had opened, if that is what was done.
    pub fn admitted_by(&self) -> Option<&str> {
        self.opener().map(|_| &*self.actor)
    }

    /// The group that the doer acted for. An entry does not say for which an overseer opened.
    pub fn doers_group(&self) -> Option<&str> {
        self.opener().is_none().then_some(&*self.group)
    }

    /// The body of the doer.
    pub fn body(&self) -> &str {
        body_of(self.doer()).unwrap_or(self.doer())
    }

    fn opener(&self) -> Option<&str> {
        opener_in(self.action, self.outcome, self.detail.as_deref())
    }

    /// Its time as these formats write it, in milliseconds.
    pub fn time_text(&self) -> String {
        format!("{:.3}", self.time)
    }
}
