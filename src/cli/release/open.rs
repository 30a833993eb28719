//! `amanah release open`: opens what was released to you.

use clap::Args;

use crate::cli::{context::Context, error::CliResult, record::view, work};

/// The arguments of `amanah release open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// The request: its id, or the first 6 or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &OpenArgs, context: &Context) -> CliResult {
    let (shown, schema, charter) = work::with_vault(context, |vault, actor| {
        let id = vault.find_request(&args.request)?;
        let shown = vault.open_released(actor, &id, &[])?;
        Ok((shown, vault.schema().clone(), vault.charter().clone()))
    })?;
    if context.is_json() {
        let rows: Vec<_> = shown.iter().map(|shown| view::as_json(shown, &charter)).collect();
        return Ok(context.terminal.json(&rows)?);
    }
    for shown in &shown {
        view::record(shown, &schema, &charter, context)?;
    }
    Ok(())
}
