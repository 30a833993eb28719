//! People come and go: amendments of the charter, new group keys, and what is handed on to them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cmd;
mod common;

use std::fs;

use amanah::{
    crypto::{identity::Identity, random::SystemRandom, sign::SigningKey},
    custody::{
        Amendment, AmendmentError, Card, GroupKey, Proposal,
        changes::{Change, Changes},
    },
    id::Id,
    ledger::{Action, Outcome},
    vault::{Access, Actor, Ask, By, Condition, Duplicates, Question, Unwatched, Vault, VaultError, verify},
};
use cmd::{by, run};
use common::{CARE, CLINICAL, HEAD, KPAI, OMBUDSMAN, REGISTRY, World, draft};
use jiff::ToSpan as _;

/// The group that people come into here.
const REGISTRY_GROUP: &str = "handayani/registry";
/// How many charters a vault gets where there are many.
const CHARTERS: u64 = 6;

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

/// A change of the charter; signed by the head and an overseer, and in force.
fn amended(
    world: &World,
    vault: &mut Vault,
    actor: &mut Actor,
    overseer: &str,
    change: impl FnOnce(&mut Proposal<'_>),
) -> Amendment {
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    change(&mut proposal);
    let mut amendment = build(proposal, &world.identity(HEAD)).unwrap();
    sign(&mut amendment, world, &[overseer]);
    vault.amend_charter(actor, &amendment).unwrap();
    amendment
}

/// Enrolls somebody into a group of the centre; signed by the head and KPAI, and in force.
fn enrolled(world: &World, vault: &mut Vault, actor: &mut Actor, member: &str, group: &str) -> Identity {
    let (identity, card) = newcomer(member);
    amended(world, vault, actor, KPAI, |proposal| proposal.enroll(&card, &[group.to_owned()]).unwrap());
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
    assert_eq!(code(vault.hand_on(&mut siti, "handayani/clinical", &Unwatched).unwrap_err()), "vault-not-member");
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

#[test]
fn of_many_charters_each_opens_what_was_sealed_under_it() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let mut children = vec![child(&mut vault, &mut siti, "Child 1")];
    for version in 2..=CHARTERS {
        enrolled(&world, &mut vault, &mut siti, &format!("handayani/officer-{version}"), REGISTRY_GROUP);
        children.push(child(&mut vault, &mut siti, &format!("Child {version}")));
    }
    vault.close(&mut siti).unwrap();
    let (mut vault, mut siti) = world.open(REGISTRY);
    assert!(!vault.was_rebuilt());
    for (version, child) in (1..=CHARTERS).rev().zip(children.iter().rev()) {
        assert_eq!(name(&mut vault, &mut siti, child).unwrap(), format!("Child {version}"));
        assert_eq!(vault.charter_of(version).unwrap().version(), version);
    }
    assert!(vault.charters().map(|charter| charter.version()).eq(1..=CHARTERS));
    // Each was in force from the entry on that brought it: one child and one amendment are two.
    let in_force: Vec<_> = (1..vault.size()).map(|size| vault.charter_at(size).version()).collect();
    assert!(in_force.is_sorted() && (1..=CHARTERS).all(|version| in_force.contains(&version)), "{in_force:?}");
    vault.close(&mut siti).unwrap();
    sound(&world);
}

/// How long opening takes with many charters: `cargo test --release --test amendments -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn opening_with_many_charters() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    for version in 2..=50 {
        enrolled(&world, &mut vault, &mut siti, &format!("handayani/officer-{version}"), REGISTRY_GROUP);
    }
    vault.close(&mut siti).unwrap();
    let mut median = |all: bool| {
        let mut took: Vec<_> = (0..21)
            .map(|_| {
                let begun = std::time::Instant::now();
                let vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
                assert!(!vault.was_rebuilt() && (!all || vault.charters().count() == 50));
                let took = begun.elapsed();
                vault.close(&mut siti).unwrap();
                took
            })
            .collect();
        took.sort();
        took[10]
    };
    println!("opening with 50 charters: {:?}, and all of them read: {:?}", median(false), median(true));
}

