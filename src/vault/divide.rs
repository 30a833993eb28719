//! Work divided between processors, in order.

use std::thread;

use super::processors;

/// Does `work` on consecutive parts of these, each on a processor, and gives what came of them in
/// order. Fewer than twice `fewest` are not divided: a thread costs more than a few of them.
///
/// `work` does not panic; if it did, `failed` stands for its part.
pub(super) fn divided<'a, T: Sync, R: Send>(
    all: &'a [T],
    fewest: usize,
    work: impl Fn(&'a [T]) -> R + Sync,
    failed: impl Fn(&'a [T]) -> R,
) -> Vec<R> {
    let workers = processors().min(all.len() / fewest).max(1);
    let mut parts = all.chunks(all.len().div_ceil(workers).max(1));
    let own = parts.next().unwrap_or_default();
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| (part, scope.spawn(move || work(part)))).collect();
        let mut done = vec![work(own)];
        done.extend(others.into_iter().map(|(part, other)| other.join().unwrap_or_else(|_| failed(part))));
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_once_and_in_order() {
        for count in [0, 1, 7, 8, 9, 1_000] {
            let all: Vec<usize> = (0..count).collect();
            let parts = divided(&all, 4, <[usize]>::to_vec, |_| Vec::new());
            assert_eq!(parts.concat(), all);
            assert!(parts.len() <= processors().min(count / 4).max(1));
        }
        let stopped = |part: &[usize]| if part.contains(&0) { part.to_vec() } else { panic!("stopped") };
        let all: Vec<usize> = (0..100).collect();
        let parts = divided(&all, 10, stopped, |part| vec![part.len()]);
        assert_eq!(parts.len() > 1, processors() > 1);
        assert!(parts[1..].iter().all(|part| part.len() == 1));
    }
}
