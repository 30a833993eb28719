//! Files that are nearly right, each with the error that it must give (`tests/malformed/expected.txt`):
//! proofs, what witnesses are asked with, checkpoints, keys and manifests. None panics, none passes.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::{fs, path::Path};

use amanah::{
    audit::{AuditError, export::Manifest},
    crypto::{note::NoteError, vkey::VerifierKey},
    ledger::{
        LedgerError, TreeHead,
        checkpoint::SignedHead,
        proof,
        proof_file::{ProofFile, WitnessRequest},
    },
    problem::Problem,
};

/// Reads and checks a file as its receiver does, by the end of its name.
fn check(name: &str, bytes: &[u8], log: &VerifierKey, old: &TreeHead) -> Result<(), AuditError> {
    let signed = |head: &SignedHead| head.verify_log(std::slice::from_ref(log));
    match name.rsplit_once('.').unwrap().1 {
        "proof" => {
            let file = ProofFile::parse(bytes)?;
            signed(&file.head).map_err(LedgerError::from)?;
            Ok(file.verify(file.extra.as_deref().unwrap_or_default())?)
        }
        "request" => {
            let request = WitnessRequest::parse(bytes)?;
            signed(&request.head).map_err(LedgerError::from)?;
            let old = TreeHead { size: request.old, root: old.root };
            Ok(proof::check_consistency(&old, request.head.tree(), &request.hashes)?)
        }
        "checkpoint" => Ok(signed(&SignedHead::parse(bytes)?).map_err(LedgerError::from)?),
        "manifest" => Ok(signed(&Manifest::parse(bytes)?.head()?).map_err(LedgerError::from)?),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|_| LedgerError::from(NoteError::BadKey))?;
            Ok(text.parse::<VerifierKey>().map(drop).map_err(LedgerError::from)?)
        }
    }
}

#[test]
fn each_gives_its_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed");
    let log: VerifierKey = fs::read_to_string(folder.join("log.key")).unwrap().trim().parse().unwrap();
    let root = fs::read_to_string(folder.join("old.root")).unwrap();
    let root = data_encoding::BASE64.decode(root.trim().as_bytes()).unwrap().try_into().unwrap();
    let old = TreeHead { size: 5, root };
    let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in expected.lines() {
        let (name, code) = line.split_once(' ').unwrap();
        match check(name, &fs::read(folder.join(name)).unwrap(), &log, &old) {
            Err(error) if error.code() == code => {}
            other => wrong.push(format!("{name}: {code} wanted, {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(expected.lines().count() >= 60);
    for name in ["good.proof", "good.request", "good.checkpoint", "good.vkey", "good.manifest"] {
        check(name, &fs::read(folder.join(name)).unwrap(), &log, &old).unwrap();
    }
    // All files are expected something of.
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let strays: Vec<_> = files
        .filter(|name| {
            !name.starts_with("good.") && !["log.key", "old.root"].contains(&name.as_str()) && name != "expected.txt"
        })
        .filter(|name| !expected.lines().any(|line| line.split(' ').next() == Some(name)))
        .collect();
    assert!(strays.is_empty(), "{strays:?}");
}
