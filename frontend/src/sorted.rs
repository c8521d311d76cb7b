//! A sort and a map for short lists: those of std are 4 KB of Wasm, uncompressed, for each type.

/// A map as a sorted list.
#[derive(Clone, Debug, PartialEq)]
pub struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.place(key).ok().map(|place| &self.0[place].1)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.place(key).ok().map(|place| &mut self.0[place].1)
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    /// Removes a key, and returns its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.place(key).ok().map(|place| self.0.remove(place).1)
    }

    /// The keys with their values, in the keys' order.
    pub fn entries(&self) -> &[(K, V)] {
        &self.0
    }

    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(key))
    }
}

/// The items sorted by `key`; equal ones keep their order.
pub fn sorted<T, K: Ord>(items: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for item in items {
        let place = all.partition_point(|other| key(other) <= key(&item));
        all.insert(place, item);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_has_one_value_for_each_key() {
        let mut map = SortedMap::default();
        [(3, 'a'), (1, 'b'), (3, 'c')].into_iter().for_each(|(key, value)| map.insert(key, value));
        assert_eq!((map.entries(), map.get(&3), map.get(&2)), (&[(1, 'b'), (3, 'c')][..], Some(&'c'), None));
        *map.get_mut(&1).unwrap() = 'd';
        assert_eq!((map.remove(&1), map.remove(&1), map.entries().len()), (Some('d'), None, 1));
    }

    #[test]
    fn equal_items_keep_their_order() {
        assert_eq!(
            sorted([(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')], |pair| pair.0),
            [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]
        );
    }
}
