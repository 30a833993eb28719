//! `amanah release open`: opens what was released to you.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{must_be_new, page};
use crate::{
    cli::{
        audit::when::local_time,
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        record::view,
        work,
    },
    crypto::identity::Identity,
    custody::{
        Chain, Charter, Ending, Release, ReleaseError, Request,
        exchange::{Answer, AnswerFile, MAX_FILE},
    },
    ledger::LedgerError,
    records::schema::Schema,
    vault::{self, Author, Outside, Shown, Vault, VaultError},
};

/// The arguments of `amanah release open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// The request: its id, or the first 6 or more characters of it; or files of answers to it
    #[arg(value_name = "REQUEST", required = true)]
    pub requests: Vec<String>,
    /// Write a page that can be printed, instead of showing it
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub html: Option<PathBuf>,
    /// Open from a copy of the vault, without the centre: a signed statement is written first, for
    /// the centre to admit. For overseers
    #[arg(long, value_name = "FILE")]
    pub statement: Option<PathBuf>,
}

/// What was opened, and what it is read by.
struct Opened {
    shown: Vec<Shown>,
    schema: Arc<Schema>,
    charter: Charter,
    /// Who wrote it: known where it was opened without the vault.
    authors: Vec<Author>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &OpenArgs, context: &Context) -> CliResult {
    must_be_new(args.html.as_ref())?;
    must_be_new(args.statement.as_ref())?;
    let files = files(&args.requests)?;
    let opened = match (&args.statement, context.vault().is_err()) {
        (Some(statement), _) => aside(&files, statement, context)?,
        (None, true) => outside(&files, context)?,
        (None, false) => inside(args, &files, context)?,
    };
    if let Some(path) = &args.html {
        let Opened { shown, schema, charter, authors } = &opened;
        work::write_new(path, page::page(shown, authors, schema, charter, context).as_bytes())?;
        context.terminal.note(&tr!("release-page", file = path.display().to_string()));
        return Ok(());
    }
    if context.is_json() {
        let rows: Vec<_> = opened.shown.iter().map(|shown| as_json(shown, &opened)).collect();
        return Ok(context.terminal.json(&rows)?);
    }
    for shown in &opened.shown {
        view::record(shown, &opened.schema, &opened.charter, context)?;
        for author in of(shown, &opened.authors) {
            context.terminal.note(&words(author, &opened.charter));
        }
    }
    Ok(())
}

fn as_json(shown: &Shown, opened: &Opened) -> Json {
    let mut row = view::as_json(shown, &opened.charter);
    let author = |author: &Author| {
        json!({
            "version": author.version, "classes": author.classes, "member": author.member, "group": author.group,
            "time": author.time.to_string(), "entry": author.entry,
        })
    };
    if !opened.authors.is_empty() {
        row["written"] = of(shown, &opened.authors).map(author).collect();
    }
    row
}

/// Those who wrote what is shown of a record.
pub(super) fn of<'a>(shown: &'a Shown, authors: &'a [Author]) -> impl Iterator<Item = &'a Author> {
    authors.iter().filter(|author| author.record == shown.record)
}

/// Who wrote a version, in words.
pub(super) fn words(author: &Author, charter: &Charter) -> String {
    tr!(
        "release-written",
        classes = author.classes.iter().cloned().collect::<Vec<_>>().join(", "),
        version = author.version,
        member = author.member.clone(),
        group = author.group.clone(),
        time = local_time(author.time, charter.time_zone()),
        entry = author.entry,
    )
}

/// The files among what was named; none if an id was.
fn files(named: &[String]) -> CliResult<Vec<AnswerFile>> {
    if named.len() == 1 && named.iter().all(|name| !std::path::Path::new(name).exists()) {
        return Ok(Vec::new());
    }
    let read = |name: &String| Ok(AnswerFile::parse(&work::read_file(name.as_ref(), MAX_FILE)?)?);
    named.iter().map(read).collect()
}

