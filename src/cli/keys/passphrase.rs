//! `amanah keys passphrase`: changes the passphrase of an identity.

use clap::Args;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::{
        age_wrap::MAX_FILE,
        identity::{Protection, WORK_FACTOR},
    },
    disk,
};

/// The arguments of `amanah keys passphrase`.
#[derive(Debug, Args)]
pub struct PassphraseArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(_: &PassphraseArgs, context: &Context) -> CliResult {
    let path = context.identity()?;
    // Not from an agent: whoever changes the passphrase shows that they know it.
    let identity = work::unlock_bytes(context, path, &work::read_file(path, MAX_FILE as u64)?)?;
    if identity.decryption.is_elsewhere() {
        return Err(CliError::NoPassphraseHere { path: path.display().to_string() }.into());
    }
    let passphrase = context.passphrases.fresh(&context.terminal, &tr!("passphrase-new"))?;
    let file = identity.to_file(&Protection::Passphrase(&passphrase, WORK_FACTOR))?;
    // The file has the old passphrase or the new one, also after a power cut.
    let failed = |source| CliError::FileUnwritable { path: path.display().to_string(), source };
    disk::replace(path, &file, true).map_err(failed)?;
    context.terminal.note(&tr!("keys-passphrase-done"));
    Ok(())
}
