//! `amanah record export`: fields of one class as an age file, for somebody with their own key.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    cli::{
        args::{RecordRef, Why},
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        keys::show::shortened,
        recipient,
        record::{find, view},
        work::{self, Watcher},
    },
    crypto::age_wrap::{self, Recipient},
};

/// What the file says it is.
const FORMAT: &str = "export/1";

/// The arguments of `amanah record export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The records: their ids, the first 6 or more characters of them, or their codes
    #[arg(value_name = "RECORD", required = true)]
    pub records: Vec<RecordRef>,
    /// The class whose fields are written
    #[arg(short, long, value_name = "CLASS")]
    pub class: String,
    /// Who can open the file: a card, an age recipient, an SSH key, or a file with one of them
    #[arg(long, value_name = "CARD")]
    pub to: String,
    /// Where to write the age file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &ExportArgs, context: &Context) -> CliResult {
    if args.output.exists() {
        return Err(CliError::FileExists { path: args.output.display().to_string() }.into());
    }
    let (recipient, whose) = to(&args.to)?;
    // What cannot be wrapped, for want of a plugin, is found out before anything is opened.
    age_wrap::wrap(&recipient, b"")?;
    let (exported, content) = work::with_vault(context, |vault, actor| {
        let access = args.why.access();
        vault.require_purpose(access)?;
        let charter = vault.charter().clone();
        if charter.class(&args.class).is_none() {
            let known = charter.classes().iter().map(|class| class.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(CliError::UnknownClass { class: args.class.clone(), known }.into());
        }
        let mut records = Vec::new();
        for named in &args.records {
            let named = find::record(vault, actor, access, named)?;
            let record = vault.survivor(&named)?;
            if !records.contains(&record) {
                records.push(record);
            }
        }
        let watcher = Watcher::new(&context.terminal);
        let exported = vault.export_records(actor, access, &records, &args.class, &whose, &watcher)?;
        let records: Vec<_> = exported.records.iter().map(|shown| view::as_json(shown, &charter)).collect();
        let content = json!({
            "amanah": FORMAT, "vault": vault.id(), "entry": exported.entry, "by": actor.member(),
            "purpose": access.purpose, "class": args.class, "records": records,
        });
        Ok((exported, Zeroizing::new(format!("{content:#}\n"))))
    })?;
    let file = age_wrap::wrap(&recipient, content.as_bytes())?;
    work::write_new(&args.output, &file)?;
    let (file, count) = (args.output.display().to_string(), exported.records.len());
    if context.is_json() {
        let answer = json!({ "file": file, "to": whose, "entry": exported.entry, "records": count });
        return Ok(context.terminal.json(&answer)?);
    }
    context.terminal.fields([
        (&*tr!("field-file"), file),
        (&*tr!("field-to"), whose),
        (&*tr!("field-records"), count.to_string()),
        (&*tr!("field-entry"), exported.entry.to_string()),
    ])?;
    context.terminal.note(&tr!("export-next"));
    Ok(())
}

/// Whom to wrap to, and how the ledger names them.
fn to(text: &str) -> CliResult<(Recipient, String)> {
    let (recipient, card) = recipient::named(text)?;
    let whose = match card {
        Some(card) => format!("{} ({})", card.member, card.fingerprint()),
        None => shortened(&recipient),
    };
    Ok((recipient, whose))
}
