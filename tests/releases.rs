//! Requests and releases in a vault: who can open what with whose shares, and everything that is
//! refused.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cmd;
mod common;

use std::{collections::BTreeSet, sync::Arc};

use amanah::{
    audit::{self, Span},
    crypto::{identity::Identity, random::SystemRandom},
    custody::{
        Card, Charter, Ending, Proposal, Release, ReleaseError, Request,
        charter::Group,
        ending::seal,
        release::{Given, OpenShare},
        request::{Asked, Named},
    },
    id::Id,
    ledger::Outcome,
    problem::Problem as _,
    store::journal::Item as Kept,
    vault::{Access, Actor, Ask, Ground, State, Unwatched, Vault, VaultError, verify},
};
use cmd::{by, entries, run};
use common::{CARE, CLINICAL, HEAD, KPAI, OMBUDSMAN, REGISTRY, World, draft, forge::payloads};
use jiff::{Timestamp, ToSpan as _, civil::Date};

/// What the head asks for.
const WHY: Access<'static> = Access { purpose: Some("case_conference"), reason: Some("Konferensi kasus 12 Desember") };

fn today() -> Date {
    jiff::tz::TimeZone::get("Asia/Jakarta").unwrap().to_datetime(Timestamp::now()).date()
}

fn soon() -> Date {
    today().checked_add(7.days()).unwrap()
}

/// The intake of a child: its referrer is sealed.
fn intake(vault: &mut Vault, actor: &mut Actor, code: &str) -> Id {
    let of = draft(vault.schema(), "child", &[("child_code", code), ("full_name", "Nama Contoh")]);
    let child = vault.create_record(actor, CARE, "child", &of).unwrap().record;
    let mut of = draft(vault.schema(), "intake", &[("intake_date", "2026-01-05"), ("referrer", "Rahasia")]);
    of.of = Some(child);
    vault.create_record(actor, CARE, "intake", &of).unwrap().record
}

fn ask(vault: &mut Vault, actor: &mut Actor, record: Id, class: &str) -> Result<Request, VaultError> {
    let classes = [class.to_owned()];
    vault.make_request(actor, WHY, &Ask { records: &[record], classes: &classes, fields: &[], until: soon() })
}

fn code<T: std::fmt::Debug>(result: Result<T, VaultError>) -> &'static str {
    result.unwrap_err().code()
}

fn note(shown: &[amanah::vault::Shown]) -> String {
    shown[0].value("referrer").and_then(|value| value.as_text()).unwrap_or("-").to_owned()
}

fn as_actor(world: &World, vault: &Vault, member: &str) -> Actor {
    vault.admit(world.identity(member)).unwrap()
}

