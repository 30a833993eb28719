//! Which schema may follow another: one under which every record that was written still reads.

use super::schema::{Field, FieldType, Kind, Schema, place};
use crate::problem::problems;

impl Schema {
    /// Whether this schema may follow `old`: nothing that stands in a record may lose its field,
    /// its type, its class, its length or its meaning, and nothing that is absent from one may
    /// become required.
    ///
    /// Labels, order, `searchable` and what an identity number is held against may change; kinds,
    /// fields that are not required, and choices may be added; `required` and `unique` may end.
    ///
    /// # Errors
    /// The first thing that would break old records.
    pub fn extends(&self, old: &Schema) -> Result<(), SuccessionError> {
        if self.name() != old.name() {
            return Err(SuccessionError::Name { expected: old.name().to_owned() });
        }
        let expected = old.version() + 1;
        if self.version() != expected {
            return Err(SuccessionError::Version { expected });
        }
        for old_kind in old.kinds() {
            let Some(kind) = self.kind(&old_kind.id) else {
                return Err(SuccessionError::KindRemoved { kind: old_kind.id.clone() });
            };
            for old_field in &old_kind.fields {
                let Some(field) = kind.field(&old_field.id) else {
                    return Err(SuccessionError::FieldRemoved { field: place(old_kind, old_field) });
                };
                field_extends(kind, field, old_field)?;
            }
            if let Some(field) = kind.fields.iter().find(|field| field.required && old_kind.field(&field.id).is_none())
            {
                return Err(SuccessionError::NewlyRequired { field: place(kind, field) });
            }
        }
        Ok(())
    }
}

fn field_extends(kind: &Kind, field: &Field, old: &Field) -> Result<(), SuccessionError> {
    let place = place(kind, field);
    if field.field_type != old.field_type {
        return Err(SuccessionError::TypeChanged { field: place, was: old.field_type.name().to_owned() });
    }
    if field.parent != old.parent || field.to != old.to {
        return Err(SuccessionError::TargetChanged { field: place });
    }
    if field.class != old.class {
        return Err(SuccessionError::ClassChanged { field: place, was: old.class.clone().unwrap_or_default() });
    }
    if field.max < old.max {
        return Err(SuccessionError::MaxLowered { field: place, was: old.max });
    }
    if let Some(gone) = old.choices.iter().find(|choice| field.choice(&choice.key).is_none()) {
        return Err(SuccessionError::ChoiceRemoved { field: place, choice: gone.key.clone() });
    }
    if field.field_type == FieldType::List && old.choices.is_empty() && !field.choices.is_empty() {
        return Err(SuccessionError::NewlyChoices { field: place });
    }
    if field.required && !old.required {
        return Err(SuccessionError::NewlyRequired { field: place });
    }
    if field.unique && !old.unique {
        return Err(SuccessionError::NewlyUnique { field: place });
    }
    Ok(())
}

