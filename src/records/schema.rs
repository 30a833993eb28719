//! The schema: which kinds of record there are, which fields each has, and of which class each
//! field is.
//!
//! A schema is a TOML document, described for those who write one in `docs/SCHEMA.md`:
//!
//! ```toml
//! schema = "sentra"
//! version = 1
//!
//! [[kind]]
//! id = "child"
//! label = { en = "Child", id = "Anak" }
//!
//! [[kind.field]]
//! id = "full_name"
//! label = { en = "Full name", id = "Nama lengkap" }
//! type = "text"
//! class = "identity"
//! required = true
//! ```

use serde::{Deserialize, Serialize};

use super::label::{Label, fold};
use crate::problem::problems;

/// Bytes of a schema. The largest that the other limits allow for is read by nobody.
pub const MAX_SCHEMA: usize = 1024 * 1024;
/// Kinds of a schema. A person must be able to choose one from a list.
pub const MAX_KINDS: usize = 64;
/// Fields of a kind. Their names must fit one ledger line (60,000 bytes) with their records.
pub const MAX_FIELDS: usize = 200;
/// Choices of a field, for the same reason as [`MAX_KINDS`].
pub const MAX_CHOICES: usize = 200;
/// Characters of a label: one line of a terminal.
pub const MAX_LABEL: usize = 80;
/// Characters of a choice's key: with them all choices, booleans, dates and numbers are sealed at
/// one length (FORMAT.md section 7).
pub const MAX_CHOICE_KEY: usize = 24;
/// Characters of any value. A longer text belongs in a document beside the record.
pub const MAX_VALUE: usize = 20_000;
/// Characters of a text or list whose field states no maximum.
pub const DEFAULT_TEXT: usize = 200;
/// Items of a list.
pub const MAX_ITEMS: usize = 100;
/// Digits of an identity number (NIK, KK).
pub const IDENTITY_DIGITS: usize = 16;

/// Names that a kind cannot have: the reason of an entry is sealed as a record of this kind
/// (FORMAT.md section 6).
pub const RESERVED_KINDS: &[&str] = &["reason"];
/// Names that a field cannot have: they stand beside the fields wherever a record is written out.
pub const RESERVED_FIELDS: &[&str] = &["id", "kind", "of", "version"];

/// A checked schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schema {
    #[serde(rename = "schema")]
    pub(super) name: String,
    pub(super) version: u64,
    #[serde(rename = "kind")]
    pub(super) kinds: Vec<Kind>,
    #[serde(skip)]
    pub(super) text: String,
}

/// A kind of record, such as `child`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// Its name in the vault.
    pub id: String,
    /// Its name for people.
    pub label: Label,
    /// Its fields, in the order in which people fill them in.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

/// A field of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name in the vault.
    pub id: String,
    /// Its name for people.
    pub label: Label,
    /// What may stand in it.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// The class whose quorums open it. `None` for the parent field alone, which is not sealed: it
    /// is the clear `of` of a version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Whether a record must have it.
    pub required: bool,
    /// Whether two records must not have the same.
    pub unique: bool,
    /// Whether it can be searched.
    pub searchable: bool,
    /// How it is searched; `None` if it is not, or is of a type that has no index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchMode>,
    /// The most characters of a text, a long text, or all items of a list together; 0 for types
    /// whose length is not the schema's to say.
    pub max: usize,
    /// The values of a choice; those that the items of a list are taken from, or none if the list
    /// is of free text.
    #[serde(rename = "choice", skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// The kind to which a reference leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether this reference says to whom the record belongs.
    pub parent: bool,
    /// What the digits of an identity number mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
}

/// The types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A whole number within 64 bits.
    Integer,
    /// A day.
    Date,
    /// Yes or no.
    Boolean,
    /// One of the field's choices.
    Choice,
    /// Several texts, or several of the field's choices.
    List,
    /// The id of another record.
    Reference,
    /// Sixteen digits: NIK or KK.
    IdentityNumber,
}

impl FieldType {
    /// The name in the schema.
    pub fn name(self) -> &'static str {
        match self {
            FieldType::Text => "text",
            FieldType::LongText => "long_text",
            FieldType::Integer => "integer",
            FieldType::Date => "date",
            FieldType::Boolean => "boolean",
            FieldType::Choice => "choice",
            FieldType::List => "list",
            FieldType::Reference => "reference",
            FieldType::IdentityNumber => "identity_number",
        }
    }
}

/// How a field is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    /// By the whole value, its letters and digits: numbers and codes.
    Exact,
    /// By the words of a person's name, as people remember it.
    Name,
    /// By day, or by a range of days.
    Date,
    /// By one of few values.
    Choice,
}

