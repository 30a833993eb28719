//! Two institutions, no shared network: each with a home of its own, and files between them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use amanah::{
    crypto::{
        identity::{Identity, Protection},
        random::SystemRandom,
    },
    custody::{Card, GroupKey},
};
use assert_cmd::Command;
use cmd::{Ran, amanah, copy, key, run};
use common::{CLINICAL, HEAD, KPAI, OMBUDSMAN, PASSPHRASE, REGISTRY, World};
use jiff::{Timestamp, ToSpan as _};
use secrecy::SecretString;

/// The machine of one institution: what its people carry, and what it remembers.
struct Home(PathBuf);

impl Home {
    fn new(world: &World, name: &str, members: &[&str]) -> Home {
        let home = world.path().join(name);
        fs::create_dir(&home).unwrap();
        for member in members {
            fs::copy(world.path().join(key(member)), home.join(key(member))).unwrap();
        }
        fs::copy(world.path().join("passphrase"), home.join("passphrase")).unwrap();
        Home(home)
    }

    fn command(&self, member: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
        command.env_clear().env("AMANAH_STATE", self.0.join("state")).current_dir(&self.0);
        command.env("AMANAH_IDENTITY", key(member)).args(["--passphrase-file", "passphrase"]);
        command.timeout(std::time::Duration::from_secs(60));
        command
    }

    /// Without a vault.
    fn run(&self, member: &str, line: &str) -> Ran {
        run(&mut self.command(member), line)
    }

    /// With the vault here.
    fn with_vault(&self, member: &str, line: &str) -> Ran {
        let mut command = self.command(member);
        run(command.env("AMANAH_VAULT", "vault"), line)
    }

    /// A file carried to another institution.
    fn carry(&self, file: &str, to: &Home) {
        fs::copy(self.0.join(file), to.0.join(file)).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).unwrap()
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{from}");
        fs::write(self.0.join(file), text.replacen(from, to, 1)).unwrap();
    }
}

/// The centre with a vault and one intake; two overseers who have been shown its charter.
struct Scene {
    _world: World,
    centre: Home,
    kpai: Home,
    ombudsman: Home,
    child: String,
    intake: String,
}

fn scene() -> Scene {
    scene_in(World::new())
}

fn scene_in(world: World) -> Scene {
    let centre = Home::new(&world, "centre", &[REGISTRY, HEAD]);
    let (kpai, ombudsman) = (Home::new(&world, "kpai", &[KPAI]), Home::new(&world, "ombudsman", &[OMBUDSMAN]));
    let charter = world.path().join("charter.toml");
    centre.with_vault(REGISTRY, &format!("init vault --charter {}", charter.display())).ok();
    let add = |line: &str| {
        let added = centre.with_vault(REGISTRY, &format!("--json record add {line} -p registration")).json();
        added["record"].as_str().unwrap().to_owned()
    };
    let child = add("child child_code=A-1 full_name=Nama+Contoh");
    let intake = add("intake --of A-1 intake_date=2026-01-05 referrer=Rahasia");
    let fingerprint = centre.with_vault(REGISTRY, "charter export -o charters --json").json()["fingerprint"].clone();
    for (overseer, member) in [(&kpai, KPAI), (&ombudsman, OMBUDSMAN)] {
        centre.carry("charters", overseer);
        overseer.run(member, "--json charter trust charters --fingerprint aaaaa").refused(6, "charter-fingerprint");
        let trust = format!("charter trust charters --fingerprint {}", fingerprint.as_str().unwrap());
        overseer.run(member, &trust).ok();
        assert!(!overseer.0.join("vault").exists());
    }
    Scene { _world: world, centre, kpai, ombudsman, child, intake }
}

fn until() -> String {
    let today = jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date();
    today.checked_add(7.days()).unwrap().to_string()
}

fn ask(record: &str, class: &str, file: &str) -> String {
    format!("request new {record} -c {class} --until {} -p case_conference -r Konferensi+kasus -o {file}", until())
}

