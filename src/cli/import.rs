//! `amanah import`: takes in records from a table.

use std::{collections::HashMap, fmt::Write as _, fs::File, io, path::PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        args::Why,
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        report,
        schema::show::find_kind,
        work::{self, Watcher},
    },
    id::Id,
    records::{
        label::fold,
        nik,
        row::{Column, Row},
        schema::{Field, Kind},
        search,
        table::{ColumnMap, Table},
        value::{Value, ValueError},
    },
    vault::{Access, Actor, Draft, Known, Unwatched, Vault, VaultError},
};

/// Largest map of columns, in bytes.
const MAX_MAP: u64 = 1024 * 1024;

/// Most wrong rows that are told at the terminal; the report file has all.
const MAX_TOLD: usize = 20;

/// The arguments of `amanah import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The table: CSV, as spreadsheets save it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The kind of the records
    #[arg(short, long, value_name = "KIND")]
    pub kind: String,
    /// A TOML file that says which column is which field: "Header" = "field"
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Check the table and say what is wrong with it, but write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Write the rows that are right, and leave out the others
    #[arg(long, requires = "report")]
    pub skip_invalid: bool,
    /// Where to write what is wrong with which row
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// A row that is wrong, and why: for people.
struct Wrong {
    row: u64,
    why: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ImportArgs, context: &Context) -> CliResult {
    if let Some(path) = args.report.as_ref().filter(|path| path.exists()) {
        return Err(CliError::FileExists { path: path.display().to_string() }.into());
    }
    let (read, wrong, written) = work::with_vault(context, |vault, actor| {
        let schema = vault.schema().clone();
        let kind = find_kind(&schema, &args.kind)?;
        let (rows, columns) = rows(args, kind, context)?;
        let mut checker = Checker::new(vault, actor, args.why.access(), kind, &columns, context)?;
        let (mut drafts, mut wrong) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in &rows {
            match checker.draft(vault, actor, row)? {
                Ok(draft) => drafts.push(draft),
                Err(mut errors) => wrong.append(&mut errors),
            }
        }
        let write = !args.dry_run && (wrong.is_empty() || args.skip_invalid) && !drafts.is_empty();
        let mut written = 0;
        // First: if the report could be written afterwards only, and was not, the records would be taken in
        // again with the next try.
        tell(args, context, &wrong)?;
        if write {
            let watcher = Watcher::new(&context.terminal);
            let before = vault.size();
            let done = vault.import_records(actor, args.why.access(), &kind.id, &drafts, &watcher);
            if done.is_err() {
                tell_written(vault, before, context);
            }
            written = done?.len();
        }
        Ok((rows.len(), wrong, written))
    })?;
    let wrong_rows = {
        let mut rows: Vec<u64> = wrong.iter().map(|wrong| wrong.row).collect();
        rows.dedup();
        rows.len()
    };
    if !wrong.is_empty() && !args.skip_invalid {
        return Err(CliError::BadRows { count: wrong_rows }.into());
    }
    if context.is_json() {
        let answer = json!({ "rows": read, "written": written, "wrong": wrong_rows });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.note(&match args.dry_run {
        true => tr!("import-checked", rows = read),
        false => tr!("import-written", written = written, wrong = wrong_rows),
    });
    Ok(())
}

/// After a failure says how many rows are in the vault all the same: with the next try they would be
/// there twice.
fn tell_written(vault: &Vault, before: u64, context: &Context) {
    let entries = vault.entries().into_iter().flatten().map_while(Result::ok);
    let new = entries.skip_while(|entry| entry.seq < before).take_while(|entry| entry.seq < vault.size());
    let count: usize = new.flat_map(|entry| entry.subjects).map(|subject| subject.records.len()).sum();
    if count > 0 {
        context.terminal.warn(&tr!("import-begun", count = count));
    }
}

/// All rows of the table, and what its columns are.
fn rows<'k>(args: &ImportArgs, kind: &'k Kind, context: &Context) -> CliResult<(Vec<Row>, Vec<Column<'k>>)> {
    let map = match &args.map {
        Some(path) => ColumnMap::parse(&work::read_text(path, MAX_MAP)?, kind)?,
        None => ColumnMap::default(),
    };
    let failed = |source| CliError::FileUnreadable { path: args.file.display().to_string(), source };
    let file = File::open(&args.file).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()).into());
    }
    let mut progress = context.terminal.progress(&tr!("task-table"), None);
    let table = Table::open(file, kind, &map)?;
    let columns = table.columns().to_vec();
    let mut rows = Vec::new();
    for row in table {
        rows.push(row?);
        progress.add(1);
    }
    Ok((rows, columns))
}

