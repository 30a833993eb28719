//! `amanah charter trust`: takes in the charters of a vault that is not here.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    custody::{Chain, chain::MAX_FILE},
    vault::Outside,
};

/// The arguments of `amanah charter trust`.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// The charters, as `amanah charter export` has written them
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The fingerprint that you were told; otherwise you are asked whether it is right
    #[arg(long, value_name = "FINGERPRINT")]
    pub fingerprint: Option<String>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &TrustArgs, context: &Context) -> CliResult {
    let chain = Chain::parse(&work::read_file(&args.file, MAX_FILE)?)?;
    let state = work::state_folder();
    let found = chain.fingerprint();
    let name = chain.newest()?.name().to_owned();
    match &args.fingerprint {
        Some(given) if plain(given) == plain(&found) => {}
        Some(given) => return Err(CliError::CharterFingerprint { name, given: given.clone(), found }.into()),
        // What follows charters that are known already proves itself.
        None if !Outside::is_first(&state, chain.vault()?)? => {}
        None => {
            let question = tr!("charter-trust-ask", name = name, fingerprint = found.clone());
            if !context.terminal.confirm(&question, false)? {
                return Err(CliError::Stopped.into());
            }
        }
    }
    Outside::trust(&state, &chain)?;
    let version = chain.newest()?.version();
    if context.is_json() {
        let answer = json!({ "vault": chain.vault()?, "version": version, "fingerprint": found });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.note(&tr!("charter-trusted", name = chain.newest()?.name().to_owned(), version = version));
    Ok(())
}

/// A fingerprint without what makes it easier to read aloud.
fn plain(fingerprint: &str) -> String {
    fingerprint.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}
