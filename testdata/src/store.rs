//! Puts objects into gzip, and a corpus into a folder.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::AddAssign;
use std::path::Path;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use rayon::prelude::*;

use crate::error::Error;

/// zlib's own default.
pub(crate) const GZIP_LEVEL: u32 = 6;
/// The byte of a gzip header that says "unknown system", so that no system's name shows.
const GZIP_UNKNOWN_SYSTEM: u8 = 255;

/// A writer that gzips, as one member or as several back to back.
pub(crate) struct Gzip<'a> {
    out: &'a mut dyn Write,
    level: u32,
    encoder: GzEncoder<Vec<u8>>,
    /// Bytes of text in one member, and those that the open one still takes.
    member_bytes: u64,
    left: u64,
    /// Members that are finished.
    members: u64,
    stored_bytes: u64,
}

/// What a finished [`Gzip`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) bytes: u64,
    pub(crate) members: u64,
}

impl<'a> Gzip<'a> {
    /// One member, or one for each `member_bytes` of text.
    pub(crate) fn new(out: &'a mut dyn Write, level: u32, member_bytes: Option<u64>) -> Self {
        let member_bytes = member_bytes.unwrap_or(u64::MAX).max(1);
        Self { out, level, encoder: encoder(level), member_bytes, left: member_bytes, members: 0, stored_bytes: 0 }
    }

    /// Ends the last member; an object without text is one empty member.
    pub(crate) fn finish(mut self) -> io::Result<Stored> {
        if self.members == 0 || self.left < self.member_bytes {
            self.end_member()?;
        }
        Ok(Stored { bytes: self.stored_bytes, members: self.members })
    }

    fn end_member(&mut self) -> io::Result<()> {
        let rest = std::mem::replace(&mut self.encoder, encoder(self.level)).finish()?;
        self.members += 1;
        self.left = self.member_bytes;
        self.put(&rest)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stored_bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

impl Write for Gzip<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            self.end_member()?;
        }
        let taken = usize::try_from(self.left).map_or(bytes.len(), |left| bytes.len().min(left));
        self.encoder.write_all(&bytes[..taken])?;
        self.left -= taken as u64;
        let ready = std::mem::take(self.encoder.get_mut());
        self.put(&ready)?;
        Ok(taken)
    }

    /// Nothing: a flush would show in the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn encoder(level: u32) -> GzEncoder<Vec<u8>> {
    GzBuilder::new().mtime(0).operating_system(GZIP_UNKNOWN_SYSTEM).write(Vec::new(), Compression::new(level))
}

/// Writes every object below `folder`, which is made or must be empty, on all of rayon's threads, and sums up.
pub(crate) fn fill<Planned: Sync, Counts: Default + AddAssign + Send>(
    folder: &Path,
    objects: &[Planned],
    key: impl Fn(&Planned) -> String + Sync,
    write: impl Fn(&Planned, &mut dyn Write) -> io::Result<Counts> + Sync,
) -> Result<Counts, Error> {
    let fault = |error| Error::Write(folder.to_owned(), error);
    fs::create_dir_all(folder).map_err(fault)?;
    if fs::read_dir(folder).map_err(fault)?.next().is_some() {
        return Err(Error::NotEmpty(folder.to_owned()));
    }
    let written = objects.par_iter().map(|planned| {
        let path = folder.join(key(planned));
        let made = write_file(&path, |file| write(planned, file));
        made.map_err(|error| Error::Write(path.clone(), error))
    });
    written.try_reduce(Counts::default, |mut sum, more| {
        sum += more;
        Ok(sum)
    })
}

fn write_file<Counts>(path: &Path, write: impl Fn(&mut dyn Write) -> io::Result<Counts>) -> io::Result<Counts> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut file = BufWriter::new(File::create_new(path)?);
    let counts = write(&mut file)?;
    file.flush()?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::{GzDecoder, MultiGzDecoder};

    use super::*;

    fn stored(text: &[u8], member_bytes: Option<u64>) -> (Vec<u8>, Stored) {
        let mut out = Vec::new();
        let mut gzip = Gzip::new(&mut out, 6, member_bytes);
        gzip.write_all(text).unwrap();
        let stored = gzip.finish().unwrap();
        assert_eq!(stored.bytes, out.len() as u64);
        (out, stored)
    }

    #[test]
    fn members_are_back_to_back() {
        for (length, members) in [(0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (35, 4)] {
            let text: Vec<u8> = (0..length).collect();
            let (bytes, found) = stored(&text, Some(10));
            assert_eq!(found.members, members, "{length}");
            let (mut all, mut first) = (Vec::new(), Vec::new());
            MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut all).unwrap();
            GzDecoder::new(bytes.as_slice()).read_to_end(&mut first).unwrap();
            assert_eq!((all.as_slice(), first.as_slice()), (text.as_slice(), &text[..text.len().min(10)]));
        }
        assert_eq!(stored(&[7; 5000], None).1.members, 1);
    }
}
