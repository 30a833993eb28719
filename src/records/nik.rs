//! NIK and KK: the numbers of the population register, and what their digits say.
//!
//! A NIK is region (6 digits), date of birth `DDMMYY` with 40 added to the day for women (6), and a
//! serial number (4). It is not reissued when a date of birth is corrected, nor to who moves to another
//! region, so what does not match is a warning to the person who types, never a rejection.

use jiff::civil::Date;

use super::{
    schema::{Field, FieldType, IDENTITY_DIGITS, Kind, NumberForm},
    value::Value,
};
use crate::problem::problems;

/// Digits of a region: province, district, subdistrict.
const REGION: usize = 6;

/// Those of the province alone.
const PROVINCE: usize = 2;

/// Added to the day of birth of women.
const WOMAN: i8 = 40;

/// What the identity numbers of a record say against its other fields. `value` gives the value of
/// a field by its name; a field that is not given is not held against anything.
pub fn warnings<'v>(kind: &Kind, value: impl Fn(&str) -> Option<&'v Value>) -> Vec<NumberWarning> {
    kind.fields.iter().flat_map(|field| field_warnings(kind, field, &value)).collect()
}

fn field_warnings<'v>(kind: &Kind, field: &Field, value: impl Fn(&str) -> Option<&'v Value>) -> Vec<NumberWarning> {
    let (FieldType::IdentityNumber, Some(number)) = (field.field_type, &field.number) else { return Vec::new() };
    let Some(said) = value(&field.id).and_then(Value::as_text).and_then(|digits| DatePart::of(digits, number.form))
    else {
        return Vec::new();
    };
    if !said.is_date() {
        return vec![NumberWarning::NoDate { field: field.id.clone() }];
    }
    let mut warnings = Vec::new();
    let other = |name: &Option<String>| name.as_deref().and_then(|name| Some((kind.field(name)?, value(name)?)));
    if let Some((other, Value::Date(birth))) = other(&number.birth_date)
        && !said.is_of(*birth)
    {
        warnings.push(NumberWarning::BirthDate { field: field.id.clone(), other: other.id.clone() });
    }
    if let Some((other, Value::Text(sex))) = other(&number.sex)
        && matches!((sex.as_str(), said.woman), ("male", true) | ("female", false))
    {
        warnings.push(NumberWarning::Sex { field: field.id.clone(), other: other.id.clone() });
    }
    let digits = value(&field.id).and_then(Value::as_text).unwrap_or_default();
    if let Some((other, Value::Text(region))) = other(&number.region)
        && !same_region(digits, region)
    {
        warnings.push(NumberWarning::Region { field: field.id.clone(), other: other.id.clone() });
    }
    warnings
}

/// Whether a number is of a region, as far as both say: `31.74` and `3174010203160001` are the same to
/// the district. What does not begin as a code of a region says nothing.
fn same_region(number: &str, other: &str) -> bool {
    let digits = |text: &str| -> String {
        let code = text.trim_start().chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ' '));
        code.filter(char::is_ascii_digit).take(REGION).collect()
    };
    let (number, other) = (digits(number), digits(other));
    let said = number.len().min(other.len());
    said < PROVINCE || number[..said] == other[..said]
}

/// Digits 7 to 12.
struct DatePart {
    woman: bool,
    day: i8,
    month: i8,
    /// The last two digits.
    year: i16,
}

impl DatePart {
    /// `None` if it is not a number of sixteen digits.
    fn of(digits: &str, form: NumberForm) -> Option<DatePart> {
        if digits.len() != IDENTITY_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let day: i8 = digits.get(6..8)?.parse().ok()?;
        let woman = form == NumberForm::Nik && day > WOMAN;
        Some(DatePart {
            woman,
            day: if woman { day - WOMAN } else { day },
            month: digits.get(8..10)?.parse().ok()?,
            year: digits.get(10..12)?.parse().ok()?,
        })
    }

    /// Whether there was such a day, in either century.
    fn is_date(&self) -> bool {
        [1900, 2000].iter().any(|century| Date::new(century + self.year, self.month, self.day).is_ok())
    }

    fn is_of(&self, date: Date) -> bool {
        (date.day(), date.month(), date.year() % 100) == (self.day, self.month, self.year)
    }
}

problems! {
    /// What is odd about an identity number. A warning: the number may be right.
    pub enum NumberWarning {
        /// Digits 7 to 12 are no date.
        NoDate { field: String } = Input, "number-no-date",
            "digits 7 to 12 of {field} are not a date";
        /// Digits 7 to 12 are another date.
        BirthDate { field: String, other: String } = Input, "number-birth-date",
            "digits 7 to 12 of {field} do not match {other}";
        /// The day of birth is that of the other sex.
        Sex { field: String, other: String } = Input, "number-sex",
            "digits 7 and 8 of {field} do not match {other}";
        /// Another region.
        Region { field: String, other: String } = Input, "number-region",
            "the first six digits of {field} do not match {other}";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::{problem::Problem, records::template};

    fn codes(nik: &str, kk: &str, birth: Option<Date>, sex: &str) -> Vec<&'static str> {
        let schema = template::sentra();
        let mut values = BTreeMap::new();
        values.insert("nik", Value::Text(nik.into()));
        values.insert("no_kk", Value::Text(kk.into()));
        values.insert("sex", Value::Text(sex.into()));
        values.insert("birth_date", birth.map_or(Value::Null, Value::Date));
        warnings(schema.kind("child").unwrap(), |name| values.get(name)).iter().map(|warning| warning.code()).collect()
    }

    #[test]
    fn what_matches_is_silent() {
        let kk = "3171010203160001";
        assert!(codes("3171012905100001", kk, Some(date(2010, 5, 29)), "male").is_empty());
        assert!(codes("3171016905100001", kk, Some(date(2010, 5, 29)), "female").is_empty());
        assert!(codes("3171016905100001", kk, None, "female").is_empty());
        assert!(codes("3171012902000001", kk, Some(date(2000, 2, 29)), "male").is_empty());
    }

    #[test]
    fn a_region_is_compared_as_far_as_both_say() {
        let nik = "3171012905100001";
        for (other, same) in [
            ("3171010203160001", true),
            ("31.71", true),
            ("31.71.01 Gambir", true),
            ("31", true),
            ("3171020203160001", false),
            ("32.04", false),
            ("31.72", false),
            ("Kota Bandung", true),
            ("", true),
        ] {
            assert_eq!(same_region(nik, other), same, "{other}");
        }
        let moved = codes(nik, "3204010203160001", Some(date(2010, 5, 29)), "male");
        assert_eq!(moved, ["number-region"]);
    }

    #[test]
    fn what_does_not_is_named() {
        let kk = "3171010203160001";
        assert_eq!(codes("3171012805100001", kk, Some(date(2010, 5, 29)), "male"), ["number-birth-date"]);
        assert_eq!(codes("3171012905100001", kk, Some(date(2010, 5, 29)), "female"), ["number-sex"]);
        assert_eq!(codes("3171016905100001", kk, Some(date(2011, 5, 29)), "male"), ["number-birth-date", "number-sex"]);
        for none in ["3171013905100001", "3171010005100001", "3171012913100001", "3171018005100001"] {
            assert_eq!(codes(none, kk, Some(date(2010, 5, 29)), "male"), ["number-no-date"], "{none}");
        }
        // The date of a family card is not a birth date, and knows no women.
        assert_eq!(codes("3171012905100001", "3171014203160001", Some(date(2010, 5, 29)), "male"), ["number-no-date"]);
    }
}