#[test]
fn the_head_opens_a_sealed_field_with_kpais_release() {
    let scene = scene();
    let Scene { centre, kpai, intake, .. } = &scene;
    centre.with_vault(HEAD, &format!("--json {}", ask(intake, "sealed", "request"))).refused(2, "release-for-whom");
    let asked = format!("--json {}", ask(intake, "sealed", "unused --for kpai/reviewers"));
    let id = centre.with_vault(HEAD, &asked).json()["request"].as_str().unwrap().to_owned();
    assert_eq!(centre.with_vault(HEAD, "request list --json").json().as_array().unwrap().len(), 1);
    centre.with_vault(HEAD, &format!("request send {id} --for kpai/reviewers -o request")).ok();
    // It holds what KPAI needs, and nothing else: no ciphertext of a field, nothing of other groups.
    let sent: serde_json::Value = serde_json::from_str(&centre.read("request")).unwrap();
    assert_eq!(sent["kits"].as_array().unwrap().len(), 1);
    assert_eq!(sent["kits"][0]["group"], "kpai/reviewers");
    assert_eq!(sent["kits"][0]["shares"].as_array().unwrap().len(), 2);
    assert!(!centre.read("request").contains("handayani/head\",\"keys"));
    centre.carry("request", kpai);
    // Who shall release reads what is asked for, for whom and why; without a key all but why.
    let shown = kpai.run(KPAI, "--json request show request --reason").json();
    assert_eq!((&shown["asker"], &shown["purpose"]), (&HEAD.into(), &"case_conference".into()));
    assert_eq!((&shown["reason"], &shown["records"][0]), (&"Konferensi kasus".into(), &intake.as_str().into()));
    assert!(shown["fields"]["sealed"].as_array().unwrap().contains(&"referrer".into()), "{shown}");
    let told = kpai.run(KPAI, "request show request --reason").ok().out;
    assert!(told.contains("Konferensi kasus") && told.contains("sealed: ") && told.contains(HEAD), "{told}");
    let shown = kpai.run(KPAI, "--json request show request").json();
    assert!(shown.get("reason").is_none() && shown["records"][0] == intake.as_str(), "{shown}");
    // And who could release it: the refusal of somebody who could not leads here.
    let missing = serde_json::json!([["kpai/reviewers"], ["ombudsman/reviewers"]]);
    assert_eq!(shown["missing"]["sealed"], missing, "{shown}");
    assert_eq!(
        centre.with_vault(REGISTRY, &format!("--json request show {id} --reason")).json()["reason"],
        serde_json::Value::Null
    );
    kpai.run(KPAI, "--json release approve request").refused(2, "usage-missing-argument");
    kpai.run(KPAI, "release approve request -o release").ok();
    kpai.carry("release", centre);
    let opened = centre.with_vault(HEAD, "--json release open release").json();
    assert_eq!(opened[0]["fields"]["referrer"], "Rahasia");
    // It was taken in, and is there for another time.
    let again = centre.with_vault(HEAD, &format!("--json release open {id}")).json();
    assert_eq!(again[0]["fields"]["referrer"], "Rahasia");
    centre.with_vault(REGISTRY, "audit verify").ok();
    // Asked again, from where KPAI has seen the ledger; what KPAI has not seen is refused there.
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(intake, "sealed", "request2"))).ok();
    centre.carry("request2", kpai);
    kpai.run(KPAI, "release approve request2 -o release2").ok();
    centre.with_vault(REGISTRY, "record list child -p care").ok();
    centre.with_vault(HEAD, &format!("request send {id} --for kpai/reviewers --seen 1 -o request3")).ok();
    centre.carry("request3", kpai);
    kpai.run(KPAI, "--json release approve request3 -o release3").refused(5, "release-seen");
}

