//! Limits by time, in memory only: on the disk they would tell who was busy when. A restart forgives.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
};

use rand_core::CryptoRngCore;
use sha2::{Digest as _, Sha256};
use undertone_wire::{
    ids::{AccountId, Alias},
    limits::{DELIVERIES_PER_ALIAS_MINUTE, LINK_TRIES_PER_MINUTE, STRANGERS_PER_ALIAS_DAY},
    time::{DAY_MS, MINUTE_MS, Timestamp},
};

use crate::answer::Reason;

const HOUR_MS: u64 = 60 * MINUTE_MS;

/// All of them.
pub(super) struct Rates {
    aliases: AliasRates,
    strangers: AliasRates,
    registrations: Windowed<IpAddr>,
    links: Windowed<IpAddr>,
    tokens: Windowed<AccountId>,
}

impl Rates {
    pub fn new(rng: &mut dyn CryptoRngCore) -> Self {
        Self {
            aliases: AliasRates::new(MINUTE_MS, DELIVERIES_PER_ALIAS_MINUTE, rng),
            strangers: AliasRates::new(DAY_MS, STRANGERS_PER_ALIAS_DAY, rng),
            registrations: Windowed::new(HOUR_MS),
            links: Windowed::new(MINUTE_MS),
            tokens: Windowed::new(DAY_MS),
        }
    }

    /// Counts one delivery to each of the aliases, dead or alive: nobody has looked yet.
    pub fn delivery<'a>(
        &mut self,
        aliases: impl Iterator<Item = &'a Alias>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        self.aliases.begin(now);
        let mut over = false;
        for alias in aliases {
            over |= !self.aliases.count(alias);
        }
        if over {
            let wait = until_next(now, MINUTE_MS);
            return Err(Reason::limit(
                "too many deliveries to one alias in a minute",
                wait,
            ));
        }
        Ok(())
    }

    /// Counts one delivery of a stranger to each of the aliases, dead or alive.
    pub fn stranger<'a>(
        &mut self,
        aliases: impl Iterator<Item = &'a Alias>,
        now: Timestamp,
    ) -> Result<(), Reason> {
        self.strangers.begin(now);
        let mut over = false;
        for alias in aliases {
            over |= !self.strangers.count(alias);
        }
        if over {
            let wait = until_next(now, DAY_MS);
            return Err(Reason::limit(
                "too many deliveries of strangers to one alias in a day",
                wait,
            ));
        }
        Ok(())
    }

    /// Counts one registration from an address. Addresses of IPv6 count by their network.
    pub fn registration(
        &mut self,
        address: Option<IpAddr>,
        limit: u32,
        now: Timestamp,
    ) -> Result<(), Reason> {
        let Some(address) = address else {
            return Ok(());
        };
        if self.registrations.count(network(address), 1, limit, now) {
            return Ok(());
        }
        Err(Reason::limit(
            "too many registrations from one address in an hour",
            until_next(now, HOUR_MS),
        ))
    }

    /// Counts one try to open or to join a meeting of devices from an address.
    pub fn link(&mut self, address: Option<IpAddr>, now: Timestamp) -> Result<(), Reason> {
        let Some(address) = address else {
            return Ok(());
        };
        if self
            .links
            .count(network(address), 1, LINK_TRIES_PER_MINUTE, now)
        {
            return Ok(());
        }
        Err(Reason::limit(
            "too many tries from one address in a minute",
            until_next(now, MINUTE_MS),
        ))
    }

    /// Counts tokens issued to an account.
    pub fn tokens(
        &mut self,
        account: AccountId,
        number: u32,
        limit: u32,
        now: Timestamp,
    ) -> Result<(), Reason> {
        if self.tokens.count(account, number, limit, now) {
            return Ok(());
        }
        Err(Reason::limit(
            "the tokens of the day are issued",
            until_next(now, DAY_MS),
        ))
    }
}

fn until_next(now: Timestamp, window_ms: u64) -> u64 {
    window_ms - now.0 % window_ms
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        },
    }
}

