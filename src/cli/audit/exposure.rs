//! `amanah audit exposure`: shows what a member's keys could have opened, and did open.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use clap::Args;
use serde_json::json;

use crate::{
    audit::{
        self,
        member::{Opened, Sum, by_class},
    },
    cli::{
        audit::{member::known, when::When, who},
        context::Context,
        error::CliResult,
        i18n::tr,
        work,
    },
    id::Id,
};

/// The arguments of `amanah audit exposure`.
#[derive(Debug, Args)]
pub struct ExposureArgs {
    /// The member whose keys may be in the wrong hands
    #[arg(long, value_name = "MEMBER")]
    pub member: String,
    /// When.
    #[command(flatten)]
    pub when: When,
    /// Every record by itself, instead of the sum by class
    #[arg(long)]
    pub each: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ExposureArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let asked = known(&vault, &args.member).and_then(|()| {
        let charters: Vec<_> = vault.charters().map(Arc::as_ref).collect();
        let (released, span) = (vault.released_to(&args.member)?, args.when.span(vault.charter())?);
        Ok(audit::exposure(vault.entries()?, &charters, &args.member, &released, span)?)
    });
    vault.leave()?;
    let exposure = asked?;
    let (could, did) = (by_class(exposure.could.values()), by_class(exposure.did.values()));
    if context.is_json() {
        let records = |of: &BTreeMap<Id, Opened>| -> Vec<_> {
            of.iter().map(|(id, one)| json!({ "record": id, "kind": one.kind, "fields": one.fields })).collect()
        };
        return Ok(context.terminal.json(&json!({
            "member": exposure.member, "groups": exposure.groups,
            "could_open": { "classes": could, "records": records(&exposure.could) },
            "did_open": { "classes": did, "records": records(&exposure.did) },
        }))?);
    }
    let groups = exposure.groups.iter().cloned().collect::<Vec<_>>().join(", ");
    for (title, classes, records) in
        [(tr!("exposure-did"), &did, &exposure.did), (tr!("exposure-could"), &could, &exposure.could)]
    {
        context.terminal.answer(&title)?;
        if args.each {
            each(context, records)?;
        } else {
            sums(context, classes)?;
        }
        context.terminal.answer("")?;
    }
    context.terminal.note(&tr!("exposure-next", groups = groups));
    Ok(())
}

fn sums(context: &Context, classes: &BTreeMap<String, Sum>) -> CliResult {
    let header = [tr!("field-class"), tr!("field-count"), tr!("field-fields")];
    let names = |fields: &BTreeSet<String>| fields.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let rows = classes.iter().map(|(class, sum)| vec![class.clone(), sum.records.to_string(), names(&sum.fields)]);
    Ok(context.terminal.table(&header, rows)?)
}

fn each(context: &Context, records: &BTreeMap<Id, Opened>) -> CliResult {
    let header = [tr!("field-kind"), tr!("field-record"), tr!("field-fields")];
    let rows = records.iter().map(|(id, one)| vec![one.kind.clone(), id.to_string(), who::all_fields(&one.fields)]);
    Ok(context.terminal.table(&header, rows)?)
}