/// An amendment of the present text, with something in it replaced.
fn edited(vault: &Vault, by: &Identity, from: &str, to: &str) -> Result<Amendment, AmendmentError> {
    let charter = vault.charter().clone();
    assert!(charter.toml().contains(from), "{from}");
    let text = charter.toml().replacen(from, to, 1);
    build(Proposal::from_toml(&charter, &text, "charter", std::path::Path::new(".")).unwrap(), by)
}

fn refused(vault: &mut Vault, actor: &mut Actor, amendment: &Amendment) -> &'static str {
    let (size, version) = (vault.size(), vault.charter().version());
    let code = code(vault.amend_charter(actor, amendment).unwrap_err());
    assert_eq!((vault.size(), vault.charter().version()), (size + 1, version), "a refusal is an entry");
    code
}

#[test]
fn the_whole_centre_together_amends_nothing() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let head = world.identity(HEAD);
    let everybody = [REGISTRY, CLINICAL, HEAD];
    let wider = edited(&vault, &head, "of = [\"handayani/head\",", "of = [\"handayani/registry\", \"handayani/head\",");
    assert_eq!(code(wider.unwrap_err().into()), "charter-sealed-alone");
    let body = "[[body]]\nid = \"sham\"\nname = \"Sham\"\nrole = \"oversight\"\n\n[[body]]";
    for (from, to) in [
        // A threshold: any class, and the amendment itself.
        ("[[body]]", body),
        ("reason = true", "reason = false"),
    ] {
        let mut amendment = edited(&vault, &head, from, to).unwrap();
        assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-quorum");
        sign(&mut amendment, &world, &everybody);
        sign(&mut amendment, &world, &everybody);
        assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-quorum");
    }
    // An overseer's key, in the name of an overseer the centre has invented; and the same with
    // another overseer's help.
    let (eve, card) = newcomer("kpai/eve");
    let charter = vault.charter().clone();
    let own = charter.member(KPAI).unwrap();
    let now = jiff::Timestamp::now();
    let (key, _) =
        GroupKey::make("kpai/reviewers", 2, &[own, &card], ("kpai/eve", &eve.signing), now, &mut SystemRandom::new())
            .unwrap();
    let mut proposal = Proposal::new(&charter);
    proposal.enroll(&card, &["kpai/reviewers".to_owned()]).unwrap();
    assert_eq!(code(build(proposal.clone(), &head).unwrap_err().into()), "amendment-own-key");
    proposal.give_key(key);
    let mut amendment = build(proposal, &head).unwrap();
    sign(&mut amendment, &world, &everybody);
    assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-no-consent");
    sign(&mut amendment, &world, &[OMBUDSMAN]);
    assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-no-consent");
    assert!(amendment.sign("kpai/eve", &eve.signing).is_err(), "she is not in the charter that is amended");
    sign(&mut amendment, &world, &[KPAI]);
    vault.amend_charter(&mut siti, &amendment).unwrap();
    // An overseer cannot be put out without itself either.
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    proposal.revoke("kpai/eve").unwrap();
    let own = charter.member(KPAI).unwrap();
    let ani = world.identity(KPAI);
    proposal.give_key(
        GroupKey::make("kpai/reviewers", 3, &[own], (KPAI, &ani.signing), now, &mut SystemRandom::new()).unwrap().0,
    );
    let mut amendment = build(proposal, &head).unwrap();
    sign(&mut amendment, &world, &[OMBUDSMAN]);
    assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-no-consent");
    vault.close(&mut siti).unwrap();
    sound(&world);
}

