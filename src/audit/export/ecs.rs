//! Elastic Common Schema 9.4.0: an event for each entry. What ECS has no field for stands below
//! `amanah`, as ECS asks of fields of one's own.

use serde_json::{Value, json};

use super::{Deed, Disclosed, Origin, done};
use crate::ledger::Outcome;

const VERSION: &str = "9.4.0";

pub(super) fn event(entry: &Disclosed, origin: &Origin<'_>) -> Value {
    let deed = Deed::of(entry);
    let kind = match deed {
        Deed::Read => "access",
        Deed::Create => "creation",
        Deed::Update => "change",
        Deed::Delete => "deletion",
        Deed::Other => "info",
    };
    let mut types = vec![kind];
    if entry.outcome == Outcome::Refused {
        types.push("denied");
    }
    let records: Vec<_> = entry.subjects.iter().flat_map(|subject| &subject.records).collect();
    let kinds: Vec<&str> = entry.subjects.iter().map(|subject| subject.kind.as_str()).collect();
    let classes: std::collections::BTreeSet<&String> =
        entry.subjects.iter().flat_map(|subject| subject.fields.keys()).collect();
    let mut event = json!({
        "@timestamp": entry.time_text(),
        "ecs": { "version": VERSION },
        "event": {
            "action": entry.action.name(),
            "category": ["database"],
            "dataset": "amanah.ledger",
            "id": format!("{}/{}", origin.vault, entry.seq),
            "kind": "event",
            "module": "amanah",
            "outcome": if done(entry) { "success" } else { "failure" },
            "provider": "amanah",
            "sequence": entry.seq,
            "type": types,
        },
        "message": format!("{} {} by {}", entry.action.name(), entry.outcome.name(), entry.actor),
        "organization": { "id": origin.vault, "name": origin.name },
        "observer": { "product": "Amanah", "type": "vault", "vendor": "Amanah", "version": origin.version },
        "related": { "user": [entry.doer()] },
        "user": {
            "domain": entry.body(),
            "id": entry.doer(),
            "name": entry.doer(),
        },
        "amanah": {
            "charter": entry.charter,
            "classes": classes,
            "kinds": kinds,
            "leaf": entry.leaf,
            "outcome": entry.outcome.name(),
            "records": records,
            "subjects": entry.subjects,
        },
    });
    if let Some(group) = entry.doers_group() {
        event["user"]["group"] = json!({ "name": group });
    }
    if let Some(by) = entry.admitted_by() {
        event["related"]["user"] = json!([entry.doer(), by]);
        event["amanah"]["admitted_by"] = json!(by);
    }
    if let Some(detail) = &entry.detail {
        event["event"]["reason"] = json!(detail);
    }
    if let Some(purpose) = &entry.purpose {
        event["amanah"]["purpose"] = json!(purpose);
    }
    event
}
