//! `amanah record duplicates`: proposes records that may be about the same person.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        args::Why,
        context::Context,
        error::CliResult,
        i18n::tr,
        record::view,
        schema::show::find_kind,
        work::{self, Watcher},
    },
    records::label::Lang,
    vault::Duplicates,
};

/// The arguments of `amanah record duplicates`.
#[derive(Debug, Args)]
pub struct DuplicatesArgs {
    /// The kind of the records
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DuplicatesArgs, context: &Context) -> CliResult {
    let (Duplicates { pairs, not_compared, closed }, schema, charter) = work::with_vault(context, |vault, actor| {
        let schema = vault.schema().clone();
        let kind = find_kind(&schema, &args.kind)?;
        let watcher = Watcher::new(&context.terminal);
        let found = vault.find_duplicates(actor, args.why.access(), &kind.id, &watcher)?;
        Ok((found, schema, vault.charter().clone()))
    })?;
    if not_compared > 0 {
        context.terminal.warn(&tr!("duplicates-not-compared", count = not_compared));
    }
    if closed > 0 {
        context.terminal.warn(&tr!("duplicates-closed", count = closed));
    }
    if context.is_json() {
        let rows: Vec<_> = pairs
            .iter()
            .map(|pair| {
                let records = [&pair.one, &pair.other].map(|one| view::as_json(one, &charter));
                json!({ "records": records, "same": pair.same, "likeness": pair.likeness })
            })
            .collect();
        return Ok(context.terminal.json(&rows)?);
    }
    let lang = Lang::from(context.language);
    let header = [tr!("field-record"), tr!("field-found"), tr!("field-match")];
    let rows = pairs.iter().flat_map(|pair| {
        let label = |kind: &str, field: &str| {
            let field = schema.kind(kind).and_then(|kind| kind.field(field));
            field.map_or(String::new(), |field| field.label.get(lang).to_owned())
        };
        let why = match &pair.same {
            Some(field) => tr!("match-same", field = label(&pair.one.kind, field)),
            None => tr!("match-similar", score = pair.likeness),
        };
        [(&pair.one, why), (&pair.other, String::new())].map(|(one, why)| {
            let cells = one.cells.iter().map(|cell| view::text(cell, &schema, &one.kind, &charter, context));
            vec![one.record.to_string(), cells.collect::<Vec<_>>().join("\n"), why]
        })
    });
    context.terminal.table(&header, rows)?;
    context.terminal.note(&tr!("duplicates-count", count = pairs.len()));
    Ok(())
}
