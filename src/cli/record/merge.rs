//! `amanah record merge`: says that a record is about the same as another.

use clap::Args;
use serde_json::json;

use crate::cli::{
    args::{RecordRef, Why},
    context::Context,
    error::CliResult,
    i18n::tr,
    record::find,
    work,
};

/// The arguments of `amanah record merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The record that is done with
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// The record that goes on in its place
    #[arg(value_name = "SURVIVOR")]
    pub survivor: RecordRef,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &MergeArgs, context: &Context) -> CliResult {
    let (record, survivor) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        let record = find::record(vault, actor, access, &args.record)?;
        let survivor = find::record(vault, actor, access, &args.survivor)?;
        vault.merge_records(actor, access, &record, &survivor)?;
        Ok((record, survivor))
    })?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "record": record, "survivor": survivor }))?);
    }
    context.terminal.note(&tr!("record-merged", record = record.to_string(), survivor = survivor.to_string()));
    Ok(())
}
