//! `amanah request new`: asks for what is sealed against you.

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        record::find,
        work,
    },
    vault::Ask,
};

/// The arguments of `amanah request new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The records
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<RecordRef>,
    /// What they hold of this class; may be repeated. Without class and field: all that is sealed
    /// against you
    #[arg(short, long = "class", value_name = "CLASS")]
    pub classes: Vec<String>,
    /// What was written together with this field; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// The last day on which it can be answered and opened
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &NewArgs, context: &Context) -> CliResult {
    let (request, fields, missing) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        let charter = vault.charter().clone();
        if let Some(class) = args.classes.iter().find(|class| charter.class(class).is_none()) {
            let known = charter.classes().iter().map(|class| class.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(CliError::UnknownClass { class: class.clone(), known }.into());
        }
        let mut records = Vec::with_capacity(args.records.len());
        for reference in &args.records {
            let named = find::record(vault, actor, access, reference)?;
            records.push(vault.survivor(&named)?);
        }
        let ask = Ask { records: &records, classes: &args.classes, fields: &args.fields, until: args.until };
        let request = vault.make_request(actor, access, &ask)?;
        let fields = vault.covered_fields(&request)?;
        let exchange = vault.exchange(&request.id())?;
        let missing = vault.missing_groups(&exchange, actor.groups())?;
        Ok((request, fields, missing))
    })?;
    if context.is_json() {
        let answer = json!({
            "request": request.id(), "until": request.until(), "fields": fields, "missing": missing,
            "envelopes": request.envelopes().len(),
        });
        return Ok(context.terminal.json(&answer)?);
    }
    super::show::about(&request, &fields, &missing, context)?;
    let asked = |field: &String| args.fields.is_empty() || args.fields.contains(field);
    let others: Vec<&str> = fields.values().flatten().filter(|field| !asked(field)).map(String::as_str).collect();
    if !others.is_empty() {
        context.terminal.note(&tr!("request-widened", fields = others.join(", ")));
    }
    context.terminal.note(&tr!("request-made", request = request.id().to_string()));
    Ok(())
}
