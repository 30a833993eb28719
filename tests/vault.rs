//! The vault's main job, through the library: in, out, refused, verified.
#![allow(missing_docs)]

mod common;

use amanah::{
    ledger::{Action, Outcome},
    records::value::Value,
    vault::{self, Access, Reason, Revealed, VaultError, verify},
};
use common::{CARE, CLINICAL, HEAD, KPAI, REGISTRY, World, draft};

const CHILD: [(&str, &str); 6] = [
    ("child_code", "SHA-2016-001"),
    ("full_name", "Contoh Anak"),
    ("nik", "9901015203100001"),
    ("birth_date", "2010-03-12"),
    ("sex", "female"),
    ("disability", "none"),
];

fn text(shown: &vault::Shown, field: &str) -> String {
    shown.value(field).and_then(Value::as_text).unwrap_or("?").to_owned()
}

#[test]
fn written_read_corrected_and_verified() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let schema = vault.schema().clone();
    let written = vault.create_record(&mut siti, CARE, "child", &draft(&schema, "child", &CHILD)).unwrap();
    vault.close(&mut siti).unwrap();

    let (mut vault, mut siti) = world.open(REGISTRY);
    assert!(!vault.was_rebuilt());
    let shown = vault.read_record(&mut siti, CARE, &written.record, None, None).unwrap();
    assert_eq!(text(&shown, "full_name"), "Contoh Anak");
    let sealed: Vec<_> = shown.cells.iter().filter(|c| c.content == Revealed::Sealed).map(|c| &*c.class).collect();
    assert!(!sealed.is_empty() && sealed.iter().all(|class| *class == "sensitive"), "{sealed:?}");

    let correction = draft(&schema, "child", &[("full_name", "Contoh Anak Dua")]);
    let second = vault.update_record(&mut siti, CARE, &written.record, &correction).unwrap();
    assert_eq!(second.version, 2);
    let now = vault.read_record(&mut siti, CARE, &written.record, None, None).unwrap();
    assert_eq!((text(&now, "full_name"), text(&now, "nik")), ("Contoh Anak Dua".into(), CHILD[2].1.into()));
    let then = vault.read_record(&mut siti, CARE, &written.record, None, Some(1)).unwrap();
    assert_eq!(text(&then, "full_name"), "Contoh Anak");
    let history = vault.history(&mut siti, CARE, &written.record).unwrap();
    assert_eq!(history.iter().map(|v| (v.version, v.fields.len() > 1)).collect::<Vec<_>>(), [(1, true), (2, false)]);
    vault.close(&mut siti).unwrap();

    let findings = verify(&world.vault_dir(), &world.options()).unwrap();
    assert_eq!((findings.entries, findings.versions, findings.torn_lines), (7, 2, 0));
    assert!(findings.rows.is_some() && findings.checkpoint == Some(7) && findings.remembered == Some(7));
    let (vault, mut siti) = world.open(REGISTRY);
    assert!(!vault.was_rebuilt(), "verifying leaves a sound store as it is");
    vault.close(&mut siti).unwrap();
}

