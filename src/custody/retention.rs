//! What the charter says of the end of records: how long they are kept, and who must agree that
//! they are erased.

use serde::{Deserialize, Serialize};

use crate::id::is_plain_name;

/// Longest time that records can be kept by a rule, in years.
pub const MAX_YEARS: u32 = 200;

/// Who must agree to an erasure: `[erasure]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Whether a second member has to confirm it.
    pub confirm: bool,
}

/// How long records of one kind are kept: `[[retention]]`.
///
/// ```toml
/// [[retention]]
/// kind = "child"
/// keep_years = 10
/// after = "closure.closure_date"
/// until = "closure.retention_until"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The kind of the records.
    pub kind: String,
    /// For so many years.
    pub keep_years: u32,
    /// From which date on: a field of the kind, or `kind.field` of what belongs to the record, of
    /// which the newest counts. Left out: from when the record was last written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// A date that says by itself until when, where it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Retention {
    /// Whether it can be followed, by itself.
    pub(super) fn is_sound(&self) -> bool {
        let date = |name: &Option<String>| match name.as_deref().map(|name| name.split_once('.')) {
            None => true,
            Some(None) => name.as_deref().is_some_and(is_plain_name),
            Some(Some((kind, field))) => is_plain_name(kind) && is_plain_name(field),
        };
        is_plain_name(&self.kind)
            && (1..=MAX_YEARS).contains(&self.keep_years)
            && date(&self.after)
            && date(&self.until)
    }
}