#[test]
fn signatures_that_do_not_count() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let head = world.identity(HEAD);
    let change = ("name = \"Sentra Handayani\"", "name = \"Sentra Handayani Jakarta\"");
    let first = edited(&vault, &head, change.0, change.1).unwrap();
    let text = String::from_utf8(first.to_bytes()).unwrap();
    let end = text.rfind("\\n\",\"keys\"").unwrap();
    let begin = text[..end].rfind("\\n\u{2014} ").unwrap();
    // The same signature twice is not even a copy that was written here, or is refused.
    let twice = format!("{}{}{}", &text[..end], &text[begin..end], &text[end..]);
    if let Ok(amendment) = Amendment::parse(twice.as_bytes()) {
        assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-twice-signed");
    }
    // A signature under another's name.
    let forged = text.replacen("\u{2014} handayani/ratna", "\u{2014} kpai/ani", 1);
    let at = forged.rfind("\u{2014} ").unwrap();
    let forged = format!("{}{}", &forged[..at], forged[at..].replacen("handayani/ratna", "kpai/ani", 1));
    if let Ok(amendment) = Amendment::parse(forged.as_bytes()) {
        assert!(vault.amend_charter(&mut siti, &amendment).is_err());
    }
    assert_eq!(vault.charter().version(), 1);
    // A stranger, another vault.
    let (eve, _) = newcomer("kpai/eve");
    assert!(first.clone().sign("kpai/eve", &eve.signing).is_err());
    let other = World::new();
    let (elsewhere, _) = other.found();
    let mut amendment = edited(&elsewhere, &other.identity(HEAD), change.0, change.1).unwrap();
    sign(&mut amendment, &other, &[KPAI]);
    assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-other-vault");
    // Two that race: the second was made for a charter that is no more. The first is there already.
    let mut second = edited(&vault, &head, change.0, "name = \"Sentra\"").unwrap();
    assert!(second.merge(&first).is_err(), "signatures of one do not count for another");
    let mut signed = first.clone();
    sign(&mut signed, &world, &[KPAI]);
    let mut gathered = first;
    gathered.merge(&signed).unwrap();
    sign(&mut second, &world, &[KPAI]);
    vault.amend_charter(&mut siti, &gathered).unwrap();
    assert_eq!(refused(&mut vault, &mut siti, &second), "amendment-not-next");
    assert_eq!(refused(&mut vault, &mut siti, &gathered), "amendment-in-force");
    vault.close(&mut siti).unwrap();
    sound(&world);
}