#[test]
fn kpai_opens_an_identity_field_with_the_centres_release() {
    let scene = scene();
    let Scene { centre, kpai, ombudsman, child, .. } = &scene;
    let wish = format!("request new {child} -c identity --until {} -p oversight -r Pengaduan+7 -o request", until());
    // Without a vault only whole ids and classes can be asked for, and that is what is said.
    let (by_code, by_field) = (wish.replacen(child, "A-1", 1), wish.replacen("-c identity", "-f full_name", 1));
    kpai.run(KPAI, &format!("--json {by_code}")).refused(3, "request-whole-id");
    let told = kpai.run(KPAI, &format!("--json {by_field}")).refused(2, "usage-missing-argument");
    assert!(told.contains("--class"), "{told}");
    kpai.run(KPAI, &wish).ok();
    kpai.carry("request", centre);
    let shown = centre.with_vault(REGISTRY, "--json request show request --reason").json();
    assert_eq!((&shown["asker"], &shown["reason"]), (&KPAI.into(), &"Pengaduan 7".into()));
    assert!(shown["entry"].is_null() && shown["fields"]["identity"].as_array().unwrap().len() > 1, "{shown}");
    // What somebody has changed on the way, or never asked, is not shown as theirs.
    for (from, to, exit, code) in [
        ("classes = [\\\"identity\\\"]", "classes = [\\\"identity\\\", \\\"sealed\\\"]", 7, "release-altered"),
        ("asker = \\\"kpai/ani\\\"", "asker = \\\"ombudsman/yusuf\\\"", 7, "release-altered"),
        ("asker = \\\"kpai/ani\\\"", "asker = \\\"kpai/nobody\\\"", 5, "release-stranger"),
    ] {
        fs::copy(centre.0.join("request"), centre.0.join("changed")).unwrap();
        centre.change("changed", from, to);
        for line in ["request show changed", "request show changed --reason"] {
            centre.with_vault(REGISTRY, &format!("--json {line}")).refused(exit, code);
        }
    }
    centre.with_vault(REGISTRY, "release approve request -o release").ok();
    assert!(centre.with_vault(REGISTRY, "--json request show request").json()["entry"].is_u64());
    centre.carry("release", kpai);
    let opened = kpai.run(KPAI, "--json release open release").json();
    assert_eq!(opened[0]["fields"]["full_name"], "Nama Contoh");
    assert_eq!(opened[0]["record"], child.as_str());
    kpai.run(KPAI, "release open release --html page.html").ok();
    let page = kpai.read("page.html");
    assert!(page.contains("Nama Contoh") && page.contains("<html") && !page.contains("<script"), "{page}");
    // Who wrote it is shown, and proved.
    let log = centre.with_vault(REGISTRY, "--json audit log --action record.create").json();
    let created = log.as_array().unwrap().iter().find(|entry| entry["subjects"][0]["kind"] == "child").unwrap();
    let written = &opened[0]["written"][0];
    assert_eq!((&written["member"], &written["entry"]), (&REGISTRY.into(), &created["seq"]));
    assert_eq!((&written["version"], &written["classes"]), (&1.into(), &serde_json::json!(["identity"])));
    assert!(page.contains(&format!("written by {REGISTRY}")), "{page}");
    let sent: serde_json::Value = serde_json::from_str(&kpai.read("release")).unwrap();
    assert_eq!(
        (sent["carried"]["envelopes"].as_array().unwrap().len(), sent["written"].as_array().unwrap().len()),
        // The entry that brought the schema is shown as well.
        (1, 2)
    );
    let text = kpai.read("release");
    let (before, rest) = text.split_once(",\"written\":").unwrap();
    let (written, after) = rest.split_once(",\"entry\":").unwrap();
    // The first character of what comes after `begin`, another.
    let flip = |begin: &str| {
        let at = written.rfind(begin).unwrap() + begin.len();
        let other = if written[at..].starts_with('A') { "B" } else { "A" };
        [&written[..at], other, &written[at + 1..]].concat()
    };
    for (what, changed) in [
        ("another time", written.replacen("\\\"time\\\":\\\"20", "\\\"time\\\":\\\"19", 1)),
        ("another writer", written.replacen(REGISTRY, HEAD, 1)),
        ("another proof", flip("\"proof\":[\"")),
        ("other items", flip("\"items\":\"")),
        ("other envelopes", flip("\",\"")),
        ("another item", written.replacen("\"versions\":[[4,", "\"versions\":[[0,", 1)),
        ("an item that is not there", written.replacen("\"versions\":[[4,", "\"versions\":[[400,", 1)),
        ("nothing", "[]".to_owned()),
    ] {
        assert_ne!(changed, written, "{what}");
        let part = if changed == "[]" { String::new() } else { format!(",\"written\":{changed}") };
        fs::write(kpai.0.join("changed"), format!("{before}{part},\"entry\":{after}")).unwrap();
        kpai.run(KPAI, "--json release open changed").refused(7, "release-not-written");
    }
    // The entry of the release is the centre's.
    let log = centre.with_vault(REGISTRY, "--json audit log").json();
    let last = log.as_array().unwrap().iter().find(|entry| entry["action"] == "release.approve").unwrap();
    assert_eq!((&last["actor"], &last["purpose"]), (&REGISTRY.into(), &"oversight".into()));
    // Nobody else opens it, and nothing in it can be changed.
    centre.carry("release", ombudsman);
    ombudsman.run(OMBUDSMAN, "--json release open release").refused(5, "release-not-for-you");
    for (from, to, exit, code) in [
        ("\"old\":0", "\"old\":00", 3, "release-malformed"),
        ("amanah release/1\\nvault", "amanah release/1\\n\\nvault", 3, "release-malformed"),
        ("\"carried\":{\"schema\":\"", "\"carried\":{\"schema\":\"#", 7, "release-altered"),
        ("seen = 0", "seen = 1", 7, "release-altered"),
    ] {
        fs::copy(kpai.0.join("release"), kpai.0.join("changed")).unwrap();
        kpai.change("changed", from, to);
        kpai.run(KPAI, "--json release open changed").refused(exit, code);
    }
    // Without the proof of its entry it is not believed.
    let text = kpai.read("release");
    let mut json: serde_json::Map<_, _> = serde_json::from_str(&text).unwrap();
    let entry = json["entry"].as_str().unwrap().to_owned();
    json.remove("entry");
    let from = format!(",\"entry\":{}", serde_json::to_string(&entry).unwrap());
    fs::copy(kpai.0.join("release"), kpai.0.join("changed")).unwrap();
    kpai.change("changed", &from, "");
    kpai.run(KPAI, "--json release open changed").refused(7, "release-not-entered");
    centre.with_vault(REGISTRY, "audit verify").ok();
}

