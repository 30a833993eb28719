//! The formats, byte by byte: every file in `tests/vectors` is made again from what it gives, and
//! opened. `tests/decoder` checks the same files with code of its own.
//!
//! After a change of the formats that is meant, `AMANAH_WRITE_VECTORS=1` writes the files anew.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use amanah::{
    crypto::{
        CryptoError,
        age_wrap::{DecryptionKey, Silent},
        cbor,
        digest::sha256,
        envelope::{Envelope, Place, Policy, Sealer, ShareAt, open_sealed_share},
        pad,
        random::Random,
        session::{Session, SessionSecret},
        sharing::{Share, Tree},
        sign::SigningKey,
    },
    custody::Card,
    id::Id,
    ledger::{Checkpoint, EntryDraft, Frontier, Line},
    store::content::Content,
    store::journal::{Item, Journal, Payload, Position, Reader},
};
use data_encoding::{BASE64, HEXLOWER};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

/// Makes a file's cases again and compares.
fn check(name: &str, make: impl Fn(&Json) -> Json) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/{name}.json"));
    let mut file: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let cases = file["cases"].as_array_mut().unwrap();
    assert!(!cases.is_empty());
    let write = std::env::var_os("AMANAH_WRITE_VECTORS").is_some();
    for case in cases {
        let made = make(&case["given"]);
        if write {
            case["made"] = made;
        } else {
            assert_eq!(case["made"], made, "{name}");
        }
    }
    if write {
        std::fs::write(&path, format!("{:#}\n", file)).unwrap();
    }
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

fn hex(json: &Json) -> Vec<u8> {
    HEXLOWER.decode(text(json).as_bytes()).unwrap()
}

fn to_hex(bytes: &[u8]) -> Json {
    HEXLOWER.encode(bytes).into()
}

fn fixed<const N: usize>(json: &Json) -> [u8; N] {
    hex(json).try_into().unwrap()
}

fn id(json: &Json) -> Id {
    Id(fixed(json))
}

fn list<T>(json: &Json, read: impl Fn(&Json) -> T) -> Vec<T> {
    json.as_array().unwrap().iter().map(read).collect()
}

/// A member that may be left out.
fn optional<T: DeserializeOwned>(json: &Json, name: &str) -> Option<T> {
    json.get(name).map(|value| serde_json::from_value(value.clone()).unwrap())
}

fn member<T: DeserializeOwned>(json: &Json, name: &str) -> T {
    optional(json, name).unwrap()
}

/// A source of "randomness" that counts up.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        for byte in out {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

/// The tree of a quorum as the charter writes it; adds the groups at its leaves.
fn tree(quorum: &Json, leaves: &mut Vec<String>) -> Tree {
    match quorum {
        Json::String(group) => {
            leaves.push(group.clone());
            Tree::Leaf(leaves.len() - 1)
        }
        _ => Tree::Threshold {
            any: member(quorum, "any"),
            of: quorum["of"].as_array().unwrap().iter().map(|part| tree(part, leaves)).collect(),
        },
    }
}

#[test]
fn padding() {
    check("padding", |given| {
        let value = hex(&given["value"]);
        let padded = pad::pad(&value, 0);
        assert_eq!(pad::unpad(&padded).unwrap(), value);
        json!({ "padded": to_hex(&padded) })
    });
}

#[test]
fn shares() {
    check("shares", |given| {
        let tree = tree(&given["quorum"], &mut Vec::new());
        let mut shares: BTreeMap<usize, Share> = BTreeMap::new();
        let mut give = |leaf, share: &[u8]| {
            shares.insert(leaf, Zeroizing::new(share.to_vec()));
            Ok(())
        };
        tree.deal(&hex(&given["secret"]), &mut Counting(member(given, "random")), &mut give).unwrap();
        for (what, opens) in [("opens", true), ("fails", false)] {
            for set in list(&given[what], |set| list(set, |leaf| leaf.as_u64().unwrap() as usize)) {
                let held = shares.iter().filter(|(leaf, _)| set.contains(leaf)).map(|(l, s)| (*l, s.clone())).collect();
                let found = tree.combine(&held).ok().map(|secret| secret.to_vec());
                assert_eq!(found, opens.then(|| hex(&given["secret"])), "{set:?}");
            }
        }
        json!({ "leaves": shares.values().map(|share| to_hex(share)).collect::<Vec<_>>() })
    });
}

