//! What was typed and not yet written: kept beside the client's memory, sealed to the person who
//! typed it. Nothing typed is lost, and nothing typed lies on the disk in the clear.

use std::{collections::BTreeMap, path::PathBuf};

use zeroize::Zeroizing;

use crate::{
    cli::{
        error::{CliError, CliResult},
        form::{Answer, Answers},
        work,
    },
    disk,
    id::Id,
    vault::{Actor, Vault},
};

/// Largest draft, in bytes.
const MAX_DRAFT: u64 = 128 * 1024;

/// Forgets what anybody on this machine had typed into a record and not yet written.
pub fn remove_all_of(vault: &Id, record: &Id) -> CliResult {
    let folder = work::state_folder().join(vault.to_string());
    let ending = format!("-{record}.age");
    let unreadable = |source| CliError::FileUnreadable { path: folder.display().to_string(), source };
    for (name, _) in disk::list_if_there(&folder).map_err(unreadable)? {
        if name.to_str().is_some_and(|name| name.starts_with("draft-") && name.ends_with(&ending)) {
            let path = folder.join(name);
            let failed = |source| CliError::FileUnwritable { path: path.display().to_string(), source };
            disk::remove(&path).map_err(failed)?;
        }
    }
    Ok(())
}

/// Where a draft is kept.
pub struct Kept {
    path: PathBuf,
}

impl Kept {
    /// For a new record of a kind, or for one that is being corrected.
    pub fn new(vault: &Id, member: &str, what: &str) -> Kept {
        let name = format!("draft-{}-{what}.age", member.replace('/', "-"));
        Kept { path: work::state_folder().join(vault.to_string()).join(name) }
    }

    /// Where it is.
    pub fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// What was typed before, if there is such a draft.
    pub fn load(&self, actor: &Actor) -> CliResult<Option<Answers>> {
        if !self.path.exists() {
            return Ok(None);
        }
        let failed = |source| CliError::FileUnreadable { path: self.path(), source };
        let file = disk::read(&self.path, MAX_DRAFT).map_err(failed)?;
        let text = actor.open_own(&file)?;
        let bad = |error: serde_json::Error| CliError::BadJson { path: self.path(), why: error.to_string() };
        let typed: BTreeMap<String, Vec<String>> = serde_json::from_slice(&text).map_err(bad)?;
        let answer = |items: Vec<String>| match <[String; 1]>::try_from(items) {
            Ok([text]) => Answer::Text(text),
            Err(items) => Answer::Items(items),
        };
        Ok(Some(typed.into_iter().map(|(field, items)| (field, answer(items))).collect()))
    }

    /// Keeps what was typed.
    pub fn save(&self, vault: &Vault, actor: &Actor, answers: &Answers) -> CliResult {
        let typed: BTreeMap<&str, &[String]> =
            answers.iter().map(|(field, answer)| (field.as_str(), answer.items())).collect();
        let bad = |error: serde_json::Error| CliError::BadJson { path: self.path(), why: error.to_string() };
        let text = Zeroizing::new(serde_json::to_vec(&typed).map_err(bad)?);
        let file = vault.seal_to(actor, &text)?;
        let failed = |source| CliError::FileUnwritable { path: self.path(), source };
        if let Some(folder) = self.path.parent() {
            disk::make_folders(folder).map_err(failed)?;
        }
        Ok(disk::replace(&self.path, &file, true).map_err(failed)?)
    }

    /// Forgets it: what was typed is written.
    pub fn remove(&self) -> CliResult {
        if !self.path.exists() {
            return Ok(());
        }
        let failed = |source| CliError::FileUnwritable { path: self.path(), source };
        Ok(disk::remove(&self.path).map_err(failed)?)
    }
}
