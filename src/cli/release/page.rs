//! What was released as one page of HTML, to be printed: it needs no network and no script.

use super::open;
use crate::{
    cli::{context::Context, i18n::tr, printable::printable, record::view},
    custody::Charter,
    records::{label::Lang, schema::Schema},
    vault::{Author, Shown},
};

const STYLE: &str = "body{font:12pt/1.4 serif;margin:2em auto;max-width:45em;padding:0 1em}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25em .5em;\
border-bottom:1px solid #999;white-space:pre-wrap}th{width:35%;font-weight:normal}h1{font-size:1.3em}\
h2{font-size:1.1em;break-after:avoid}tr{break-inside:avoid}";

/// The page.
pub fn page(shown: &[Shown], authors: &[Author], schema: &Schema, charter: &Charter, context: &Context) -> String {
    let lang = Lang::from(context.language);
    let code = match lang {
        Lang::En => "en",
        Lang::Id => "id",
    };
    let title = tr!("release-title", name = charter.name().to_owned());
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>{STYLE}</style>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    for one in shown {
        let kind = schema.kind(&one.kind);
        let label = kind.map_or(one.kind.as_str(), |kind| kind.label.get(lang));
        let version = tr!("record-version", version = one.version);
        out.push_str(&format!("<h2>{} {} ({})</h2>\n<table>\n", escape(label), one.record, escape(&version)));
        for cell in &one.cells {
            let field = kind.and_then(|kind| kind.field(&cell.field));
            let label = field.map_or(&*cell.field, |field| field.label.get(lang));
            let value = view::text(cell, schema, &one.kind, charter, context);
            out.push_str(&format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(label), escape(&value)));
        }
        out.push_str("</table>\n");
        for author in open::of(one, authors) {
            out.push_str(&format!("<p>{}</p>\n", escape(&open::words(author, charter))));
        }
    }
    out.push_str("</html>\n");
    out
}

/// A text as it stands in HTML: nothing in it is markup, and nothing in it is invisible.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        for c in printable(line).chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                other => out.push(other),
            }
        }
        out.push_str(end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_is_markup() {
        assert_eq!(escape("<b onclick='x'>&\n\"\u{202e}"), "&lt;b onclick=&#39;x&#39;&gt;&amp;\n&quot;&lt;U+202E&gt;");
    }
}