/// Two requests are on their way at once: the second answer does not show that the ledger continues what
/// came with the first. It is written again, and says the same.
#[test]
fn an_answer_is_written_again_for_who_has_seen_more_since() {
    let scene = scene();
    let Scene { centre, kpai, child, .. } = &scene;
    for number in [1, 2] {
        let asked = format!("request new {child} -c identity --until {} -p oversight -r Pengaduan+{number}", until());
        kpai.run(KPAI, &format!("{asked} -o request{number}")).ok();
        kpai.carry(&format!("request{number}"), centre);
        centre.with_vault(REGISTRY, &format!("release approve request{number} -o answer{number}")).ok();
        centre.carry(&format!("answer{number}"), kpai);
    }
    kpai.run(KPAI, "release open answer1").ok();
    let refused = kpai.run(KPAI, "--json release open answer2");
    let said: serde_json::Value = serde_json::from_str(&refused.err).unwrap();
    assert_eq!(said["error"]["code"], "release-seen");
    let hint = said["error"]["hint"].as_str().unwrap();
    let size: u64 = hint.rsplit_once("--seen ").unwrap().1.parse().unwrap();
    // The schema is another by then; what was released is read by that of its time.
    let schema = centre.with_vault(HEAD, "schema show --toml").ok().out.replace("\nversion = 1\n", "\nversion = 2\n");
    fs::write(centre.0.join("next.toml"), schema).unwrap();
    centre.with_vault(HEAD, "schema amend next.toml").ok();
    let entries = |centre: &Home| centre.with_vault(REGISTRY, "--json audit log").json().as_array().unwrap().len();
    let before = entries(centre);
    let again = centre.with_vault(REGISTRY, &format!("--json release approve request2 -o again --seen {size}")).json();
    assert_eq!(entries(centre), before, "nothing more was released");
    centre.carry("again", kpai);
    let opened = kpai.run(KPAI, "--json release open again").json();
    assert_eq!(opened[0]["fields"]["full_name"], "Nama Contoh");
    let first = centre.with_vault(REGISTRY, "--json release approve request2 -o third").json();
    assert_eq!((&again["release"], &again["entry"]), (&first["release"], &first["entry"]));
    // Without a file there is nothing to do.
    centre.with_vault(REGISTRY, "--json release approve request2").refused(3, "release-there");
}

#[test]
fn two_overseers_open_a_record_without_the_centre_from_a_copy() {
    let scene = scene();
    let Scene { centre, kpai, ombudsman, child, intake, .. } = &scene;
    copy(&centre.0.join("vault"), &kpai.0.join("vault"));
    let why = format!("--until {} -p oversight -r Pengaduan+7", until());
    let ledger = |home: &Home| home.read("vault/ledger/000001.jsonl");
    let before = ledger(kpai);
    kpai.with_vault(KPAI, &format!("request new {child} {intake} {why} --aside --for ombudsman/reviewers -o request"))
        .ok();
    kpai.carry("request", ombudsman);
    ombudsman.run(OMBUDSMAN, "release approve request -o release").ok();
    ombudsman.carry("release", kpai);
    kpai.with_vault(KPAI, "--json release open release --statement /nowhere/statement").refused(9, "ledger-io");
    let opened = kpai.with_vault(KPAI, "--json release open release --statement statement").json();
    let of =
        |record: &str| opened.as_array().unwrap().iter().find(|one| one["record"] == record).unwrap()["fields"].clone();
    assert_eq!((&of(child)["full_name"], &of(intake)["referrer"]), (&"Nama Contoh".into(), &"Rahasia".into()));
    assert_eq!(ledger(kpai), before, "nothing was written into the copy's ledger");
    // The centre admits it, once; a centre whose ledger is another cannot.
    kpai.carry("statement", centre);
    let admitted = centre.with_vault(REGISTRY, "--json ledger admit statement").json();
    assert_eq!((&admitted["opener"], &admitted["with"][0]), (&KPAI.into(), &OMBUDSMAN.into()));
    centre.with_vault(REGISTRY, "--json ledger admit statement").refused(3, "statement-admitted");
    let log = centre.with_vault(REGISTRY, "--json audit log").json();
    assert!(log.as_array().unwrap().iter().any(|entry| entry["action"] == "ledger.admit"));
    centre.with_vault(REGISTRY, "audit verify").ok();
    // Who asks the ledger is told who it was, and not who took the statement in.
    let audit = |line: &str| centre.with_vault(REGISTRY, &format!("--json audit {line}")).json();
    let sights = audit(&format!("who {child}"))["sights"].as_array().unwrap().clone();
    let seen = sights.iter().find(|sight| sight["action"] == "ledger.admit").unwrap();
    assert_eq!((&seen["opener"], &seen["actor"]), (&KPAI.into(), &REGISTRY.into()));
    let told = centre.with_vault(REGISTRY, &format!("audit who {child}")).ok().out;
    assert!(told.contains("kpai/ani, without the centre; admitted by handayani/siti"), "{told}");
    let opened = |member: &str| audit(&format!("member {member}"))["classes"].get("sealed").is_some();
    assert!(opened(KPAI) && !opened(REGISTRY) && !opened(OMBUDSMAN));
    // Exports say so too. `.ci/run` names a folder, to have software of others judge them.
    let exports = std::env::var("AMANAH_EXPORTS").unwrap_or_else(|_| centre.0.join("exports").display().to_string());
    fs::create_dir_all(&exports).unwrap();
    for format in ["jsonl", "csv", "ocsf", "fhir", "ecs", "cef"] {
        centre.with_vault(REGISTRY, &format!("audit export --format {format} -o {exports}/{format}")).ok();
    }
    let events = fs::read_to_string(format!("{exports}/fhir/events.fhir.ndjson")).unwrap();
    let events: Vec<serde_json::Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let admitted: Vec<_> = events.iter().filter(|event| event["agent"][3]["who"]["display"] == REGISTRY).collect();
    assert_eq!(admitted.len(), 2, "one for each record");
    assert!(admitted.iter().all(|event| event["agent"][2]["who"]["display"] == KPAI && event["entity"][1].is_object()));
    let exposed = audit(&format!("exposure --member {KPAI}"));
    assert!(exposed["did_open"] == exposed["could_open"] && exposed["did_open"]["classes"]["sealed"]["records"] == 1);
    let report = audit("report --html report.html");
    let of = |member: &str| {
        let members = report["report"]["members"].as_array().unwrap();
        members.iter().find(|one| one[0] == member).map(|one| (one[1]["opened"].clone(), one[1]["records"].clone()))
    };
    assert_eq!(of(KPAI), Some((1.into(), 2.into())), "{}", report["report"]["members"]);
    centre.change("statement", "size = ", "size = 1");
    centre.with_vault(REGISTRY, "--json ledger admit statement").refused(7, "release-altered");
    // The centre's own people have the ledger to write in.
    centre
        .with_vault(HEAD, &format!("--json request new {intake} {why} --aside --for kpai/reviewers -o aside"))
        .refused(5, "release-not-an-overseer");
}

