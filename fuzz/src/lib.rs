//! What is done with the bytes of a stranger: one function for each parser of something from
//! outside, and the list of them all.
//!
//! The fuzz targets call these, and so does `tests/fuzz.rs`, which changes the files of the corpus
//! at random for a while wherever the tests run. What a parser takes it must give back the same,
//! and nothing may panic, hang, or take memory without bound.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use amanah::{
    audit::{
        export::{Disclosed, Manifest},
        unusual::rules::Rules,
    },
    crypto::{
        age_wrap::{Recipient, Silent},
        identity::Identity,
        note::Note,
        sign::PublicKey,
        slip39::Share,
        vkey::VerifierKey,
    },
    custody::{
        Amendment, Card, Chain, Charter, Draft, Ending, GroupKey, Release, Request,
        exchange::{Answer, AnswerFile, RequestFile},
        statement::StatementFile,
    },
    disk::segments,
    id::Id,
    ledger::{
        Checkpoint, Line, LogPosition,
        checkpoint::SignedHead,
        log,
        proof_file::{ProofFile, WitnessRequest},
        tiles,
    },
    records::{
        input::parse_text,
        label::Lang,
        names,
        schema::{Kind, Schema},
        search,
        table::{ColumnMap, Table},
        template,
        value::Value,
    },
    store::journal,
    vault::{
        find_backup, identify,
        item::{Item, VersionItem},
    },
};

/// What is done with some bytes.
pub type Target = fn(&[u8]);

/// Every target, by the name of its binary and of its folder in the corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("amendment", amendment),
    ("card", card),
    ("charter", charter),
    ("checkpoint", checkpoint),
    ("column_map", column_map),
    ("draft", draft),
    ("exchange", exchange),
    ("group_key", group_key),
    ("identity", identity),
    ("item", item),
    ("json", json),
    ("line", line),
    ("log", log_segment),
    ("manifest", manifest),
    ("marker", marker),
    ("names", people),
    ("note", note),
    ("payload", payload),
    ("proof_file", proof_file),
    ("recipient", recipient),
    ("release", release),
    ("request", request),
    ("schema", schema),
    ("share", share),
    ("table", table),
    ("tiles", tiles_folder),
    ("typed", typed),
    ("value", value),
    ("vkey", vkey),
    ("witness_request", witness_request),
];

/// Amendments, as they go from body to body.
pub fn amendment(data: &[u8]) {
    if let Ok(amendment) = Amendment::parse(data) {
        assert_eq!(amendment.to_bytes(), data);
        let _ = amendment.check_content();
    }
}

/// Cards.
pub fn card(data: &[u8]) {
    if let Ok(card) = Card::parse(data) {
        assert_eq!(card.to_bytes(), data);
    }
}

/// Signed charters.
pub fn charter(data: &[u8]) {
    if let Ok(charter) = Charter::parse(data) {
        assert_eq!(charter.to_bytes(), data);
        for class in charter.classes() {
            let _ = charter.coalitions(&class.id);
        }
    }
}

/// Checkpoints: nothing that a stranger writes is taken for one of a log.
pub fn checkpoint(data: &[u8]) {
    assert!(Checkpoint::parse(data, &Id([1; 16]), &PublicKey([7; 32])).is_err());
    if let Ok(head) = SignedHead::parse(data) {
        assert_eq!(head.note().to_bytes(), data);
        assert!(head.verify_log(&[]).is_err());
    }
}

/// Which column of a table is which field.
pub fn column_map(data: &[u8]) {
    if let (Ok(text), Some(kind)) = (str::from_utf8(data), sentra().kind("child")) {
        let _ = ColumnMap::parse(text, kind);
    }
}

/// Charters as people write them, and all that can be wrong with them.
pub fn draft(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(draft) = Draft::read(text, "draft", Path::new("/nonexistent")) {
        let _ = draft.faults();
    }
}

/// Group keys.
pub fn group_key(data: &[u8]) {
    if let Ok(key) = GroupKey::parse(data) {
        assert_eq!(key.to_bytes(), data);
    }
}

/// Identity files. No passphrase is given: scrypt is not what is fuzzed.
pub fn identity(data: &[u8]) {
    // A plugin's line would start a program: not here.
    if !data.starts_with(b"# amanah") {
        assert!(Identity::from_file(data, &mut || None, Arc::new(Silent)).is_err());
    }
}

