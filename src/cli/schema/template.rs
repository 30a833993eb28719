//! `amanah schema template`: writes a schema that comes with amanah.

use clap::Args;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
    },
    records::template::SENTRA,
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
    match args.name.as_str() {
        "sentra" => Ok(context.terminal.raw(SENTRA.as_bytes())?),
        name => Err(CliError::SchemaUnknown { name: name.to_owned() }.into()),
    }
}
