//! `amanah schema check`: checks a schema, and whether it can follow that of the vault.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    records::schema::{MAX_SCHEMA, Schema},
};

/// The arguments of `amanah schema check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The schema, in TOML
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckArgs, context: &Context) -> CliResult {
    let schema = read(&args.file)?;
    let follows = match context.vault() {
        Err(_) => false,
        Ok(dir) => {
            let vault = work::open(context, dir)?;
            let (charter, old) = (vault.charter().clone(), vault.schema().clone());
            vault.leave()?;
            schema.extends(&old)?;
            schema.check_classes(|class| charter.class(class).is_some())?;
            true
        }
    };
    if context.is_json() {
        let answer = json!({ "sound": true, "schema": schema.name(), "version": schema.version(), "follows": follows });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.note(&if follows { tr!("schema-follows") } else { tr!("schema-sound") });
    Ok(())
}

/// Reads a schema that a person named.
pub fn read(path: &Path) -> CliResult<Schema> {
    Ok(Schema::parse(&work::read_text(path, MAX_SCHEMA as u64)?)?)
}
