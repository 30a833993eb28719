//! `amanah audit check-proof`: checks a proof that somebody has given you. Needs no vault.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        audit::log,
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::vkey::{Use, VerifierKey},
    custody::{Chain, Charter, chain},
    id::Id,
    ledger::{
        LedgerError, Line, checkpoint, cosignature,
        entry::MAX_LINE,
        proof_file::{MAX_FILE, ProofFile},
    },
    vault::VaultError,
};

/// Which column of the log's table holds the time.
const TIME: usize = 1;

/// The arguments of `amanah audit check-proof`.
#[derive(Debug, Args)]
pub struct CheckProofArgs {
    /// The proof
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A key of the log that you believe, or of a witness who must have cosigned; can be repeated
    #[arg(short, long = "key", value_name = "KEY")]
    pub keys: Vec<VerifierKey>,
    /// The charters of the vault, as `amanah charter export` writes them, or one of them: its log, and
    /// its members' signatures, are believed
    #[arg(long, value_name = "FILE")]
    pub charter: Option<PathBuf>,
    /// The entry, if the proof does not hold it
    #[arg(long, value_name = "FILE")]
    pub entry: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckProofArgs, context: &Context) -> CliResult {
    let proof = ProofFile::parse(&work::read_file(&args.file, MAX_FILE)?)?;
    let bytes = match (&args.entry, &proof.extra) {
        (Some(path), _) => {
            let mut bytes = work::read_file(path, MAX_LINE as u64 + 1)?;
            if bytes.last() == Some(&b'\n') {
                bytes.pop();
            }
            bytes
        }
        (None, Some(extra)) => extra.clone(),
        (None, None) => return Err(CliError::ProofNoEntry.into()),
    };
    let charters = args.charter.as_deref().map(read_charters).transpose()?;
    let charter = charters.as_ref().map(Chain::newest).transpose()?;
    let (mut logs, witnesses): (Vec<_>, Vec<_>) = args.keys.iter().cloned().partition(|key| key.usage() == Use::Note);
    if let Some(charter) = charter {
        logs.push(checkpoint::log_key(charter.vault(), charter.log())?);
    }
    if logs.is_empty() {
        return Err(CliError::ProofNoKey.into());
    }
    proof.head.verify_log(&logs)?;
    let mut cosigned = Vec::new();
    for witness in &witnesses {
        cosigned.push((witness.name(), cosignature::verify(proof.head.note(), witness)?));
    }
    proof.verify(&bytes)?;
    let line = Line::parse(&bytes)?;
    // A log that has, say, an entry 7 in its fifth place would show it as its seventh.
    if line.entry().seq != proof.index {
        return Err(LedgerError::BadProof.into());
    }
    if let (Some(charters), Some(vault)) = (&charters, proof.head.vault()) {
        check_signature(&line, charters, &vault)?;
    }
    let head = proof.head.tree();
    if context.is_json() {
        let cosigned: Vec<_> = cosigned.iter().map(|(name, time)| json!({ "witness": name, "time": time })).collect();
        return Ok(context.terminal.json(&json!({
            "entry": line.entry(), "origin": proof.head.origin(), "index": proof.index, "size": head.size,
            "cosigned": cosigned,
        }))?);
    }
    let mut row = log::row(line.entry(), charter.map_or("UTC", Charter::time_zone));
    if charter.is_none()
        && let Some(time) = row.get_mut(TIME)
    {
        time.push_str(" UTC");
    }
    context.terminal.table(&log::header(), [row])?;
    for (name, time) in &cosigned {
        context.terminal.note(&tr!("proof-cosigned", witness = (*name).to_owned(), time = time.to_string()));
    }
    context.terminal.note(&tr!("proof-sound", size = head.size, origin = proof.head.origin().to_owned()));
    Ok(())
}

/// All charters of a vault, or one.
fn read_charters(path: &Path) -> CliResult<Chain> {
    let bytes = work::read_file(path, chain::MAX_FILE)?;
    // What is exported is JSON, and a charter is not.
    if bytes.first() == Some(&b'{') {
        return Ok(Chain::parse(&bytes)?);
    }
    Ok(Chain::new([&Charter::parse(&bytes)?]))
}

/// By the charter under which the entry was written, its actor signed it. Who has left since, or has
/// another card, is not in another charter, or with another key: that says nothing against the entry.
fn check_signature(line: &Line, charters: &Chain, vault: &Id) -> CliResult {
    let (entry, of_entry) = (line.entry(), charters.of(line.entry().charter));
    let charter = of_entry.map_or_else(|| charters.newest(), Ok)?;
    if charter.member(&entry.actor).is_some_and(|card| line.is_signed_by(&card.signing, vault)) {
        return Ok(());
    }
    if of_entry.is_none() {
        return Err(CliError::ProofOtherCharter { sequence: entry.seq, charter: entry.charter }.into());
    }
    Err(VaultError::BadEntry { sequence: entry.seq, why: "its signature is not its actor's" }.into())
}
