//! The formats as another program reads them: `tests/decoder`, written in Python from
//! `docs/FORMAT.md`, must find in a vault what the library finds, and refuse what was changed.
//!
//! Wants `python3` (3.11) with the package `cryptography` 48; `AMANAH_SKIP_PYTHON` leaves it out.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use amanah::{
    id::Id,
    vault::{self, Access, Actor, Reason, Revealed, Vault, VaultError, verify},
};
use common::{CARE, CLINICAL, HEAD, KPAI, OMBUDSMAN, REGISTRY, SERVICE, World, draft};
use secrecy::ExposeSecret as _;
use serde_json::Value as Json;

const DECODER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/decoder/decode.py");
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");

/// Whether the tests that want Python are to be left out; fails if they are not and there is none.
fn left_out() -> bool {
    if std::env::var_os("AMANAH_SKIP_PYTHON").is_some() {
        return true;
    }
    let script = "import sys\nfrom cryptography.hazmat.primitives import hpke\nhpke.KEM.MLKEM768_X25519\n\
                  sys.exit(sys.version_info < (3, 11))";
    let found = Command::new("python3").args(["-c", script]).output();
    let ready = found.is_ok_and(|output| output.status.success());
    assert!(ready, "python3 3.11 with the package cryptography 48 is wanted, or set AMANAH_SKIP_PYTHON");
    false
}

fn decode(args: &[&Path], input: &str) -> Output {
    let mut command = Command::new("python3");
    command.arg("-B").arg(DECODER).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What the decoder finds with the keys of these members.
fn decoded(world: &World, members: &[&str]) -> Json {
    let key = |member: &&str| format!("{member} {}\n", world.identity(member).decryption.expose().expose_secret());
    let output = decode(&[&world.vault_dir()], &members.iter().map(key).collect::<String>());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn record<'a>(found: &'a Json, id: &Id) -> &'a Json {
    let id = id.to_string();
    found["records"].as_array().unwrap().iter().find(|record| record["record"] == id.as_str()).unwrap()
}

/// A record as the library shows it, in the decoder's words.
fn shown(shown: &vault::Shown) -> Json {
    let mut fields = serde_json::Map::new();
    for cell in &shown.cells {
        let mut told = serde_json::json!({ "class": *cell.class });
        match &cell.content {
            Revealed::Value(value) => told["value"] = value.to_json(),
            Revealed::Sealed | Revealed::Restricted => {}
            Revealed::Unwritten => continue,
        }
        fields.insert(cell.field.to_string(), told);
    }
    Json::Object(fields)
}

/// A vault with a family, a child of it in three versions, an intake, and reads with reasons.
struct Filled {
    world: World,
    records: BTreeMap<&'static str, Id>,
}

fn create(vault: &mut Vault, actor: &mut Actor, kind: &str, of: Option<Id>, fields: &[(&str, &str)]) -> Id {
    let new = vault::Draft { of, ..draft(vault.schema(), kind, fields) };
    vault.create_record(actor, CARE, kind, &new).unwrap().record
}

