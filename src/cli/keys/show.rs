//! `amanah keys show`: shows a card, with its fingerprint.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    crypto::age_wrap::Recipient,
    custody::Card,
};

/// Largest card that is read, in bytes.
pub const MAX_CARD: u64 = 64 * 1024;

/// The arguments of `amanah keys show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A card; otherwise the one beside your identity
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let path = match &args.file {
        Some(path) => path.clone(),
        None => context.identity()?.with_extension("card"),
    };
    let card = Card::parse(&work::read_file(&path, MAX_CARD)?)?;
    if context.is_json() {
        let answer = json!({
            "member": card.member, "recipient": card.recipient,
            "post_quantum": card.recipient.is_post_quantum(), "signing": card.signing,
            "created": card.created, "fingerprint": card.fingerprint(),
        });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.fields([
        (&*tr!("field-member"), card.member.clone()),
        (&*tr!("field-recipient"), shortened(&card.recipient)),
        (&*tr!("field-post-quantum"), post_quantum_label(card.recipient.is_post_quantum())),
        (&*tr!("field-signing"), card.signing.to_string()),
        (&*tr!("field-created"), card.created.to_string()),
        (&*tr!("field-fingerprint"), card.fingerprint()),
    ])?;
    context.terminal.note(&tr!("keys-show-next"));
    Ok(())
}

/// A recipient at a length that a person can look at; a post-quantum one has 1,959 letters.
pub fn shortened(recipient: &Recipient) -> String {
    let whole = recipient.to_string();
    match whole.char_indices().nth(80) {
        None => whole,
        Some((at, _)) => format!("{}...", &whole[..at]),
    }
}

/// Whether what is wrapped to it withstands a quantum computer.
pub fn post_quantum_label(is: Option<bool>) -> String {
    match is {
        Some(true) => tr!("post-quantum-yes"),
        Some(false) => tr!("post-quantum-no"),
        None => tr!("post-quantum-unknown"),
    }
}
