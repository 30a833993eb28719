//! `amanah record find`: finds records by what they say. And which record a person means: an id, the beginning of one, or a code that is unique.

use std::path::Path;

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use crate::{
    cli::{
        args::{Assignment, RecordRef, Why},
        context::Context,
        error::CliResult,
        i18n::tr,
        record::view,
        schema::show::{find_field, find_kind},
        work::{self, Watcher},
    },
    id::Id,
    records::{
        input::parse_text,
        label::Lang,
        names,
        schema::{Field, FieldType, Kind, Schema, SearchMode},
        value::{Value, ValueError},
    },
    vault::{Access, Actor, By, Condition, Question, Unwatched, Vault, VaultError},
};

/// The record that is meant. A code is looked for in the unique fields that the actor can open;
/// the search is an entry in the ledger.
pub fn record(vault: &mut Vault, actor: &mut Actor, access: Access<'_>, named: &RecordRef) -> CliResult<Id> {
    match vault.resolve(&named.0) {
        Ok(id) => Ok(id),
        Err(error @ (VaultError::BadReference { .. } | VaultError::NoRecord { .. })) => {
            match by_code(vault, actor, access, &named.0)? {
                Some(id) => Ok(id),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// The same, and what it was merged into, which is told, if it was.
pub fn survivor(
    vault: &mut Vault,
    actor: &mut Actor,
    access: Access<'_>,
    named: &RecordRef,
    context: &Context,
) -> CliResult<Id> {
    let named = record(vault, actor, access, named)?;
    let survivor = vault.survivor(&named)?;
    if survivor != named {
        let (named, survivor) = (named.to_string(), survivor.to_string());
        context.terminal.note(&tr!("record-was-merged", record = named, survivor = survivor));
    }
    Ok(survivor)
}

/// Codes are unique in their kind only, and not even there if somebody entered one whom nobody could tell that it was
/// there: which of two records is meant, nobody but the one who asks knows.
fn by_code(vault: &mut Vault, actor: &mut Actor, access: Access<'_>, code: &str) -> CliResult<Option<Id>> {
    let schema = vault.schema().clone();
    let charter = vault.charter().clone();
    let mut found: Vec<(&str, Id)> = Vec::new();
    let value = Value::Text(code.to_owned());
    for kind in schema.kinds() {
        for (field, class) in kind.sealed_fields().filter(|(field, _)| field.unique) {
            // A class that wants a reason is not searched in passing.
            if charter.class(class).is_none_or(|class| class.reason) {
                continue;
            }
            let known = vault.known_values(actor, access, &kind.id, &field.id, &Unwatched)?;
            let Some(known) = known else { continue };
            let all = vault.all_known(&known, &value)?;
            found.extend(all.iter().map(|id| (kind.id.as_str(), *id)));
            if !all.is_empty() {
                break;
            }
        }
    }
    if found.len() > 1 {
        let records = found.iter().map(|(kind, id)| format!("{kind} {id}")).collect::<Vec<_>>().join(", ");
        return Err(VaultError::AmbiguousCode { reference: code.to_owned(), records }.into());
    }
    Ok(found.pop().map(|(_, id)| id))
}

/// The arguments of `amanah record find`.
#[derive(Debug, Args)]
pub struct FindArgs {
    /// Words of a name, a number or a code; - reads a line from the standard input
    ///
    /// Other users of this computer can see what stands on a command line while it runs. Without
    /// words and fields it is asked for at the terminal.
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// Only records of this kind
    #[arg(short, long, value_name = "KIND")]
    pub kind: Option<String>,
    /// A field and what it holds; of a date also 2010, 2010-05 or 2010..2012; may be repeated
    #[arg(short, long = "field", value_name = "FIELD=VALUE")]
    pub fields: Vec<Assignment>,
    /// Show at most so many; 50 is the most
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
    pub limit: usize,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &FindArgs, context: &Context) -> CliResult {
    let typed = match &args.words[..] {
        [] if args.fields.is_empty() && context.terminal.is_interactive() => {
            context.terminal.ask_line(&tr!("find-what"), "")?
        }
        [only] if only == "-" => work::read_text(Path::new("-"), MAX_TYPED)?,
        words => words.join(" "),
    };
    let (answer, titles, schema, charter) = work::with_vault(context, |vault, actor| {
        let schema = vault.schema().clone();
        let kind = args.kind.as_ref().map(|kind| find_kind(&schema, kind)).transpose()?;
        let anywhere = |by: By| Condition { field: None, by };
        let code = |text: String| anywhere(By::Code(Value::Text(text)));
        let (codes, words): (Vec<&str>, Vec<&str>) =
            typed.split_whitespace().partition(|word| word.contains(|c: char| c.is_ascii_digit()));
        // `AL 500 0123456` is one code: no name is searched by such words.
        let no_name = words.iter().all(|word| word.chars().count() < names::MIN_WORD);
        let mut asked = match (words.is_empty(), codes.is_empty()) {
            (true, true) => Vec::new(),
            (false, true) => vec![anywhere(By::Name(words.join(" ")))],
            (_, false) if no_name => vec![code(typed.clone())],
            (_, false) => vec![anywhere(By::Name(words.join(" "))), code(codes.concat())],
        };
        let mut conditions = Vec::new();
        for given in &args.fields {
            conditions.push(condition(&schema, kind, given)?);
        }
        let watcher = Watcher::new(&context.terminal);
        let mut find = |asked: &[Condition]| {
            let conditions = [asked, &conditions].concat();
            let question = Question { kind: kind.map(|kind| kind.id.clone()), conditions, limit: args.limit };
            vault.find_records(actor, args.why.access(), &question, &watcher)
        };
        let mut answer = find(&asked)?;
        // And `SHA 2016 001`, where nobody of that name has that number.
        if answer.total == 0 && asked.len() > 1 {
            asked = vec![code(typed.clone())];
            answer = find(&asked)?;
        }
        let titles = names::is_all_titles(&words.join(" "));
        Ok((answer, titles, schema, vault.charter().clone()))
    })?;
    if context.is_json() {
        let found: Vec<_> = answer
            .found
            .iter()
            .map(|one| {
                let mut json = view::as_json(&one.shown, &charter);
                json["matched"] = json!(one.matched);
                json["score"] = json!(one.score);
                json["by_way_of"] = json!(one.by_way_of);
                json
            })
            .collect();
        return Ok(context
            .terminal
            .json(&json!({ "total": answer.total, "found": found, "left_out": answer.left_out }))?);
    }
    let lang = Lang::from(context.language);
    let header = [tr!("field-record"), tr!("field-kind"), tr!("field-match"), tr!("field-found")];
    let rows = answer.found.iter().map(|one| {
        let kind = schema.kind(&one.shown.kind);
        let mut cells: Vec<String> = Vec::with_capacity(one.shown.cells.len() + 1);
        cells.extend(one.shown.cells.iter().map(|cell| {
            let label = kind.and_then(|kind| kind.field(&cell.field)).map_or("", |field| field.label.get(lang));
            // What matched is not shown where it stands in another record.
            let own = one.by_way_of.is_none() && one.matched.iter().any(|name| **name == *cell.field);
            let mark = if own { "*" } else { "" };
            format!("{label}{mark}: {}", view::text(cell, &schema, &one.shown.kind, &charter, context))
        }));
        cells.extend(one.by_way_of.map(|record| tr!("find-by-way-of", record = record.to_string())));
        let how = if one.score == 100 { tr!("match-exact") } else { tr!("match-similar", score = one.score) };
        vec![
            one.shown.record.to_string(),
            kind.map_or(String::new(), |kind| kind.label.get(lang).to_owned()),
            how,
            cells.join("\n"),
        ]
    });
    context.terminal.table(&header, rows)?;
    context.terminal.note(&tr!("find-count", shown = answer.found.len(), total = answer.total));
    if titles {
        context.terminal.note(&tr!("find-titles"));
    }
    if !answer.left_out.is_empty() {
        context.terminal.note(&tr!("find-left-out", classes = answer.left_out.join(", ")));
    }
    Ok(())
}

/// Longest line that is searched for, in bytes.
const MAX_TYPED: u64 = 1000;

/// What `FIELD=VALUE` asks for.
fn condition(schema: &Schema, kind: Option<&Kind>, given: &Assignment) -> CliResult<Condition> {
    let of = |kind: &Kind| kind.find_field(&given.field).cloned();
    let found = match kind {
        Some(kind) => Some(find_field(kind, &given.field)?.clone()),
        None => schema.kinds().iter().filter_map(of).max_by_key(|field| field.search.is_some()),
    };
    let field = found.ok_or_else(|| VaultError::NotSearchable { field: given.field.clone() })?;
    let text = given.value.trim();
    // No record is found by what it does not say.
    if text.is_empty() {
        return Err(VaultError::NothingToFind.into());
    }
    let by = match field.search {
        None => return Err(VaultError::NotSearchable { field: field.id }.into()),
        Some(SearchMode::Name) => By::Name(text.to_owned()),
        Some(SearchMode::Exact) if field.field_type == FieldType::Integer => By::Code(parse_text(&field, text)?),
        Some(SearchMode::Exact) => By::Code(Value::Text(text.to_owned())),
        Some(SearchMode::Date) => {
            let (first, last) = text.split_once("..").unwrap_or((text, text));
            By::Days(days(&field, first)?.0, days(&field, last)?.1)
        }
        Some(SearchMode::Choice) if field.field_type == FieldType::Boolean => {
            By::Choice(parse_text(&field, text)?.to_json().to_string())
        }
        Some(SearchMode::Choice) => match field.find_choice(text) {
            Some(choice) => By::Choice(choice.key.clone()),
            // The error says what there is to choose from.
            None => By::Choice(parse_text(&field, text)?.as_text().unwrap_or_default().to_owned()),
        },
    };
    Ok(Condition { field: Some(field.id), by })
}

/// The first and last day of a year, a month or a day.
fn days(field: &Field, text: &str) -> CliResult<(Date, Date)> {
    let text = text.trim();
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let first = match text.split_once('-') {
        None if digits(text, 4) => format!("{text}-01-01"),
        Some((year, month)) if digits(year, 4) && digits(month, 2) => format!("{text}-01"),
        _ => text.to_owned(),
    };
    let Value::Date(day) = parse_text(field, &first)? else {
        return Err(ValueError::Date { field: field.id.clone() }.into());
    };
    let last = match text.len() {
        4 => day.last_of_year(),
        7 => day.last_of_month(),
        _ => day,
    };
    Ok((day, last))
}
