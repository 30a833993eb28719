//! `amanah audit publish`: lays out the ledger as files that any web server can serve.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::{
    context::Context,
    error::CliResult,
    i18n::tr,
    work::{self, Watcher},
};

/// The arguments of `amanah audit publish`.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The folder to serve; what is there already is continued
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &PublishArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let published = vault.publish(&args.dir, &Watcher::new(&context.terminal));
    let key = vault.log_key_at(vault.size());
    vault.leave()?;
    let (published, key) = (published?, key?);
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "before": published.before, "size": published.size, "files": published.files, "key": key,
        }))?);
    }
    Ok(context.terminal.fields([
        (&*tr!("field-entries"), published.size.to_string()),
        (&*tr!("field-new"), (published.size - published.before).to_string()),
        (&*tr!("field-files-written"), published.files.to_string()),
        (&*tr!("field-log-key"), key.to_string()),
    ])?)
}