#[test]
fn a_member_of_two_groups_counts_for_one() {
    let world = World::new();
    let path = world.path().join("charter.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (before, _) = text.split_once("[amendment]").unwrap();
    let text =
        before.replacen("members = [\"handayani/siti\"", "members = [\"handayani/ratna\", \"handayani/siti\"", 1);
    let quorum = "[amendment]\nany = 3\nof = [\"handayani/registry\", \"handayani/head\", \"kpai/reviewers\"]\n";
    fs::write(&path, text + quorum).unwrap();
    let (mut vault, mut siti) = world.found();
    let mut amendment = edited(&vault, &world.identity(HEAD), "reason = true", "reason = false").unwrap();
    sign(&mut amendment, &world, &[KPAI]);
    assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-quorum");
    sign(&mut amendment, &world, &[REGISTRY]);
    vault.amend_charter(&mut siti, &amendment).unwrap();
    vault.close(&mut siti).unwrap();
    sound(&world);
}

/// The key of a service lies about unattended: who has it does not agree for the service's body.
#[test]
fn what_keeps_the_ledger_agrees_to_nothing_for_its_body() {
    let world = World::new();
    let (robot, card) = newcomer("kpai/otomasi");
    let (ani, now) = (world.identity(KPAI), jiff::Timestamp::now());
    let (key, _) =
        GroupKey::make("kpai/ledger", 1, &[&card], (KPAI, &ani.signing), now, &mut SystemRandom::new()).unwrap();
    fs::write(world.path().join("cards/kpai-otomasi.card"), card.to_bytes()).unwrap();
    fs::write(world.path().join("cards/kpai-ledger.group"), key.to_bytes()).unwrap();
    let path = world.path().join("charter.toml");
    let more = "[[member]]\ncard = \"cards/kpai-otomasi.card\"\n\n[[group]]\nid = \"kpai/ledger\"\n\
                members = [\"kpai/otomasi\"]\nmay = [\"ledger\"]\nkey = \"cards/kpai-ledger.group\"\n";
    fs::write(&path, format!("{}\n{more}", fs::read_to_string(&path).unwrap())).unwrap();
    let (mut vault, mut siti) = world.found();
    let (from, to) = ("Komisi Perlindungan Anak Indonesia", "Komisi Lain");
    let mut amendment = edited(&vault, &world.identity(HEAD), from, to).unwrap();
    sign(&mut amendment, &world, &[OMBUDSMAN]);
    amendment.sign("kpai/otomasi", &robot.signing).unwrap();
    assert_eq!(refused(&mut vault, &mut siti, &amendment), "amendment-no-consent");
    sign(&mut amendment, &world, &[KPAI]);
    vault.amend_charter(&mut siti, &amendment).unwrap();
    vault.close(&mut siti).unwrap();
    sound(&world);
}

#[test]
fn a_revoked_member_opens_what_was_sealed_before_in_a_copy_and_nothing_since() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    enrolled(&world, &mut vault, &mut siti, "handayani/tono", "handayani/registry");
    let before = child(&mut vault, &mut siti, "Before");
    vault.close(&mut siti).unwrap();
    let copy = world.path().join("copy");
    cmd::copy(&world.vault_dir(), &copy);

    let (mut vault, mut ratna) = world.open(HEAD);
    let charter = vault.charter().clone();
    let amendment = amended(&world, &mut vault, &mut ratna, OMBUDSMAN, |proposal| proposal.revoke(REGISTRY).unwrap());
    assert_ne!(vault.charter().log(), charter.log(), "she knows the old log key");
    vault.close(&mut ratna).unwrap();
    sound(&world);
    let vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    assert_eq!(code(vault.admit(world.identity(REGISTRY)).unwrap_err()), "vault-not-a-member");
    // The actor who was admitted before is no way around it: its groups' new keys are not hers.
    let note = &amendment.keys()[0];
    assert!(note.unwrap(REGISTRY, &world.identity(REGISTRY).decryption).is_err());
    vault.leave().unwrap();
    // In a copy from before, where no amendment is known, she reads what she could read then.
    let options = amanah::vault::Options { state: world.path().join("hers"), ..world.options() };
    let mut old = Vault::open(&copy, &options).unwrap();
    let mut siti = old.admit(world.identity(REGISTRY)).unwrap();
    assert_eq!(name(&mut old, &mut siti, &before).unwrap(), "Before");
    old.close(&mut siti).unwrap();
    // And that copy, in the place of the vault, is refused where the amendment was seen.
    fs::rename(world.vault_dir(), world.path().join("new")).unwrap();
    fs::rename(&copy, world.vault_dir()).unwrap();
    let error = Vault::open(&world.vault_dir(), &world.options()).unwrap_err();
    assert_eq!(code(error), "vault-bad-checkpoint", "it has as many entries, and another log key");
}

/// The newest checkpoint that this machine has seen is signed with a key that a ledger from before the
/// amendment does not have: that it was cut is what is to be told, and not that the checkpoint is wrong.
#[test]
fn a_copy_from_before_an_amendment_is_told_as_a_ledger_that_was_cut() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let copy = world.path().join("copy");
    cmd::copy(&world.vault_dir(), &copy);
    let (mut vault, mut ratna) = world.open(HEAD);
    amended(&world, &mut vault, &mut ratna, OMBUDSMAN, |proposal| proposal.rotate("handayani/head").unwrap());
    vault.close(&mut ratna).unwrap();
    fs::remove_dir_all(world.vault_dir()).unwrap();
    fs::rename(&copy, world.vault_dir()).unwrap();
    assert_eq!(code(verify(&world.vault_dir(), &world.options()).unwrap_err()), "vault-rolled-back");
    assert_eq!(code(Vault::open(&world.vault_dir(), &world.options()).unwrap_err()), "vault-rolled-back");
}

