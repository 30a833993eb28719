//! A secret on a page of memory of its own.
//!
//! The page is kept out of swap where the system lets us lock it (there is a limit for each user,
//! `ulimit -l`; without the right to lock, it is a page as any other). The secret does not move
//! with what owns it, so no copy is left where that has been, and it is wiped when it is dropped.

use zeroize::Zeroize as _;

const SECRET: usize = 32;

/// The commonest size of a page. Where pages are larger, neighbours are locked with it.
///
/// All of it is written when it is made: what is left out would be whatever stood where it was made,
/// moved here with the rest, and that can be another secret.
#[repr(C, align(4096))]
struct Page {
    secret: [u8; SECRET],
    rest: [u8; 4_096 - SECRET],
}

/// 32 secret bytes. Not cloned, not printed.
pub(super) struct Locked {
    /// Goes before the page it locks.
    _lock: Option<region::LockGuard>,
    page: Box<Page>,
}

impl Locked {
    /// Bytes that are written by `fill`, in their place from the beginning.
    pub fn filled<E>(fill: impl FnOnce(&mut [u8; SECRET]) -> Result<(), E>) -> Result<Locked, E> {
        let page = Box::new(Page { secret: [0; SECRET], rest: [0; _] });
        let lock = region::lock(page.secret.as_ptr(), size_of::<Page>()).ok();
        let mut made = Locked { _lock: lock, page };
        fill(&mut made.page.secret)?;
        Ok(made)
    }
}

impl std::ops::Deref for Locked {
    type Target = [u8; SECRET];

    fn deref(&self) -> &[u8; SECRET] {
        &self.page.secret
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        self.page.secret.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many kilobytes of this process are locked.
    fn locked() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn on_a_page_of_its_own_that_is_locked() {
        let made: Vec<Locked> = (0..4)
            .map(|at| {
                Locked::filled(|page| {
                    page.fill(at);
                    Ok::<_, ()>(())
                })
                .unwrap()
            })
            .collect();
        assert!(made.iter().all(|one| (one.as_ptr() as usize).is_multiple_of(4096)));
        assert!(made.iter().enumerate().all(|(at, one)| **one == [at as u8; 32]));
        // Other tests lock pages too, and where it is not allowed nothing is locked.
        assert!(made[0]._lock.is_none() || locked() >= 16);
        assert!(Locked::filled(|_| Err(())).is_err());
    }
}
