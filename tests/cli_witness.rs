//! The ledger shown to outsiders: published, proved, cosigned; and what each of them notices when it
//! is cut, rewritten or rolled back. Each test's name says who notices, and when.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod cmd;
mod common;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Command as Process, Stdio},
};

use amanah::{
    crypto::sign::SigningKey,
    id::Id,
    ledger::{
        Action, Checkpoint, EntryDraft, Frontier, Line, Outcome,
        checkpoint::{self, SignedHead},
        proof_file::ProofFile,
        tree::leaf_hash,
    },
};
use cmd::{amanah, by, copy, run, run_words};
use common::{HEAD, KPAI, REGISTRY, World};

/// A witness of the KPAI, made before the vault, whose charter names it.
fn world(rule: &str) -> World {
    let world = World::new();
    fs::write(world.path().join("witness-passphrase"), "correct horse battery\n".repeat(2)).unwrap();
    let mut command = amanah(&world);
    command.args(["--passphrase-file", "witness-passphrase"]);
    let key = run(&mut command, "witness init kpai/witness --json").json()["key"].as_str().unwrap().to_owned();
    let charter = fs::read_to_string(world.path().join("charter.toml")).unwrap();
    let section = format!("{charter}\n[witness]\n{rule}\nkeys = [\"{key}\"]\n");
    fs::write(world.path().join("charter.toml"), section).unwrap();
    run(&mut by(&world, REGISTRY), "init vault --charter charter.toml").ok();
    add(&world, "A-1");
    world
}

fn add(world: &World, code: &str) {
    run(&mut by(world, REGISTRY), &format!("record add child child_code={code} full_name=Contoh -p registration")).ok();
}

/// A command of the witness, on its own machine: with another memory, and no vault.
fn witness(world: &World, line: &str) -> cmd::Ran {
    let mut command = amanah(world);
    command.env("AMANAH_STATE", "overseer").args(["--passphrase-file", "witness-passphrase"]);
    // Not `run`: keys have `+` in them.
    run_words(&mut command, &line.split_whitespace().collect::<Vec<_>>())
}

fn trust(world: &World) -> String {
    let key = run(&mut by(world, REGISTRY), "audit publish log --json").json()["key"].as_str().unwrap().to_owned();
    witness(world, &format!("witness trust {key}")).ok();
    key
}

/// A request is older than the witness's last word, and the overseer has seen more than that.
#[test]
fn a_request_is_proved_under_a_checkpoint_that_reaches_to_what_the_overseer_has_seen() {
    let world = world("any = 1\nmax_age_hours = 48");
    let intake = "record add intake --of A-1 intake_date=2026-01-05 referrer=Rahasia -p registration --json";
    let intake = run(&mut by(&world, REGISTRY), intake).json()["record"].as_str().unwrap().to_owned();
    let until = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date().tomorrow().unwrap();
    let ask = format!("request new {intake} -c sealed --until {until} -p case_conference -r Konferensi --json");
    let asked = || run(&mut by(&world, HEAD), &ask).json()["request"].as_str().unwrap().to_owned();
    let first = asked();
    trust(&world);
    witness(&world, "witness cosign log -o note").ok();
    run(&mut by(&world, REGISTRY), "witness take note").ok();
    let second = asked();
    run(&mut by(&world, KPAI), &format!("release approve {second}")).ok();
    run(&mut by(&world, HEAD), &format!("request send {first} --for kpai/reviewers -o sent")).ok();
    let fingerprint = run(&mut by(&world, REGISTRY), "charter export -o charters --json").json();
    let outside = |line: &str| {
        let mut command = by(&world, KPAI);
        command.env("AMANAH_STATE", "overseer").env_remove("AMANAH_VAULT");
        run(&mut command, line).ok()
    };
    outside(&format!("charter trust charters --fingerprint {}", fingerprint["fingerprint"].as_str().unwrap()));
    outside("release approve sent -o answer");
    run(&mut by(&world, HEAD), "release open answer").ok();
}

