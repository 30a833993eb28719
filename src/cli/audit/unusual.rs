//! `amanah audit unusual`: points out what is out of the ordinary, and why; `amanah audit rules`.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    audit::{
        self, Finding, Rule,
        unusual::rules::{MAX_FILE, READY, Rules},
    },
    cli::{
        audit::when::{When, local_time, zone_of},
        context::Context,
        error::CliResult,
        i18n::tr,
        work,
    },
    vault::{Vault, VaultError},
};

/// Most numbers of entries in a cell of a table.
const MAX_SHOWN: usize = 10;

/// The arguments of `amanah audit unusual`.
#[derive(Debug, Args)]
pub struct UnusualArgs {
    /// When.
    #[command(flatten)]
    pub when: When,
    /// Other rules than the usual ones, from a file as `amanah audit rules` writes it
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
}

/// The arguments of `amanah audit rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &UnusualArgs, context: &Context) -> CliResult {
    let rules = match &args.rules {
        Some(path) => Rules::parse(&work::read_text(path, MAX_FILE)?)?,
        None => Rules::default(),
    };
    let vault = work::open(context, context.vault()?)?;
    let name = vault.charter().time_zone().to_owned();
    let found = args.when.span(vault.charter()).and_then(|span| {
        let open = open_glass(&vault)?;
        Ok(audit::unusual(vault.entries()?, &open, &rules, &zone_of(&name), span)?)
    });
    vault.leave()?;
    let found = found?;
    if context.is_json() {
        let rows: Vec<_> = found
            .iter()
            .map(|one| {
                let mut row = json!(one);
                row["why"] = json!(why(one, &rules));
                row
            })
            .collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let header = [tr!("field-time"), tr!("field-actor"), tr!("field-unusual"), tr!("field-entries")];
    let rows = found
        .iter()
        .map(|one| vec![local_time(one.first, &name), one.member.clone(), why(one, &rules), entries(&one.entries)]);
    context.terminal.table(&header, rows)?;
    context.terminal.note(&tr!("unusual-next", count = found.len()));
    Ok(())
}

/// Does `amanah audit rules`.
///
/// # Errors
/// The output could not be written.
pub fn rules(_: &RulesArgs, context: &Context) -> CliResult {
    if context.is_json() {
        return Ok(context.terminal.json(&json!({ "toml": READY }))?);
    }
    Ok(context.terminal.raw(READY.as_bytes())?)
}

/// The entries of broken glass that no overseer has acknowledged.
///
/// # Errors
/// A store or a ledger that cannot be read.
pub fn open_glass(vault: &Vault) -> Result<BTreeSet<u64>, VaultError> {
    Ok(vault.unacknowledged()?.iter().map(|entry| entry.seq).collect())
}

/// What a finding says, with the limit that it went over.
pub fn why(finding: &Finding, rules: &Rules) -> String {
    let (count, limit) = (finding.count, finding.limit);
    match finding.rule {
        Rule::BreakGlass if finding.acknowledged == Some(true) => tr!("unusual-glass-acknowledged"),
        Rule::BreakGlass => tr!("unusual-glass"),
        Rule::Refused => tr!("unusual-refused", count = count, hours = rules.refused.hours, limit = limit),
        Rule::Bulk => tr!("unusual-bulk", count = count, minutes = rules.bulk.minutes, limit = limit),
        Rule::Rise => {
            let usual = format!("{:.1}", finding.usual.unwrap_or_default());
            tr!("unusual-rise", count = count, usual = usual, limit = limit)
        }
        Rule::Cases => tr!("unusual-cases", count = count, days = rules.cases.days, limit = limit),
        Rule::Hours => tr!("unusual-hours", count = count),
    }
}

/// Numbers of entries, the first of many.
fn entries(entries: &[u64]) -> String {
    let first = entries.iter().take(MAX_SHOWN).map(u64::to_string).collect::<Vec<_>>().join(" ");
    if entries.len() > MAX_SHOWN { format!("{first} ... ({})", entries.len()) } else { first }
}
