//! At a terminal, who releases reads what is asked for and why before they are asked to.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cmd;
mod common;

use std::{process::Command, time::Duration};

use cmd::{by, entries, key, run};
use common::{HEAD, KPAI, REGISTRY, World};
use expectrl::{Expect as _, Session, session::OsSession};

fn spawn(world: &World, words: &[&str]) -> OsSession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    command.env_clear().env("AMANAH_STATE", world.path().join("state")).current_dir(world.path());
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", key(KPAI)).env("NO_COLOR", "1");
    command.env("TERM", "xterm").args(["--passphrase-file", "passphrase"]).args(words);
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(30)));
    session
}

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
        let mut session = spawn(&world, &["release", "approve", &asked]);
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
    let mut session = spawn(&world, &["release", "approve", &again, "--yes"]);
    session.expect("released").unwrap();
    session.expect(expectrl::Eof).unwrap();
    assert_eq!(released(), 2);
}
