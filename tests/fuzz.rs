//! Every parser of something from outside, for a while: with the corpus as it is, with files of it
//! changed at random, and with what should exhaust a parser. libFuzzer runs the same functions
//! (`fuzz/`), guided by what they reach; this runs wherever the tests do.
//!
//! `AMANAH_FUZZ_SECONDS=60` is how long each target is tried; `AMANAH_WRITE_CORPUS=1` writes the
//! corpus anew from a vault that is made for it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod common;
#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code)]
mod targets;

use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use amanah::{
    crypto::random::SystemRandom,
    custody::{
        Proposal,
        draft::READY,
        exchange::{Answer, Bytes, RequestFile},
    },
    records::template,
    store::journal::{Item, Position, Reader},
    vault::{Outside, Unwatched, Wish, item},
};
use common::{
    CARE, HEAD, KPAI, World,
    faults::{Dice, child},
};
use data_encoding::HEXLOWER;
use targets::{TARGETS, Target};

/// How long each target is tried when nobody says otherwise, in milliseconds.
const SHORT: u64 = 300;

/// What takes so long is told.
const SLOW: Duration = Duration::from_secs(2);

/// Longest input that is made, in bytes.
const LONGEST: usize = 64 * 1024;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder(target)).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Calls a target; the input it fails with is told.
fn call(name: &str, target: Target, data: &[u8]) {
    let began = Instant::now();
    let panicked = catch_unwind(|| target(data)).is_err();
    if began.elapsed() > SLOW {
        println!(
            "{name}: {:.1?} for {} bytes, {:?}",
            began.elapsed(),
            data.len(),
            String::from_utf8_lossy(&data[..data.len().min(40)])
        );
    }
    if panicked {
        let kept = std::env::temp_dir().join(format!("amanah-fuzz-{name}"));
        fs::write(&kept, data).unwrap();
        let shown = HEXLOWER.encode(&data[..data.len().min(500)]);
        panic!("{name} fails with {} bytes, kept in {}: {shown}", data.len(), kept.display());
    }
}

/// Every target by itself, on all cores.
fn each_target(with: impl Fn(&str, Target) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((name, target)) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    with(name, *target);
                }
            });
        }
    });
}

#[test]
fn nothing_from_outside_makes_a_parser_panic() {
    if std::env::var_os("AMANAH_WRITE_CORPUS").is_some() {
        write_corpus();
    }
    let seconds = std::env::var("AMANAH_FUZZ_SECONDS").ok().map(|text| text.parse::<u64>().unwrap() * 1000);
    let time = Duration::from_millis(seconds.unwrap_or(SHORT));
    each_target(|name, target| {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name} has no corpus");
        corpus.iter().for_each(|data| call(name, target, data));
        let mut dice = Dice(0x5eed_0000 | name.len() as u64 | 1);
        let (began, mut tried) = (Instant::now(), 0);
        while began.elapsed() < time {
            call(name, target, &changed(&corpus, &mut dice));
            tried += 1;
        }
        println!("{name}: {} files, {tried} changed ones", corpus.len());
    });
    let folders = fs::read_dir(folder("")).unwrap().count();
    assert_eq!(folders, TARGETS.len(), "a corpus without a target");
}

/// A file of the corpus with something changed in it, or several things.
fn changed(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    const TELLING: [&[u8]; 14] = [
        b"0",
        b"-1",
        b"18446744073709551616",
        b"9".as_slice(),
        b"\n",
        b"\r\n",
        b"\0",
        b"\"",
        b"[[",
        b"=",
        b"\xff\xff\xff\xff",
        b"\x9b\x7f",
        b"\xf0\x9f\x98\x80",
        "\u{202e}".as_bytes(),
    ];
    let mut data = corpus[dice.below(corpus.len() as u64) as usize].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(data.len() as u64 + 1) as usize;
        let end = at + dice.below((data.len() - at) as u64 + 1).min(1 + dice.below(64)) as usize;
        match dice.below(8) {
            0 if at < data.len() => data[at] ^= 1 << dice.below(8),
            1 if at < data.len() => data[at] = dice.below(256) as u8,
            2 => drop(data.drain(at..end)),
            3 => {
                let part = data[at..end].to_vec();
                let to = dice.below(data.len() as u64 + 1) as usize;
                data.splice(to..to, part);
            }
            4 => drop(data.splice(at..end, TELLING[dice.below(TELLING.len() as u64) as usize].iter().copied())),
            5 => {
                let other = &corpus[dice.below(corpus.len() as u64) as usize];
                let from = dice.below(other.len() as u64 + 1) as usize;
                data.truncate(at);
                data.extend_from_slice(&other[from..]);
            }
            6 => {
                let part = data[at..end].repeat(1 + dice.below(40) as usize);
                data.splice(at..at, part);
            }
            _ => data.truncate(at),
        }
    }
    data.truncate(LONGEST);
    data
}

