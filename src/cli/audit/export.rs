//! `amanah audit export`: writes entries in a format that others take, with proof that they are all.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    audit::{
        AuditError, Span,
        export::{
            Format, Manifest,
            manifest::{self, Recipient},
            state::{self, State},
            write::{self, Order, Renaming},
        },
    },
    cli::{
        audit::{pseudonyms, when::When},
        context::Context,
        error::CliResult,
        i18n::tr,
        work,
    },
    crypto::pseudonym::Pseudonyms,
    disk,
    id::Id,
    ledger::checkpoint::SignedHead,
    vault::Vault,
};

/// The arguments of `amanah audit export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The format
    #[arg(long, value_name = "FORMAT")]
    pub format: Format,
    /// The folder to write: a new one, or with --incremental the one in which each export gets its own
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// When.
    #[command(flatten)]
    pub when: When,
    /// Go on from the last export; this file says how far it came
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "until"])]
    pub incremental: Option<PathBuf>,
    /// For whom: records get pseudonyms that only this recipient is given
    #[arg(long, value_name = "NAME", requires = "pseudonym_key")]
    pub recipient: Option<String>,
    /// The key of pseudonyms, as `amanah audit pseudonym-key` makes it
    #[arg(long, value_name = "FILE", requires = "recipient")]
    pub pseudonym_key: Option<PathBuf>,
}

/// An export that was written, or found written.
#[derive(Debug)]
pub struct Written {
    /// Its folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ExportArgs, context: &Context) -> CliResult {
    let recipient = pseudonyms::of(args.recipient.as_deref(), args.pseudonym_key.as_deref())?;
    let vault = work::open(context, context.vault()?)?;
    let done = match &args.incremental {
        Some(path) => go_on(&vault, args.format, &args.output, path, recipient.as_ref()),
        None => once(args, &vault, recipient.as_ref()).map(|written| vec![written]),
    };
    let key = vault.signed_head().and_then(|head| vault.log_key_at(head.tree().size));
    vault.leave()?;
    let (written, key) = (done?, key?);
    if context.is_json() {
        let exports: Vec<_> = written
            .iter()
            .map(|one| {
                json!({
                    "folder": one.folder.display().to_string(), "range": one.manifest.range,
                    "counts": one.manifest.counts, "format": one.manifest.format,
                })
            })
            .collect();
        return Ok(context.terminal.json(&json!({ "exports": exports, "key": key.to_string() }))?);
    }
    for Written { folder, manifest } in &written {
        let range = manifest.range;
        context.terminal.fields([
            (&*tr!("field-folder"), folder.display().to_string()),
            (&*tr!("field-entries"), format!("{} .. {}", range.first, range.next - 1)),
            (&*tr!("field-events"), manifest.counts.events.to_string()),
            (&*tr!("field-log-key"), key.to_string()),
        ])?;
    }
    match written.is_empty() {
        true => context.terminal.note(&tr!("audit-export-nothing-new")),
        false => context.terminal.note(&tr!("audit-export-next")),
    }
    Ok(())
}

/// One export, of a stretch of time.
fn once(args: &ExportArgs, vault: &Vault, recipient: Option<&(Recipient, Pseudonyms)>) -> CliResult<Written> {
    let head = vault.signed_head()?;
    let (first, next) = range(vault, args.when.span(vault.charter())?, head.tree().size)?;
    export(vault, args.format, recipient, &head, (first, next), &args.output)
}

/// From the first entry in a stretch of time to the last one. Clocks can be set back: what lies
/// between them comes along.
fn range(vault: &Vault, span: Span, size: u64) -> CliResult<(u64, u64)> {
    if span == Span::default() && size > 0 {
        return Ok((0, size));
    }
    let mut found: Option<(u64, u64)> = None;
    for entry in vault.entries()? {
        let entry = entry?;
        if entry.seq < size && span.has(entry.time) {
            let first = found.map_or(entry.seq, |(first, _)| first);
            found = Some((first, entry.seq + 1));
        }
    }
    Ok(found.ok_or(AuditError::NothingToExport)?)
}

/// All that is new. The folder of an export is named by its first entry, and stands whole before
/// the state says that it was made: who finds it there after a crash takes it as made, and nothing
/// is told twice or left out.
///
/// # Errors
/// A state or a folder of something else; files that cannot be read or written.
pub fn go_on(
    vault: &Vault,
    format: Format,
    output: &Path,
    path: &Path,
    recipient: Option<&(Recipient, Pseudonyms)>,
) -> CliResult<Vec<Written>> {
    let told = recipient.map(|(recipient, _)| recipient);
    let name = path.display().to_string();
    let mut next = match State::read(path)? {
        None => 0,
        Some(state) if !state.fits(vault.id(), format, told) => {
            return Err(AuditError::OtherState { path: name }.into());
        }
        Some(state) => {
            let root = (state.next <= vault.size()).then(|| vault.root_at(state.next)).transpose()?;
            if root != state.root() {
                return Err(AuditError::OtherPast { path: name, next: state.next }.into());
            }
            state.next
        }
    };
    if !output.is_dir() {
        disk::make_folders(output).map_err(AuditError::io(output))?;
    }
    let head = vault.signed_head()?;
    let mut written = Vec::new();
    while next < head.tree().size {
        let folder = state::folder(output, next);
        let one = match found(&folder)? {
            Some(manifest) => {
                let same = manifest.vault == *vault.id()
                    && manifest.format == format
                    && manifest.recipient.as_ref() == told
                    && manifest.range.first == next
                    && manifest.head()?.tree().size <= vault.size();
                let root = if same { Some(vault.root_at(manifest.head()?.tree().size)?) } else { None };
                if root != Some(manifest.head()?.tree().root) {
                    return Err(AuditError::OtherState { path: folder.display().to_string() }.into());
                }
                Written { folder, manifest }
            }
            None => export(vault, format, recipient, &head, (next, head.tree().size), &folder)?,
        };
        next = one.manifest.range.next;
        State::new(*vault.id(), format, told.cloned(), next, &vault.root_at(next)?).write(path)?;
        written.push(one);
    }
    Ok(written)
}

/// The manifest of an export that stands there already.
fn found(folder: &Path) -> CliResult<Option<Manifest>> {
    let path = folder.join(manifest::FILE);
    match disk::read(&path, manifest::MAX_BYTES) {
        Ok(bytes) => Ok(Some(Manifest::parse(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AuditError::io(&path)(error).into()),
    }
}

fn export(
    vault: &Vault,
    format: Format,
    recipient: Option<&(Recipient, Pseudonyms)>,
    head: &SignedHead,
    (first, next): (u64, u64),
    folder: &Path,
) -> CliResult<Written> {
    let pseudonym = recipient.map(|(_, pseudonyms)| |id: &Id| pseudonyms.of(id));
    let charter = vault.charter_at(head.tree().size);
    let witnessed = vault.witnessed(head)?;
    let order = Order {
        vault: *vault.id(),
        name: charter.name(),
        format,
        recipient: recipient
            .zip(pseudonym.as_ref())
            .map(|((recipient, _), pseudonym)| (recipient.clone(), pseudonym as Renaming<'_>)),
        first,
        next,
        head,
        witnessed: witnessed.as_ref(),
        proof: vault.range_proof(first, next, head)?,
    };
    let lines = vault.lines(first)?.map(|line| line.map_err(Into::into));
    let manifest = write::write::<Box<dyn crate::problem::Problem>>(folder, &order, lines)?;
    Ok(Written { folder: folder.to_owned(), manifest })
}
