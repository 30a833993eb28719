//! `amanah witness serve`: cosigns over HTTP for whoever asks (C2SP tlog-witness).

use std::net::SocketAddr;

use clap::Args;

use super::WitnessDir;
use crate::{
    cli::{context::Context, error::CliResult, i18n::tr},
    ledger::http,
};

/// The arguments of `amanah witness serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen, as in 127.0.0.1:8080
    #[arg(value_name = "ADDRESS")]
    pub address: SocketAddr,
    #[command(flatten)]
    #[expect(missing_docs, reason = "told at the type")]
    pub at: WitnessDir,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ServeArgs, context: &Context) -> CliResult {
    let witness = super::open(context, &args.at.dir)?;
    let ready = |address: SocketAddr| context.terminal.note(&tr!("witness-serving", address = address.to_string()));
    Ok(http::serve(witness, args.address, ready)?)
}