/// Deep nesting, long lines, long numbers, and lengths that promise more than follows: each is
/// refused or read, without running out of stack or of memory.
#[test]
fn nothing_from_outside_exhausts_a_parser() {
    let many = 50_000;
    let mut bombs: Vec<Vec<u8>> =
        ["[", "{\"a\":", "a.", "[[a]]\n", "a = [", "a={", "\"", "\n", "9", "\u{301}", ",", "\t", "— a "]
            .iter()
            .map(|part| part.repeat(many / part.len()).into_bytes())
            .collect();
    bombs.push([b"x = ".as_slice(), &b"1".repeat(many)].concat());
    bombs.push([b"{\"sequence\": 1".as_slice(), &b"0".repeat(many), b"}"].concat());
    bombs.push([b"x = 1e".as_slice(), &b"9".repeat(50)].concat());
    bombs.push([b"a\n\n".as_slice(), "\u{2014} a AAAAAA==\n".repeat(3_000).as_bytes()].concat());
    // CBOR: arrays in arrays, and an array, a text and a map that say they have 2^63 members.
    bombs.push(vec![0x81; many]);
    bombs.push(vec![0x9f; many]);
    for head in [0x9b, 0x7b, 0x5b, 0xbb] {
        bombs.push([&[0x82, 0x06, head][..], &[0x7f; 8], &[0; 64]].concat());
        bombs.push([&b"amanah journal/1\n\0\0\0\x40"[..], &[0x82, 0, head], &[0x7f; 8], &[0; 53]].concat());
    }
    bombs.push([&b"amanah journal/1\n"[..], &[0xff; 4]].concat());
    bombs.push([&b"amanah journal/1\n"[..], &[0x03, 0xff, 0xff, 0xff], &[0x81; 1000]].concat());
    each_target(|name, target| {
        let began = Instant::now();
        bombs.iter().for_each(|bomb| call(name, target, bomb));
        println!("{name}: {:.1?}", began.elapsed());
    });
}