impl SearchMode {
    /// The name in the schema.
    pub fn name(self) -> &'static str {
        match self {
            SearchMode::Exact => "exact",
            SearchMode::Name => "name",
            SearchMode::Date => "date",
            SearchMode::Choice => "choice",
        }
    }

    /// Whether fields of this type can be searched so.
    pub fn fits(self, field_type: FieldType, has_choices: bool) -> bool {
        use FieldType as T;
        match self {
            SearchMode::Exact => matches!(field_type, T::Text | T::Integer | T::IdentityNumber),
            SearchMode::Name => field_type == T::Text,
            SearchMode::Date => field_type == T::Date,
            SearchMode::Choice => {
                matches!(field_type, T::Choice | T::Boolean) || (field_type == T::List && has_choices)
            }
        }
    }

    /// How a field that is only said to be searchable is searched: texts as names, unless no two
    /// records have the same. `None` for long texts, free lists and references, which have no
    /// index.
    pub fn of_type(field_type: FieldType, unique: bool, has_choices: bool) -> Option<SearchMode> {
        use FieldType as T;
        match field_type {
            T::Text if unique => Some(SearchMode::Exact),
            T::Text => Some(SearchMode::Name),
            T::Integer | T::IdentityNumber => Some(SearchMode::Exact),
            T::Date => Some(SearchMode::Date),
            T::Choice | T::Boolean => Some(SearchMode::Choice),
            T::List if has_choices => Some(SearchMode::Choice),
            T::List | T::LongText | T::Reference => None,
        }
    }
}

/// One value of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is kept.
    pub key: String,
    /// English.
    pub en: String,
    /// Indonesian.
    pub id: String,
}

impl Choice {
    /// The name in that language.
    pub fn label(&self, lang: super::label::Lang) -> &str {
        match lang {
            super::label::Lang::En => &self.en,
            super::label::Lang::Id => &self.id,
        }
    }

    /// Everything by which a person may call it.
    pub(super) fn names(&self) -> [&str; 3] {
        [&self.key, &self.en, &self.id]
    }
}

/// What the digits of an identity number mean, so that they can be held against other fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Which number it is.
    pub form: NumberForm,
    /// The field of the same kind with that person's date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// The choice field of the same kind with that person's sex, whose keys include `male` and
    /// `female`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// The field of the same kind with a region: another identity number, or a text that begins with
    /// the digits of the region's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// The two identity numbers of the Indonesian population register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberForm {
    /// Nomor induk kependudukan: of a person. Its digits 7 to 12 are the date of birth.
    Nik,
    /// Nomor kartu keluarga: of a family card. Its digits 7 to 12 are the date of recording.
    Kk,
}

impl Schema {
    /// The schema's name, such as `sentra`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts amendments, from 1.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The document it was read from, to the byte: what the journal carries.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its kinds, in the order written.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of that name.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// The kind that a person calls so: by its name or its label in either language, whatever the
    /// case and the spaces.
    pub fn find_kind(&self, name: &str) -> Option<&Kind> {
        let name = fold(name);
        self.kinds.iter().find(|kind| kind.names().iter().any(|own| fold(own) == name))
    }

    /// The kinds whose records belong to a record of kind `id`.
    pub fn kinds_of<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s Kind> {
        self.kinds.iter().filter(move |kind| kind.parent().is_some_and(|field| field.to.as_deref() == Some(id)))
    }

    /// Every class that a field names, each once, in the order of first use.
    pub fn classes(&self) -> Vec<&str> {
        let mut classes = Vec::new();
        for class in self.kinds.iter().flat_map(|kind| &kind.fields).filter_map(|field| field.class.as_deref()) {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        classes
    }

    /// Checks that every class the schema names is one of the charter's.
    ///
    /// # Errors
    /// [`SchemaError::UnknownClass`], for the first that is not.
    pub fn check_classes(&self, known: impl Fn(&str) -> bool) -> Result<(), SchemaError> {
        for kind in &self.kinds {
            for field in &kind.fields {
                if let Some(class) = field.class.as_deref().filter(|class| !known(class)) {
                    return Err(SchemaError::UnknownClass { field: place(kind, field), class: class.to_owned() });
                }
            }
        }
        Ok(())
    }
}

impl Kind {
    /// The field of that name.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The field that a person calls so: by its name or its label in either language, whatever the
    /// case and the spaces.
    pub fn find_field(&self, name: &str) -> Option<&Field> {
        let name = fold(name);
        self.fields.iter().find(|field| field.names().iter().any(|own| fold(own) == name))
    }

    /// The reference that says to whom a record of this kind belongs.
    pub fn parent(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.parent)
    }

    /// The fields that are sealed, with their classes: all but the parent.
    pub fn sealed_fields(&self) -> impl Iterator<Item = (&Field, &str)> {
        self.fields.iter().filter_map(|field| Some((field, field.class.as_deref()?)))
    }

    /// The fields that have an index, with their classes and how they are searched.
    pub fn indexed_fields(&self) -> impl Iterator<Item = (&Field, &str, SearchMode)> {
        self.sealed_fields().filter_map(|(field, class)| Some((field, class, field.search?)))
    }

    /// The first required field that `given` does not have.
    pub fn first_missing(&self, given: impl Fn(&Field) -> bool) -> Option<&Field> {
        self.fields.iter().find(|field| field.required && !given(field))
    }

