//! FHIR R4 AuditEvent by the patterns of IHE BALP 1.1.3: an event for each record of each entry, so
//! that each has the one patient whom it is about.
//!
//! The profiles of BALP are for what succeeded. What was refused or failed has the same parts, an
//! outcome of 8 or 4 with the reason beside it, and claims no profile.

use serde_json::{Value, json};

use super::{Deed, Disclosed, Origin, done};
use crate::{
    id::Id,
    ledger::{Outcome, Subject},
};

const PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

/// The kind of the records that are people in care. Other records are about the person that they
/// belong to.
const PERSON: &str = "child";

/// What is told of a kind of deed.
struct Pattern {
    profile: &'static str,
    action: &'static str,
    interaction: &'static str,
    client: (&'static str, &'static str, &'static str),
    server: (&'static str, &'static str, &'static str),
    user: (&'static str, &'static str),
}

const SOURCE: (&str, &str, &str) = (DICOM, "110153", "Source Role ID");
const DESTINATION: (&str, &str, &str) = (DICOM, "110152", "Destination Role ID");

impl Pattern {
    fn of(deed: Deed) -> Option<Pattern> {
        let author = ("AUT", "author (originator)");
        Some(match deed {
            Deed::Read => Pattern {
                profile: "Read",
                action: "R",
                interaction: "read",
                client: DESTINATION,
                server: SOURCE,
                user: ("IRCP", "information recipient"),
            },
            Deed::Create => Pattern {
                profile: "Create",
                action: "C",
                interaction: "create",
                client: SOURCE,
                server: DESTINATION,
                user: author,
            },
            Deed::Update => Pattern {
                profile: "Update",
                action: "U",
                interaction: "update",
                client: SOURCE,
                server: DESTINATION,
                user: author,
            },
            Deed::Delete => Pattern {
                profile: "Delete",
                action: "D",
                interaction: "delete",
                client: (DICOM, "110150", "Application"),
                server: ("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "custodian", "Custodian"),
                user: author,
            },
            Deed::Other => return None,
        })
    }
}

pub(super) fn events(entry: &Disclosed, origin: &Origin<'_>) -> Vec<Value> {
    let pattern = Pattern::of(Deed::of(entry));
    let mut out = Vec::new();
    for subject in &entry.subjects {
        for (at, record) in subject.records.iter().enumerate() {
            let owner = subject.of.get(at).and_then(|of| of.0);
            let patient = if subject.kind == PERSON { Some(*record) } else { owner };
            out.push(match &pattern {
                Some(pattern) => of_record(entry, origin, pattern, subject, record, patient, out.len()),
                None => of_other(entry, origin, subject, record, patient, out.len()),
            });
        }
    }
    if out.is_empty() {
        out.push(of_none(entry, origin));
    }
    out
}

fn of_record(
    entry: &Disclosed,
    origin: &Origin<'_>,
    pattern: &Pattern,
    subject: &Subject,
    record: &Id,
    patient: Option<Id>,
    number: usize,
) -> Value {
    let mut event = common(entry, origin, number);
    event["type"] = coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "Restful Operation");
    event["subtype"] = json!([coding(INTERACTION, pattern.interaction, pattern.interaction)]);
    event["action"] = json!(pattern.action);
    let network = json!({ "address": format!("urn:amanah:vault:{}", origin.vault), "type": "5" });
    let agent = |role: (&str, &str, &str), who: Value| json!({ "type": { "coding": [coding(role.0, role.1, role.2)] }, "who": who, "requestor": false, "network": network });
    let mut agents =
        vec![agent(pattern.client, software(origin)), agent(pattern.server, vault(origin)), user(entry, pattern.user)];
    if let Some(by) = entry.admitted_by() {
        agents.push(member(by, ("INF", "informant"), false));
    }
    event["agent"] = json!(agents);
    let erased = pattern.profile == "Delete";
    event["entity"] = json!(about(origin, subject, record, patient, erased));
    if done(entry) && (patient.is_some() || !erased) {
        let about = if patient.is_some() { "Patient" } else { "" };
        event["meta"] = json!({ "profile": [format!("{PROFILES}{about}{}", pattern.profile)] });
    }
    event
}

/// The patient, where there is one, and the record.
fn about(origin: &Origin<'_>, subject: &Subject, record: &Id, patient: Option<Id>, erased: bool) -> Vec<Value> {
    let mut data = json!({
        "what": named(&records(origin), &record.to_string(), &subject.kind),
        "type": coding(ENTITY_TYPE, "2", "System Object"),
        "role": coding(ROLE, "4", "Domain Resource"),
    });
    // The pattern of a deletion has room for nothing more.
    if !erased {
        let mut detail = vec![detail("version", subject.version.to_string())];
        detail.extend(
            subject.fields.iter().map(|(class, fields)| self::detail(&format!("fields of {class}"), fields.join(" "))),
        );
        data["detail"] = json!(detail);
    }
    let mut entities = Vec::new();
    if let Some(patient) = patient {
        let mut what = named(&records(origin), &patient.to_string(), PERSON);
        what["type"] = json!("Patient");
        entities.push(json!({
            "what": what,
            "type": coding(ENTITY_TYPE, "1", "Person"),
            "role": coding(ROLE, "1", "Patient"),
        }));
    }
    entities.push(data);
    entities
}

/// Of a record with which something was done that BALP has no pattern for, as when it was asked for.
fn of_other(
    entry: &Disclosed,
    origin: &Origin<'_>,
    subject: &Subject,
    record: &Id,
    patient: Option<Id>,
    number: usize,
) -> Value {
    let mut event = of_activity(entry, origin, number);
    event["entity"] = json!(about(origin, subject, record, patient, false));
    event
}

/// Of an entry that names no record: what is done to the vault itself, or a search that found none.
fn of_none(entry: &Disclosed, origin: &Origin<'_>) -> Value {
    let mut event = of_activity(entry, origin, 0);
    let mut what = json!({
        "what": vault(origin),
        "type": coding(ENTITY_TYPE, "2", "System Object"),
        "role": coding(ROLE, "4", "Domain Resource"),
    });
    let details: Vec<Value> = entry
        .subjects
        .iter()
        .flat_map(|subject| subject.fields.iter().map(move |fields| (&subject.kind, fields)))
        .map(|(kind, (class, fields))| detail(&format!("fields of {class} of {kind}"), fields.join(" ")))
        .collect();
    if !details.is_empty() {
        what["detail"] = json!(details);
    }
    event["entity"] = json!([what]);
    event
}

/// What is said of an activity without a pattern, but what it was about.
fn of_activity(entry: &Disclosed, origin: &Origin<'_>, number: usize) -> Value {
    let mut event = common(entry, origin, number);
    event["type"] = coding(DICOM, "110100", "Application Activity");
    event["subtype"] = json!([coding("urn:amanah:action", entry.action.name(), entry.action.name())]);
    event["action"] = json!("E");
    event["agent"] = json!([user(entry, ("AUT", "author (originator)"))]);
    event
}

fn common(entry: &Disclosed, origin: &Origin<'_>, number: usize) -> Value {
    let outcome = match entry.outcome {
        Outcome::Ok => "0",
        Outcome::Failed => "4",
        Outcome::Refused => "8",
    };
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": format!("{}-{}-{number}", origin.vault, entry.seq),
        "recorded": entry.time_text(),
        "outcome": outcome,
        "source": {
            "site": origin.name,
            "observer": vault(origin),
            "type": [coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")],
        },
    });
    if !done(entry) {
        let name = entry.outcome.name();
        // What is said of a statement is whose it is.
        let said = entry.detail.as_deref().filter(|_| entry.admitted_by().is_none());
        event["outcomeDesc"] = said.map_or_else(|| json!(name), |said| json!(format!("{name}: {said}")));
    }
    if let Some(purpose) = &entry.purpose {
        event["purposeOfEvent"] = json!([{ "coding": [{ "system": "urn:amanah:purpose", "code": purpose }] }]);
    }
    event
}

fn user(entry: &Disclosed, role: (&str, &str)) -> Value {
    let mut agent = member(entry.doer(), role, true);
    if let Some(group) = entry.doers_group() {
        agent["role"] = json!([{ "coding": [{ "system": "urn:amanah:group", "code": group }] }]);
    }
    agent
}

fn member(name: &str, role: (&str, &str), requestor: bool) -> Value {
    json!({
        "type": { "coding": [coding(PARTICIPATION, role.0, role.1)] },
        "who": named("urn:amanah:member", name, name),
        "name": name,
        "requestor": requestor,
    })
}

fn software(origin: &Origin<'_>) -> Value {
    named("urn:amanah:software", &format!("amanah {}", origin.version), "Amanah")
}

fn vault(origin: &Origin<'_>) -> Value {
    named("urn:amanah:vault", &origin.vault.to_string(), origin.name)
}

fn records(origin: &Origin<'_>) -> String {
    format!("urn:amanah:record:{}", origin.vault)
}

fn named(system: &str, value: &str, display: &str) -> Value {
    json!({ "identifier": { "system": system, "value": value }, "display": display })
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

fn detail(kind: &str, value: String) -> Value {
    json!({ "type": kind, "valueString": value })
}
