//! `amanah keys check`: checks identities, cards and group keys.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        keys::show::post_quantum_label,
        report, work,
    },
    crypto::age_wrap::{MAX_FILE, Recipient},
    custody::{Card, GroupKey},
    problem::Problem,
};

/// The arguments of `amanah keys check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Identity files, cards and group keys; otherwise your identity
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What a file is, whose, and what to compare.
struct Found {
    what: &'static str,
    whose: String,
    fingerprint: String,
    post_quantum: Option<bool>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckArgs, context: &Context) -> CliResult {
    let files = match &args.files[..] {
        [] => vec![context.identity()?.to_owned()],
        files => files.to_vec(),
    };
    let mut found = Vec::new();
    let mut wrong: Option<Box<dyn Problem>> = None;
    for path in &files {
        let name = path.display().to_string();
        match check(path, context) {
            Ok(sound) => found.push((name, sound)),
            Err(problem) if files.len() == 1 => return Err(problem),
            // What is wrong with one says nothing of the others.
            Err(problem) => {
                context.terminal.warn(&format!("{name}: {}", report::sentence(problem.as_ref(), context.language)));
                wrong.get_or_insert(problem);
            }
        }
    }
    if context.is_json() {
        let rows: Vec<_> = found
            .iter()
            .map(|(file, f)| {
                json!({
                    "file": file, "is": f.what, "of": f.whose, "fingerprint": f.fingerprint,
                    "post_quantum": f.post_quantum,
                })
            })
            .collect();
        context.terminal.json(&rows)?;
        return wrong.map_or(Ok(()), Err);
    }
    let header =
        [tr!("field-file"), tr!("field-is"), tr!("field-of"), tr!("field-post-quantum"), tr!("field-fingerprint")];
    let rows = found
        .into_iter()
        .map(|(file, f)| vec![file, kind_label(f.what), f.whose, post_quantum_label(f.post_quantum), f.fingerprint]);
    if rows.len() > 0 {
        context.terminal.table(&header, rows)?;
    }
    wrong.map_or(Ok(()), Err)
}

fn kind_label(what: &str) -> String {
    match what {
        "card" => tr!("is-card"),
        "group-key" => tr!("is-group-key"),
        _ => tr!("is-identity"),
    }
}

fn check(path: &Path, context: &Context) -> CliResult<Found> {
    let bytes = work::read_file(path, 1_000_000)?;
    if bytes.starts_with(b"amanah card/") {
        let card = Card::parse(&bytes)?;
        let post_quantum = card.recipient.is_post_quantum();
        return Ok(Found { what: "card", fingerprint: card.fingerprint(), whose: card.member, post_quantum });
    }
    if bytes.starts_with(b"amanah group-key/") {
        let key = GroupKey::parse(&bytes)?;
        let post_quantum = key.is_post_quantum();
        return Ok(Found { what: "group-key", whose: key.group, fingerprint: String::new(), post_quantum });
    }
    let identity = work::unlock_file(context, path)?;
    // The card beside it must be of the same keys, or others wrap to nobody.
    let beside = path.with_extension("card");
    let mut fingerprint = String::new();
    let mut post_quantum = identity.recipient().and_then(Recipient::is_post_quantum);
    if beside.exists() {
        let card = Card::parse(&work::read_file(&beside, MAX_FILE as u64)?)?;
        let same = identity.recipient().is_none_or(|recipient| *recipient == card.recipient);
        if card.member != identity.member || card.signing != identity.signing.public() || !same {
            let (path, card) = (path.display().to_string(), beside.display().to_string());
            return Err(CliError::CardDiffers { path, card }.into());
        }
        fingerprint = card.fingerprint();
        post_quantum = card.recipient.is_post_quantum();
    }
    Ok(Found { what: "identity", whose: identity.member, fingerprint, post_quantum })
}