fn filled() -> Filled {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let schema = vault.schema().clone();
    let family = create(&mut vault, &mut siti, "family", None, &[("family_code", "KEL-01")]);
    let child = create(
        &mut vault,
        &mut siti,
        "child",
        None,
        &[
            ("child_code", "SHA-2016-001"),
            ("full_name", "Contoh Anak Müller ☂"),
            ("nik", "9901015203100001"),
            ("birth_date", "2010-03-12"),
            ("sex", "female"),
            ("disability", "none"),
        ],
    );
    let intake = [("intake_date", "2016-05-01"), ("repatriation", "Contoh"), ("legal_basis", "public_task")];
    let intake = create(&mut vault, &mut siti, "intake", Some(child), &intake);
    // A field that is given twice is written once.
    let names = [("full_name", "Contoh Dua"), ("full_name", "Contoh Tiga")];
    vault.update_record(&mut siti, CARE, &child, &draft(&schema, "child", &names)).unwrap();
    let link = vault::Draft { of: Some(family), ..vault::Draft::default() };
    vault.update_record(&mut siti, CARE, &child, &link).unwrap();
    let many = |n: usize| {
        draft(&schema, "child", &[("child_code", &format!("SHA-{n}")), ("full_name", "Banyak"), ("sex", "male")])
    };
    let many: Vec<_> = (0..3).map(many).collect();
    vault.import_records(&mut siti, CARE, "child", &many, &vault::Unwatched).unwrap();
    let unchecked = draft(&schema, "child", &[("nik", "9901015203100001")]);
    let twice = vault.check_unique(&mut siti, CARE, "child", &unchecked, None, &vault::Unwatched).unwrap_err();
    assert!(matches!(twice, VaultError::Duplicate { .. }));
    let amended = amanah::records::schema::Schema::parse(&schema.text().replacen("version = 1", "version = 2", 1));
    vault.amend_schema(&mut siti, &amended.unwrap()).unwrap();
    vault.update_record(&mut siti, CARE, &child, &draft(&schema, "child", &[("birth_date", "2010-03-13")])).unwrap();
    vault.history(&mut siti, CARE, &child).unwrap();
    vault.read_case(&mut siti, CARE, &child).unwrap();
    let children = vault.records_of_kind("child").unwrap();
    vault.list_records(&mut siti, CARE, &children, &["full_name".to_owned()], &vault::Unwatched).unwrap();
    vault.close(&mut siti).unwrap();

    let (mut vault, mut ani) = world.open(KPAI);
    let access = Access { purpose: Some("oversight"), reason: Some("pengaduan\nkedua") };
    vault.read_record(&mut ani, access, &child, None, None).unwrap();
    let wanted = ["nik".to_owned()];
    vault.read_record(&mut ani, access, &child, Some(&wanted), None).unwrap_err();
    vault.close(&mut ani).unwrap();
    Filled { world, records: BTreeMap::from([("family", family), ("child", child), ("intake", intake)]) }
}

#[test]
fn a_decoder_written_from_the_page_finds_what_the_library_finds() {
    if left_out() {
        return;
    }
    let Filled { world, records } = filled();
    for member in [REGISTRY, CLINICAL, HEAD, KPAI] {
        let found = decoded(&world, &[member]);
        let (mut vault, mut actor) = world.open(member);
        assert_eq!(found["vault"], vault.id().to_string());
        assert_eq!(found["entries"], vault.size());
        let entries: Vec<_> = vault.entries().unwrap().collect();
        let why = Access { purpose: Some("oversight"), reason: Some("perbandingan") };
        let reasons = vault.read_reasons(&mut actor, why, &(0..vault.size()).collect()).unwrap();
        for (sequence, entry) in entries.into_iter().enumerate() {
            let (entry, told) = (entry.unwrap(), &found["log"][sequence]);
            assert_eq!(told["action"], entry.action.name());
            assert_eq!(told["outcome"], entry.outcome.name());
            let reason = match reasons.get(&entry.seq) {
                Some(Reason::Told(words)) => Some(words.as_str()),
                _ => None,
            };
            assert_eq!(told["reason"].as_str(), reason, "entry {sequence} for {member}");
        }
        let reasons = found["log"].as_array().unwrap().iter().filter(|entry| entry["reason"] == "pengaduan\nkedua");
        assert_eq!(reasons.count(), if member == KPAI { 2 } else { 0 }, "{member}");
        for card in vault.charter().clone().members() {
            assert_eq!(found["fingerprints"][&card.member], card.fingerprint());
        }
        for (name, id) in &records {
            let told = record(&found, id);
            let newest = vault.read_record(&mut actor, why, id, None, None).unwrap();
            assert_eq!(told["present"], shown(&newest), "{name} for {member}");
            assert_eq!(told["of"].as_str(), newest.of.map(|of| of.to_string()).as_deref());
            let history = vault.history(&mut actor, why, id).unwrap();
            assert_eq!(told["versions"].as_array().unwrap().len(), history.len());
            for (version, told) in history.iter().zip(told["versions"].as_array().unwrap()) {
                assert_eq!((&told["version"], &told["schema"]), (&version.version.into(), &version.schema.into()));
                assert_eq!(told["of"].as_str(), version.of.map(|of| of.to_string()).as_deref());
                let mut fields: Vec<_> = told["fields"].as_object().unwrap().keys().cloned().collect();
                let mut wanted = version.fields.clone();
                fields.sort();
                wanted.sort();
                assert_eq!(fields, wanted);
            }
        }
        vault.close(&mut actor).unwrap();
    }
}

