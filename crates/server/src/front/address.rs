//! Which address a client counts under, and how many connections each may have.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::HeaderMap;
use undertone_wire::limits::CONNECTIONS_PER_ADDRESS;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that limits count by: an IPv4 address, or the /64 network of an IPv6 one, which is what one line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitAddress(IpAddr);

impl LimitAddress {
    /// Of a client's full address.
    pub fn new(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            address => address,
        })
    }

    /// Of the client behind a request: the peer, or, behind a proxy, the last `X-Forwarded-For` if the peer is one
    /// that a proxy would have. Earlier ones are the client's own claim. A proxy that names nobody is counted itself.
    pub fn of_client(peer: IpAddr, headers: &HeaderMap, behind_proxy: bool) -> Self {
        let forwarded = (behind_proxy && is_near(peer.to_canonical()))
            .then(|| headers.get_all(FORWARDED_FOR).iter().next_back())
            .flatten()
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .and_then(parse);
        Self::new(forwarded.unwrap_or(peer))
    }

    /// The address.
    pub fn ip(self) -> IpAddr {
        self.0
    }
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port)
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Counts connections by address, in memory only.
#[derive(Debug, Clone, Default)]
pub struct AddressLimit(Arc<Mutex<HashMap<LimitAddress, usize>>>);

/// One connection's place under its address, free again when dropped.
#[derive(Debug)]
pub struct Place {
    limit: AddressLimit,
    address: LimitAddress,
}

impl AddressLimit {
    /// Takes a place, if the address has one left.
    pub fn enter(&self, address: LimitAddress) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Place {
            limit: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.limit.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(values: &[&'static str]) -> HeaderMap {
        let pairs = values
            .iter()
            .map(|value| (FORWARDED_FOR.try_into().unwrap(), value.parse().unwrap()));
        pairs.collect()
    }

    #[test]
    fn a_proxy_is_believed_only_if_there_is_one_and_only_its_own_word() {
        for (peer, headers, behind_proxy, expected) in [
            ("127.0.0.1", vec!["9.9.9.9"], false, "127.0.0.1"),
            ("127.0.0.1", vec!["9.9.9.9"], true, "9.9.9.9"),
            ("::1", vec!["1.1.1.1, 9.9.9.9"], true, "9.9.9.9"),
            ("10.1.2.3", vec!["1.1.1.1", "9.9.9.9"], true, "9.9.9.9"),
            ("::ffff:10.1.2.3", vec!["9.9.9.9:4000"], true, "9.9.9.9"),
            ("fd00::1", vec!["[2001:db8::7]:4000"], true, "2001:db8::"),
            ("8.8.8.8", vec!["9.9.9.9"], true, "8.8.8.8"),
            ("10.1.2.3", vec!["somebody"], true, "10.1.2.3"),
            ("10.1.2.3", vec![], true, "10.1.2.3"),
        ] {
            let found = LimitAddress::of_client(ip(peer), &forwarded(&headers), behind_proxy);
            assert_eq!(found.ip(), ip(expected), "{peer} {headers:?}");
        }
    }

    #[test]
    fn an_ipv6_client_counts_by_its_network() {
        assert_eq!(
            LimitAddress::new(ip("2001:db8:1:2:3::4")),
            LimitAddress::new(ip("2001:db8:1:2::"))
        );
        assert_ne!(
            LimitAddress::new(ip("2001:db8:1:2::")),
            LimitAddress::new(ip("2001:db8:1:3::"))
        );
    }

    #[test]
    fn places_are_limited_and_come_back() {
        let limit = AddressLimit::default();
        let address = LimitAddress::new(ip("192.0.2.1"));
        let mut places: Vec<_> = (0..CONNECTIONS_PER_ADDRESS)
            .map(|_| limit.enter(address).unwrap())
            .collect();
        assert!(limit.enter(address).is_none());
        assert!(limit.enter(LimitAddress::new(ip("192.0.2.2"))).is_some());
        places.pop();
        assert!(limit.enter(address).is_some());
        places.clear();
        assert!(limit.0.lock().unwrap().is_empty());
    }
}
