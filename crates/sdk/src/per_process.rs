//! What all of a process share, and a forked child does not share with its parent.

use std::{mem, sync::Arc};

use arc_swap::ArcSwapOption;

/// Something that each process has one of, made when it is first needed.
///
/// A forked child has a copy of its parent's memory, but none of its threads. In what those had in their hands at that moment,
/// locks stay locked, permits stay taken, and counts never come back to nothing, so a child begins anew; nothing here is
/// ever waited for. What was the parent's is not dropped either: a file that is open there would be closed in its name.
pub(crate) struct PerProcess<T>(ArcSwapOption<Of<T>>);

/// What belongs to one process.
pub(crate) struct Of<T> {
    process: u32,
    it: T,
}

impl<T> std::ops::Deref for Of<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.it
    }
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self(ArcSwapOption::const_empty())
    }

    /// This process's. `make` is given that of the process that this one was forked from, if that had one.
    pub(crate) fn get(&self, make: impl Fn(Option<&T>) -> T) -> Arc<Of<T>> {
        self.of(std::process::id(), make)
    }

    fn of(&self, process: u32, make: impl Fn(Option<&T>) -> T) -> Arc<Of<T>> {
        loop {
            let known = self.0.load_full();
            if let Some(known) = known.as_ref().filter(|known| known.process == process) {
                return known.clone();
            }
            let new = Arc::new(Of { process, it: make(known.as_deref().map(|known| &known.it)) });
            // Another thread may have been faster; then it is that one's.
            drop(self.0.compare_and_swap(&known, Some(new)));
            mem::forget(known);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn each_process_has_its_own_and_leaves_its_parents_alone() {
        let each = PerProcess::new();
        let parents = each.of(1, |parents| {
            assert!(parents.is_none());
            Mutex::new(vec!["parent"])
        });
        parents.lock().unwrap().push("more");
        assert_eq!(*each.of(1, |_| unreachable!("it is made once")).lock().unwrap(), ["parent", "more"]);

        // A thread of the parent's has it in its hands, and is not in the child.
        let held = parents.lock().unwrap();
        let childs = each.of(2, |parents| {
            assert!(parents.unwrap().try_lock().is_err());
            Mutex::new(vec!["child"])
        });
        assert_eq!(*childs.lock().unwrap(), ["child"]);
        drop(held);
        let left = Arc::downgrade(&parents);
        drop(parents);
        assert!(left.upgrade().is_some(), "a child does not drop what is its parent's");
    }

    #[test]
    fn threads_that_come_at_once_get_the_same() {
        let each = PerProcess::new();
        let one = std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..16).map(|n| (n, &each)).map(|(n, each)| scope.spawn(move || each.get(|_| n))).collect();
            all.into_iter().map(|it| **it.join().unwrap()).collect::<Vec<i32>>()
        });
        assert!(one.iter().all(|it| *it == one[0]), "{one:?}");
    }
}
