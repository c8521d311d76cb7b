//! Insertion sort for short lists: the sort of std is 4 KB of Wasm, uncompressed, for each type.

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
    fn equal_items_keep_their_order() {
        assert_eq!(
            sorted([(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')], |pair| pair.0),
            [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]
        );
    }
}
