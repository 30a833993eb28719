//! At a terminal, who releases or confirms an erasure reads what it is about before they are asked.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cmd;
mod common;
#[path = "cmd/pty.rs"]
mod pty;

use cmd::{by, entries, run};
use common::{HEAD, KPAI, REGISTRY, World};
use expectrl::Expect as _;
use pty::spawn;

#[test]
fn who_releases_reads_first_and_says_yes() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p registration").ok();
    let add = "--json record add intake --of A-1 intake_date=2026-01-05 referrer=Rahasia -p registration";
    let record = run(&mut by(&world, REGISTRY), add).json()["record"].as_str().unwrap().to_owned();
    let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
    let until = jiff::ToSpan::days(7);
    let until = today.checked_add(until).unwrap();
    let ask = format!("--json request new {record} -c sealed --until {until} -p case_conference -r Konferensi+kasus");
    let asked = run(&mut by(&world, HEAD), &ask).json()["request"].as_str().unwrap().to_owned();
    let released = || entries(&world).iter().filter(|entry| entry["action"] == "release.approve").count();

    for (answer, after, count) in [("\r", "stopped", 0), ("\u{1b}", "stopped", 0), ("\u{1b}[B\r", "released", 1)] {
        let mut session = spawn(&world, KPAI, &["release", "approve", &asked]);
        let page = session.expect("shares of this to handayani/ratna?").unwrap();
        let page = String::from_utf8_lossy(page.before()).into_owned();
        for part in ["Konferensi kasus", "case_conference", "referrer", &record] {
            assert!(page.contains(part), "{part}: {page}");
        }
        session.send(answer).unwrap();
        session.expect(after).unwrap();
        session.expect(expectrl::Eof).unwrap();
        assert_eq!(released(), count, "{answer:?}");
    }
    // It was read before, or a script does it.
    let again = run(&mut by(&world, HEAD), &ask).json()["request"].as_str().unwrap().to_owned();
    let mut session = spawn(&world, KPAI, &["release", "approve", &again, "--yes"]);
    session.expect("released").unwrap();
    session.expect(expectrl::Eof).unwrap();
    assert_eq!(released(), 2);
}

/// What only stood in a form that was left does not undo what others have written since.
#[test]
fn a_form_that_was_left_is_gone_on_with_from_what_the_record_says_by_then() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let add = "record add child child_code=A-1 full_name=Contoh alias=Adik -p registration";
    run(&mut by(&world, REGISTRY), add).ok();
    let edit = ["record", "edit", "A-1", "-p", "correction", "-r", "Akta", "-f", "full_name", "-f", "alias"];
    let mut session = spawn(&world, REGISTRY, &edit);
    session.expect("Full name").unwrap();
    session.send(" Baru\r").unwrap();
    session.expect("Name used").unwrap();
    session.send("\u{1b}").unwrap();
    session.expect("sealed to you").unwrap();
    session.expect(expectrl::Eof).unwrap();
    run(&mut by(&world, REGISTRY), "record edit A-1 alias=Kakak").ok();
    let mut session = spawn(&world, REGISTRY, &edit);
    session.expect("go on with it?").unwrap();
    session.send("\r").unwrap();
    session.expect("the record has \"Contoh\"; typed before: \"Contoh Baru\"").unwrap();
    session.expect("Full name").unwrap();
    session.send("\r").unwrap();
    session.expect("Name used").unwrap();
    session.send("\r").unwrap();
    session.expect("written").unwrap();
    session.expect(expectrl::Eof).unwrap();
    let shown = run(&mut by(&world, REGISTRY), "--json record show A-1 -p care").json();
    assert_eq!((&shown["fields"]["full_name"], &shown["fields"]["alias"]), (&"Contoh Baru".into(), &"Kakak".into()));
}

#[test]
fn who_confirms_an_erasure_sees_what_was_asked() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let add = |code: &str| {
        let line = format!("--json record add child child_code={code} full_name=Contoh -p registration");
        run(&mut by(&world, REGISTRY), &line).json()["record"].as_str().unwrap().to_owned()
    };
    let (one, other) = (add("A-1"), add("A-2"));
    let ask = format!("--json record erase {one} {other} --ground mistake");
    let asked = run(&mut by(&world, REGISTRY), &ask).json()["entries"][0].to_string();
    let erased = || entries(&world).iter().filter(|entry| entry["action"] == "record.erase").count();
    for (answer, after, count) in [("\r", "stopped", 0), ("\u{1b}[B\r", "erased", 1)] {
        let mut session = spawn(&world, HEAD, &["record", "erase", "--confirm", &asked]);
        let page = session.expect("erase 2 records").unwrap();
        let page = String::from_utf8_lossy(page.before()).into_owned();
        for part in [REGISTRY, "mistake", &one[..8], &other[..8]] {
            assert!(page.contains(part), "{part}: {page}");
        }
        session.send(answer).unwrap();
        session.expect(after).unwrap();
        session.expect(expectrl::Eof).unwrap();
        assert_eq!(erased(), count, "{answer:?}");
    }
    // What the ledger still says of it is found by its id, or the beginning of that.
    for named in [&one[..], &one[..8]] {
        let log = run(&mut by(&world, REGISTRY), &format!("--json audit log --record {named}")).json();
        let actions: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
        assert_eq!(actions, ["record.create", "record.erase-ask", "record.erase"], "{named}");
    }
}