/// Checks rows against the schema, each other, and what the vault holds.
struct Checker<'a> {
    access: Access<'a>,
    kind: &'a Kind,
    columns: &'a [Column<'a>],
    context: &'a Context,
    /// For each unique field: the values that the vault and the rows before have.
    unique: Vec<(&'a Field, Option<Known>, HashMap<String, u64>)>,
    /// Records that cells have named by a code, by field and code: two kinds can have the same codes.
    named: HashMap<(String, String), Option<Id>>,
    /// The codes of the kinds that references lead to.
    codes: HashMap<String, Vec<Known>>,
}

impl<'a> Checker<'a> {
    fn new(
        vault: &mut Vault,
        actor: &mut Actor,
        access: Access<'a>,
        kind: &'a Kind,
        columns: &'a [Column<'a>],
        context: &'a Context,
    ) -> CliResult<Checker<'a>> {
        let watcher = Watcher::new(&context.terminal);
        let mut unique = Vec::new();
        let given = |field: &&Field| columns.iter().any(|column| column.field.is_some_and(|own| own.id == field.id));
        for field in kind.fields.iter().filter(|field| field.unique).filter(given) {
            let known = vault.known_values(actor, access, &kind.id, &field.id, &watcher)?;
            if known.is_none() {
                context.terminal.warn(&tr!("unique-unchecked", field = field.id.as_str()));
            }
            unique.push((field, known, HashMap::new()));
        }
        Ok(Checker { access, kind, columns, context, unique, named: HashMap::new(), codes: HashMap::new() })
    }

    /// The record a row makes, or everything that is wrong with it.
    fn draft(&mut self, vault: &mut Vault, actor: &mut Actor, row: &Row) -> CliResult<Result<Draft, Vec<Wrong>>> {
        let language = self.context.language;
        self.look_up(vault, actor, row)?;
        let named = &self.named;
        let values =
            row.values(self.columns, |field, text| named.get(&(field.id.clone(), fold(text))).copied().flatten());
        let wrong = |why: String| Wrong { row: row.number, why };
        let values = match values {
            Ok(values) => values,
            Err(errors) => {
                let told = errors.iter().map(|cell| wrong(cell_sentence(cell, language)));
                return Ok(Err(told.collect()));
            }
        };
        let mut errors = Vec::new();
        let mut draft = Draft::default();
        for (field, value) in values {
            if field.parent {
                if let Value::Reference(id) = &value {
                    draft.of = Some(*id);
                }
                continue;
            }
            draft.values.push((field.id.clone(), value));
        }
        for why in self.reference_faults(vault, &draft)? {
            errors.push(wrong(why));
        }
        let has = |field: &Field| match field.parent {
            true => draft.of.is_some(),
            false => draft.values.iter().any(|(name, value)| *name == field.id && !value.is_null()),
        };
        if let Some(field) = self.kind.first_missing(has) {
            let error = ValueError::Required { field: field.id.clone() };
            errors.push(wrong(report::sentence(&error, language)));
        }
        for (field, known, before) in &mut self.unique {
            let value = draft.values.iter().find(|(name, _)| *name == field.id);
            let Some((value, token)) = value.and_then(|(_, value)| Some((value, search::exact(value)?))) else {
                continue;
            };
            let record = known.as_ref().map(|known| vault.find_known(known, value)).transpose()?.flatten();
            if let Some(record) = record {
                let error = VaultError::Duplicate { field: field.id.clone(), record: record.to_string() };
                errors.push(wrong(report::sentence(&error, language)));
            }
            if let Some(first) = before.insert(token.text.to_string(), row.number) {
                errors.push(wrong(tr!("import-twice", field = field.id.as_str(), row = first)));
            }
        }
        for warning in nik::warnings(self.kind, |field| draft.values.iter().find(|(n, _)| n == field).map(|(_, v)| v)) {
            let why = report::sentence(&warning, language);
            self.context.terminal.note(&tr!("import-row", row = row.number, why = why));
        }
        Ok(if errors.is_empty() { Ok(draft) } else { Err(errors) })
    }

    /// What is wrong with the records that a row says it belongs to, or refers to, in words.
    fn reference_faults(&self, vault: &Vault, draft: &Draft) -> CliResult<Vec<String>> {
        let owner = self.kind.parent().filter(|_| draft.of.is_some());
        let mut checked: Vec<(&str, Result<(), VaultError>)> =
            owner.map(|field| (field.id.as_str(), vault.check_owner(self.kind, None, draft.of))).into_iter().collect();
        for one in &draft.values {
            checked.push((&one.0, vault.check_references(self.kind, std::slice::from_ref(one))));
        }
        let mut out = Vec::new();
        for (field, found) in checked {
            let error = match found {
                Ok(()) => continue,
                Err(
                    error @ (VaultError::NoRecord { .. } | VaultError::WasErased { .. } | VaultError::WrongKind { .. }),
                ) => error,
                Err(error) => return Err(error.into()),
            };
            let problem = report::sentence(&error, self.context.language);
            let column = self.columns.iter().find(|column| column.field.is_some_and(|own| own.id == field));
            let column = column.map_or(field, |column| column.heading.as_str());
            out.push(tr!("import-cell", column = column, problem = problem));
        }
        Ok(out)
    }

    /// Finds the records that the row's references name by a code.
    fn look_up(&mut self, vault: &mut Vault, actor: &mut Actor, row: &Row) -> CliResult {
        for column in self.columns {
            let Some(field) = column.field.filter(|field| field.to.is_some()) else { continue };
            let Some(text) = row.text(self.columns, &field.id).map(str::trim).filter(|text| !text.is_empty()) else {
                continue;
            };
            let key = (field.id.clone(), fold(text));
            if text.parse::<Id>().is_ok() || self.named.contains_key(&key) {
                continue;
            }
            if !self.codes.contains_key(&field.id) {
                let codes = codes(vault, actor, self.access, field)?;
                self.codes.insert(field.id.clone(), codes);
            }
            let mut found = None;
            for known in self.codes.get(&field.id).into_iter().flatten() {
                // Of two with one code neither is taken.
                if let ([only], None) = (&vault.all_known(known, &Value::Text(text.to_owned()))?[..], found) {
                    found = Some(*only);
                }
            }
            if found.is_none() {
                found = match vault.resolve(text) {
                    Ok(id) => Some(id),
                    Err(VaultError::BadReference { .. } | VaultError::NoRecord { .. }) => None,
                    Err(error) => return Err(error.into()),
                };
            }
            self.named.insert(key, found);
        }
        Ok(())
    }
}