#[test]
fn asked_cosigned_and_taken_in() {
    let world = world("any = 1\nmax_age_hours = 48");
    let warned = run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    assert!(warned.err.contains("0 of the 1 witnesses"), "{}", warned.err);
    run(&mut by(&world, REGISTRY), "witness status --json").code.eq(&5).then_some(()).unwrap();
    let key = trust(&world);
    let stranger = run(&mut by(&world, REGISTRY), "witness ask --witness a/b -o request --json");
    stranger.refused(4, "vault-unknown-witness");
    run(&mut by(&world, REGISTRY), "witness ask -o request").ok();
    witness(&world, "witness cosign request -o note").ok();
    let taken = run(&mut by(&world, REGISTRY), "witness take note --json").json();
    assert_eq!((&taken[0]["witness"], &taken[0]["fresh"]), (&"kpai/witness".into(), &true.into()));
    let quiet = run(&mut by(&world, REGISTRY), "record list child -p care").ok();
    assert!(!quiet.err.contains("witnesses"), "{}", quiet.err);
    let status = run(&mut by(&world, REGISTRY), "witness status --json").json();
    assert_eq!(status[0]["size"], taken[0]["size"]);
    let of_witness = witness(&world, "witness status --dir witness --json").json();
    assert_eq!((&of_witness[0]["size"], &of_witness[0]["log"]), (&taken[0]["size"], &key.as_str().into()));
    // Asked again from where it was, and from a published folder.
    add(&world, "A-2");
    run(&mut by(&world, REGISTRY), "witness ask -o request2").ok();
    assert!(
        fs::read_to_string(world.path().join("request2")).unwrap().starts_with(&format!("old {}\n", taken[0]["size"]))
    );
    witness(&world, "witness cosign request2 -o note2").ok();
    witness(&world, "witness cosign request2 -o note3 --json").refused(3, "witness-old-size");
    run(&mut by(&world, REGISTRY), "witness take note2").ok();
    run(&mut by(&world, REGISTRY), "audit publish log").ok();
    witness(&world, "witness cosign log -o note4").ok();
    run(&mut by(&world, REGISTRY), "witness take note4").ok();
    let found = run(&mut by(&world, REGISTRY), "audit verify --json").json();
    assert_eq!(found["cosigned"].as_array().unwrap().len(), 1);
    // A proof under the cosigned checkpoint, checked where there is no vault.
    run(&mut by(&world, REGISTRY), "audit prove 1 -o proof").ok();
    let cosigner = fs::read_to_string(world.path().join("charter.toml")).unwrap();
    let cosigner = cosigner.split('"').rev().nth(1).unwrap();
    let checked = witness(&world, &format!("audit check-proof proof --key {key} --key {cosigner} --json")).json();
    assert_eq!((&checked["index"], &checked["entry"]["seq"]), (&1.into(), &1.into()));
    assert_eq!(checked["cosigned"][0]["witness"], "kpai/witness");
    let told = witness(&world, &format!("audit check-proof proof --key {key}")).ok().out;
    assert!(told.contains(" UTC  "), "whose time zone is not known: {told}");
    witness(&world, "audit check-proof proof --json").refused(2, "proof-no-key");
    let stranger = key.replace("amanah/", "amanah/x");
    assert_eq!(witness(&world, &format!("audit check-proof proof --key {stranger}")).code, 2);
    witness(&world, &format!("audit check-proof proof --key {cosigner} --json")).refused(2, "proof-no-key");
    // One changed byte anywhere in it shows nothing, but in the signatures that nobody asked about: those
    // are passed over, whatever they say.
    let proof = fs::read(world.path().join("proof")).unwrap();
    let lines = String::from_utf8(proof.clone()).unwrap();
    let names = [key.split('+').next().unwrap(), cosigner.split('+').next().unwrap()];
    let mut at = 0;
    let asked = lines.split_inclusive('\n').flat_map(|line| {
        let from = at;
        at += line.len();
        let passed_over = line.starts_with('\u{2014}') && !names.iter().any(|name| line.contains(&format!(" {name} ")));
        (from..at).filter(move |_| !passed_over)
    });
    for at in asked.collect::<Vec<_>>().chunks(proof.len() / 12).map(|bytes| bytes[0]) {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        fs::write(world.path().join("changed"), changed).unwrap();
        let ran = witness(&world, &format!("audit check-proof changed --key {key} --key {cosigner} --json"));
        assert!(ran.code == 3 || ran.code == 7, "byte {at} of\n{lines}{} {}", ran.out, ran.err);
    }
    // One from before says nothing new: what is there is told.
    let older = run(&mut by(&world, REGISTRY), "witness take note --json").json();
    assert!(older[0]["size"].as_u64() > taken[0]["size"].as_u64(), "{older}");
    // A cosigned checkpoint that was changed in the vault is found by verifying.
    let file = fs::read_dir(world.vault_dir().join("witness")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("amanah/", "amanah/0", 1)).unwrap();
    assert_eq!(run(&mut by(&world, REGISTRY), "audit verify --json").code, 7);
    // It is named, and the way that the hint says leads on.
    run(&mut by(&world, REGISTRY), "audit publish log --json").refused(7, "vault-damaged-cosignature");
    let size = of_witness_now(&world);
    run(&mut by(&world, REGISTRY), &format!("witness ask --old {size} -o request5")).ok();
    witness(&world, "witness cosign request5 -o note5").ok();
    run(&mut by(&world, REGISTRY), "witness take note5").ok();
    run(&mut by(&world, REGISTRY), "audit publish log").ok();
    run(&mut by(&world, REGISTRY), "audit verify").ok();
}

