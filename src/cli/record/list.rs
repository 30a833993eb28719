//! `amanah record list`: lists the records of a kind.

use clap::Args;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::CliResult,
        i18n::tr,
        record::{find, view},
        schema::show::{find_field, find_kind},
        work::{self, Watcher},
    },
    records::{label::Lang, schema::Kind},
};

/// The arguments of `amanah record list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The kind of the records
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// Show this field as well; may be repeated
    #[arg(short, long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// Only what belongs to this record
    #[arg(long, value_name = "RECORD")]
    pub of: Option<RecordRef>,
    /// At most so many
    #[arg(short = 'n', long, value_name = "NUMBER")]
    pub limit: Option<usize>,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ListArgs, context: &Context) -> CliResult {
    let (shown, schema, charter, fields, kind) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        let schema = vault.schema().clone();
        let kind = find_kind(&schema, &args.kind)?;
        let mut fields = usual(kind);
        for name in &args.fields {
            let field = find_field(kind, name)?.id.clone();
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let mut records = match &args.of {
            None => vault.records_of_kind(&kind.id)?,
            Some(named) => {
                let owner = find::record(vault, actor, access, named)?;
                vault.present_of(&owner, &kind.id)?
            }
        };
        records.truncate(args.limit.unwrap_or(usize::MAX));
        let watcher = Watcher::new(&context.terminal);
        let shown = vault.list_records(actor, access, &records, &fields, &watcher)?;
        Ok((shown, schema.clone(), vault.charter().clone(), fields, kind.id.clone()))
    })?;
    if context.is_json() {
        let rows: Vec<_> = shown.iter().map(|one| view::as_json(one, &charter)).collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let lang = Lang::from(context.language);
    let label = |name: &String| {
        schema.kind(&kind).and_then(|k| k.field(name)).map_or(name.clone(), |f| f.label.get(lang).to_owned())
    };
    let header: Vec<String> = std::iter::once(tr!("field-record")).chain(fields.iter().map(label)).collect();
    let rows = shown.iter().map(|one| {
        let cells = one.cells.iter().map(|cell| match cell.content {
            crate::vault::Revealed::Sealed => tr!("record-sealed-short", class = &*cell.class),
            _ => view::text(cell, &schema, &kind, &charter, context),
        });
        std::iter::once(one.record.to_string()).chain(cells).collect()
    });
    context.terminal.table(&header, rows)?;
    context.terminal.note(&tr!("record-count", count = shown.len()));
    Ok(())
}

/// What a list shows when nobody says: the unique codes and what is administrative.
fn usual(kind: &Kind) -> Vec<String> {
    kind.sealed_fields()
        .filter(|(_, class)| *class == "administrative")
        .map(|(field, _)| field.id.clone())
        .take(5)
        .collect()
}
