//! `amanah record restrict` and `unrestrict`: records that are kept, and not used.

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
    vault::Ground,
};

/// The arguments of `amanah record restrict`.
#[derive(Debug, Args)]
pub struct RestrictArgs {
    /// The records
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<RecordRef>,
    /// On what ground: retention, request, consent-withdrawn, unlawful, order, mistake, disputed
    #[arg(short, long, value_name = "CODE")]
    pub ground: String,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// The arguments of `amanah record unrestrict`.
#[derive(Debug, Args)]
pub struct UnrestrictArgs {
    /// The records
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<RecordRef>,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Restricts.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &RestrictArgs, context: &Context) -> CliResult {
    let ground: Ground = args.ground.parse()?;
    change(&args.records, &args.why, Some(ground), context)
}

/// Lets them be used again.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn release(args: &UnrestrictArgs, context: &Context) -> CliResult {
    change(&args.records, &args.why, None, context)
}

fn change(named: &[RecordRef], why: &Why, ground: Option<Ground>, context: &Context) -> CliResult {
    let records = work::with_vault(context, |vault, actor| {
        let access = why.access();
        let mut records = Vec::new();
        for one in named {
            records.push(find::record(vault, actor, access, one)?);
        }
        match ground {
            Some(ground) => vault.restrict_records(actor, access, &records, ground)?,
            None => vault.release_restriction(actor, access, &records)?,
        }
        Ok(records)
    })?;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "records": records, "restricted": ground.is_some() }))?);
    }
    let count = records.len();
    let text = if ground.is_some() {
        tr!("record-restricted", count = count)
    } else {
        tr!("record-unrestricted", count = count)
    };
    context.terminal.note(&text);
    Ok(())
}
