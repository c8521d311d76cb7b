//! Unpacks a body, and stops where it would be larger than any body may be.

use std::io::Read;

use axum::body::Bytes;
use flate2::bufread::GzDecoder;

use super::reading::{Broken, Room};
use super::room::Admission;

/// The whole body, and its room. A few bytes can unpack to a million: the work ends at the limit as well.
pub(super) fn unpack(admission: &Admission, packed: &[u8], limit: usize) -> Result<(Bytes, Room), Broken> {
    let mut bytes = Vec::new();
    let mut decoder = GzDecoder::new(packed);
    (&mut decoder).take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|_| Broken::NotGzip)?;
    if bytes.len() > limit {
        return Err(Broken::TooLarge);
    }
    if !decoder.into_inner().is_empty() {
        return Err(Broken::NotGzip);
    }
    let room = Room::for_bytes(admission, bytes.len())?;
    Ok((bytes.into(), room))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const LIMIT: usize = 100_000;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8]) -> Result<usize, Broken> {
        unpack(&Admission::new(LIMIT, 2), packed, LIMIT).map(|(bytes, _)| bytes.len())
    }

    #[test]
    fn the_limit_is_of_unpacked_bytes() {
        assert_eq!(unpacked(&pack(b"[]")), Ok(2));
        assert_eq!(unpacked(&pack(&[0; LIMIT])), Ok(LIMIT));
        let bomb = pack(&[0; 50_000_000]);
        assert!(bomb.len() < LIMIT, "it would pass as it came");
        assert_eq!(unpacked(&bomb), Err(Broken::TooLarge));
    }

    #[test]
    fn what_is_cut_or_followed_by_more_is_refused() {
        let packed = pack(b"[1,2,3]");
        assert_eq!(unpacked(&packed[..packed.len() - 1]), Err(Broken::NotGzip));
        assert_eq!(unpacked(&[packed.as_slice(), b"x"].concat()), Err(Broken::NotGzip));
        assert_eq!(unpacked(b"[1,2,3]"), Err(Broken::NotGzip));
        assert_eq!(unpacked(b""), Err(Broken::NotGzip));
    }

    #[test]
    fn an_unpacked_body_takes_its_own_room() {
        let admission = Admission::new(LIMIT, 2);
        let packed = pack(&[0; LIMIT]);
        let (_, room) = unpack(&admission, &packed, LIMIT).unwrap();
        assert_eq!(unpack(&admission, &packed, LIMIT).unwrap_err(), Broken::NoRoom);
        drop(room);
        assert!(unpack(&admission, &packed, LIMIT).is_ok());
    }
}
