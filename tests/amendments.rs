//! People come and go: amendments of the charter, new group keys, and what is handed on to them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use amanah::{
    crypto::{identity::Identity, random::SystemRandom},
    custody::{Amendment, AmendmentError, Card, Proposal},
    id::Id,
    vault::{Actor, Unwatched, Vault, VaultError, verify},
};
use common::{CARE, HEAD, KPAI, REGISTRY, World, draft};

/// Somebody new, with a card.
fn newcomer(member: &str) -> (Identity, Card) {
    let identity = Identity::generate(member, &mut SystemRandom::new()).unwrap();
    let card = Card::make(member, identity.recipient().unwrap(), &identity.signing, jiff::Timestamp::now()).unwrap();
    (identity, card)
}

fn build(proposal: Proposal<'_>, by: &Identity) -> Result<Amendment, AmendmentError> {
    proposal.build((&by.member, &by.signing), &mut SystemRandom::new(), jiff::Timestamp::now())
}

fn sign(amendment: &mut Amendment, world: &World, members: &[&str]) {
    for member in members {
        let identity = world.identity(member);
        amendment.sign(member, &identity.signing).unwrap();
    }
}

/// Enrolls somebody into a group of the centre; signed by the head and KPAI, and in force.
fn enrolled(world: &World, vault: &mut Vault, actor: &mut Actor, member: &str, group: &str) -> Identity {
    let (identity, card) = newcomer(member);
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    proposal.enroll(&card, &[group.to_owned()]).unwrap();
    let mut amendment = build(proposal, &world.identity(HEAD)).unwrap();
    sign(&mut amendment, world, &[KPAI]);
    vault.amend_charter(actor, &amendment).unwrap();
    identity
}

fn child(vault: &mut Vault, actor: &mut Actor, name: &str) -> Id {
    let draft = draft(vault.schema(), "child", &[("child_code", name), ("full_name", name)]);
    vault.create_record(actor, CARE, "child", &draft).unwrap().record
}

fn name(vault: &mut Vault, actor: &mut Actor, record: &Id) -> Result<String, VaultError> {
    let shown = vault.read_record(actor, CARE, record, None, None)?;
    Ok(shown.value("full_name").and_then(|value| value.as_text()).unwrap_or("-").to_owned())
}

fn code(error: VaultError) -> &'static str {
    use amanah::problem::Problem as _;
    error.code()
}

fn sound(world: &World) {
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn who_is_enrolled_reads_what_is_new_and_after_handing_on_what_was_before() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let before = child(&mut vault, &mut siti, "Before");
    let tono = enrolled(&world, &mut vault, &mut siti, "handayani/tono", "handayani/registry");
    let after = child(&mut vault, &mut siti, "After");
    assert_eq!(name(&mut vault, &mut siti, &before).unwrap(), "Before");
    vault.close(&mut siti).unwrap();
    sound(&world);

    let mut vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    let mut tono = vault.admit(tono).unwrap();
    assert_eq!(name(&mut vault, &mut tono, &after).unwrap(), "After");
    assert_eq!(code(name(&mut vault, &mut tono, &before).unwrap_err()), "vault-not-handed-on");
    let none = vault.hand_on(&mut tono, "handayani/registry", &Unwatched).unwrap();
    assert_eq!((none.done, none.left), (0, 1));
    vault.close(&mut tono).unwrap();

    let (mut vault, mut siti) = world.open(REGISTRY);
    assert_eq!(vault.not_handed_on("handayani/registry").unwrap().len(), 1);
    let all = vault.hand_on(&mut siti, "handayani/registry", &Unwatched).unwrap();
    assert_eq!((all.done, all.left), (1, 0));
    assert_eq!(vault.hand_on(&mut siti, "handayani/registry", &Unwatched).unwrap().done, 0);
    assert_eq!(name(&mut vault, &mut tono, &before).unwrap(), "Before");
    assert_eq!(code(vault.hand_on(&mut siti, "handayani/clinical", &Unwatched).unwrap_err()), "vault-may-not");
    vault.close(&mut siti).unwrap();
    sound(&world);
    // The store made anew says the same.
    fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
    let mut vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    assert_eq!((vault.charter().version(), vault.charter_at(2).version()), (2, 1));
    assert_eq!(name(&mut vault, &mut tono, &before).unwrap(), "Before");
    vault.close(&mut tono).unwrap();
    sound(&world);
}
