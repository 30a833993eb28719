//! `amanah request`: asking those who hold shares to release them.

pub mod list;
pub mod new;
pub mod send;
pub mod show;
pub mod withdraw;

use clap::Subcommand;

use crate::cli::{context::Context, error::CliResult};

/// The commands of `amanah request`.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Ask for what is sealed against you
    New(new::NewArgs),
    /// Write a request as a file, for those who answer it elsewhere
    Send(send::SendArgs),
    /// List the requests, and what became of them
    List(list::ListArgs),
    /// Show a request: what it asks for, and who has answered
    Show(show::ShowArgs),
    /// Take a request of yours back
    Withdraw(withdraw::WithdrawArgs),
}

impl RequestCommand {
    pub(super) fn run(&self, context: &Context) -> CliResult {
        match self {
            RequestCommand::New(args) => new::run(args, context),
            RequestCommand::Send(args) => send::run(args, context),
            RequestCommand::List(args) => list::run(args, context),
            RequestCommand::Show(args) => show::run(args, context),
            RequestCommand::Withdraw(args) => withdraw::run(args, context),
        }
    }
}
