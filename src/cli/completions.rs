//! `amanah completions`: writes the completions for a shell.

use clap::Args;
use clap_complete::Shell;

use crate::cli::{context::Context, error::CliResult, help};

/// The arguments of `amanah completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Does it.
///
/// # Errors
/// The answer could not be written.
pub fn run(args: &CompletionsArgs, context: &Context) -> CliResult {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(context.language), "amanah", &mut script);
    Ok(context.terminal.raw(&script)?)
}
