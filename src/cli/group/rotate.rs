//! `amanah group rotate`: proposes a new key for a group, and hands on what was sealed before.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        charter::amend::propose::{Output, propose},
        context::Context,
        error::CliResult,
        i18n::tr,
        work::{self, Watcher},
    },
    custody::Proposal,
    vault::Rotated,
};

/// The arguments of `amanah group rotate`.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// The group: body/name, as in kpai/reviewers
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// Hand on to the group's present key what was sealed before it, or the rest of it
    #[arg(long, conflicts_with_all = ["output", "keys"])]
    pub resume: bool,
    /// Where to write the amendment
    #[arg(short, long, value_name = "FILE", required_unless_present = "resume")]
    pub output: Option<PathBuf>,
    /// The new key of a group of another body, made there with `amanah keys group`; can be repeated
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &RotateArgs, context: &Context) -> CliResult {
    if let Some(path) = &args.output {
        let output = Output { output: path.clone(), keys: args.keys.clone() };
        return propose(&output, context, |charter| {
            let mut proposal = Proposal::new(charter);
            proposal.rotate(&args.group)?;
            Ok(proposal)
        })
        .map(|()| context.terminal.note(&tr!("recovery-will-be-stale", group = &args.group)));
    }
    let watcher = Watcher::new(&context.terminal);
    let rotated = work::with_vault(context, |vault, actor| Ok(vault.hand_on(actor, &args.group, &watcher)?))?;
    if context.is_json() {
        return Ok(context.terminal.json(&as_json(&args.group, &rotated))?);
    }
    tell(&args.group, &rotated, context);
    Ok(())
}

/// What was handed on, for programs.
pub fn as_json(group: &str, rotated: &Rotated) -> serde_json::Value {
    json!({ "group": group, "done": rotated.done, "left": rotated.left })
}

/// What was handed on, for people.
pub fn tell(group: &str, rotated: &Rotated, context: &Context) {
    context.terminal.note(&tr!("rotate-done", group = group, count = rotated.done));
    if rotated.left > 0 {
        context.terminal.warn(&tr!("rotate-left", group = group, count = rotated.left));
    }
}
