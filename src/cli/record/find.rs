//! Which record a person means: an id, the beginning of one, or a code that is unique.

use crate::{
    cli::{args::RecordRef, error::CliResult},
    id::Id,
    vault::{Access, Actor, Unwatched, Vault, VaultError},
};

/// The record that is meant. A code is looked for in the unique fields that the actor can open;
/// the search is an entry in the ledger.
pub fn record(vault: &mut Vault, actor: &mut Actor, access: Access<'_>, named: &RecordRef) -> CliResult<Id> {
    match vault.resolve(&named.0) {
        Ok(id) => Ok(id),
        Err(error @ (VaultError::BadReference { .. } | VaultError::NoRecord { .. })) => {
            match by_code(vault, actor, access, &named.0)? {
                Some(id) => Ok(id),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn by_code(vault: &mut Vault, actor: &mut Actor, access: Access<'_>, code: &str) -> CliResult<Option<Id>> {
    let schema = vault.schema().clone();
    let charter = vault.charter().clone();
    for kind in schema.kinds() {
        for (field, class) in kind.sealed_fields().filter(|(field, _)| field.unique) {
            // A class that wants a reason is not searched in passing.
            if charter.class(class).is_none_or(|class| class.reason) {
                continue;
            }
            let known = vault.known_values(actor, access, &kind.id, &field.id, &Unwatched)?;
            let Some(known) = known else { continue };
            if let Some(id) = vault.find_known(&known, code)? {
                return Ok(Some(id));
            }
        }
    }
    Ok(None)
}