/// What was shown is not left unsaid because it was erased before the statement came.
#[test]
fn a_statement_of_what_was_erased_since_leaves_an_entry() {
    let scene = scene();
    let Scene { centre, kpai, ombudsman, child, intake, .. } = &scene;
    copy(&centre.0.join("vault"), &kpai.0.join("vault"));
    let why = format!("--until {} -p oversight -r Pengaduan+7", until());
    kpai.with_vault(KPAI, &format!("request new {child} {intake} {why} --aside --for ombudsman/reviewers -o request"))
        .ok();
    kpai.carry("request", ombudsman);
    ombudsman.run(OMBUDSMAN, "release approve request -o release").ok();
    ombudsman.carry("release", kpai);
    kpai.with_vault(KPAI, "release open release --statement statement").ok();
    kpai.carry("statement", centre);
    let asked = centre.with_vault(REGISTRY, &format!("--json record erase {intake} --ground request")).json();
    centre.with_vault(HEAD, &format!("record erase --confirm {} --yes", asked["entries"][0])).ok();
    centre.with_vault(REGISTRY, "--json ledger admit statement").refused(4, "statement-erased");
    for record in [intake, child] {
        let told = centre.with_vault(REGISTRY, &format!("--json audit who {record}")).json();
        let sights = told["sights"].as_array().unwrap();
        let last = sights.last().unwrap();
        assert_eq!(
            (&last["action"], &last["outcome"], &last["opener"]),
            (&"ledger.admit".into(), &"failed".into(), &KPAI.into())
        );
        // Of the child, of what belonged to it too.
        let of_it = sights.iter().filter(|sight| sight["entry"] == last["entry"]);
        let of_it: Vec<_> = of_it.map(|sight| sight["records"].clone()).collect();
        assert!(of_it.contains(&serde_json::json!([record])), "{of_it:?}");
        assert_eq!(of_it.len(), if record == child { 2 } else { 1 });
    }
    centre.with_vault(REGISTRY, "audit verify").ok();
    centre.with_vault(REGISTRY, "rebuild").ok();
}

