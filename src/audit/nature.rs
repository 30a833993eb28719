//! What an action means for the records that its entry names.

use crate::ledger::{Action, Entry, Outcome};

/// What an action means for the records that its entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// The fields named were opened and shown to the one who acted.
    Shown,
    /// They were opened and compared by the program; what was opened, the one who acted could have
    /// kept.
    Compared,
    /// They were written. Who writes a value knows it.
    Written,
    /// What is not sealed was looked at or changed: owners, versions, kinds.
    Outside,
}

impl Nature {
    /// Of an action. By its name, which is what a ledger says: an action that this page does not
    /// know names records without opening them.
    pub fn of(action: Action) -> Nature {
        match action.name() {
            "record.read" | "record.list" | "case.read" | "record.find" | "record.export" | "release.open"
            | "glass.break" => Nature::Shown,
            "record.check" | "record.duplicates" | "index.rebuild" => Nature::Compared,
            "record.create" | "record.update" | "record.import" => Nature::Written,
            _ => Nature::Outside,
        }
    }

    /// Whether the fields that the entry names were opened to the one who acted. A failure may
    /// have opened some of them before it failed, so it counts.
    pub fn opened(entry: &Entry) -> bool {
        entry.outcome != Outcome::Refused && matches!(Nature::of(entry.action), Nature::Shown | Nature::Compared)
    }
}

/// The overseer who had opened, without the centre, what an entry names, if it takes in a statement of
/// that.
pub fn opener(entry: &Entry) -> Option<&str> {
    opener_in(entry.action, entry.outcome, entry.detail.as_deref())
}

/// [`opener`] of what an entry says.
pub(super) fn opener_in(action: Action, outcome: Outcome, detail: Option<&str>) -> Option<&str> {
    detail.filter(|_| action.name() == "ledger.admit" && outcome != Outcome::Refused)
}

/// To whom an entry says that fields were opened, if to anybody: to the one who acted, or to the
/// overseer whose statement was taken in.
pub fn opened_to(entry: &Entry) -> Option<&str> {
    opener(entry).or_else(|| Nature::opened(entry).then_some(&*entry.actor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_shows_values_is_known() {
        // An action whose name says that it reads must not fall among those that open nothing.
        for action in Action::ALL {
            let name = action.name();
            let reads = ["read", "list", "find", "export", "open", "show"].iter().any(|verb| name.ends_with(verb));
            assert!(!reads || Nature::of(*action) == Nature::Shown, "{name}");
        }
        assert_eq!(Nature::of(Action::RecordHistory), Nature::Outside);
        assert_eq!(Nature::of(Action::RecordDuplicates), Nature::Compared);
        assert!(Action::ALL.iter().any(|action| action.name() == "ledger.admit"));
    }
}
