//! `amanah charter amend sign`: signs an amendment. It needs no vault.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{
        charter::amend::{read, show},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::digest::Digest,
};

/// The arguments of `amanah charter amend sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The amendment
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write the amendment with your signature
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Sign without being asked: what it changes was read before
    #[arg(long)]
    pub yes: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &SignArgs, context: &Context) -> CliResult {
    let mut amendment = read(&args.file)?;
    amendment.check_content()?;
    if args.output.exists() {
        return Err(CliError::FileExists { path: args.output.display().to_string() }.into());
    }
    if !args.yes {
        show::show(&amendment, context)?;
        let digest: &Digest = &amendment.next().digest();
        let name = crate::id::encode(&digest[..16]);
        if !context.terminal.confirm(&tr!("amend-sign-ask", digest = name), false)? {
            return Err(CliError::Stopped.into());
        }
    }
    let identity = work::unlock(context)?;
    amendment.sign(&identity.member, &identity.signing)?;
    work::write_new(&args.output, &amendment.to_bytes())?;
    if args.yes {
        show::show(&amendment, context)?;
    }
    context.terminal.note(&tr!("amend-signed", file = args.output.display().to_string()));
    Ok(())
}
