//! The page of a report: HTML that stands alone.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::chart::Chart;
use crate::{
    audit::{
        Finding, Span,
        report::{MAX_LISTED, Release, Report, Sum, steps::Step},
        unusual::rules::Rules,
    },
    cli::{
        audit::{unusual::why, when::local_time},
        i18n::{Language, tr},
        printable::printable,
    },
    custody::Charter,
    id::Id,
    vault::Cosigned,
};

/// How the page looks, on a screen and on paper.
const STYLE: &str = include_str!("style.css");

/// Nothing is fetched and nothing runs, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Most findings that are listed one by one, the newest.
const MAX_FINDINGS: usize = 500;

/// What a page is made from.
pub struct Page {
    pub language: Language,
    pub vault: Id,
    pub charter: Arc<Charter>,
    pub rules: Rules,
    pub span: Span,
    pub report: Report,
    pub unusual: Vec<Finding>,
    /// Break-glass that nobody has acknowledged, of all times.
    pub glass: Vec<Finding>,
    pub releases: Vec<Release>,
    pub witnesses: Result<Vec<Cosigned>, String>,
    pub witnessed: Result<(), String>,
    /// Size and root of the newest checkpoint.
    pub head: Result<(u64, String), String>,
    pub key: String,
    pub now: Timestamp,
}

/// A table, and how many of its columns at the end hold numbers.
struct Table {
    caption: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    numbers: usize,
}

