//! A clock that jumps back a year, and forward again: nothing is lost or refused, and the entries that
//! say an earlier time than those before them are named. Its own process, because it moves the clock.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use amanah::{clock, vault::verify};
use common::{
    CARE, REGISTRY, World,
    faults::{child, children},
};

const YEAR: i64 = 365 * 24 * 3600;

#[test]
fn a_clock_that_jumps_back_a_year_loses_nothing_and_is_told() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let write = |vault: &mut amanah::vault::Vault, siti: &mut amanah::vault::Actor, code: &str| {
        let draft = child(vault, code, code);
        vault.create_record(siti, CARE, "child", &draft).unwrap();
    };
    write(&mut vault, &mut siti, "A");
    clock::put_off(-YEAR);
    let back = vault.size();
    write(&mut vault, &mut siti, "B");
    vault.close(&mut siti).unwrap();
    let (mut vault, mut siti) = world.open(REGISTRY);
    write(&mut vault, &mut siti, "C");
    clock::put_off(YEAR);
    write(&mut vault, &mut siti, "D");
    clock::put_off(0);
    let again = vault.size();
    assert_eq!(children(&mut vault, &mut siti).unwrap().into_keys().collect::<Vec<_>>(), ["A", "B", "C", "D"]);
    vault.close(&mut siti).unwrap();
    let findings = verify(&world.vault_dir(), &world.options()).unwrap();
    assert_eq!(findings.backwards, [back, again]);
}
