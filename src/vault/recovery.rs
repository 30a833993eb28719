//! Group keys on paper: split among holders, tried, and put together again.
//!
//! What is split is the group's present key. A group whose members have all lost their keys gets
//! new members and a new key by an amendment; the old key, put together from paper, hands on to the
//! new one what was sealed before. It is never written anywhere.

use jiff::Timestamp;

use crate::{
    crypto::{
        age_secret,
        age_wrap::DecryptionKey,
        slip39::{self, Share},
    },
    custody::Charter,
    ledger::{Action, Entry, Outcome},
    store::Kv as _,
    vault::{
        Access, Actor, Progress, Rotated, Vault,
        commit::Act,
        error::VaultError,
        item::{Item, PaperItem, PaperWhat},
        rows,
    },
};

/// A group key that was split.
#[derive(Debug)]
pub struct Dealt {
    /// What the entry tells of it.
    pub paper: PaperItem,
    /// The sequence of the entry.
    pub entry: u64,
    /// The shares.
    pub shares: Vec<Share>,
}

/// What the ledger tells of a group's key on paper.
#[derive(Debug, Clone)]
pub struct PaperState {
    /// The group.
    pub group: String,
    /// The epoch of its present key.
    pub epoch: u64,
    /// The last splitting, and when.
    pub split: Option<(PaperItem, Timestamp)>,
    /// The last time that shares were tried and found good, and when.
    pub drill: Option<(PaperItem, Timestamp)>,
}

impl PaperState {
    /// Whether there is paper for the present key.
    pub fn is_current(&self) -> bool {
        self.split.as_ref().is_some_and(|(paper, _)| paper.epoch == self.epoch)
    }
}

impl Vault {
    /// Splits the present key of one of the actor's groups.
    ///
    /// # Errors
    /// [`VaultError::NotMember`] for a group of others; a threshold that makes no sense.
    pub fn split_group_key(
        &mut self,
        actor: &mut Actor,
        group: &str,
        threshold: u8,
        shares: u8,
    ) -> Result<Dealt, VaultError> {
        let action = Action::RecoverySplit;
        self.own_group(actor, group, action)?;
        let epoch = self.present_epoch(group)?;
        let secret = age_secret::to_bytes(actor.group_key(group, epoch, &self.store)?)?;
        let dealt = slip39::split(&secret, threshold, shares, &mut *actor.random)?;
        let set = dealt.first().map_or(0, |share| share.identifier);
        let paper = PaperItem { what: PaperWhat::Split, group: group.to_owned(), epoch, threshold, shares, set };
        let entry = self.enter_paper(actor, action, &paper)?;
        Ok(Dealt { paper, entry, shares: dealt })
    }

    /// Tries whether shares give the present key of one of the actor's groups. Restores nothing.
    ///
    /// # Errors
    /// [`VaultError::PaperOld`] for shares of a former key, [`VaultError::PaperOther`] for those of
    /// something else, and what is wrong with the shares. Each is an entry too.
    pub fn drill(&mut self, actor: &mut Actor, group: &str, shares: &[Share]) -> Result<PaperItem, VaultError> {
        let action = Action::RecoveryDrill;
        self.own_group(actor, group, action)?;
        let present = self.present_epoch(group)?;
        let (_, mut paper) = self.put_together(actor, group, shares, action)?;
        if paper.epoch != present {
            self.fail_paper(actor, group, action, "old-key")?;
            return Err(VaultError::PaperOld { group: group.to_owned(), epoch: paper.epoch, present });
        }
        paper.what = PaperWhat::Drill;
        self.enter_paper(actor, action, &paper)?;
        Ok(paper)
    }

    /// Puts a former key of one of the actor's groups together, and hands on to the present one
    /// what was sealed before.
    ///
    /// # Errors
    /// [`VaultError::PaperPresent`] where it is the present key, with which there is nothing to
    /// hand on; otherwise as [`Vault::drill`].
    pub fn combine(
        &mut self,
        actor: &mut Actor,
        group: &str,
        shares: &[Share],
        progress: &dyn Progress,
    ) -> Result<(PaperItem, Rotated), VaultError> {
        let action = Action::RecoveryCombine;
        self.own_group(actor, group, action)?;
        let present = self.present_epoch(group)?;
        let (key, mut paper) = self.put_together(actor, group, shares, action)?;
        if paper.epoch == present {
            self.fail_paper(actor, group, action, "present-key")?;
            return Err(VaultError::PaperPresent { group: group.to_owned() });
        }
        paper.what = PaperWhat::Combine;
        self.enter_paper(actor, action, &paper)?;
        actor.take_group_key(group, paper.epoch, key);
        let rotated = self.hand_on(actor, group, progress)?;
        Ok((paper, rotated))
    }

