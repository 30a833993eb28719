//! `amanah audit check-export`: checks an export that somebody has given you, without a vault.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    audit::{AuditError, export::check::check},
    cli::{context::Context, error::CliResult, i18n::tr},
    crypto::vkey::VerifierKey,
};

/// The arguments of `amanah audit check-export`.
#[derive(Debug, Args)]
pub struct CheckExportArgs {
    /// The folder of the export
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The key of the log that you believe, or of a witness who must have cosigned; may be repeated
    #[arg(long = "key", value_name = "KEY", required = true)]
    pub keys: Vec<VerifierKey>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &CheckExportArgs, context: &Context) -> CliResult {
    let checked = check(&args.dir, &args.keys)?;
    // Anybody can write another version into a manifest: what was not compared is not found good.
    if !checked.remade {
        return Err(AuditError::NotCompared.into());
    }
    let manifest = &checked.manifest;
    if context.is_json() {
        let cosigned: Vec<_> = checked
            .cosigned
            .iter()
            .map(|(name, size, time)| json!({ "witness": name, "size": size, "time": time }))
            .collect();
        return Ok(context.terminal.json(&json!({
            "vault": manifest.vault, "format": manifest.format, "standard": manifest.standard,
            "range": manifest.range, "counts": manifest.counts, "recipient": manifest.recipient,
            "cosigned": cosigned,
        }))?);
    }
    context.terminal.fields([
        (&*tr!("field-vault"), manifest.vault.to_string()),
        (&*tr!("field-name"), manifest.name.clone()),
        (&*tr!("field-format"), manifest.standard.clone()),
        (&*tr!("field-entries"), format!("{} .. {}", manifest.range.first, manifest.range.next - 1)),
        (&*tr!("field-events"), manifest.counts.events.to_string()),
    ])?;
    for (name, size, time) in &checked.cosigned {
        context.terminal.note(&tr!(
            "audit-export-cosigned",
            witness = name.clone(),
            size = *size,
            time = time.to_string()
        ));
    }
    if manifest.recipient.is_some() {
        context.terminal.note(&tr!("audit-export-pseudonyms"));
    }
    context.terminal.note(&tr!("audit-export-sound"));
    Ok(())
}
