//! What a service does each night, with a key that opens nothing; and what is told of a run that
//! failed.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, process::Command as Process};

use amanah::{
    custody::CharterError,
    store::journal,
    vault::{self, Outside, VaultError, Wish, item::Item},
};
use cmd::{amanah, by, entries, key, run};
use common::{CARE, CLINICAL, HEAD, ITJEN, KPAI, REGISTRY, SERVICE, World, draft};
use jiff::{Timestamp, tz::TimeZone};

fn world() -> World {
    let world = World::with_service();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    let child = "record add child child_code=A-1 full_name=Contoh disability=none nik=9901015203100001 -p registration";
    run(&mut by(&world, REGISTRY), child).ok();
    run(&mut by(&world, REGISTRY), "record show A-1 -p oversight -r pengaduan").ok();
    world
}

fn nightly(world: &World, options: &str) -> cmd::Ran {
    run(&mut by(world, SERVICE), &format!("audit nightly {options}"))
}

#[test]
fn what_keeps_the_ledger_is_refused_every_record_by_every_command() {
    let world = world();
    fs::write(world.path().join("children.csv"), "child_code,full_name\nB-1,Contoh\n").unwrap();
    let id = run(&mut by(&world, REGISTRY), "record list child -p care --json").json();
    let id = id[0]["record"].as_str().unwrap().to_owned();
    let before = entries(&world).len();
    let lines = [
        format!("record show {id} -p care"),
        format!("record show {id} -p oversight -r mengapa"),
        "record list child -p care".into(),
        "record find Contoh -p care".into(),
        "record find -f child_code=A-1 -p care".into(),
        format!("record history {id} -p care"),
        format!("case show {id} -p care"),
        "record duplicates child -p care".into(),
        format!("record edit {id} alias=X -p care"),
        "record add child child_code=A-2 full_name=Contoh -p registration".into(),
        "import children.csv --kind child -p registration".into(),
        "index rebuild".into(),
    ];
    for line in &lines {
        let ran = run(&mut by(&world, SERVICE), &format!("--json {line}"));
        ran.refused(5, "vault-may-not");
    }
    let refusals = entries(&world);
    let refusals: Vec<_> = refusals[before..].iter().filter(|entry| entry["actor"] == SERVICE).collect();
    assert_eq!(refusals.len(), lines.len(), "each refusal is an entry");
    assert!(refusals.iter().all(|entry| entry["outcome"] == "refused"));
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

#[test]
fn its_key_opens_no_session_no_reason_and_no_field() {
    let world = World::with_service();
    let (mut vault, mut siti) = world.found();
    let fields = [("child_code", "A-1"), ("full_name", "Contoh")];
    let child = draft(vault.schema(), "child", &fields);
    let child = vault.create_record(&mut siti, CARE, "child", &child).unwrap().record;
    let why = vault::Access { purpose: Some("oversight"), reason: Some("pengaduan") };
    vault.read_record(&mut siti, why, &child, None, None).unwrap();
    let told = vault.size() - 1;
    let reasons = vault.read_reasons(&mut siti, CARE, &[told].into()).unwrap();
    assert_eq!(reasons[&told], vault::Reason::Told("pengaduan".to_owned()));
    vault.close(&mut siti).unwrap();

    let (mut vault, mut service) = world.open(SERVICE);
    let charter = vault.charter().clone();
    assert!(charter.classes().iter().all(|class| !service.opens(&charter, &class.id)));
    assert!(!charter.reason_leaves("handayani").iter().any(|group| group == "handayani/ledger"));
    vault.read_reasons(&mut service, CARE, &[told].into()).unwrap_err();
    assert!(matches!(vault.read_record(&mut service, CARE, &child, None, None), Err(VaultError::MayNot { .. })));
    vault.close(&mut service).unwrap();

    // Who has stolen it asks from outside, and an officer answers without looking at who asks.
    let (mut vault, mut siti) = world.open(REGISTRY);
    Outside::trust(&world.path().join("outside"), &vault.chain()).unwrap();
    let outside = Outside::load(&world.path().join("outside"), vault.id()).unwrap();
    let until = TimeZone::UTC.to_datetime(Timestamp::now()).date().tomorrow().unwrap();
    let (records, classes) = ([child], ["identity".to_owned()]);
    let wish = Wish {
        purpose: "oversight",
        reason: Some("pengaduan"),
        until,
        records: &records,
        classes: &classes,
        fields: &[],
    };
    let request = outside.ask(&world.identity(SERVICE), &wish, Timestamp::now()).unwrap();
    let refused = vault.approve(&mut siti, &request, None).map(drop);
    assert!(matches!(refused, Err(VaultError::MayNot { member, .. }) if member == SERVICE));
    // Why an overseer asks is for those who can answer: neither for the service, nor for other staff.
    let asked = outside.ask(&world.identity(KPAI), &wish, Timestamp::now()).unwrap();
    for (member, reads) in [(SERVICE, false), (CLINICAL, false), (ITJEN, false), (REGISTRY, true), (HEAD, true)] {
        let mut reader = vault.admit(world.identity(member)).unwrap();
        assert_eq!(vault.reason_given(&mut reader, &asked).unwrap().is_some(), reads, "{member}");
    }
    vault.close(&mut siti).unwrap();

    // No session secret is wrapped to it: there is nothing for its key to open.
    let mut reader = journal::Reader::new(&world.vault_dir().join("journal"), journal::Position::START).unwrap();
    let mut sessions = 0;
    while let Some(payload) = reader.next_payload().unwrap() {
        for kept in payload.items {
            let journal::Item::Live(bytes) = kept else { continue };
            let Item::Session(session) = Item::decode(&bytes).unwrap() else { continue };
            assert!(session.for_group("handayani/registry").is_some());
            assert!(session.for_group("handayani/ledger").is_none());
            sessions += 1;
        }
    }
    assert!(sessions > 0);
    vault::verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn a_charter_gives_such_a_group_nothing_else() {
    let world = World::with_service();
    let sound = fs::read_to_string(world.path().join("charter.toml")).unwrap();
    assert!(world.charter().faults().is_empty());
    for (from, to) in [
        ("may = [\"ledger\"]", "may = [\"ledger\", \"write\"]"),
        ("members = [\"handayani/otomasi\"]", "members = [\"handayani/otomasi\", \"handayani/siti\"]"),
        ("of = [\"handayani/clinical\", \"handayani/head\"]", "of = [\"handayani/clinical\", \"handayani/ledger\"]"),
        ("of = [\"handayani/head\", \"kpai/reviewers\", ", "of = [\"handayani/ledger\", \"kpai/reviewers\", "),
        ("id = \"sensitive\"\n", "id = \"sensitive\"\nbreak_glass = { any = 1, of = [\"handayani/ledger\"] }\n"),
    ] {
        assert!(sound.contains(from), "{from}");
        fs::write(world.path().join("charter.toml"), sound.replace(from, to)).unwrap();
        let faults = world.charter().faults();
        assert!(
            matches!(&faults[..], [CharterError::LedgerOnly { group }] if group == "handayani/ledger"),
            "{faults:?}"
        );
    }
}

#[test]
fn a_run_that_fails_is_told_by_every_command_until_one_goes_well() {
    let world = world();
    nightly(&world, "--check --json").refused(11, "run-never");
    let first = nightly(&world, "--verify --publish log --json").json();
    assert!(first["verified"].as_u64() >= Some(3) && first["new"] == first["size"] && first["before"].is_null());
    nightly(&world, "--check").ok();
    let exported = nightly(&world, "--export exports --format ocsf --json").json();
    assert!(exported["exported"].as_u64() >= first["size"].as_u64());
    let again = nightly(&world, "--export exports --format ocsf --json").json();
    assert_eq!(again["exported"], 0, "nothing is told twice");
    nightly(&world, "--check --max-age 0 --json").refused(11, "run-overdue");

    // The folder is not there: even that is written down.
    fs::rename(world.vault_dir(), world.path().join("away")).unwrap();
    let failed = nightly(&world, "--publish log --json").code;
    assert!(failed != 0);
    fs::rename(world.path().join("away"), world.vault_dir()).unwrap();
    let said = |ran: cmd::Ran| ran.ok().err.contains("the nightly run of ");
    assert!(said(run(&mut by(&world, REGISTRY), "record list child -p care")));
    let told = nightly(&world, "--check --json").refused(11, "run-failed");
    assert!(told.contains("nightly run"), "{told}");

    fs::write(world.path().join("file"), "").unwrap();
    assert_eq!(nightly(&world, "--publish file/log").code, 9);
    let well = nightly(&world, "--publish log").ok();
    assert!(well.err.contains("2 in a row since"), "{}", well.err);
    assert!(!said(run(&mut by(&world, REGISTRY), "record list child -p care")));
    // A key that opens nothing need not be on paper.
    let advice = run(&mut by(&world, REGISTRY), "doctor").out;
    assert!(advice.contains("recovery split handayani/head"), "{advice}");
    assert!(!advice.contains("recovery split handayani/ledger"), "{advice}");
    let checked = nightly(&world, "--check").ok().out;
    assert!(checked.trim_end().ends_with(" UTC"), "{checked}");
    // Who looks from another machine, with another memory, is not told of this one's runs.
    let mut other = amanah(&world);
    other.env("AMANAH_VAULT", "vault").env("AMANAH_STATE", "elsewhere").env("AMANAH_IDENTITY", key(SERVICE));
    run(&mut other, "audit nightly --check --json").refused(11, "run-never");
}

#[test]
fn a_run_on_a_vault_that_is_not_sound_publishes_nothing() {
    let world = world();
    let journal = world.vault_dir().join("journal/000001.amj");
    let mut bytes = fs::read(&journal).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&journal, bytes).unwrap();
    assert_eq!(nightly(&world, "--verify --publish log").code, 7);
    assert!(!world.path().join("log").exists());
    nightly(&world, "--check --json").refused(11, "run-failed");
}

#[test]
fn the_units_are_sound() {
    let units = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/automation");
    let folder = tempfile::tempdir().unwrap();
    for name in ["amanah-nightly.service", "amanah-nightly.timer"] {
        let text = fs::read_to_string(format!("{units}/{name}")).unwrap();
        // The program as it is here: `verify` wants to find it.
        let text = text.replace("/usr/local/bin/amanah", env!("CARGO_BIN_EXE_amanah"));
        // What the unit says is a command line of the program.
        for line in text.lines().filter_map(|line| line.strip_prefix("ExecStart=")) {
            let words: Vec<&str> = line.split_whitespace().skip(1).chain(["--help"]).collect();
            assert!(
                assert_cmd::Command::new(env!("CARGO_BIN_EXE_amanah")).args(words).output().unwrap().status.success()
            );
        }
        fs::write(folder.path().join(name), text).unwrap();
    }
    let analyze = |args: &[&str]| Process::new("systemd-analyze").args(args).current_dir(folder.path()).output();
    let Ok(verified) = analyze(&["verify", "--man=no", "./amanah-nightly.service", "./amanah-nightly.timer"]) else {
        eprintln!("skipped: there is no systemd-analyze here");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("amanah-nightly")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{said}");
    let exposed = analyze(&["security", "--offline=true", "--threshold=15", "./amanah-nightly.service"]).unwrap();
    assert!(exposed.status.success(), "{}", String::from_utf8_lossy(&exposed.stdout));
}
