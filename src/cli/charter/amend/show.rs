//! `amanah charter amend show`: shows what an amendment changes, and who has signed it.

use std::path::PathBuf;

use clap::Args;
use data_encoding::BASE64;
use serde_json::json;

use crate::{
    cli::{
        charter::{amend::read, show::words},
        context::Context,
        error::CliResult,
        i18n::tr,
        report,
    },
    custody::{
        Amendment, Purpose,
        amendment::{check_signatures, signers},
        changes::{Change, Changes, OVERSIGHT},
        quorum::Coalition,
    },
};

/// The arguments of `amanah charter amend show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The amendment
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let amendment = read(&args.file)?;
    amendment.check_content()?;
    show(&amendment, context)
}

/// Shows an amendment whose content is checked.
pub fn show(amendment: &Amendment, context: &Context) -> CliResult {
    let (present, next) = (amendment.present(), amendment.next());
    let changes = Changes::between(present, next);
    let signed = signers(present, next)?;
    let missing = check_signatures(present, next).err();
    if context.is_json() {
        let rows = changes.0.iter().map(|change| (serde_json::to_value(change), change.lowers(present)));
        let rows: Vec<_> = rows.map(|(change, lowers)| json!({ "change": change.ok(), "lowers": lowers })).collect();
        let answer = json!({
            "vault": next.vault(), "version": next.version(), "replaces": BASE64.encode(&present.digest()),
            "digest": BASE64.encode(&next.digest()), "changes": rows, "signed": signed,
            "suffices": missing.is_none(), "missing": missing.as_ref().map(|missing| report::sentence(missing, context.language)),
        });
        return Ok(context.terminal.json(&answer)?);
    }
    let terminal = &context.terminal;
    terminal.fields([
        (&*tr!("field-vault"), format!("{} ({})", next.vault(), next.name())),
        (&*tr!("field-version"), next.version().to_string()),
        (&*tr!("field-signed"), signed.join(", ")),
    ])?;
    terminal.answer("")?;
    let header = [tr!("field-changes"), tr!("field-before"), tr!("field-after")];
    terminal.table(&header, changes.0.iter().map(|change| row(change, change.lowers(present))))?;
    if changes.0.iter().any(|change| change.lowers(present)) {
        terminal.warn(&tr!("amend-lowers"));
    }
    match missing {
        Some(missing) => terminal.note(&report::sentence(&missing, context.language)),
        None => terminal.note(&tr!("amend-suffices")),
    }
    Ok(())
}

/// A change in words: what, before, after.
fn row(change: &Change, lowers: bool) -> Vec<String> {
    let none = String::new;
    let reason = |wanted: bool| if wanted { tr!("reason-wanted") } else { tr!("reason-not-wanted") };
    let purposed = |purpose: &Purpose| {
        let restricted = if purpose.restricted { format!("\n{}", tr!("restricted-used")) } else { none() };
        format!("{}\n{}\n{}{restricted}", purpose.en, purpose.id, reason(purpose.reason))
    };
    let role = |role: &str| if role == OVERSIGHT { tr!("role-oversight") } else { tr!("role-centre") };
    let sets = |sets: &[Coalition]| if sets.is_empty() { tr!("opened-by-nobody") } else { words(sets) };
    let (what, before, after) = match change {
        Change::BodyIn { body, name, role: of } => {
            (tr!("change-body-in", body = body), none(), format!("{name} ({})", role(of)))
        }
        Change::BodyOut { body } => (tr!("change-body-out", body = body), none(), none()),
        Change::BodyOther { body, name, role: of } => {
            (tr!("change-body-other", body = body), none(), format!("{name} ({})", role(of)))
        }
        Change::MemberIn { member, fingerprint } => {
            (tr!("change-member-in", member = member), none(), fingerprint.clone())
        }
        Change::MemberOut { member } => (tr!("change-member-out", member = member), none(), none()),
        Change::MemberCard { member, fingerprint } => {
            (tr!("change-member-card", member = member), none(), fingerprint.clone())
        }
        Change::GroupIn { group, members, may } => {
            (tr!("change-group-in", group = group), none(), format!("{}\n{}", members.join(", "), may.join(", ")))
        }
        Change::GroupOut { group } => (tr!("change-group-out", group = group), none(), none()),
        Change::GroupMembers { group, joins, leaves } => {
            (tr!("change-group-members", group = group), leaves.join(", "), joins.join(", "))
        }
        Change::GroupKey { group, epoch } => {
            (tr!("change-group-key", group = group), (epoch - 1).to_string(), epoch.to_string())
        }
        Change::GroupRights { group, before, after } => {
            (tr!("change-group-rights", group = group), before.join(", "), after.join(", "))
        }
        Change::Class { class, before, after, .. } => (tr!("change-class", class = class), sets(before), sets(after)),
        Change::BreakGlass { class, before, after, .. } => {
            (tr!("change-break-glass", class = class), sets(before), sets(after))
        }
        Change::ClassReason { class, reason: wanted } => {
            (tr!("change-class-reason", class = class), reason(!wanted), reason(*wanted))
        }
        Change::Amendment { before, after, .. } => (tr!("change-amendment"), sets(before), sets(after)),
        Change::PurposeIn { purpose } => {
            (tr!("change-purpose-in", purpose = purpose.code.as_str()), none(), purposed(purpose))
        }
        Change::PurposeOut { purpose } => (tr!("change-purpose-out", purpose = purpose), none(), none()),
        Change::PurposeOther { before, after } => {
            (tr!("change-purpose-other", purpose = after.code.as_str()), purposed(before), purposed(after))
        }
        Change::Log => (tr!("change-log"), none(), none()),
        Change::Section { section, before, after, .. } => {
            (tr!("change-section", section = section), before.clone(), after.clone())
        }
    };
    let what = if lowers { format!("{what} ({})", tr!("change-lowers")) } else { what };
    vec![what, before, after]
}
