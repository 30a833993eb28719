//! `amanah charter check`: checks the draft of a charter.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::{
    charter::{show, template},
    context::Context,
    error::CliResult,
    i18n::tr,
    report,
};

/// The arguments of `amanah charter check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The draft, in TOML
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckArgs, context: &Context) -> CliResult {
    let draft = template::read_draft(&args.file)?;
    let mut faults = draft.faults();
    if let Some(last) = faults.pop() {
        for fault in faults {
            context.terminal.warn(&report::sentence(&fault, context.language));
        }
        return Err(last.into());
    }
    let (classes, emergencies) = (draft.coalitions(), draft.emergencies());
    if context.is_json() {
        let break_glass = show::emergencies_as_json(&emergencies);
        let answer = json!({ "sound": true, "classes": show::as_json(&classes), "break_glass": break_glass });
        return Ok(context.terminal.json(&answer)?);
    }
    show::coalitions(&classes, context)?;
    show::emergencies(&emergencies, context)?;
    context.terminal.note(&tr!("charter-sound"));
    Ok(())
}
