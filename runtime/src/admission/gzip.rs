//! Unpacks a body, and stops where it would be larger than any body may be.

use std::io::Read;

use axum::body::Bytes;
use flate2::bufread::GzDecoder;

use super::reading::Broken;

/// The size of a packed body once it is unpacked, as its end has it (RFC 1952). The decoder checks it.
pub(super) fn claimed_size(packed: &[u8]) -> usize {
    packed.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize)
}

/// Unpacks a body of `size` bytes, `limit` at most. A few bytes can unpack to a million, so the work ends past `size`.
pub(super) fn unpack(packed: &[u8], size: usize, limit: usize) -> Result<Bytes, Broken> {
    let mut bytes = Vec::with_capacity(size);
    let mut decoder = GzDecoder::new(packed);
    (&mut decoder).take(size as u64 + 1).read_to_end(&mut bytes).map_err(|_| Broken::NotGzip)?;
    if bytes.len() > limit {
        return Err(Broken::TooLarge);
    }
    if bytes.len() > size || !decoder.into_inner().is_empty() {
        return Err(Broken::NotGzip);
    }
    Ok(bytes.into())
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
        unpack(packed, claimed_size(packed).min(LIMIT), LIMIT).map(|bytes| bytes.len())
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
    fn a_claim_of_another_size_takes_no_more_than_it_claims() {
        let packed = pack(&[0; LIMIT]);
        for size in [0, 7, LIMIT as u32 - 1] {
            let claim = [&packed[..packed.len() - 4], &size.to_le_bytes()].concat();
            assert_eq!(unpacked(&claim), Err(Broken::NotGzip), "{size}");
        }
    }
}
