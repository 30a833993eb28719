//! What stands in one field, and its bytes.

use std::{borrow::Cow, convert::Infallible, fmt};

use jiff::civil::Date;
use minicbor::{Decoder, Encoder, data::Type};
use zeroize::{Zeroize, Zeroizing};

use super::{
    label::{Lang, fold},
    schema::{Field, FieldType, IDENTITY_DIGITS, MAX_ITEMS},
    text::{self, Lines},
};
use crate::{crypto::cbor::head_length, id::Id, problem::problems};

/// The first and the last year of a date. Nobody in these records was born before, and a year
/// outside is a slip of the finger.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// The value of a field.
///
/// Its bytes are the CBOR of FORMAT.md section 7: a text `Siti` is `64 53 69 74 69`, a date is the
/// text `2016-03-01`, yes is `f5`, nothing is `f6`. A value does not print what it holds, and wipes
/// it when dropped.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A text, a long text, an identity number, or the key of a choice.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// Several texts, or keys of choices; at least one, none twice.
    List(Vec<String>),
    /// Another record.
    Reference(Id),
}

/// Bytes of a date as text.
const ISO_DATE: usize = 10;

impl Value {
    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its CBOR, not padded.
    #[expect(clippy::expect_used, reason = "writing CBOR to memory cannot fail")]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Enough from the start: a vector that grows leaves a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.room()));
        self.write(&mut Encoder::new(&mut *bytes)).expect("memory takes what is written");
        bytes
    }

    /// Reads what [`Value::encode`] writes for a value of `field`, and nothing else.
    ///
    /// # Errors
    /// [`ValueError::Encoding`] if the bytes are not that of a value of the field's type;
    /// [`ValueError::Unfit`] if they are, and the field's rules do not allow it.
    pub fn decode(bytes: &[u8], field: &Field) -> Result<Value, ValueError> {
        let value = read(bytes, field.field_type)
            .filter(|value| value.is_encoded_as(bytes))
            .ok_or_else(|| ValueError::Encoding { field: field.id.clone() })?;
        // Absence is always read: whether a field is required matters when it is written.
        if value.is_null()
            || value.is_plainly_kept(field)
            || value.clone().check(field).is_ok_and(|checked| checked == value)
        {
            Ok(value)
        } else {
            Err(ValueError::Unfit { field: field.id.clone() })
        }
    }

    /// Whether these bytes, of which the value was read, are its encoding.
    fn is_encoded_as(&self, bytes: &[u8]) -> bool {
        // What was read is definite and of the right type: what can differ is how numbers and
        // lengths are written, or that something follows, and either makes the bytes more.
        let text = |length: usize| head_length(length as u64) + length;
        let length = match self {
            Value::Null | Value::Boolean(_) => 1,
            Value::Text(read) => text(read.len()),
            Value::Integer(number) => head_length(if *number < 0 { !*number } else { *number } as u64),
            Value::Date(_) => text(ISO_DATE),
            Value::List(items) => {
                head_length(items.len() as u64) + items.iter().map(|item| text(item.len())).sum::<usize>()
            }
            Value::Reference(_) => return *self.encode() == bytes,
        };
        bytes.len() == length
    }

    /// Whether [`Value::check`] would plainly give back this value. False where that takes a closer
    /// look than at bytes of ASCII.
    pub(crate) fn is_plainly_kept(&self, field: &Field) -> bool {
        use FieldType as T;
        let short = |text: &str| field.max == 0 || text.len() <= field.max;
        match (field.field_type, self) {
            (T::Text | T::LongText, Value::Text(text)) => short(text) && text::is_plain(text),
            (T::Choice, Value::Text(key)) => short(key) && field.choice(key).is_some(),
            (T::IdentityNumber, Value::Text(digits)) => {
                short(digits) && digits.len() == IDENTITY_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit())
            }
            (T::Date, Value::Date(date)) => YEARS.contains(&date.year()),
            (T::Integer, Value::Integer(_)) | (T::Boolean, Value::Boolean(_)) | (T::Reference, Value::Reference(_)) => {
                true
            }
            _ => false,
        }
    }

    /// The value in the form in which it is kept, checked as [`Value::check`] does: itself, where
    /// it is in that form already.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn kept(&self, field: &Field) -> Result<Cow<'_, Value>, ValueError> {
        if self.is_plainly_kept(field) { Ok(Cow::Borrowed(self)) } else { self.clone().check(field).map(Cow::Owned) }
    }

    /// Brings a value into the form in which it is kept, and checks it against the rules of its
    /// field.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(mut self, field: &Field) -> Result<Value, ValueError> {
        use FieldType as T;
        let name = || field.id.clone();
        let value = match (field.field_type, &mut self) {
            (_, Value::Null) => Value::Null,
            (T::Text, Value::Text(text)) => filled(clean(field, text, Lines::One)?),
            (T::LongText, Value::Text(text)) => filled(clean(field, text, Lines::Many)?),
            (T::Choice, Value::Text(key)) if field.choice(key).is_none() => {
                return Err(ValueError::Choice { field: name(), allowed: allowed(field) });
            }
            (T::Choice, Value::Text(key)) => Value::Text(std::mem::take(key)),
            (T::IdentityNumber, Value::Text(digits)) => {
                if digits.len() != IDENTITY_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
                    return Err(ValueError::IdentityNumber { field: name(), digits: IDENTITY_DIGITS });
                }
                Value::Text(std::mem::take(digits))
            }
            (T::Date, Value::Date(date)) if !YEARS.contains(&date.year()) => {
                return Err(ValueError::Year { field: name(), first: *YEARS.start(), last: *YEARS.end() });
            }
            (T::List, Value::List(items)) => list(items, field)?,
            (T::Integer, Value::Integer(_))
            | (T::Boolean, Value::Boolean(_))
            | (T::Date, Value::Date(_))
            | (T::Reference, Value::Reference(_)) => self.clone(),
            _ => return Err(ValueError::Type { field: name(), wanted: field.field_type.name() }),
        };
        if field.max != 0 && value.characters() > field.max {
            return Err(ValueError::TooLong { field: name(), max: field.max });
        }
        if field.required && value.is_null() {
            return Err(ValueError::Required { field: name() });
        }
        Ok(value)
    }

    /// The value as a person reads it: the label of a choice, yes or no, the items of a list
    /// separated by `; `. [`super::input::parse_text`] reads it back, in either language.
    pub fn display(&self, field: &Field, lang: Lang) -> String {
        let label = |key: &str| field.choice(key).map_or(key, |choice| choice.label(lang)).to_owned();
        match self {
            Value::Null => String::new(),
            Value::Text(text) => label(text),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(yes) => match (lang, yes) {
                (Lang::En, true) => "yes",
                (Lang::En, false) => "no",
                (Lang::Id, true) => "ya",
                (Lang::Id, false) => "tidak",
            }
            .to_owned(),
            Value::Date(date) => date.to_string(),
            Value::List(items) => items.iter().map(|item| label(item)).collect::<Vec<_>>().join("; "),
            Value::Reference(id) => id.to_string(),
        }
    }

    /// The value in JSON: choices as their keys, dates as `2016-03-01`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => text.as_str().into(),
            Value::Integer(number) => (*number).into(),
            Value::Boolean(yes) => (*yes).into(),
            Value::Date(date) => date.to_string().into(),
            Value::List(items) => items.as_slice().into(),
            Value::Reference(id) => id.to_string().into(),
        }
    }

    /// Reads what [`Value::to_json`] writes, brings it into the form in which it is kept, and
    /// checks it.
    ///
    /// # Errors
    /// [`ValueError::Type`] if the JSON is of another type than the field's, and every error of
    /// [`Value::check`].
    pub fn from_json(field: &Field, json: &serde_json::Value) -> Result<Value, ValueError> {
        use FieldType as T;
        use serde_json::Value as Json;
        let other = || ValueError::Type { field: field.id.clone(), wanted: field.field_type.name() };
        let value = match (field.field_type, json) {
            (_, Json::Null) => Value::Null,
            (T::Text | T::LongText | T::Choice | T::IdentityNumber, Json::String(text)) => Value::Text(text.clone()),
            (T::Integer, Json::Number(number)) => Value::Integer(number.as_i64().ok_or_else(other)?),
            (T::Boolean, Json::Bool(yes)) => Value::Boolean(*yes),
            (T::Date, Json::String(text)) => {
                Value::Date(iso_date(text).ok_or_else(|| ValueError::Date { field: field.id.clone() })?)
            }
            (T::List, Json::Array(items)) => {
                let items = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>();
                Value::List(items.ok_or_else(other)?)
            }
            (T::Reference, Json::String(text)) => {
                Value::Reference(text.parse().map_err(|_| ValueError::Reference { field: field.id.clone() })?)
            }
            _ => return Err(other()),
        };
        value.check(field)
    }

    /// Whether a person would call the two the same: texts by their letters and digits alone, so
    /// that `SHA-2016/001` and `sha 2016 001` are one code. For unique fields.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => {
                let (folded_a, folded_b) = (Zeroizing::new(fold(a)), Zeroizing::new(fold(b)));
                if folded_a.is_empty() { a == b } else { folded_a == folded_b }
            }
            _ => self == other,
        }
    }

    fn characters(&self) -> usize {
        match self {
            Value::Text(text) => text.chars().count(),
            Value::List(items) => items.iter().map(|item| item.chars().count()).sum(),
            _ => 0,
        }
    }

    /// How many bytes [`Value::encode`] gives at most.
    pub(crate) fn room(&self) -> usize {
        const HEAD: usize = 9;
        match self {
            Value::Text(text) => HEAD + text.len(),
            Value::List(items) => HEAD + items.iter().map(|item| HEAD + item.len()).sum::<usize>(),
            _ => HEAD + crate::id::ID_TEXT,
        }
    }

    fn write(&self, to: &mut Encoder<&mut Vec<u8>>) -> Result<(), minicbor::encode::Error<Infallible>> {
        match self {
            Value::Null => to.null()?,
            Value::Text(text) => to.str(text)?,
            Value::Integer(number) => to.i64(*number)?,
            Value::Boolean(yes) => to.bool(*yes)?,
            Value::Date(date) => to.str(&date.to_string())?,
            Value::List(items) => {
                to.array(items.len() as u64)?;
                for item in items {
                    to.str(item)?;
                }
                to
            }
            Value::Reference(id) => to.str(&id.to_string())?,
        };
        Ok(())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Null => "Null",
            Value::Text(_) => "Text(..)",
            Value::Integer(_) => "Integer(..)",
            Value::Boolean(_) => "Boolean(..)",
            Value::Date(_) => "Date(..)",
            Value::List(_) => "List(..)",
            Value::Reference(_) => "Reference(..)",
        })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        match self {
            Value::Text(text) => text.zeroize(),
            Value::List(items) => items.zeroize(),
            Value::Integer(number) => number.zeroize(),
            Value::Reference(id) => id.0.zeroize(),
            Value::Null | Value::Boolean(_) | Value::Date(_) => {}
        }
    }
}