/// Everybody at the centre together, with the program, at a machine of their own.
#[test]
fn the_centre_alone_fails_at_sealed_fields_in_every_way_tried() {
    let world = World::new();
    let mallory = Identity::generate("kpai/eve", &mut SystemRandom::new()).unwrap();
    let card = Card::make("kpai/eve", mallory.recipient().unwrap(), &mallory.signing, Timestamp::now()).unwrap();
    let scene = scene_in(world);
    let Scene { centre, kpai, intake, .. } = &scene;
    fs::copy(scene._world.path().join(key(CLINICAL)), centre.0.join(key(CLINICAL))).unwrap();
    let refused = |member: &str, line: &str, code: &str| {
        let ran = centre.with_vault(member, &format!("--json {line}"));
        assert!(ran.code != 0, "{member}: {line}\n{}", ran.out);
        let said: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
        assert_eq!(said["error"]["code"], code, "{member}: {line}");
        assert!(!ran.out.contains("Rahasia"), "{}", ran.out);
    };
    let why = "-p case_conference -r Konferensi+kasus";
    for member in [REGISTRY, CLINICAL, HEAD] {
        // Read, and read from a copy that nobody knows of.
        let shown = centre.with_vault(member, &format!("--json record show {intake} {why}")).json();
        assert_eq!(shown["fields"]["referrer"]["sealed"], "sealed", "{member}: {shown}");
        copy(&centre.0.join("vault"), &centre.0.join("secret"));
        let mut command = centre.command(member);
        command.env("AMANAH_VAULT", "secret").env("AMANAH_STATE", format!("secret-state-{}", key(member)));
        let shown = run(&mut command, &format!("--json record show {intake} {why}")).json();
        assert_eq!(shown["fields"]["referrer"]["sealed"], "sealed", "{member}: {shown}");
        fs::remove_dir_all(centre.0.join("secret")).unwrap();
        // Written for oneself, searched for.
        let own = format!("record export {intake} -c sealed --to {} -o own {why}", recipient(&scene._world, member));
        refused(member, &own, "vault-sealed");
        refused(member, &format!("record find -k intake -f referrer=Rahasia {why}"), "vault-not-searchable");
    }
    // Asked for, and released by everybody who is there.
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(intake, "sealed", "request"))).ok();
    let asked = centre.with_vault(HEAD, "--json request list").json()[0]["request"].as_str().unwrap().to_owned();
    for member in [REGISTRY, CLINICAL] {
        refused(member, &format!("release approve {asked}"), "release-no-share");
    }
    refused(HEAD, &format!("release approve {asked} --group kpai/reviewers"), "release-not-of-group");
    refused(HEAD, &format!("release open {asked}"), "release-quorum");
    refused(HEAD, "release open request --statement statement", "release-malformed");
    // KPAI's answer about one child, for another.
    let other = centre
        .with_vault(REGISTRY, "--json record add intake --of A-1 intake_date=2026-02-05 referrer=Lain -p registration");
    let other = other.json()["record"].as_str().unwrap().to_owned();
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(&other, "sealed", "other"))).ok();
    centre.carry("other", kpai);
    kpai.run(KPAI, "release approve other -o answer").ok();
    kpai.carry("answer", centre);
    let request: serde_json::Value = serde_json::from_str(&centre.read("request")).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&centre.read("answer")).unwrap();
    let text = |json: &serde_json::Value| serde_json::to_string(json).unwrap();
    let swapped = centre.read("answer").replacen(&text(&answer["request"]), &text(&request["request"]), 1);
    fs::write(centre.0.join("swapped"), swapped).unwrap();
    refused(HEAD, "release open swapped", "release-replayed");
    let renamed = centre.read("answer").replace(other.as_str(), intake);
    fs::write(centre.0.join("renamed"), renamed).unwrap();
    refused(HEAD, "release open renamed", "release-no-request");
    // The rules: a lower threshold, another member of KPAI, a new key of KPAI's, its key on paper.
    let charter = centre.with_vault(HEAD, "charter show --toml").ok().out;
    let sealed = charter.find("id = \"sealed\"").unwrap();
    let lower = format!("{}{}", &charter[..sealed], charter[sealed..].replacen("any = 2", "any = 1", 1));
    assert_ne!(lower, charter);
    fs::write(centre.0.join("lower.toml"), lower).unwrap();
    fs::write(centre.0.join("eve.card"), card.to_bytes()).unwrap();
    refused(HEAD, "charter amend propose lower.toml -o lower", "charter-sealed-alone");
    let enroll = format!("member enroll eve.card --group kpai/reviewers --fingerprint {}", card.fingerprint());
    refused(HEAD, &format!("{enroll} -o eve"), "amendment-own-key");
    // With a key that KPAI never made, and all signatures that there are.
    let ani = Card::parse(&fs::read(scene._world.path().join("cards/kpai-ani.card")).unwrap()).unwrap();
    let signer = ("kpai/eve", &mallory.signing);
    let (group, _) =
        GroupKey::make("kpai/reviewers", 2, &[&ani, &card], signer, Timestamp::now(), &mut SystemRandom::new())
            .unwrap();
    fs::write(centre.0.join("eve.group"), group.to_bytes()).unwrap();
    let passphrase = SecretString::from(PASSPHRASE.to_owned());
    fs::write(centre.0.join(key("kpai/eve")), mallory.to_file(&Protection::Passphrase(&passphrase, 2)).unwrap())
        .unwrap();
    centre.with_vault(HEAD, &format!("{enroll} --key eve.group -o eve")).ok();
    for (number, member) in [REGISTRY, CLINICAL, HEAD, "kpai/eve"].into_iter().enumerate() {
        centre.with_vault(member, &format!("charter amend sign eve -o signed-{number} --yes"));
    }
    let signed = (0..4).map(|number| format!("signed-{number}")).filter(|file| centre.0.join(file).exists());
    let signed = signed.collect::<Vec<_>>().join(" ");
    refused(HEAD, &format!("charter amend apply eve {signed}"), "amendment-no-consent");
    refused(HEAD, "group rotate kpai/reviewers -o rotate", "amendment-own-key");
    refused(HEAD, "recovery split kpai/reviewers --threshold 1 --of 1 -o words", "vault-not-member");
    let schema = centre.with_vault(HEAD, "schema show --toml").ok().out;
    let field = schema.find("id = \"referrer\"").unwrap();
    let moved = schema[field..].replacen("class = \"sealed\"", "class = \"administrative\"", 1);
    let moved = format!("{}{moved}", &schema[..field]).replacen("version = 1", "version = 2", 1);
    fs::write(centre.0.join("moved.toml"), moved).unwrap();
    refused(HEAD, "schema amend moved.toml", "schema-next-class");
    centre.with_vault(REGISTRY, "audit verify").ok();
    for file in ["own", "lower", "rotate", "words", "statement"] {
        assert!(!centre.0.join(file).exists(), "{file}");
    }
}

fn recipient(world: &World, member: &str) -> String {
    world.identity(member).recipient().unwrap().to_string()
}