#[test]
fn sealed_shares() {
    check("sealed_share", |given| {
        let secret = SessionSecret::new(&id(&given["session"]), &hex(&given["secret"])).unwrap();
        let place = cbor::bytes(|w| {
            w.array(8)?.str("amanah place/1")?.bytes(&hex(&given["vault"]))?.bytes(&hex(&given["record"]))?;
            w.str(text(&given["kind"]))?.u64(member(given, "version"))?.str(text(&given["class"]))?;
            w.bytes(&hex(&given["envelope"]))?.u64(member(given, "charter")).map(drop)
        });
        let (place, envelope) = (sha256(&[&place]), id(&given["envelope"]));
        let leaf: u64 = member(given, "leaf");
        let key =
            secret.share_key(text(&given["class"]), usize::try_from(leaf).unwrap(), text(&given["group"])).unwrap();
        let mut sealed = Vec::new();
        key.seal_into(&envelope, &place, &hex(&given["share"]), &mut sealed).unwrap();
        assert_eq!(*key.open(&envelope, &place, &sealed).unwrap(), hex(&given["share"]));
        let (vault, record) = (id(&given["vault"]), id(&given["record"]));
        let at = ShareAt {
            place: Place {
                vault: &vault,
                record: &record,
                kind: text(&given["kind"]),
                version: member(given, "version"),
            },
            envelope: &envelope,
            class: text(&given["class"]),
            charter: member(given, "charter"),
            leaf: usize::try_from(leaf).unwrap(),
            group: text(&given["group"]),
        };
        assert_eq!(*open_sealed_share(&at, &secret, &sealed).unwrap(), hex(&given["share"]));
        json!({ "place": to_hex(&place), "sealed": to_hex(&sealed) })
    });
}

#[test]
fn envelopes() {
    check("envelope", |given| {
        let mut leaves = Vec::new();
        let quorums = list(&given["quorums"], |quorum| quorum.clone()).iter().map(|q| tree(q, &mut leaves)).collect();
        let policy = Policy { class: member(given, "class"), charter: member(given, "charter"), quorums, leaves };
        let secrets: Vec<_> = given["secrets"].as_object().unwrap().iter().map(|(g, s)| (&**g, fixed(s))).collect();
        let session = Session::from_secrets(id(&given["session"]), &secrets).unwrap();
        let fields = list(&given["fields"], |field| (text(&field[0]).to_owned(), hex(&field[1])));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (vault, record) = (id(&given["vault"]), id(&given["record"]));
        let place =
            Place { vault: &vault, record: &record, kind: text(&given["kind"]), version: member(given, "version") };
        let mut random = Counting(member(given, "random"));
        let sealer = Sealer::new(policy.clone(), &session).unwrap();
        let envelope = Envelope::seal(&place, &sealer, &fields, &mut random).unwrap();
        let bytes = cbor::bytes(|w| envelope.encode(w));

        let read = cbor::strict("envelope", &bytes, Envelope::decode, |w, e| e.encode(w)).unwrap();
        for (what, opens) in [("opens", true), ("fails", false)] {
            for set in list(&given[what], |set| list(set, |group| text(group).to_owned())) {
                let open = |(leaf, group): (usize, &String)| {
                    let key = session.secret(group).unwrap().share_key(&policy.class, leaf, group).unwrap();
                    (leaf, read.at(&place).open_share(leaf, &key).unwrap())
                };
                let held =
                    policy.leaves.iter().enumerate().filter(|(_, group)| set.contains(group)).map(open).collect();
                let key = read.content_key(&policy, &held);
                assert_eq!(key.is_ok(), opens, "{set:?}");
                let Ok(key) = key else { continue };
                let opened = read.at(&place).open(&key).unwrap();
                let values: Vec<_> = opened.all().map(|(name, value)| (name, value.unwrap().to_vec())).collect();
                assert_eq!(values, fields.iter().map(|(name, value)| (*name, value.to_vec())).collect::<Vec<_>>());
            }
        }
        json!({ "envelope": to_hex(&bytes) })
    });
}

