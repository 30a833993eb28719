//! What a value is found by: the words, codes and days that the index has a posting for.
//!
//! Which postings are written, and how many, follows from the schema: [`quota`] says it for each
//! field. A value with fewer tokens is padded by whoever writes the postings, and of one with more
//! the first ones are kept, so that the number of postings says nothing of the value.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{
    label::fold,
    names,
    schema::{Field, FieldType, Kind, SearchMode},
    value::Value,
};
use crate::crypto::digest::sha256;

/// Postings of a field that holds a name: so many of its words can be searched.
pub const NAME_WORDS: usize = 4;

/// Postings of a date: its day, and its month for ranges.
const DATE_TOKENS: usize = 2;

/// Postings of a list of choices.
const LIST_ITEMS: usize = 4;

/// How many postings a field has, whatever stands in it.
pub fn quota(field: &Field) -> usize {
    match field.search {
        None => 0,
        Some(SearchMode::Exact) => 1,
        Some(SearchMode::Name) => NAME_WORDS,
        Some(SearchMode::Date) => DATE_TOKENS,
        Some(SearchMode::Choice) if field.field_type == FieldType::List => LIST_ITEMS,
        Some(SearchMode::Choice) => 1,
    }
}

/// Which field a posting speaks of: the first 8 bytes of the SHA-256 of `KIND`, a zero byte, and
/// the field's name. Stays the same in all versions of a schema.
pub fn tag(kind: &str, field: &str) -> [u8; 8] {
    let digest = sha256(&[kind.as_bytes(), &[0], field.as_bytes()]);
    let mut tag = [0; 8];
    tag.copy_from_slice(&digest[..8]);
    tag
}

/// Something that a value is found by. `scope` is the field for days and choices, which mean
/// something only there, and empty for numbers, codes and names.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// How it is searched.
    pub mode: SearchMode,
    /// `kind.field`, or empty.
    pub scope: String,
    /// What is searched for.
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({}, {})", self.mode.name(), self.scope)
    }
}

/// The tokens of a value, none twice, at most as many as [`quota`] says.
pub fn tokens(kind: &str, field: &Field, value: &Value) -> Vec<Token> {
    let Some(mode) = field.search else { return Vec::new() };
    let found: Vec<Token> = match (mode, value) {
        (SearchMode::Exact, _) => exact(value).into_iter().collect(),
        (SearchMode::Name, Value::Text(name)) => names::words(name).iter().map(|word| name_token(&word.key)).collect(),
        (SearchMode::Date, Value::Date(date)) => vec![day(kind, &field.id, *date), month(kind, &field.id, *date)],
        (SearchMode::Choice, Value::Text(key)) => vec![choice(kind, &field.id, key)],
        (SearchMode::Choice, Value::Boolean(yes)) => vec![choice(kind, &field.id, &yes.to_string())],
        (SearchMode::Choice, Value::List(keys)) => keys.iter().map(|key| choice(kind, &field.id, key)).collect(),
        _ => Vec::new(),
    };
    let mut out = Vec::new();
    for token in found {
        if !out.contains(&token) && out.len() < quota(field) {
            out.push(token);
        }
    }
    out
}

/// The token of a number or code: its letters and digits.
pub fn exact(value: &Value) -> Option<Token> {
    let text = match value {
        Value::Text(text) => exact_text(text)?,
        Value::Integer(number) => Zeroizing::new(number.to_string()),
        _ => return None,
    };
    Some(Token { mode: SearchMode::Exact, scope: String::new(), text })
}

/// The form in which codes are compared, as for unique fields. Of any length: what had no token would be there
/// twice, and never be found.
fn exact_text(text: &str) -> Option<Zeroizing<String>> {
    let folded = Zeroizing::new(fold(text));
    let kept = if folded.is_empty() { Zeroizing::new(text.to_owned()) } else { folded };
    (!kept.is_empty()).then_some(kept)
}

/// The token of a word of a name, by its key.
pub fn name_token(key: &str) -> Token {
    Token { mode: SearchMode::Name, scope: String::new(), text: Zeroizing::new(key.to_owned()) }
}

/// The token of a choice.
pub fn choice(kind: &str, field: &str, key: &str) -> Token {
    Token { mode: SearchMode::Choice, scope: format!("{kind}.{field}"), text: Zeroizing::new(key.to_owned()) }
}

fn day(kind: &str, field: &str, date: Date) -> Token {
    Token { mode: SearchMode::Date, scope: format!("{kind}.{field}"), text: Zeroizing::new(date.to_string()) }
}

fn month(kind: &str, field: &str, date: Date) -> Token {
    let text = Zeroizing::new(format!("{:04}-{:02}", date.year(), date.month()));
    Token { mode: SearchMode::Date, scope: format!("{kind}.{field}"), text }
}

/// The tokens that exactly the days from `first` to `last` have: whole months, and single days at
/// the ends.
pub fn days(kind: &Kind, field: &str, first: Date, last: Date) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = first;
    while at <= last {
        let end = at.last_of_month();
        let next = if at.day() == 1 && end <= last {
            out.push(month(&kind.id, field, at));
            end.tomorrow()
        } else {
            out.push(day(&kind.id, field, at));
            at.tomorrow()
        };
        match next {
            Ok(next) => at = next,
            Err(_) => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::records::template;

    fn texts(field: &str, value: Value) -> Vec<String> {
        let schema = template::sentra();
        let kind = schema.kind("child").unwrap();
        tokens("child", kind.field(field).unwrap(), &value).iter().map(|token| token.text.to_string()).collect()
    }

    #[test]
    fn what_values_are_found_by() {
        assert_eq!(texts("nik", Value::Text("3171012905100001".into())), ["3171012905100001"]);
        assert_eq!(texts("child_code", Value::Text("A-2016/007".into())), ["a2016007"]);
        assert_eq!(texts("full_name", Value::Text("Siti siti binti Djoko".into())), ["siti", "yoko"]);
        assert_eq!(texts("full_name", Value::Text("Ade Budi Cici Dedi Eka".into())).len(), NAME_WORDS);
        assert_eq!(texts("birth_date", Value::Date(date(2010, 5, 29))), ["2010-05-29", "2010-05"]);
        assert_eq!(texts("sex", Value::Text("male".into())), ["male"]);
        assert!(texts("nik", Value::Null).is_empty());
        assert!(texts("education", Value::Text("elementary".into())).is_empty());
    }

    #[test]
    fn a_range_is_covered_by_months_and_days() {
        let schema = template::sentra();
        let kind = schema.kind("child").unwrap();
        let covered = |a, b| -> Vec<String> {
            days(kind, "birth_date", a, b).iter().map(|token| token.text.to_string()).collect()
        };
        assert_eq!(
            covered(date(2010, 1, 30), date(2010, 3, 2)),
            ["2010-01-30", "2010-01-31", "2010-02", "2010-03-01", "2010-03-02"]
        );
        assert_eq!(covered(date(2010, 1, 1), date(2010, 12, 31)).len(), 12);
        assert_eq!(covered(date(2010, 2, 1), date(2010, 2, 28)), ["2010-02"]);
        assert!(covered(date(2010, 2, 2), date(2010, 2, 1)).is_empty());
    }
}