problems! {
    /// Why a schema cannot follow another. `field` is written `kind.field`.
    pub enum SuccessionError {
        /// Another schema altogether.
        Name { expected: String } = Input, "schema-next-name",
            "the vault's schema is called {expected}, and an amendment keeps the name";
        /// The version does not count on.
        Version { expected: u64 } = Input, "schema-next-version",
            "the next schema of this vault has version {expected}";
        /// A kind is gone.
        KindRemoved { kind: String } = Input, "schema-next-kind-removed",
            "the new schema has no kind {kind}, and there may be records of it";
        /// A field is gone.
        FieldRemoved { field: String } = Input, "schema-next-field-removed",
            "the new schema has no field {field}, and there may be records with it";
        /// Another type.
        TypeChanged { field: String, was: String } = Input, "schema-next-type",
            "{field} is of type {was}, and the type of a field stays";
        /// Another class.
        ClassChanged { field: String, was: String } = Input, "schema-next-class",
            "{field} is of the class {was}, and the class of a field stays";
        /// Leads elsewhere, or became or ceased to be the parent.
        TargetChanged { field: String } = Input, "schema-next-target",
            "{field} leads elsewhere than before";
        /// A shorter maximum.
        MaxLowered { field: String, was: usize } = Input, "schema-next-max",
            "{field} may have {was} characters, and the maximum cannot be lowered";
        /// A choice is gone.
        ChoiceRemoved { field: String, choice: String } = Input, "schema-next-choice-removed",
            "{field} no longer has the choice {choice}, and there may be records with it";
        /// A list of free text became one of choices.
        NewlyChoices { field: String } = Input, "schema-next-choices",
            "{field} is a list of free text, and cannot be restricted to choices";
        /// Required, and old records may not have it.
        NewlyRequired { field: String } = Input, "schema-next-required",
            "{field} would be required, and old records may not have it";
        /// Unique, and old records may have the same.
        NewlyUnique { field: String } = Input, "schema-next-unique",
            "{field} would be unique, and old records may have the same value";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;

    const OLD: &str = r#"
schema = "test"
version = 1
[[kind]]
id = "family"
label = { en = "Family", id = "Keluarga" }
[[kind.field]]
id = "phones"
label = { en = "Phones", id = "Telepon" }
type = "list"
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
id = "name"
label = { en = "Name", id = "Nama" }
type = "text"
class = "identity"
max = 80
required = true
[[kind.field]]
id = "code"
label = { en = "Code", id = "Kode" }
type = "text"
class = "administrative"
[[kind.field]]
id = "sex"
label = { en = "Sex", id = "Jenis kelamin" }
type = "choice"
class = "personal"
choices = [{ key = "male", en = "Male", id = "Laki-laki" }, { key = "female", en = "Female", id = "Perempuan" }]
"#;

    fn next(from: &str, to: &str) -> Option<&'static str> {
        assert!(OLD.contains(from), "{from}");
        let old = Schema::parse(OLD).unwrap();
        let new = OLD.replacen("version = 1", "version = 2", 1).replacen(from, to, 1);
        Schema::parse(&new).unwrap().extends(&old).err().map(|error| error.code())
    }

    #[test]
    fn what_may_change() {
        let note = "[[kind.field]]\nid = \"note\"\nlabel = { en = \"Note\", id = \"Catatan\" }\ntype = \"long_text\"\nclass = \"sensitive\"\n";
        let visit = "[[kind]]\nid = \"visit\"\nlabel = { en = \"Visit\", id = \"Kunjungan\" }\n";
        let required = note.replace("class", "required = true\nclass");
        assert_eq!(next("max = 80", "max = 81"), None);
        assert_eq!(next("max = 80\nrequired = true", "max = 80"), None);
        assert_eq!(next("en = \"Name\"", "en = \"Full name\""), None);
        assert_eq!(next("key = \"female\"", "key = \"unknown\", en = \"U\", id = \"U\" }, { key = \"female\""), None);
        assert_eq!(next("[[kind.field]]\nid = \"code\"", &format!("{note}[[kind.field]]\nid = \"code\"")), None);
        // A new kind may require what it likes: there are no records of it.
        let kind = format!("{visit}{required}[[kind]]\nid = \"child\"");
        assert_eq!(next("[[kind]]\nid = \"child\"", &kind), None);
    }

    #[test]
    fn what_may_not() {
        let gone = "[[kind.field]]\nid = \"code\"\nlabel = { en = \"Code\", id = \"Kode\" }\ntype = \"text\"\nclass = \"administrative\"\n";
        let required =
            gone.replace("code", "note").replace("Code", "Note").replace("Kode", "Catatan") + "required = true\n";
        let cases = [
            ("schema = \"test\"", "schema = \"other\"", "schema-next-name"),
            ("id = \"child\"", "id = \"person\"", "schema-next-kind-removed"),
            (gone, "", "schema-next-field-removed"),
            (
                "type = \"text\"\nclass = \"administrative\"",
                "type = \"date\"\nclass = \"administrative\"",
                "schema-next-type",
            ),
            ("class = \"personal\"", "class = \"sealed\"", "schema-next-class"),
            ("parent = true", "class = \"identity\"", "schema-next-target"),
            ("max = 80", "max = 79", "schema-next-max"),
            ("max = 80", "", ""),
            ("{ key = \"male\", en = \"Male\", id = \"Laki-laki\" }, ", "", "schema-next-choice-removed"),
            (
                "type = \"list\"",
                "type = \"list\"\nchoices = [{ key = \"a\", en = \"A\", id = \"A\" }]",
                "schema-next-choices",
            ),
            ("class = \"administrative\"", "class = \"administrative\"\nrequired = true", "schema-next-required"),
            (
                "[[kind.field]]\nid = \"sex\"",
                &format!("{required}[[kind.field]]\nid = \"sex\""),
                "schema-next-required",
            ),
            ("class = \"administrative\"", "class = \"administrative\"\nunique = true", "schema-next-unique"),
        ];
        for (from, to, code) in cases {
            assert_eq!(next(from, to).unwrap_or_default(), code, "{from} -> {to}");
        }
        let old = Schema::parse(OLD).unwrap();
        assert_eq!(old.extends(&old).unwrap_err().code(), "schema-next-version");
    }
}
