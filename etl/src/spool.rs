//! A long object whose bytes are read in no order: all of it in a temporary file that has no name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use trailhouse_core::ReadAt;

/// The stored bytes of one object.
#[derive(Debug)]
pub(crate) struct Spool {
    file: File,
    length: u64,
}

impl Spool {
    /// Keeps all that `reader` has.
    ///
    /// # Errors
    ///
    /// When the reader fails, or there is no room for temporary files.
    pub(crate) fn keep(reader: &mut impl Read) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        let length = io::copy(reader, &mut file)?;
        Ok(Self { file, length })
    }

    /// All that stands in `file`.
    ///
    /// # Errors
    ///
    /// When the system does not say how much that is.
    pub(crate) fn of(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// Its bytes, from where the file stands on.
    pub(crate) fn reader(&self) -> impl Read {
        &self.file
    }
}

impl ReadAt for Spool {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_where_they_stood() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let spool = Spool::keep(&mut &bytes[..]).unwrap();
        assert_eq!(spool.length(), bytes.len() as u64);
        for (offset, count) in [(399_999, 1), (0, 5), (123_456, 8192), (0, 400_000), (400_000, 0)] {
            let mut buffer = vec![0; count];
            spool.read_at(offset, &mut buffer).unwrap();
            assert_eq!(buffer, &bytes[offset as usize..][..count]);
        }
        spool.read_at(399_999, &mut [0; 2]).unwrap_err();
    }

    #[test]
    fn a_reader_that_fails_is_not_kept() {
        let mut broken = (&b"x"[..]).chain(Broken);
        Spool::keep(&mut broken).unwrap_err();
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the line went dead"))
        }
    }
}
