//! `amanah audit report`: what the ledger tells of a stretch of time, as one page to read or print.

mod chart;
mod page;

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use self::page::Page;
use crate::{
    audit::{
        self, Rule, Span,
        report::{Asked, Given, releases, report},
        unusual::rules::{MAX_FILE, Rules},
    },
    cli::{
        audit::{
            unusual::open_glass,
            when::{When, zone_of},
        },
        context::Context,
        error::CliResult,
        i18n::tr,
        report as told, work,
    },
    vault::Vault,
};

/// The arguments of `amanah audit report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Where to write the page: one file, which needs no network and holds no script
    #[arg(long, value_name = "FILE")]
    pub html: PathBuf,
    /// When.
    #[command(flatten)]
    pub when: When,
    /// Other rules of what is unusual, from a file as `amanah audit rules` writes it
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ReportArgs, context: &Context) -> CliResult {
    let rules = match &args.rules {
        Some(path) => Rules::parse(&work::read_text(path, MAX_FILE)?)?,
        None => Rules::default(),
    };
    let vault = work::open(context, context.vault()?)?;
    let page = gather(&vault, args, rules, context);
    vault.leave()?;
    let page = page?;
    work::write_new(&args.html, page.html().into_string().as_bytes())?;
    let file = args.html.display().to_string();
    let open = page.glass.len();
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "file": file, "report": page.report, "unusual": page.unusual, "unacknowledged": page.glass,
            "releases": page.releases,
        }))?);
    }
    context.terminal.fields([
        (&*tr!("field-file"), file),
        (&*tr!("field-entries"), page.report.entries.to_string()),
        (&*tr!("report-opened"), page.report.sum.opened.to_string()),
        (&*tr!("report-refused"), page.report.sum.refused.to_string()),
        (&*tr!("report-unusual"), page.unusual.len().to_string()),
    ])?;
    if open > 0 {
        context.terminal.warn(&tr!("report-glass-open", count = open));
    }
    Ok(())
}

fn gather(vault: &Vault, args: &ReportArgs, rules: Rules, context: &Context) -> CliResult<Page> {
    let now = Timestamp::now();
    let charter = vault.charter().clone();
    let zone = zone_of(charter.time_zone());
    let span = args.when.span(&charter)?;
    let counted = report(vault.entries()?, span, &zone)?;
    let unacknowledged = open_glass(vault)?;
    let unusual = audit::unusual(vault.entries()?, &unacknowledged, &rules, &zone, span)?;
    // What nobody has acknowledged stands first, however long ago it was, and whatever the rules say.
    let mut glass = Vec::new();
    if !unacknowledged.is_empty() {
        glass = audit::unusual(vault.entries()?, &unacknowledged, &Rules::default(), &zone, Span::default())?;
        glass.retain(|one| one.rule == Rule::BreakGlass && one.acknowledged != Some(true));
    }
    let asked = asked(vault)?.into_iter().filter(|one| span.has(one.made)).collect();
    let releases = releases(asked, &counted.openings);
    let sentence = |error: crate::vault::VaultError| told::sentence(&error, context.language);
    let head = vault.signed_head().map_err(sentence);
    Ok(Page {
        language: context.language,
        vault: *vault.id(),
        witnesses: vault.cosigned(now).map_err(sentence),
        witnessed: vault.require_witnessed(now).map_err(sentence),
        key: vault.log_key_at(vault.size())?.to_string(),
        head: head.map(|head| (head.tree().size, data_encoding::BASE64.encode(&head.tree().root))),
        report: counted,
        charter,
        rules,
        span,
        unusual,
        glass,
        releases,
        now,
    })
}

/// The requests of the vault, and what became of them.
fn asked(vault: &Vault) -> CliResult<Vec<Asked>> {
    let mut out = Vec::new();
    for exchange in vault.exchanges()? {
        let request = &exchange.request;
        let given = exchange.releases.iter().map(|(sequence, release)| {
            let time = vault.line(*sequence)?.entry().time;
            Ok(Given { group: release.group().to_owned(), time })
        });
        out.push(Asked {
            request: request.id(),
            asker: request.asker().to_owned(),
            purpose: request.purpose().to_owned(),
            classes: request.classes().to_vec(),
            records: request.records().iter().copied().collect(),
            made: request.made(),
            given: given.collect::<CliResult<_>>()?,
            denied: exchange.deniers().map(ToOwned::to_owned).collect(),
            withdrawn: exchange.is_withdrawn(),
        });
    }
    Ok(out)
}
