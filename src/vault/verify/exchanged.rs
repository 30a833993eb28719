//! What `verify` checks of requests, releases and what ended them: signatures by the charter in
//! force, that answers belong to a request that is there, and that each came with the entry that it
//! belongs to.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::{
    error::VaultError,
    glass::noted,
    item::{Item, named_by},
    request::says,
    rows,
};
use crate::{
    custody::{Charter, Ending, Release, Request, Role, Statement, request::id_of},
    id::{Id, body_of},
    ledger::{Action, Entry, Outcome},
};

/// The requests that the walk over the ledger has met.
#[derive(Debug, Default)]
pub(super) struct Exchanged {
    requests: HashMap<Id, Request>,
    /// Who has answered what, in the name of which group.
    answers: HashSet<(Id, String, String)>,
    releases: HashSet<Id>,
    statements: HashSet<Id>,
    glass: HashSet<u64>,
    acknowledged: HashSet<u64>,
    /// Entries of which a request, an answer or a statement was erased.
    gone: HashMap<u64, Gone>,
}

/// What an entry says whose request, answer or statement was erased.
#[derive(Debug)]
struct Gone {
    action: Action,
    actor: String,
    purpose: Option<String>,
    records: BTreeSet<Id>,
    /// Of a release that came with its request: the records that are released, with a field. `None` of
    /// others.
    released: Option<BTreeSet<Id>>,
}

impl Gone {
    /// Whether a request that was answered, or ended, for this purpose and about these records can
    /// be what is gone; `asker`, where the answer tells who had asked.
    fn can_be_request(&self, purpose: Option<&str>, asker: Option<&str>, named: &BTreeSet<Id>) -> bool {
        let held = match self.action {
            Action::RequestMake => asker.is_none_or(|asker| asker == self.actor),
            Action::ReleaseApprove => self.released.is_some(),
            Action::ReleaseDeny => true,
            _ => false,
        };
        held && self.purpose.as_deref() == purpose && named.is_subset(&self.records)
    }
}