/// Items of the journal, envelopes among them.
pub fn item(data: &[u8]) {
    if let Ok(item) = Item::decode(data) {
        assert_eq!(item.encode(), data);
    }
}

/// Values in a JSON file.
pub fn json(data: &[u8]) {
    let Ok(json) = serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(data) else { return };
    each_kind(|kind| {
        for (name, value) in &json {
            let Some(field) = kind.field(name) else { continue };
            if let Ok(value) = Value::from_json(field, value) {
                let again = Value::from_json(field, &value.to_json());
                assert!(again.is_ok_and(|again| again.is_same(&value)), "{name}");
            }
        }
    });
}

/// Lines of the ledger.
pub fn line(data: &[u8]) {
    if let Ok(line) = Line::parse(data) {
        assert_eq!(line.bytes(), data);
        let _ = line.is_signed_by(&PublicKey([7; 32]), &Id([1; 16]));
    }
}

/// A file of the ledger, read to its end or refused.
pub fn log_segment(data: &[u8]) {
    in_folder(|folder| {
        std::fs::write(segments::path(folder, 1, "jsonl"), data).unwrap();
        let mut reader = log::Reader::new(folder, LogPosition::START, 0).unwrap();
        while let Ok(Some(placed)) = reader.next_line() {
            let again = log::read_line(folder, placed.at, placed.line.bytes().len()).unwrap();
            assert_eq!(again.bytes(), placed.line.bytes());
        }
    });
}

/// Manifests of exports and of backups, what the former disclose, and rules of what is unusual.
pub fn manifest(data: &[u8]) {
    if let Ok(manifest) = Manifest::parse(data) {
        assert_eq!(manifest.to_bytes(), data);
        assert!(manifest.head().is_ok() && manifest.range_proof().is_ok());
    }
    in_folder(|folder| {
        std::fs::write(folder.join("1.backup"), data).unwrap();
        let _ = find_backup(folder, None);
    });
    let _ = Disclosed::parse(data);
    if let Ok(text) = str::from_utf8(data) {
        let _ = Rules::parse(text);
    }
}

/// What says that a folder is a vault.
pub fn marker(data: &[u8]) {
    in_folder(|folder| {
        std::fs::write(folder.join("vault.json"), data).unwrap();
        let _ = identify(folder);
    });
}

/// Names of people, as they are looked for.
pub fn people(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    // Longer ones are refused before.
    let text: String = text.chars().take(200).collect();
    for word in names::words(&text) {
        assert!(!names::mistaken(&word).contains(&word.key));
    }
    assert!(names::likeness(&text, "Siti Contoh") <= 100);
    assert!([0, 100].contains(&names::likeness(&text, &text)));
}

/// Signed notes.
pub fn note(data: &[u8]) {
    if let Ok(note) = Note::parse(data) {
        assert_eq!(note.to_bytes(), data);
    }
}

/// A file of the journal, read to its end or refused.
pub fn payload(data: &[u8]) {
    in_folder(|folder| {
        std::fs::write(segments::path(folder, 1, "amj"), data).unwrap();
        let mut reader = journal::Reader::new(folder, journal::Position::START).unwrap();
        while let Ok(Some(_)) = reader.next_payload() {}
    });
}

/// Proof files.
pub fn proof_file(data: &[u8]) {
    if let Ok(proof) = ProofFile::parse(data) {
        assert_eq!(proof.to_bytes(), data);
        let _ = proof.verify(proof.extra.as_deref().unwrap_or_default());
    }
}

/// Recipients, age's and of plugins.
pub fn recipient(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(recipient) = text.parse::<Recipient>() {
        assert_eq!(recipient.to_string(), text);
    }
}

/// What goes between institutions in one file: charters, requests, answers, statements.
pub fn exchange(data: &[u8]) {
    if let Ok(file) = RequestFile::parse(data) {
        assert_eq!(file.to_bytes(), data);
        file.request().unwrap();
    }
    if let Ok(file) = AnswerFile::parse(data) {
        assert_eq!(file.to_bytes(), data);
        if let Ok(Answer::Release(_)) = file.answer() {
            let _ = file.carried.as_ref().map(|carried| carried.opened().map(drop));
        }
        for written in &file.written {
            let _ = Line::parse(written.line.as_bytes());
            for (_, head, _) in &written.versions {
                let _ = VersionItem::decode_head_part(&head.0);
            }
        }
    }
    if let Ok(file) = StatementFile::parse(data) {
        assert_eq!(file.to_bytes(), data);
        let _ = file.parts();
    }
    if let Ok(chain) = Chain::parse(data) {
        assert_eq!(chain.to_bytes(), data);
    }
}

