//! The owners of the partitions in the consumer group, as the broker reports them.

use std::collections::BTreeMap;

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaResult;
use rdkafka::util::Timeout;
use runtime::kafka::Queries;

/// A partition: topic and number.
pub type Place = (String, i32);

/// The members' client ids, by their partitions. Blocks until the broker has answered.
pub fn owners(queries: &Queries, group: &str, timeout: impl Into<Timeout>) -> KafkaResult<BTreeMap<Place, String>> {
    let groups = queries.fetch_group_list(Some(group), timeout)?;
    let members = groups.groups().iter().flat_map(|group| group.members());
    let owned = members.flat_map(|member| {
        let places = member.assignment().and_then(assigned).unwrap_or_default();
        places.into_iter().map(|place| (place, member.client_id().to_owned()))
    });
    Ok(owned.collect())
}

/// The consumer protocol's assignment: a version, then topics with their partitions, all big-endian
/// (Kafka's `ConsumerProtocolAssignment.json`). The rest is the assignor's own data.
fn assigned(bytes: &[u8]) -> Option<Vec<Place>> {
    let (_version, mut rest) = bytes.split_first_chunk::<2>()?;
    let mut places = Vec::new();
    for _ in 0..number(&mut rest)? {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (name, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        let topic = std::str::from_utf8(name).ok()?;
        for _ in 0..number(&mut rest)? {
            places.push((topic.to_owned(), number(&mut rest)?));
        }
    }
    Some(places)
}

fn number(rest: &mut &[u8]) -> Option<i32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(i32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_read_and_half_of_one_is_not() {
        let bytes = b"\0\0\0\0\0\x02\0\x01a\0\0\0\x02\0\0\0\0\0\0\0\x02\0\x02bc\0\0\0\x01\0\0\0\x07\xff\xff\xff\xff";
        let expected = [("a".to_owned(), 0), ("a".to_owned(), 2), ("bc".to_owned(), 7)];
        assert_eq!(assigned(bytes), Some(expected.to_vec()));
        for length in 0..bytes.len() - 4 {
            assert_eq!(assigned(&bytes[..length]), None, "{length}");
        }
    }
}
