//! What somebody does who holds an officer's key and writes the vault's files with a program of
//! their own.

use std::{fs, path::Path};

use amanah::{
    crypto::identity::Identity,
    ledger::{EntryDraft, Line},
    store::journal::{Journal, Payload, Position, Reader},
    vault,
};

/// All payloads of a vault, oldest first.
pub fn payloads(dir: &Path) -> Vec<Payload> {
    let mut reader = Reader::new(&dir.join("journal"), Position::START).unwrap();
    std::iter::from_fn(|| reader.next_payload().unwrap()).collect()
}

/// Writes the journal anew; the store does not know of it.
pub fn write_payloads(dir: &Path, payloads: &[Payload]) {
    fs::remove_dir_all(dir.join("journal")).unwrap();
    Journal::create(&dir.join("journal")).unwrap().append(payloads).unwrap();
    fs::write(dir.join("store/DIRTY"), "").unwrap();
}

/// Signs the newest entry again, with another payload; no checkpoint speaks against it.
pub fn resign(dir: &Path, entry: u64, payload: &[u8; 32], signer: &Identity) {
    resign_as(dir, entry, payload, signer, |_| {});
}

/// The same, of an entry that tells something else.
pub fn resign_as(dir: &Path, entry: u64, payload: &[u8; 32], signer: &Identity, change: impl FnOnce(&mut EntryDraft)) {
    let path = dir.join("ledger/000001.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (before, last) = text.trim_end().rsplit_once('\n').unwrap();
    let old = Line::parse(last.as_bytes()).unwrap().entry().clone();
    assert_eq!((old.seq, &old.actor), (entry, &signer.member));
    let mut draft = EntryDraft {
        seq: old.seq,
        time: old.time,
        actor: old.actor,
        group: old.group,
        action: old.action,
        purpose: old.purpose,
        subjects: old.subjects,
        payload: Some(*payload),
        outcome: old.outcome,
        detail: old.detail,
        charter: old.charter,
        root: old.tree.root,
    };
    change(&mut draft);
    let line = Line::sign(draft, &signer.signing, &vault::identify(dir).unwrap()).unwrap();
    let line = String::from_utf8(line.bytes().to_vec()).unwrap();
    fs::write(&path, format!("{before}\n{line}\n")).unwrap();
    let _ = fs::remove_file(dir.join("checkpoint"));
}