/// Writes a small corpus: what a vault and its people really produce, and what was nearly right.
fn write_corpus() {
    for (name, _) in TARGETS {
        let _ = fs::remove_dir_all(folder(name));
        fs::create_dir_all(folder(name)).unwrap();
    }
    let put = |target: &str, name: &str, bytes: &[u8]| fs::write(folder(target).join(name), bytes).unwrap();
    let world = World::new();
    let (mut vault, mut siti) = world.found();
    let draft = child(&vault, "A-1", "satu");
    vault.create_record(&mut siti, CARE, "child", &draft).unwrap();
    let access = amanah::vault::Access { reason: Some("corpus"), ..CARE };
    let record = vault.records_of_kind("child").unwrap()[0];
    vault.read_record(&mut siti, access, &record, None, None).unwrap();

    let charter = vault.charter().clone();
    let mut proposal = Proposal::new(&charter);
    proposal.rotate("handayani/registry").unwrap();
    let head = world.identity(HEAD);
    let by = (head.member.as_str(), &head.signing);
    let mut amendment = proposal.build(by, &mut SystemRandom::new(), jiff::Timestamp::now()).unwrap();
    put("amendment", "proposed", &amendment.to_bytes());
    amendment.sign(KPAI, &world.identity(KPAI).signing).unwrap();
    put("amendment", "signed", &amendment.to_bytes());
    vault.amend_charter(&mut siti, &amendment).unwrap();
    let chain = vault.chain();
    put("exchange", "charters", &chain.to_bytes());
    Outside::trust(&world.path().join("outside"), &chain).unwrap();
    let outside = Outside::load(&world.path().join("outside"), vault.id()).unwrap();
    let classes = ["identity".to_owned()];
    let until = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
    let until = until.checked_add(jiff::Span::new().days(300)).unwrap();
    let wish = Wish {
        purpose: "oversight",
        reason: Some("corpus"),
        until,
        records: &[record],
        classes: &classes,
        fields: &[],
    };
    let request = outside.ask(&world.identity(KPAI), &wish, jiff::Timestamp::now()).unwrap();
    let (entry, release) = vault.approve(&mut siti, &request, None).unwrap();
    let answer = Answer::Release(Box::new(release.clone()));
    put("request", "outside", &request.to_bytes());
    put("release", "outside", &release.to_bytes());
    put("exchange", "request", &RequestFile::new(&request).to_bytes());
    let answer = vault.send_answer(&mut siti, &request, entry, &answer, None).unwrap();
    put("exchange", "answer", &answer.to_bytes());
    let mut entered = RequestFile::new(&request);
    (entered.entry, entered.items) = (answer.entry.clone(), Some(Bytes(vec![7; 32])));
    put("exchange", "entered", &entered.to_bytes());
    let copies = world.path().join("copies");
    let to = [world.identity(KPAI).recipient().unwrap().clone()];
    let made = vault.begin_backup(&mut siti, 90).unwrap();
    let backup = made.write(&siti, &copies, &to, Duration::ZERO, &Unwatched).unwrap().backup;
    put("manifest", "backup", &fs::read(copies.join(format!("{backup}.backup"))).unwrap());
    vault.close(&mut siti).unwrap();

    let dir = world.vault_dir();
    let read = |path: &str| fs::read(world.path().join(path)).unwrap();
    put("card", "kpai", &read("cards/kpai-ani.card"));
    put("group_key", "kpai", &read("cards/kpai-reviewers.group"));
    put("note", "card", &read("cards/kpai-ani.card"));
    put("charter", "first", &charter.to_bytes());
    put("draft", "ready", READY.as_bytes());
    put("draft", "signed", charter.toml().as_bytes());
    put("identity", "passphrase", &read("handayani-siti.key"));
    put("marker", "vault", &fs::read(dir.join("vault.json")).unwrap());
    put("checkpoint", "vault", &fs::read(dir.join("checkpoint")).unwrap());
    put("schema", "sentra", template::sentra().text().as_bytes());
    put("log", "ledger", &fs::read(dir.join("ledger/000001.jsonl")).unwrap());
    let journal = fs::read(dir.join("journal/000001.amj")).unwrap();
    put("payload", "journal", &journal);
    for (number, line) in fs::read_to_string(dir.join("ledger/000001.jsonl")).unwrap().lines().enumerate() {
        put("line", &number.to_string(), line.as_bytes());
    }
    let mut payloads = Reader::new(&dir.join("journal"), Position::START).unwrap();
    while let Some(payload) = payloads.next_payload().unwrap() {
        for (number, kept) in payload.items.iter().enumerate() {
            let Item::Live(bytes) = kept else { continue };
            assert!(item::Item::decode(bytes).is_ok());
            // Postings alike say nothing more.
            if bytes.len() < 20_000 {
                put("item", &format!("{}-{number}", payload.seq), bytes);
            }
        }
    }

    let malformed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed");
    for file in fs::read_dir(&malformed).unwrap().map(|file| file.unwrap().path()) {
        let target = match file.extension().and_then(|end| end.to_str()) {
            Some("proof") => "proof_file",
            Some("request") => "witness_request",
            Some("checkpoint") => "checkpoint",
            Some("vkey") => "vkey",
            _ => continue,
        };
        let bytes = fs::read(&file).unwrap();
        if !bytes.is_empty() {
            put(target, file.file_stem().unwrap().to_str().unwrap(), &bytes);
        }
    }
    put(
        "tiles",
        "none",
        b"amanah.example/1\n4\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 a AAAAAA==\n\n\n",
    );
    let served = [&fs::read(dir.join("checkpoint")).unwrap()[..], b"\n\n", &[7; 4 * 32]].concat();
    put("tiles", "vault", &served);
    put("recipient", "x25519", world.identity(KPAI).recipient().unwrap().to_string().as_bytes());
    put("recipient", "plugin", b"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t");

    put("request", "note", &read("cards/kpai-ani.card"));
    put("release", "note", &read("cards/kpai-ani.card"));
    put("exchange", "kit", b"{\"amanah\":\"request/1\",\"request\":\"\",\"old\":0,\"consistency\":[],\"kits\":[]}\n");
    put("share", "words", b"duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard");
    for file in fs::read_dir(&malformed).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|end| end == "manifest") {
            let bytes = fs::read(&file).unwrap();
            put("manifest", file.file_stem().unwrap().to_str().unwrap(), &bytes);
        }
    }

    put("column_map", "both", b"\"Child code\" = \"child_code\"\n\"Notes\" = \"\"\n");
    put("json", "child", b"{\"child_code\": \"A-1\", \"full_name\": \"Contoh\", \"birth_date\": \"2010-03-12\", \"nik\": \"3175061203100001\", \"disability\": [\"a\"], \"sex\": null}");
    put("table", "commas", b"child_code,full_name,birth_date\nA-1,Contoh,2010-03-12\n");
    put(
        "table",
        "semicolons",
        "\u{feff}Kode anak;NAMA LENGKAP;Tanggal lahir\r\nA-2;\"Contoh; Dua\";12/03/2010\r\n".as_bytes(),
    );
    put(
        "table",
        "services",
        b"child,atensi_component,service_date,provider,service_note\nA-1,therapy,2016-08-01,Ibu Dewi,\"satu\ndua\"\n",
    );
    for (name, text) in [
        ("date", "12/03/2010"),
        ("number", "3175-0612.0310 0001"),
        ("yes", "Ya"),
        ("list", "a; b | c"),
        ("id", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("text", "Jalan Merdeka No. 1"),
    ] {
        put("typed", name, text.as_bytes());
    }
    for (name, text) in
        [("titles", "Drs. H. Muh. Soekarno bin Achmad"), ("women", "Sitti Chadidjah binti Sjafi'i"), ("short", "A B")]
    {
        put("names", name, text.as_bytes());
    }
    for (name, bytes) in [
        ("text", &b"\x66Contoh"[..]),
        ("number", &[0x18, 0x2a]),
        ("yes", &[0xf5]),
        ("null", &[0xf6]),
        ("list", &[0x82, 0x61, b'a', 0x61, b'b']),
    ] {
        put("value", name, bytes);
    }
}
