//! `amanah record add`: enters a record, in a form or from given values.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        args::{RecordRef, Values, Why},
        context::Context,
        error::{CliError, CliResult},
        form::Filled,
        i18n::tr,
        record::{draft::Kept, find, input, input::Given},
        report,
        schema::show::find_kind,
        work::{self, Watcher},
    },
    records::{
        nik,
        schema::{Field, Kind},
        value::ValueError,
    },
    vault::{Actor, Draft, Vault, Written},
};

/// The arguments of `amanah record add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The kind of record
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// The record to which it belongs: the child of a service, the family of a child
    #[arg(long, value_name = "RECORD")]
    pub of: Option<RecordRef>,
    /// Values given beforehand.
    #[command(flatten)]
    pub values: Values,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &AddArgs, context: &Context) -> CliResult {
    let asked = args.values.values.is_empty() && args.values.from.is_none();
    let (written, kind) = if asked && context.terminal.is_interactive() {
        in_a_form(args, context)?
    } else {
        work::with_vault(context, |vault, actor| {
            let schema = vault.schema().clone();
            let kind = find_kind(&schema, &args.kind)?;
            let given = input::given(&args.values, kind)?;
            Ok((write(args, kind, given, vault, actor, context)?, kind.id.clone()))
        })?
    };
    if context.is_json() {
        let answer = json!({ "record": written.record, "kind": kind, "version": written.version });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.answer(&written.record.to_string())?;
    context.terminal.note(&tr!("record-written", version = written.version));
    Ok(())
}

/// Asks field by field. The vault is closed meanwhile: a form can lie open for an hour.
fn in_a_form(args: &AddArgs, context: &Context) -> CliResult<(Written, String)> {
    let (vault, mut actor) = work::enter(context)?;
    let schema = vault.schema().clone();
    let begun = (|| -> CliResult<_> {
        let kind = find_kind(&schema, &args.kind)?;
        // The form does not ask for it: better told before everything else is typed.
        if let Some(parent) = kind.parent().filter(|parent| parent.required && args.of.is_none()) {
            return Err(ValueError::Required { field: parent.id.clone() }.into());
        }
        let kept = Kept::new(vault.id(), actor.member(), &kind.id);
        let earlier = kept.load(&actor)?;
        Ok((kind, kept, earlier))
    })();
    vault.leave()?;
    let (kind, kept, earlier) = begun?;
    let earlier = match earlier {
        Some(answers) if context.terminal.confirm(&tr!("draft-continue"), true)? => answers,
        _ => Default::default(),
    };
    let fields: Vec<&Field> = kind.sealed_fields().map(|(field, _)| field).collect();
    let (answers, complete) = match input::ask(&fields, earlier, context)? {
        Filled::Complete(answers) => (answers, true),
        Filled::Stopped(answers) => (answers, false),
    };
    let entered = work::again(context, &mut actor, |vault, actor| {
        // Kept first: if the record cannot be written now, nothing that was typed is lost.
        kept.save(vault, actor, &answers)?;
        if !complete {
            return Err(CliError::DraftKept { path: kept.path() }.into());
        }
        let given = Given { values: input::values_of(&answers, &fields)?, of: None };
        write(args, kind, given, vault, actor, context)
    });
    let written = entered?;
    kept.remove()?;
    Ok((written, kind.id.clone()))
}

fn write(
    args: &AddArgs,
    kind: &Kind,
    given: Given,
    vault: &mut Vault,
    actor: &mut Actor,
    context: &Context,
) -> CliResult<Written> {
    let access = args.why.access();
    let given_field = |field: &Field| field.parent || given.values.get(&field.id).is_some_and(|value| !value.is_null());
    if let Some(field) = kind.first_missing(given_field) {
        return Err(ValueError::Required { field: field.id.clone() }.into());
    }
    for warning in nik::warnings(kind, |field| given.values.get(field)) {
        context.terminal.warn(&report::sentence(&warning, context.language));
    }
    let of = match args.of.as_ref().or(given.of.as_ref()) {
        Some(named) => Some(find::record(vault, actor, access, named)?),
        None => None,
    };
    let draft = Draft { values: given.values.into_iter().collect(), of };
    let unchecked = vault.check_unique(actor, access, &kind.id, &draft, None, &Watcher::new(&context.terminal))?;
    for field in unchecked {
        context.terminal.warn(&tr!("unique-unchecked", field = field));
    }
    Ok(vault.create_record(actor, access, &kind.id, &draft)?)
}
