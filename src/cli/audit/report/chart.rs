//! Charts of the report, as SVG that stands in the page: with a name and a description for who
//! cannot see it, and without anything that acts or is fetched.

use charts_rs::{BarChart, HorizontalBarChart};
use maud::{Markup, PreEscaped, html};
use serde_json::json;

/// What the charts draw in: told apart also in grey, and by who does not see colours.
const COLOURS: [&str; 3] = ["#1f4e79", "#9cc3e6", "#c0392b"];

/// Width of all charts; the page scales them.
const WIDTH: u32 = 760;
/// Most bars in a chart of rows; the table beside it has all.
const MAX_ROWS: usize = 20;
/// Most characters of a name beside a bar.
const MAX_NAME: usize = 40;
/// So many names fit under columns.
const NAMES: usize = 8;

/// Some numbers for each of some names.
pub struct Chart {
    /// Unlike that of any other in the page.
    pub id: &'static str,
    /// What it shows.
    pub title: String,
    /// The same in words, with the most that there is to see.
    pub about: String,
    /// The names of the columns or rows.
    pub names: Vec<String>,
    /// The numbers, with what they count.
    pub series: Vec<(String, Vec<u64>)>,
}

impl Chart {
    /// Beside each other: over time.
    pub fn columns(&self) -> Markup {
        // Names that would stand on each other are left out.
        let each = self.names.len().div_ceil(NAMES).max(1);
        let names: Vec<&str> =
            self.names.iter().enumerate().map(|(at, name)| if at % each == 0 { name.as_str() } else { "" }).collect();
        let mut wanted = self.wanted(260, self.names.len());
        wanted["x_axis_data"] = json!(names);
        let drawn = BarChart::from_json(&wanted.to_string()).and_then(|chart| chart.svg());
        self.named(drawn.ok())
    }

    /// Below each other, the first at the top.
    pub fn rows(&self) -> Markup {
        let count = self.names.len().min(MAX_ROWS);
        let name = |name: &String| match name.char_indices().nth(MAX_NAME) {
            Some((at, _)) => format!("{}...", &name[..at]),
            None => name.clone(),
        };
        // The first one in the data is drawn at the bottom.
        let names: Vec<String> = self.names[..count].iter().rev().map(name).collect();
        let height = 90 + 30 * u32::try_from(count).unwrap_or(0);
        let mut wanted = self.wanted(height, count);
        wanted["x_axis_data"] = json!(names);
        for series in wanted["series_list"].as_array_mut().into_iter().flatten() {
            if let Some(data) = series["data"].as_array_mut() {
                data.reverse();
            }
        }
        let drawn = HorizontalBarChart::from_json(&wanted.to_string()).and_then(|chart| chart.svg());
        self.named(drawn.ok())
    }

    fn wanted(&self, height: u32, count: usize) -> serde_json::Value {
        let series: Vec<_> = self
            .series
            .iter()
            .map(
                |(name, numbers)| json!({ "name": name, "data": &numbers[..count.min(numbers.len())], "stack": "all" }),
            )
            .collect();
        json!({
            "width": WIDTH, "height": height, "font_family": "Roboto",
            "margin": { "left": 10, "top": 5, "right": 30, "bottom": 5 },
            "series_colors": COLOURS, "series_list": series, "legend_category": "rect",
        })
    }

    /// With a name and a description in place of its size, so that a screen reader tells them and
    /// the page scales it. What cannot be drawn stands in the table all the same.
    fn named(&self, drawn: Option<String>) -> Markup {
        let inner = drawn.as_deref().and_then(|svg| svg.split_once('>')).and_then(|(head, rest)| {
            let view = head.split_once("viewBox=\"")?.1.split_once('"')?.0;
            Some((view.to_owned(), rest.trim_end().strip_suffix("</svg>")?.to_owned()))
        });
        let Some((view, inner)) = inner else { return html! {} };
        let (title, about) = (format!("{}-title", self.id), format!("{}-about", self.id));
        html! {
            svg viewBox=(view) role="img" aria-labelledby={ (title) " " (about) } {
                title id=(title) { (self.title) }
                desc id=(about) { (self.about) }
                (PreEscaped(inner))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(names: usize) -> Chart {
        Chart {
            id: "x",
            title: "Title & <more>".into(),
            about: "About".into(),
            names: (0..names).map(|at| format!("<name{at}>")).collect(),
            series: vec![("a".into(), (1..=names as u64).collect()), ("b".into(), vec![1; names])],
        }
    }

    #[test]
    fn named_scaled_and_escaped() {
        for drawn in [chart(5).columns().0, chart(5).rows().0] {
            assert!(drawn.starts_with("<svg viewBox=\"0 0 760 "), "{drawn}");
            assert!(drawn.contains("<title id=\"x-title\">Title &amp; &lt;more&gt;</title>"), "{drawn}");
            assert!(drawn.contains("&lt;name0&gt;") && !drawn.contains("<name"), "{drawn}");
            for colour in &COLOURS[..2] {
                assert!(drawn.contains(&colour.to_uppercase()), "{colour}");
            }
            assert!(drawn.matches("<rect").count() >= 10, "{drawn}");
        }
    }

    #[test]
    fn many_and_none() {
        let many = chart(500);
        assert_eq!(many.rows().0.matches("&lt;name").count() / 2, MAX_ROWS + MAX_ROWS / 2);
        assert!(many.columns().0.contains("<svg "));
        assert!(chart(0).columns().0.starts_with("<svg") && chart(0).rows().0.starts_with("<svg"));
    }
}