/// What the keys of a member lay open of a record, by class.
fn laid_open(vault: &Vault, member: &str, record: Id) -> BTreeSet<String> {
    let charters: Vec<&Charter> = vault.charters().map(Arc::as_ref).collect();
    let released = vault.released_to(member).unwrap();
    let all = audit::exposure(vault.entries().unwrap(), &charters, member, &released, Span::default()).unwrap();
    all.could.get(&record).map(|one| one.fields.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn what_was_released_lies_open_to_the_keys_of_who_asked() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let (one, other) = (intake(&mut vault, &mut siti, "A-1"), intake(&mut vault, &mut siti, "A-2"));
    let (mut ratna, mut ani) = (as_actor(&world, &vault, HEAD), as_actor(&world, &vault, KPAI));
    let mut yusuf = as_actor(&world, &vault, OMBUDSMAN);
    let sealed = |vault: &Vault, member: &str, record| laid_open(vault, member, record).contains("sealed");
    let asked = ask(&mut vault, &mut ratna, one, "sealed").unwrap();
    assert!(!sealed(&vault, HEAD, one));
    vault.approve(&mut ani, &asked, None).unwrap();
    assert!(sealed(&vault, HEAD, one) && !sealed(&vault, HEAD, other), "not opened, and open");
    // Taken back, it is still in every copy of the vault.
    vault.withdraw_request(&mut ratna, &asked.id()).unwrap();
    assert!(sealed(&vault, HEAD, one));
    // What one overseer has released to another opens only with what they hold themselves.
    let watched = ask(&mut vault, &mut ani, other, "sealed").unwrap();
    assert!(!sealed(&vault, KPAI, other));
    vault.approve(&mut yusuf, &watched, None).unwrap();
    assert!(sealed(&vault, KPAI, other) && !sealed(&vault, OMBUDSMAN, other));
    vault.open_released(&mut ani, &watched.id(), &[]).unwrap();
    vault.close(&mut ani).unwrap();
}

#[test]
fn the_head_opens_a_sealed_field_with_kpais_release_and_not_without() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let record = intake(&mut vault, &mut siti, "A-1");
    let mut ratna = as_actor(&world, &vault, HEAD);
    let mut ani = as_actor(&world, &vault, KPAI);
    let request = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    assert_eq!(request.envelopes().len(), 1);
    assert_eq!(code(vault.open_released(&mut ratna, &request.id(), &[])), "release-quorum");
    assert_eq!(code(vault.approve(&mut siti, &request, None)), "release-no-share");
    let (entry, release) = vault.approve(&mut ani, &request, None).unwrap();
    assert_eq!((release.group(), release.asker()), ("kpai/reviewers", HEAD));
    assert_eq!(code(vault.approve(&mut ani, &request, None)), "release-there");
    // It is for her alone.
    assert_eq!(code(vault.open_released(&mut siti, &request.id(), &[])), "release-not-for-you");
    let shown = vault.open_released(&mut ratna, &request.id(), &[]).unwrap();
    assert_eq!(note(&shown), "Rahasia");
    let opened = vault.line(vault.size() - 1).unwrap();
    let subject = &opened.entry().subjects[0];
    assert_eq!((opened.entry().action.name(), &subject.records), ("release.open", &vec![record]));
    assert!(subject.fields["sealed"].contains(&"referrer".to_owned()));
    assert_eq!(vault.line(entry).unwrap().entry().action.name(), "release.approve");
    // What is written later is not covered.
    let changed = draft(vault.schema(), "intake", &[("referrer", "Lebih rahasia")]);
    vault.update_record(&mut siti, CARE, &record, &changed).unwrap();
    assert_eq!(note(&vault.open_released(&mut ratna, &request.id(), &[]).unwrap()), "Rahasia");
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
    // The store made anew says the same.
    std::fs::remove_dir_all(world.vault_dir().join("store")).unwrap();
    let (mut vault, mut ratna) = world.open(HEAD);
    assert_eq!(note(&vault.open_released(&mut ratna, &request.id(), &[]).unwrap()), "Rahasia");
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

/// A request is a way to use a record like any other: it stops where the record's use is restricted,
/// whatever was released before, but for overseers and purposes that the charter names.
#[test]
fn what_is_restricted_is_not_used_by_way_of_a_request() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let (record, other) = (intake(&mut vault, &mut siti, "A-1"), intake(&mut vault, &mut siti, "A-2"));
    let mut ratna = as_actor(&world, &vault, HEAD);
    let (mut ani, mut yusuf) = (as_actor(&world, &vault, KPAI), as_actor(&world, &vault, OMBUDSMAN));
    let released = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    let asked = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    let both = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    vault.approve(&mut ani, &released, None).unwrap();
    vault.restrict_records(&mut siti, CARE, &[record], Ground::Disputed).unwrap();
    let refused = |vault: &Vault| {
        let entry = vault.line(vault.size() - 1).unwrap().entry().clone();
        (entry.action.name(), entry.outcome, entry.detail, entry.subjects.len())
    };
    let told = |action| (action, Outcome::Refused, Some("restricted".to_owned()), 1);
    assert_eq!(code(ask(&mut vault, &mut ratna, record, "sealed")), "vault-restricted");
    assert_eq!(refused(&vault), told("request.make"));
    assert_eq!(code(vault.approve(&mut ani, &asked, None)), "vault-restricted");
    assert_eq!(refused(&vault), told("release.approve"));
    assert_eq!(code(vault.open_released(&mut ratna, &released.id(), &[])), "vault-restricted");
    assert_eq!(refused(&vault), told("release.open"));
    for (one, into) in [(record, other), (other, record)] {
        assert_eq!(code(vault.merge_records(&mut siti, CARE, &one, &into)), "vault-restricted");
    }
    // It can be denied; and it is used for what the charter names, and by overseers.
    vault.deny(&mut ani, &asked, "Sedang diperiksa").unwrap();
    let duty = Access { purpose: Some("legal_duty"), reason: Some("Putusan pengadilan") };
    let sealed = ["sealed".to_owned()];
    let wish = Ask { records: &[record], classes: &sealed, fields: &[], until: soon() };
    let lawful = vault.make_request(&mut ratna, duty, &wish).unwrap();
    vault.approve(&mut ani, &lawful, None).unwrap();
    assert_eq!(note(&vault.open_released(&mut ratna, &lawful.id(), &[]).unwrap()), "Rahasia");
    let watched = ask(&mut vault, &mut ani, record, "sealed").unwrap();
    vault.approve(&mut yusuf, &watched, None).unwrap();
    assert_eq!(note(&vault.open_released(&mut ani, &watched.id(), &[]).unwrap()), "Rahasia");
    // Afterwards what was asked for and released before goes on.
    vault.release_restriction(&mut siti, CARE, &[record]).unwrap();
    assert_eq!(note(&vault.open_released(&mut ratna, &released.id(), &[]).unwrap()), "Rahasia");
    vault.approve(&mut ani, &both, None).unwrap();
    vault.close(&mut siti).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn two_overseers_open_what_the_centre_has_not_released() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let record = intake(&mut vault, &mut siti, "A-1");
    let (mut ani, mut yusuf) = (as_actor(&world, &vault, KPAI), as_actor(&world, &vault, OMBUDSMAN));
    let access = Access { purpose: Some("oversight"), reason: Some("Pengaduan 7") };
    let child = vault.head_of(&record).unwrap().of.unwrap();
    let ask = Ask { records: &[record, child], classes: &[], fields: &[], until: soon() };
    let request = vault.make_request(&mut ani, access, &ask).unwrap();
    assert_eq!(request.classes(), ["administrative", "identity", "personal", "sealed", "sensitive"]);
    assert_eq!(code(vault.open_released(&mut ani, &request.id(), &[])), "release-quorum");
    vault.approve(&mut yusuf, &request, None).unwrap();
    let shown = vault.open_released(&mut ani, &request.id(), &[]).unwrap();
    let of = |record: Id| shown.iter().find(|shown| shown.record == record).unwrap();
    assert_eq!(of(record).value("referrer").unwrap().as_text(), Some("Rahasia"));
    assert_eq!(of(child).value("full_name").unwrap().as_text(), Some("Nama Contoh"));
    vault.close(&mut ani).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn withdrawn_denied_expired_and_asked_for_nothing() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let record = intake(&mut vault, &mut siti, "A-1");
    let (mut ratna, mut ani) = (as_actor(&world, &vault, HEAD), as_actor(&world, &vault, KPAI));
    assert_eq!(code(ask(&mut vault, &mut ratna, record, "administrative")), "release-opens-alone");
    let classes = ["sealed".to_owned()];
    let records = [record];
    let until = |until| Ask { records: &records, classes: &classes, fields: &[], until };
    let yesterday = today().yesterday().unwrap();
    assert_eq!(code(vault.make_request(&mut ratna, WHY, &until(yesterday))), "release-bad-day");
    let far = today().checked_add(400.days()).unwrap();
    assert_eq!(code(vault.make_request(&mut ratna, WHY, &until(far))), "release-bad-day");
    let request = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    assert_eq!(code(vault.withdraw_request(&mut ani, &request.id())), "release-not-yours");
    let denied = vault.deny(&mut ani, &request, "Belum perlu").unwrap().1;
    let identity = world.identity(HEAD);
    assert_eq!(denied.because(&identity.decryption).unwrap().as_deref(), Some("Belum perlu"));
    assert!(denied.because(&world.identity(REGISTRY).decryption).is_err());
    assert_eq!(code(vault.open_released(&mut ratna, &request.id(), &[])), "release-denied");
    vault.withdraw_request(&mut ratna, &request.id()).unwrap();
    let exchange = vault.exchange(&request.id()).unwrap();
    assert_eq!(vault.state_of(&exchange, Timestamp::now()), State::Withdrawn);
    let mut yusuf = as_actor(&world, &vault, OMBUDSMAN);
    assert_eq!(code(vault.approve(&mut yusuf, &request, None)), "release-withdrawn");
    assert_eq!(code(vault.open_released(&mut ratna, &request.id(), &[])), "release-withdrawn");
    // Of another one the day comes and goes.
    let second = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    let exchange = vault.exchange(&second.id()).unwrap();
    assert_eq!(vault.state_of(&exchange, Timestamp::now()), State::Open);
    let later = Timestamp::now().checked_add(jiff::SignedDuration::from_hours(24 * 9)).unwrap();
    assert_eq!(vault.state_of(&exchange, later), State::Expired);
    let charter = vault.charter().clone();
    assert_eq!(second.check(&[&charter], later).unwrap_err().code(), "release-expired");
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

/// A request by somebody, about something, under a charter: as a crafted file would hold it.
fn crafted(charter: &Charter, by: &Identity, named: Vec<Named>) -> Request {
    let classes: BTreeSet<String> = named.iter().map(|named| named.class.clone()).collect();
    let asked = Asked {
        purpose: "case_conference".into(),
        until: soon(),
        seen: 0,
        records: named.iter().map(|named| named.record).collect(),
        classes: classes.into_iter().collect(),
        fields: Vec::new(),
        envelopes: named,
        reason: charter.groups().iter().map(sealed_reason).collect(),
    };
    Request::make(charter, (&by.member, &by.signing), asked, Timestamp::now()).unwrap()
}

fn sealed_reason(group: &Group) -> (String, String) {
    (group.id.clone(), seal(&group.recipient, "sebab", &mut SystemRandom::new()).unwrap())
}

fn given<'a>(release: &Release, group: &'a str, shares: &'a [OpenShare]) -> Given<'a> {
    Given { group, seen: 0, envelopes: release.envelopes().to_vec(), shares, carries: None }
}

#[test]
fn the_centre_alone_fails_at_sealed_fields_in_every_way_tried() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let one = intake(&mut vault, &mut siti, "A-1");
    let two = intake(&mut vault, &mut siti, "A-2");
    let (mut ratna, mut ani) = (as_actor(&world, &vault, HEAD), as_actor(&world, &vault, KPAI));
    let mut budi = as_actor(&world, &vault, CLINICAL);
    let first = ask(&mut vault, &mut ratna, one, "sealed").unwrap();
    let second = ask(&mut vault, &mut ratna, two, "sealed").unwrap();
    let (_, released) = vault.approve(&mut ani, &first, None).unwrap();
    let mut refused =
        |vault: &mut Vault, id: &Id, release: Release| code(vault.open_released(&mut ratna, id, &[release]));
    // No group of the centre but the head's holds anything of it.
    for other in [&mut siti, &mut budi] {
        assert_eq!(code(vault.approve(other, &second, None)), "release-no-share");
    }
    // KPAI's release for one child does not open another.
    assert_eq!(refused(&mut vault, &second.id(), released.clone()), "release-replayed");
    // A release that the head signs in KPAI's name, or in her own for KPAI's group.
    let charter = vault.charter().clone();
    let identity = world.identity(HEAD);
    let key = world.identity(HEAD).decryption;
    let shares = released.open(&key).unwrap();
    let head = (identity.member.as_str(), &identity.signing);
    let made = Release::make(
        &charter,
        &second,
        head,
        given(&released, "kpai/reviewers", &shares),
        Timestamp::now(),
        &mut SystemRandom::new(),
    );
    assert_eq!(made.unwrap_err().code(), "release-not-of-group");
    let own = Release::make(
        &charter,
        &second,
        head,
        given(&released, "handayani/head", &shares),
        Timestamp::now(),
        &mut SystemRandom::new(),
    );
    assert_eq!(refused(&mut vault, &second.id(), own.unwrap()), "release-not-covered");
    let as_ani = |from: &str, to: &str| {
        let text = String::from_utf8(released.to_bytes()).unwrap();
        assert!(text.contains(from), "{from}");
        Release::parse(text.replacen(from, to, 1).as_bytes(), released.shares())
    };
    let (first_id, second_id) = (first.envelopes()[0].envelope.to_string(), second.envelopes()[0].envelope.to_string());
    let (first_record, second_record) = (one.to_string(), two.to_string());
    let altered = as_ani(&first_id, &second_id).unwrap();
    assert_eq!(refused(&mut vault, &second.id(), altered), "release-altered");
    assert_eq!(refused(&mut vault, &first.id(), as_ani(&first_record, &second_record).unwrap()), "release-altered");
    // Another file of shares does not go with KPAI's signature.
    assert!(matches!(Release::parse(&released.to_bytes(), &first.to_bytes()), Err(ReleaseError::Altered { .. })));
    // A charter of the centre's own, with its own idea of who KPAI is.
    let mallory = Identity::generate("kpai/ani", &mut SystemRandom::new()).unwrap();
    let other = World::new();
    let (foreign, _) = other.found();
    let request = crafted(foreign.charter(), &other.identity(HEAD), first.envelopes().to_vec());
    assert_eq!(code(vault.approve(&mut ani, &request, None)), "release-other-vault");
    let forged = Release::make(
        &charter,
        &second,
        ("kpai/ani", &mallory.signing),
        Given { envelopes: second.envelopes().to_vec(), ..given(&released, "kpai/reviewers", &shares) },
        Timestamp::now(),
        &mut SystemRandom::new(),
    );
    assert_eq!(refused(&mut vault, &second.id(), forged.unwrap()), "release-altered");
    // Asked in KPAI's name, so that the answer would be for the wrong person.
    let crafted_request = crafted(&charter, &mallory, second.envelopes().to_vec());
    assert_eq!(code(vault.approve(&mut ani, &crafted_request, None)), "release-altered");
    // Envelopes that are not there.
    let mut named = second.envelopes().to_vec();
    named[0].version = 2;
    assert_eq!(code(vault.approve(&mut ani, &crafted(&charter, &identity, named), None)), "release-not-covered");
    vault.close(&mut ani).unwrap();
    let found = verify(&world.vault_dir(), &world.options()).unwrap();
    assert!(found.entries > 10);
}