fn of_witness_now(world: &World) -> u64 {
    witness(world, "witness status --dir witness --json").json()[0]["size"].as_u64().unwrap()
}

/// A log whose second entry says that it is the eighth.
#[test]
fn an_entry_in_another_place_than_it_says_is_not_proved() {
    let world = World::new();
    let (key, vault) = (SigningKey::from_seed(&[7; 32]).unwrap(), Id([1; 16]));
    let entry = |seq, root| {
        let draft = EntryDraft {
            seq,
            time: jiff::Timestamp::UNIX_EPOCH,
            actor: REGISTRY.to_owned(),
            group: "handayani/registry".to_owned(),
            action: Action::RecordHistory,
            purpose: None,
            subjects: Vec::new(),
            payload: None,
            outcome: Outcome::Ok,
            detail: None,
            charter: 1,
            root,
        };
        Line::sign(draft, &key, &vault).unwrap()
    };
    let prove = |seq| {
        let mut tree = Frontier::new();
        let first = entry(0, tree.root());
        tree.push(first.bytes());
        let second = entry(seq, tree.root());
        tree.push(second.bytes());
        let note = Checkpoint { size: 2, root: tree.root() }.sign(&vault, &key).unwrap();
        let head = SignedHead::parse(&note.to_bytes()).unwrap();
        let proof = ProofFile {
            extra: Some(second.bytes().to_owned()),
            index: 1,
            hashes: vec![leaf_hash(first.bytes())],
            head,
        };
        fs::write(world.path().join("proof"), proof.to_bytes()).unwrap();
        let log = checkpoint::log_key(&vault, &key.public()).unwrap().to_string();
        run_words(&mut amanah(&world), &["audit", "check-proof", "proof", "--key", &log, "--json"])
    };
    prove(1).ok();
    prove(7).refused(7, "ledger-bad-proof");
}

#[test]
fn a_vault_rolled_back_to_a_backup_is_noticed_by_the_witness_and_by_the_publication() {
    let world = world("any = 1\nmax_age_hours = 48");
    trust(&world);
    copy(&world.vault_dir(), &world.path().join("backup"));
    add(&world, "A-2");
    run(&mut by(&world, REGISTRY), "audit publish log").ok();
    witness(&world, "witness cosign log -o note").ok();
    fs::remove_dir_all(world.vault_dir()).unwrap();
    fs::rename(world.path().join("backup"), world.vault_dir()).unwrap();
    // The officer's own machine remembers.
    run(&mut by(&world, REGISTRY), "audit log --json").refused(7, "vault-rolled-back");
    // A machine that does not, and goes on writing:
    let elsewhere = |line: &str| run(by(&world, REGISTRY).env("AMANAH_STATE", "elsewhere"), line);
    elsewhere("record list child -p care").ok();
    elsewhere("audit publish log --json").refused(7, "vault-other-publication");
    elsewhere("witness ask -o older --old 0").ok();
    witness(&world, "witness cosign older --json").refused(3, "witness-old-size");
    elsewhere("audit publish fork").ok();
    witness(&world, "witness cosign fork --json").code.eq(&7).then_some(()).unwrap();
    // Written on until it is longer than what the witness saw: a fork.
    for code in ["B-1", "B-2", "B-3"] {
        elsewhere(&format!("record add child child_code={code} full_name=Contoh -p registration")).ok();
    }
    elsewhere("audit publish fork").ok();
    witness(&world, "witness cosign fork --json").refused(7, "witness-inconsistent");
    elsewhere("witness take note --json").code.eq(&7).then_some(()).unwrap();
}