#[test]
fn payloads() {
    check("payload", |given| {
        let item = |item: &Json| match (item.get("erased"), item.as_array()) {
            (Some(digest), _) => Item::Erased(fixed(digest)),
            (None, None) => Item::Live(hex(item).into()),
            (None, Some(_)) => {
                let parts: Vec<Vec<u8>> = list(item, hex);
                let ends = parts.iter().scan(0, |end, part| {
                    *end += part.len();
                    Some(*end)
                });
                Item::Live(Content::in_parts(parts.concat(), ends.take(parts.len() - 1).collect()))
            }
        };
        let payload = |json: &Json| Payload { seq: member(json, "sequence"), items: list(&json["items"], item) };
        let payloads = list(&given["payloads"], payload);
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("journal");
        Journal::create(&folder).unwrap().append(&payloads).unwrap();
        let mut reader = Reader::new(&folder, Position::START).unwrap();
        for payload in &payloads {
            assert_eq!(reader.next_payload().unwrap().as_ref(), Some(payload));
        }
        assert_eq!(reader.next_payload().unwrap(), None);
        let segment = std::fs::read(folder.join("000001.amj")).unwrap();
        let digest = |payload: &Payload| to_hex(&payload.digest(&id(&given["vault"])));
        json!({ "digests": payloads.iter().map(digest).collect::<Vec<_>>(), "segment": to_hex(&segment) })
    });
}

#[test]
fn entries() {
    check("entry", |given| {
        let entry = &given["entry"];
        let digest = |text: String| BASE64.decode(text.as_bytes()).unwrap().try_into().unwrap();
        let draft = EntryDraft {
            seq: member(entry, "seq"),
            time: member(entry, "time"),
            actor: member(entry, "actor"),
            group: member(entry, "group"),
            action: member(entry, "action"),
            purpose: optional(entry, "purpose"),
            subjects: optional(entry, "subjects").unwrap_or_default(),
            payload: optional(entry, "payload").map(digest),
            outcome: member(entry, "outcome"),
            detail: optional(entry, "detail"),
            charter: member(entry, "charter"),
            root: digest(member(&entry["tree"], "root")),
        };
        let (key, vault) = (SigningKey::from_seed(&hex(&given["seed"])).unwrap(), id(&given["vault"]));
        let line = Line::sign(draft, &key, &vault).unwrap();
        assert!(Line::parse(line.bytes()).unwrap().is_signed_by(&key.public(), &vault));
        json!({ "line": std::str::from_utf8(line.bytes()).unwrap() })
    });
}

#[test]
fn trees() {
    check("tree", |given| {
        let mut tree = Frontier::new();
        let mut roots = vec![to_hex(&tree.root())];
        for leaf in list(&given["leaves"], hex) {
            tree.push(&leaf);
            roots.push(to_hex(&tree.root()));
        }
        json!({ "roots": roots })
    });
}

#[test]
fn cards() {
    check("card", |given| {
        let signing = SigningKey::from_seed(&hex(&given["seed"])).unwrap();
        let recipient = DecryptionKey::parse(text(&given["identity"]), Arc::new(Silent)).unwrap().recipient().unwrap();
        let created = jiff::Timestamp::from_str(text(&given["created"])).unwrap();
        let card = Card::make(text(&given["member"]), &recipient, &signing, created).unwrap();
        let bytes = card.to_bytes();
        let read = Card::parse(&bytes).unwrap();
        assert_eq!((read.recipient, read.signing), (recipient, signing.public()));
        json!({ "card": String::from_utf8(bytes).unwrap(), "fingerprint": card.fingerprint() })
    });
}

#[test]
fn checkpoints() {
    check("checkpoint", |given| {
        let (vault, key) = (id(&given["vault"]), SigningKey::from_seed(&hex(&given["seed"])).unwrap());
        let checkpoint = Checkpoint { size: member(given, "size"), root: fixed(&given["root"]) };
        let note = checkpoint.sign(&vault, &key).unwrap().to_bytes();
        assert_eq!(Checkpoint::parse(&note, &vault, &key.public()).unwrap(), checkpoint);
        json!({ "note": String::from_utf8(note).unwrap() })
    });
}

#[test]
fn every_file_has_a_test() {
    let source = include_str!("vectors.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().path().file_stem().unwrap().to_owned();
    let files: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(name).collect();
    assert!(!files.is_empty());
    for file in files {
        assert!(source.contains(&format!("check(\"{}\"", file.display())), "{}", file.display());
    }
}