/// Whoever amended had no time, or no right any more, to make a checkpoint: a file that nobody would
/// believe is not made from a copy of that.
#[test]
fn nothing_is_asked_from_a_copy_whose_charter_is_newer_than_its_checkpoint() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let record = child(&mut vault, &mut siti, "Nama Contoh");
    vault.checkpoint(&mut siti).unwrap();
    let ask = |vault: &mut Vault| {
        let mut ani = vault.admit(world.identity(KPAI)).unwrap();
        let until = vault.today().checked_add(7.days()).unwrap();
        let asked = Ask { records: &[record], classes: &[], fields: &[], until };
        let why = Access { purpose: Some("oversight"), reason: Some("Pengaduan 7") };
        vault.request_aside(&mut ani, why, &asked, &["ombudsman/reviewers".to_owned()], None).map(drop)
    };
    ask(&mut vault).unwrap();
    amended(&world, &mut vault, &mut siti, KPAI, |proposal| proposal.rotate("handayani/registry").unwrap());
    assert_eq!(code(ask(&mut vault).unwrap_err()), "vault-checkpoint-behind");
    vault.checkpoint(&mut siti).unwrap();
    ask(&mut vault).unwrap();
    vault.close(&mut siti).unwrap();
}

#[test]
fn a_charter_taken_out_of_the_store_comes_back() {
    use amanah::{
        store::{Batch, Kv as _, sled::SledStore},
        vault::rows,
    };
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    enrolled(&world, &mut vault, &mut siti, "handayani/tono", "handayani/registry");
    vault.close(&mut siti).unwrap();
    let (vault, _) = world.open(REGISTRY);
    assert!(!vault.was_rebuilt(), "a store that was not touched is believed");
    vault.leave().unwrap();
    let store = SledStore::open(&world.vault_dir().join("store")).unwrap();
    let mut batch = Batch::default();
    batch.remove(rows::charter(2));
    batch.remove(rows::begin(2));
    store.apply(batch).unwrap();
    store.close().unwrap();
    let (vault, _) = world.open(REGISTRY);
    assert_eq!((vault.was_rebuilt(), vault.charter().version()), (true, 2));
}

#[test]
fn enrolled_signed_applied_and_revoked_at_the_command_line() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    let (_, card) = newcomer("handayani/tono");
    fs::write(world.path().join("tono.card"), card.to_bytes()).unwrap();
    let enroll = "member enroll tono.card --group handayani/registry -o tono.amendment --json --fingerprint";
    run(&mut by(&world, HEAD), &format!("{enroll} 00000-00000-00000-00000-000000")).refused(6, "member-fingerprint");
    let proposed = run(&mut by(&world, HEAD), &format!("{enroll} {}", card.fingerprint())).json();
    assert_eq!((&proposed["version"], &proposed["suffices"]), (&2.into(), &false.into()));
    run(&mut by(&world, HEAD), "charter amend apply tono.amendment --json").refused(5, "amendment-quorum");
    let told = run(&mut cmd::amanah(&world), "charter amend show tono.amendment --json --lang id").json();
    assert!(told["missing"].as_str().unwrap().starts_with("tanda tangan"), "{told}");
    let mut ani = by(&world, KPAI);
    ani.env_remove("AMANAH_VAULT");
    let signed = run(&mut ani, "charter amend sign tono.amendment -o signed --yes --json").json();
    assert_eq!(signed["suffices"], true);
    let shown = run(&mut cmd::amanah(&world), "charter amend show signed").ok();
    assert!(
        shown.out.contains("member handayani/tono: new") && shown.out.contains(&card.fingerprint()),
        "{}",
        shown.out
    );
    let applied = run(&mut by(&world, REGISTRY), "charter amend apply tono.amendment signed --json").json();
    assert_eq!(applied["version"], 2);
    run(&mut by(&world, HEAD), "member revoke handayani/tono -o gone").ok();
    run(&mut by(&world, KPAI), "group rotate handayani/head -o rotated --json").refused(3, "amendment-own-key");
    run(&mut by(&world, REGISTRY), "group rotate handayani/registry --resume --json").json();
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

