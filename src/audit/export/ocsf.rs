//! OCSF 1.8.0, Datastore Activity (class 6005): an event for each entry.

use serde_json::{Value, json};

use super::{Deed, Disclosed, Origin, done};

/// The version of the schema.
const VERSION: &str = "1.8.0";

const CLASS: u32 = 6005;

pub(super) fn event(entry: &Disclosed, origin: &Origin<'_>) -> Value {
    let (activity, activity_name) = match (Deed::of(entry), entry.action.name()) {
        (Deed::Read, "record.list") => (8, "List"),
        (Deed::Read, "record.find" | "record.check" | "record.duplicates") => (4, "Query"),
        (Deed::Read, _) => (1, "Read"),
        (Deed::Create, _) => (6, "Create"),
        (Deed::Update, _) => (2, "Update"),
        (Deed::Delete, _) => (7, "Delete"),
        (Deed::Other, name) => (99, name),
    };
    let (status, status_name) = if done(entry) { (1, "Success") } else { (2, "Failure") };
    // Break-glass is meant to be seen.
    let (severity, severity_name) = match entry.action.name() {
        "glass.break" => (4, "High"),
        _ if done(entry) => (1, "Informational"),
        _ => (3, "Medium"),
    };
    let mut event = json!({
        "activity_id": activity,
        "activity_name": activity_name,
        "actor": { "user": {
            "name": entry.doer(),
            "uid": entry.doer(),
            "org": { "name": entry.body(), "uid": entry.body() },
        } },
        "category_name": "Application Activity",
        "category_uid": 6,
        "class_name": "Datastore Activity",
        "class_uid": CLASS,
        "count": 1,
        "database": { "name": origin.name, "uid": origin.vault, "type": "Amanah vault", "type_id": 99 },
        "message": format!("{} {} by {}", entry.action.name(), entry.outcome.name(), entry.actor),
        "metadata": {
            "event_code": entry.action.name(),
            "log_name": format!("amanah/{}", origin.vault),
            "original_time": format!("{:.6}", entry.time),
            "product": { "name": "Amanah", "vendor_name": "Amanah", "version": origin.version },
            "sequence": entry.seq,
            "uid": format!("{}/{}", origin.vault, entry.seq),
            "version": VERSION,
        },
        "severity": severity_name,
        "severity_id": severity,
        // The ledger knows institutions, not machines.
        "src_endpoint": { "name": entry.body() },
        "status": status_name,
        "status_id": status,
        "time": entry.time.as_millisecond(),
        "type_name": format!("Datastore Activity: {}", if activity == 99 { "Other" } else { activity_name }),
        "type_uid": CLASS * 100 + activity,
        "unmapped": { "charter": entry.charter, "leaf": entry.leaf, "subjects": entry.subjects },
    });
    if let Some(group) = entry.doers_group() {
        event["actor"]["user"]["groups"] = json!([{ "name": group, "uid": group }]);
    }
    if let Some(by) = entry.admitted_by() {
        event["unmapped"]["admitted_by"] = json!(by);
    }
    if let Some(purpose) = &entry.purpose {
        event["unmapped"]["purpose"] = json!(purpose);
    }
    if let Some(detail) = &entry.detail {
        event["status_detail"] = json!(detail);
        event["status_code"] = json!(entry.outcome.name());
    }
    event
}
