//! Compressed pages to pages.

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;

use super::trouble::{Read, damaged, unread};

/// How the pages of a column are compressed, by its number in the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Plain,
    Snappy,
    Gzip,
    Zstd,
}

impl Codec {
    pub(super) fn of(number: i64) -> Read<Self> {
        let name = match number {
            0 => return Ok(Self::Plain),
            1 => return Ok(Self::Snappy),
            2 => return Ok(Self::Gzip),
            6 => return Ok(Self::Zstd),
            3 => "LZO",
            4 => "LZ4",
            5 => "Brotli",
            7 => "LZ4 (raw)",
            _ => return Err(damaged(format!("there is no codec number {number}"))),
        };
        Err(unread(format!("{name} is not unpacked")))
    }

    /// Fills all of `page` with what `stored` unpacks to; it must be neither longer nor shorter.
    pub(super) fn unpack(self, stored: &[u8], page: &mut [u8]) -> Read<()> {
        let is_exact = match self {
            Self::Plain => {
                let is_exact = stored.len() == page.len();
                if is_exact {
                    page.copy_from_slice(stored);
                }
                is_exact
            }
            Self::Snappy => {
                let is_exact = snap::raw::decompress_len(stored).is_ok_and(|length| length == page.len());
                is_exact && snap::raw::Decoder::new().decompress(stored, page).is_ok()
            }
            Self::Gzip => {
                let mut decoder = MultiGzDecoder::new(stored);
                decoder.read_exact(page).is_ok() && decoder.read(&mut [0]).is_ok_and(|more| more == 0)
            }
            Self::Zstd => zstd::bulk::decompress_to_buffer(stored, page).is_ok_and(|length| length == page.len()),
        };
        if is_exact { Ok(()) } else { Err(damaged("a page does not unpack to what it says")) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
        match codec {
            Codec::Plain => bytes.to_vec(),
            Codec::Snappy => snap::raw::Encoder::new().compress_vec(bytes).unwrap(),
            Codec::Gzip => {
                // Two members, one behind the other.
                let (head, tail) = bytes.split_at(bytes.len() / 3);
                let member = |bytes: &[u8]| {
                    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                    encoder.write_all(bytes).unwrap();
                    encoder.finish().unwrap()
                };
                [member(head), member(tail)].concat()
            }
            Codec::Zstd => zstd::bulk::compress(bytes, 1).unwrap(),
        }
    }

    #[test]
    fn pages_are_unpacked_to_their_length_or_not_at_all() {
        let bytes: Vec<u8> = (0..5000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        for codec in [Codec::Plain, Codec::Snappy, Codec::Gzip, Codec::Zstd] {
            let stored = packed(codec, &bytes);
            let unpack = |stored: &[u8], length: usize| {
                let mut page = vec![0; length];
                codec.unpack(stored, &mut page).map(|()| page)
            };
            assert_eq!(unpack(&stored, bytes.len()).unwrap(), bytes, "{codec:?}");
            for length in [0, 1, bytes.len() - 1, bytes.len() + 1, 1 << 20] {
                assert!(unpack(&stored, length).is_err(), "{codec:?} to {length} bytes");
            }
            for cut in [0, 1, stored.len() / 2, stored.len() - 1] {
                assert!(unpack(&stored[..cut], bytes.len()).is_err(), "{codec:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn other_codecs_have_names() {
        for (number, name) in [(3, "LZO"), (4, "LZ4"), (5, "Brotli"), (7, "LZ4"), (8, "no codec"), (-1, "no codec")] {
            assert!(format!("{:?}", Codec::of(number).unwrap_err()).contains(name), "{number}");
        }
    }
}
