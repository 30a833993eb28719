//! `amanah member revoke`: proposes to take a member out.

use clap::Args;

use crate::{
    cli::{
        charter::amend::propose::{Output, propose},
        context::Context,
        error::CliResult,
    },
    custody::Proposal,
};

/// The arguments of `amanah member revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The member
    #[arg(value_name = "MEMBER")]
    pub member: String,
    /// Where the amendment goes, and the keys it needs.
    #[command(flatten)]
    pub output: Output,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &RevokeArgs, context: &Context) -> CliResult {
    propose(&args.output, context, |charter| {
        let mut proposal = Proposal::new(charter);
        proposal.revoke(&args.member)?;
        Ok(proposal)
    })
}
