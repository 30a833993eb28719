//! Work divided between processors, in order.
//!
//! The threads stay: what one of them has read, and given back, it reads into again. Each new thread
//! can bring the allocator to keep memory for itself, and a search has hundreds of parts.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{LazyLock, Mutex, PoisonError},
};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::processors;

/// A thread for each processor but one: whoever divides works too.
static OTHERS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let others = processors().checked_sub(1).filter(|others| *others > 0)?;
    ThreadPoolBuilder::new().num_threads(others).build().ok()
});

/// So many parts for each processor: whoever is slower does fewer.
const PARTS: usize = 4;

/// Does `work` on consecutive parts of these on all processors, and gives what came of them in order.
///
/// `work` does not panic; if it did, `failed` stands for its part.
pub(super) fn divided<'a, T: Sync, R: Send>(
    all: &'a [T],
    fewest: usize,
    work: impl Fn(&'a [T]) -> R + Sync,
    failed: impl Fn(&'a [T]) -> R,
) -> Vec<R> {
    let parts: Vec<&'a [T]> = all.chunks(part(all.len(), fewest)).collect();
    let ((), done) = meanwhile(parts.clone(), work, || ());
    done.into_iter().zip(parts).map(|(done, part)| done.unwrap_or_else(|| failed(part))).collect()
}

/// How many of so many are a part. Fewer than twice `fewest` are one: to wake a thread costs more
/// than a few of them.
pub(super) fn part(all: usize, fewest: usize) -> usize {
    match all < 2 * fewest || processors() < 2 {
        true => all.max(1),
        false => all.div_ceil(PARTS * processors()).max(fewest),
    }
}

/// Does `own` here and `work` on all parts on the other processors, and here too once `own` is
/// done; gives what came of `own`, and of the parts in their order. One part alone is worked on here.
///
/// `work` does not panic; if it did, there is `None` for its part.
pub(super) fn meanwhile<T: Send, R: Send, O>(
    parts: Vec<T>,
    work: impl Fn(T) -> R + Sync,
    own: impl FnOnce() -> O,
) -> (O, Vec<Option<R>>) {
    let done: Vec<Mutex<Option<R>>> = parts.iter().map(|_| Mutex::new(None)).collect();
    let pool = OTHERS.as_ref().filter(|_| parts.len() > 1);
    let left = Mutex::new(parts.into_iter().zip(&done));
    let take = || {
        // Not locked while it is worked on.
        let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some((part, done)) = next() {
            let result = catch_unwind(AssertUnwindSafe(|| work(part))).ok();
            *done.lock().unwrap_or_else(PoisonError::into_inner) = result;
        }
    };
    let both = || {
        let own = own();
        take();
        own
    };
    let own = match pool {
        None => both(),
        Some(pool) => pool.in_place_scope(|scope| {
            for _ in 0..pool.current_num_threads() {
                scope.spawn(|_| take());
            }
            both()
        }),
    };
    (own, done.into_iter().map(|done| done.into_inner().unwrap_or_else(PoisonError::into_inner)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_worked_on_once_and_in_order_while_something_else_is_done() {
        for count in [0, 1, 2, 9, 100] {
            let parts: Vec<String> = (0..count).map(|at| at.to_string()).collect();
            let work = |part: String| if part == "7" { panic!("stopped") } else { part + "!" };
            let (own, done) = meanwhile(parts, work, || 5);
            assert_eq!(own, 5);
            let expected = (0..count).map(|at| (at != 7).then(|| format!("{at}!")));
            assert!(done.into_iter().eq(expected));
        }
    }

    #[test]
    fn every_part_once_and_in_order() {
        for count in [0, 1, 7, 8, 9, 1_000] {
            let all: Vec<usize> = (0..count).collect();
            let parts = divided(&all, 4, <[usize]>::to_vec, |_| Vec::new());
            assert_eq!(parts.concat(), all);
            assert!(parts.len() <= (PARTS * processors()).min(count.div_ceil(4)).max(1));
        }
        let stopped = |part: &[usize]| if part.contains(&0) { part.to_vec() } else { panic!("stopped") };
        let all: Vec<usize> = (0..100).collect();
        let parts = divided(&all, 10, stopped, |part| vec![part.len()]);
        assert_eq!(parts.len() > 1, processors() > 1);
        assert!(parts[1..].iter().all(|part| part.len() == 1));
    }
}