/// An overseer who wants nothing to be opened releases shares of another group, or of something else.
#[test]
fn a_useless_release_spoils_no_other() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let record = intake(&mut vault, &mut siti, "A-1");
    let (mut ratna, mut ani) = (as_actor(&world, &vault, HEAD), as_actor(&world, &vault, KPAI));
    let request = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    let charter = vault.charter().clone();
    let mut ombudsman = world.identity(OMBUDSMAN);
    ombudsman.decryption = world.identity(HEAD).decryption;
    let useless = |request: &Request, share: OpenShare| {
        let given = Given {
            group: "ombudsman/reviewers",
            seen: 0,
            envelopes: request.envelopes().to_vec(),
            shares: &[share],
            carries: None,
        };
        let releaser = (ombudsman.member.as_str(), &ombudsman.signing);
        Release::make(&charter, request, releaser, given, Timestamp::now(), &mut SystemRandom::new()).unwrap()
    };
    let (_, released) = vault.approve(&mut ani, &request, None).unwrap();
    let own = released.open(&ombudsman.decryption).unwrap();
    let envelope = request.envelopes()[0].envelope;
    let overwriting = own.iter().map(|share| {
        let bytes = share.share.iter().map(|byte| byte ^ 1).collect::<Vec<u8>>();
        useless(&request, OpenShare { envelope, leaf: share.leaf, share: bytes.into() })
    });
    let nothing = || OpenShare { envelope: record, leaf: 0, share: vec![0; 32].into() };
    let elsewhere = useless(&request, nothing());
    // Also one that is given twice.
    let all: Vec<Release> = overwriting.chain([elsewhere.clone(), elsewhere]).collect();
    assert_eq!(note(&vault.open_released(&mut ratna, &request.id(), &all).unwrap()), "Rahasia");
    // Where nothing else suffices, that is why.
    let request = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    let alone = useless(&request, nothing());
    assert_eq!(code(vault.open_released(&mut ratna, &request.id(), &[alone])), "release-malformed");
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

