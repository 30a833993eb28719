//! `amanah schema show`: shows the schema of the vault.

use clap::Args;

use crate::{
    cli::{context::Context, error::CliResult, i18n::tr, work},
    records::{
        label::Lang,
        schema::{Field, Kind, Schema},
    },
    vault::VaultError,
};

/// The arguments of `amanah schema show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Only this kind of record
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Write the schema as TOML, to be changed and given to `schema amend`
    #[arg(long)]
    pub toml: bool,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ShowArgs, context: &Context) -> CliResult {
    let vault = work::open(context, context.vault()?)?;
    let schema = vault.schema().clone();
    vault.leave()?;
    if args.toml {
        return Ok(context.terminal.raw(schema.text().as_bytes())?);
    }
    let kinds = match &args.kind {
        Some(name) => vec![find_kind(&schema, name)?],
        None => schema.kinds().iter().collect(),
    };
    if context.is_json() {
        match &args.kind {
            Some(_) => context.terminal.json(&kinds)?,
            None => context.terminal.json(&*schema)?,
        }
        return Ok(());
    }
    let lang = Lang::from(context.language);
    for (index, kind) in kinds.into_iter().enumerate() {
        if index > 0 {
            context.terminal.answer("")?;
        }
        context.terminal.answer(&format!("{} ({})", kind.label.get(lang), kind.id))?;
        let header =
            [tr!("field-field"), tr!("field-label"), tr!("field-type"), tr!("field-class"), tr!("field-rules")];
        let rows = kind.fields.iter().map(|field| row(field, lang));
        context.terminal.table(&header, rows)?;
    }
    Ok(())
}

fn row(field: &Field, lang: Lang) -> Vec<String> {
    let mut rules = Vec::new();
    for (set, key) in [
        (field.required, "rule-required"),
        (field.unique, "rule-unique"),
        (field.searchable, "rule-searchable"),
        (field.parent, "rule-parent"),
    ] {
        if set {
            rules.push(crate::cli::i18n::tr_args(key, &[]));
        }
    }
    if !field.choices.is_empty() {
        rules.push(field.choices.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>().join(", "));
    } else if let Some(to) = &field.to {
        rules.push(format!("-> {to}"));
    }
    let class = field.class.clone().unwrap_or_default();
    vec![
        field.id.clone(),
        field.label.get(lang).to_owned(),
        field.field_type.name().to_owned(),
        class,
        rules.join("; "),
    ]
}

/// The kind that a person calls so.
pub fn find_kind<'s>(schema: &'s Schema, name: &str) -> CliResult<&'s Kind> {
    let known = || schema.kinds().iter().map(|kind| kind.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = schema.find_kind(name);
    Ok(found.ok_or_else(|| VaultError::UnknownKind { kind: name.to_owned(), known: known() })?)
}

/// The field that a person calls so.
pub fn find_field<'k>(kind: &'k Kind, name: &str) -> CliResult<&'k Field> {
    let known = || kind.fields.iter().map(|field| field.id.as_str()).collect::<Vec<_>>().join(", ");
    let missing = || VaultError::UnknownField { field: name.to_owned(), kind: kind.id.clone(), known: known() };
    Ok(kind.find_field(name).ok_or_else(missing)?)
}