/// The codes of all records of the kind that a reference leads to.
fn codes(vault: &mut Vault, actor: &mut Actor, access: Access<'_>, field: &Field) -> CliResult<Vec<Known>> {
    let schema = vault.schema().clone();
    let mut out = Vec::new();
    let Some(kind) = field.to.as_ref().and_then(|to| schema.kind(to)) else { return Ok(out) };
    for (unique, class) in kind.sealed_fields().filter(|(field, _)| field.unique) {
        if class == "administrative" {
            out.extend(vault.known_values(actor, access, &kind.id, &unique.id, &Unwatched)?);
        }
    }
    Ok(out)
}

/// A wrong cell, with its own sentence in the language of the terminal.
fn cell_sentence(cell: &crate::records::row::CellError, language: crate::cli::i18n::Language) -> String {
    let problem = report::sentence(&cell.error, language);
    tr!("import-cell", column = cell.column.as_str(), problem = problem)
}

/// Tells what is wrong: the first rows at the terminal, all of them in the report.
fn tell(args: &ImportArgs, context: &Context, wrong: &[Wrong]) -> CliResult {
    for one in wrong.iter().take(MAX_TOLD) {
        context.terminal.warn(&tr!("import-row", row = one.row, why = one.why.as_str()));
    }
    if wrong.len() > MAX_TOLD {
        context.terminal.warn(&tr!("import-more", count = wrong.len() - MAX_TOLD));
    }
    if let Some(path) = &args.report {
        let mut text = String::new();
        for one in wrong {
            // Writing into a string does not fail.
            let _ = writeln!(text, "{}", tr!("import-row", row = one.row, why = one.why.as_str()));
        }
        work::write_new(path, text.as_bytes())?;
    }
    Ok(())
}
