//! Values that stand as text in JSON and TOML, read without keeping the text.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{Error, Visitor},
};

/// Reads a text and makes a value of it, or says that it is not `what`.
pub fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    what: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Parse { what, parse, of: PhantomData })
}

struct Parse<T, F> {
    what: &'static str,
    parse: F,
    of: PhantomData<T>,
}

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Parse<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::custom(format_args!("not {}", self.what)))
    }
}
