//! `amanah witness init`: makes a witness, with a key of its own.

use clap::Args;
use serde_json::json;

use super::{KEY, WitnessDir};
use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::{
        identity::{Identity, Protection, WORK_FACTOR},
        random::SystemRandom,
        vkey::VerifierKey,
    },
    disk,
    ledger::{LedgerError, witness},
};

/// The arguments of `amanah witness init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The witness's name: body/name, as in kpai/witness
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The key of a log that it watches; can be repeated
    #[arg(long = "log", value_name = "KEY")]
    pub logs: Vec<VerifierKey>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "told at the type")]
    pub at: WitnessDir,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &InitArgs, context: &Context) -> CliResult {
    let dir = &args.at.dir;
    if dir.join(KEY).exists() {
        return Err(CliError::WitnessExists { path: dir.display().to_string() }.into());
    }
    let identity = Identity::generate(&args.name, &mut SystemRandom::new())?;
    let passphrase = context.passphrases.fresh(&context.terminal, &tr!("passphrase-new"))?;
    let file = identity.to_file(&Protection::Passphrase(&passphrase, WORK_FACTOR))?;
    if !dir.is_dir() {
        disk::make_folder(dir).map_err(LedgerError::io(dir))?;
    }
    for log in &args.logs {
        witness::trust(dir, log)?;
    }
    work::write_new(&dir.join(KEY), &file)?;
    let key = witness::vkey(&args.name, &identity.signing)?.to_string();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "dir": dir, "key": key }))?);
    }
    context.terminal.fields([(&*tr!("field-folder"), dir.display().to_string()), (&*tr!("field-witness-key"), key)])?;
    context.terminal.note(&tr!("witness-init-next"));
    Ok(())
}
