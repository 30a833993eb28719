//! `amanah backup drill`: tries the newest backup out.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{
        context::Context,
        error::CliResult,
        i18n::tr,
        work::{self, Watcher},
    },
    vault::{self, VaultError},
};

/// The arguments of `amanah backup drill`.
#[derive(Debug, Args)]
pub struct DrillArgs {
    /// The folder of the backups
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The key of a backup recipient
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
}

/// Does it. The vault is held only while the result is written.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &DrillArgs, context: &Context) -> CliResult {
    let own = vault::identify(context.vault()?)?;
    let key = super::key(&args.key, context)?;
    let signed = vault::find_backup(&args.dir, None)?;
    let watcher = Watcher::new(&context.terminal);
    let tried = super::restore::in_scratch(&std::env::temp_dir(), |new, state| {
        Ok(vault::unpack(&args.dir, &signed, &key, new, state, &watcher)?)
    });
    let continues = work::with_vault(context, |vault, actor| {
        let sound = tried.is_ok() && vault.continues(&signed.manifest)?;
        vault.backup_tried(actor, signed.manifest.backup, sound)?;
        Ok(sound)
    })?;
    let looked = tried?;
    if !continues {
        let path = args.dir.display().to_string();
        return Err(match own == signed.manifest.vault {
            true => VaultError::PartedBackup { path },
            false => VaultError::OtherBackup { path },
        }
        .into());
    }
    if context.is_json() {
        return Ok(context.terminal.json(&super::as_json(&looked))?);
    }
    let (backup, created) = (looked.backup.to_string(), looked.created.to_string());
    context.terminal.note(&tr!("backup-drilled", backup = backup, created = created, entries = looked.entries));
    Ok(())
}
