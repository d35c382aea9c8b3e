//! Rebuilt records into gzip objects, below one folder.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use trailhouse_etl::rebuild::{Framing, Place, Record, object_key};

/// Bytes of text after which an object is ended and another begins: several threads can read what they are.
const OBJECT_BYTES: u64 = 64 << 20;
/// Objects that are open at once. Where rows ask for more, all are ended.
const OPEN_MAX: usize = 64;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wrote {
    pub(super) records: u64,
    pub(super) objects: u64,
    /// Bytes of the objects' text, before compression.
    pub(super) bytes: u64,
}

/// The objects that are open.
pub(super) struct Objects {
    folder: PathBuf,
    open: HashMap<(Place, Framing), Open>,
    wrote: Wrote,
}

/// One object.
struct Open {
    out: GzEncoder<BufWriter<File>>,
    bytes: u64,
    header: String,
}

impl Objects {
    /// None yet, below `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: HashMap::new(), wrote: Wrote::default() }
    }

    /// Writes a record to the object that it belongs to.
    pub(super) fn put(&mut self, record: Record<'_>) -> io::Result<()> {
        let name = (record.place.clone(), record.framing.clone());
        if !self.open.contains_key(&name) && self.open.len() == OPEN_MAX {
            self.close_all()?;
        }
        let object = match self.open.entry(name.clone()) {
            std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => {
                let path = self.folder.join(object_key(record.place, record.framing, self.wrote.objects));
                self.wrote.objects += 1;
                free.insert(Open::create(&path, record.framing)?)
            }
        };
        object.put(&record)?;
        self.wrote.records += 1;
        if object.bytes >= OBJECT_BYTES
            && let Some(full) = self.open.remove(&name)
        {
            self.wrote.bytes += full.finish(record.framing)?;
        }
        Ok(())
    }

    /// Ends all objects.
    pub(super) fn finish(mut self) -> io::Result<Wrote> {
        self.close_all()?;
        Ok(self.wrote)
    }

    fn close_all(&mut self) -> io::Result<()> {
        for ((_, framing), object) in self.open.drain() {
            self.wrote.bytes += object.finish(&framing)?;
        }
        Ok(())
    }
}

impl Open {
    fn create(path: &Path, framing: &Framing) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let out = GzEncoder::new(BufWriter::new(File::create_new(path)?), Compression::default());
        let mut object = Self { out, bytes: 0, header: String::new() };
        object.write(framing.opening())?;
        Ok(object)
    }

    fn put(&mut self, record: &Record<'_>) -> io::Result<()> {
        let is_first = self.bytes == record.framing.opening().len() as u64;
        if !is_first {
            self.write(record.framing.between())?;
        }
        if self.header != record.header {
            record.header.clone_into(&mut self.header);
            self.write(record.header)?;
            self.write("\n")?;
        }
        self.write(record.text)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.bytes += text.len() as u64;
        self.out.write_all(text.as_bytes())
    }

    /// Ends the object: how many bytes of text it has.
    fn finish(mut self, framing: &Framing) -> io::Result<u64> {
        self.write(framing.closing())?;
        let file = self.out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(self.bytes)
    }
}
