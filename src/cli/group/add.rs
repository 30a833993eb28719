//! `amanah group add`: proposes a new group.

use clap::Args;

use crate::{
    cli::{
        charter::amend::propose::{Output, propose},
        context::Context,
        error::CliResult,
    },
    custody::Proposal,
};

/// The arguments of `amanah group add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The group: body/name, as in kpai/reviewers
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// A member of it; can be repeated
    #[arg(long = "member", value_name = "MEMBER", required = true)]
    pub members: Vec<String>,
    /// A right that it has: write, schema or erase, or ledger alone; can be repeated
    #[arg(long = "may", value_name = "RIGHT")]
    pub may: Vec<String>,
    /// Where the amendment goes, and the keys it needs.
    #[command(flatten)]
    pub output: Output,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AddArgs, context: &Context) -> CliResult {
    propose(&args.output, context, |charter| {
        let mut proposal = Proposal::new(charter);
        proposal.add_group(&args.group, &args.members, &args.may)?;
        Ok(proposal)
    })
}