#[test]
fn a_request_that_is_not_in_the_ledger_or_of_another_one_is_not_answered() {
    let scene = scene();
    let Scene { centre, kpai, intake, .. } = &scene;
    // The head keeps a copy, asks in it, and puts the vault back.
    copy(&centre.0.join("vault"), &centre.0.join("before"));
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(intake, "sealed", "first"))).ok();
    centre.carry("first", kpai);
    kpai.run(KPAI, "release approve first -o release").ok();
    fs::remove_dir_all(centre.0.join("vault")).unwrap();
    copy(&centre.0.join("before"), &centre.0.join("vault"));
    fs::remove_dir_all(centre.0.join("state")).unwrap();
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers --seen 0", ask(intake, "sealed", "second"))).ok();
    centre.carry("second", kpai);
    // KPAI has seen a ledger that this one does not continue.
    let refused = kpai.run(KPAI, "--json release approve second -o other");
    assert!([5, 7].contains(&refused.code) && !kpai.0.join("other").exists(), "{}{}", refused.out, refused.err);
    // A request without the proof that it is in the ledger.
    let text = centre.read("second");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entry = serde_json::to_string(&json["entry"]).unwrap();
    fs::write(kpai.0.join("bare"), text.replacen(&format!(",\"entry\":{entry}"), "", 1)).unwrap();
    kpai.run(KPAI, "--json release approve bare -o other").refused(7, "release-not-entered");
    // And for a vault that nobody has vouched for.
    fs::remove_dir_all(kpai.0.join("state")).unwrap();
    kpai.run(KPAI, "--json release approve first -o other").refused(4, "release-unknown");
}

/// After an amendment the overseer is told what is lacking on their own machine, and that mends it.
#[test]
fn a_request_under_a_newer_charter_wants_the_charters_first() {
    let scene = scene();
    let Scene { centre, kpai, intake, .. } = &scene;
    centre.with_vault(HEAD, "group rotate handayani/head -o amendment").ok();
    centre.carry("amendment", kpai);
    kpai.run(KPAI, "charter amend sign amendment -o signed --yes").ok();
    kpai.carry("signed", centre);
    centre.with_vault(HEAD, "charter amend apply signed").ok();
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(intake, "sealed", "request"))).ok();
    centre.carry("request", kpai);
    kpai.run(KPAI, "--json request show request").refused(5, "release-newer-charter");
    centre.with_vault(HEAD, "charter export -o newer").ok();
    centre.carry("newer", kpai);
    kpai.run(KPAI, "charter trust newer").ok();
    kpai.run(KPAI, "request show request").ok();
}

#[test]
fn denied_by_file_with_the_reason_for_who_asked() {
    let scene = scene();
    let Scene { centre, kpai, intake, .. } = &scene;
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(intake, "sealed", "request"))).ok();
    centre.carry("request", kpai);
    kpai.run(KPAI, "release deny request --because Belum+perlu -o answer").ok();
    assert!(!kpai.read("answer").contains("Belum"));
    kpai.carry("answer", centre);
    let refused = centre.with_vault(HEAD, "release open answer");
    assert!(refused.code == 5 && refused.err.contains("Belum perlu"), "{}", refused.err);
    assert!(centre.0.join("vault").exists());
    // Neither in somebody else's name, nor as the answer to another request.
    let answer = centre.read("answer");
    centre.change("answer", "by = \\\"kpai/ani\\\"", "by = \\\"ombudsman/yusuf\\\"");
    let told = centre.with_vault(HEAD, "--json release open answer").refused(7, "release-altered");
    assert!(!told.contains("Belum perlu"), "{told}");
    centre.with_vault(HEAD, &format!("{} --for kpai/reviewers", ask(intake, "sealed", "request2"))).ok();
    let other: serde_json::Value = serde_json::from_str(&centre.read("request2")).unwrap();
    let mut swapped: serde_json::Map<_, _> = serde_json::from_str(&answer).unwrap();
    let ours = swapped.insert("request".into(), other["request"].clone()).unwrap();
    let text = |value: &serde_json::Value| value.to_string();
    fs::write(centre.0.join("answer"), answer.replacen(&text(&ours), &text(&other["request"]), 1)).unwrap();
    centre.with_vault(HEAD, "--json release open answer").refused(5, "release-replayed");
}

#[test]
fn an_overseer_believes_no_denial_that_nobody_signed() {
    let scene = scene();
    let Scene { centre, kpai, child, .. } = &scene;
    kpai.run(KPAI, "--json request new 6j3d2k -c identity --until 2999-01-01 -p oversight -r Pengaduan -o request")
        .refused(3, "request-whole-id");
    // As long as a reason in a vault, and no longer.
    let (long, line) = ("a".repeat(2_001), format!("--json request new {child} -c identity --until {}", until()));
    kpai.run(KPAI, &format!("{line} -p oversight -r {long} -o request")).refused(3, "vault-long-reason");
    let line = format!("--json request new {child} -f nik --until {} -p oversight -r Pengaduan -o request", until());
    kpai.run(KPAI, &line).refused(2, "usage-missing-argument");
    kpai.run(KPAI, &line.replace("-f nik", "-c identity")).ok();
    kpai.carry("request", centre);
    centre.with_vault(REGISTRY, "release deny request --because Belum+perlu -o answer").ok();
    centre.carry("answer", kpai);
    kpai.run(KPAI, "--json release open answer").refused(5, "release-denied");
    kpai.change("answer", "by = \\\"handayani/siti\\\"", "by = \\\"handayani/ratna\\\"");
    kpai.run(KPAI, "--json release open answer").refused(7, "release-altered");
}

const SSH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/id_ed25519");