impl Page {
    /// The whole page.
    pub fn html(&self) -> Markup {
        let title = tr!("report-title", vault = self.charter.name());
        html! {
            (DOCTYPE)
            html lang=(self.language.code()) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (title) }
                        p.about { (self.stretch()) }
                    }
                    main {
                        (self.alarm())
                        (self.sums())
                        (self.time())
                        (self.purposes())
                        (self.members())
                        (self.classes())
                        (self.refusals())
                        (self.unusual())
                        (self.exchanges())
                        (self.watched())
                    }
                    (self.foot())
                }
            }
        }
    }

    fn local(&self, time: Timestamp) -> String {
        local_time(time, self.charter.time_zone())
    }

    fn stretch(&self) -> String {
        let or_open = |time: Option<Timestamp>, open: String| time.map_or(open, |time| self.local(time));
        tr!(
            "report-stretch",
            from = or_open(self.span.since, tr!("report-beginning")),
            to = or_open(self.span.until, self.local(self.now)),
            zone = self.charter.time_zone(),
        )
    }

    /// What must not be overlooked stands first.
    fn alarm(&self) -> Markup {
        if self.glass.is_empty() {
            return html! {};
        }
        let rows = self.glass.iter().map(|one| {
            let entries = one.entries.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
            vec![self.local(one.first), one.member.clone(), why(one, &self.rules), entries]
        });
        let table = Table {
            caption: tr!("report-glass-caption"),
            header: vec![tr!("field-time"), tr!("field-actor"), tr!("field-unusual"), tr!("field-entries")],
            rows: rows.collect(),
            numbers: 0,
        };
        html! {
            section.alarm aria-labelledby="glass" {
                h2 id="glass" { (tr!("report-glass-open", count = self.glass.len())) }
                (table.html())
            }
        }
    }

    fn sums(&self) -> Markup {
        let Sum { opened, records, written, refused, failed } = self.report.sum;
        let sums = [
            (tr!("field-entries"), self.report.entries),
            (tr!("report-opened"), opened),
            (tr!("report-records"), records),
            (tr!("report-written"), written),
            (tr!("report-refused"), refused),
            (tr!("report-failed"), failed),
        ];
        html! {
            section aria-labelledby="sums" {
                h2 id="sums" { (tr!("report-sums")) }
                dl.sums { @for (name, number) in &sums { div { dt { (name) } dd { (number) } } } }
                p { (tr!("report-words")) }
            }
        }
    }

    fn time(&self) -> Markup {
        let step = match self.report.step {
            Step::Day => tr!("report-by-day"),
            Step::Week => tr!("report-by-week"),
            Step::Month => tr!("report-by-month"),
            Step::Year => tr!("report-by-year"),
        };
        let rows: Vec<(String, Sum)> =
            self.report.time.iter().map(|bucket| (self.name(bucket.begin), bucket.sum)).collect();
        self.counted("time", step, tr!("field-time"), &rows, Chart::columns)
    }

    fn name(&self, begin: jiff::civil::Date) -> String {
        match self.report.step {
            Step::Day | Step::Week => begin.to_string(),
            Step::Month => begin.strftime("%Y-%m").to_string(),
            Step::Year => begin.strftime("%Y").to_string(),
        }
    }

    fn purposes(&self) -> Markup {
        let name = |code: &Option<String>| match code {
            None => tr!("report-no-purpose"),
            Some(code) => match (self.charter.purpose(code), self.language) {
                (Some(purpose), Language::En) => purpose.en.clone(),
                (Some(purpose), Language::Id) => purpose.id.clone(),
                (None, _) => code.clone(),
            },
        };
        let rows: Vec<_> = self.report.purposes.iter().map(|(code, sum)| (name(code), *sum)).collect();
        self.counted("purposes", tr!("report-by-purpose"), tr!("field-purpose"), &rows, Chart::rows)
    }

    fn members(&self) -> Markup {
        self.counted("members", tr!("report-by-member"), tr!("field-member"), &self.report.members, Chart::rows)
    }

    fn classes(&self) -> Markup {
        self.counted("classes", tr!("report-by-class"), tr!("field-class"), &self.report.classes, Chart::rows)
    }

    /// A chart and its table.
    fn counted(
        &self,
        id: &'static str,
        title: String,
        field: String,
        rows: &[(String, Sum)],
        draw: fn(&Chart) -> Markup,
    ) -> Markup {
        let most = rows.iter().max_by_key(|(_, sum)| sum.opened);
        let about = match most {
            Some((name, sum)) => {
                tr!("report-about", rows = rows.len(), name = printable(name).as_ref(), most = sum.opened)
            }
            None => tr!("report-nothing"),
        };
        let of = |number: fn(&Sum) -> u64| rows.iter().map(|(_, sum)| number(sum)).collect();
        let chart = Chart {
            id,
            title: title.clone(),
            about,
            names: rows.iter().map(|(name, _)| printable(name).into_owned()).collect(),
            series: vec![
                (tr!("report-opened"), of(|sum| sum.opened)),
                (tr!("report-written"), of(|sum| sum.written)),
                (tr!("report-refused"), of(|sum| sum.refused)),
            ],
        };
        let numbers =
            |sum: &Sum| [sum.opened, sum.records, sum.written, sum.refused, sum.failed].map(|n| n.to_string());
        let table = Table {
            caption: tr!("report-table", title = title.as_str()),
            header: vec![
                field,
                tr!("report-opened"),
                tr!("report-records"),
                tr!("report-written"),
                tr!("report-refused"),
                tr!("report-failed"),
            ],
            rows: rows.iter().map(|(name, sum)| [&[name.clone()][..], &numbers(sum)].concat()).collect(),
            numbers: 5,
        };
        html! {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                @if rows.is_empty() { p { (tr!("report-nothing")) } } @else {
                    figure { (draw(&chart)) }
                    (table.html())
                }
            }
        }
    }

    fn refusals(&self) -> Markup {
        let refused = self.report.sum.refused;
        let rows = self.report.refusals.iter().map(|one| {
            vec![
                one.entry.to_string(),
                self.local(one.time),
                one.member.clone(),
                one.action.name().to_owned(),
                one.detail.clone().unwrap_or_default(),
                one.purpose.clone().unwrap_or_default(),
                one.classes.join(", "),
            ]
        });
        let header = vec![
            tr!("field-entry"),
            tr!("field-time"),
            tr!("field-actor"),
            tr!("field-action"),
            tr!("report-because"),
            tr!("field-purpose"),
            tr!("report-classes"),
        ];
        let caption = match refused > MAX_LISTED as u64 {
            true => tr!("report-refusals-newest", count = refused, listed = MAX_LISTED),
            false => tr!("report-refusals-all", count = refused),
        };
        let table = Table { caption, header, rows: rows.collect(), numbers: 0 };
        section("refusals", tr!("report-refusals"), None, &table)
    }

    fn unusual(&self) -> Markup {
        let (count, skipped) = (self.unusual.len(), self.unusual.len().saturating_sub(MAX_FINDINGS));
        let rows =
            self.unusual.iter().skip(skipped).map(|one| {
                vec![self.local(one.first), one.member.clone(), why(one, &self.rules), numbers(&one.entries)]
            });
        let header = vec![tr!("field-time"), tr!("field-actor"), tr!("field-unusual"), tr!("field-entries")];
        let caption = match skipped > 0 {
            true => tr!("report-unusual-newest", count = count, listed = MAX_FINDINGS),
            false => tr!("report-unusual-all", count = count),
        };
        let table = Table { caption, header, rows: rows.collect(), numbers: 0 };
        section("unusual", tr!("report-unusual"), Some(tr!("report-unusual-about")), &table)
    }

    fn exchanges(&self) -> Markup {
        let state = |one: &Release| match one {
            Release { opened: Some(time), .. } => tr!("report-release-opened", time = self.local(*time)),
            Release { withdrawn: true, .. } => tr!("report-release-withdrawn"),
            Release { denied, given, .. } if !denied.is_empty() && given.is_empty() => {
                tr!("report-release-denied", members = denied.join(", "))
            }
            Release { given, .. } if given.is_empty() => tr!("report-release-waits"),
            _ => tr!("report-release-given"),
        };
        let rows = self.releases.iter().map(|one| {
            let groups: Vec<&str> = one.given.iter().map(|given| given.group.as_str()).collect();
            vec![
                self.local(one.made),
                one.asker.clone(),
                one.purpose.clone(),
                one.classes.join(", "),
                groups.join(", "),
                state(one),
                one.records.to_string(),
                one.answer_seconds.map(lag).unwrap_or_default(),
                one.opening_seconds.map(lag).unwrap_or_default(),
            ]
        });
        let header = vec![
            tr!("report-release-asked"),
            tr!("report-release-asker"),
            tr!("field-purpose"),
            tr!("report-classes"),
            tr!("report-release-by"),
            tr!("report-release-state"),
            tr!("report-release-records"),
            tr!("report-release-answer"),
            tr!("report-release-opening"),
        ];
        let mut lags: Vec<i64> = self.releases.iter().filter_map(|one| one.answer_seconds).collect();
        lags.sort_unstable();
        let waiting = self.releases.iter().filter(|one| one.given.is_empty() && !one.withdrawn).count();
        let median = lags.get(lags.len() / 2).copied().map_or_else(|| "-".to_owned(), lag);
        let caption = tr!("report-release-caption", count = self.releases.len(), waiting = waiting, median = median);
        let table = Table { caption, header, rows: rows.collect(), numbers: 3 };
        section("releases", tr!("report-releases"), None, &table)
    }

    fn watched(&self) -> Markup {
        let title = tr!("report-witnesses");
        let cosigned = match &self.witnesses {
            Ok(cosigned) => cosigned,
            Err(sentence) => {
                return html! { section aria-labelledby="witnesses" { h2 id="witnesses" { (title) } p.warn { (sentence) } } };
            }
        };
        let rows = cosigned.iter().map(|one| {
            let (size, time) = match &one.last {
                Some((head, time)) => (head.tree().size.to_string(), self.local(*time)),
                None => (String::new(), tr!("witness-never")),
            };
            let fresh = if one.fresh { tr!("form-yes") } else { tr!("form-no") };
            vec![one.witness.name().to_owned(), time, fresh, size]
        });
        let header = vec![tr!("field-witness"), tr!("field-time"), tr!("field-fresh"), tr!("field-cosigned")];
        let caption = match self.charter.witnesses() {
            Some(wanted) => tr!("report-witnesses-rule", any = wanted.any, hours = wanted.max_age_hours),
            None => tr!("report-witnesses-none"),
        };
        let table = Table { caption, header, rows: rows.collect(), numbers: 1 };
        html! {
            section aria-labelledby="witnesses" {
                h2 id="witnesses" { (title) }
                @if let Err(sentence) = &self.witnessed { p.warn { (sentence) } }
                (table.html())
            }
        }
    }

    fn foot(&self) -> Markup {
        let numbers = match (self.report.from, self.report.to) {
            (Some((from, _)), Some((to, _))) => tr!("report-from-entries", from = from, to = to),
            _ => tr!("report-nothing"),
        };
        html! {
            footer {
                p { (tr!("report-made", time = self.local(self.now), zone = self.charter.time_zone())) " " (numbers) }
                p { (tr!("report-no-names")) }
                @match &self.head {
                    Ok((size, root)) => {
                        p { (tr!("report-checkpoint", size = *size)) " " code { (root) } }
                    }
                    Err(sentence) => p.warn { (sentence) },
                }
                p { (tr!("report-check")) " " code { (self.key) } }
                p { (tr!("report-vault")) " " code { (self.vault) } }
            }
        }
    }
}

