//! The key-value store underneath MLS: what the caller gives, one in memory, and one that keeps its writes back.

use std::{cell::RefCell, collections::BTreeMap, convert::Infallible, rc::Rc};

use zeroize::Zeroizing;

/// Where MLS state is kept. Values are secrets, opaque and self-contained; keys are 33 bytes.
///
/// The caller stands a transaction behind it: whatever one operation of this crate writes is committed
/// together with what it returned, or not at all.
pub trait KeyValue {
    /// What can go wrong in the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The value at `key`.
    ///
    /// # Errors
    /// Of the store.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Stores `value` at `key`, over whatever stood there.
    ///
    /// # Errors
    /// Of the store.
    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), Self::Error>;

    /// Takes away what stands at `key`, if anything does.
    ///
    /// # Errors
    /// Of the store.
    fn delete(&self, key: &[u8]) -> Result<(), Self::Error>;
}

type Map = BTreeMap<Vec<u8>, Zeroizing<Vec<u8>>>;

/// A store in memory, for tests and the simulator. Clones share what they hold.
#[derive(Clone, Default)]
pub struct MemoryKeyValue(Rc<RefCell<Map>>);

/// What a [`MemoryKeyValue`] held at one time.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot(Map);

impl MemoryKeyValue {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it holds now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.0.borrow().clone())
    }

    /// Goes back to what it held then.
    pub fn restore(&self, snapshot: &Snapshot) {
        *self.0.borrow_mut() = snapshot.0.clone();
    }

    /// How many keys hold a value.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

impl std::fmt::Debug for MemoryKeyValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryKeyValue({} values)", self.len())
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({} values)", self.0.len())
    }
}

impl KeyValue for MemoryKeyValue {
    type Error = Infallible;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.borrow().get(key).map(|value| value.to_vec()))
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), Infallible> {
        let value = Zeroizing::new(value.to_vec());
        self.0.borrow_mut().insert(key.to_vec(), value);
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().remove(key);
        Ok(())
    }
}

/// Writes that were kept back: none is a deletion.
pub(crate) type Writes = BTreeMap<Vec<u8>, Option<Zeroizing<Vec<u8>>>>;

/// Reads through to another store and keeps every write to itself: for looking at what came from outside
/// before anything of it may count.
pub(crate) struct Overlay<'a, K> {
    under: &'a K,
    written: RefCell<Writes>,
}

impl<'a, K: KeyValue> Overlay<'a, K> {
    pub(crate) fn new(under: &'a K) -> Self {
        Self {
            under,
            written: RefCell::default(),
        }
    }

    pub(crate) fn into_writes(self) -> Writes {
        self.written.into_inner()
    }
}

impl<K: KeyValue> KeyValue for Overlay<'_, K> {
    type Error = K::Error;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, K::Error> {
        match self.written.borrow().get(key) {
            Some(written) => Ok(written.as_ref().map(|value| value.to_vec())),
            None => self.under.get(key),
        }
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), K::Error> {
        let value = Zeroizing::new(value.to_vec());
        self.written.borrow_mut().insert(key.to_vec(), Some(value));
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), K::Error> {
        self.written.borrow_mut().insert(key.to_vec(), None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn an_overlay_changes_nothing_underneath() {
        let store = MemoryKeyValue::new();
        store.put(b"a", b"1").unwrap();
        store.put(b"b", b"2").unwrap();
        let before = store.snapshot();
        let overlay = Overlay::new(&store);
        overlay.put(b"a", b"3").unwrap();
        overlay.delete(b"b").unwrap();
        assert_eq!(overlay.get(b"a").unwrap().unwrap(), b"3");
        assert_eq!(overlay.get(b"b").unwrap(), None);
        assert_eq!(store.snapshot(), before);
        store.delete(b"a").unwrap();
        store.restore(&before);
        assert_eq!(store.get(b"a").unwrap().unwrap(), b"1");
    }
}