/// Nor where both are counted in one quorum.
#[test]
fn a_useless_release_spoils_no_other_in_the_same_quorum() {
    let world = World::new();
    let path = world.path().join("charter.toml");
    let ready = std::fs::read_to_string(&path).unwrap();
    let (first, rest) = ready.split_once("  { any = 2, of = [\"handayani/head\", \"kpai/reviewers\"] },\n").unwrap();
    let rest = rest.splitn(3, '\n').nth(2).unwrap();
    let all = "  { any = 2, of = [\"handayani/head\", { any = 2, of = [\"kpai/reviewers\", \"ombudsman/reviewers\", \
               \"itjen/reviewers\"] }] },\n";
    std::fs::write(&path, format!("{first}{all}{rest}")).unwrap();
    let (mut vault, mut siti) = world.found();
    let record = intake(&mut vault, &mut siti, "A-1");
    let mut ratna = as_actor(&world, &vault, HEAD);
    let request = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    let charter = vault.charter().clone();
    let ani = world.identity(KPAI);
    let (envelope, leaf) = (request.envelopes()[0].envelope, 1);
    let useless = Given {
        group: "kpai/reviewers",
        seen: 0,
        envelopes: request.envelopes().to_vec(),
        shares: &[OpenShare { envelope, leaf, share: [&[1][..], &[7; 33]].concat().into() }],
        carries: None,
    };
    let releaser = (KPAI, &ani.signing);
    let useless =
        Release::make(&charter, &request, releaser, useless, Timestamp::now(), &mut SystemRandom::new()).unwrap();
    let mut shown = vault.open_released(&mut ratna, &request.id(), std::slice::from_ref(&useless));
    assert_eq!(code(shown), "release-quorum");
    for member in [OMBUDSMAN, "itjen/dewi"] {
        vault.approve(&mut as_actor(&world, &vault, member), &request, None).unwrap();
    }
    shown = vault.open_released(&mut ratna, &request.id(), &[useless]);
    assert_eq!(note(&shown.unwrap()), "Rahasia");
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn what_was_released_under_an_earlier_charter_or_by_somebody_taken_out_is_void() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let record = intake(&mut vault, &mut siti, "A-1");
    let (mut ratna, mut ani) = (as_actor(&world, &vault, HEAD), as_actor(&world, &vault, KPAI));
    let request = ask(&mut vault, &mut ratna, record, "sealed").unwrap();
    vault.approve(&mut ani, &request, None).unwrap();
    let charter = vault.charter().clone();
    let newcomer = Identity::generate("handayani/tono", &mut SystemRandom::new()).unwrap();
    let card =
        Card::make(&newcomer.member, newcomer.recipient().unwrap(), &newcomer.signing, Timestamp::now()).unwrap();
    let amend = |change: &dyn Fn(&mut Proposal<'_>), present: &Charter, with: &str| {
        let mut proposal = Proposal::new(present);
        change(&mut proposal);
        let head = world.identity(HEAD);
        let mut amendment = proposal.build((HEAD, &head.signing), &mut SystemRandom::new(), Timestamp::now()).unwrap();
        amendment.sign(with, &world.identity(with).signing).unwrap();
        amendment
    };
    let amendment = amend(&|p| p.enroll(&card, &["handayani/registry".to_owned()]).unwrap(), &charter, KPAI);
    vault.amend_charter(&mut ratna, &amendment).unwrap();
    assert_eq!(code(vault.open_released(&mut ratna, &request.id(), &[])), "release-other-charter");
    let exchange = vault.exchange(&request.id()).unwrap();
    assert_eq!(vault.state_of(&exchange, Timestamp::now()), State::Void);
    // Nor withdrawn: the entry would name a purpose that the charter need not have any more.
    assert_eq!(code(vault.withdraw_request(&mut ratna, &request.id())), "release-other-charter");
    // Asked by the newcomer, who is then taken out.
    let charter = vault.charter().clone();
    let named = request.envelopes().to_vec();
    let asked = crafted(&charter, &newcomer, named);
    let amendment = amend(&|p| p.revoke("handayani/tono").unwrap(), &charter, KPAI);
    vault.amend_charter(&mut ratna, &amendment).unwrap();
    assert_eq!(code(vault.approve(&mut ani, &asked, None)), "release-revoked");
    let stranger = Identity::generate("kpai/eve", &mut SystemRandom::new()).unwrap();
    let unknown = Request::make(
        vault.charter(),
        ("kpai/eve", &stranger.signing),
        Asked {
            purpose: "care".into(),
            until: soon(),
            seen: 0,
            records: vec![record],
            classes: vec!["sealed".into()],
            fields: vec![],
            envelopes: vec![],
            reason: vec![],
        },
        Timestamp::now(),
    );
    assert_eq!(unknown.unwrap_err().code(), "release-stranger");
    vault.close(&mut ratna).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();
}