#[test]
fn a_missing_ledger_is_noticed_at_the_next_command() {
    let world = world("any = 1\nmax_age_hours = 48");
    fs::remove_file(world.vault_dir().join("ledger/000001.jsonl")).unwrap();
    for line in
        ["audit log --json", "audit verify --json", "audit publish log --json", "record list child -p care --json"]
    {
        let ran = run(&mut by(&world, REGISTRY), line);
        assert!(ran.code == 9 || ran.code == 7, "{line}: {} {}", ran.code, ran.err);
        assert_eq!(ran.out, "", "{line}");
    }
}

#[test]
fn a_publication_killed_half_way_comes_to_the_same() {
    let world = world("any = 1\nmax_age_hours = 48");
    // The vault's own checkpoint is not that of a published ledger.
    for within in ["vault", "vault/published"] {
        run(&mut by(&world, REGISTRY), &format!("audit publish {within} --json")).refused(3, "vault-publish-in-vault");
    }
    run(&mut by(&world, REGISTRY), "audit publish once").ok();
    run(&mut by(&world, REGISTRY), "audit publish twice").ok();
    // Killed before the checkpoint, with a file half written beside the others.
    fs::remove_file(world.path().join("twice/checkpoint")).unwrap();
    fs::write(world.path().join("twice/checkpoint.new"), "half").unwrap();
    run(&mut by(&world, REGISTRY), "audit publish twice").ok();
    let strip = |folder: &str| {
        let root = world.path().join(folder);
        let name = |path: String| path.strip_prefix(root.to_str().unwrap()).unwrap().to_owned();
        cmd::tree(&root).into_iter().map(|(path, bytes)| (name(path), bytes)).collect::<Vec<_>>()
    };
    assert_eq!(strip("once"), strip("twice"));
    assert_eq!(run(&mut by(&world, REGISTRY), "audit publish twice --json").json()["files"], 0);
    let head = fs::metadata(world.path().join("once/checkpoint")).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(head.permissions().mode() & 0o777, 0o644);
    run(&mut by(&world, REGISTRY), "audit prove 999 --json").refused(4, "vault-not-covered");
}

struct Server(std::process::Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(world: &World) -> Server {
    let mut child = Process::new(env!("CARGO_BIN_EXE_amanah"))
        .args(["--passphrase-file", "witness-passphrase", "--lang", "en", "witness", "serve", "127.0.0.1:0"])
        .current_dir(world.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, address)) = line.split_once("listening at ") {
            break address.trim().to_owned();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    Server(child, address)
}

fn http(server: &Server, method: &str, path: &str, body: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(&server.1).unwrap();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    (status, head.to_ascii_lowercase(), body.to_owned())
}

#[test]
fn where_the_charter_names_no_witnesses() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "witness ask --witness a/b -o request --json").refused(4, "vault-no-witnesses");
    run(&mut by(&world, REGISTRY), "witness ask --witness a/b --old 0 -o request").ok();
}