/// Who has left, or has another card, signed what they signed: with the charter of today alone that cannot
/// be told, with all of them it can.
#[test]
fn what_was_signed_with_an_earlier_card_is_proved_with_the_charter_of_its_time() {
    let world = World::new();
    let (vault, mut siti) = world.found();
    vault.close(&mut siti).unwrap();
    run(&mut by(&world, CLINICAL), "record list child -p care").ok();
    let listed = run(&mut by(&world, HEAD), "audit log --member handayani/budi --json").json();
    let entry = listed[0]["seq"].as_u64().unwrap();
    let (_, card) = newcomer("handayani/budi");
    fs::write(world.path().join("budi.card"), card.to_bytes()).unwrap();
    let enroll = "member enroll budi.card -o budi.amendment --fingerprint";
    run(&mut by(&world, HEAD), &format!("{enroll} {}", card.fingerprint())).ok();
    run(&mut by(&world, KPAI), "charter amend sign budi.amendment -o signed --yes").ok();
    run(&mut by(&world, HEAD), "charter amend apply budi.amendment signed").ok();
    run(&mut by(&world, HEAD), &format!("audit prove {entry} -o proof")).ok();
    let newest = run(&mut by(&world, HEAD), "charter show --toml").ok().out;
    fs::write(world.path().join("newest"), newest).unwrap();
    run(&mut by(&world, HEAD), "charter export -o charters").ok();
    let check =
        |charters: &str| run(&mut cmd::amanah(&world), &format!("audit check-proof proof --charter {charters} --json"));
    check("newest").refused(3, "proof-other-charter");
    assert_eq!(check("charters").json()["entry"]["actor"], "handayani/budi");
}

/// What a signer must not miss is marked, also in the parts that are shown as they are written.
#[test]
fn what_becomes_easier_is_marked() {
    let world = World::new();
    let (vault, _siti) = world.found();
    let present = vault.charter().clone();
    let head = world.identity(HEAD);
    let marked = |amendment: &Amendment| -> Vec<(String, bool)> {
        let changes = Changes::between(amendment.present(), amendment.next());
        let code = |change: &Change| serde_json::to_value(change).unwrap()["change"].as_str().unwrap().to_owned();
        changes.0.iter().map(|change| (code(change), change.lowers(amendment.present()))).collect()
    };
    let with = |change: &str, easier: bool| vec![(change.to_owned(), easier)];
    let next = |from: &str, to: &str| edited(&vault, &head, from, to).unwrap();
    assert_eq!(marked(&next("confirm = true", "confirm = false")), with("section", true));
    let purpose = "code = \"care\"";
    assert!(present.purpose("care").is_some_and(|purpose| !purpose.restricted));
    let restricted = next(purpose, &format!("{purpose}\nrestricted = true"));
    assert_eq!(marked(&restricted), with("purpose-other", true));
    // What a purpose is called decides what people take it for: the words stand there, before and after.
    let words = next("en = \"Care and therapy\"", "en = \"Anything\"");
    let changes = serde_json::to_value(&Changes::between(words.present(), words.next()).0).unwrap();
    assert_eq!(
        (&changes[0]["before"]["en"], &changes[0]["after"]["en"]),
        (&"Care and therapy".into(), &"Anything".into())
    );
    let new = format!("[[purpose]]\ncode = \"x\"\nen = \"X\"\nid = \"X\"\n\n[[purpose]]\n{purpose}");
    assert_eq!(marked(&next(&format!("[[purpose]]\n{purpose}"), &new)), with("purpose-in", false));
    // Witnesses: another one that counts, an older cosignature, and a stricter rule.
    let key = |name: &str, seed: u8| {
        let key = SigningKey::from_seed(&[seed; 32]).unwrap();
        amanah::ledger::witness::vkey(name, &key).unwrap().to_string()
    };
    let (one, other) = (key("kpai/one", 1), key("kpai/other", 2));
    let rule = |any: u8, hours: u32, keys: &[&str]| {
        let keys = keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ");
        format!("[witness]\nany = {any}\nmax_age_hours = {hours}\nkeys = [{keys}]\n\n[erasure]")
    };
    let watched = next("[erasure]", &rule(1, 48, &[&one]));
    assert_eq!(marked(&watched), with("section", false));
    let from_watched = |rule: &str| {
        let toml = watched.next().toml();
        let begin = toml.find("[witness]").unwrap();
        let end = begin + toml[begin..].find("[erasure]").unwrap() + "[erasure]".len();
        let text = format!("{}{rule}{}", &toml[..begin], &toml[end..]);
        let folder = std::path::Path::new(".");
        build(Proposal::from_toml(watched.next(), &text, "charter", folder).unwrap(), &head).unwrap()
    };
    for (rule, easier) in [
        (rule(1, 48, &[&one, &other]), true),
        (rule(1, 72, &[&one]), true),
        (rule(1, 48, &[&other]), true),
        ("[erasure]".to_owned(), true),
        (rule(1, 24, &[&one]), false),
    ] {
        assert_eq!(marked(&from_watched(&rule)), with("section", easier), "{rule}");
    }
    vault.leave().unwrap();
}

