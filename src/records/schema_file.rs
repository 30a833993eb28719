//! From the TOML document to a [`Schema`]: what it may say, and what must hold.

use serde::Deserialize;

use super::{
    label::{Label, fold},
    schema::*,
    text::{Lines, is_clean},
};
use crate::id::is_plain_name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchema {
    schema: String,
    version: u64,
    #[serde(default)]
    kind: Vec<RawKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKind {
    id: String,
    label: Label,
    #[serde(default)]
    field: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    id: String,
    label: Label,
    #[serde(rename = "type")]
    field_type: FieldType,
    class: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    searchable: bool,
    search: Option<SearchMode>,
    max: Option<usize>,
    choices: Option<Vec<Choice>>,
    to: Option<String>,
    #[serde(default)]
    parent: bool,
    number: Option<Number>,
}

impl Schema {
    /// Reads and checks a schema. Whether its classes exist is [`Schema::check_classes`]'s to say.
    ///
    /// # Errors
    /// The first thing that is wrong, with the name of the kind or field.
    pub fn parse(text: &str) -> Result<Schema, SchemaError> {
        if text.len() > MAX_SCHEMA {
            return Err(SchemaError::TooLong { limit: MAX_SCHEMA });
        }
        let raw: RawSchema = toml::from_str(text).map_err(|error| SchemaError::Syntax {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            reason: error.message().replace('\n', ", "),
        })?;
        name(&raw.schema)?;
        // A whole number that JSON, TOML and CBOR all carry exactly.
        if raw.version == 0 || raw.version > u64::from(u32::MAX) {
            return Err(SchemaError::Version);
        }
        if raw.kind.is_empty() {
            return Err(SchemaError::NoKinds);
        }
        if raw.kind.len() > MAX_KINDS {
            return Err(SchemaError::TooManyKinds { limit: MAX_KINDS });
        }
        let kinds = raw.kind.into_iter().map(kind).collect::<Result<Vec<_>, _>>()?;
        if let Some((a, b)) = clash(&kinds, Kind::names) {
            return Err(SchemaError::KindTwice { kind: kinds[a].id.clone(), other: kinds[b].id.clone() });
        }
        let schema = Schema { name: raw.schema, version: raw.version, kinds, text: text.to_owned() };
        targets(&schema)?;
        cycles(&schema)?;
        Ok(schema)
    }
}

fn kind(raw: RawKind) -> Result<Kind, SchemaError> {
    name(&raw.id)?;
    reserved(&raw.id, RESERVED_KINDS)?;
    label(&raw.id, &raw.label.both())?;
    if raw.field.len() > MAX_FIELDS {
        return Err(SchemaError::TooManyFields { kind: raw.id, limit: MAX_FIELDS });
    }
    let fields = raw.field.into_iter().map(|raw_field| field(&raw.id, raw_field)).collect::<Result<Vec<_>, _>>()?;
    let kind = Kind { id: raw.id, label: raw.label, fields };
    if kind.sealed_fields().next().is_none() {
        return Err(SchemaError::NoFields { kind: kind.id });
    }
    if let Some((a, b)) = clash(&kind.fields, Field::names) {
        return Err(SchemaError::FieldTwice {
            field: place(&kind, &kind.fields[a]),
            other: place(&kind, &kind.fields[b]),
        });
    }
    if kind.fields.iter().filter(|field| field.parent).count() > 1 {
        return Err(SchemaError::TwoParents { kind: kind.id });
    }
    for field in &kind.fields {
        number(&kind, field)?;
    }
    Ok(kind)
}

fn field(kind: &str, raw: RawField) -> Result<Field, SchemaError> {
    use FieldType::*;
    name(&raw.id)?;
    reserved(&raw.id, RESERVED_FIELDS)?;
    let place = format!("{kind}.{}", raw.id);
    label(&place, &raw.label.both())?;

    // What is said of the field must mean something for its type.
    let ty = raw.field_type;
    let counted = matches!(ty, Text | LongText | List);
    let meaningless = [
        ("max", raw.max.is_some() && !counted),
        ("choices", raw.choices.is_some() && !matches!(ty, Choice | List)),
        ("to", raw.to.is_some() && ty != Reference),
        ("parent", raw.parent && ty != Reference),
        ("number", raw.number.is_some() && ty != IdentityNumber),
        ("unique", raw.unique && !matches!(ty, Text | Integer | IdentityNumber)),
        ("searchable", raw.searchable && raw.parent),
        ("search", raw.search.is_some_and(|mode| raw.parent || !mode.fits(ty, raw.choices.is_some()))),
        ("class", raw.class.is_some() && raw.parent),
    ];
    if let Some((key, _)) = meaningless.into_iter().find(|(_, wrong)| *wrong) {
        return Err(SchemaError::NoMeaning { field: place, key: key.to_owned() });
    }
    match &raw.class {
        Some(class) => {
            name(class)?;
            reserved(class, RESERVED_KINDS)?;
        }
        None if raw.parent => {}
        None => return Err(SchemaError::NoClass { field: place }),
    }
    if ty == Reference && raw.to.is_none() {
        return Err(SchemaError::NoTarget { field: place });
    }
    let max = match (ty, raw.max) {
        (_, Some(max)) if max == 0 || max > MAX_VALUE => {
            return Err(SchemaError::Max { field: place, limit: MAX_VALUE });
        }
        (_, Some(max)) => max,
        (Text, None) => DEFAULT_TEXT,
        (LongText | List, None) => MAX_VALUE,
        (_, None) => 0,
    };
    let choices = choices(&place, ty, raw.choices)?;
    let searchable = raw.searchable || raw.search.is_some();
    let usual = SearchMode::of_type(ty, raw.unique, !choices.is_empty());
    let search = raw.search.or(usual.filter(|_| searchable));
    Ok(Field {
        id: raw.id,
        label: raw.label,
        field_type: ty,
        class: raw.class,
        required: raw.required,
        unique: raw.unique,
        searchable,
        search,
        max,
        choices,
        to: raw.to,
        parent: raw.parent,
        number: raw.number,
    })
}

fn choices(place: &str, ty: FieldType, raw: Option<Vec<Choice>>) -> Result<Vec<Choice>, SchemaError> {
    let choices = match raw {
        Some(choices) if choices.is_empty() => return Err(SchemaError::NoChoices { field: place.to_owned() }),
        Some(choices) => choices,
        None if ty == FieldType::Choice => return Err(SchemaError::NoChoices { field: place.to_owned() }),
        None => return Ok(Vec::new()),
    };
    if choices.len() > MAX_CHOICES {
        return Err(SchemaError::TooManyChoices { field: place.to_owned(), limit: MAX_CHOICES });
    }
    for choice in &choices {
        if !is_plain_name(&choice.key) || choice.key.len() > MAX_CHOICE_KEY {
            return Err(SchemaError::ChoiceKey {
                field: place.to_owned(),
                choice: choice.key.clone(),
                limit: MAX_CHOICE_KEY,
            });
        }
        let named = format!("{place}.{}", choice.key);
        label(&named, &[&choice.en, &choice.id])?;
        // They separate the items of a list that is shown or typed on one line.
        if [&choice.en, &choice.id].iter().any(|label| label.contains([';', '|'])) {
            return Err(SchemaError::Label { name: named, limit: MAX_LABEL });
        }
    }
    match clash(&choices, Choice::names) {
        Some((a, b)) => Err(SchemaError::ChoiceTwice {
            field: place.to_owned(),
            choice: choices[a].key.clone(),
            other: choices[b].key.clone(),
        }),
        None => Ok(choices),
    }
}

/// The fields that an identity number is held against are a date, a sex and a region, of the same kind.
fn number(kind: &Kind, field: &Field) -> Result<(), SchemaError> {
    let Some(number) = &field.number else { return Ok(()) };
    let wrong = |other: &str| SchemaError::NumberField { field: place(kind, field), other: other.to_owned() };
    // The date in the number of a family card is nobody's date of birth.
    let is_person = number.form == NumberForm::Nik;
    if let Some(birth) = &number.birth_date
        && !(is_person && kind.field(birth).is_some_and(|other| other.field_type == FieldType::Date))
    {
        return Err(wrong(birth));
    }
    if let Some(sex) = &number.sex
        && !(is_person
            && kind.field(sex).is_some_and(|other| ["male", "female"].iter().all(|key| other.choice(key).is_some())))
    {
        return Err(wrong(sex));
    }
    let has_region =
        |other: &Field| other.id != field.id && matches!(other.field_type, FieldType::IdentityNumber | FieldType::Text);
    if let Some(region) = &number.region
        && !kind.field(region).is_some_and(has_region)
    {
        return Err(wrong(region));
    }
    Ok(())
}

fn targets(schema: &Schema) -> Result<(), SchemaError> {
    for kind in schema.kinds() {
        for field in &kind.fields {
            if let Some(to) = field.to.as_deref().filter(|to| schema.kind(to).is_none()) {
                return Err(SchemaError::UnknownTarget { field: place(kind, field), kind: to.to_owned() });
            }
        }
    }
    Ok(())
}

/// The chain of parents of every kind must end.
fn cycles(schema: &Schema) -> Result<(), SchemaError> {
    for kind in schema.kinds() {
        let mut above = kind;
        for _ in 0..MAX_KINDS {
            match above.parent().and_then(|field| field.to.as_deref()).and_then(|to| schema.kind(to)) {
                Some(parent) if parent.id == kind.id => {
                    return Err(SchemaError::ParentCycle { kind: kind.id.clone() });
                }
                Some(parent) => above = parent,
                None => break,
            }
        }
    }
    Ok(())
}

fn name(name: &str) -> Result<(), SchemaError> {
    // What is not a name may be long, or not printable.
    let shown = || name.chars().filter(|c| !c.is_control()).take(40).collect();
    if is_plain_name(name) { Ok(()) } else { Err(SchemaError::Name { name: shown() }) }
}

fn reserved(name: &str, reserved: &[&str]) -> Result<(), SchemaError> {
    if reserved.contains(&name) { Err(SchemaError::Reserved { name: name.to_owned() }) } else { Ok(()) }
}

fn label(name: &str, labels: &[&str]) -> Result<(), SchemaError> {
    let good =
        |label: &&str| label.chars().count() <= MAX_LABEL && is_clean(label, Lines::One) && !fold(label).is_empty();
    if labels.iter().all(good) { Ok(()) } else { Err(SchemaError::Label { name: name.to_owned(), limit: MAX_LABEL }) }
}

/// The first two of `items` that share a name, as people compare names.
fn clash<T>(items: &[T], names: impl Fn(&T) -> [&str; 3]) -> Option<(usize, usize)> {
    let mut seen = std::collections::BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        for name in names(item) {
            let first = *seen.entry(fold(name)).or_insert(index);
            if first != index {
                return Some((first, index));
            }
        }
    }
    None
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;

    const BASE: &str = r#"
schema = "test"
version = 1

[[kind]]
id = "family"
label = { en = "Family", id = "Keluarga" }

[[kind.field]]
id = "name"
label = { en = "Name", id = "Nama" }
type = "text"
class = "identity"

[[kind]]
id = "child"
label = { en = "Child", id = "Anak" }

[[kind.field]]
id = "family"
label = { en = "Family", id = "Keluarga" }
type = "reference"
to = "family"
parent = true

[[kind.field]]
id = "born"
label = { en = "Born", id = "Lahir" }
type = "date"
class = "identity"

[[kind.field]]
id = "sex"
label = { en = "Sex", id = "Jenis kelamin" }
type = "choice"
class = "personal"
choices = [
    { key = "male", en = "Male", id = "Laki-laki" },
    { key = "female", en = "Female", id = "Perempuan" },
]

[[kind.field]]
id = "nik"
label = { en = "NIK", id = "NIK" }
type = "identity_number"
class = "identity"
unique = true
number = { form = "nik", birth_date = "born", sex = "sex" }
"#;

    #[test]
    fn reads_what_is_written() {
        let schema = Schema::parse(BASE).unwrap();
        assert_eq!((schema.name(), schema.version(), schema.text()), ("test", 1, BASE));
        let child = schema.find_kind("ANAK").unwrap();
        assert_eq!(child.id, "child");
        assert_eq!(child.parent().unwrap().id, "family");
        assert_eq!(child.find_field("Jenis  Kelamin").unwrap().id, "sex");
        assert_eq!(child.field("sex").unwrap().find_choice("laki laki").unwrap().key, "male");
        assert_eq!(schema.kinds_of("family").map(|kind| kind.id.as_str()).collect::<Vec<_>>(), ["child"]);
        assert_eq!(schema.classes(), ["identity", "personal"]);
        assert_eq!(schema.kind("family").unwrap().fields[0].max, DEFAULT_TEXT);
        assert!(schema.check_classes(|class| class != "other").is_ok());
        assert_eq!(schema.check_classes(|class| class == "identity").unwrap_err().code(), "schema-unknown-class");
    }

    /// Each change to the base, and the error it must give.
    #[test]
    fn bad_schemas_are_refused() {
        let long_label = format!("en = \"{}\"", "x".repeat(MAX_LABEL + 1));
        let cases = [
            ("version = 1", "version = 0", "schema-version"),
            ("version = 1", "version = -1", "schema-syntax"),
            ("version = 1", "", "schema-syntax"),
            ("version = 1", "version = 1\nextra = 2", "schema-syntax"),
            ("schema = \"test\"", "schema = \"Test\"", "schema-name"),
            ("id = \"child\"", "id = \"reason\"", "schema-reserved"),
            ("id = \"born\"", "id = \"of\"", "schema-reserved"),
            ("class = \"personal\"", "class = \"reason\"", "schema-reserved"),
            ("id = \"born\"", "id = \"Born\"", "schema-name"),
            ("en = \"Born\"", "en = \"\"", "schema-label"),
            ("en = \"Born\"", "en = \" - \"", "schema-label"),
            ("en = \"Born\"", "en = \"a\\u202eb\"", "schema-label"),
            ("en = \"Born\"", &long_label, "schema-label"),
            ("id = \"child\"", "id = \"family\"", "schema-kind-twice"),
            ("en = \"Child\"", "en = \"keluarga\"", "schema-kind-twice"),
            ("id = \"born\"", "id = \"sex\"", "schema-field-twice"),
            ("en = \"Born\"", "en = \"JENIS KELAMIN\"", "schema-field-twice"),
            ("key = \"male\"", "key = \"female\"", "schema-choice-twice"),
            ("en = \"Male\"", "en = \"perempuan\"", "schema-choice-twice"),
            ("en = \"Male\"", "en = \"Male; man\"", "schema-label"),
            ("key = \"male\"", "key = \"a234567890123456789012345\"", "schema-choice-key"),
            ("key = \"male\"", "key = \"m/f\"", "schema-choice-key"),
            ("type = \"text\"", "type = \"text\"\nmax = 0", "schema-max"),
            ("type = \"text\"", "type = \"text\"\nmax = 20001", "schema-max"),
            ("type = \"text\"", "type = \"choice\"", "schema-no-choices"),
            ("type = \"text\"", "type = \"choice\"\nchoices = []", "schema-no-choices"),
            ("type = \"text\"", "type = \"image\"", "schema-syntax"),
            ("type = \"date\"", "type = \"date\"\nmax = 3", "schema-no-meaning"),
            ("type = \"date\"", "type = \"date\"\nparent = true", "schema-no-meaning"),
            ("type = \"date\"", "type = \"date\"\nto = \"family\"", "schema-no-meaning"),
            ("type = \"date\"", "type = \"date\"\nunique = true", "schema-no-meaning"),
            ("type = \"choice\"", "type = \"text\"", "schema-no-meaning"),
            ("parent = true", "parent = true\nclass = \"identity\"", "schema-no-meaning"),
            ("parent = true", "parent = true\nsearchable = true", "schema-no-meaning"),
            ("parent = true", "", "schema-no-class"),
            ("class = \"personal\"", "", "schema-no-class"),
            ("to = \"family\"", "", "schema-no-target"),
            ("to = \"family\"", "to = \"house\"", "schema-unknown-target"),
            ("to = \"family\"", "to = \"child\"", "schema-parent-cycle"),
            ("birth_date = \"born\"", "birth_date = \"sex\"", "schema-number-field"),
            ("birth_date = \"born\"", "birth_date = \"gone\"", "schema-number-field"),
            ("sex = \"sex\"", "sex = \"born\"", "schema-number-field"),
            ("sex = \"sex\"", "sex = \"sex\", region = \"born\"", "schema-number-field"),
            ("sex = \"sex\"", "sex = \"sex\", region = \"nik\"", "schema-number-field"),
            ("form = \"nik\"", "form = \"kk\"", "schema-number-field"),
            ("form = \"nik\"", "form = \"ktp\"", "schema-syntax"),
        ];
        for (from, to, code) in cases {
            assert!(BASE.contains(from), "{from}");
            let error = Schema::parse(&BASE.replacen(from, to, 1)).expect_err(to);
            assert_eq!(error.code(), code, "{from} -> {to}: {error}");
        }
    }

    #[test]
    fn two_parents_and_long_cycles() {
        let second = r#"
[[kind.field]]
id = "house"
label = { en = "House", id = "Rumah" }
type = "reference"
to = "family"
parent = true
"#;
        assert_eq!(Schema::parse(&format!("{BASE}{second}")).unwrap_err().code(), "schema-two-parents");
        let up = second.replace("to = \"family\"", "to = \"child\"");
        let cycle = BASE.replacen("[[kind]]\nid = \"child\"", &format!("{up}\n[[kind]]\nid = \"child\""), 1);
        assert_eq!(Schema::parse(&cycle).unwrap_err().code(), "schema-parent-cycle");
    }

    #[test]
    fn limits() {
        let head = "schema = \"test\"\nversion = 1\n";
        let field = |n| {
            format!(
                "[[kind.field]]\nid = \"f{n}\"\nlabel = {{ en = \"F{n}\", id = \"F{n}\" }}\ntype = \"date\"\nclass = \"a\"\n"
            )
        };
        let kind = |n: usize, fields: usize| {
            let fields: String = (0..fields).map(field).collect();
            format!("[[kind]]\nid = \"k{n}\"\nlabel = {{ en = \"K{n}\", id = \"K{n}\" }}\n{fields}")
        };
        let kinds = |kinds: usize, fields: usize| -> String {
            format!("{head}{}", (0..kinds).map(|n| kind(n, fields)).collect::<String>())
        };
        let code = |text: &str| Schema::parse(text).err().map(|error| error.code());
        assert_eq!(code(head), Some("schema-no-kinds"));
        assert_eq!(code(&kinds(1, 0)), Some("schema-no-fields"));
        assert_eq!(code(&kinds(MAX_KINDS, 1)), None);
        assert_eq!(code(&kinds(MAX_KINDS + 1, 1)), Some("schema-too-many-kinds"));
        assert_eq!(code(&kinds(1, MAX_FIELDS)), None);
        assert_eq!(code(&kinds(1, MAX_FIELDS + 1)), Some("schema-too-many-fields"));
        assert_eq!(code(&" ".repeat(MAX_SCHEMA + 1)), Some("schema-too-long"));
        let choices = |n: usize| -> String {
            let all: String = (0..n).map(|n| format!("{{ key = \"c{n}\", en = \"C{n}\", id = \"C{n}\" }},")).collect();
            kinds(1, 1).replace("type = \"date\"", &format!("type = \"choice\"\nchoices = [{all}]"))
        };
        assert_eq!(code(&choices(MAX_CHOICES)), None);
        assert_eq!(code(&choices(MAX_CHOICES + 1)), Some("schema-too-many-choices"));
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let error = Schema::parse("schema = \"a\"\nversion = 1\n\nwhat = 3\n").unwrap_err();
        assert!(matches!(error, SchemaError::Syntax { line: 4, .. }), "{error}");
    }
}
