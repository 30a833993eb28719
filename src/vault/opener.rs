//! Envelopes opened, after the entry that says so: what opens them is got once, and then all
//! processors open.

use std::{collections::BTreeMap, sync::Arc};

use zeroize::Zeroizing;

use super::{
    Vault,
    actor::{Actor, Way},
    divide::{meanwhile, part},
    error::VaultError,
    plan::{Plan, Planned, Source},
    policy,
    read::{Cell, Revealed, Shown},
};
use crate::{
    crypto::{
        CryptoError,
        envelope::{Envelope, Opened, Place},
    },
    id::Id,
    records::value::Value,
};

/// Records that are opened before the next ones are begun. Bounds what is thrown away when one of
/// them does not open.
pub(super) const OPENED_AT_ONCE: usize = 512;

/// Fewest records that are divided between processors: a thread costs more than opening a few.
const FEWEST: usize = 16;

/// Most sessions whose ways are kept, at some kilobytes each.
const MAX_WAYS: usize = 1_024;

/// How envelopes are opened, by their sessions and charters, and by their classes.
#[derive(Default)]
pub(super) struct Ways(BTreeMap<(Id, u64), Vec<(String, Way)>>);

impl Ways {
    fn of(&self, envelope: &Envelope) -> Option<&Way> {
        let ways = self.0.get(&(envelope.session, envelope.charter))?;
        ways.iter().find(|(class, _)| *class == envelope.class).map(|(_, way)| way)
    }
}

impl Vault {
    /// Opens what is planned, in order; what was sealed is gone from the plans afterwards. Of the
    /// first that does not open, which it is and why.
    pub(super) fn open_plans(
        &self,
        actor: &mut Actor,
        plans: &mut [Plan<'_>],
        ways: &mut Ways,
        out: &mut Vec<Shown>,
    ) -> Result<(), (usize, VaultError)> {
        if ways.0.len() > MAX_WAYS {
            ways.0.clear();
        }
        let mut ready = plans.len();
        let mut without = None;
        for (at, plan) in plans.iter().enumerate() {
            if let Err(error) = self.find_ways(actor, plan, ways) {
                (ready, without) = (at, Some(error));
                break;
            }
        }
        let ways = &*ways;
        let each = part(ready, FEWEST);
        let parts: Vec<_> = plans[..ready].chunks_mut(each).collect();
        let ((), opened) = meanwhile(parts, |part| open_part(part, ways), || ());
        for (at, part) in opened.into_iter().enumerate() {
            let opened = part.unwrap_or(Err((0, CryptoError::DoesNotOpen.into())));
            out.extend(opened.map_err(|(place, error)| (at * each + place, error))?);
        }
        without.map_or(Ok(()), |error| Err((ready, error)))
    }

    /// Gets what opens the envelopes of a plan.
    fn find_ways(&self, actor: &mut Actor, plan: &Plan<'_>, ways: &mut Ways) -> Result<(), VaultError> {
        let mut last = None;
        for cell in &plan.cells {
            // The fields of an envelope mostly stand beside each other.
            let Source::Envelope(at, index, _) = cell.source else { continue };
            if last.replace((at, index)) == Some((at, index)) {
                continue;
            }
            let envelope = &plan.items[at].envelopes[index];
            if ways.of(envelope).is_none() {
                let missing = || VaultError::NoKey { class: envelope.class.clone() };
                let charter = self.charter_of(envelope.charter).ok_or_else(missing)?;
                let policy = policy::of_class(charter, &envelope.class).ok_or_else(missing)?;
                let way = actor.way(&envelope.session, &policy, charter, &self.store)?;
                ways.0.entry((envelope.session, envelope.charter)).or_default().push((envelope.class.clone(), way));
            }
        }
        Ok(())
    }
}

fn open_part(plans: &mut [Plan<'_>], ways: &Ways) -> Result<Vec<Shown>, (usize, VaultError)> {
    // One for all fields: it is wiped at the end, and whenever a longer one takes its place.
    let mut buffer = Zeroizing::new(Vec::with_capacity(1_024));
    let mut names = Names::default();
    let one = |(at, plan): (usize, &mut Plan<'_>)| {
        let shown = open(plan, ways, &mut names, &mut buffer).map_err(|error| (at, error));
        // Here, where all processors are at work.
        plan.items = Vec::new();
        shown
    };
    plans.iter_mut().enumerate().map(one).collect()
}

/// The names of fields and classes in the order of cells, as the last record had them. Every thread
/// has its own: processors that count the uses of the same one wait for each other.
#[derive(Default)]
struct Names(Vec<(Arc<str>, Arc<str>)>);

impl Names {
    fn of(&mut self, at: usize, cell: &Planned<'_>) -> (Arc<str>, Arc<str>) {
        if let Some((field, class)) =
            self.0.get(at).filter(|(field, class)| **field == *cell.field.id && **class == *cell.class)
        {
            return (field.clone(), class.clone());
        }
        self.0.truncate(at);
        self.0.push((Arc::from(cell.field.id.as_str()), Arc::from(cell.class)));
        self.0[self.0.len() - 1].clone()
    }
}

fn open(plan: &Plan<'_>, ways: &Ways, names: &mut Names, buffer: &mut Zeroizing<Vec<u8>>) -> Result<Shown, VaultError> {
    let mut opened: Vec<((usize, usize), Opened<'_>)> = Vec::with_capacity(8);
    let mut cells = Vec::with_capacity(plan.cells.len());
    for (at, cell) in plan.cells.iter().enumerate() {
        let (field, class) = names.of(at, cell);
        let content = match cell.source {
            Source::Sealed => Revealed::Sealed,
            Source::Unwritten => Revealed::Unwritten,
            Source::Restricted => Revealed::Restricted,
            Source::Envelope(at, index, position) => {
                let known = opened.iter().position(|(place, _)| *place == (at, index));
                let known = match known {
                    Some(known) => known,
                    None => {
                        opened.push(((at, index), open_envelope(plan, at, index, ways)?));
                        opened.len() - 1
                    }
                };
                let value = opened[known].1.open_into(position, buffer)?;
                Revealed::Value(Value::decode(value, cell.field)?)
            }
        };
        cells.push(Cell { field, class, content });
    }
    let (record, kind) = (plan.record, plan.kind.id.clone());
    Ok(Shown { record, kind, version: plan.version, of: plan.of, cells })
}

fn open_envelope<'p>(plan: &'p Plan<'_>, at: usize, index: usize, ways: &Ways) -> Result<Opened<'p>, VaultError> {
    let item = &plan.items[at];
    let envelope = &item.envelopes[index];
    let missing = || VaultError::NoKey { class: envelope.class.clone() };
    let place = Place { vault: &plan.vault, record: &plan.record, kind: &plan.kind.id, version: item.version };
    let placed = envelope.at(&place);
    let content_key = ways.of(envelope).ok_or_else(missing)?.content_key(&placed)?;
    Ok(placed.open(&content_key)?)
}