/// Who is let into a class may not open what was sealed before, and the index of that neither.
#[test]
fn who_is_let_into_a_class_searches_it_once_its_index_is_made_anew() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let before = child(&mut vault, &mut siti, "Wulan");
    let present = vault.charter().clone();
    let closed = "of = [\"handayani/registry\", \"handayani/head\"]";
    assert_eq!(present.toml().matches(closed).count(), 1);
    let open = closed.replace("registry\", ", "registry\", \"handayani/clinical\", ");
    let proposal = Proposal::from_toml(&present, &present.toml().replace(closed, &open), "charter", world.path());
    let mut amendment = build(proposal.unwrap(), &world.identity(HEAD)).unwrap();
    sign(&mut amendment, &world, &[KPAI]);
    vault.amend_charter(&mut siti, &amendment).unwrap();
    // Of one record, what waits for an index too.
    vault.close(&mut siti).unwrap();

    let find = |vault: &mut Vault, actor: &mut Actor, name: &str| {
        let conditions = vec![Condition { field: None, by: By::Name(name.to_owned()) }];
        let question = Question { kind: None, conditions, limit: 9 };
        let answer = vault.find_records(actor, CARE, &question, &Unwatched)?;
        Ok::<_, VaultError>(answer.found.into_iter().map(|one| one.shown.record).collect::<Vec<_>>())
    };
    let (mut vault, mut budi) = world.open(CLINICAL);
    let size = vault.size();
    assert_eq!(code(find(&mut vault, &mut budi, "wulan").unwrap_err()), "vault-index-sealed");
    let entry = vault.line(size).unwrap().entry().clone();
    assert_eq!((entry.action, entry.outcome, vault.size()), (Action::RecordFind, Outcome::Refused, size + 1));
    // Entering goes on as before: whether a number is there already, they cannot be told.
    let draft =
        draft(vault.schema(), "child", &[("child_code", "B-1"), ("full_name", "Wulan"), ("nik", "3171016905100001")]);
    assert_eq!(vault.check_unique(&mut budi, CARE, "child", &draft, None, &Unwatched).unwrap(), ["nik"]);
    let after = vault.create_record(&mut budi, CARE, "child", &draft).unwrap().record;
    // Nor do they make anew what they could not open all of, and nothing says that they did.
    let size = vault.size();
    assert_eq!(vault.rebuild_index(&mut budi, CARE, &Unwatched).unwrap().classes, 2);
    for sequence in size..vault.size() {
        let entry = vault.line(sequence).unwrap().entry().clone();
        assert!(entry.subjects.iter().all(|subject| !subject.fields.contains_key("identity")));
    }
    vault.close(&mut budi).unwrap();

    let (mut vault, mut siti) = world.open(REGISTRY);
    assert_eq!(find(&mut vault, &mut siti, "wulan").unwrap().len(), 2);
    vault.rebuild_index(&mut siti, CARE, &Unwatched).unwrap();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut budi) = world.open(CLINICAL);
    let found = find(&mut vault, &mut budi, "wulan").unwrap();
    assert!(found.len() == 2 && found.contains(&before) && found.contains(&after));
    assert_eq!(vault.rebuild_index(&mut budi, CARE, &Unwatched).unwrap().classes, 2);
    // The two could be one person, and they are not told so; but that they were not compared.
    let Duplicates { pairs, closed, .. } = vault.find_duplicates(&mut budi, CARE, "child", &Unwatched).unwrap();
    assert_eq!((pairs.len(), closed), (0, 1));
    vault.close(&mut budi).unwrap();
    sound(&world);
}
