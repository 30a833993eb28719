//! `amanah release approve`: releases your group's shares of what a request names.

use clap::Args;
use serde_json::json;

use crate::cli::{context::Context, error::CliResult, i18n::tr, work};

/// The arguments of `amanah release approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The request: its id, or the first 6 or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// In the name of this group of yours; otherwise the first that holds a share
    #[arg(short, long, value_name = "GROUP")]
    pub group: Option<String>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ApproveArgs, context: &Context) -> CliResult {
    let (entry, release) = work::with_vault(context, |vault, actor| {
        let request = vault.exchange(&vault.find_request(&args.request)?)?.request;
        Ok(vault.approve(actor, &request, args.group.as_deref())?)
    })?;
    let count = release.envelopes().len();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "release": release.id(), "entry": entry, "group": release.group(), "for": release.asker(),
            "envelopes": count,
        }))?);
    }
    let (group, asker) = (release.group().to_owned(), release.asker().to_owned());
    context.terminal.note(&tr!("release-made", count = count, group = group, asker = asker));
    Ok(())
}
