//! Making a vault.

use std::path::Path;

use super::{JOURNAL, LEDGER, LOCK, MARKER, Options, Vault, actor::Actor, error::VaultError, item::Item, open::Marker};
use crate::{
    crypto::{
        identity::Identity,
        random::{Random, SystemRandom, new_id},
        sign::SigningKey,
    },
    custody::{self, CharterError},
    disk,
    id::{Id, body_of},
    ledger::{Action, EntryDraft, Frontier, LedgerError, Line, Log, Outcome},
    records::schema::Schema,
    store::{
        StoreError,
        journal::{self, Journal},
    },
};

/// What a vault is made from.
#[derive(Debug)]
pub struct Founding {
    /// The charter before keys are put in.
    pub charter: custody::Draft,
    /// The first schema.
    pub schema: Schema,
}

/// Makes a vault in a folder that does not exist, or is empty.
///
/// It is put together in a folder beside it and renamed, so that there is never half a vault. All
/// that is wrong with the charter is told at once.
pub fn create(
    dir: &Path,
    founding: Founding,
    founder: Identity,
    options: &Options<'_>,
) -> Result<(Vault, Actor), Vec<VaultError>> {
    create_with(dir, founding, founder, options, Box::new(SystemRandom::new()))
}

/// Makes a vault as [`create`] does, and draws from a given source what is random in it and in what
/// the founder does then: a test makes the same vault twice.
///
/// # Errors
/// Those of [`create`].
pub fn create_with(
    dir: &Path,
    founding: Founding,
    founder: Identity,
    options: &Options<'_>,
    mut random: Box<dyn Random>,
) -> Result<(Vault, Actor), Vec<VaultError>> {
    let one = |error: VaultError| vec![error];
    let occupied = match disk::list(dir) {
        Ok(entries) => !entries.is_empty(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    if occupied {
        return Err(one(VaultError::NotEmpty { path: dir.display().to_string() }));
    }
    let id = new_id(&mut *random).map_err(|e| one(e.into()))?;
    let log = SigningKey::generate(&mut *random).map_err(|e| one(e.into()))?;
    let now = crate::clock::now();
    let signer = (founder.member.as_str(), &founder.signing);
    let (charter, keys) = founding
        .charter
        .into_charter(id, log.public(), signer, now, &mut *random)
        .map_err(|faults| faults.into_iter().map(VaultError::from).collect::<Vec<_>>())?;
    let centre = charter.body(body_of(&founder.member).unwrap_or_default());
    if centre.is_none_or(|body| body.role != custody::Role::Centre) {
        return Err(one(CharterError::Founder { member: founder.member.clone() }.into()));
    }
    charter.verify_founder(&founder.member).map_err(|e| one(e.into()))?;
    founding.schema.check_classes(|class| charter.class(class).is_some()).map_err(|e| one(e.into()))?;

    let mut items = vec![Item::Charter(charter.to_bytes()), Item::Schema(founding.schema.text().to_owned())];
    items.extend(keys.iter().map(|key| Item::GroupKey(key.to_bytes())));
    let mut wrapped = Vec::new();
    for group in charter.groups() {
        let file = random.wrap(&group.recipient, log.seed()).map_err(|e| one(e.into()))?;
        wrapped.push((group.id.clone(), file));
    }
    items.push(Item::LogKey(wrapped));

    let group = charter.groups_of(&founder.member).next().map(ToOwned::to_owned);
    let group = group.ok_or_else(|| one(VaultError::NoGroup { member: founder.member.clone() }))?;

    let payload = journal::Payload {
        seq: 0,
        items: items.iter().map(|item| journal::Item::Live(item.encode().into())).collect(),
    };
    let draft = EntryDraft {
        seq: 0,
        time: now,
        actor: founder.member.clone(),
        group,
        action: Action::VaultCreate,
        purpose: None,
        subjects: Vec::new(),
        payload: Some(payload.digest(&id)),
        outcome: Outcome::Ok,
        detail: None,
        charter: charter.version(),
        root: Frontier::new().root(),
    };
    let line = Line::sign(draft, &founder.signing, &id).map_err(|e| one(e.into()))?;
    lay_out(dir, &id, &payload, &line).map_err(one)?;

    let opened = Vault::open(dir, options).and_then(|vault| {
        let mut vault = vault;
        let mut actor = vault.admit_with(founder, random)?;
        vault.checkpoint(&mut actor)?;
        Ok((vault, actor))
    });
    opened.map_err(one)
}

fn lay_out(dir: &Path, vault: &Id, payload: &journal::Payload, line: &Line) -> Result<(), VaultError> {
    let parent = match dir.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    disk::make_folders(parent).map_err(StoreError::io(parent))?;
    let draft = parent.join(format!(".amanah-{vault}"));
    disk::make_folder(&draft).map_err(StoreError::io(&draft))?;
    let laid_out = fill(&draft, vault, payload, line).and_then(|()| {
        // Over an empty folder rename puts ours in its place; over anything else it fails.
        Ok(disk::rename(&draft, dir).map_err(StoreError::io(dir))?)
    });
    if laid_out.is_err() {
        // What went wrong is told; that its remains could not be removed too would not help.
        let _ = disk::remove_folder(&draft);
    }
    laid_out
}

fn fill(draft: &Path, vault: &Id, payload: &journal::Payload, line: &Line) -> Result<(), VaultError> {
    Journal::create(&draft.join(JOURNAL))?.append(std::slice::from_ref(payload))?;
    Log::create(&draft.join(LEDGER))?.append(line)?;
    for (name, bytes) in [(LOCK, &b""[..]), (MARKER, &Marker::bytes(*vault))] {
        let path = draft.join(name);
        disk::replace(&path, bytes, true).map_err(LedgerError::io(&path))?;
    }
    Ok(())
}
