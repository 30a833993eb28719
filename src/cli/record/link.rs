//! `amanah record link`: says to which record this one belongs.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::CliResult,
        i18n::tr,
        record::find,
        work,
    },
    vault::Draft,
};

/// The arguments of `amanah record link`.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The record: its id, the first 6 or more characters of it, or its code
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// The record to which it belongs from now on
    #[arg(value_name = "OWNER")]
    pub of: RecordRef,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &LinkArgs, context: &Context) -> CliResult {
    let (written, of) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        let record = find::record(vault, actor, access, &args.record)?;
        let of = find::record(vault, actor, access, &args.of)?;
        let draft = Draft { values: Vec::new(), of: Some(of) };
        Ok((vault.update_record(actor, access, &record, &draft)?, of))
    })?;
    if context.is_json() {
        let answer = json!({ "record": written.record, "version": written.version, "of": of });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.note(&tr!("record-linked", record = written.record.to_string(), of = of.to_string()));
    Ok(())
}
