//! Overseers at work on a copy of the vault, without the centre. They cannot write into its ledger;
//! before anything is shown, what is opened is said in a signed statement, which the centre must
//! later admit.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Shown, Vault,
    actor::Actor,
    commit::{Access, Act},
    error::VaultError,
    item::{Item, StatementItem},
    may::known_purpose,
    open::StoredNodes,
    release::lacking,
    request::{Ask, holder, subjects},
    rows,
};
use crate::{
    custody::{
        Charter, Release, ReleaseError, Request, Role, Statement, exchange::RequestFile, request::Named,
        statement::StatementFile,
    },
    id::{Id, body_of},
    ledger::{Action, Outcome, Subject, tree},
    store::Kv as _,
};

impl Vault {
    /// Asks from a copy of the vault: as [`Vault::make_request`], but nothing is entered. Only
    /// overseers may; the others have the ledger to write in.
    ///
    /// # Errors
    /// As [`Vault::make_request`] and [`Vault::send_request`].
    pub fn request_aside(
        &mut self,
        actor: &mut Actor,
        access: Access<'_>,
        ask: &Ask<'_>,
        to: &[String],
        seen: Option<u64>,
    ) -> Result<(Request, RequestFile), VaultError> {
        self.check_overseer(actor)?;
        self.require_purpose(access)?;
        if let Some(code) = access.purpose {
            // Refused before anything could be entered.
            known_purpose(self.charter(), code)?;
        }
        let (request, covered) = self.prepare_request(actor, access, ask)?;
        let file = self.send_aside(&request, &covered, to, seen)?;
        Ok((request, file))
    }

    /// Opens from a copy of the vault what a request of the actor names, with releases of other
    /// overseers. `keep` is given the statement that says so, and has kept it when it returns; only
    /// then is anything opened.
    ///
    /// # Errors
    /// What is wrong with the request or a release; too few shares; what `keep` says.
    pub fn open_aside(
        &self,
        actor: &mut Actor,
        request: &Request,
        releases: &[Release],
        keep: &mut dyn FnMut(&StatementFile) -> Result<(), VaultError>,
    ) -> Result<Vec<Shown>, VaultError> {
        self.check_overseer(actor)?;
        let now = crate::clock::now();
        let charters = self.charters_so_far();
        if request.asker() != actor.member() {
            return Err(ReleaseError::NotForYou { asker: request.asker().to_owned() }.into());
        }
        request.check(&charters, now)?;
        for release in releases {
            release.check(request, &charters, now)?;
        }
        let covered = self.named(request.envelopes())?;
        for one in &covered {
            let mut held: BTreeSet<&str> = actor.groups().iter().map(String::as_str).collect();
            let covers = |release: &&Release| release.envelopes().binary_search(&one.named).is_ok();
            held.extend(releases.iter().filter(covers).map(Release::group));
            let charter = self.charter_of(one.policy.charter).ok_or(ReleaseError::OtherVault)?;
            if let Some(lack) = lacking(charter, &one.policy, &held) {
                return Err(lack.into());
            }
        }
        let group = holder(actor, &covered);
        let statement = Statement::make(
            self.charter(),
            (actor.member(), &group, actor.signing()),
            (self.size(), tree::root_at(self.size(), &StoredNodes(&self.store))?),
            request,
            releases,
            request.envelopes().to_vec(),
            now,
        )?;
        keep(&StatementFile::new(&statement, request, releases))?;
        self.open_covered(actor, &covered, releases)
    }

    /// Takes a statement of overseers into the ledger.
    ///
    /// # Errors
    /// What is wrong with it; [`ReleaseError::StatementErased`], with an entry that names its records, if
    /// one of these was erased since; [`VaultError::Forked`] if the copy that they worked from was of
    /// another ledger than this one, [`VaultError::RolledBack`] if of a longer one: both are a
    /// reason to ask what became of this ledger.
    pub fn admit_statement(&mut self, actor: &mut Actor, file: &StatementFile) -> Result<u64, VaultError> {
        let (statement, request, releases) = file.parts()?;
        let made_under: Vec<&Charter> =
            self.charters.all().map(|charter| &**charter).filter(|c| c.version() <= statement.charter()).collect();
        statement.check(&request, &releases, &made_under)?;
        let (size, root) = statement.tree();
        if size > self.size() {
            return Err(VaultError::RolledBack { size: self.size(), remembered: size });
        }
        if tree::root_at(size, &StoredNodes(&self.store))? != root {
            return Err(VaultError::Forked { size });
        }
        if self.store.get(&rows::statement(&statement.id()))?.is_some() {
            return Err(ReleaseError::Admitted { statement: statement.id().to_string() }.into());
        }
        let charter = self.charter().clone();
        let act = Act {
            action: Action::LedgerAdmit,
            group: actor.groups().first().cloned().unwrap_or_default(),
            access: Access {
                purpose: Some(statement.purpose()).filter(|code| charter.purpose(code).is_some()),
                reason: None,
            },
            subjects: Vec::new(),
            outcome: Outcome::Ok,
            // The statement can be erased with a record, and the entry still says who it was.
            detail: Some(statement.opener()),
        };
        let mut erased = false;
        for named in statement.envelopes() {
            erased |= self.erasure_of(&named.record)?.is_some();
        }
        if erased {
            // A statement goes with a record that it names. That it was opened must not be left unsaid.
            let subjects = without_fields(statement.envelopes());
            let act = Act { subjects, outcome: Outcome::Failed, ..act };
            let entry = self.commit(actor, act, Vec::new())?;
            return Err(ReleaseError::StatementErased { statement: statement.id().to_string(), entry }.into());
        }
        let act = Act { subjects: subjects(&self.named(statement.envelopes())?)?, ..act };
        let item = StatementItem {
            statement: statement.to_bytes(),
            request: request.to_bytes(),
            releases: releases.iter().map(Release::to_bytes).collect(),
        };
        self.commit(actor, act, vec![Item::Statement(item).encode()])
    }

    fn check_overseer(&self, actor: &Actor) -> Result<(), VaultError> {
        let body = body_of(actor.member()).and_then(|body| self.charter().body(body));
        match body.is_some_and(|body| body.role == Role::Oversight) {
            true => Ok(()),
            false => Err(ReleaseError::NotAnOverseer { member: actor.member().to_owned() }.into()),
        }
    }
}

/// What an entry says of records whose fields are not known any more.
fn without_fields(envelopes: &[Named]) -> Vec<Subject> {
    let mut by_version: BTreeMap<(&str, u64), BTreeSet<Id>> = BTreeMap::new();
    for one in envelopes {
        by_version.entry((&one.kind, one.version)).or_default().insert(one.record);
    }
    let subject = |((kind, version), records): ((&str, u64), BTreeSet<Id>)| Subject {
        kind: kind.to_owned(),
        version,
        fields: BTreeMap::new(),
        records: records.into_iter().collect(),
        of: Vec::new(),
    };
    by_version.into_iter().map(subject).collect()
}
