//! An object's stored bytes, as they come.

use std::fs::File;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::{GetResult, GetResultPayload, ObjectMeta};
use trailhouse_lake::StoreFault;

use super::Reach;

/// Reads one object.
pub(crate) struct Reader {
    meta: ObjectMeta,
    from: From,
}

enum From {
    File(File),
    Stream { stream: BoxStream<'static, object_store::Result<Bytes>>, chunk: Bytes, reach: Reach },
}

impl Reader {
    pub(super) fn new(found: GetResult, reach: Reach) -> Self {
        let from = match found.payload {
            GetResultPayload::File(file, _) => From::File(file),
            GetResultPayload::Stream(stream) => From::Stream { stream, chunk: Bytes::new(), reach },
        };
        Self { meta: found.meta, from }
    }

    /// What its store said of the object when it was opened.
    pub(crate) fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    /// Reads what is left, at most `most` bytes of it, into one buffer that has room for all of them.
    pub(crate) fn into_bytes(self, most: usize) -> io::Result<Vec<u8>> {
        let (mut bytes, most) = (Vec::with_capacity(most), most as u64);
        match self.from {
            // A file fills memory as it is; any other reader is given zeros to write over.
            From::File(file) => file.take(most).read_to_end(&mut bytes)?,
            From::Stream { .. } => self.take(most).read_to_end(&mut bytes)?,
        };
        Ok(bytes)
    }

    /// Reads until `buffer` is full or the object ends: how many bytes it then holds.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.from {
            From::File(file) => file.read(buffer),
            From::Stream { stream, chunk, reach } => {
                while chunk.is_empty() {
                    match reach.wait(stream.next()) {
                        Some(next) => *chunk = next.map_err(|error| io::Error::other(StoreFault::from(error)))?,
                        None => return Ok(0),
                    }
                }
                let count = chunk.len().min(buffer.len());
                chunk.copy_to_slice(&mut buffer[..count]);
                Ok(count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use object_store::Attributes;
    use object_store::path::Path;

    use super::*;

    #[test]
    fn a_stream_reads_as_one() {
        let chunks: [&'static [u8]; 4] = [b"ab", b"", b"cdef", b"g"];
        let stream = futures::stream::iter(chunks.map(|chunk| Ok(Bytes::from_static(chunk)))).boxed();
        let meta = ObjectMeta {
            location: Path::from("x"),
            last_modified: std::time::SystemTime::UNIX_EPOCH.into(),
            size: 7,
            e_tag: None,
            version: None,
        };
        let (payload, range) = (GetResultPayload::Stream(stream), Range { start: 0, end: 7 });
        let mut reader =
            Reader::new(GetResult { payload, meta, range, attributes: Attributes::default() }, Reach::Here);
        let mut buffer = [0; 3];
        assert_eq!(reader.meta().size, 7);
        let mut read = Vec::new();
        loop {
            let count = reader.fill(&mut buffer).unwrap();
            read.extend_from_slice(&buffer[..count]);
            if count < buffer.len() {
                break;
            }
        }
        assert_eq!(read, b"abcdefg");
    }
}
