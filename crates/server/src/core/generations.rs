//! A map of bounded size that forgets what was not used for long.

use std::{collections::HashMap, hash::Hash};

/// Two maps: what was used lately, and what was used before that. When the first is full, the second is forgotten and
/// the first takes its place, so that a look-up costs at most two and nothing is ever sorted.
pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash + Copy, V> Generations<K, V> {
    /// A map that keeps between half of `capacity` and all of it.
    pub fn new(capacity: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            half: capacity.div_ceil(2).max(1),
        }
    }

    /// The value of `key`, which is now used.
    pub fn get(&mut self, key: &K) -> Option<&mut V> {
        if !self.young.contains_key(key)
            && let Some(value) = self.old.remove(key)
        {
            self.insert(*key, value);
        }
        self.young.get_mut(key)
    }

    /// Sets the value of `key`.
    pub fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Forgets `key`.
    pub fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_size_is_bounded() {
        let mut map = Generations::new(8);
        map.insert(0, "used");
        for key in 1..100 {
            map.insert(key, "new");
            assert_eq!(map.get(&0), Some(&mut "used"));
            assert!(map.young.len() + map.old.len() <= 8);
        }
        assert_eq!(map.get(&1), None);
        map.remove(&0);
        assert_eq!(map.get(&0), None);
    }
}
