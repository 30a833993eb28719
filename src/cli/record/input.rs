//! Values that people give: as arguments, in a JSON file, or in a form.

use std::collections::BTreeMap;

use crate::{
    cli::{
        args::{RecordRef, Values},
        context::Context,
        error::{CliError, CliResult},
        form::{self, Answer, Answers, Filled, Question, QuestionKind},
        i18n::tr,
        report,
        schema::show::find_field,
        work,
    },
    records::{
        input::parse_text,
        label::Lang,
        schema::{Field, FieldType, Kind},
        value::Value,
    },
};

/// Largest JSON file of values, in bytes: all fields of a kind at their longest.
const MAX_JSON: u64 = 16 * 1024 * 1024;

/// Values by field, and the record that the new one belongs to, if that was among them.
#[derive(Default)]
pub struct Given {
    /// Checked against their fields.
    pub values: BTreeMap<String, Value>,
    /// From the field that says to whom the record belongs.
    pub of: Option<RecordRef>,
}

/// What was given as arguments and in a file.
pub fn given(args: &Values, kind: &Kind) -> CliResult<Given> {
    let mut out = Given::default();
    if let Some(path) = &args.from {
        let text = work::read_text(path, MAX_JSON)?;
        let bad = |why: String| CliError::BadJson { path: path.display().to_string(), why };
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        for (name, value) in json {
            let field = find_field(kind, &name)?;
            if field.parent {
                let named = value.as_str().ok_or_else(|| bad(format!("{name} must be a text")))?;
                out.put_of(field, named)?;
            } else {
                out.put(field, Value::from_json(field, &value)?)?;
            }
        }
    }
    for assignment in &args.values {
        let field = find_field(kind, &assignment.field)?;
        if field.parent {
            out.put_of(field, &assignment.value)?;
        } else {
            out.put(field, parse_text(field, &assignment.value)?)?;
        }
    }
    Ok(out)
}

impl Given {
    fn put(&mut self, field: &Field, value: Value) -> CliResult {
        match self.values.insert(field.id.clone(), value) {
            None => Ok(()),
            Some(_) => Err(CliError::TwiceGiven { field: field.id.clone() }.into()),
        }
    }

    fn put_of(&mut self, field: &Field, named: &str) -> CliResult {
        match self.of.replace(named.parse()?) {
            None => Ok(()),
            Some(_) => Err(CliError::TwiceGiven { field: field.id.clone() }.into()),
        }
    }
}

/// The answers of a form as values; empty ones are empty values.
pub fn values_of(answers: &Answers, fields: &[&Field]) -> CliResult<BTreeMap<String, Value>> {
    let mut out = BTreeMap::new();
    for field in fields {
        let value = match answers.get(&field.id) {
            None => Value::Null.check(field)?,
            Some(answer) => parse_text(field, &answer.items().join("; "))?,
        };
        out.insert(field.id.clone(), value);
    }
    Ok(out)
}

/// Asks for these fields. `earlier` stands in the lines to be changed or accepted.
pub fn ask(fields: &[&Field], earlier: Answers, context: &Context) -> Result<Filled, CliError> {
    let lang = Lang::from(context.language);
    let questions: Vec<Question<'_>> = fields.iter().map(|field| question(field, lang, context)).collect();
    form::fill(&mut &context.terminal, &questions, earlier)
}

/// A value as the answer that would give it.
pub fn answer_of(value: &Value, field: &Field, lang: Lang) -> Option<Answer> {
    match value {
        Value::Null => None,
        Value::List(items) => Some(Answer::Items(items.clone())),
        Value::Text(text) => Some(Answer::Text(text.clone())),
        Value::Boolean(yes) => Some(Answer::Text(yes.to_string())),
        other => Some(Answer::Text(other.display(field, lang))),
    }
}

fn question<'a>(field: &'a Field, lang: Lang, context: &'a Context) -> Question<'a> {
    let choices = || {
        let choice = |choice: &crate::records::schema::Choice| form::Choice {
            key: choice.key.clone(),
            label: choice.label(lang).to_owned(),
        };
        field.choices.iter().map(choice).collect::<Vec<_>>()
    };
    let kind = match field.field_type {
        FieldType::Text | FieldType::IdentityNumber | FieldType::Reference => QuestionKind::Text,
        FieldType::LongText => QuestionKind::LongText,
        FieldType::Integer => QuestionKind::Integer,
        FieldType::Date => QuestionKind::Date,
        FieldType::Boolean => QuestionKind::YesNo,
        FieldType::Choice => QuestionKind::Choice(choices()),
        FieldType::List if field.choices.is_empty() => QuestionKind::List,
        FieldType::List => QuestionKind::Choices(choices()),
    };
    let class = field.class.as_deref().unwrap_or_default();
    Question {
        key: field.id.clone(),
        label: field.label.get(lang).to_owned(),
        help: tr!("form-class", class = class),
        kind,
        required: field.required,
        check: Box::new(move |text| match parse_text(field, text) {
            Ok(_) => Ok(()),
            Err(error) => Err(report::sentence(&error, context.language)),
        }),
    }
}
