//! How long to wait before a connection is tried again, as the service's documents ask for.

use std::time::Duration;

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The network's: no answer, or a connection that broke.
    Network,
    /// The service's: it answered, and not with a stream.
    Service,
}

/// Steps of one second up to 16 for the network; of 10 seconds, doubled up to 320, for the service. The first try after a
/// connection that broke is made at once.
#[derive(Debug, Default)]
pub(super) struct Ladder {
    network: u32,
    service: u32,
}

impl Ladder {
    const NETWORK: u32 = 16;
    const SERVICE: u32 = 5;

    /// How long to wait now.
    pub(super) fn climb(&mut self, fault: Fault) -> Duration {
        match fault {
            Fault::Network => {
                let step = self.network.min(Self::NETWORK);
                self.network += 1;
                Duration::from_secs(step.into())
            }
            Fault::Service => {
                let step = self.service.min(Self::SERVICE);
                self.service += 1;
                Duration::from_secs(10 << step)
            }
        }
    }

    /// Whether all steps have been taken.
    pub(super) fn is_at_its_end(&self) -> bool {
        self.network > Self::NETWORK || self.service > Self::SERVICE
    }

    /// Something came: the next fault is a first one.
    pub(super) fn descend(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(fault: Fault, count: usize) -> (Vec<u64>, Ladder) {
        let mut ladder = Ladder::default();
        ((0..count).map(|_| ladder.climb(fault).as_secs()).collect(), ladder)
    }

    #[test]
    fn the_steps_are_the_documented_ones() {
        let (network, ladder) = steps(Fault::Network, 17);
        assert_eq!(network, (0..=16).collect::<Vec<_>>());
        assert!(ladder.is_at_its_end() && !steps(Fault::Network, 16).1.is_at_its_end());
        let (service, ladder) = steps(Fault::Service, 6);
        assert_eq!(service, [10, 20, 40, 80, 160, 320]);
        assert!(ladder.is_at_its_end() && !steps(Fault::Service, 5).1.is_at_its_end());
        assert_eq!(steps(Fault::Service, 99).0[98], 320);
    }

    #[test]
    fn after_something_came_it_begins_anew() {
        let (_, mut ladder) = steps(Fault::Network, 9);
        ladder.descend();
        assert_eq!(ladder.climb(Fault::Network), Duration::ZERO);
    }
}