#[test]
fn two_bodies_keys_together_open_what_one_does_not() {
    if left_out() {
        return;
    }
    let Filled { world, records } = filled();
    let (mut vault, mut ratna) = world.open(HEAD);
    let why = Access { purpose: Some("oversight"), reason: Some("x") };
    let child = shown(&vault.read_record(&mut ratna, why, &records["child"], None, None).unwrap());
    vault.close(&mut ratna).unwrap();
    // The head reads all but sealed fields of a child; two overseers together read the same.
    let together = decoded(&world, &[KPAI, OMBUDSMAN]);
    assert_eq!(record(&together, &records["child"])["present"]["full_name"], child["full_name"]);
    assert_eq!(child["full_name"]["value"], "Contoh Dua");
    let repatriation = |found: &Json| record(found, &records["intake"])["present"]["repatriation"].clone();
    let sealed = serde_json::json!({ "class": "sealed" });
    let opened = serde_json::json!({ "class": "sealed", "value": "Contoh" });
    for one in [REGISTRY, CLINICAL, HEAD, KPAI, OMBUDSMAN] {
        assert_eq!(repatriation(&decoded(&world, &[one])), sealed, "{one}");
    }
    for pair in [[HEAD, KPAI], [HEAD, OMBUDSMAN], [KPAI, OMBUDSMAN]] {
        assert_eq!(repatriation(&decoded(&world, &pair)), opened, "{pair:?}");
    }
    assert_eq!(repatriation(&decoded(&world, &[REGISTRY, KPAI])), sealed);
}

#[test]
fn the_key_of_a_service_that_keeps_the_ledger_opens_nothing() {
    if left_out() {
        return;
    }
    let world = World::with_service();
    let (mut vault, mut siti) = world.found();
    let fields = [("child_code", "A-1"), ("full_name", "Contoh"), ("nik", "9901015203100001"), ("sex", "male")];
    let child = create(&mut vault, &mut siti, "child", None, &fields);
    let why = Access { purpose: Some("oversight"), reason: Some("pengaduan") };
    vault.read_record(&mut siti, why, &child, None, None).unwrap();
    vault.close(&mut siti).unwrap();
    let (officer, service) = (decoded(&world, &[REGISTRY]), decoded(&world, &[SERVICE]));
    let values = |found: &Json| {
        let fields = record(found, &child)["present"].as_object().unwrap().clone();
        fields.values().filter(|field| field.get("value").is_some()).count()
    };
    let reasons =
        |found: &Json| found["log"].as_array().unwrap().iter().filter(|entry| entry["reason"].is_string()).count();
    assert_eq!((values(&officer) >= 4, reasons(&officer)), (true, 1));
    assert_eq!((values(&service), reasons(&service)), (0, 0));
}

