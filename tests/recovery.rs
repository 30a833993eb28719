//! Group keys on paper: split, tried, overtaken by a new key, and put together again.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cmd;
mod common;

use std::fs;

use amanah::{
    crypto::{identity::Identity, random::SystemRandom, slip39::Share},
    custody::{Card, Proposal},
    vault::{Unwatched, Vault, VaultError, verify},
};
use cmd::{by, entries, run};
use common::{CARE, CLINICAL, HEAD, KPAI, REGISTRY, World, draft};

const GROUP: &str = "handayani/registry";

fn code<T: std::fmt::Debug>(result: Result<T, VaultError>) -> &'static str {
    use amanah::problem::Problem as _;
    result.unwrap_err().code()
}

#[test]
fn paper_gives_back_what_was_sealed_before_everybody_lost_their_keys() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let fields = [("child_code", "A-1"), ("full_name", "Sari")];
    let draft = draft(vault.schema(), "child", &fields);
    let record = vault.create_record(&mut siti, CARE, "child", &draft).unwrap().record;
    let dealt = vault.split_group_key(&mut siti, GROUP, 3, 5).unwrap();
    assert_eq!((dealt.shares.len(), dealt.paper.epoch, vault.size()), (5, 1, dealt.entry + 1));
    let some: Vec<Share> = [4, 0, 2].iter().map(|at| dealt.shares[*at].clone()).collect();

    let tried = vault.drill(&mut siti, GROUP, &some).unwrap();
    assert_eq!((tried.epoch, tried.set, tried.shares), (1, dealt.paper.set, 3));
    for (shares, wanted) in [(&some[..2], "slip39-not-enough"), (&[][..], "slip39-not-enough")] {
        assert_eq!(code(vault.drill(&mut siti, GROUP, shares)), wanted);
    }
    let other = amanah::crypto::slip39::split(&[9; 32], 2, 2, &mut SystemRandom::new()).unwrap();
    assert_eq!(code(vault.drill(&mut siti, GROUP, &other)), "paper-other-key");
    assert_eq!(code(vault.combine(&mut siti, GROUP, &some, &Unwatched)), "paper-present-key");
    assert_eq!(code(vault.drill(&mut siti, "handayani/clinical", &some)), "vault-not-member");
    assert_eq!(code(vault.split_group_key(&mut siti, "kpai/reviewers", 2, 3)), "vault-not-member");
    assert_eq!(code(vault.split_group_key(&mut siti, GROUP, 1, 3)), "slip39-bad-threshold");

    // Somebody new takes the place of siti, who has lost her key.
    let tono = Identity::generate("handayani/tono", &mut SystemRandom::new()).unwrap();
    let now = jiff::Timestamp::now();
    let card = Card::make("handayani/tono", tono.recipient().unwrap(), &tono.signing, now).unwrap();
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    proposal.enroll(&card, &[GROUP.to_owned()]).unwrap();
    proposal.revoke(REGISTRY).unwrap();
    let head = world.identity(HEAD);
    let mut amendment = proposal.build((HEAD, &head.signing), &mut SystemRandom::new(), now).unwrap();
    amendment.sign(KPAI, &world.identity(KPAI).signing).unwrap();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut ratna) = world.open(HEAD);
    vault.amend_charter(&mut ratna, &amendment).unwrap();
    vault.close(&mut ratna).unwrap();

    let mut vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    let mut tono = vault.admit(tono).unwrap();
    let state = vault.paper().unwrap().into_iter().find(|paper| paper.group == GROUP).unwrap();
    assert!(!state.is_current() && state.epoch == 2 && state.split.unwrap().0.epoch == 1 && state.drill.is_some());
    assert_eq!(code(vault.read_record(&mut tono, CARE, &record, None, None)), "vault-not-handed-on");
    assert_eq!(code(vault.drill(&mut tono, GROUP, &some)), "paper-old-key");
    let (paper, rotated) = vault.combine(&mut tono, GROUP, &some, &Unwatched).unwrap();
    assert_eq!((paper.epoch, rotated.done, rotated.left), (1, 1, 0));
    let shown = vault.read_record(&mut tono, CARE, &record, None, None).unwrap();
    assert_eq!(shown.value("full_name").and_then(|value| value.as_text()), Some("Sari"));
    vault.split_group_key(&mut tono, GROUP, 2, 2).unwrap();
    assert!(vault.paper().unwrap().iter().find(|paper| paper.group == GROUP).unwrap().is_current());
    vault.close(&mut tono).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
    fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
    let vault = Vault::open(&world.vault_dir(), &world.options()).unwrap();
    assert!(vault.paper().unwrap().iter().any(amanah::vault::PaperState::is_current));
}