/// The request that the files answer, and what they release. A denial is told only if a member of the
/// charter has signed it; `because` gives why, for who asked.
fn answers(
    files: &[AnswerFile],
    chain: &Chain,
    because: impl Fn(&Ending) -> Option<String>,
    context: &Context,
) -> CliResult<(Request, Vec<Release>)> {
    let request = files.first().ok_or(ReleaseError::Nothing)?.request()?;
    let mut releases = Vec::with_capacity(files.len());
    for file in files {
        match file.answer()? {
            Answer::Release(release) => releases.push(*release),
            Answer::Denial(ending) => {
                ending.check(&request, &chain.all())?;
                // Why, for who asked; to anybody else it says nothing.
                if let Some(because) = because(&ending) {
                    context.terminal.note(&tr!("release-because", because = because));
                }
                return Err(ReleaseError::Denied { by: ending.by().to_owned() }.into());
            }
        }
    }
    Ok((request, releases))
}

/// In the vault: with an entry in the ledger first.
fn inside(args: &OpenArgs, files: &[AnswerFile], context: &Context) -> CliResult<Opened> {
    work::with_vault(context, |vault, actor| {
        let (id, releases) = match files.is_empty() {
            true => (vault.find_request(&args.requests[0])?, Vec::new()),
            false => {
                let (request, releases) =
                    answers(files, &vault.chain(), |ending| actor.reason_of_denial(ending), context)?;
                (request.id(), releases)
            }
        };
        let shown = vault.open_released(actor, &id, &releases);
        if let Err(error) = &shown
            && matches!(error, VaultError::Release(ReleaseError::Denied { .. }))
        {
            for because in vault.exchange(&id)?.reasons_of_denial(actor) {
                context.terminal.note(&tr!("release-because", because = because));
            }
        }
        let shown = shown?;
        let (schema, charter) = (vault.schema().clone(), (**vault.charter()).clone());
        Ok(Opened { shown, schema, charter, authors: Vec::new() })
    })
}

/// Without a vault.
fn outside(files: &[AnswerFile], context: &Context) -> CliResult<Opened> {
    let request = files.first().ok_or(CliError::NoVault)?.request()?;
    let known = Outside::load(&work::state_folder(), request.vault())?;
    let identity = work::unlock(context)?;
    answers(files, known.chain(), |ending| ending.because(&identity.decryption).ok().flatten(), context)?;
    let vault::Opened { shown, schema, authors } = known.open(&identity, files, Timestamp::now())?;
    Ok(Opened { shown, schema, charter: known.chain().newest()?.clone(), authors })
}

/// From a copy of the vault, with a statement first.
fn aside(files: &[AnswerFile], statement: &std::path::Path, context: &Context) -> CliResult<Opened> {
    if statement.exists() {
        return Err(CliError::FileExists { path: statement.display().to_string() }.into());
    }
    let identity = work::unlock(context)?;
    let vault = work::open(context, context.vault()?)?;
    let shown = open_aside(files, statement, &vault, identity, context);
    let (schema, charter) = (vault.schema().clone(), (**vault.charter()).clone());
    vault.leave()?;
    let shown = shown?;
    context.terminal.note(&tr!("statement-made", file = statement.display().to_string()));
    Ok(Opened { shown, schema, charter, authors: Vec::new() })
}

fn open_aside(
    files: &[AnswerFile],
    statement: &std::path::Path,
    vault: &Vault,
    identity: Identity,
    context: &Context,
) -> CliResult<Vec<Shown>> {
    let mut actor = vault.admit(identity)?;
    let (request, releases) = answers(files, &vault.chain(), |ending| actor.reason_of_denial(ending), context)?;
    Ok(vault.open_aside(&mut actor, &request, &releases, &mut |file| {
        let failed = |error: CliError| match error {
            CliError::FileUnwritable { path, source } => LedgerError::Io { path, source },
            other => LedgerError::Io { path: String::new(), source: std::io::Error::other(other.to_string()) },
        };
        work::write_new(statement, &file.to_bytes()).map_err(failed).map_err(VaultError::from)
    })?)
}
