//! A key is split and tried at a real terminal: one share at a time, each checked as it is typed.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cmd;
mod common;
#[path = "cmd/pty.rs"]
mod pty;

use cmd::{by, entries, run};
use common::{REGISTRY, World};
use expectrl::Expect as _;
use pty::spawn;

/// The numbered words on a page.
fn words(page: &str) -> Vec<String> {
    let pieces: Vec<&str> = page.split_whitespace().collect();
    let numbered = pieces.windows(2).filter(|two| two[0].strip_suffix('.').is_some_and(|n| n.parse::<u8>().is_ok()));
    numbered.map(|two| two[1].to_owned()).collect()
}

#[test]
fn one_share_a_page_and_each_is_checked_as_it_is_typed() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let mut session =
        spawn(&world, REGISTRY, &["recovery", "split", "handayani/registry", "--threshold", "2", "--of", "3"]);
    let mut shares = Vec::new();
    for _ in 0..3 {
        let page = session.expect("this page is gone").unwrap();
        let page = String::from_utf8_lossy(page.before()).into_owned();
        // The entry is there before the first word is shown.
        assert!(page.contains("\u{1b}[?1049h"), "not on a page of its own: {page}");
        shares.push(words(&page));
        session.send("\r").unwrap();
        session.expect("\u{1b}[?1049l").unwrap();
    }
    session.expect("2 of 3").unwrap();
    assert!(shares.iter().all(|words| words.len() == 33), "{shares:?}");
    assert!(entries(&world).iter().any(|entry| entry["action"] == "recovery.split"));

    // Who stops in between leaves nothing on the screen.
    let mut session =
        spawn(&world, REGISTRY, &["recovery", "split", "handayani/registry", "--threshold", "2", "--of", "3"]);
    session.expect("this page is gone").unwrap();
    session.send("\u{3}").unwrap();
    session.expect("\u{1b}[2J\u{1b}[?1049l").unwrap();
    session.expect("stopped").unwrap();

    let mut session = spawn(&world, REGISTRY, &["recovery", "drill", "handayani/registry"]);
    session.expect("words of the first share").unwrap();
    let mut wrong = shares[2].clone();
    wrong[20] = if wrong[20] == "academic" { "acid" } else { "academic" }.to_owned();
    session.send(format!("{}\r", wrong.join(" "))).unwrap();
    session.expect("word 21 is not the one").unwrap();
    // The line stays to be corrected: here it is taken away and typed anew.
    session.send("\u{7f}".repeat(wrong.join(" ").len())).unwrap();
    session.send(format!("{}\r", shares[2].join(" "))).unwrap();
    session.expect("share 2 of 2").unwrap();
    session.send(format!("{}\r", shares[2].join(" "))).unwrap();
    session.expect("was given already").unwrap();
    session.send("\u{7f}".repeat(shares[2].join(" ").len())).unwrap();
    session.send(format!("{}\r", shares[0].join(" "))).unwrap();
    session.expect("nothing was restored").unwrap();
}

/// A serial line, or a container, says that it is 0 wide.
#[test]
fn a_terminal_that_does_not_know_its_width_is_read_all_the_same() {
    let world = World::new();
    // The key is unlocked before anything is shown: until then the width is set.
    let mut session = spawn(&world, REGISTRY, &["keys", "check"]);
    session.get_process_mut().set_window_size(0, 0).unwrap();
    session.expect(REGISTRY).unwrap();
}
