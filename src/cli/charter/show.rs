//! `amanah charter show`: shows the charter of the vault, and in words who can open what.

use clap::Args;
use data_encoding::BASE64;
use serde_json::json;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    custody::{Charter, Role, quorum::Coalition},
};

/// The arguments of `amanah charter show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Write the charter as it was signed
    #[arg(long)]
    pub toml: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let charter = vault.charter().clone();
    // The one that `charter export` and `charter trust` show: of all charters so far.
    let fingerprint = vault.chain().fingerprint();
    vault.leave()?;
    if args.toml {
        return Ok(context.terminal.raw(&charter.to_bytes())?);
    }
    if context.is_json() {
        return as_json_whole(&charter, &fingerprint, context);
    }
    let terminal = &context.terminal;
    terminal.fields([
        (&*tr!("field-name"), charter.name().to_owned()),
        (&*tr!("field-vault"), charter.vault().to_string()),
        (&*tr!("field-version"), charter.version().to_string()),
        (&*tr!("field-time-zone"), charter.time_zone().to_owned()),
        (&*tr!("field-fingerprint"), fingerprint),
    ])?;
    terminal.answer("")?;
    classes(&charter, context)?;
    terminal.answer("")?;
    let amendment = charter.amendment().coalitions();
    terminal.fields([(&*tr!("charter-amended-by"), words(&amendment))])?;
    terminal.answer("")?;

    let header = [tr!("field-group"), tr!("field-body"), tr!("field-members"), tr!("field-may")];
    let rows = charter.groups().iter().map(|group| {
        let body = crate::id::body_of(&group.id).and_then(|id| charter.body(id));
        let role = match body.map(|body| body.role) {
            Some(Role::Centre) => tr!("role-centre"),
            _ => tr!("role-oversight"),
        };
        let body = body.map_or_else(String::new, |body| format!("{} ({role})", body.name));
        vec![group.id.clone(), body, group.members.join(", "), group.may.join(", ")]
    });
    terminal.table(&header, rows)?;
    terminal.answer("")?;
    let header = [tr!("field-member"), tr!("field-fingerprint")];
    terminal.table(&header, charter.members().iter().map(|card| vec![card.member.clone(), card.fingerprint()]))?;
    terminal.answer("")?;
    let header = [tr!("field-purpose"), tr!("field-meaning"), tr!("field-reason")];
    let rows = charter.purposes().iter().map(|purpose| {
        let meaning = if context.language.code() == "id" { &purpose.id } else { &purpose.en };
        vec![purpose.code.clone(), meaning.clone(), wanted(purpose.reason)]
    });
    Ok(terminal.table(&header, rows)?)
}

fn wanted(reason: bool) -> String {
    if reason { tr!("reason-wanted") } else { String::new() }
}

/// The table of who can open which class.
pub fn classes(charter: &Charter, context: &Context) -> CliResult {
    let classes: Vec<(String, bool, Vec<Coalition>)> =
        charter.classes().iter().map(|class| (class.id.clone(), class.reason, charter.coalitions(&class.id))).collect();
    coalitions(&classes, context)?;
    emergencies(&charter.emergencies(), context)
}

/// Who opens which class in an emergency: a line each.
pub fn emergencies(emergencies: &[(String, Vec<Coalition>)], context: &Context) -> CliResult {
    for (class, sets) in emergencies {
        let who = words(sets).replace('\n', "; ");
        context.terminal.answer(&tr!("charter-break-glass", class = class.as_str(), who = who))?;
    }
    Ok(())
}

/// The table of the smallest coalitions for each class.
pub fn coalitions(classes: &[(String, bool, Vec<Coalition>)], context: &Context) -> CliResult {
    let header = [tr!("field-class"), tr!("field-opened-by"), tr!("field-reason")];
    let rows = classes.iter().map(|(class, reason, sets)| vec![class.clone(), words(sets), wanted(*reason)]);
    Ok(context.terminal.table(&header, rows)?)
}

/// Coalitions for people: one a line, together joined by `+`.
pub fn words(coalitions: &[Coalition]) -> String {
    let together = |set: &Coalition| set.iter().map(String::as_str).collect::<Vec<_>>().join(" + ");
    coalitions.iter().map(together).collect::<Vec<_>>().join("\n")
}

/// Coalitions for programs.
pub fn as_json(classes: &[(String, bool, Vec<Coalition>)]) -> serde_json::Value {
    classes
        .iter()
        .map(|(class, reason, sets)| json!({ "class": class, "reason": reason, "coalitions": sets }))
        .collect()
}

fn as_json_whole(charter: &Charter, fingerprint: &str, context: &Context) -> CliResult {
    let members: Vec<_> = charter
        .members()
        .iter()
        .map(|card| json!({ "member": card.member, "fingerprint": card.fingerprint(), "recipient": card.recipient }))
        .collect();
    let classes: Vec<_> =
        charter.classes().iter().map(|c| (c.id.clone(), c.reason, charter.coalitions(&c.id))).collect();
    let answer = json!({
        "name": charter.name(), "vault": charter.vault(), "version": charter.version(),
        "time_zone": charter.time_zone(), "log": charter.log(), "digest": BASE64.encode(&charter.digest()),
        "fingerprint": fingerprint,
        "bodies": charter.bodies(), "groups": charter.groups(), "members": members,
        "classes": as_json(&classes), "purposes": charter.purposes(),
        "amendment": charter.amendment().coalitions(), "break_glass": emergencies_as_json(&charter.emergencies()),
    });
    Ok(context.terminal.json(&answer)?)
}

/// Who opens which class in an emergency, for programs.
pub fn emergencies_as_json(emergencies: &[(String, Vec<Coalition>)]) -> serde_json::Value {
    emergencies.iter().map(|(class, sets)| json!({ "class": class, "coalitions": sets })).collect()
}
