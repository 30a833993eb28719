//! Questions to the ledger: who saw a record, what a member did, what their keys laid open; and the
//! reasons that were given, for those entitled.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::sync::Arc;

use amanah::{
    audit::{self, Span},
    crypto::{identity::Identity, random::SystemRandom},
    custody::{Card, Proposal},
    id::Id,
    vault::{Actor, Vault},
};
use cmd::{amanah, by, entries, run};
use common::{CLINICAL, HEAD, ITJEN, KPAI, REGISTRY, World};
use serde_json::Value as Json;

/// Two children of which one is read, and once refused; gives their ids.
fn world() -> (World, String, String) {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    for line in ["record add child child_code=A-1 full_name=Contoh", "record add child child_code=A-2 full_name=Dua"] {
        run(&mut by(&world, REGISTRY), &format!("{line} -p registration")).ok();
    }
    let id = |code: &str| {
        let shown = run(&mut by(&world, REGISTRY), &format!("record show {code} -p care --json")).json();
        shown["record"].as_str().unwrap().to_owned()
    };
    let (one, two) = (id("A-1"), id("A-2"));
    run(&mut by(&world, CLINICAL), &format!("record show {one} -p care -r the+family+asked")).ok();
    run(&mut by(&world, CLINICAL), &format!("record show {one} -f full_name -p care --json"))
        .refused(5, "vault-sealed");
    (world, one, two)
}

fn sights(world: &World, options: &str) -> Vec<Json> {
    let answer = run(&mut amanah(world), &format!("audit who --vault vault {options} --json")).json();
    answer["sights"].as_array().unwrap().clone()
}

