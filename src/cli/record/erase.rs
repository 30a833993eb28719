//! `amanah record erase`: takes records out for good.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        record::{
            certificate::{self, NewFile, Paper},
            draft, find,
        },
        work::{self, Watcher},
    },
    id::Id,
    vault::{Erased, Ground, Vault},
};

/// The arguments of `amanah record erase`.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// The records; many at a time cost no more than one
    #[arg(value_name = "RECORD", required_unless_present = "confirm")]
    pub records: Vec<RecordRef>,
    /// On what ground: retention, request, consent-withdrawn, unlawful, order, mistake, disputed
    ///
    /// It stands in the ledger for all its readers. What is to be said in words is given with
    /// --reason, and sealed.
    #[arg(short, long, value_name = "CODE", required_unless_present = "confirm")]
    pub ground: Option<String>,
    /// With everything that belongs to them or was merged into them
    #[arg(long)]
    pub with_related: bool,
    /// Erase what another member has asked for in this entry; may be repeated
    #[arg(long, value_name = "ENTRY", conflicts_with_all = ["records", "ground", "with_related"])]
    pub confirm: Vec<u64>,
    /// Write a record of destruction to this new file: HTML if its name ends in .html, else plain text
    ///
    /// It says who asked and who confirmed, the ground, the entries, and which records by their ids;
    /// never a name. Where an erasure has to be confirmed, who confirms it writes it.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// Erase without being asked
    #[arg(long)]
    pub yes: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// What came of it.
enum Done {
    Asked(Vec<u64>, Vec<Id>),
    Erased(Box<Gone>),
}

/// What was erased, and where it still is.
struct Gone {
    erased: Erased,
    /// Backups that still hold it, and the last day of each.
    backups: Vec<(Id, Date)>,
    /// Folders of backups that could not be told.
    missed: Vec<String>,
    /// What the record of destruction says, if one is wanted.
    paper: Option<Paper>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &EraseArgs, context: &Context) -> CliResult {
    let ground: Option<Ground> = args.ground.as_deref().map(str::parse).transpose()?;
    // Before anything is erased: then a file that is there, or a folder that is not, stops it.
    let file = args.certificate.as_deref().map(NewFile::create).transpose()?;
    let after = |vault: &Vault, erased| after(vault, erased, args, context);
    let done = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        let watcher = Watcher::new(&context.terminal);
        let Some(ground) = ground else {
            let asked = vault.erasures_asked(&args.confirm)?;
            let mut count = 0;
            for entry in asked.iter().filter(|_| !args.yes) {
                // What it is, and who asked for it: who confirms is there to look.
                let records: Vec<&Id> = entry.subjects.iter().flat_map(|subject| &subject.records).collect();
                count += records.len();
                let mut rows = vec![(tr!("certificate-asked"), certificate::who(entry, vault.charter().time_zone()))];
                rows.push(certificate::ground(entry)?);
                let records: Vec<String> = records.iter().map(ToString::to_string).collect();
                rows.push((tr!("field-record"), records.join("\n")));
                context.terminal.fields(rows)?;
            }
            agree(args, count, context)?;
            let erased = vault.confirm_erasure(actor, access, &args.confirm, &watcher)?;
            return Ok(Done::Erased(after(vault, erased)?));
        };
        let mut records = Vec::new();
        for named in &args.records {
            records.push(find::record(vault, actor, access, named)?);
        }
        if args.with_related {
            records = vault.with_related(&records)?;
        }
        if vault.charter().confirms_erasure() {
            return Ok(Done::Asked(vault.ask_erasure(actor, access, &records, ground)?, records));
        }
        agree(args, records.len(), context)?;
        let erased = vault.erase_records(actor, access, &records, ground, &watcher)?;
        Ok(Done::Erased(after(vault, erased)?))
    })?;
    match done {
        Done::Asked(entries, records) if context.is_json() => {
            Ok(context.terminal.json(&json!({ "asked": records, "entries": entries }))?)
        }
        Done::Asked(entries, records) => {
            let confirm = entries.iter().map(|entry| format!(" --confirm {entry}")).collect::<String>();
            context.terminal.note(&tr!("erase-asked", count = records.len(), confirm = confirm));
            if file.is_some() {
                context.terminal.note(&tr!("certificate-not-yet"));
            }
            Ok(())
        }
        Done::Erased(gone) => {
            let path = file.as_ref().map(|file| file.path().display().to_string());
            let written = match (file, &gone.paper) {
                (Some(file), Some(paper)) => file.write(paper),
                _ => Ok(()),
            };
            // They are erased, whatever became of the file.
            tell(&gone, path.filter(|_| written.is_ok()), context)?;
            Ok(written?)
        }
    }
}

fn tell(gone: &Gone, certificate: Option<String>, context: &Context) -> CliResult {
    let Gone { erased, backups, missed, .. } = gone;
    if context.is_json() {
        let records: Vec<Json> = erased
            .records
            .iter()
            .map(|(record, kind, versions)| json!({ "record": record, "kind": kind, "versions": versions }))
            .collect();
        let kept: Vec<Json> =
            backups.iter().map(|(id, until)| json!({ "backup": id, "until": until.to_string() })).collect();
        let answer = json!({ "erased": records, "entries": erased.entries, "items": erased.items, "backups": kept, "not_told": missed, "certificate": certificate });
        return Ok(context.terminal.json(&answer)?);
    }
    let entry = erased.entries.first().copied().unwrap_or_default();
    context.terminal.note(&tr!("record-erased", count = erased.records.len(), entry = entry));
    for (id, until) in backups {
        context.terminal.warn(&tr!("erased-in-backup", backup = id.to_string(), until = until.to_string()));
    }
    for folder in missed {
        context.terminal.warn(&tr!("erased-not-told", folder = folder.as_str()));
    }
    context.terminal.note(&tr!("record-erased-elsewhere"));
    if let Some(file) = certificate {
        context.terminal.note(&tr!("certificate-written", file = file));
    }
    Ok(())
}

/// Asks whether it is meant.
fn agree(args: &EraseArgs, count: usize, context: &Context) -> CliResult {
    if args.yes || context.terminal.confirm(&tr!("erase-ask", count = count), false)? {
        return Ok(());
    }
    Err(CliError::Stopped.into())
}

/// Forgets what was typed into the records on this machine and not yet written, and notes the
/// erasure where backups are.
fn after(vault: &Vault, erased: Erased, args: &EraseArgs, context: &Context) -> CliResult<Box<Gone>> {
    for (record, _, _) in &erased.records {
        draft::remove_all_of(vault.id(), record)?;
    }
    let mut missed = Vec::new();
    for entry in &erased.entries {
        missed.extend(vault.note_erasure(&work::state_folder(), *entry)?);
    }
    missed.sort();
    missed.dedup();
    let backups = vault.backups_kept(vault.today())?;
    let wanted = args.certificate.as_ref();
    let paper = wanted.map(|_| Paper::of(vault, &erased, &backups, context)).transpose()?;
    Ok(Box::new(Gone { erased, backups, missed, paper }))
}