impl Table {
    fn html(&self) -> Markup {
        if self.rows.is_empty() {
            return html! { p { (self.caption) } };
        }
        let first_number = self.header.len() - self.numbers;
        html! {
            div.wide tabindex="0" role="group" aria-label=(self.caption) {
                table {
                    caption { (self.caption) }
                    thead { tr { @for (at, name) in self.header.iter().enumerate() {
                        th.n[at >= first_number] scope="col" { (name) }
                    } } }
                    tbody { @for row in &self.rows { tr {
                        @for (at, cell) in row.iter().enumerate() {
                            @if at == 0 { th scope="row" { (printable(cell)) } }
                            @else { td.n[at >= first_number] { (printable(cell)) } }
                        }
                    } } }
                }
            }
        }
    }
}

fn section(id: &str, title: String, about: Option<String>, table: &Table) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            @if let Some(about) = about { p { (about) } }
            (table.html())
        }
    }
}

/// Numbers of entries, the first of many.
fn numbers(entries: &[u64]) -> String {
    let first = entries.iter().take(10).map(u64::to_string).collect::<Vec<_>>().join(" ");
    if entries.len() > 10 { format!("{first} ... ({})", entries.len()) } else { first }
}

/// How long something took, in the two largest units.
fn lag(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => tr!("report-minutes", minutes = minutes),
        (0, _) => tr!("report-hours", hours = hours, minutes = minutes),
        _ => tr!("report-days", days = days, hours = hours),
    }
}
