//! `amanah request`: asking those who hold shares to release them.

pub mod list;
pub mod new;
pub mod send;
pub mod show;
pub mod withdraw;

use std::path::Path;

use clap::Subcommand;

use crate::{
    cli::{context::Context, error::CliResult, work},
    custody::{
        Request,
        exchange::{MAX_FILE, RequestFile},
    },
    vault::Vault,
};

/// The commands of `amanah request`.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Ask for what is sealed against you
    New(new::NewArgs),
    /// Write a request as a file, for those who answer it elsewhere
    Send(send::SendArgs),
    /// List the requests, and what became of them
    List(list::ListArgs),
    /// Show a request: what it asks for and why, and who has answered
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

/// A request that was named: by a file, or by the beginning of its id.
pub(super) enum Named {
    File(Box<RequestFile>),
    Id(String),
}

impl Named {
    pub(super) fn read(named: &str) -> CliResult<Named> {
        let path = Path::new(named);
        match path.exists() {
            true => Ok(Named::File(Box::new(RequestFile::parse(&work::read_file(path, MAX_FILE)?)?))),
            false => Ok(Named::Id(named.to_owned())),
        }
    }

    /// The request, as far as the vault knows it or the file says it.
    pub(super) fn request(&self, vault: &Vault) -> CliResult<Request> {
        match self {
            Named::File(file) => Ok(file.request()?),
            Named::Id(id) => Ok(vault.exchange(&vault.find_request(id)?)?.request),
        }
    }
}