#[test]
fn who_saw_a_record() {
    let (world, one, two) = world();
    let before = entries(&world).len();
    let all = sights(&world, &one);
    let rows: Vec<_> = all
        .iter()
        .map(|sight| {
            (sight["action"].as_str().unwrap(), sight["actor"].as_str().unwrap(), sight["outcome"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("record.create", REGISTRY, "ok"),
            ("record.read", REGISTRY, "ok"),
            ("record.read", CLINICAL, "ok"),
            ("record.read", CLINICAL, "refused"),
        ]
    );
    assert_eq!(all[3]["fields"]["identity"][0], "full_name");
    assert!(all[2]["fields"].get("identity").is_none(), "{}", all[2]);
    assert_eq!(sights(&world, &two).len(), 2);
    // The beginning of an id, a stretch of time, a record that is not there.
    assert_eq!(sights(&world, &one[..8]), all);
    assert_eq!(sights(&world, &format!("{one} --since {}", all[2]["time"].as_str().unwrap())), all[2..]);
    let nobody = format!("audit who --vault vault {} --json", "0".repeat(26));
    run(&mut amanah(&world), &nobody).refused(4, "vault-no-record");
    // None of it is an entry, and nothing is opened.
    assert_eq!(entries(&world).len(), before);
    run(&mut amanah(&world), "audit who --vault vault A-1 --json").refused(2, "cli-no-identity");
    // A code is looked for under an entry.
    let by_code = run(&mut by(&world, REGISTRY), "audit who A-1 -p care --json").json();
    assert_eq!(by_code["record"], one.as_str());
    let last = entries(&world).pop().unwrap();
    assert_eq!((&last["action"], &last["purpose"]), (&"record.check".into(), &"care".into()));
    let text = run(&mut amanah(&world), &format!("audit who --vault vault {one}")).ok();
    assert!(text.out.contains("identity: full_name") && !text.out.contains("Contoh"), "{}", text.out);
}

#[test]
fn reasons_are_read_by_those_entitled_after_an_entry_that_says_so() {
    let (world, one, _) = world();
    let ask = |member: &str| {
        let answer = run(&mut by(&world, member), &format!("audit who {one} --reasons -p reporting --json"));
        (answer, entries(&world).pop().unwrap())
    };
    for member in [REGISTRY, HEAD, KPAI, ITJEN] {
        let (answer, last) = ask(member);
        let answer = answer.json();
        let told: Vec<_> =
            answer["sights"].as_array().unwrap().iter().filter_map(|sight| sight.get("reason")).collect();
        assert_eq!(told, ["the family asked"], "{member}");
        let read = answer["sights"].as_array().unwrap().iter().find(|sight| sight.get("reason").is_some()).unwrap();
        assert_eq!((&last["action"], &last["actor"]), (&"audit.reasons".into(), &member.into()));
        assert_eq!(last["subjects"][0]["version"], read["entry"]);
        assert_eq!(last["subjects"].as_array().unwrap().len(), 1);
    }
    // The reason of an overseer is not for the centre to read.
    let asked = format!("audit who {one} --reasons -p reporting -r an+inquiry --json");
    run(&mut by(&world, KPAI), &asked).ok();
    let number = entries(&world).len() as u64 - 1;
    let mut vault = world.open(HEAD);
    let reasons = vault.0.read_reasons(&mut vault.1, common::CARE, &[number].into()).unwrap();
    assert_eq!(reasons[&number], amanah::vault::Reason::Sealed);
    vault.0.close(&mut vault.1).unwrap();
    let last = entries(&world).pop().unwrap();
    assert_eq!(
        (&last["action"], &last["outcome"], &last["detail"]),
        (&"audit.reasons".into(), &"refused".into(), &"sealed".into())
    );
    let mut vault = world.open(ITJEN);
    let reasons = vault.0.read_reasons(&mut vault.1, common::CARE, &[number, 0].into()).unwrap();
    assert_eq!(reasons[&number], amanah::vault::Reason::Told("an inquiry".to_owned()));
    assert_eq!(reasons.len(), 1);
    vault.0.close(&mut vault.1).unwrap();
    // The same of any entries, whatever they name.
    let log =
        run(&mut by(&world, KPAI), &format!("audit log --member {CLINICAL} --reasons -p reporting --json")).json();
    let told: Vec<_> = log.as_array().unwrap().iter().filter_map(|entry| entry["reason"].as_str()).collect();
    assert_eq!(told, ["the family asked"]);
    let last = entries(&world).pop().unwrap();
    assert_eq!((&last["action"], &last["actor"]), (&"audit.reasons".into(), &KPAI.into()));
    let text = run(&mut by(&world, KPAI), "audit log --action record.read --reasons -p reporting").ok().out;
    assert!(text.contains("the family asked"), "{text}");
    run(&mut by(&world, KPAI), "audit log --reasons --json").refused(2, "vault-no-purpose");
    // Without a purpose nothing is read, and a sound vault is left.
    run(&mut by(&world, HEAD), &format!("audit who {one} --reasons --json")).refused(2, "vault-no-purpose");
    run(&mut amanah(&world), "audit verify --vault vault").ok();
}

#[test]
fn what_a_member_did_and_could_have_done() {
    let (world, one, _) = world();
    let did = run(&mut amanah(&world), &format!("audit member {CLINICAL} --vault vault --json")).json();
    assert_eq!((did["entries"].as_array().unwrap().len(), &did["refused"]), (2, &1.into()));
    assert_eq!((&did["opened"][0]["record"], did["opened"].as_array().unwrap().len()), (&one.as_str().into(), 1));
    assert!(did["classes"].get("identity").is_none() && did["classes"]["administrative"]["records"] == 1, "{did}");
    let text = run(&mut amanah(&world), &format!("audit member {CLINICAL} --vault vault")).ok();
    assert!(text.out.contains("refused (sealed)") && text.out.contains("child.child_code"), "{}", text.out);
    run(&mut amanah(&world), "audit member handayani/sity --vault vault --json").refused(4, "audit-unknown-member");

    let exposure = |member: &str, options: &str| {
        run(&mut amanah(&world), &format!("audit exposure --member {member} {options} --vault vault --json")).json()
    };
    // One record was opened; both lay open, but not in the classes of others.
    let clinical = exposure(CLINICAL, "");
    assert_eq!(clinical["did_open"]["records"].as_array().unwrap().len(), 1);
    let could = &clinical["could_open"]["classes"];
    assert_eq!(
        (&could["administrative"]["records"], could.get("identity"), could.get("sealed")),
        (&2.into(), None, None)
    );
    assert_eq!(could["sensitive"]["records"], 2);
    let registry = exposure(REGISTRY, "");
    assert_eq!(registry["could_open"]["classes"]["identity"]["records"], 2);
    assert!(registry["could_open"]["classes"].get("sensitive").is_none());
    // Two overseers together open everything; each alone nothing.
    assert_eq!(exposure(KPAI, "")["could_open"]["classes"], serde_json::json!({}));
    // What was done is bounded by time; what lay open is not, from before.
    let later = exposure(CLINICAL, "--since 2100-01-01");
    assert_eq!(later["did_open"]["records"], serde_json::json!([]));
    assert_eq!(later["could_open"], clinical["could_open"]);
    assert_eq!(exposure(CLINICAL, "--until 2020-01-01")["could_open"]["records"], serde_json::json!([]));
    let text = run(&mut amanah(&world), &format!("audit exposure --member {CLINICAL} --each --vault vault")).ok();
    assert!(text.out.contains(&one) && text.err.contains("handayani/clinical"), "{}{}", text.out, text.err);
}

#[test]
fn what_is_unusual_is_pointed_out_with_its_rule() {
    let (world, _, _) = world();
    let rules = run(&mut amanah(&world), "audit rules").ok().out;
    let strict = rules.replace("attempts = 3", "attempts = 1").replace("[hours]\non = true", "[hours]\non = false");
    std::fs::write(world.path().join("rules.toml"), strict).unwrap();
    let found = run(&mut amanah(&world), "audit unusual --vault vault --rules rules.toml --json").json();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["rule"], &found[0]["member"]), (&"refused".into(), &CLINICAL.into()));
    assert_eq!(found[0]["why"], "attempts refused: 1, where no more than 0 within 24 hours is usual");
    let text = run(&mut amanah(&world), "audit unusual --vault vault --rules rules.toml --lang id").ok();
    assert!(text.out.contains("upaya ditolak: 1, padahal biasanya paling banyak 0 dalam 24 jam"), "{}", text.out);
    std::fs::write(world.path().join("rules.toml"), "[night]\non = true\n").unwrap();
    run(&mut amanah(&world), "audit unusual --vault vault --rules rules.toml --json").refused(3, "audit-bad-rules");
}

