//! `amanah audit pseudonym-key` makes the key of pseudonyms; `amanah audit resolve` says which record
//! a pseudonym means.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;

use crate::{
    audit::{AuditError, export::manifest::Recipient},
    cli::{context::Context, error::CliResult, i18n::tr, work},
    crypto::{
        pseudonym::{PseudonymKey, Pseudonyms},
        random::SystemRandom,
    },
    id::{Id, is_body_name},
};

/// Most bytes of the file of a key.
const MAX_KEY: u64 = 1_000;

/// The arguments of `amanah audit pseudonym-key`.
#[derive(Debug, Args)]
pub struct PseudonymKeyArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// The arguments of `amanah audit resolve`.
#[derive(Debug, Args)]
pub struct ResolveArgs {
    /// The pseudonym
    #[arg(value_name = "PSEUDONYM")]
    pub pseudonym: String,
    /// The recipient who was given it
    #[arg(long, value_name = "NAME")]
    pub recipient: String,
    /// The key of pseudonyms, as `amanah audit pseudonym-key` makes it
    #[arg(long, value_name = "FILE")]
    pub pseudonym_key: PathBuf,
}

/// Makes a key.
///
/// # Errors
/// A file that exists, or cannot be written.
pub fn make(args: &PseudonymKeyArgs, context: &Context) -> CliResult {
    let key = PseudonymKey::generate(&mut SystemRandom::new())?;
    work::write_new(&args.file, key.to_text().as_bytes())?;
    let file = args.file.display().to_string();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "file": file, "key": key.name() }))?);
    }
    context.terminal.fields([(&*tr!("field-file"), file)])?;
    context.terminal.note(&tr!("pseudonym-key-next"));
    Ok(())
}

/// Says which record a pseudonym means. The ledger names all records that there have been.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn resolve(args: &ResolveArgs, context: &Context) -> CliResult {
    let (_, pseudonyms) = one(&args.recipient, &args.pseudonym_key)?;
    let unknown = || AuditError::NoPseudonym { pseudonym: args.pseudonym.clone(), recipient: args.recipient.clone() };
    let wanted: Id = args.pseudonym.parse().map_err(|_| unknown())?;
    let vault = work::open(context, context.vault()?)?;
    let mut tried = HashSet::new();
    let mut found = None;
    'search: for entry in vault.entries()? {
        for subject in entry?.subjects {
            let owners = subject.of.iter().filter_map(|of| of.0);
            for record in subject.records.iter().copied().chain(owners) {
                if tried.insert(record) && pseudonyms.of(&record) == wanted {
                    found = Some(record);
                    break 'search;
                }
            }
        }
    }
    vault.leave()?;
    let record = found.ok_or_else(unknown)?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "record": record }))?);
    }
    Ok(context.terminal.answer(&record.to_string())?)
}

/// The recipient and their pseudonyms, if there is one.
pub(super) fn of(name: Option<&str>, key: Option<&Path>) -> CliResult<Option<(Recipient, Pseudonyms)>> {
    name.zip(key).map(|(name, key)| one(name, key)).transpose()
}

fn one(name: &str, key: &Path) -> CliResult<(Recipient, Pseudonyms)> {
    if !is_body_name(name) {
        return Err(AuditError::BadRecipient { name: name.to_owned() }.into());
    }
    let key = PseudonymKey::parse(&zeroize::Zeroizing::new(work::read_file(key, MAX_KEY)?))?;
    Ok((Recipient { name: name.to_owned(), key: key.name() }, key.of(name)))
}