#[test]
fn served_as_the_protocol_says() {
    let world = world("any = 1\nmax_age_hours = 48");
    let key = trust(&world);
    run(&mut by(&world, REGISTRY), "witness ask -o request").ok();
    let request = fs::read(world.path().join("request")).unwrap();
    let text = String::from_utf8(request.clone()).unwrap();
    let server = serve(&world);
    let post = |body: &[u8]| http(&server, "POST", "/add-checkpoint", body);
    let origin = key.split('+').next().unwrap();
    let monitor = format!("/{}/checkpoint", amanah::ledger::witness::origin_hash(origin));
    assert_eq!(http(&server, "GET", &monitor, b"").0, 404);
    // Nothing that is wrong is cosigned, and nothing of it is remembered.
    assert_eq!(post(b"nonsense").0, 400);
    assert_eq!(post(text.replacen("old 0", "old 00", 1).as_bytes()).0, 400);
    assert_eq!(post(&vec![b'a'; 1_000_000]).0, 413);
    assert_eq!(post(text.replacen("old 0\n", &format!("old 0\n{}=\n", "A".repeat(43)), 1).as_bytes()).0, 422);
    assert_eq!(post(text.replacen("\namanah/", "\namanah/0", 1).as_bytes()).0, 404);
    let size = text.split("\n\n").nth(1).unwrap().lines().nth(1).unwrap().to_owned();
    assert_eq!(post(text.replacen(&format!("\n{size}\n"), "\n999\n", 1).as_bytes()).0, 403);
    assert_eq!(post(text.replacen("old 0", "old 1", 1).as_bytes()).0, 409);
    assert_eq!(http(&server, "GET", "/add-checkpoint", b"").0, 405);
    // Twenty at once: all get an answer, and none that leads elsewhere.
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..20).map(|_| scope.spawn(|| post(&request))).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer.0 == 200).count(), 1, "{answers:?}");
    for (status, head, body) in &answers {
        match status {
            200 => fs::write(
                world.path().join("note"),
                format!("{}\n{body}", text.split_once("\n\n").unwrap().1.trim_end()),
            )
            .unwrap(),
            409 => assert!(head.contains("text/x.tlog.size") && *body == format!("{size}\n"), "{head}{body}"),
            _ => panic!("{status} {head} {body}"),
        }
    }
    run(&mut by(&world, REGISTRY), "witness take note").ok();
    let (status, _, note) = http(&server, "GET", &monitor, b"");
    assert!(status == 200 && note.contains("kpai/witness"), "{note}");
    // What was answered is remembered by the next process too.
    drop(server);
    witness(&world, "witness cosign request --json").refused(3, "witness-old-size");
}

#[test]
fn an_export_brings_the_word_of_the_witness() {
    let world = world("any = 1\nmax_age_hours = 48");
    let key = trust(&world);
    let charter = fs::read_to_string(world.path().join("charter.toml")).unwrap();
    let cosigner = charter.split('"').rev().nth(1).unwrap();
    let export =
        |dir: &str| drop(run(&mut by(&world, REGISTRY), &format!("audit export --format jsonl -o {dir}")).ok());
    let check = |dir: &str| witness(&world, &format!("audit check-export {dir} --key {key} --key {cosigner} --json"));
    export("before");
    check("before").refused(7, "export-not-cosigned");
    run(&mut by(&world, REGISTRY), "witness ask -o request").ok();
    witness(&world, "witness cosign request -o note").ok();
    let size = run(&mut by(&world, REGISTRY), "witness take note --json").json()[0]["size"].clone();
    // Its own checkpoint is cosigned, and later one that continues the cosigned one.
    export("same");
    assert_eq!(check("same").json()["cosigned"][0]["size"], size);
    add(&world, "A-2");
    export("after");
    let found = check("after").json();
    assert_eq!((&found["cosigned"][0]["size"], &found["cosigned"][0]["witness"]), (&size, &"kpai/witness".into()));
    assert!(found["range"]["next"].as_u64() > size.as_u64());
    // The word of somebody else.
    let other = cosigner.replace("kpai/witness", "kpai/another");
    assert_ne!(witness(&world, &format!("audit check-export after --key {key} --key {other} --json")).code, 0);
    // A checkpoint that the witness did not see, in the place of the one it did.
    let manifest = world.path().join("after/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let older = format!("\\n{size}\\n");
    assert!(text.contains(&older));
    fs::write(&manifest, text.replace(&older, &format!("\\n{}\\n", size.as_u64().unwrap() - 1))).unwrap();
    check("after").refused(7, "ledger-bad-proof");
}