#[test]
fn a_head_with_an_ssh_key_receives_a_release() {
    let world = World::new();
    fs::remove_file(world.path().join("handayani-ratna.key")).unwrap();
    run(&mut amanah(&world), &format!("keys new {HEAD} --ssh {SSH}")).ok();
    fs::rename(world.path().join("handayani-ratna.card"), world.path().join("cards/handayani-ratna.card")).unwrap();
    let scene = scene_in(world);
    let Scene { centre, kpai, intake, .. } = &scene;
    let head = |line: &str| {
        let mut command = centre.command(HEAD);
        run(command.env("AMANAH_VAULT", "vault").env("AMANAH_SSH_KEY", SSH), line)
    };
    let asked = head(&format!("--json {} --for kpai/reviewers", ask(intake, "sealed", "request"))).json();
    let id = asked["request"].as_str().unwrap();
    assert!(centre.read("request").contains("recipient = \\\"ssh-ed25519 AAAA"));
    centre.carry("request", kpai);
    kpai.run(KPAI, "release approve request -o release").ok();
    kpai.carry("release", centre);
    // The key file alone is not enough; and it is opened from the file, and then from the vault.
    centre.with_vault(HEAD, "--json release open release").refused(6, "age-no-ssh-key");
    let opened = head("--json release open release").json();
    assert_eq!(opened[0]["fields"]["referrer"], "Rahasia");
    assert_eq!(head(&format!("--json release open {id}")).json()[0]["fields"]["referrer"], "Rahasia");
    // Of a denial too the reason is for that key.
    head(&format!("{} --for kpai/reviewers", ask(intake, "sealed", "request2"))).ok();
    centre.carry("request2", kpai);
    kpai.run(KPAI, "release deny request2 --because Belum+perlu -o answer").ok();
    kpai.carry("answer", centre);
    let refused = head("release open answer");
    assert!(refused.code == 5 && refused.err.contains("Belum perlu"), "{}", refused.err);
    centre.with_vault(REGISTRY, "audit verify").ok();
}

#[test]
fn an_overseer_behind_a_plugin_receives_a_release() {
    // The folder with the plugin, which Cargo builds with the tests.
    let plugins = Path::new(env!("CARGO_BIN_EXE_amanah")).parent().unwrap().join("examples");
    let world = World::new();
    let token = Command::new(plugins.join("age-plugin-amanahtest")).output().unwrap().stdout;
    fs::write(world.path().join("token"), token).unwrap();
    let reviewers = "cards/kpai-reviewers.group";
    for old in ["kpai-ani.key", "cards/kpai-ani.card", reviewers] {
        fs::remove_file(world.path().join(old)).unwrap();
    }
    let member = |line: &str| {
        let mut command = amanah(&world);
        run(command.env("PATH", &plugins).env("AMANAH_IDENTITY", key(KPAI)), line).ok()
    };
    member(&format!("keys new {KPAI} --plugin token"));
    fs::rename(world.path().join("kpai-ani.card"), world.path().join("cards/kpai-ani.card")).unwrap();
    member(&format!("keys group kpai/reviewers cards/kpai-ani.card -o {reviewers}"));
    let scene = scene_in(world);
    let Scene { centre, kpai, child, .. } = &scene;
    let overseer = |line: &str| run(kpai.command(KPAI).env("PATH", &plugins), line);
    let wish = format!("request new {child} -c identity --until {} -p oversight -r Pengaduan+7 -o request", until());
    overseer(&wish).ok();
    assert!(kpai.read("request").contains("recipient = \\\"age1amanahtest1"));
    kpai.carry("request", centre);
    // Whoever releases to such a key needs its plugin too, though not its identity.
    centre.with_vault(REGISTRY, "--json release approve request -o release").refused(6, "age-plugin-missing");
    let deny = "release deny request --because Belum+perlu -o answer";
    centre.with_vault(REGISTRY, &format!("--json {deny}")).refused(6, "age-plugin-missing");
    assert!(!centre.0.join("release").exists() && !centre.0.join("answer").exists());
    let log = centre.with_vault(REGISTRY, "--json audit log").json();
    let done = |entry: &serde_json::Value| entry["action"] == "release.approve" && entry["outcome"] != "refused";
    assert!(!log.as_array().unwrap().iter().any(done));
    let siti = |line: &str| {
        let mut command = centre.command(REGISTRY);
        run(command.env("AMANAH_VAULT", "vault").env("PATH", &plugins), line).ok()
    };
    siti("release approve request -o release");
    centre.carry("release", kpai);
    kpai.run(KPAI, "--json release open release").refused(6, "age-plugin-missing");
    let opened = overseer("--json release open release");
    assert!(opened.err.contains("the test plugin opens a key"), "{}", opened.err);
    assert_eq!(opened.json()[0]["fields"]["full_name"], "Nama Contoh");
    // Of a denial the reason is behind the plugin too.
    overseer(&wish.replace("-o request", "-o request2")).ok();
    kpai.carry("request2", centre);
    siti(&deny.replace("request", "request2"));
    centre.carry("answer", kpai);
    let refused = overseer("release open answer");
    assert!(refused.code == 5 && refused.err.contains("Belum perlu"), "{}", refused.err);
    centre.with_vault(REGISTRY, "audit verify").ok();
}
