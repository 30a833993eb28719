//! The record of destruction (berita acara pemusnahan data): what was erased, by whom and on what
//! ground, as a page to print and sign. It names nobody whose records they were.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use maud::{DOCTYPE, PreEscaped, html};

use crate::{
    cli::{
        audit::when::local_time,
        context::Context,
        error::{CliError, CliResult},
        i18n::{Language, tr},
        printable::printable,
        work,
    },
    id::Id,
    ledger::Entry,
    vault::{Erased, Ground, Vault, VaultError},
};

const STYLE: &str = "body{font:12pt/1.4 serif;margin:2em auto;max-width:45em;padding:0 1em}\
h1{font-size:1.3em;text-align:center}h2{font-size:1.1em;break-after:avoid}\
table{border-collapse:collapse;width:100%;margin-bottom:1em}th,td{text-align:left;vertical-align:top;\
padding:.25em .5em;border-bottom:1px solid #999;overflow-wrap:anywhere}th[scope=row]{width:35%;font-weight:normal}\
tr,.sign{break-inside:avoid}.sign{margin-top:1.5em}.sign p{margin:.8em 0 0}";

/// Nothing is fetched and nothing runs, whatever stands in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Where a person writes by hand, in plain text.
const LINE: &str = "______________________________";

/// The file, made before anything is erased, so that one that cannot be written stops it. It is
/// taken away again if nothing came of it.
pub struct NewFile {
    path: PathBuf,
    file: File,
    written: bool,
}