/// Reads a date of the form `2016-03-01`, of any year of four digits.
pub(super) fn iso_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let form = bytes.len() == ISO_DATE
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !form {
        return None;
    }
    Date::new(text.get(..4)?.parse().ok()?, text.get(5..7)?.parse().ok()?, text.get(8..)?.parse().ok()?).ok()
}

/// The choices of a field as an error may show them: keys, with their Indonesian labels.
pub(super) fn allowed(field: &Field) -> String {
    const SHOWN: usize = 20;
    let mut allowed: Vec<_> =
        field.choices.iter().take(SHOWN).map(|choice| format!("{} ({})", choice.key, choice.id)).collect();
    if field.choices.len() > SHOWN {
        allowed.push("...".to_owned());
    }
    allowed.join(", ")
}

/// [`text::clean`], with an error that names the field.
pub(super) fn clean(field: &Field, text: &str, lines: Lines) -> Result<String, ValueError> {
    if lines == Lines::One && text.trim().contains(['\n', '\r']) {
        return Err(ValueError::OneLine { field: field.id.clone() });
    }
    text::clean(text, lines).map_err(|_| ValueError::Character { field: field.id.clone() })
}

fn filled(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

/// Items cleaned, empty ones and repetitions left out.
fn list(items: &[String], field: &Field) -> Result<Value, ValueError> {
    let name = || field.id.clone();
    let mut kept: Vec<String> = Vec::with_capacity(items.len().min(MAX_ITEMS));
    for item in items {
        let item = clean(field, item, Lines::One)?;
        if item.is_empty() || kept.contains(&item) {
            continue;
        }
        if !field.choices.is_empty() && field.choice(&item).is_none() {
            return Err(ValueError::Choice { field: name(), allowed: allowed(field) });
        }
        // They separate items where a list is typed or shown on one line.
        if item.contains([';', '|']) {
            return Err(ValueError::Separator { field: name() });
        }
        if kept.len() == MAX_ITEMS {
            return Err(ValueError::Items { field: name(), max: MAX_ITEMS });
        }
        kept.push(item);
    }
    Ok(if kept.is_empty() { Value::Null } else { Value::List(kept) })
}

/// Reads CBOR leniently; the caller compares with what would have been written.
fn read(bytes: &[u8], field_type: FieldType) -> Option<Value> {
    use FieldType as T;
    let mut from = Decoder::new(bytes);
    if from.datatype().ok()? == Type::Null {
        return Some(Value::Null);
    }
    let value = match field_type {
        T::Text | T::LongText | T::Choice | T::IdentityNumber => Value::Text(from.str().ok()?.to_owned()),
        T::Integer => Value::Integer(from.i64().ok()?),
        T::Boolean => Value::Boolean(from.bool().ok()?),
        T::Date => Value::Date(iso_date(from.str().ok()?)?),
        T::List => {
            let length = from.array().ok()??;
            // Checked before anything is set aside for it.
            if length > MAX_ITEMS as u64 {
                return None;
            }
            Value::List((0..length).map(|_| from.str().ok().map(str::to_owned)).collect::<Option<_>>()?)
        }
        T::Reference => Value::Reference(from.str().ok()?.parse().ok()?),
    };
    Some(value)
}

problems! {
    /// What can be wrong with a value. Names the field and the rule, never the value.
    pub enum ValueError {
        /// Nothing, where a record must have something.
        Required { field: String } = Input, "value-required",
            "{field} is required";
        /// Longer than the field allows.
        TooLong { field: String, max: usize } = Input, "value-too-long",
            "{field} may have at most {max} characters";
        /// A control character, an invisible one, one that reverses writing.
        Character { field: String } = Input, "value-character",
            "{field} contains a character that cannot be seen";
        /// Several lines where there is room for one.
        OneLine { field: String } = Input, "value-one-line",
            "{field} must be one line";
        /// Not a whole number.
        Integer { field: String } = Input, "value-integer",
            "{field} must be a whole number, such as 12";
        /// Not a date.
        Date { field: String } = Input, "value-date",
            "{field} must be a date: year-month-day as in 2016-03-01, or day/month/year as in 01/03/2016";
        /// A date long ago or far ahead.
        Year { field: String, first: i16, last: i16 } = Input, "value-year",
            "{field} must be a date of a year from {first} to {last}";
        /// Not yes or no.
        Boolean { field: String } = Input, "value-boolean",
            "{field} must be yes or no (ya or tidak)";
        /// Not one of the choices.
        Choice { field: String, allowed: String } = Input, "value-choice",
            "{field} must be one of: {allowed}";
        /// Not sixteen digits.
        IdentityNumber { field: String, digits: usize } = Input, "value-identity-number",
            "{field} must have {digits} digits";
        /// Sixteen digits that a spreadsheet turned into a rounded number.
        Rounded { field: String } = Input, "value-rounded",
            "{field} has been rounded by a spreadsheet, and its last digits are lost";
        /// Not an id.
        Reference { field: String } = Input, "value-reference",
            "{field} must be the id of a record";
        /// Too many items.
        Items { field: String, max: usize } = Input, "value-items",
            "{field} may have at most {max} items";
        /// An item with a separator inside.
        Separator { field: String } = Input, "value-separator",
            "an item of {field} contains ; or |, which separate items";
        /// A value of another type.
        Type { field: String, wanted: &'static str } = Input, "value-type",
            "{field} must be of type {wanted}";
        /// Bytes that no writer would have written.
        Encoding { field: String } = Integrity, "value-encoding",
            "what is stored in {field} is not a value of its type";
        /// A stored value that the field's rules do not allow.
        Unfit { field: String } = Integrity, "value-unfit",
            "what is stored in {field} does not fit the schema";
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{problem::Problem, records::schema::Schema};

    /// A kind with one field of every type, called by the type.
    pub(in crate::records) fn every_type() -> Schema {
        let types =
            ["text", "long_text", "integer", "date", "boolean", "choice", "list", "reference", "identity_number"];
        let mut text =
            "schema = \"test\"\nversion = 1\n[[kind]]\nid = \"thing\"\nlabel = { en = \"Thing\", id = \"Benda\" }\n"
                .to_owned();
        for name in types.into_iter().chain(["choices", "code"]) {
            let (ty, more) = match name {
                "text" => ("text", "max = 10"),
                "code" => ("text", "required = true\nmax = 20000"),
                "choice" => ("choice", CHOICES),
                "choices" => ("list", CHOICES),
                "reference" => ("reference", "to = \"thing\""),
                other => (other, ""),
            };
            text += &format!(
                "[[kind.field]]\nid = \"{name}\"\nlabel = {{ en = \"{name} x\", id = \"{name} y\" }}\ntype = \"{ty}\"\nclass = \"a\"\n{more}\n"
            );
        }
        Schema::parse(&text).unwrap()
    }
    const CHOICES: &str = "choices = [{ key = \"male\", en = \"Man\", id = \"Laki-laki\" }, { key = \"female\", en = \"Woman\", id = \"Perempuan\" }]";

    pub(in crate::records) fn field(name: &str) -> Field {
        every_type().kinds()[0].field(name).unwrap().clone()
    }

    /// The bytes of FORMAT.md section 7, written out.
    #[test]
    fn known_bytes() {
        let id = Id([0; 16]);
        let cases: Vec<(&str, Value, Vec<u8>)> = vec![
            ("text", Value::Text("Siti".into()), b"\x64Siti".to_vec()),
            ("text", Value::Null, vec![0xf6]),
            ("integer", Value::Integer(10), vec![0x0a]),
            ("integer", Value::Integer(-500), vec![0x39, 0x01, 0xf3]),
            ("integer", Value::Integer(i64::MIN), vec![0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
            ("boolean", Value::Boolean(true), vec![0xf5]),
            ("boolean", Value::Boolean(false), vec![0xf4]),
            ("date", Value::Date(jiff::civil::date(2016, 3, 1)), b"\x6a2016-03-01".to_vec()),
            ("choice", Value::Text("male".into()), b"\x64male".to_vec()),
            ("list", Value::List(vec!["a".into(), "b".into()]), vec![0x82, 0x61, b'a', 0x61, b'b']),
            ("reference", Value::Reference(id), [b"\x78\x1a".as_slice(), id.to_string().as_bytes()].concat()),
            ("identity_number", Value::Text("3171234567890001".into()), b"\x703171234567890001".to_vec()),
        ];
        for (name, value, bytes) in cases {
            assert_eq!(*value.encode(), bytes, "{name}");
            assert_eq!(Value::decode(&bytes, &field(name)).unwrap(), value, "{name}");
        }
    }

    #[test]
    fn what_would_not_have_been_written_is_not_read() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("text", b"", "value-encoding"),
            ("text", b"\x64Sit", "value-encoding"),
            ("text", b"\x64Siti\x00", "value-encoding"),
            ("text", b"\x78\x04Siti", "value-encoding"),
            ("text", b"\x7f\x64Siti\xff", "value-encoding"),
            ("text", b"\x44Siti", "value-encoding"),
            ("text", b"\x62\xff\xfe", "value-encoding"),
            ("text", b"\xf7", "value-encoding"),
            ("text", b"\xf6\xf6", "value-encoding"),
            ("text", b"\x60", "value-unfit"),
            ("text", b"\x65 Siti", "value-unfit"),
            ("text", b"\x63e\xcc\x81", "value-unfit"),
            ("text", b"\x6babcdefghijk", "value-unfit"),
            ("text", b"\x63a\nb", "value-unfit"),
            ("integer", b"\x18\x0a", "value-encoding"),
            ("integer", b"\x1b\x80\x00\x00\x00\x00\x00\x00\x00", "value-encoding"),
            ("integer", b"\xf9\x3c\x00", "value-encoding"),
            ("boolean", b"\x01", "value-encoding"),
            ("date", b"\x6a2016-02-30", "value-encoding"),
            ("date", b"\x6801/03/16", "value-encoding"),
            ("date", b"\x6a1816-02-03", "value-unfit"),
            ("choice", b"\x63Man", "value-unfit"),
            ("list", b"\x80", "value-unfit"),
            ("list", b"\x9f\x61a\xff", "value-encoding"),
            ("list", b"\x82\x61a\x61a", "value-unfit"),
            ("list", b"\x81\x63a;b", "value-unfit"),
            ("list", b"\x81\x01", "value-encoding"),
            ("list", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "value-encoding"),
            ("choices", b"\x81\x61a", "value-unfit"),
            ("reference", b"\x64Siti", "value-encoding"),
            ("identity_number", b"\x643171", "value-unfit"),
        ];
        for (name, bytes, code) in cases {
            assert_eq!(Value::decode(bytes, &field(name)).unwrap_err().code(), *code, "{name} {bytes:02x?}");
        }
        // A required field that an older record does not have is read.
        assert_eq!(Value::decode(b"\xf6", &field("code")).unwrap(), Value::Null);
    }

    #[test]
    fn rules() {
        let text = |text: &str| Value::Text(text.to_owned());
        let code = |name: &str, value: Value| value.check(&field(name)).err().map(|error| error.code());
        assert_eq!(code("text", text(&"x".repeat(10))), None);
        assert_eq!(code("text", text(&"x".repeat(11))), Some("value-too-long"));
        assert_eq!(code("text", text("a\u{202e}b")), Some("value-character"));
        assert_eq!(code("long_text", text("a\nb")), None);
        assert_eq!(code("code", text("  ")), Some("value-required"));
        assert_eq!(code("code", Value::Null), Some("value-required"));
        assert_eq!(code("text", Value::Null), None);
        assert_eq!(code("text", Value::Integer(1)), Some("value-type"));
        assert_eq!(code("date", Value::Date(jiff::civil::date(216, 3, 1))), Some("value-year"));
        let items = |n: usize| Value::List((0..n).map(|n| n.to_string()).collect());
        assert_eq!(code("list", items(MAX_ITEMS)), None);
        assert_eq!(code("list", items(MAX_ITEMS + 1)), Some("value-items"));
        let error = text("man").check(&field("choice")).unwrap_err();
        assert_eq!(error.to_string(), "choice must be one of: male (Laki-laki), female (Perempuan)");
    }

    #[test]
    fn codes_are_the_same_however_written() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert!(text("SHA-2016/001").is_same(&text("sha 2016 001")));
        assert!(!text("SHA-2016/001").is_same(&text("SHA-2016/002")));
        assert!(!text("-").is_same(&text("/")));
        assert!(!text("1").is_same(&Value::Integer(1)));
    }

    #[test]
    fn a_value_does_not_print_what_it_holds() {
        assert_eq!(format!("{:?}", Value::List(vec!["secret".into()])), "List(..)");
    }

    /// Any value that could be given for a field, with the field's name.
    pub(in crate::records) fn any_value() -> impl Strategy<Value = (&'static str, Value)> {
        let item = "[a-z0-9 \u{e0}-\u{ff}]{0,8}";
        let date = (1900i16..=2199, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| Value::Date(jiff::civil::date(y, m, d)));
        prop_oneof![
            "\\PC{0,10}".prop_map(|text| ("text", Value::Text(text))),
            "(\\PC|\n){0,60}".prop_map(|text| ("long_text", Value::Text(text))),
            any::<i64>().prop_map(|number| ("integer", Value::Integer(number))),
            any::<bool>().prop_map(|yes| ("boolean", Value::Boolean(yes))),
            date.prop_map(|date| ("date", date)),
            prop_oneof!["male", "female"].prop_map(|key| ("choice", Value::Text(key))),
            proptest::collection::vec(item, 0..6).prop_map(|items| ("list", Value::List(items))),
            proptest::collection::vec(prop_oneof!["male", "female"], 0..4)
                .prop_map(|items| ("choices", Value::List(items))),
            any::<[u8; 16]>().prop_map(|bytes| ("reference", Value::Reference(Id(bytes)))),
            "[0-9]{16}".prop_map(|digits| ("identity_number", Value::Text(digits))),
        ]
    }

    proptest! {
        #[test]
        fn bytes_and_json_and_back((name, value) in any_value()) {
            let field = field(name);
            if let Ok(value) = value.check(&field) {
                prop_assert_eq!(&Value::decode(&value.encode(), &field).unwrap(), &value);
                prop_assert_eq!(&Value::from_json(&field, &value.to_json()).unwrap(), &value);
                prop_assert_eq!(&value.clone().check(&field).unwrap(), &value);
                prop_assert!(value.encode().len() <= value.room());
            }
        }

        #[test]
        fn only_canonical_bytes_are_read(name in "text|long_text|integer|date|boolean|choice|list|reference", bytes in any::<Vec<u8>>()) {
            if let Ok(value) = Value::decode(&bytes, &field(&name)) {
                prop_assert_eq!(&*value.encode(), &bytes);
            }
        }
    }
}