/// A request from outside names the sealed fields of one record and the sensitive ones of another, and
/// is answered by a group that holds shares of the latter only.
#[test]
fn what_brings_a_request_names_all_that_it_names_and_goes_with_each() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let first = intake(&mut vault, &mut siti, "A-1");
    let of = draft(vault.schema(), "child", &[("child_code", "A-2"), ("full_name", "Nama Contoh")]);
    let second = vault.create_record(&mut siti, CARE, "child", &of).unwrap().record;
    let named = [(first, "sealed"), (second, "sensitive")]
        .map(|(record, class)| ask(&mut vault, &mut siti, record, class).unwrap())
        .map(|request| request.envelopes()[0].clone());
    let mut asked = named.clone();
    asked.sort();
    let request = crafted(vault.charter(), &world.identity(REGISTRY), asked.to_vec());
    let mut budi = as_actor(&world, &vault, CLINICAL);
    let (sequence, release) = vault.approve(&mut budi, &request, None).unwrap();
    assert_eq!(release.envelopes(), &named[1..]);
    let entry = vault.line(sequence).unwrap().entry().clone();
    let said = |record: Id| entry.subjects.iter().find(|subject| subject.records == [record]).unwrap();
    assert!(said(first).fields.is_empty(), "named, and nothing of it given");
    assert_eq!(said(second).fields.keys().collect::<Vec<_>>(), ["sensitive"]);
    vault.close(&mut budi).unwrap();
    verify(&world.vault_dir(), &world.options()).unwrap();

    // The one of which nothing was given is erased, and the request with it; the release is of the other.
    let (mut vault, mut siti) = world.open(REGISTRY);
    let asked = vault.ask_erasure(&mut siti, CARE, &[first], Ground::Request).unwrap();
    vault.close(&mut siti).unwrap();
    let (mut vault, mut ratna) = world.open(HEAD);
    vault.confirm_erasure(&mut ratna, CARE, &asked, &Unwatched).unwrap();
    assert_eq!(code(vault.exchange(&request.id())), "release-no-request");
    vault.close(&mut ratna).unwrap();
    let items = payloads(&world.vault_dir()).into_iter().find(|payload| payload.seq == sequence).unwrap().items;
    assert!(matches!(&items[..], [Kept::Erased(_), Kept::Live(_)]));
    verify(&world.vault_dir(), &world.options()).unwrap();
}