#[test]
fn a_reason_is_read_by_ones_own_body_and_by_oversight() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let schema = vault.schema().clone();
    let child = vault.create_record(&mut siti, CARE, "child", &draft(&schema, "child", &CHILD)).unwrap().record;
    let before = vault.size();
    let why = Access { purpose: Some("care"), reason: Some("the family asked") };
    vault.read_record(&mut siti, why, &child, None, None).unwrap();
    vault.close(&mut siti).unwrap();
    for member in [REGISTRY, CLINICAL, KPAI] {
        let (mut vault, mut actor) = world.open(member);
        let entry = vault.line(before).unwrap().entry().clone();
        assert!(!format!("{entry:?}").contains("family asked"));
        let reasons = vault.read_reasons(&mut actor, why, &[before].into()).unwrap();
        assert_eq!(reasons[&before], Reason::Told("the family asked".to_owned()), "{member}");
        vault.close(&mut actor).unwrap();
    }
    // An overseer's reason is not for the centre to read.
    let (mut vault, mut ani) = world.open(KPAI);
    let before = vault.size();
    let why = Access { purpose: Some("oversight"), reason: Some("a complaint") };
    vault.read_record(&mut ani, why, &child, None, None).unwrap();
    vault.close(&mut ani).unwrap();
    let (mut vault, mut siti) = world.open(REGISTRY);
    assert_eq!(vault.read_reasons(&mut siti, CARE, &[before].into()).unwrap()[&before], Reason::Sealed);
    vault.close(&mut siti).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn each_sees_what_the_charter_gives_them() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let schema = vault.schema().clone();
    let child = vault.create_record(&mut siti, CARE, "child", &draft(&schema, "child", &CHILD)).unwrap().record;
    let fields = [("intake_date", "2016-05-01"), ("repatriation", "Contoh"), ("legal_basis", "public_task")];
    let intake = vault::Draft { of: Some(child), ..draft(&schema, "intake", &fields) };
    let intake = vault.create_record(&mut siti, CARE, "intake", &intake).unwrap().record;
    vault.close(&mut siti).unwrap();

    let name = ["full_name".to_owned()];
    let disability = ["disability".to_owned()];
    for (member, opens, refused) in [(REGISTRY, &name, &disability), (CLINICAL, &disability, &name)] {
        let (mut vault, mut actor) = world.open(member);
        vault.read_record(&mut actor, CARE, &child, Some(opens), None).unwrap();
        let before = vault.size();
        let error = vault.read_record(&mut actor, CARE, &child, Some(refused), None).unwrap_err();
        assert!(matches!(error, VaultError::Sealed { .. }), "{error}");
        assert_eq!(vault.size(), before + 1);
        let entry = vault.line(before).unwrap().entry().clone();
        assert_eq!((entry.outcome, entry.action, entry.actor.as_str()), (Outcome::Refused, Action::RecordRead, member));
        vault.close(&mut actor).unwrap();
    }
    let (mut vault, mut ratna) = world.open(HEAD);
    let error = vault.read_record(&mut ratna, CARE, &intake, Some(&["repatriation".to_owned()]), None);
    let Err(VaultError::Sealed { coalitions, .. }) = error else { panic!("{error:?}") };
    assert!(coalitions.contains("handayani/head + kpai/reviewers"), "{coalitions}");
    vault.close(&mut ratna).unwrap();
    let (mut vault, mut ani) = world.open(KPAI);
    let shown =
        vault.read_record(&mut ani, Access { purpose: Some("oversight"), reason: Some("x") }, &child, None, None);
    let cells = shown.unwrap().cells;
    assert!(cells.iter().all(|cell| cell.content == Revealed::Sealed));
    let error = vault.create_record(&mut ani, CARE, "child", &draft(&schema, "child", &CHILD)).unwrap_err();
    assert!(matches!(error, VaultError::MayNot { .. }));
    vault.close(&mut ani).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

/// Names of fields can be long, and many: what one line of the ledger cannot tell, several do.
#[test]
fn a_list_that_no_line_can_tell_is_told_in_several_entries() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let mut text = vault.schema().text().replace("\nversion = 1\n", "\nversion = 2\n");
    text += "\n[[kind]]\nid = \"wide\"\nlabel = { en = \"Wide\", id = \"Lebar\" }\n";
    let names: Vec<String> = (0..190).map(|number| format!("field_with_a_long_name_to_be_told_{number:03}")).collect();
    for (number, name) in names.iter().enumerate() {
        let label = format!("label = {{ en = \"Field {number}\", id = \"Isian {number}\" }}");
        text += &format!("\n[[kind.field]]\nid = \"{name}\"\n{label}\ntype = \"text\"\nclass = \"identity\"\n");
    }
    let schema = amanah::records::schema::Schema::parse(&text).unwrap();
    vault.amend_schema(&mut siti, &schema).unwrap();
    let schema = vault.schema().clone();
    let mut records = Vec::new();
    for edits in 0..9 {
        let new = draft(&schema, "wide", &[(&names[0], "isi")]);
        let record = vault.create_record(&mut siti, CARE, "wide", &new).unwrap().record;
        for _ in 0..edits {
            vault.update_record(&mut siti, CARE, &record, &draft(&schema, "wide", &[(&names[1], "lain")])).unwrap();
        }
        records.push(record);
    }
    let before = vault.size();
    let shown = vault.list_records(&mut siti, CARE, &records, &names, &vault::Unwatched).unwrap();
    assert_eq!(shown.len(), records.len());
    let told: Vec<_> = (before..vault.size())
        .flat_map(|sequence| vault.line(sequence).unwrap().entry().subjects.clone())
        .flat_map(|subject| subject.records)
        .collect();
    assert!(vault.size() > before + 1 && told == records);
    vault.close(&mut siti).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}