    /// What the ledger tells of every group's key on paper.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn paper(&self) -> Result<Vec<PaperState>, VaultError> {
        let groups = self.charter().groups().iter();
        groups.map(|group| self.paper_of(&group.id, group.epoch)).collect()
    }

    fn paper_of(&self, group: &str, epoch: u64) -> Result<PaperState, VaultError> {
        let last = |what| -> Result<Option<(PaperItem, Timestamp)>, VaultError> {
            let Some(row) = self.store.scan(&rows::papers(group, what)).last() else { return Ok(None) };
            let row = row?.1;
            let (sequence, item) = rows::split_stored_item(&row)?;
            let Item::Paper(paper) = Item::decode(item)? else { return Ok(None) };
            Ok(Some((paper, self.line(sequence)?.entry().time)))
        };
        let (split, drill) = (last(PaperWhat::Split)?, last(PaperWhat::Drill)?);
        Ok(PaperState { group: group.to_owned(), epoch, split, drill })
    }

    /// The key that shares give, and what it is: whichever key the group has had.
    fn put_together(
        &mut self,
        actor: &mut Actor,
        group: &str,
        shares: &[Share],
        action: Action,
    ) -> Result<(DecryptionKey, PaperItem), VaultError> {
        let secret = match slip39::combine(shares, b"") {
            Ok(secret) => secret,
            Err(error) => {
                self.fail_paper(actor, group, action, "shares")?;
                return Err(error.into());
            }
        };
        let mut found = None;
        for charter in self.charters.all().rev() {
            let Some(of) = charter.group(group) else { continue };
            if let Ok(key) = age_secret::from_bytes(&secret, &of.recipient)
                && key.recipient().as_ref() == Some(&of.recipient)
            {
                found = Some((key, of.epoch));
                break;
            }
        }
        let Some((key, epoch)) = found else {
            self.fail_paper(actor, group, action, "other-key")?;
            return Err(VaultError::PaperOther { group: group.to_owned() });
        };
        let threshold = shares.first().map_or(0, |share| share.threshold);
        let set = shares.first().map_or(0, |share| share.identifier);
        let count = u8::try_from(shares.len()).unwrap_or(u8::MAX);
        let what = PaperWhat::Drill;
        Ok((key, PaperItem { what, group: group.to_owned(), epoch, threshold, shares: count, set }))
    }

    fn present_epoch(&self, group: &str) -> Result<u64, VaultError> {
        let missing = || VaultError::NoGroupKey { group: group.to_owned() };
        Ok(self.charter().group(group).ok_or_else(missing)?.epoch)
    }

    fn enter_paper(&mut self, actor: &mut Actor, action: Action, paper: &PaperItem) -> Result<u64, VaultError> {
        let item = Item::Paper(paper.clone()).encode();
        self.commit(actor, act(action, &paper.group, Outcome::Ok, None), vec![item])
    }

    fn fail_paper(
        &mut self,
        actor: &mut Actor,
        group: &str,
        action: Action,
        detail: &'static str,
    ) -> Result<(), VaultError> {
        self.commit(actor, act(action, group, Outcome::Failed, Some(detail)), Vec::new()).map(drop)
    }
}

fn act(action: Action, group: &str, outcome: Outcome, detail: Option<&'static str>) -> Act<'static> {
    Act { action, group: group.to_owned(), access: Access::default(), subjects: Vec::new(), outcome, detail }
}

/// Checks an item that tells of a key on paper: in an entry that says so, for the actor's own
/// group, of its present key, or of a former one where that was put together.
pub(super) fn check_paper(entry: &Entry, paper: &PaperItem, charter: &Charter) -> Result<(), VaultError> {
    let wanted = match paper.what {
        PaperWhat::Split => Action::RecoverySplit,
        PaperWhat::Drill => Action::RecoveryDrill,
        PaperWhat::Combine => Action::RecoveryCombine,
    };
    let epoch = charter.group(&paper.group).map_or(0, |group| group.epoch);
    let of_its_time = match paper.what {
        PaperWhat::Split | PaperWhat::Drill => paper.epoch == epoch,
        PaperWhat::Combine => (1..epoch).contains(&paper.epoch),
    };
    if entry.action == wanted && entry.outcome == Outcome::Ok && entry.group == paper.group && of_its_time {
        Ok(())
    } else {
        let why = "it tells of a key on paper that is not its group's, or without saying so";
        Err(VaultError::BadEntry { sequence: entry.seq, why })
    }
}
