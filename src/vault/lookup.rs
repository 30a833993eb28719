//! Postings found by their keyword: the chain of labels of each is followed to its end.
//!
//! What is divided is not divided again within: each thread that reads keeps memory of its own for what
//! it has read.

use std::sync::{Arc, atomic::Ordering};

use super::{Vault, divide::divided, error::VaultError, rows};
use crate::{
    crypto::{
        CryptoError,
        index::{Content, IndexKey, Keyword, Label, POSTING},
    },
    records::{schema::SearchMode, search::Token},
    store::runs::{self, Placed, Reached, Runs},
};

/// A keyword that has so many postings has its own turn, in which all processors follow its chain.
const LONG: u64 = 64;

/// So many labels of it are looked up at a time.
const BLOCK: u64 = 512;

/// Fewer keywords than twice so many are not divided between processors.
const FEWEST: usize = 16;

/// An epoch that is searched.
pub(super) struct Searched {
    pub number: u64,
    pub key: Arc<IndexKey>,
    /// How many items were erased since.
    pub erased: u64,
    /// Most postings that one version can have of a number or code: it can stand in several fields.
    pub exact: u64,
    /// Most that it can have of a word of a name.
    pub name: u64,
}

impl Searched {
    /// Most labels in a row of one keyword that can be missing.
    fn gaps(&self, mode: SearchMode) -> u64 {
        self.erased
            * match mode {
                SearchMode::Exact => self.exact,
                SearchMode::Name => self.name,
                // A keyword of one field.
                SearchMode::Date | SearchMode::Choice => 1,
            }
    }
}

/// The epochs of one class, oldest first.
pub(super) struct ClassIndex(pub Vec<Searched>);

/// The postings of one keyword in one epoch, as far as they were followed.
struct Chain {
    /// The number of its token.
    token: usize,
    keyword: Keyword,
    /// Most labels in a row that can be missing.
    gaps: u64,
    /// The label that comes next.
    next: u64,
    /// Where the last posting was: one comes with the one before it, or later.
    reached: Reached,
    /// How many labels in a row have been missing.
    missing: u64,
    found: Vec<Content>,
}

impl Chain {
    /// Takes what is under the next label; whether there can be more: not when more are missing in a
    /// row than can have been erased.
    fn take(&mut self, found: Option<Content>) -> bool {
        self.missing = if found.is_some() { 0 } else { self.missing + 1 };
        self.next += 1;
        self.found.extend(found);
        self.missing <= self.gaps
    }
}

impl Vault {
    /// All postings of these tokens, each with the number of its token. Most tokens have none or few,
    /// some very many.
    pub(super) fn look_up(&self, index: &ClassIndex, tokens: &[Token]) -> Result<Vec<(usize, Content)>, VaultError> {
        let numbered: Vec<(usize, &Token)> = tokens.iter().enumerate().collect();
        let mut out = Vec::new();
        for epoch in &index.0 {
            let runs = self.runs(epoch.number)?;
            let begin = |part: &[(usize, &Token)]| {
                part.iter().map(|(token, text)| self.begin(&runs, epoch, *token, text)).collect::<Result<Vec<_>, _>>()
            };
            for part in divided(&numbered, FEWEST, begin, |_| Err(search_failed())) {
                for (mut chain, ended) in part? {
                    if !ended {
                        self.follow(&runs, &epoch.key, &mut chain)?;
                    }
                    out.extend(chain.found.into_iter().map(|content| (chain.token, content)));
                }
            }
        }
        Ok(out)
    }

    /// The first postings of a keyword, and whether they are all.
    fn begin(
        &self,
        runs: &Runs<16>,
        epoch: &Searched,
        token: usize,
        text: &Token,
    ) -> Result<(Chain, bool), VaultError> {
        let (keyword, gaps) = (keyword(text), epoch.gaps(text.mode));
        let (reached, found) = (Reached::default(), Vec::new());
        let mut chain = Chain { token, keyword, gaps, next: 0, reached, missing: 0, found };
        while chain.next < LONG {
            let label = epoch.key.label(&chain.keyword, chain.next);
            let found = self.posting(runs, &mut chain.reached, &epoch.key, &label)?;
            if !chain.take(found) {
                return Ok((chain, true));
            }
        }
        Ok((chain, false))
    }

    /// The others, a block of labels at a time.
    fn follow(&self, runs: &Runs<16>, key: &IndexKey, chain: &mut Chain) -> Result<(), VaultError> {
        loop {
            let block: Vec<u64> = (chain.next..chain.next + BLOCK).collect();
            let (before, keyword) = (chain.reached, &chain.keyword);
            let all = |part: &[u64]| {
                let mut reached = before;
                let posting = |count: &u64| self.posting(runs, &mut reached, key, &key.label(keyword, *count));
                let found = part.iter().map(posting).collect::<Result<Vec<_>, _>>()?;
                Ok((found, reached))
            };
            for part in divided(&block, FEWEST, all, |_| Err(search_failed())) {
                let (found, reached) = part?;
                chain.reached = reached;
                for found in found {
                    if !chain.take(found) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The postings of an epoch.
    pub(super) fn runs(&self, epoch: u64) -> Result<Runs<16>, VaultError> {
        Runs::load(&rows::postings(epoch), |key| self.row(key))
    }

    /// What the posting under a label says that is not older than what was reached; `None` if there is
    /// none. Otherwise it is reached.
    pub(super) fn posting(
        &self,
        runs: &Runs<16>,
        reached: &mut Reached,
        key: &IndexKey,
        label: &Label,
    ) -> Result<Option<Content>, VaultError> {
        let short = rows::short(label);
        let is = |entry: &Placed| -> Result<Option<Content>, VaultError> {
            let posting = self.journal.piece(runs::unpack(runs::place_of(entry)), POSTING)?;
            let (other, sealed) = posting.split_first_chunk().ok_or(CryptoError::DoesNotOpen)?;
            match key.open(label, sealed) {
                Ok(content) => Ok(Some(content)),
                // Another whose label begins so. Any other posting here is not what was written:
                // to pass over it would be to find less than there is.
                Err(_) if other != label && rows::short(other) == short => Ok(None),
                Err(error) => Err(error.into()),
            }
        };
        runs.find_onward(reached, short, |key| self.row(key), is)
            .inspect_err(|_| self.doubted.store(true, Ordering::Relaxed))
    }
}

fn search_failed() -> VaultError {
    VaultError::StoreDiffers { what: "a search" }
}

/// A token as labels are made of it.
pub(super) fn keyword(token: &Token) -> Keyword {
    Keyword::new(token.mode.name(), &token.scope, &token.text)
}