#[test]
fn the_decoder_passes_over_torn_lines_and_refuses_changes() {
    if left_out() {
        return;
    }
    let Filled { world, .. } = filled();
    let entries = decoded(&world, &[])["entries"].clone();
    let ledger = world.vault_dir().join("ledger/000001.jsonl");
    let whole = fs::read(&ledger).unwrap();
    let half = [&whole[..], b"{\"v\":1,\"seq\":"].concat();
    fs::write(&ledger, &half).unwrap();
    let found = decoded(&world, &[]);
    assert_eq!((&found["entries"], &found["torn_lines"]), (&entries, &1.into()));

    // A power cut can leave anything behind the last frame that is committed.
    let journal = world.vault_dir().join("journal/000001.amj");
    let frames = fs::read(&journal).unwrap();
    for behind in [&[0, 0, 1][..], &[0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 0, 7], &[9; 100]] {
        fs::write(&journal, [&frames[..], behind].concat()).unwrap();
        assert_eq!(decoded(&world, &[]), found, "{behind:?}");
        verify(&world.vault_dir(), &world.options()).unwrap();
    }
    fs::write(&journal, &frames).unwrap();

    let checkpoint = world.vault_dir().join("checkpoint");
    let first = whole.iter().position(|&b| b == b'\n').unwrap();
    for (path, at, complaint) in [
        (&ledger, first + 100, "damaged: entry"),
        (&ledger, first - 20, "damaged: entry 0: signature"),
        (&journal, 5_000, "damaged: entry 0: another payload"),
        (&checkpoint, 40, "damaged: "),
    ] {
        fs::write(&ledger, &whole).unwrap();
        let original = fs::read(path).unwrap();
        let mut changed = original.clone();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        fs::write(path, &changed).unwrap();
        let output = decode(&[&world.vault_dir()], "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.starts_with(complaint), "{}: {said}", path.display());
        fs::write(path, &original).unwrap();
    }
}

/// Segments of any length, and behind the frames of one room that was made and not used.
#[test]
fn the_decoder_takes_zeros_for_the_end_of_a_segment() {
    if left_out() {
        return;
    }
    let Filled { world, .. } = filled();
    let before = decoded(&world, &[]);
    let path = |number: u32| world.vault_dir().join(format!("journal/{number:06}.amj"));
    let whole = fs::read(path(1)).unwrap();
    let head = b"amanah journal/1\n";
    let first = head.len() + 4 + u32::from_be_bytes(*whole[head.len()..].first_chunk().unwrap()) as usize;
    fs::write(path(2), [&head[..], &whole[first..]].concat()).unwrap();
    for room in [0, 1, 2, 3, 4, 5_000] {
        fs::write(path(1), [&whole[..first], &vec![0; room]].concat()).unwrap();
        assert_eq!(decoded(&world, &[]), before, "{room}");
        fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
        let (vault, _) = world.open(REGISTRY);
        assert_eq!(before["entries"], vault.size(), "{room}");
        vault.leave().unwrap();
    }
}

#[test]
fn the_decoder_follows_an_amendment() {
    use amanah::{crypto::random::SystemRandom, custody::Proposal};
    if left_out() {
        return;
    }
    let Filled { world, records } = filled();
    let (mut vault, mut siti) = world.open(REGISTRY);
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    proposal.rotate("handayani/registry").unwrap();
    let head = world.identity(HEAD);
    let made = proposal.build((HEAD, &head.signing), &mut SystemRandom::new(), jiff::Timestamp::now());
    let mut amendment = made.unwrap();
    amendment.sign(KPAI, &world.identity(KPAI).signing).unwrap();
    vault.amend_charter(&mut siti, &amendment).unwrap();
    assert!(vault.hand_on(&mut siti, "handayani/registry", &vault::Unwatched).unwrap().done > 0);
    let new = [("child_code", "SHA-9"), ("full_name", "Baru")];
    let new = create(&mut vault, &mut siti, "child", None, &new);
    vault.close(&mut siti).unwrap();
    let found = decoded(&world, &[REGISTRY]);
    assert_eq!(record(&found, &new)["present"]["full_name"]["value"], "Baru");
    assert_eq!(record(&found, &records["child"])["present"]["full_name"]["value"], "Contoh Dua");
}

#[test]
fn the_decoder_agrees_with_the_vectors() {
    if left_out() {
        return;
    }
    let output = decode(&[Path::new("--vectors"), Path::new(VECTORS)], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut checked: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect();
    let name = |entry: Result<fs::DirEntry, _>| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
    let mut wanted: Vec<_> = fs::read_dir(VECTORS).unwrap().map(name).collect();
    checked.sort();
    wanted.sort();
    assert_eq!(checked, wanted);
    assert!(!wanted.is_empty());
}

#[test]
fn an_erased_record_is_gone_for_the_decoder_too_and_the_rest_still_opens() {
    if left_out() {
        return;
    }
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let drafts: Vec<_> = ["A-1", "A-2"]
        .map(|code| {
            draft(vault.schema(), "child", &[("child_code", code), ("full_name", "Anak"), ("nik", "3171016905100001")])
        })
        .into();
    let written = vault.import_records(&mut siti, CARE, "child", &drafts, &vault::Unwatched).unwrap();
    let (gone, stays) = (written[0].record, written[1].record);
    vault.restrict_records(&mut siti, CARE, &[gone], vault::Ground::Disputed).unwrap();
    let asked = vault.ask_erasure(&mut siti, CARE, &[gone], vault::Ground::Unlawful).unwrap();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut ratna) = world.open(HEAD);
    vault.confirm_erasure(&mut ratna, CARE, &asked, &vault::Unwatched).unwrap();
    vault.close(&mut ratna).unwrap();
    let found = decoded(&world, &[REGISTRY]);
    assert_eq!(found["erased"][gone.to_string()], asked[0] + 1);
    let left: Vec<&Json> = found["records"].as_array().unwrap().iter().map(|one| &one["record"]).collect();
    assert_eq!(left, [&Json::from(stays.to_string())]);
}

#[test]
fn the_decoder_follows_requests_releases_statements_and_broken_glass() {
    if left_out() {
        return;
    }
    let world = World::new();
    let path = world.path().join("charter.toml");
    let charter = fs::read_to_string(&path).unwrap();
    let group =
        "[[group]]\nid = \"handayani/emergency\"\nmembers = [\"handayani/budi\"]\n\n[[group]]\nid = \"kpai/reviewers\"";
    let charter = charter.replacen("[[group]]\nid = \"kpai/reviewers\"", group, 1);
    let quorum = "id = \"sealed\"\nreason = true\nbreak_glass = { any = 1, of = [\"handayani/emergency\"] }\n";
    fs::write(path, charter.replacen("id = \"sealed\"\nreason = true\n", quorum, 1)).unwrap();
    let (mut vault, mut siti) = world.found();
    let child = create(&mut vault, &mut siti, "child", None, &[("child_code", "A-1"), ("full_name", "Contoh")]);
    let fields = [("intake_date", "2026-01-05"), ("referrer", "Rahasia")];
    let intake = create(&mut vault, &mut siti, "intake", Some(child), &fields);
    let actor = |member: &str, vault: &Vault| vault.admit(world.identity(member)).unwrap();
    let (mut ratna, mut ani, mut yusuf) = (actor(HEAD, &vault), actor(KPAI, &vault), actor(OMBUDSMAN, &vault));
    let mut budi = actor(CLINICAL, &vault);
    let why = Access { purpose: Some("emergency"), reason: Some("Percobaan") };
    let until = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
    let until = until.checked_add(jiff::Span::new().days(7)).unwrap();
    let ask = vault::Ask { records: &[intake], classes: &["sealed".to_owned()], fields: &[], until };
    let request = vault.make_request(&mut ratna, why, &ask).unwrap();
    let (_, release) = vault.approve(&mut ani, &request, None).unwrap();
    vault.deny(&mut yusuf, &request, "Belum perlu").unwrap();
    vault.open_released(&mut ratna, &request.id(), &[release]).unwrap();
    vault.withdraw_request(&mut ratna, &request.id()).unwrap();
    let second = vault.make_request(&mut ani, why, &ask).unwrap();
    let (_, release) = vault.approve(&mut yusuf, &second, None).unwrap();
    let mut statement = None;
    let mut keep = |file: &amanah::custody::statement::StatementFile| {
        statement = Some(file.clone());
        Ok(())
    };
    vault.open_aside(&mut ani, &second, &[release], &mut keep).unwrap();
    vault.admit_statement(&mut siti, &statement.unwrap()).unwrap();
    let broken = vault.size();
    vault.break_glass(&mut budi, why, &intake, None).unwrap();
    vault.acknowledge_glass(&mut ani, broken).unwrap();
    vault.close(&mut siti).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
    let found = decoded(&world, &[KPAI, HEAD]);
    assert_eq!(record(&found, &intake)["present"]["referrer"]["value"], "Rahasia");

    // With the record go the requests, the releases and the statement; what ended them stays.
    let (mut vault, mut siti) = world.open(REGISTRY);
    let asked = vault.ask_erasure(&mut siti, CARE, &[intake], vault::Ground::Order).unwrap();
    let size = vault.size();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut ratna) = world.open(HEAD);
    let erased = vault.confirm_erasure(&mut ratna, CARE, &asked, &vault::Unwatched).unwrap();
    assert!(vault.exchanges().unwrap().is_empty());
    // A version and its postings; two requests, two releases and a statement.
    assert!((6..=7).contains(&erased.items), "{}", erased.items);
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
    assert_eq!(decoded(&world, &[KPAI, HEAD])["erased"][intake.to_string()], size);
}
