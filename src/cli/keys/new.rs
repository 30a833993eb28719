//! `amanah keys new`: makes an identity, and its card.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::{
        age_wrap::{DecryptionKey, KeyKind, Recipient, Silent},
        identity::{Identity, Protection, WORK_FACTOR},
        random::SystemRandom,
    },
    custody::Card,
};

/// Largest identity file of a plugin, or SSH key, that is read, in bytes.
const MAX_PLUGIN_FILE: u64 = 64 * 1024;

/// The arguments of `amanah keys new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Who you are: body/name, as in handayani/siti
    #[arg(value_name = "MEMBER")]
    pub member: String,
    /// Where to write the identity file; otherwise NAME.key in this folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where to write the card; otherwise beside the identity file, as NAME.card
    #[arg(long, value_name = "FILE")]
    pub card: Option<PathBuf>,
    /// The identity file of an age plugin, which then guards the key instead of a passphrase
    #[arg(long, value_name = "FILE")]
    pub plugin: Option<PathBuf>,
    /// A classic X25519 key, for age programs that know no post-quantum keys
    #[arg(long, conflicts_with_all = ["plugin", "ssh"])]
    pub classic: bool,
    /// Your SSH private key (ed25519), which then guards the key instead of a passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "plugin")]
    pub ssh: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &NewArgs, context: &Context) -> CliResult {
    let terminal = &context.terminal;
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(args.member.replace('/', "-") + ".key"));
    let card_path = args.card.clone().unwrap_or_else(|| output.with_extension("card"));
    for path in [&output, &card_path] {
        if path.exists() {
            return Err(CliError::FileExists { path: path.display().to_string() }.into());
        }
    }
    let mut random = SystemRandom::new();
    let (identity, recipient, file) = match (&args.plugin, &args.ssh) {
        (None, Some(path)) => {
            let private = Zeroizing::new(work::read_file(path, MAX_PLUGIN_FILE)?);
            let key = work::with_passphrase(context, path, &|ask| Ok(DecryptionKey::from_ssh(&private, ask)?))?;
            let identity = Identity::with_decryption(&args.member, key, &mut random)?;
            let recipient = identity.recipient().cloned();
            let guard = recipient.as_ref().ok_or_else(|| CliError::NoRecipient { path: path.display().to_string() })?;
            let file = identity.to_file(&Protection::Elsewhere(guard))?;
            (identity, recipient, file)
        }
        (None, None) => {
            let identity = Identity::generate_kind(&args.member, kind(args.classic), &mut random)?;
            let passphrase = context.passphrases.fresh(terminal, &tr!("passphrase-new"))?;
            let file = identity.to_file(&Protection::Passphrase(&passphrase, WORK_FACTOR))?;
            let recipient = identity.recipient().cloned();
            (identity, recipient, file)
        }
        (Some(path), _) => {
            let (line, recipient) = plugin_identity(path)?;
            let key = DecryptionKey::parse(&line, Arc::new(Silent))?;
            let identity = Identity::with_decryption(&args.member, key, &mut random)?;
            let file = identity.to_file(&Protection::Elsewhere(&recipient))?;
            (identity, Some(recipient), file)
        }
    };
    let recipient = recipient.ok_or_else(|| CliError::NoRecipient { path: output.display().to_string() })?;
    let card = Card::make(&args.member, &recipient, &identity.signing, jiff::Timestamp::now())?;
    work::write_new(&output, &file)?;
    if let Err(error) = work::write_new(&card_path, &card.to_bytes()) {
        // An identity whose card nobody can have any more would stand in the way of the next try.
        let _ = std::fs::remove_file(&output);
        return Err(error.into());
    }
    let (output, card_path) = (output.display().to_string(), card_path.display().to_string());
    if context.is_json() {
        let answer =
            json!({ "member": args.member, "identity": output, "card": card_path, "fingerprint": card.fingerprint() });
        return Ok(terminal.json(&answer)?);
    }
    terminal.fields([
        (&*tr!("field-identity"), output),
        (&*tr!("field-card"), card_path),
        (&*tr!("field-fingerprint"), card.fingerprint()),
    ])?;
    terminal.note(&tr!("keys-new-next"));
    Ok(())
}

/// The kind of key that was asked for.
pub fn kind(classic: bool) -> KeyKind {
    if classic { KeyKind::Classic } else { KeyKind::Hybrid }
}

/// The identity line of a plugin's identity file, and the recipient that plugins write above it.
fn plugin_identity(path: &Path) -> CliResult<(String, Recipient)> {
    let text = work::read_text(path, MAX_PLUGIN_FILE)?;
    let missing = || CliError::NoRecipient { path: path.display().to_string() };
    let line = text.lines().map(str::trim).find(|line| line.starts_with("AGE-PLUGIN-")).ok_or_else(missing)?;
    let named = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .flat_map(str::split_whitespace)
        .find_map(|word| word.parse::<Recipient>().ok());
    Ok((line.to_owned(), named.ok_or_else(missing)?))
}