#[test]
fn by_the_commands() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let split = "recovery split handayani/clinical --threshold 2 --of 3 --json";
    run(&mut by(&world, CLINICAL), split).refused(2, "cli-no-terminal");
    assert_eq!(entries(&world).len(), 1, "nothing is entered that was not done");
    run(&mut by(&world, REGISTRY), &format!("{split} -o words")).refused(5, "vault-not-member");
    assert!(!world.path().join("words").exists());
    let read_ledger = || fs::read_to_string(world.path().join("vault/ledger/000001.jsonl")).unwrap();
    let before = read_ledger();
    let made = run(&mut by(&world, CLINICAL), &format!("{split} -o words --sheet sheet.html")).json();
    assert_eq!((&made["epoch"], &made["threshold"], &made["shares"]), (&1.into(), &2.into(), &3.into()));
    run(&mut by(&world, CLINICAL), &format!("{split} -o words")).refused(3, "file-exists");
    let words = fs::read_to_string(world.path().join("words")).unwrap();
    let sheet = fs::read_to_string(world.path().join("sheet.html")).unwrap();
    let lines: Vec<&str> = words.lines().collect();
    for line in &lines {
        assert_eq!(line.split(' ').count(), 33);
        assert!(sheet.contains(&line.replace(' ', "<li>")));
    }
    for file in ["words", "sheet.html"] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(world.path().join(file)).unwrap().permissions().mode() & 0o077, 0);
    }
    let drill = "recovery drill handayani/clinical --from some";
    fs::write(world.path().join("some"), format!("# from the safe\n\n{}\n{}\n", lines[2], lines[0])).unwrap();
    let drilled = run(&mut by(&world, CLINICAL), drill).ok();
    assert!(drilled.out.contains("nothing was restored"), "{}", drilled.out);
    fs::write(world.path().join("some"), format!("{}\n{}\n", lines[2], lines[0].replacen(' ', " siti ", 1))).unwrap();
    let told = run(&mut by(&world, CLINICAL), &format!("{drill} --json")).refused(3, "recovery-bad-share");
    assert_eq!(told, "line 2 is not a share: word 2 is not in the list of words");
    let status = run(&mut by(&world, CLINICAL), "recovery status --json").json();
    let clinical = status.as_array().unwrap().iter().find(|one| one["group"] == "handayani/clinical").unwrap();
    assert_eq!((&clinical["current"], &clinical["drill"]["shares"]), (&true.into(), &2.into()));

    // No word of any share has come into the vault's readable files. Some of the list, such as "member",
    // stood there for themselves.
    let ledger = read_ledger();
    assert!(ledger.contains("recovery.split") && ledger.contains("recovery.drill"));
    let has = |text: &str, word: &str| text.split(|c: char| !c.is_ascii_alphabetic()).any(|own| own == word);
    for word in lines.iter().flat_map(|line| line.split(' ')) {
        assert!(!has(&ledger, word) || has(&before, word), "{word}");
    }
    let words: Vec<&str> = lines[0].split(' ').collect();
    assert!(words.windows(2).all(|pair| !ledger.contains(&pair.join(" "))));

    let rotate = "group rotate handayani/clinical -o next";
    assert!(run(&mut by(&world, HEAD), rotate).ok().err.contains("do not restore the new one"));
    run(&mut by(&world, KPAI), "charter amend sign next -o signed --yes").ok();
    let applied = run(&mut by(&world, HEAD), "charter amend apply signed").ok();
    assert!(applied.err.contains("handayani/clinical has a new key: the paper shares"), "{}", applied.err);
    let told = run(&mut by(&world, CLINICAL), &format!("{drill} --json"));
    assert_eq!(told.code, 3);
    fs::write(world.path().join("some"), format!("{}\n{}\n", lines[2], lines[0])).unwrap();
    run(&mut by(&world, CLINICAL), &format!("{drill} --json")).refused(5, "paper-old-key");
    let status = run(&mut by(&world, CLINICAL), "recovery status").ok();
    assert!(status.out.contains("does not restore the present key"), "{}", status.out);
    run(&mut by(&world, CLINICAL), "audit verify").ok();
}
