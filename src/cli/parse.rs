//! The command line: the commands, the global options, and how they are read.

use std::{ffi::OsString, path::PathBuf};

use clap::{ArgAction, Args, FromArgMatches, Parser, Subcommand, error::ErrorKind};

use crate::cli::{
    agent::{self, unlock::UnlockArgs},
    audit::AuditCommand,
    backup::BackupCommand,
    case::CaseCommand,
    charter::CharterCommand,
    completions::{self, CompletionsArgs},
    context::Context,
    demo::{self, DemoArgs},
    doctor,
    error::{CliError, CliResult},
    glass::GlassCommand,
    group::GroupCommand,
    help,
    i18n::Language,
    import::{self, ImportArgs},
    index::IndexCommand,
    init::{self, InitArgs},
    keys::KeysCommand,
    ledger::LedgerCommand,
    member::MemberCommand,
    rebuild,
    record::RecordCommand,
    recovery::RecoveryCommand,
    release::ReleaseCommand,
    request::RequestCommand,
    retention::RetentionCommand,
    schema::SchemaCommand,
    usage,
    witness::WitnessCommand,
};

/// A records vault that no single institution can open alone where the charter says so, and that
/// tells afterwards, provably, who saw what
#[derive(Debug, Parser)]
#[command(name = "amanah", bin_name = "amanah", version)]
#[command(disable_help_flag = true, disable_help_subcommand = true, disable_version_flag = true)]
pub struct Cli {
    /// The options of all commands.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The options of all commands.
#[derive(Debug, Clone, Args)]
pub struct Globals {
    /// The folder of the vault
    #[arg(long, value_name = "DIR", env = "AMANAH_VAULT", global = true)]
    pub vault: Option<PathBuf>,
    /// Your identity file
    #[arg(short, long, value_name = "FILE", env = "AMANAH_IDENTITY", global = true)]
    pub identity: Option<PathBuf>,
    /// The language of the terminal; otherwise that of the system
    #[arg(long, value_name = "LANGUAGE", global = true)]
    pub lang: Option<Language>,
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but answers, warnings and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// How long to wait for a vault that somebody else has open
    #[arg(long, value_name = "SECONDS", default_value_t = 30, global = true)]
    pub lock_timeout: u64,
    /// Read passphrases from this open file descriptor, one a line
    #[arg(long, value_name = "NUMBER", global = true)]
    pub passphrase_fd: Option<u32>,
    /// Read passphrases from this file, one a line
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "passphrase_fd")]
    pub passphrase_file: Option<PathBuf>,
    /// Show this help; --help shows more than -h
    #[arg(short, long, action = ArgAction::Help, global = true)]
    help: Option<bool>,
    /// Show the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a vault with invented records, to try everything out
    Demo(DemoArgs),
    /// Make and check the keys of people and groups
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make a vault
    Init(InitArgs),
    /// Show, check and amend the charter: who may open what
    #[command(subcommand)]
    Charter(CharterCommand),
    /// Take members in and out
    #[command(subcommand)]
    Member(MemberCommand),
    /// Add groups, and give them new keys
    #[command(subcommand)]
    Group(GroupCommand),
    /// Keep the keys of groups on paper, and try whether they would do
    #[command(subcommand)]
    Recovery(RecoveryCommand),
    /// Show, check and amend the schema: which records and fields there are
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Enter, read and correct records
    #[command(subcommand)]
    Record(RecordCommand),
    /// List the records that have been kept for long enough
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Write, check, restore and try out backups
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Make the search index anew
    #[command(subcommand)]
    Index(IndexCommand),
    /// Read everything that belongs to a child or a family
    #[command(subcommand)]
    Case(CaseCommand),
    /// Ask those who hold shares for what is sealed against you
    #[command(subcommand)]
    Request(RequestCommand),
    /// Answer requests, and open what was released to you
    #[command(subcommand)]
    Release(ReleaseCommand),
    /// Take note of what was opened in an emergency
    #[command(subcommand)]
    Glass(GlassCommand),
    /// Take into the ledger what others have done
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Take in records from a table
    Import(ImportArgs),
    /// Ask the ledger who saw what, and verify it
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Watch over the ledger from outside, and ask those who do
    #[command(subcommand)]
    Witness(WitnessCommand),
    /// Look whether everything is as it should be, and say what to do where it is not
    Doctor,
    /// Make the store anew from journal and ledger
    Rebuild,
    /// Write the store anew, small
    Compact,
    /// Keep your identity unlocked for a while, so that commands do not ask for its passphrase
    Unlock(UnlockArgs),
    /// Lock every identity that was unlocked
    Lock,
    /// Keep an identity: started by `amanah unlock`
    #[command(hide = true)]
    AgentServe,
    /// Write the completions for a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// Whatever went wrong, to be told by [`crate::cli::report`].
    pub fn run(&self, context: &Context) -> CliResult {
        match self {
            Command::Demo(args) => demo::run(args, context),
            Command::Keys(command) => command.run(context),
            Command::Init(args) => init::run(args, context),
            Command::Charter(command) => command.run(context),
            Command::Member(command) => command.run(context),
            Command::Group(command) => command.run(context),
            Command::Recovery(command) => command.run(context),
            Command::Schema(command) => command.run(context),
            Command::Record(command) => command.run(context),
            Command::Index(command) => command.run(context),
            Command::Backup(command) => command.run(context),
            Command::Retention(command) => command.run(context),
            Command::Case(command) => command.run(context),
            Command::Request(command) => command.run(context),
            Command::Release(command) => command.run(context),
            Command::Glass(command) => command.run(context),
            Command::Ledger(command) => command.run(context),
            Command::Import(args) => import::run(args, context),
            Command::Audit(command) => command.run(context),
            Command::Witness(command) => command.run(context),
            Command::Doctor => doctor::run(context),
            Command::Rebuild => rebuild::rebuild(context),
            Command::Compact => rebuild::compact(context),
            Command::Unlock(args) => agent::unlock::run(args, context),
            Command::Lock => agent::lock::run(context),
            Command::AgentServe => agent::serve::run(context),
            Command::Completions(args) => completions::run(args, context),
        }
    }
}

/// What a command line came to.
#[derive(Debug)]
pub enum Parsed {
    /// Something to do.
    Run(Box<Cli>),
    /// Help or the version, which was asked for.
    Answer(String),
    /// No command; here is the help.
    Nothing {
        /// The command below which one is missing.
        command: String,
        /// Its help.
        help: String,
    },
}

/// Reads a command line, whose first word is the program.
///
/// # Errors
/// A [`CliError`] of kind usage.
pub fn parse(words: &[OsString], language: Language) -> Result<Parsed, CliError> {
    // Help takes longer to put in place than many a command takes: only where it is to be shown.
    if let Ok(cli) = Cli::try_parse_from(words) {
        return Ok(Parsed::Run(Box::new(cli)));
    }
    let command = help::command(language);
    let result = command.clone().try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches));
    match result {
        Ok(cli) => Ok(Parsed::Run(Box::new(cli))),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(Parsed::Answer(error.to_string())),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                Ok(Parsed::Nothing { command: usage::path(&command, words), help: error.to_string() })
            }
            _ => Err(usage::problem(&error, usage::path(&command, words))),
        },
    }
}