/// Puts the next charter into force, proposed and signed by the head and KPAI.
fn amended(world: &World, vault: &mut Vault, actor: &mut Actor, change: impl FnOnce(&mut Proposal<'_>)) {
    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    change(&mut proposal);
    let (head, kpai) = (world.identity(HEAD), world.identity(KPAI));
    let mut amendment =
        proposal.build((HEAD, &head.signing), &mut SystemRandom::new(), jiff::Timestamp::now()).unwrap();
    amendment.sign(KPAI, &kpai.signing).unwrap();
    vault.amend_charter(actor, &amendment).unwrap();
}

#[test]
fn keys_that_were_held_lay_open_what_was_sealed_while_they_were() {
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let child = |vault: &mut Vault, siti: &mut Actor, code: &str| -> Id {
        let draft = common::draft(vault.schema(), "child", &[("child_code", code), ("full_name", code)]);
        vault.create_record(siti, common::CARE, "child", &draft).unwrap().record
    };
    let tono = Identity::generate("handayani/tono", &mut SystemRandom::new()).unwrap();
    let card = Card::make("handayani/tono", tono.recipient().unwrap(), &tono.signing, jiff::Timestamp::now()).unwrap();
    let before = child(&mut vault, &mut siti, "Before");
    amended(&world, &mut vault, &mut siti, |next| next.enroll(&card, &["handayani/registry".to_owned()]).unwrap());
    let during = child(&mut vault, &mut siti, "During");
    amended(&world, &mut vault, &mut siti, |next| next.revoke("handayani/tono").unwrap());
    let after = child(&mut vault, &mut siti, "After");

    let open = |member: &str| {
        let charters: Vec<_> = vault.charters().map(Arc::as_ref).collect();
        let released = vault.released_to(member).unwrap();
        audit::exposure(vault.entries().unwrap(), &charters, member, &released, Span::default()).unwrap()
    };
    // What was sealed before may have been handed on; what came after the new key is out of reach.
    let tono = open("handayani/tono");
    let records: Vec<&Id> = tono.could.keys().collect();
    assert!(records.contains(&&before) && records.contains(&&during) && !records.contains(&&after), "{records:?}");
    assert!(tono.could.values().all(|one| one.fields.contains_key("identity") && !one.fields.contains_key("sealed")));
    assert!(tono.did.is_empty() && tono.groups.contains("handayani/registry"));
    assert_eq!(open(REGISTRY).could.len(), 3);
    assert!(open(KPAI).could.is_empty());
    vault.close(&mut siti).unwrap();
}