impl NewFile {
    /// A new file that only its owner can read.
    pub fn create(path: &Path) -> Result<NewFile, CliError> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|source| work::unwritable(path, source))?;
        Ok(NewFile { path: path.to_owned(), file, written: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its name wants HTML; otherwise it is plain text.
    fn is_html(&self) -> bool {
        self.path.extension().is_some_and(|end| end.eq_ignore_ascii_case("html") || end.eq_ignore_ascii_case("htm"))
    }

    /// Writes what it shall say.
    pub fn write(mut self, paper: &Paper) -> Result<(), CliError> {
        let text = if self.is_html() { paper.html() } else { paper.text() };
        let done = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all());
        self.written = done.is_ok();
        done.map_err(|source| CliError::FileUnwritable { path: self.path.display().to_string(), source })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.written {
            // An empty file that stays does no harm; there is nobody to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A name and what belongs to it.
pub type Pair = (String, String);

/// What it says, whatever it looks like.
pub struct Paper {
    language: Language,
    title: String,
    intro: String,
    about: Vec<Pair>,
    /// For each entry who asked, who erased, and on what ground.
    acts: Vec<Vec<Pair>>,
    header: [String; 3],
    records: Vec<[String; 3]>,
    backups: Vec<String>,
    limits: String,
    signatures: Vec<String>,
}

impl Paper {
    /// Of what was erased just now.
    pub fn of(vault: &Vault, erased: &Erased, backups: &[(Id, Date)], context: &Context) -> CliResult<Paper> {
        let charter = vault.charter();
        let zone = charter.time_zone();
        let mut acts = Vec::new();
        let mut day = String::new();
        for (sequence, asked) in erased.entries.iter().zip(&erased.asked) {
            let line = vault.line(*sequence)?;
            let entry = line.entry();
            day = local_time(entry.time, zone);
            let mut act = Vec::new();
            match asked {
                Some(ask) => {
                    act.push((tr!("certificate-asked"), who(vault.line(*ask)?.entry(), zone)));
                    act.push((tr!("certificate-confirmed"), who(entry, zone)));
                }
                None => act.push((tr!("certificate-erased"), who(entry, zone))),
            }
            act.push(ground(entry)?);
            acts.push(act);
        }
        let size = erased.entries.last().map_or(vault.size(), |last| last + 1);
        let root = data_encoding::BASE64.encode(&vault.root_at(size)?);
        let numbers: Vec<String> = erased.entries.iter().map(u64::to_string).collect();
        let about = vec![
            (tr!("certificate-vault"), vault.id().to_string()),
            (tr!("certificate-time"), format!("{day} ({zone})")),
            (tr!("certificate-entries"), numbers.join(", ")),
            (tr!("certificate-root", size = size), root),
            (tr!("certificate-records"), erased.records.len().to_string()),
            (tr!("certificate-items"), erased.items.to_string()),
        ];
        let label = |id: &str| {
            let kind = vault.schema().kind(id);
            kind.map_or_else(|| id.to_owned(), |kind| kind.label.get(context.language.into()).to_owned())
        };
        let records = erased.records.iter();
        let records = records.map(|(record, kind, versions)| [record.to_string(), label(kind), versions.to_string()]);
        let told =
            |(id, until): &(Id, Date)| tr!("erased-in-backup", backup = id.to_string(), until = until.to_string());
        let mut signatures = if erased.asked.iter().all(Option::is_none) {
            vec![tr!("certificate-erased")]
        } else {
            vec![tr!("certificate-asked"), tr!("certificate-confirmed")]
        };
        signatures.push(tr!("certificate-witness"));
        Ok(Paper {
            language: context.language,
            title: tr!("certificate-title"),
            intro: tr!("certificate-intro", name = charter.name()),
            about,
            acts,
            header: [tr!("certificate-record"), tr!("certificate-kind"), tr!("certificate-versions")],
            records: records.collect(),
            backups: if backups.is_empty() {
                vec![tr!("certificate-no-backup")]
            } else {
                backups.iter().map(told).collect()
            },
            limits: tr!("certificate-limits"),
            signatures,
        })
    }

    fn html(&self) -> String {
        let fields = |pairs: &[Pair]| {
            html! {
                table { tbody {
                    @for (name, value) in pairs { tr { th scope="row" { (printable(name)) } td { (printable(value)) } } }
                } }
            }
        };
        let page = html! {
            (DOCTYPE)
            html lang=(self.language.code()) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="referrer" content="no-referrer";
                    title { (printable(&self.title)) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { (printable(&self.title)) }
                    p { (printable(&self.intro)) }
                    (fields(&self.about))
                    @for act in &self.acts { (fields(act)) }
                    h2 { (tr!("certificate-list")) }
                    table {
                        thead { tr { @for name in &self.header { th scope="col" { (printable(name)) } } } }
                        tbody {
                            @for row in &self.records { tr { @for cell in row { td { (printable(cell)) } } } }
                        }
                    }
                    h2 { (tr!("certificate-backups")) }
                    ul { @for backup in &self.backups { li { (printable(backup)) } } }
                    p { (printable(&self.limits)) }
                    h2 { (tr!("certificate-signed")) }
                    @for role in &self.signatures {
                        div.sign {
                            p { strong { (printable(role)) } }
                            @for blank in blanks() { p { (blank) ": " (LINE) } }
                        }
                    }
                }
            }
        };
        page.into_string() + "\n"
    }

    fn text(&self) -> String {
        let mut out = format!("{}\n\n{}\n\n", printable(&self.title), printable(&self.intro));
        let fields = |out: &mut String, pairs: &[Pair]| {
            for (name, value) in pairs {
                out.push_str(&format!("{}: {}\n", printable(name), printable(value)));
            }
            out.push('\n');
        };
        fields(&mut out, &self.about);
        for act in &self.acts {
            fields(&mut out, act);
        }
        out.push_str(&format!("{}\n\n", tr!("certificate-list")));
        for row in std::iter::once(&self.header).chain(&self.records) {
            out.push_str(&format!(
                "  {:<26}  {:<24}  {}\n",
                printable(&row[0]),
                printable(&row[1]),
                printable(&row[2])
            ));
        }
        out.push_str(&format!("\n{}\n\n", tr!("certificate-backups")));
        for backup in &self.backups {
            out.push_str(&format!("  {}\n", printable(backup)));
        }
        out.push_str(&format!("\n{}\n\n{}\n", printable(&self.limits), tr!("certificate-signed")));
        for role in &self.signatures {
            out.push_str(&format!("\n{}\n", printable(role)));
            for blank in blanks() {
                out.push_str(&format!("\n  {blank}: {LINE}\n"));
            }
        }
        out
    }
}

/// What each who signs fills in.
fn blanks() -> [String; 4] {
    [
        tr!("certificate-sign-name"),
        tr!("certificate-sign-office"),
        tr!("certificate-sign-day"),
        tr!("certificate-sign-hand"),
    ]
}

/// Who acted in an entry, and when.
pub fn who(entry: &Entry, zone: &str) -> String {
    let time = local_time(entry.time, zone);
    tr!("certificate-who", member = &entry.actor, group = &entry.group, entry = entry.seq, time = time)
}

/// On what ground.
pub fn ground(entry: &Entry) -> Result<Pair, VaultError> {
    let code = entry.detail.as_deref().unwrap_or_default();
    Ok((tr!("certificate-ground"), format!("{} ({code})", words(code)?)))
}

/// A ground in words.
fn words(code: &str) -> Result<String, VaultError> {
    Ok(match code.parse()? {
        Ground::Retention => tr!("ground-retention"),
        Ground::Request => tr!("ground-request"),
        Ground::Consent => tr!("ground-consent-withdrawn"),
        Ground::Unlawful => tr!("ground-unlawful"),
        Ground::Order => tr!("ground-order"),
        Ground::Mistake => tr!("ground-mistake"),
        Ground::Disputed => tr!("ground-disputed"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_is_markup() {
        let evil = || "<script>\u{202e}&".to_owned();
        let paper = Paper {
            language: Language::En,
            title: evil(),
            intro: evil(),
            about: vec![(evil(), evil())],
            acts: vec![vec![(evil(), evil())]],
            header: [evil(), evil(), evil()],
            records: vec![[evil(), evil(), evil()]],
            backups: vec![evil()],
            limits: evil(),
            signatures: vec![evil()],
        };
        let html = paper.html();
        assert!(!html.contains("<script") && !html.contains('\u{202e}'), "{html}");
        assert_eq!(html.matches("&lt;script&gt;&lt;U+202E&gt;&amp;").count(), 16, "{html}");
        assert!(!paper.text().contains('\u{202e}'));
    }
}
