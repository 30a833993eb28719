//! `amanah schema template`: writes a schema that comes with amanah.

use clap::Args;

use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// The arguments of `amanah schema template`.
#[derive(Debug, Args)]
pub struct TemplateArgs {
    /// Its name
    #[arg(value_name = "NAME", default_value = "sentra")]
    pub name: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &TemplateArgs, context: &Context) -> CliResult {
    let (_, _) = (args, context);
    Err(CliError::NotYet { command: "schema template".to_owned() }.into())
}