/// Releases, with the shares that go with them.
pub fn release(data: &[u8]) {
    let (note, shares) = data.split_at(data.len() / 2);
    let _ = (Release::parse(data, b""), Release::parse(note, shares));
}

/// Requests, and what ends them.
pub fn request(data: &[u8]) {
    if let Ok(request) = Request::parse(data) {
        assert_eq!(request.to_bytes(), data);
    }
    if let Ok(ending) = Ending::parse(data) {
        assert_eq!(ending.to_bytes(), data);
    }
}

/// Schemas.
pub fn schema(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(schema) = Schema::parse(text) {
        assert_eq!(schema.text(), text);
        let _ = schema.extends(sentra());
    }
}

/// Shares on paper, as people type them.
pub fn share(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(share) = Share::parse(text) {
        let again = Share::parse(&share.words());
        assert!(again.is_ok_and(|again| *again.words() == *share.words()));
    }
}

/// Tables to import.
pub fn table(data: &[u8]) {
    each_kind(|kind| {
        let Ok(table) = Table::open(data, kind, &ColumnMap::default()) else { return };
        let columns = table.columns().to_vec();
        for row in table.flatten() {
            let _ = row.values(&columns, |_, _| None);
        }
    });
}

/// A published log that somebody else serves.
pub fn tiles_folder(data: &[u8]) {
    in_folder(|folder| {
        // The checkpoint, then an empty line of two, then the first tile of hashes.
        let (note, tile) =
            data.split_at(data.windows(3).position(|three| three == b"\n\n\n").map_or(data.len(), |at| at + 1));
        std::fs::write(folder.join("checkpoint"), note).unwrap();
        let published = tiles::Folder::new(folder);
        let Ok(Some(head)) = published.checkpoint() else { return };
        let tile = tile.get(2..).unwrap_or_default();
        std::fs::create_dir_all(folder.join("tile/0")).unwrap();
        let width = head.tree().size.min(256);
        let name = if width == 256 { "000".to_owned() } else { format!("000.p/{width}") };
        let path = folder.join("tile/0").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, tile).unwrap();
        let _ = published.consistency(head.tree().size / 2, head.tree());
        std::fs::remove_file(path).unwrap();
    });
}

/// What people type into a field: what is stored is shown and taken again.
pub fn typed(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    each_kind(|kind| {
        for field in &kind.fields {
            let Ok(value) = parse_text(field, text) else { continue };
            let bytes = value.encode();
            let again = Value::decode(&bytes, field);
            assert!(again.is_ok_and(|again| again.is_same(&value)), "{}", field.id);
            let _ = (value.display(field, Lang::En), search::tokens(&kind.id, field, &value));
        }
    });
}

/// Values as they lie in an envelope.
pub fn value(data: &[u8]) {
    each_kind(|kind| {
        for field in &kind.fields {
            if let Ok(value) = Value::decode(data, field) {
                assert_eq!(value.encode()[..], *data, "{}", field.id);
            }
        }
    });
}

/// Keys of logs and witnesses.
pub fn vkey(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data)
        && let Ok(key) = text.parse::<VerifierKey>()
    {
        assert_eq!(key.to_string(), text);
    }
}

/// What a witness is asked with.
pub fn witness_request(data: &[u8]) {
    if let Ok(request) = WitnessRequest::parse(data) {
        assert_eq!(request.to_bytes(), data);
    }
}

fn sentra() -> &'static Schema {
    static SENTRA: LazyLock<Schema> = LazyLock::new(template::sentra);
    &SENTRA
}

fn each_kind(with: impl FnMut(&Kind)) {
    sentra().kinds().iter().for_each(with);
}

/// A folder of this thread's own, where memory is a disk.
fn in_folder(with: impl FnOnce(&Path)) {
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
    let name = format!("amanah-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = base.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    with(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
}
