//! The schema that comes with the software: the case file of a rehabilitation centre.

use super::schema::Schema;

/// The document of the schema `sentra`, with comments, for a centre to begin from.
pub const SENTRA: &str = include_str!("sentra.toml");

/// The schema `sentra`: families and their members, children, and what happens from intake to
/// closure.
#[expect(clippy::expect_used, reason = "a constant document, read by every test below")]
pub fn sentra() -> Schema {
    Schema::parse(SENTRA).expect("the schema that comes with the software is a schema")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::records::{label::Lang, schema::FieldType};

    /// Every kind and field of the case file, with the first letters of their classes.
    #[test]
    fn has_the_whole_case_file() {
        let expected = [
            ("family", "a i i p i s p"),
            ("member", "- i i p p p p x x"),
            ("child", "- a i i i i i i i a p p p i p s a"),
            ("intake", "- a x p x x p p a"),
            ("service", "- a a a p s s"),
            ("assessment", "- a a s s x x x s"),
            ("best_interest", "- a p s s s a a"),
            ("aftercare", "- p x a p s"),
            ("closure", "- a p p a a"),
        ];
        let schema = sentra();
        let letter = |class: Option<&str>| {
            match class {
                None => "-",
                Some("sealed") => "x",
                Some(class) => &class[..1],
            }
            .to_owned()
        };
        let found: Vec<_> = schema
            .kinds()
            .iter()
            .map(|kind| {
                let classes: Vec<_> = kind.fields.iter().map(|field| letter(field.class.as_deref())).collect();
                (kind.id.as_str(), classes.join(" "))
            })
            .collect();
        assert_eq!(found, expected.map(|(kind, classes)| (kind, classes.to_owned())));
        let classes: BTreeSet<_> = schema.classes().into_iter().collect();
        assert_eq!(
            classes.into_iter().collect::<Vec<_>>(),
            ["administrative", "identity", "personal", "sealed", "sensitive"]
        );
    }

    #[test]
    fn who_belongs_to_whom() {
        let schema = sentra();
        let of = |kind| schema.kinds_of(kind).map(|kind| kind.id.clone()).collect::<Vec<_>>();
        assert_eq!(of("family"), ["member", "child"]);
        assert_eq!(of("child"), ["intake", "service", "assessment", "best_interest", "aftercare", "closure"]);
        let required = |kind: &str| schema.kind(kind).unwrap().parent().unwrap().required;
        assert!(!required("child") && required("service"));
        let unique: Vec<_> = schema
            .kinds()
            .iter()
            .flat_map(|kind| &kind.fields)
            .filter(|field| field.unique)
            .map(|field| &field.id)
            .collect();
        assert_eq!(unique, ["family_code", "child_code", "nik"]);
    }

    #[test]
    fn the_programme_has_seven_components() {
        let schema = sentra();
        let components = schema.kind("service").unwrap().field("atensi_component").unwrap();
        assert_eq!(components.choices.len(), 7);
        assert_eq!(components.find_choice("Dukungan keluarga").unwrap().label(Lang::En), "Family support");
    }

    /// Nothing that could harm a child is a free text of the open classes.
    #[test]
    fn long_texts_are_sensitive_or_sealed() {
        for kind in sentra().kinds() {
            for field in kind.fields.iter().filter(|field| field.field_type == FieldType::LongText) {
                assert!(matches!(field.class.as_deref(), Some("sensitive" | "sealed")), "{}", field.id);
            }
        }
    }

    #[test]
    fn an_amendment_can_follow() {
        let next = SENTRA.replacen("version = 1", "version = 2", 1);
        assert!(Schema::parse(&next).unwrap().extends(&sentra()).is_ok());
    }
}
