//! How records are shown.

use serde_json::{Map, Value as Json, json};

use crate::{
    cli::{charter::show::words, context::Context, error::CliResult, i18n::tr},
    custody::Charter,
    records::{label::Lang, schema::Schema},
    vault::{Cell, Revealed, Shown},
};

/// One record, as names and values.
pub fn record(shown: &Shown, schema: &Schema, charter: &Charter, context: &Context) -> CliResult {
    let lang = Lang::from(context.language);
    let kind = schema.kind(&shown.kind);
    let label = kind.map_or(shown.kind.as_str(), |kind| kind.label.get(lang));
    let version = tr!("record-version", version = shown.version);
    context.terminal.answer(&format!("{label} {} ({version})", shown.record))?;
    let mut rows: Vec<(String, String)> = Vec::new();
    if let (Some(of), Some(parent)) = (shown.of, kind.and_then(|kind| kind.parent())) {
        rows.push((parent.label.get(lang).to_owned(), of.to_string()));
    }
    for cell in &shown.cells {
        let field = kind.and_then(|kind| kind.field(&cell.field));
        let label = field.map_or(&*cell.field, |field| field.label.get(lang)).to_owned();
        rows.push((label, text(cell, schema, &shown.kind, charter, context)));
    }
    Ok(context.terminal.fields(rows)?)
}

/// The text of one field: its value, or that it is sealed and who could open it.
pub fn text(cell: &Cell, schema: &Schema, kind: &str, charter: &Charter, context: &Context) -> String {
    let field = schema.kind(kind).and_then(|kind| kind.field(&cell.field));
    match (&cell.content, field) {
        (Revealed::Value(value), Some(field)) => value.display(field, context.language.into()),
        (Revealed::Value(value), None) => value.to_json().to_string(),
        (Revealed::Unwritten, _) => String::new(),
        (Revealed::Restricted, _) => tr!("record-restricted-short"),
        (Revealed::Sealed, _) => {
            let who = words(&charter.coalitions(&cell.class)).replace('\n', "; ");
            tr!("record-sealed", class = &*cell.class, who = who)
        }
    }
}

/// One record for programs.
pub fn as_json(shown: &Shown, charter: &Charter) -> Json {
    let mut fields = Map::new();
    for cell in &shown.cells {
        let value = match &cell.content {
            Revealed::Value(value) => value.to_json(),
            Revealed::Unwritten => Json::Null,
            Revealed::Restricted => json!({ "restricted": true }),
            Revealed::Sealed => json!({ "sealed": *cell.class, "opened_by": charter.coalitions(&cell.class) }),
        };
        fields.insert(cell.field.to_string(), value);
    }
    json!({
        "record": shown.record, "kind": shown.kind, "version": shown.version, "of": shown.of, "fields": fields,
    })
}
