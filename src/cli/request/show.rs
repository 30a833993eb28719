//! `amanah request show`: what a request asks for and why, and who has answered.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{
    Named,
    list::{code, released, words},
};
use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    custody::{ReleaseError, Request, exchange::RequestFile},
    vault::{Exchange, Outside, State, Vault, VaultError},
};

/// The arguments of `amanah request show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The request: its id, the first 6 or more characters of it, or a file
    #[arg(value_name = "REQUEST")]
    pub request: String,
    /// With the reason, where it is for one of your groups; needs your key
    #[arg(long)]
    pub reason: bool,
}

/// What is asked for, and what became of it.
pub struct About {
    /// The request with its answers; without any, where it is in no vault.
    exchange: Exchange,
    state: State,
    /// The fields by class.
    fields: BTreeMap<String, Vec<String>>,
    /// Who still has to release, by class.
    missing: BTreeMap<String, Vec<Vec<String>>>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let named = Named::read(&args.request)?;
    let (about, reason) = match &named {
        Named::File(file) if context.vault().is_err() => outside(args, file, context)?,
        _ if args.reason => work::with_vault(context, |vault, actor| {
            let about = About::of(&named.request(vault)?, vault)?;
            let reason = vault.reason_given(actor, &about.exchange.request)?;
            Ok((about, Some(reason)))
        })?,
        _ => {
            let vault = work::open(context, context.vault()?)?;
            let about = named.request(&vault).and_then(|request| About::of(&request, &vault));
            vault.leave()?;
            (about?, None)
        }
    };
    let request = &about.exchange.request;
    let denied: Vec<&str> = about.exchange.deniers().collect();
    if context.is_json() {
        let mut answer = json!({
            "request": request.id(), "entry": about.entry(), "asker": request.asker(),
            "purpose": request.purpose(), "made": request.made(), "until": request.until(),
            "records": request.records(), "classes": request.classes(), "asked": request.fields(),
            "fields": about.fields, "state": code(about.state), "released": released(&about.exchange),
            "denied": denied, "missing": about.missing,
        });
        if let Some(reason) = reason {
            answer["reason"] = json!(reason);
        }
        return Ok(context.terminal.json(&answer)?);
    }
    let mut rows = about.rows();
    if let Some(reason) = reason {
        rows.push(in_words(reason));
    }
    rows.extend([
        (tr!("field-state"), words(about.state)),
        (tr!("field-released"), released(&about.exchange).join(", ")),
        (tr!("field-denied"), denied.join(", ")),
    ]);
    Ok(context.terminal.fields(rows)?)
}

/// A file, and no vault: what the charters and the file itself say.
fn outside(args: &ShowArgs, file: &RequestFile, context: &Context) -> CliResult<(About, Option<Option<String>>)> {
    let known = Outside::load(&work::state_folder(), file.request()?.vault())?;
    let about = About::of_file(file, &known)?;
    let reason = match args.reason {
        true => Some(known.reason_given(&work::unlock(context)?, file)?),
        false => None,
    };
    Ok((about, reason))
}

impl About {
    /// Of a request that the vault knows, or that came as a file: this one is of whom it says, or is
    /// not shown.
    pub fn of(request: &Request, vault: &Vault) -> CliResult<About> {
        match request.check_signed(&vault.chain().all()) {
            // It was good once, and is shown as void.
            Ok(()) | Err(ReleaseError::Revoked { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let exchange = match vault.exchange(&request.id()) {
            Err(VaultError::Release(ReleaseError::NoRequest { .. })) => alone(request),
            known => known?,
        };
        let own: Vec<String> = vault.charter().groups_of(request.asker()).map(ToOwned::to_owned).collect();
        let (fields, missing) = (vault.covered_fields(request)?, vault.missing_groups(&exchange, &own)?);
        Ok(About { state: vault.state_of(&exchange, Timestamp::now()), exchange, fields, missing })
    }

    /// Of a file, which is checked.
    pub fn of_file(file: &RequestFile, known: &Outside) -> CliResult<About> {
        let fields = known.asked_fields(file, Timestamp::now())?;
        let request = file.request()?;
        let missing = known.missing_groups(&request)?;
        Ok(About { exchange: alone(&request), state: State::Open, fields, missing })
    }

    /// The entry that brought it, if one has.
    fn entry(&self) -> Option<u64> {
        // The first entry of a ledger makes the vault.
        Some(self.exchange.sequence).filter(|sequence| *sequence > 0)
    }

    /// Names and values.
    pub fn rows(&self) -> Vec<(String, String)> {
        about(&self.exchange.request, &self.fields, &self.missing)
    }
}

/// A request that is in no vault.
fn alone(request: &Request) -> Exchange {
    Exchange { request: request.clone(), sequence: 0, releases: Vec::new(), endings: Vec::new() }
}

/// The reason, or that it is not for the one who asks.
pub fn in_words(reason: Option<String>) -> (String, String) {
    (tr!("field-reason"), reason.unwrap_or_else(|| tr!("request-no-reason")))
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
