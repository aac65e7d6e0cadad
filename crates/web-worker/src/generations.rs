//! Which connection of a service is the one that counts: what an earlier one still says reaches nobody.

use std::collections::BTreeMap;

use undertone_engine::Service;

/// The connections that are wanted.
#[derive(Debug, Default)]
pub struct Generations {
    last: u64,
    wanted: BTreeMap<Service, u64>,
}

impl Generations {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another connection of a service is wanted from now on, and none before it.
    pub fn begin(&mut self, service: Service) -> u64 {
        self.last += 1;
        self.wanted.insert(service, self.last);
        self.last
    }

    /// None of a service is wanted.
    pub fn end(&mut self, service: Service) {
        self.wanted.remove(&service);
    }

    /// Whether a connection still counts.
    pub fn counts(&self, service: Service, generation: u64) -> bool {
        self.wanted.get(&service) == Some(&generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_connection_of_a_service_counts() {
        let mut generations = Generations::new();
        let first = generations.begin(Service::Queue);
        let other = generations.begin(Service::Send);
        assert!(generations.counts(Service::Queue, first));
        let second = generations.begin(Service::Queue);
        assert!(!generations.counts(Service::Queue, first));
        assert!(generations.counts(Service::Queue, second));
        assert!(generations.counts(Service::Send, other));
        assert!(!generations.counts(Service::Send, second));
        generations.end(Service::Queue);
        assert!(!generations.counts(Service::Queue, second));
    }
}
