//! `amanah audit member`: shows what a member did, and what was opened to them.

use clap::Args;
use serde_json::json;

use crate::{
    audit::{self, AuditError, member::by_class},
    cli::{
        audit::{log, when::When},
        context::Context,
        error::CliResult,
        i18n::tr,
        work,
    },
    vault::Vault,
};

/// The arguments of `amanah audit member`.
#[derive(Debug, Args)]
pub struct MemberArgs {
    /// The member, as in handayani/siti
    #[arg(value_name = "MEMBER")]
    pub member: String,
    /// When.
    #[command(flatten)]
    pub when: When,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &MemberArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let asked = known(&vault, &args.member).and_then(|()| {
        let span = args.when.span(vault.charter())?;
        Ok(audit::doings(vault.entries()?, &args.member, span)?)
    });
    let zone = vault.charter().time_zone().to_owned();
    vault.leave()?;
    let doings = asked?;
    let sums = by_class(doings.opened.values());
    if context.is_json() {
        let opened: Vec<_> = doings
            .opened
            .iter()
            .map(
                |(record, one)| json!({ "record": record, "kind": one.kind, "fields": one.fields, "times": one.times }),
            )
            .collect();
        return Ok(context.terminal.json(&json!({
            "member": doings.member, "entries": doings.entries, "refused": doings.refused,
            "classes": sums, "opened": opened,
        }))?);
    }
    context.terminal.table(&log::header(), doings.entries.iter().map(|entry| log::row(entry, &zone)))?;
    if !sums.is_empty() {
        let header = [tr!("field-class"), tr!("field-records-opened"), tr!("field-fields")];
        let rows = sums.iter().map(|(class, sum)| {
            let fields: Vec<&str> = sum.fields.iter().map(String::as_str).collect();
            vec![class.clone(), sum.records.to_string(), fields.join(" ")]
        });
        context.terminal.answer("")?;
        context.terminal.table(&header, rows)?;
    }
    context.terminal.note(&tr!(
        "member-sum",
        entries = doings.entries.len(),
        records = doings.opened.len(),
        refused = doings.refused
    ));
    Ok(())
}

/// Refuses a name that no charter of the vault has: a typing mistake must not look like innocence.
pub fn known(vault: &Vault, member: &str) -> CliResult {
    match vault.charters().any(|charter| charter.member(member).is_some()) {
        true => Ok(()),
        false => Err(AuditError::UnknownMember { member: member.to_owned() }.into()),
    }
}