    pub(super) fn names(&self) -> [&str; 3] {
        [&self.id, &self.label.en, &self.label.id]
    }
}

impl Field {
    /// The choice of that key.
    pub fn choice(&self, key: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.key == key)
    }

    /// The choice that a person calls so: by its key or its label in either language, whatever the
    /// case and the spaces.
    pub fn find_choice(&self, name: &str) -> Option<&Choice> {
        let name = fold(name);
        self.choices.iter().find(|choice| choice.names().iter().any(|own| fold(own) == name))
    }

    pub(super) fn names(&self) -> [&str; 3] {
        [&self.id, &self.label.en, &self.label.id]
    }
}

/// How an error names a field: `child.full_name`.
pub(super) fn place(kind: &Kind, field: &Field) -> String {
    format!("{}.{}", kind.id, field.id)
}

problems! {
    /// What can be wrong with a schema. `field` is written `kind.field`, `choice` is a key.
    pub enum SchemaError {
        /// More than [`MAX_SCHEMA`] bytes.
        TooLong { limit: usize } = Input, "schema-too-long",
            "the schema is longer than {limit} bytes";
        /// Not TOML, or not the members that a schema has.
        Syntax { line: usize, reason: String } = Input, "schema-syntax",
            "line {line} of the schema: {reason}";
        /// The version is not from 1 to 2^32.
        Version = Input, "schema-version",
            "the version of the schema is not a whole number from 1";
        /// The name of the schema, of a kind, a field or a class has not the form of a name.
        Name { name: String } = Input, "schema-name",
            "{name} cannot be a name in the schema";
        /// A name that is taken.
        Reserved { name: String } = Input, "schema-reserved",
            "{name} is a name that the vault uses itself";
        /// A label is empty, too long, or has characters that cannot be seen.
        Label { name: String, limit: usize } = Input, "schema-label",
            "the labels of {name} are not of 1 to {limit} visible characters, without ; and | in those of a choice";
        /// No kinds.
        NoKinds = Input, "schema-no-kinds",
            "the schema has no kinds of record";
        /// Too many kinds.
        TooManyKinds { limit: usize } = Input, "schema-too-many-kinds",
            "the schema has more than {limit} kinds of record";
        /// A kind without fields that can be sealed.
        NoFields { kind: String } = Input, "schema-no-fields",
            "the kind {kind} has no fields";
        /// A kind with too many.
        TooManyFields { kind: String, limit: usize } = Input, "schema-too-many-fields",
            "the kind {kind} has more than {limit} fields";
        /// Two kinds that a person could not tell apart.
        KindTwice { kind: String, other: String } = Input, "schema-kind-twice",
            "the kinds {kind} and {other} have the same name or label";
        /// Two fields that a person could not tell apart.
        FieldTwice { field: String, other: String } = Input, "schema-field-twice",
            "the fields {field} and {other} have the same name or label";
        /// Two choices that a person could not tell apart.
        ChoiceTwice { field: String, choice: String, other: String } = Input, "schema-choice-twice",
            "the choices {choice} and {other} of {field} have the same key or label";
        /// A choice's key has not the form of one.
        ChoiceKey { field: String, choice: String, limit: usize } = Input, "schema-choice-key",
            "{choice}, of {field}, cannot be the key of a choice: at most {limit} of a-z, 0-9, - and _";
        /// A choice field without choices.
        NoChoices { field: String } = Input, "schema-no-choices",
            "{field} is a choice and has no choices";
        /// A field with too many.
        TooManyChoices { field: String, limit: usize } = Input, "schema-too-many-choices",
            "{field} has more than {limit} choices";
        /// Something is said of a field that its type has no use for.
        NoMeaning { field: String, key: String } = Input, "schema-no-meaning",
            "{field}: {key} has no meaning for a field of this type";
        /// The maximum is 0 or above [`MAX_VALUE`].
        Max { field: String, limit: usize } = Input, "schema-max",
            "{field}: max is not from 1 to {limit}";
        /// A field that would be sealed for nobody.
        NoClass { field: String } = Input, "schema-no-class",
            "{field} has no class";
        /// A class that the charter does not define.
        UnknownClass { field: String, class: String } = Input, "schema-unknown-class",
            "{field} is of the class {class}, which the charter does not define";
        /// A reference that does not say where it leads.
        NoTarget { field: String } = Input, "schema-no-target",
            "{field} is a reference and does not say to which kind";
        /// A reference to a kind that is not there.
        UnknownTarget { field: String, kind: String } = Input, "schema-unknown-target",
            "{field} leads to the kind {kind}, which the schema does not define";
        /// Two fields that say to whom the record belongs.
        TwoParents { kind: String } = Input, "schema-two-parents",
            "the kind {kind} has two parents";
        /// A record would belong to itself.
        ParentCycle { kind: String } = Input, "schema-parent-cycle",
            "a record of the kind {kind} would belong to itself, by way of its parents";
        /// An identity number is held against a field that cannot be what is said.
        NumberField { field: String, other: String } = Input, "schema-number-field",
            "{field}: number names {other}, which is not such a field of this kind";
    }
}
