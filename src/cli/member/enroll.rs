//! `amanah member enroll`: proposes to take a member in.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{
        charter::amend::propose::{Output, propose},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        keys::show::MAX_CARD,
        work,
    },
    custody::{Card, Proposal},
};

/// The arguments of `amanah member enroll`.
#[derive(Debug, Args)]
pub struct EnrollArgs {
    /// The member's card
    #[arg(value_name = "CARD")]
    pub card: PathBuf,
    /// A group of the member's body; can be repeated
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,
    /// The card's fingerprint, as its owner has told it; otherwise you are asked whether it is right
    #[arg(long, value_name = "TEXT")]
    pub fingerprint: Option<String>,
    /// Where the amendment goes, and the keys it needs.
    #[command(flatten)]
    pub output: Output,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &EnrollArgs, context: &Context) -> CliResult {
    let card = Card::parse(&work::read_file(&args.card, MAX_CARD)?)?;
    let found = card.fingerprint();
    match &args.fingerprint {
        Some(given) if plain(given) == plain(&found) => {}
        Some(given) => {
            let (given, member) = (given.clone(), card.member);
            return Err(CliError::FingerprintDiffers { member, given, found }.into());
        }
        None => {
            let question = tr!("enroll-ask", member = &card.member, fingerprint = found);
            if !context.terminal.confirm(&question, false)? {
                return Err(CliError::Stopped.into());
            }
        }
    }
    propose(&args.output, context, |charter| {
        let mut proposal = Proposal::new(charter);
        proposal.enroll(&card, &args.groups)?;
        Ok(proposal)
    })
}

/// A fingerprint without what makes it easier to read aloud.
fn plain(fingerprint: &str) -> String {
    fingerprint.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}
