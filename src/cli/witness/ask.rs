//! `amanah witness ask`: writes down what a witness is asked with.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    vault::{Vault, VaultError},
};

/// The arguments of `amanah witness ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// Which witness of the charter, where it names several
    #[arg(long, value_name = "NAME")]
    pub witness: Option<String>,
    /// How many entries the witness has cosigned last, if that is not what it has answered here
    #[arg(long, value_name = "NUMBER")]
    pub old: Option<u64>,
    /// Where to write it
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AskArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let made = old(args, &vault).and_then(|old| vault.witness_request(old));
    vault.leave()?;
    let request = made?;
    work::write_new(&args.output, &request.to_bytes())?;
    let file = args.output.display().to_string();
    if context.is_json() {
        let answer = json!({ "old": request.old, "size": request.head.tree().size, "file": file });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.fields([
        (&*tr!("field-file"), file),
        (&*tr!("field-entries"), request.head.tree().size.to_string()),
        (&*tr!("field-cosigned"), request.old.to_string()),
    ])?;
    context.terminal.note(&tr!("witness-ask-next"));
    Ok(())
}

/// The size that the witness has cosigned last, as far as the vault knows.
fn old(args: &AskArgs, vault: &Vault) -> Result<u64, VaultError> {
    if let Some(old) = args.old {
        return Ok(old);
    }
    let cosigned = vault.cosigned(Timestamp::now())?;
    let known = cosigned.iter().map(|one| one.witness.name()).collect::<Vec<_>>().join(", ");
    let mut of = cosigned.iter().filter(|one| args.witness.as_ref().is_none_or(|name| one.witness.name() == name));
    match (of.next(), of.next(), &args.witness) {
        (Some(one), None, _) => Ok(one.last.as_ref().map_or(0, |(head, _)| head.tree().size)),
        (None, _, None) => Ok(0),
        (None, ..) if cosigned.is_empty() => Err(VaultError::NoWitnesses),
        (_, _, name) => Err(VaultError::UnknownWitness { name: name.clone().unwrap_or_else(|| "?".to_owned()), known }),
    }
}
