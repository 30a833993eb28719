//! `amanah record show`: reads a record.

use clap::Args;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        record::{find, view},
        schema::show::{find_field, find_kind},
        work,
    },
    custody::Charter,
    records::schema::Kind,
};

/// The arguments of `amanah record show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The record: its id, the first 6 or more characters of it, or its code
    #[arg(value_name = "RECORD")]
    pub record: RecordRef,
    /// Only this field; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Only the fields of this class; may be repeated
    #[arg(short, long = "class", value_name = "CLASS")]
    pub classes: Vec<String>,
    /// As it was in this version
    #[arg(long = "at", value_name = "VERSION")]
    pub version: Option<u64>,
    /// In an emergency: open what only the charter's emergency group may; it is marked in the
    /// ledger until an overseer has acknowledged it
    #[arg(long, conflicts_with = "version")]
    pub break_glass: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let (shown, schema, charter) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        // An older version of a record that was merged is still to be seen.
        let record = match args.version {
            None => find::survivor(vault, actor, access, &args.record, context)?,
            Some(_) => find::record(vault, actor, access, &args.record)?,
        };
        let schema = vault.schema().clone();
        let kind = find_kind(&schema, &vault.head_of(&record)?.kind)?;
        let fields = chosen(kind, &args.fields, &args.classes, vault.charter())?;
        if args.break_glass {
            let shown = vault.break_glass(actor, access, &record, fields.as_deref())?;
            context.terminal.warn(&tr!("glass-broken"));
            return Ok((shown, schema, vault.charter().clone()));
        }
        let shown = vault.read_record(actor, access, &record, fields.as_deref(), args.version)?;
        Ok((shown, schema, vault.charter().clone()))
    })?;
    if context.is_json() {
        return Ok(context.terminal.json(&view::as_json(&shown, &charter))?);
    }
    view::record(&shown, &schema, &charter, context)
}

/// The fields that are meant by names and classes; `None` for all.
fn chosen(kind: &Kind, fields: &[String], classes: &[String], charter: &Charter) -> CliResult<Option<Vec<String>>> {
    if let Some(class) = classes.iter().find(|class| charter.class(class).is_none()) {
        let known = charter.classes().iter().map(|class| class.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(CliError::UnknownClass { class: class.clone(), known }.into());
    }
    if fields.is_empty() && classes.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::new();
    for name in fields {
        out.push(find_field(kind, name)?.id.clone());
    }
    for (field, class) in kind.sealed_fields() {
        if classes.iter().any(|wanted| wanted == class) && !out.contains(&field.id) {
            out.push(field.id.clone());
        }
    }
    Ok(Some(out))
}
