use serde_json::Value;

use super::*;
use crate::{
    audit::tests::{Told, subject},
    ledger::{Action, Entry, Subject},
};

const ORIGIN: Origin<'static> = Origin { vault: &Id([1; 16]), name: "Sentra | Handa=yani", version: "0.1.0" };

fn disclosed(entry: &Entry) -> Disclosed {
    Disclosed {
        seq: entry.seq,
        leaf: data_encoding::BASE64.encode(&[7; 32]),
        time: entry.time,
        actor: entry.actor.clone(),
        group: entry.group.clone(),
        action: entry.action,
        purpose: entry.purpose.clone(),
        subjects: entry.subjects.clone(),
        outcome: entry.outcome,
        detail: entry.detail.clone(),
        charter: entry.charter,
    }
}

fn one(action: Action, outcome: Outcome, subjects: Vec<Subject>) -> Disclosed {
    let mut told = Told::default();
    told.say("2026-11-24T01:02:03.456789Z", "handayani/siti", action, outcome, subjects);
    disclosed(&told.0[0])
}

fn json(format: Format, entry: &Disclosed) -> Vec<Value> {
    let (bytes, count) = format.events(entry, &ORIGIN);
    let text = String::from_utf8(bytes).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len() as u64, count);
    events
}

#[test]
fn an_entry_as_it_goes_out_is_read_again_and_nothing_else() {
    let entry = one(Action::RecordRead, Outcome::Ok, vec![subject("note", "sensitive", "text", &[1, 2], Some(9))]);
    let bytes = entry.to_json().unwrap();
    assert_eq!(Disclosed::parse(&bytes).unwrap(), entry);
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in
        [("\"seq\":0", "\"seq\": 0"), ("\"charter\":1", "\"charter\":1,\"x\":1"), ("Bwc", "B"), ("seq", "sec")]
    {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert!(Disclosed::parse(changed.as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn one_event_for_a_deed_in_ocsf_and_ecs() {
    for (action, activity, kind) in [
        (Action::RecordRead, 1, "access"),
        (Action::RecordList, 8, "access"),
        (Action::RecordFind, 4, "access"),
        (Action::RecordCreate, 6, "creation"),
        (Action::RecordUpdate, 2, "change"),
        (Action::CharterAmend, 99, "info"),
    ] {
        for outcome in [Outcome::Ok, Outcome::Refused, Outcome::Failed] {
            let entry = one(action, outcome, vec![subject("child", "identity", "nik", &[2, 3], None)]);
            let event = &json(Format::Ocsf, &entry)[0];
            assert_eq!((&event["activity_id"], &event["type_uid"]), (&activity.into(), &(600_500 + activity).into()));
            let status = if outcome == Outcome::Ok { (1, "Success") } else { (2, "Failure") };
            assert_eq!((&event["status_id"], &event["status"]), (&status.0.into(), &status.1.into()));
            assert_eq!(event["time"], entry.time.as_millisecond());
            let event = &json(Format::Ecs, &entry)[0];
            assert_eq!(event["event"]["type"][0], kind);
            assert_eq!(event["event"]["type"].as_array().unwrap().len() == 2, outcome == Outcome::Refused);
            assert_eq!(event["@timestamp"], "2026-11-24T01:02:03.456Z");
            assert_eq!(event["amanah"]["records"].as_array().unwrap().len(), 2);
        }
    }
}

#[test]
fn one_event_for_a_patient_in_fhir() {
    let id = |number: u8| Value::from(Id([number; 16]).to_string());
    let entry = one(
        Action::CaseRead,
        Outcome::Ok,
        vec![
            subject("child", "identity", "nik", &[2], Some(8)),
            subject("note", "sensitive", "text", &[3, 4], Some(2)),
            subject("family", "personal", "address", &[8], None),
        ],
    );
    let events = json(Format::Fhir, &entry);
    let patients: Vec<_> = events.iter().map(|event| &event["entity"][0]["what"]["identifier"]["value"]).collect();
    // The child itself, the child of two notes, and a family, which is nobody's.
    assert_eq!(patients, [&id(2), &id(2), &id(2), &id(8)]);
    let profiles: Vec<_> = events.iter().map(|event| event["meta"]["profile"][0].as_str().unwrap()).collect();
    assert!(profiles[..3].iter().all(|profile| profile.ends_with(".PatientRead")) && profiles[3].ends_with(".Read"));
    assert_eq!(events[3]["entity"].as_array().unwrap().len(), 1);
    let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert!(ids.len() == 4 && ids.iter().all(|id| id.len() <= 64));
    let refused = &json(Format::Fhir, &one(Action::RecordRead, Outcome::Refused, vec![entry.subjects[0].clone()]))[0];
    assert_eq!((&refused["outcome"], refused.get("meta")), (&"8".into(), None));
    // What has no pattern is told of each record all the same: who asks for it, who releases it.
    let subjects = vec![entry.subjects[0].clone(), entry.subjects[1].clone()];
    let released = json(Format::Fhir, &one(Action::ReleaseApprove, Outcome::Ok, subjects));
    let about = |event: &Value, at: usize| event["entity"][at]["what"]["identifier"]["value"].clone();
    let about: Vec<_> = released.iter().map(|event| (about(event, 0), about(event, 1))).collect();
    assert_eq!(about, [(id(2), id(2)), (id(2), id(3)), (id(2), id(4))]);
    assert!(released.iter().all(|event| event["type"]["code"] == "110100" && event.get("meta").is_none()));
    let none = &json(Format::Fhir, &one(Action::VaultCreate, Outcome::Ok, Vec::new()))[0];
    assert_eq!(none["type"]["code"], "110100");
}

#[test]
fn what_was_opened_without_the_centre_is_a_reading_of_the_opener() {
    let read = |outcome, opener: &str| {
        let subjects = vec![subject("child", "identity", "nik", &[2], None)];
        let entry = Disclosed { detail: Some(opener.into()), ..one(Action::LedgerAdmit, outcome, subjects) };
        let [ocsf, fhir, ecs] =
            [Format::Ocsf, Format::Fhir, Format::Ecs].map(|format| json(format, &entry).swap_remove(0));
        (ocsf, fhir, ecs, String::from_utf8(Format::Cef.events(&entry, &ORIGIN).0).unwrap())
    };
    let (ocsf, fhir, ecs, cef) = read(Outcome::Ok, "kpai/ani");
    let user = &ocsf["actor"]["user"];
    assert_eq!((&user["name"], &user["org"]["name"], user.get("groups")), (&"kpai/ani".into(), &"kpai".into(), None));
    assert_eq!((&ocsf["activity_id"], &ocsf["unmapped"]["admitted_by"]), (&1.into(), &"handayani/siti".into()));
    assert!(fhir["meta"]["profile"][0].as_str().unwrap().ends_with(".PatientRead"));
    let agents = fhir["agent"].as_array().unwrap();
    let told: Vec<_> =
        agents.iter().map(|agent| (&agent["type"]["coding"][0]["code"], &agent["who"]["display"])).collect();
    assert_eq!(told[2..], [(&"IRCP".into(), &"kpai/ani".into()), (&"INF".into(), &"handayani/siti".into())]);
    assert_eq!((&agents[2]["requestor"], agents[2].get("role")), (&true.into(), None));
    assert_eq!((&ecs["user"]["name"], &ecs["event"]["type"][0]), (&"kpai/ani".into(), &"access".into()));
    assert_eq!(ecs["related"]["user"], serde_json::json!(["kpai/ani", "handayani/siti"]));
    assert!(cef.contains(" suser=kpai/ani ") && cef.contains(" flexString1=handayani/siti ") && !cef.contains("spriv"));
    // Opened it was all the same.
    let (_, fhir, ecs, _) = read(Outcome::Failed, "kpai/ani");
    assert_eq!((&fhir["outcomeDesc"], &ecs["user"]["name"]), (&"failed".into(), &"kpai/ani".into()));
    // What was refused says what was lacking, and nobody's reading.
    let (ocsf, fhir, ..) = read(Outcome::Refused, "right");
    assert_eq!((&ocsf["actor"]["user"]["name"], &ocsf["activity_id"]), (&"handayani/siti".into(), &99.into()));
    assert_eq!(fhir["type"]["code"], "110100");
}

#[test]
fn no_cell_is_a_formula_and_no_row_is_broken() {
    for (cell, safe) in
        [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=b", "a=b")]
    {
        assert_eq!(csv::harmless(cell), safe);
    }
    let mut entry = one(Action::RecordRead, Outcome::Ok, vec![subject("child", "identity", "nik", &[2, 3], None)]);
    entry.detail = Some("=HYPERLINK(\"x\"),\r\n\"".into());
    let (rows, count) = Format::Csv.events(&entry, &ORIGIN);
    let table = [Format::Csv.head(), rows].concat();
    let mut reader = ::csv::Reader::from_reader(&table[..]);
    assert_eq!(reader.headers().unwrap().len(), 16);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len() as u64, count);
    assert_eq!((&rows[1][6], &rows[1][10]), ("'=HYPERLINK(\"x\"),\r\n\"", Id([3; 16]).to_string().as_str()));
    assert!(rows.iter().flat_map(|row| row.iter()).all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    assert_eq!(Format::Csv.events(&one(Action::VaultCreate, Outcome::Ok, Vec::new()), &ORIGIN).1, 1);
}

#[test]
fn cef_escapes_what_would_end_a_field_or_a_line() {
    assert_eq!(cef::in_head("a|b\\c\nd=e"), "a\\|b\\\\c d=e");
    assert_eq!(cef::in_extension("a|b\\c\nd=e\r"), "a|b\\\\c\\nd\\=e\\r");
    let many: Vec<u8> = (0..=255).collect();
    let mut entry = one(Action::RecordList, Outcome::Ok, vec![subject("child", "identity", "nik", &many, None)]);
    entry.detail = Some("x\nCEF:0|forged".into());
    let (bytes, count) = Format::Cef.events(&entry, &ORIGIN);
    let text = String::from_utf8(bytes).unwrap();
    // 256 records take two events, and a line break of the data makes none.
    assert_eq!((count, text.lines().count()), (2, 2));
    for line in text.lines() {
        assert!(line.starts_with("CEF:0|Amanah|Amanah|0.1.0|record.list|record.list ok|2|rt="), "{line}");
        assert!(line.contains("cs5=Sentra | Handa\\=yani ") && line.len() < 5_000, "{line}");
    }
    let named = text.lines().map(|line| line.split("cs4=").nth(1).unwrap().split(' ').count());
    assert_eq!(named.sum::<usize>(), 256);
}

#[test]
fn members_stand_in_the_order_of_their_names() {
    let mut out = Vec::new();
    canonical(&serde_json::json!({ "b": [1, { "z": null, "a": "\u{1}\"" }], "a": true }), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":true,"b":[1,{"a":"\u0001\"","z":null}]}"#);
}
