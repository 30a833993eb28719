//! `amanah schema amend`: puts a new version of the schema into force.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, schema::check, work};

/// The arguments of `amanah schema amend`.
#[derive(Debug, Args)]
pub struct AmendArgs {
    /// The new schema, in TOML
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AmendArgs, context: &Context) -> CliResult {
    let schema = check::read(&args.file)?;
    work::with_vault(context, |vault, actor| Ok(vault.amend_schema(actor, &schema)?))?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "schema": schema.name(), "version": schema.version() }))?);
    }
    context.terminal.note(&tr!("schema-amended", version = schema.version()));
    Ok(())
}
