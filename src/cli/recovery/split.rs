//! `amanah recovery split`: the key of a group, as words on paper.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use super::sheet;
use crate::{
    cli::{
        audit::log::local_time,
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    vault::Dealt,
};

/// The arguments of `amanah recovery split`.
#[derive(Debug, Args)]
pub struct SplitArgs {
    /// The group: body/name, as in kpai/reviewers
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// How many shares give the key back
    #[arg(long, value_name = "NUMBER")]
    pub threshold: u8,
    /// How many shares there are, at most 16
    #[arg(long = "of", value_name = "NUMBER")]
    pub of: u8,
    /// Write a sheet to print, a page for each share, with QR codes (HTML)
    ///
    /// The file holds the whole key. Print it on a printer that keeps nothing, and destroy it.
    #[arg(long, value_name = "FILE")]
    pub sheet: Option<PathBuf>,
    /// Write the words into a file, one share a line
    ///
    /// The file holds the whole key.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What a sheet names beside the words.
pub struct About {
    /// The centre.
    pub centre: String,
    /// The vault's id.
    pub vault: String,
    /// When.
    pub time: String,
    /// Whoever split it: member and fingerprint of their card.
    pub by: String,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &SplitArgs, context: &Context) -> CliResult {
    let files: Vec<&PathBuf> = args.sheet.iter().chain(&args.output).collect();
    if files.is_empty() && (context.is_json() || !context.terminal.is_interactive()) {
        return Err(CliError::NoTerminal.into());
    }
    if let Some(path) = files.iter().find(|path| path.exists()) {
        return Err(CliError::FileExists { path: path.display().to_string() }.into());
    }
    let (dealt, about) = work::with_vault(context, |vault, actor| {
        let dealt = vault.split_group_key(actor, &args.group, args.threshold, args.of)?;
        let charter = vault.charter();
        let card = charter.member(actor.member()).map(|card| card.fingerprint()).unwrap_or_default();
        let about = About {
            centre: charter.name().to_owned(),
            vault: vault.id().to_string(),
            time: local_time(jiff::Timestamp::now(), charter.time_zone()),
            by: format!("{}, {card}", actor.member()),
        };
        Ok((dealt, about))
    })?;
    if let Some(path) = &args.output {
        let mut text = Zeroizing::new(String::with_capacity(dealt.shares.len() * 320));
        for share in &dealt.shares {
            text.push_str(&share.words());
            text.push('\n');
        }
        work::write_new(path, text.as_bytes())?;
    }
    if let Some(path) = &args.sheet {
        work::write_new(path, sheet::html(&dealt, &about)?.as_bytes())?;
    }
    for path in &files {
        context.terminal.warn(&tr!("recovery-file-is-key", file = path.display().to_string()));
    }
    if files.is_empty() {
        show(&dealt, &about, context)?;
    }
    let paper = &dealt.paper;
    if context.is_json() {
        return Ok(context.terminal.json(&json!({
            "group": paper.group, "epoch": paper.epoch, "threshold": paper.threshold, "shares": paper.shares,
            "set": paper.set, "entry": dealt.entry, "sheet": args.sheet, "output": args.output,
        }))?);
    }
    context.terminal.fields([
        (&*tr!("field-group"), paper.group.clone()),
        (&*tr!("field-epoch"), paper.epoch.to_string()),
        (&*tr!("field-set"), paper.set.to_string()),
        (&*tr!("field-shares"), tr!("recovery-of", threshold = paper.threshold, shares = paper.shares)),
    ])?;
    context.terminal.note(&tr!("recovery-split-next"));
    Ok(())
}

/// Shows one share after the other, on a page that is gone afterwards.
fn show(dealt: &Dealt, about: &About, context: &Context) -> CliResult {
    for share in &dealt.shares {
        context.terminal.aside(|| {
            context.terminal.note(&sheet::head(dealt, share, about).join("\n"));
            let words = share.words();
            let words: Vec<&str> = words.split(' ').collect();
            for (row, four) in words.chunks(4).enumerate() {
                let mut line = Zeroizing::new(String::with_capacity(80));
                for (at, word) in four.iter().enumerate() {
                    line.push_str(&Zeroizing::new(format!("{:>4}. {word:<10}", row * 4 + at + 1)));
                }
                context.terminal.error(&line);
            }
            context.terminal.pause(&tr!("recovery-written-down"))
        })?;
    }
    Ok(())
}