impl Exchanged {
    /// Checks that glass was broken by those who may, and acknowledged by an overseer; gives the row.
    pub(super) fn glass(
        &mut self,
        entry: &Entry,
        item: &Item,
        charter: &Charter,
    ) -> Result<(Vec<u8>, Vec<u8>), VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        let done = entry.outcome == Outcome::Ok;
        match item {
            Item::GlassBroken => {
                let groups: Vec<String> = charter.groups_of(&entry.actor).map(ToOwned::to_owned).collect();
                let mut classes = entry.subjects.iter().flat_map(|subject| subject.fields.keys());
                let may = classes.all(|class| charter.opens_in_emergency(class, &groups));
                if entry.action != Action::GlassBreak || !done || !may || entry.purpose.is_none() {
                    return Err(bad("it breaks glass without saying so, or without the right"));
                }
                self.glass.insert(entry.seq);
                Ok((rows::glass(entry.seq).to_vec(), Vec::new()))
            }
            Item::Acknowledged(of) => {
                let body = body_of(&entry.actor).and_then(|body| charter.body(body));
                let overseer = body.is_some_and(|body| body.role == Role::Oversight);
                let named = entry.subjects == [noted(*of)];
                if entry.action != Action::GlassAcknowledge || !done || !overseer || !named || !self.glass.contains(of)
                {
                    return Err(bad("it acknowledges what it cannot"));
                }
                if !self.acknowledged.insert(*of) {
                    return Err(bad("it acknowledges what was acknowledged already"));
                }
                Ok((rows::acknowledged(*of).to_vec(), entry.seq.to_be_bytes().to_vec()))
            }
            _ => Err(bad("it is not about glass")),
        }
    }

    /// How many of an entry's items can be erased with the records that they name; nothing where
    /// the entry is not about a request.
    pub(super) fn most_gone(&self, entry: &Entry, erased: u64) -> Option<u64> {
        let most = match entry.action {
            Action::RequestMake | Action::ReleaseDeny | Action::LedgerAdmit => 1,
            Action::ReleaseApprove => 2,
            Action::ReleaseOpen => erased,
            _ => return None,
        };
        Some(if entry.outcome == Outcome::Ok { most } else { 0 })
    }

    /// Takes note that items of an entry, which has `count`, were erased.
    pub(super) fn gone(&mut self, entry: &Entry, count: usize) {
        if self.most_gone(entry, 0).is_none() {
            return;
        }
        let of = |released: bool| {
            let subjects = entry.subjects.iter().filter(|subject| !released || !subject.fields.is_empty());
            subjects.flat_map(|subject| &subject.records).copied().collect()
        };
        let released = (entry.action == Action::ReleaseApprove && count == 2).then(|| of(true));
        let (action, actor, purpose) = (entry.action, entry.actor.clone(), entry.purpose.clone());
        self.gone.insert(entry.seq, Gone { action, actor, purpose, records: of(false), released });
    }

    /// Whether what an entry answers or ends, and is not there, can be a request that was erased.
    fn request_gone(&self, entry: &Entry, asker: Option<&str>, named: &BTreeSet<Id>) -> bool {
        self.gone.values().any(|gone| gone.can_be_request(entry.purpose.as_deref(), asker, named))
    }

    /// Whether these items of an entry can have gone with these records: the entry names one, and
    /// gives something of it where what is gone is a release.
    pub(super) fn goes_with(&self, sequence: u64, places: &[u64], records: &[Id]) -> bool {
        let Some(gone) = self.gone.get(&sequence) else { return true };
        places.iter().all(|place| {
            let named = gone.released.as_ref().filter(|_| *place > 0).unwrap_or(&gone.records);
            records.iter().any(|record| named.contains(record))
        })
    }

    /// Checks one item, and gives the key of its row. `charters` are all so far, oldest first.
    pub(super) fn item(&mut self, entry: &Entry, item: &Item, charters: &[&Charter]) -> Result<Vec<u8>, VaultError> {
        let bad = |why| VaultError::BadEntry { sequence: entry.seq, why };
        if entry.outcome != Outcome::Ok {
            return Err(bad("it brings a request or an answer, and was not done"));
        }
        let spoken: BTreeSet<Id> = entry.subjects.iter().flat_map(|subject| &subject.records).copied().collect();
        let named = named_by(item);
        if !named.is_subset(&spoken) {
            return Err(bad("it brings a request or an answer about records that it does not name"));
        }
        match item {
            Item::Request(note) => {
                let request = Request::parse(note)?;
                request.check_signed(charters)?;
                let own = entry.action == Action::RequestMake && entry.actor == request.asker();
                let taken_in = matches!(entry.action, Action::ReleaseApprove | Action::ReleaseDeny);
                let told = !own || says(entry, request.envelopes());
                if !(own || taken_in) || !told || entry.purpose.as_deref() != Some(request.purpose()) {
                    return Err(bad("it brings a request that it does not speak of"));
                }
                if request.charter() != entry.charter {
                    return Err(bad("it brings a request made under another charter"));
                }
                let id = request.id();
                if self.requests.insert(id, request).is_some() {
                    return Err(bad("it brings a request that is there already"));
                }
                Ok(rows::request(&id).to_vec())
            }
            Item::Release(item) => {
                let release = Release::parse(&item.note, &item.shares)?;
                let id = id_of(release.request());
                match self.requests.get(&id) {
                    Some(request) => release.check_signed(request, charters)?,
                    // Erased with another record that it named.
                    None if self.request_gone(entry, Some(release.asker()), &named) => {
                        release.check_signer(charters)?
                    }
                    None => return Err(bad("it answers a request that is not there")),
                }
                let own = entry.action == Action::ReleaseApprove
                    && entry.actor == release.releaser()
                    && entry.group == release.group();
                let taken_in = entry.action == Action::ReleaseOpen && entry.actor == release.asker();
                if !(own || taken_in) || !says(entry, release.envelopes()) {
                    return Err(bad("it brings a release that it does not speak of"));
                }
                if release.charter() != entry.charter {
                    return Err(bad("it brings a release made under another charter"));
                }
                if !self.releases.insert(release.id()) {
                    return Err(bad("it brings a release that is there already"));
                }
                let answer = (id, release.releaser().to_owned(), release.group().to_owned());
                if own && !self.answers.insert(answer) {
                    return Err(bad("it answers a request a second time"));
                }
                Ok([&rows::releases(&id)[..], &release.id().0].concat())
            }
            Item::Ending(note) => {
                let ending = Ending::parse(note)?;
                let id = id_of(ending.request());
                match self.requests.get(&id) {
                    Some(request) => ending.check(request, charters)?,
                    None if self.request_gone(entry, (!ending.denies()).then_some(ending.by()), &named) => {
                        ending.check_signer(charters)?
                    }
                    None => return Err(bad("it ends a request that is not there")),
                }
                let action = if ending.denies() { Action::ReleaseDeny } else { Action::RequestWithdraw };
                if entry.action != action || entry.actor != ending.by() {
                    return Err(bad("it ends a request in the name of somebody else"));
                }
                Ok([&rows::endings(&id)[..], &ending.id().0].concat())
            }
            Item::Statement(item) => {
                let statement = Statement::parse(&item.statement)?;
                let request = Request::parse(&item.request)?;
                let releases = item.releases.iter().map(|note| Release::parse_note(note));
                let releases = releases.collect::<Result<Vec<_>, _>>()?;
                let made_under: Vec<&Charter> =
                    charters.iter().copied().filter(|charter| charter.version() <= statement.charter()).collect();
                statement.check(&request, &releases, &made_under)?;
                let told = entry.action == Action::LedgerAdmit
                    && entry.detail.as_deref() == Some(statement.opener())
                    && says(entry, statement.envelopes());
                if !told || statement.tree().0 > entry.seq {
                    return Err(bad("it admits a statement without saying so, or of a later ledger"));
                }
                if !self.statements.insert(statement.id()) {
                    return Err(bad("it admits a statement that is there already"));
                }
                Ok(rows::statement(&statement.id()).to_vec())
            }
            _ => Err(bad("it is not about a request")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_its_request_is_taken_only_where_that_can_have_been_erased() {
        let [one, two] = [Id([1; 16]), Id([2; 16])];
        let gone = |action, brought: bool| Gone {
            action,
            actor: "handayani/ratna".into(),
            purpose: Some("care".into()),
            records: BTreeSet::from([one]),
            released: brought.then(BTreeSet::new),
        };
        let can = |gone: &Gone, purpose, asker, named: &[Id]| {
            gone.can_be_request(Some(purpose), asker, &named.iter().copied().collect())
        };
        let made = gone(Action::RequestMake, false);
        let (ratna, siti) = (Some("handayani/ratna"), Some("handayani/siti"));
        assert!(can(&made, "care", ratna, &[one]) && can(&made, "care", None, &[]));
        assert!(!can(&made, "care", siti, &[one]), "somebody else's");
        assert!(!can(&made, "oversight", ratna, &[one]), "for another purpose");
        assert!(!can(&made, "care", ratna, &[one, two]), "about more");
        let outside = gone(Action::ReleaseApprove, true);
        assert!(can(&outside, "care", siti, &[one]) && !can(&outside, "oversight", siti, &[one]));
        assert!(!can(&outside, "care", siti, &[two]), "about others");
        // What is gone of these was no request.
        for (action, brought) in [(Action::ReleaseApprove, false), (Action::ReleaseOpen, false)] {
            assert!(!can(&gone(action, brought), "care", ratna, &[one]));
        }
    }

    #[test]
    fn a_release_goes_with_what_is_released_and_its_request_with_what_is_named() {
        let [one, two, other] = [1, 2, 3].map(|byte| Id([byte; 16]));
        let gone = Gone {
            action: Action::ReleaseApprove,
            actor: "handayani/ratna".into(),
            purpose: None,
            records: BTreeSet::from([one, two]),
            released: Some(BTreeSet::from([one])),
        };
        let exchanged = Exchanged { gone: HashMap::from([(7, gone)]), ..Exchanged::default() };
        let cases = [(&[0, 1][..], one, true), (&[0], two, true), (&[0, 1], two, false), (&[0], other, false)];
        for (places, record, goes) in cases {
            assert_eq!(exchanged.goes_with(7, places, &[record]), goes, "{places:?} {record}");
        }
        assert!(exchanged.goes_with(8, &[0], &[other]), "not about a request");
    }
}
