//! One part under construction: its rows, its rejects, and their way into files.

use std::collections::BTreeMap;

use trailhouse_schemas::{Partition, REJECTS, TABLES, Table};

use crate::encode::chunk::ChunkEncoder;
use crate::encode::cold;
use crate::error::Error;
use crate::halt::Halt;
use crate::memory::Extent;
use crate::object::{PartFile, Settings};
use crate::order::key_partition;
use crate::reading::Reading;
use crate::rejects::{Fault, Reject};
use crate::sheet::Sheet;
use crate::split::capture::Capture;
use crate::text::{Side, Texts};

/// Takes finished files.
pub(crate) type Emit<'e> = &'e mut dyn FnMut(PartFile) -> std::io::Result<()>;

/// What has been read since the last file.
pub(crate) struct Part {
    pub(crate) number: u32,
    /// The rows of each table that had any, ever; in the order of [`TABLES`].
    sheets: Vec<Option<Box<Sheet>>>,
    /// The sheet that was turned to last.
    at: Option<SheetId>,
    /// Text that stands in no object as it is.
    pub(crate) side: Side,
    /// What encodes the columns of all sheets, once there were any.
    chunks: Option<ChunkEncoder>,
    rejects: Vec<Reject>,
    reject_bytes: usize,
    pub(crate) records: usize,
    /// Account and day of the key of the objects read last.
    pub(crate) key: Option<Partition>,
    /// How many records there are when it is next looked at how much memory they take.
    weighed_at: usize,
}

/// Memory of the encoder that is kept from one part to the next.
const ENCODER_BYTES_MAX: usize = 16 << 20;
/// Records between two looks at how much memory they take.
const WEIGHED_RECORDS: usize = 256;

/// One table's place among a part's sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SheetId(usize);

impl Part {
    pub(crate) fn new() -> Self {
        let sheets = std::iter::repeat_with(|| None).take(TABLES.len()).collect();
        Self {
            number: 0,
            sheets,
            at: None,
            side: Side::default(),
            chunks: None,
            rejects: Vec::new(),
            reject_bytes: 0,
            records: 0,
            key: None,
            weighed_at: WEIGHED_RECORDS,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Whether it holds as much as it may.
    pub(crate) fn is_full(&mut self, settings: &Settings) -> bool {
        if self.records >= settings.part_records {
            return true;
        }
        if self.records < self.weighed_at {
            return false;
        }
        self.weighed_at = self.records + WEIGHED_RECORDS;
        self.extent().in_use > settings.part_bytes
    }

    /// The memory of what was made of the inflated bytes.
    fn extent(&self) -> Extent {
        let rejects = Extent { in_use: self.reject_bytes, reserved: Extent::of(&self.rejects).reserved };
        let sheets = self.sheets.iter().flatten().map(|sheet| sheet.extent());
        sheets.chain([self.side.extent(), rejects]).sum()
    }

    /// Forgets everything. Memory is kept for the next part, but not what many kinds of parts have added up to.
    pub(crate) fn clear(&mut self, settings: &Settings) {
        self.sheets.iter_mut().flatten().for_each(|sheet| sheet.clear());
        self.side.clear();
        self.rejects.clear();
        self.reject_bytes = 0;
        self.at = None;
        self.records = 0;
        self.weighed_at = WEIGHED_RECORDS;
        if self.extent().reserved > settings.part_bytes {
            self.sheets.iter_mut().flatten().for_each(|sheet| sheet.release());
            (self.side, self.rejects) = (Side::default(), Vec::new());
        }
    }

    /// The next rows are another object's.
    pub(crate) fn begin_object(&mut self) {
        self.sheets.iter_mut().flatten().for_each(|sheet| sheet.begin_object());
    }

    /// Opens the sheet of `table`.
    pub(crate) fn open(&mut self, table: &'static Table, settings: &Settings) -> SheetId {
        let found = TABLES.iter().position(|other| other.name == table.name);
        let Some(place) = found else { unreachable!("`{}` is a table of the lake", table.name) };
        self.sheets[place].get_or_insert_with(|| Box::new(Sheet::new(table, settings)));
        SheetId(place)
    }

    /// A sheet that was opened, and the text that its rows share with others.
    #[inline]
    pub(crate) fn sheet(&mut self, id: SheetId) -> (&mut Sheet, &mut Side) {
        if self.at != Some(id) {
            self.turn_to(id);
        }
        match &mut self.sheets[id.0] {
            Some(sheet) => (sheet, &mut self.side),
            None => unreachable!("a sheet is named when it is opened"),
        }
    }

    /// Where a sheet may get its first rows, those that have none give back what earlier parts took.
    #[cold]
    fn turn_to(&mut self, id: SheetId) {
        self.at = Some(id);
        let is_first = |sheet: &Sheet| sheet.columns.rows() == 0;
        if self.sheets[id.0].as_deref().is_some_and(is_first) {
            let others = self.sheets.iter_mut().enumerate().filter(|(number, _)| *number != id.0);
            let empty = others.filter_map(|(_, sheet)| sheet.as_deref_mut()).filter(|sheet| is_first(sheet));
            empty.filter(|sheet| sheet.extent().reserved > 0).for_each(Sheet::release);
        }
    }

    pub(crate) fn reject(&mut self, reading: &mut Reading<'_>, fault: Fault, text: Capture, settings: &Settings) {
        let reject = Reject {
            target: reading.target,
            partition: key_partition(settings.partitioning, reading.object),
            source_object: reading.object.address.clone(),
            source_id: reading.object.source_id.clone(),
            record: reading.tally.records,
            fault,
            text,
        };
        self.reject_bytes += reject.bytes();
        self.rejects.push(reject);
        self.records += 1;
        reading.tally.records += 1;
        reading.tally.rejects += 1;
    }

    /// Hands over a file for each table and partition.
    pub(crate) fn write(&mut self, arena: &[u8], halt: &Halt, emit: Emit<'_>) -> Result<(), Error> {
        let texts = Texts { arena, side: self.side.bytes() };
        let mut chunks = match self.chunks.take() {
            Some(chunks) => chunks,
            None => ChunkEncoder::new()?,
        };
        for sheet in self.sheets.iter_mut().flatten() {
            sheet.write(self.number, (texts, &mut chunks), halt, emit)?;
        }
        self.chunks = Some(chunks).filter(|chunks| chunks.reserved() <= ENCODER_BYTES_MAX);
        let mut rejects: BTreeMap<&Partition, Vec<&Reject>> = BTreeMap::new();
        for reject in &self.rejects {
            rejects.entry(&reject.partition).or_default().push(reject);
        }
        for (partition, rejects) in rejects {
            let bytes = cold::rejects(&rejects, halt)?;
            let (partition, rows) = (partition.clone(), rejects.len() as u64);
            emit(PartFile { table: &REJECTS, partition, part: self.number, rows, bytes }).map_err(Error::Emit)?;
        }
        Ok(())
    }
}
