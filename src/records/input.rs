//! Values as people type them, at a prompt or in a spreadsheet.

use jiff::civil::Date;

use super::{
    schema::{Field, FieldType},
    text::Lines,
    value::{Value, ValueError, allowed, clean, iso_date},
};
use crate::id::Id;

/// Reads what a person typed for `field`. Nothing but white space is [`Value::Null`].
///
/// | type | read |
/// |---|---|
/// | date | `2016-03-01`, `01/03/2016`, `01-03-2016` (day first, two digits each) |
/// | boolean | `ya`, `tidak`, `yes`, `no`, `true`, `false`, `1`, `0`, whatever the case |
/// | choice | the key, or the label in either language, whatever the case and the spaces |
/// | list | items separated by `;` or `|` |
/// | identity number | 16 digits, with or without spaces, dots and hyphens between |
/// | reference | the id |
///
/// # Errors
/// The rule that it breaks, with what would be right.
pub fn parse_text(field: &Field, typed: &str) -> Result<Value, ValueError> {
    use FieldType as T;
    let name = || field.id.clone();
    let lines = if field.field_type == T::LongText { Lines::Many } else { Lines::One };
    let text = clean(field, typed, lines)?;
    if text.is_empty() {
        return Value::Null.check(field);
    }
    let value = match field.field_type {
        T::Text | T::LongText => Value::Text(text),
        T::Integer => Value::Integer(integer(&text).ok_or_else(|| ValueError::Integer { field: name() })?),
        T::Boolean => Value::Boolean(boolean(&text).ok_or_else(|| ValueError::Boolean { field: name() })?),
        T::Date => Value::Date(date(&text).ok_or_else(|| ValueError::Date { field: name() })?),
        T::Choice => Value::Text(choice(field, &text)?),
        T::List if field.choices.is_empty() => Value::List(items(&text).map(str::to_owned).collect()),
        T::List => Value::List(items(&text).map(|item| choice(field, item)).collect::<Result<_, _>>()?),
        T::Reference => {
            let id: Result<Id, _> = text.to_ascii_lowercase().parse();
            Value::Reference(id.map_err(|_| ValueError::Reference { field: name() })?)
        }
        T::IdentityNumber => {
            if is_rounded(&text) {
                return Err(ValueError::Rounded { field: name() });
            }
            Value::Text(text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-')).collect())
        }
    };
    value.check(field)
}

fn choice(field: &Field, typed: &str) -> Result<String, ValueError> {
    match field.find_choice(typed) {
        Some(choice) => Ok(choice.key.clone()),
        None => Err(ValueError::Choice { field: field.id.clone(), allowed: allowed(field) }),
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|']).map(str::trim).filter(|item| !item.is_empty())
}

fn integer(text: &str) -> Option<i64> {
    // Not `+5`, and not `1.000`, which is a thousand to some and one to others.
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "ya" | "yes" | "true" | "1" => Some(true),
        "tidak" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// Day first, as in Indonesia. Two digits are asked for, so that the American `3/1/2016`, which a
/// spreadsheet may write, is not taken for the third of January.
fn date(text: &str) -> Option<Date> {
    if let Some(date) = iso_date(text) {
        return Some(date);
    }
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() != 2 || month.len() != 2 || year.len() != 4 {
        return None;
    }
    iso_date(&format!("{year}-{month}-{day}"))
}

/// `3.17123E+15`: what a spreadsheet makes of sixteen digits.
fn is_rounded(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(number, exponent)| {
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
            && exponent.trim_start_matches('+').chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        problem::Problem,
        records::{
            label::Lang,
            value::tests::{any_value, field},
        },
    };

    fn read(name: &str, typed: &str) -> Result<Value, &'static str> {
        parse_text(&field(name), typed).map_err(|error| error.code())
    }

    #[test]
    fn dates() {
        for typed in ["2016-03-01", "01/03/2016", "01-03-2016", " 2016-03-01\t"] {
            assert_eq!(read("date", typed), Ok(Value::Date(date(2016, 3, 1))), "{typed}");
        }
        assert_eq!(read("date", "29/02/2016"), Ok(Value::Date(date(2016, 2, 29))));
        for bad in [
            "29/02/2015",
            "3/1/2016",
            "01/03/16",
            "2016/03/01",
            "01.03.2016",
            "01/03-2016",
            "1 Maret 2016",
            "01/13/2016",
        ] {
            assert_eq!(read("date", bad), Err("value-date"), "{bad}");
        }
        assert_eq!(read("date", "01/03/0216"), Err("value-year"));
        // `+2` is a number to the parser of numbers, and not a day.
        assert_eq!(read("date", "+2/03/2016"), Err("value-date"));
    }

    #[test]
    fn yes_and_no() {
        for typed in ["ya", "Ya", "YES", "true", "1"] {
            assert_eq!(read("boolean", typed), Ok(Value::Boolean(true)), "{typed}");
        }
        for typed in ["tidak", "No", "FALSE", "0"] {
            assert_eq!(read("boolean", typed), Ok(Value::Boolean(false)), "{typed}");
        }
        assert_eq!(read("boolean", "mungkin"), Err("value-boolean"));
    }

    #[test]
    fn choices_by_key_or_label() {
        for typed in ["male", "MAN", "laki-laki", "Laki Laki"] {
            assert_eq!(read("choice", typed), Ok(Value::Text("male".into())), "{typed}");
        }
        assert_eq!(read("choice", "m"), Err("value-choice"));
        assert_eq!(read("choices", "perempuan; Man | female"), Ok(Value::List(vec!["female".into(), "male".into()])));
        assert_eq!(read("choices", "perempuan, man"), Err("value-choice"));
    }

    #[test]
    fn lists() {
        assert_eq!(read("list", "a; b|c ;; a"), Ok(Value::List(vec!["a".into(), "b".into(), "c".into()])));
        assert_eq!(read("list", " ; | "), Ok(Value::Null));
    }

    #[test]
    fn numbers() {
        assert_eq!(read("integer", "-12"), Ok(Value::Integer(-12)));
        for bad in ["+1", "1.000", "1,5", "-", "9223372036854775808", "1e3"] {
            assert_eq!(read("integer", bad), Err("value-integer"), "{bad}");
        }
        for typed in ["3171234567890001", "3171 2345 6789 0001", "31.71.23-456789-0001"] {
            assert_eq!(read("identity_number", typed), Ok(Value::Text("3171234567890001".into())), "{typed}");
        }
        for bad in ["317123456789000", "31712345678900011", "317123456789000x"] {
            assert_eq!(read("identity_number", bad), Err("value-identity-number"), "{bad}");
        }
        for bad in ["3.17123E+15", "3,17123E+15", "3E15"] {
            assert_eq!(read("identity_number", bad), Err("value-rounded"), "{bad}");
        }
    }

    #[test]
    fn ids_and_nothing() {
        let id = Id([7; 16]);
        assert_eq!(read("reference", &id.to_string().to_uppercase()), Ok(Value::Reference(id)));
        assert_eq!(read("reference", "SHA-001"), Err("value-reference"));
        assert_eq!(read("text", "  "), Ok(Value::Null));
        assert_eq!(read("code", "  "), Err("value-required"));
        assert_eq!(read("text", "a\nb"), Err("value-one-line"));
        assert_eq!(read("long_text", "a\r\nb"), Ok(Value::Text("a\nb".into())));
    }

    /// No error repeats what was typed.
    #[test]
    fn errors_keep_the_value_to_themselves() {
        for name in ["text", "integer", "date", "boolean", "choice", "choices", "reference", "identity_number"] {
            let error = parse_text(&field(name), "zebra\u{200b}")
                .or_else(|_| parse_text(&field(name), "zebra-zebra"))
                .unwrap_err();
            assert!(!error.to_string().contains("zebra"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed((name, value) in any_value(), indonesian in any::<bool>()) {
            let field = field(name);
            if let Ok(value) = value.check(&field) {
                let shown = value.display(&field, if indonesian { Lang::Id } else { Lang::En });
                prop_assert_eq!(parse_text(&field, &shown).unwrap(), value);
            }
        }

        #[test]
        fn typing_never_panics(name in "text|long_text|integer|date|boolean|choice|choices|list|reference|identity_number", typed in any::<String>()) {
            let field = field(&name);
            if let Ok(value) = parse_text(&field, &typed) {
                prop_assert_eq!(Value::decode(&value.encode(), &field).unwrap(), value);
            }
        }
    }
}
