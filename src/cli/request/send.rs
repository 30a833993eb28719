//! `amanah request send`: writes a request as a file, for those who answer it elsewhere.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::new::To;
use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
    i18n::tr,
    work,
};

/// The arguments of `amanah request send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The request: its id, or the first 6 or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// Where to write it
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// To whom.
    #[command(flatten)]
    pub to: To,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &SendArgs, context: &Context) -> CliResult {
    if args.output.exists() {
        return Err(CliError::FileExists { path: args.output.display().to_string() }.into());
    }
    let (id, file) = work::with_vault(context, |vault, actor| {
        let id = vault.find_request(&args.request)?;
        Ok((id, vault.send_request(actor, &id, &args.to.groups, args.to.seen)?))
    })?;
    work::write_new(&args.output, &file.to_bytes())?;
    let groups: Vec<&str> = file.kits.iter().map(|kit| kit.group.as_str()).collect();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "request": id, "file": args.output, "for": groups }))?);
    }
    context.terminal.note(&tr!("request-sent", groups = groups.join(", ")));
    Ok(())
}