#[test]
fn parsed_strictly() {
    let world = World::new();
    let (vault, _) = world.found();
    let identity = world.identity(HEAD);
    let named =
        Named { record: Id([1; 16]), kind: "intake".into(), version: 1, class: "sealed".into(), envelope: Id([2; 16]) };
    let request = crafted(vault.charter(), &identity, vec![named]);
    let ending = Ending::withdraw(&request, (HEAD, &identity.signing), Timestamp::now()).unwrap();
    let text = String::from_utf8(request.to_bytes()).unwrap();
    assert_eq!(Request::parse(text.as_bytes()).unwrap().id(), request.id());
    for (from, to) in
        [("request/1", "request/2"), ("charter = 1", "charter  = 1"), ("fields = []\n", ""), ("\"intake\"", "\"x\", 1")]
    {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let body = changed.split("\n\n").next().unwrap().to_owned() + "\n";
        let signed = amanah::crypto::note::Note::sign(&body, HEAD, &identity.signing).unwrap();
        assert!(Request::parse(&signed.to_bytes()).is_err(), "{from}");
    }
    assert!(Ending::parse(&request.to_bytes()).is_err() && Request::parse(&ending.to_bytes()).is_err());
}

#[test]
fn at_the_command_line() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    run(&mut by(&world, REGISTRY), "record add child child_code=A-1 full_name=Contoh -p care").ok();
    let added = "--json record add intake --of A-1 intake_date=2026-01-05 referrer=Rahasia -p care";
    let added = run(&mut by(&world, REGISTRY), added).json();
    let record = added["record"].as_str().unwrap();
    let why = "-p case_conference -r Konferensi+kasus";
    let until = soon();
    let head = |line: &str| run(&mut by(&world, HEAD), line);
    head(&format!("--json request new {record} -c nothing --until {until} {why}")).refused(3, "values-unknown-class");
    head(&format!("--json request new {record} -c sealed --until 2020-01-01 {why}")).refused(3, "release-bad-day");
    let made = head(&format!("--json request new {record} -f referrer --until {until} {why}")).json();
    let id = made["request"].as_str().unwrap().to_owned();
    assert_eq!(made["missing"]["sealed"], serde_json::json!([["kpai/reviewers"], ["ombudsman/reviewers"]]));
    assert!(made["fields"]["sealed"].as_array().unwrap().len() > 1, "widened: {made}");
    head(&format!("--json release open {id}")).refused(5, "release-quorum");
    let listed = run(&mut by(&world, KPAI), "request list --json").json();
    assert_eq!((&listed[0]["request"], &listed[0]["state"]), (&id.as_str().into(), &"open".into()));
    run(&mut by(&world, KPAI), &format!("--json release approve {id} --group kpai/nobody"))
        .refused(5, "release-not-of-group");
    run(&mut by(&world, KPAI), &format!("release approve {}", &id[..8])).ok();
    let opened = head(&format!("--json release open {id}")).json();
    assert_eq!(opened[0]["fields"]["referrer"], "Rahasia");
    let shown = head(&format!("request show {id}")).ok();
    assert!(shown.out.contains("kpai/reviewers"), "{}", shown.out);
    head(&format!("request withdraw {id}")).ok();
    head(&format!("--json release open {id}")).refused(5, "release-withdrawn");
    // Denied inside the vault: who asked is told why, and nobody else.
    let made = head(&format!("--json request new {record} -f referrer --until {until} {why}")).json();
    let other = made["request"].as_str().unwrap();
    run(&mut by(&world, KPAI), &format!("release deny {other} --because Belum+perlu")).ok();
    let denied = head(&format!("release open {other}"));
    assert!(denied.code == 5 && denied.err.contains("Belum perlu"), "{}", denied.err);
    head("--json request show zzzzzzzz").refused(4, "release-no-request");
    let actions: Vec<String> = entries(&world)
        .iter()
        .filter(|entry| entry["action"].as_str().unwrap().starts_with("re") && entry["action"] != "record.create")
        .map(|entry| format!("{} {}", entry["action"].as_str().unwrap(), entry["outcome"].as_str().unwrap()))
        .collect();
    for wanted in [
        "request.make ok",
        "release.open refused",
        "release.approve refused",
        "release.approve ok",
        "release.open ok",
        "request.withdraw ok",
    ] {
        assert!(actions.iter().any(|action| action == wanted), "{wanted} in {actions:?}");
    }
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}
