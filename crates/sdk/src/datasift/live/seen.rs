//! Which interactions came already, to tell those that come again after a connection broke.

use std::{
    collections::{HashSet, VecDeque},
    hash::{BuildHasher as _, RandomState},
};

/// The last [`Seen::MOST`] interactions, each as eight bytes.
#[derive(Debug, Default)]
pub(super) struct Seen {
    hasher: RandomState,
    order: VecDeque<u64>,
    known: HashSet<u64>,
}

impl Seen {
    const MOST: usize = 1 << 16;

    /// Whether it came before, as far back as that is remembered.
    pub(super) fn again(&mut self, stream: &str, id: &str) -> bool {
        let mark = self.hasher.hash_one((stream, id));
        if !self.known.insert(mark) {
            return true;
        }
        if self.order.len() == Self::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(mark);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_known_and_memory_is_bounded() {
        let mut seen = Seen::default();
        assert!(!seen.again("a", "1") && !seen.again("b", "1") && !seen.again("a", "2"));
        assert!(seen.again("a", "1"));
        for n in 0..Seen::MOST {
            assert!(!seen.again("c", &n.to_string()));
        }
        assert_eq!((seen.order.len(), seen.known.len()), (Seen::MOST, Seen::MOST));
        assert!(!seen.again("a", "1"), "it is too long ago");
    }
}
