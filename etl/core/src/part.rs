//! One part under construction: its rows, its rejects, and their way into files.

use std::collections::BTreeMap;

use trailhouse_schemas::{Partition, REJECTS, TABLES, Table};

use crate::encode::cold;
use crate::error::Error;
use crate::halt::Halt;
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
    /// Text that stands in no object as it is.
    pub(crate) side: Side,
    rejects: Vec<Reject>,
    pub(crate) records: usize,
    /// Account and day of the key of the objects read last.
    pub(crate) key: Option<Partition>,
}

/// One table's place among a part's sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SheetId(usize);

impl Part {
    pub(crate) fn new() -> Self {
        let sheets = std::iter::repeat_with(|| None).take(TABLES.len()).collect();
        Self { number: 0, sheets, side: Side::default(), rejects: Vec::new(), records: 0, key: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub(crate) fn clear(&mut self) {
        self.sheets.iter_mut().flatten().for_each(|sheet| sheet.clear());
        self.side.clear();
        self.rejects.clear();
        self.records = 0;
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
        match &mut self.sheets[id.0] {
            Some(sheet) => (sheet, &mut self.side),
            None => unreachable!("a sheet is named when it is opened"),
        }
    }

    pub(crate) fn reject(&mut self, reading: &mut Reading<'_>, fault: Fault, text: Capture, settings: &Settings) {
        self.rejects.push(Reject {
            target: reading.target,
            partition: key_partition(settings.partitioning, reading.object),
            source_object: reading.object.address.clone(),
            source_id: reading.object.source_id.clone(),
            record: reading.tally.records,
            fault,
            text,
        });
        self.records += 1;
        reading.tally.records += 1;
        reading.tally.rejects += 1;
    }

    /// Hands over a file for each table and partition.
    pub(crate) fn write(&mut self, arena: &[u8], halt: &Halt, emit: Emit<'_>) -> Result<(), Error> {
        let texts = Texts { arena, side: self.side.bytes() };
        for sheet in self.sheets.iter_mut().flatten() {
            sheet.write(self.number, texts, halt, emit)?;
        }
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
