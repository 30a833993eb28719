//! `amanah record erase`: takes records out for good.

use clap::Args;
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        record::{draft, find},
        work::{self, Watcher},
    },
    vault::Ground,
};

/// The arguments of `amanah record erase`.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// The records; many at a time cost no more than one
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<RecordRef>,
    /// On what ground: retention, request, consent-withdrawn, unlawful, order, mistake, disputed
    ///
    /// It stands in the ledger for all its readers. What is to be said in words is given with
    /// --reason, and sealed.
    #[arg(short, long, value_name = "CODE", required = true)]
    pub ground: String,
    /// With everything that belongs to them or was merged into them
    #[arg(long)]
    pub with_related: bool,
    /// Erase without being asked
    #[arg(long)]
    pub yes: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &EraseArgs, context: &Context) -> CliResult {
    let ground: Ground = args.ground.parse()?;
    let erased = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        let mut records = Vec::new();
        for named in &args.records {
            records.push(find::record(vault, actor, access, named)?);
        }
        if args.with_related {
            records = vault.with_related(&records)?;
        }
        if !args.yes && !context.terminal.confirm(&tr!("erase-ask", count = records.len()), false)? {
            return Err(CliError::Stopped.into());
        }
        let erased = vault.erase_records(actor, access, &records, ground, &Watcher::new(&context.terminal))?;
        for record in &records {
            draft::remove_all_of(vault.id(), record)?;
        }
        Ok(erased)
    })?;
    if context.is_json() {
        let records: Vec<Json> = erased
            .records
            .iter()
            .map(|(record, kind, versions)| json!({ "record": record, "kind": kind, "versions": versions }))
            .collect();
        let answer =
            json!({ "erased": records, "ground": ground.code(), "entries": erased.entries, "items": erased.items });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.note(&tr!(
        "record-erased",
        count = erased.records.len(),
        entry = erased.entries.first().copied().unwrap_or_default()
    ));
    context.terminal.note(&tr!("record-erased-elsewhere"));
    Ok(())
}