/// Exact numbers by key within a window of time. Keys cost a registration, an account or, for a minute, a network of
/// one's own each, so they stay few.
struct Windowed<K> {
    window_ms: u64,
    window: u64,
    counts: HashMap<K, u32>,
}

impl<K: Eq + Hash> Windowed<K> {
    fn new(window_ms: u64) -> Self {
        Self {
            window_ms,
            window: 0,
            counts: HashMap::new(),
        }
    }

    /// Counts `number` more for `key` unless that exceeds `limit`; tells whether it did not.
    fn count(&mut self, key: K, number: u32, limit: u32, now: Timestamp) -> bool {
        let window = now.0 / self.window_ms;
        if window != self.window {
            self.window = window;
            self.counts.clear();
        }
        let count = self.counts.entry(key).or_default();
        let sum = count.saturating_add(number);
        if sum > limit {
            return false;
        }
        *count = sum;
        true
    }
}

/// Numbers by alias in memory of fixed size, however many strings somebody invents: a count-min sketch, which may count
/// an alias too high but never too low. Its key is random, so that nobody can choose strings that fall together.
struct AliasRates {
    key: [u8; 32],
    window_ms: u64,
    window: u64,
    limit: u32,
    rows: [Vec<u16>; 4],
}

impl AliasRates {
    fn new(window_ms: u64, limit: u32, rng: &mut dyn CryptoRngCore) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self {
            key,
            window_ms,
            window: 0,
            limit,
            rows: std::array::from_fn(|_| vec![0; 65_536]),
        }
    }

    fn begin(&mut self, now: Timestamp) {
        let window = now.0 / self.window_ms;
        if window != self.window {
            self.window = window;
            self.rows.iter_mut().for_each(|row| row.fill(0));
        }
    }

    /// Counts one more; tells whether the alias is within its limit.
    fn count(&mut self, alias: &Alias) -> bool {
        let hash = Sha256::new()
            .chain_update(self.key)
            .chain_update(alias.as_bytes())
            .finalize();
        let mut least = u16::MAX;
        for (row, cell) in self.rows.iter_mut().zip(hash.as_chunks::<2>().0) {
            if let Some(count) = row.get_mut(usize::from(u16::from_be_bytes(*cell))) {
                *count = count.saturating_add(1);
                least = least.min(*count);
            }
        }
        u32::from(least) <= self.limit
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};

    use super::*;

    #[test]
    fn an_alias_is_limited_by_the_minute_and_alone() {
        let mut rates = Rates::new(&mut ChaCha20Rng::seed_from_u64(1));
        let (busy, other) = (Alias::new([1; 32]), Alias::new([2; 32]));
        let now = Timestamp(10 * MINUTE_MS + 1);
        for _ in 0..DELIVERIES_PER_ALIAS_MINUTE {
            rates.delivery([&busy].into_iter(), now).unwrap();
        }
        let refused = rates.delivery([&busy].into_iter(), now).unwrap_err();
        assert_eq!(refused.retry_after_ms, MINUTE_MS - 1);
        rates.delivery([&other].into_iter(), now).unwrap();
        let later = Timestamp(11 * MINUTE_MS);
        rates.delivery([&busy].into_iter(), later).unwrap();
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        let mut rates = Rates::new(&mut ChaCha20Rng::seed_from_u64(1));
        let now = Timestamp(0);
        let address = |text: &str| Some(text.parse().unwrap());
        rates.registration(address("2001:db8::1"), 1, now).unwrap();
        assert!(rates.registration(address("2001:db8::2"), 1, now).is_err());
        rates
            .registration(address("2001:db8:0:1::1"), 1, now)
            .unwrap();
        rates.registration(address("192.0.2.1"), 1, now).unwrap();
        assert!(
            rates
                .registration(address("::ffff:192.0.2.1"), 1, now)
                .is_err()
        );
        rates.registration(None, 0, now).unwrap();
    }
}
