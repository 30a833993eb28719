//! `amanah request show`: what a request asks for, and who has answered.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::list::{code, released, words};
use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    custody::Request,
};

/// The arguments of `amanah request show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The request: its id, or the first 6 or more characters of it
    #[arg(value_name = "REQUEST")]
    pub request: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let found = vault.find_request(&args.request).and_then(|id| {
        let exchange = vault.exchange(&id)?;
        let own: Vec<String> = vault.charter().groups_of(exchange.request.asker()).map(ToOwned::to_owned).collect();
        let fields = vault.covered_fields(&exchange.request)?;
        let missing = vault.missing_groups(&exchange, &own)?;
        Ok((vault.state_of(&exchange, Timestamp::now()), exchange, fields, missing))
    });
    vault.leave()?;
    let (state, exchange, fields, missing) = found?;
    let request = &exchange.request;
    let denied: Vec<&str> = exchange.deniers().collect();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "request": request.id(), "entry": exchange.sequence, "asker": request.asker(),
            "purpose": request.purpose(), "made": request.made(), "until": request.until(),
            "records": request.records(), "classes": request.classes(), "asked": request.fields(), "fields": fields,
            "state": code(state), "released": released(&exchange), "denied": denied, "missing": missing,
        }))?);
    }
    let mut rows = about(request, &fields, &missing);
    rows.extend([
        (tr!("field-state"), words(state)),
        (tr!("field-released"), released(&exchange).join(", ")),
        (tr!("field-denied"), denied.join(", ")),
    ]);
    Ok(context.terminal.fields(rows.iter().map(|(name, value)| (name.as_str(), value.clone())))?)
}

/// What a request asks for, and of whom: names and values.
pub fn about(
    request: &Request,
    fields: &BTreeMap<String, Vec<String>>,
    missing: &BTreeMap<String, Vec<Vec<String>>>,
) -> Vec<(String, String)> {
    let records = request.records().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let fields = fields.iter().map(|(class, fields)| format!("{class}: {}", fields.join(", ")));
    let wanted = missing.iter().map(|(class, sets)| {
        let sets = sets.iter().map(|set| set.join(" + ")).collect::<Vec<_>>();
        format!("{class}: {}", if sets.is_empty() { "-".to_owned() } else { sets.join("; ") })
    });
    vec![
        (tr!("field-request"), request.id().to_string()),
        (tr!("field-actor"), request.asker().to_owned()),
        (tr!("field-purpose"), request.purpose().to_owned()),
        (tr!("field-until"), request.until().to_string()),
        (tr!("field-record"), records),
        (tr!("field-fields"), fields.collect::<Vec<_>>().join("\n")),
        (tr!("field-missing"), wanted.collect::<Vec<_>>().join("\n")),
    ]
}
