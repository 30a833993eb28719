//! `amanah record` and `case`: in, out, corrected, and refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{fs, process::Command, time::Duration};

use amanah::{
    ledger::{Action, Frontier, Line, Log, Outcome, entry::EntryDraft},
    vault::Vault,
};
use cmd::{by, entries, run, run_words, tree};
use common::{CLINICAL, HEAD, KPAI, PASSPHRASE, REGISTRY, World};
use expectrl::{Expect as _, Session, session::OsSession};
use serde_json::{Value as Json, json};

/// A vault with one child, whose code is A-1.
fn world_with_child() -> (World, String) {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let add = "record add child child_code=A-1 full_name=Contoh+Anak birth_date=2010-03-12 sex=female disability=none";
    let added = run(&mut by(&world, REGISTRY), &format!("{add} -p registration --json")).json();
    assert_eq!((&added["kind"], &added["version"]), (&"child".into(), &1.into()));
    (world, added["record"].as_str().unwrap().to_owned())
}

fn last(world: &World) -> Json {
    entries(world).pop().unwrap()
}

/// What is in the ledger is done: somebody who is told that it failed would enter the child twice.
#[test]
fn what_was_written_is_told_also_where_the_vault_cannot_be_closed() {
    let (world, _) = world_with_child();
    let vault = fs::read_dir(world.path().join("state")).unwrap().next().unwrap().unwrap().path();
    // In the way of the new checkpoint that this machine would remember.
    let in_the_way = vault.join("checkpoint.new");
    fs::create_dir(&in_the_way).unwrap();
    let added = run(&mut by(&world, REGISTRY), "record add child child_code=A-2 full_name=B -p registration --json");
    assert!(added.err.contains("do not repeat it"), "{}", added.err);
    added.json();
    fs::remove_dir(&in_the_way).unwrap();
    let listed = run(&mut by(&world, REGISTRY), "record list child -p care --json").json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

#[test]
fn added_from_arguments_file_and_standard_input() {
    let (world, child) = world_with_child();
    let values = json!({ "child_code": "A-2", "full_name": "Contoh Dua", "birth_date": "2011-01-02", "languages": [] });
    let text = values.to_string().replace(",\"languages\":[]", "");
    fs::write(world.path().join("child.json"), &text).unwrap();
    run(&mut by(&world, REGISTRY), "record add child --from child.json").ok();
    let third = text.replace("A-2", "A-3");
    let added = run(by(&world, REGISTRY).write_stdin(third), "record add Anak --from - alias=Dik --json").json();
    let shown = run(&mut by(&world, REGISTRY), "record show A-3 -p care --json").json();
    assert_eq!((&shown["record"], &shown["fields"]["alias"]), (&added["record"], &"Dik".into()));
    assert_eq!(shown["fields"]["birth_date"], "2011-01-02");

    let before = entries(&world).len();
    for (line, stdin, exit, code) in [
        ("child full_name=B", "", 3, "value-required"),
        ("child child_code=B", "", 3, "value-required"),
        ("child child_code=B full_name=B sex=cat", "", 3, "value-choice"),
        ("child child_code=B full_name=B birth_date=31-02-2010", "", 3, "value-date"),
        ("child child_code=B full_name=B nik=123", "", 3, "value-identity-number"),
        ("child child_code=B full_name=B full_name=C", "", 3, "values-twice"),
        ("child child_code=B full_name=B nickname=C", "", 3, "vault-unknown-field"),
        ("dog child_code=B", "", 3, "vault-unknown-kind"),
        ("child B", "", 2, "usage-assignment"),
        ("child --from -", "[1]", 3, "values-bad-json"),
        ("child --from -", "{\"child_code\": ", 3, "values-bad-json"),
        ("child --from nowhere.json", "", 3, "file-unreadable"),
        ("intake intake_date=2016-01-01 --of 000000", "", 4, "vault-no-record"),
        ("intake intake_date=2016-01-01", "", 3, "value-required"),
    ] {
        let ran = run(by(&world, REGISTRY).write_stdin(stdin), &format!("record add {line} --json"));
        ran.refused(exit, code);
    }
    let wrong_kind = format!("record add member m_name=B --of {child} --json");
    run(&mut by(&world, REGISTRY), &wrong_kind).refused(3, "vault-wrong-kind");
    // A value that is there already, by one who can see it: looked for, and nothing written.
    let twice = run(&mut by(&world, REGISTRY), "record add child child_code=a-1 full_name=B --json");
    assert!(twice.refused(3, "vault-duplicate").contains(&child));
    let since = entries(&world).split_off(before);
    assert!(since.iter().all(|entry| entry["action"] == "record.check"), "{since:?}");
}

#[test]
fn shown_by_id_code_and_parts() {
    let (world, child) = world_with_child();
    let whole = run(&mut by(&world, REGISTRY), &format!("record show {child} -p care --json")).json();
    for member in ["record", "kind", "version", "of", "fields"] {
        assert!(whole.get(member).is_some(), "{member}");
    }
    for named in [&child[..6], &child.to_uppercase(), "A-1", "a-1"] {
        let shown = run(&mut by(&world, REGISTRY), &format!("record show {named} -p care --json")).json();
        assert_eq!(shown, whole, "{named}");
    }
    let read = last(&world);
    assert_eq!((&read["action"], &read["purpose"]), (&"record.read".into(), &"care".into()));
    assert_eq!(read["subjects"][0]["records"], json!([child]));

    let shown = run(&mut by(&world, REGISTRY), "record show A-1 -p care -f full_name -f sex --json").json();
    assert_eq!(shown["fields"], json!({ "full_name": "Contoh Anak", "sex": "female" }));
    assert_eq!(last(&world)["subjects"][0]["fields"]["identity"], json!(["full_name"]));
    let shown = run(&mut by(&world, REGISTRY), "record show A-1 -p care -c administrative --json").json();
    let fields: Vec<_> = shown["fields"].as_object().unwrap().keys().collect();
    assert!(fields.contains(&&"child_code".to_owned()) && !fields.contains(&&"full_name".to_owned()), "{fields:?}");
    run(&mut by(&world, REGISTRY), "record show A-1 -p care -c secret --json").refused(3, "values-unknown-class");

    // What the actor cannot open is there, as a seal, with who could open it.
    assert_eq!(whole["fields"]["disability"]["sealed"], "sensitive");
    assert!(whole["fields"]["disability"]["opened_by"].to_string().contains("handayani/clinical"));
    let text = run(&mut by(&world, REGISTRY), "record show A-1 -p care").ok().out;
    assert!(text.contains("[sealed: sensitive; opened by handayani/clinical; handayani/head"), "{text}");
    assert!(text.contains("Female"), "{text}");
    let text = run(&mut by(&world, REGISTRY), "record show A-1 -p care --lang id").ok().out;
    assert!(text.contains("Perempuan") && text.contains("Nama lengkap"), "{text}");
    let refused = run(&mut by(&world, REGISTRY), "record show A-1 -p care -f disability --json");
    assert!(refused.refused(5, "vault-sealed").contains("handayani/clinical"));
    let entry = last(&world);
    assert_eq!((&entry["outcome"], &entry["action"]), (&"refused".into(), &"record.read".into()));

    for (line, exit, code) in [
        ("record show 000000 -p care", 4, "vault-no-record"),
        ("record show B-9 -p care", 3, "vault-bad-reference"),
        ("record show A-1 -p care --at 2", 4, "vault-no-version"),
        ("record show A-1 -p care --at 0", 4, "vault-no-version"),
        ("record show A-1 -p care -f nickname", 3, "vault-unknown-field"),
        ("record show + -p care", 2, "usage-record"),
    ] {
        run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(exit, code);
    }
}

#[test]
fn corrected_emptied_and_remembered() {
    let (world, child) = world_with_child();
    let edited = run(&mut by(&world, REGISTRY), "record edit A-1 alias=Dik full_name=Contoh+Dua --json").json();
    assert_eq!(edited, json!({ "record": child, "version": 2 }));
    run(&mut by(&world, REGISTRY), "record edit A-1 --clear alias").ok();
    let field = |at: &str, field: &str| {
        let shown = run(&mut by(&world, REGISTRY), &format!("record show A-1 -p care {at} --json")).json();
        shown["fields"][field].clone()
    };
    assert_eq!((field("", "full_name"), field("", "alias")), ("Contoh Dua".into(), Json::Null));
    assert_eq!((field("--at 2", "full_name"), field("--at 2", "alias")), ("Contoh Dua".into(), "Dik".into()));
    assert_eq!((field("--at 1", "full_name"), field("--at 1", "alias")), ("Contoh Anak".into(), Json::Null));
    // Who cannot read a field can write it.
    run(&mut by(&world, REGISTRY), "record edit A-1 disability=physical").ok();
    let shown = run(&mut by(&world, CLINICAL), "record show A-1 -p care -f disability --json").json();
    assert_eq!(shown["fields"]["disability"], json!(["physical"]));

    let history = run(&mut by(&world, REGISTRY), "record history A-1 -p care --json").json();
    let versions: Vec<_> = history.as_array().unwrap().iter().map(|v| v["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(history[1]["fields"], json!(["full_name", "alias"]));
    for member in ["version", "entry", "time", "actor", "group", "action", "schema", "fields"] {
        assert!(!history[1][member].is_null(), "{member}");
    }
    let text = run(&mut by(&world, REGISTRY), "record history A-1 -p care").ok().out;
    assert!(text.contains("record.update") && !text.contains("Contoh"), "{text}");

    for (line, exit, code) in [
        ("record edit A-1 --clear full_name", 3, "value-required"),
        ("record edit A-1 --clear alias alias=x", 3, "values-twice"),
        ("record edit A-1", 3, "vault-nothing-to-write"),
        ("record edit A-1 sex=cat", 3, "value-choice"),
        ("record edit B-9 alias=x", 3, "vault-bad-reference"),
    ] {
        run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(exit, code);
    }
    run(&mut by(&world, KPAI), "record edit A-1 alias=x --json").refused(3, "vault-bad-reference");
    run(&mut by(&world, KPAI), &format!("record edit {child} alias=x --json")).refused(5, "vault-may-not");
    assert_eq!(last(&world)["outcome"], "refused");
    assert_eq!(run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json()["version"], 4);
}

#[test]
fn listed_linked_and_read_as_a_case() {
    let (world, child) = world_with_child();
    let id = |ran: cmd::Ran| ran.json()["record"].as_str().unwrap().to_owned();
    let family = id(run(&mut by(&world, REGISTRY), "record add family family_code=K-1 --json"));
    let service = "record add service atensi_component=therapy --of A-1 --json";
    let later = id(run(&mut by(&world, REGISTRY), &format!("{service} service_date=2016-09-01")));
    let sooner = id(run(&mut by(&world, REGISTRY), &format!("{service} service_date=2016-08-01")));

    let linked = run(&mut by(&world, REGISTRY), "record link A-1 K-1 --json").json();
    assert_eq!(linked, json!({ "record": child, "version": 2, "of": family }));
    run(&mut by(&world, REGISTRY), "record link K-1 A-1 --json").refused(3, "vault-no-owner");
    run(&mut by(&world, REGISTRY), &format!("record link {later} K-1 --json")).refused(3, "vault-wrong-kind");
    run(&mut by(&world, REGISTRY), "record link A-1 K-1 --json").refused(3, "vault-nothing-to-write");

    let list = run(&mut by(&world, REGISTRY), "record list child -p care -f full_name --json").json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!((&list[0]["fields"]["full_name"], &list[0]["of"]), (&"Contoh Anak".into(), &family.as_str().into()));
    let list = run(&mut by(&world, REGISTRY), "record list service --of A-1 -p care -n 1 --json").json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let list = run(&mut by(&world, REGISTRY), "record list child -p care -f disability").ok();
    assert!(list.out.contains("[sealed: sensitive]") && list.err.contains("1 record"), "{}{}", list.out, list.err);
    let list = run(&mut by(&world, REGISTRY), "record list closure -p care --json").json();
    assert_eq!(list, json!([]));

    let case = run(&mut by(&world, REGISTRY), "case show K-1 -p care --json").json();
    assert_eq!(case["case"], family.as_str());
    let people: Vec<_> = case["records"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(people, ["family", "child"]);
    let order: Vec<_> =
        case["timeline"].as_array().unwrap().iter().map(|one| one["record"]["record"].as_str().unwrap()).collect();
    assert_eq!(order, [&sooner, &later]);
    // From whatever belongs to a child one comes to the child and its family, not to its siblings.
    run(&mut by(&world, REGISTRY), "record add child child_code=A-2 full_name=Adik --of K-1").ok();
    for of in ["A-1", &later] {
        let case = run(&mut by(&world, REGISTRY), &format!("case show {of} -p care --json")).json();
        let people = case["records"].as_array().unwrap().iter().map(|one| &one["fields"]["child_code"]);
        assert_eq!(people.filter(|code| !code.is_null()).collect::<Vec<_>>(), ["A-1"], "{of}: {case}");
        assert!(case["records"].as_array().unwrap().iter().any(|one| one["kind"] == "family"), "{of}: {case}");
    }
    let text = run(&mut by(&world, REGISTRY), "case show A-1 -p care").ok().out;
    assert!(text.find("2016-08-01") < text.find("2016-09-01") && text.contains("K-1"), "{text}");
    assert_eq!(last(&world)["action"], "case.read");
}

/// What the digits say is held against the rest, and never refused.
#[test]
fn odd_identity_numbers_are_pointed_out_and_written() {
    let (world, _) = world_with_child();
    let add = |code: &str, values: &str| {
        let line = format!("record add child child_code={code} full_name=Contoh {values} -p registration");
        run(&mut by(&world, REGISTRY), &line).ok().err
    };
    let nik = "nik=3171016905100001 birth_date=2010-05-29";
    assert!(!add("A-7", &format!("{nik} sex=female no_kk=3171010203160001")).contains("warning"));
    let told = add("A-8", "nik=3171016905100002 birth_date=2010-05-30 sex=male no_kk=3204010203160001");
    for odd in [
        "digits 7 to 12 of nik do not match birth_date",
        "digits 7 and 8 of nik do not match sex",
        "the first six digits of nik do not match no_kk",
    ] {
        assert!(told.contains(odd), "{told}");
    }
    let line = "record edit A-7 nik=3204016905100003 no_kk=3171010203160001 --lang id";
    let told = run(&mut by(&world, REGISTRY), line).ok().err;
    assert!(told.contains("enam angka pertama nik tidak cocok dengan no_kk"), "{told}");
    let short = "record edit A-7 nik=320401690510000 --json";
    run(&mut by(&world, REGISTRY), short).refused(3, "value-identity-number");
}

#[test]
fn purposes_and_reasons() {
    let (world, child) = world_with_child();
    let before = entries(&world).len();
    for line in ["record show A-1", "record list child", "record history A-1", "case show A-1"] {
        let error = run(&mut by(&world, REGISTRY), &format!("{line} --json")).refused(2, "vault-no-purpose");
        assert!(error.contains("registration, care"), "{error}");
        run(&mut by(&world, REGISTRY), &format!("{line} -p oversight --json")).refused(2, "vault-no-reason");
    }
    assert_eq!(entries(&world).len(), before, "nothing was looked for");
    for (at, line) in
        ["record show A-1", "record list child", "case show A-1", "record edit A-1 alias=x"].iter().enumerate()
    {
        run(&mut by(&world, REGISTRY), &format!("{line} -p curiosity --json")).refused(5, "vault-unknown-purpose");
        assert_eq!(entries(&world).len(), before + at + 1, "{line}");
        let entry = last(&world);
        assert_eq!((&entry["outcome"], &entry["actor"]), (&"refused".into(), &REGISTRY.into()), "{line}");
        assert!(!entry.to_string().contains("curiosity"), "what was typed could be anything: {entry}");
    }
    let show = format!("record show {child} -p oversight --json");
    run(&mut by(&world, KPAI), &show).refused(2, "vault-no-reason");
    run(&mut by(&world, KPAI), &format!("{show} -r +")).refused(2, "vault-no-reason");
    let shown = run(&mut by(&world, KPAI), &format!("{show} -r laporan+warga")).json();
    assert!(shown["fields"].as_object().unwrap().values().all(|field| field["sealed"].is_string()), "{shown}");
    let ledger = fs::read_to_string(world.path().join("vault/ledger/000001.jsonl")).unwrap();
    assert!(!ledger.contains("laporan"));
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

#[test]
fn sealed_fields_say_who_can_open_them() {
    let (world, _) = world_with_child();
    let intake = "record add intake intake_date=2016-05-01 category=separated --of A-1 --json";
    let intake = run(&mut by(&world, REGISTRY), intake).json()["record"].as_str().unwrap().to_owned();
    for member in [REGISTRY, CLINICAL, HEAD] {
        let show = format!("record show {intake} -p care -r alasan");
        let text = run(&mut by(&world, member), &show).ok().out;
        let who = "handayani/head + kpai/reviewers; handayani/head + ombudsman/reviewers; kpai/reviewers + ombudsman/reviewers";
        assert!(text.contains(&format!("[sealed: sealed; opened by {who}]")), "{text}");
        assert!(!text.contains("Separated"));
        let error = run(&mut by(&world, member), &format!("{show} -f category --json")).refused(5, "vault-sealed");
        assert!(error.contains("handayani/head + kpai/reviewers"), "{error}");
    }
}

#[test]
fn what_acts_on_a_terminal_does_not_come_in() {
    let (world, _) = world_with_child();
    for bad in ["\u{1b}[2Jx", "a\u{202e}b", "a\u{7}", "a\u{9b}31m", "a\u{200b}b", "a\nb"] {
        let refused =
            run_words(&mut by(&world, REGISTRY), &["record", "edit", "A-1", &format!("alias={bad}"), "--json"]);
        assert_eq!((refused.code, refused.out.as_str()), (3, ""), "{bad:?}: {}", refused.err);
        assert!(!refused.err.contains(bad), "{}", refused.err);
        let json = json!({ "child_code": "B", "full_name": bad }).to_string();
        let refused = run(by(&world, REGISTRY).write_stdin(json), "record add child --from - --json");
        assert_eq!((refused.code, refused.out.as_str()), (3, ""), "{bad:?}: {}", refused.err);
    }
    assert_eq!(run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").json()["version"], 1);
    // In messages too.
    let refused = run_words(&mut by(&world, REGISTRY), &["record", "show", "\u{1b}[2J\u{202e}", "-p", "care"]);
    assert!(refused.err.contains("<U+001B>[2J<U+202E>") && refused.code == 3, "{}", refused.err);
}

#[test]
fn what_another_program_wrote_comes_out_harmless() {
    let (world, _) = world_with_child();
    // Some invisible characters belong to the writing of a language, and can be in a value.
    run(&mut by(&world, REGISTRY), "record edit A-1 alias=a\u{200f}b").ok();
    let shown = run(&mut by(&world, REGISTRY), "record show A-1 -p care").ok().out;
    assert!(shown.contains("a<U+200F>b") && !shown.contains('\u{200f}'), "{shown}");
    let shown = run(&mut by(&world, REGISTRY), "record show A-1 -p care --json").ok().out;
    assert!(shown.contains("\"a\\u200fb\""), "{shown}");

    // A member with a program of their own signs an entry that would clear the reader's screen.
    let vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    let lines: Vec<_> = (0..vault.size()).map(|at| vault.line(at).unwrap()).collect();
    let (id, charter) = (*vault.id(), vault.charter().version());
    vault.leave().unwrap();
    let mut tree = Frontier::default();
    for line in &lines {
        tree.push(line.bytes());
    }
    let draft = EntryDraft {
        seq: tree.size(),
        time: jiff::Timestamp::now(),
        actor: REGISTRY.to_owned(),
        group: "handayani/registry".to_owned(),
        action: Action::RecordHistory,
        purpose: Some("care\u{1b}[2J\u{202e}".to_owned()),
        subjects: Vec::new(),
        payload: None,
        outcome: Outcome::Refused,
        detail: Some("\u{9b}31m\u{7}".to_owned()),
        charter,
        root: tree.root(),
    };
    let line = Line::sign(draft, &world.identity(REGISTRY).signing, &id).unwrap();
    Log::open(&world.vault_dir().join("ledger")).unwrap().append(&line).unwrap();
    let log = run(&mut by(&world, REGISTRY), "audit log -n 1");
    let all = format!("{}{}", log.out, log.err);
    assert!(all.contains("<U+001B>[2J<U+202E>"), "{all}");
    assert!(!all.contains(|c: char| c != '\n' && c.is_control()) && !all.contains('\u{202e}'), "{all:?}");
    let log = run(&mut by(&world, REGISTRY), "audit log -n 1 --json").json();
    assert_eq!(log[0]["purpose"], "care\u{1b}[2J\u{202e}");
}

/// Runs it at a pseudo-terminal.
fn at_terminal(world: &World, line: &str) -> OsSession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    command.env_clear().env("NO_COLOR", "1").env("TERM", "xterm").env("AMANAH_STATE", world.path().join("state"));
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", cmd::key(REGISTRY)).current_dir(world.path());
    command.args(line.split_whitespace());
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(30)));
    session
}

/// Types an answer and waits until the next question is there.
fn answer(session: &mut OsSession, text: &str, then: &str) {
    session.send(text).unwrap();
    if let Err(error) = session.expect(then) {
        panic!("after {text:?} no {then:?}: {error}");
    }
}

#[test]
fn a_form_is_kept_sealed_and_gone_on_with() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let mut form = at_terminal(&world, "record add family -p registration");
    form.expect("passphrase of handayani-siti.key:").unwrap();
    answer(&mut form, "wrong\r", "warning: the passphrase is wrong");
    answer(&mut form, &format!("{PASSPHRASE}\r"), "(1/7) Family code *");
    answer(&mut form, "\r", "this must be answered");
    answer(&mut form, "K-77\r", "(2/7) Name of the head of the family");
    answer(&mut form, "Kepala Rahasia\r", "(3/7) Address");
    // While the form is open the vault is free for others.
    run(&mut by(&world, HEAD), "record list child -p care --lock-timeout 0").ok();
    answer(&mut form, "Jalan Tersembunyi", "Jalan Tersembunyi");
    answer(&mut form, "\u{1b}", "stopped; what was typed is kept, sealed to you, in ");
    form.expect(expectrl::Eof).unwrap();

    let files = tree(world.path());
    assert!(files.iter().any(|(name, _)| name.ends_with("draft-handayani-siti-family.age")));
    for word in ["K-77", "Kepala Rahasia", "Jalan Tersembunyi"] {
        for (name, bytes) in &files {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} in {name}");
        }
    }
    assert_eq!(run(&mut by(&world, REGISTRY), "record list family -p care --json").json(), json!([]));

    let mut form = at_terminal(&world, "record add family -p registration");
    form.expect("passphrase of").unwrap();
    answer(&mut form, &format!("{PASSPHRASE}\r"), "something was typed before and not written; go on with it?");
    answer(&mut form, "y\r", "(1/7)");
    answer(&mut form, "\r", "(2/7)");
    answer(&mut form, "\r", "(3/7)");
    answer(&mut form, " 5\r", "(4/7)");
    answer(&mut form, "\r", "(5/7)");
    answer(&mut form, "\r", "(6/7)");
    answer(&mut form, "\r", "(7/7)");
    answer(&mut form, "\r", "written as version 1");
    form.expect(expectrl::Eof).unwrap();
    let shown = run(&mut by(&world, REGISTRY), "record show K-77 -p care --json").json();
    let fields = ["head_name", "address"].map(|field| shown["fields"][field].as_str().unwrap());
    assert_eq!(fields, ["Kepala Rahasia", "Jalan Tersembunyi 5"]);
    assert!(!tree(&world.path().join("state")).iter().any(|(name, _)| name.contains("draft-")));
}

#[test]
fn a_form_corrects_one_field() {
    let (world, child) = world_with_child();
    let mut form = at_terminal(&world, "record edit A-1 -f full_name -p correction");
    form.expect("passphrase of").unwrap();
    answer(&mut form, &format!("{PASSPHRASE}\r"), "(1/1) Full name *");
    form.expect("Contoh Anak").unwrap();
    answer(&mut form, " Satu\r", "written as version 2");
    form.expect(expectrl::Eof).unwrap();
    let shown = run(&mut by(&world, REGISTRY), &format!("record show {child} -p care --json")).json();
    assert_eq!(shown["fields"]["full_name"], "Contoh Anak Satu");

    // Nothing changed is nothing written, and leaves nothing to go on with.
    let mut form = at_terminal(&world, "record edit A-1 -f full_name -p correction");
    form.expect("passphrase of").unwrap();
    answer(&mut form, &format!("{PASSPHRASE}\r"), "(1/1) Full name *");
    answer(&mut form, "\r", "nothing to write");
    form.expect(expectrl::Eof).unwrap();
    assert!(!tree(&world.path().join("state")).iter().any(|(name, _)| name.contains("draft-")));
}

#[test]
fn a_form_says_beforehand_what_it_does_not_ask() {
    let (world, _) = world_with_child();
    let mut form = at_terminal(&world, "record add service");
    form.expect("passphrase of").unwrap();
    answer(&mut form, &format!("{PASSPHRASE}\r"), "error: child");
    form.expect(expectrl::Eof).unwrap();
}
