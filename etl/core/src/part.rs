//! One part under construction: its rows, its rejects, and their way into files.

use std::collections::BTreeMap;
use std::ops::Range;

use trailhouse_schemas::{Partition, REJECTS, Table};

use crate::columns::{Columns, Slot};
use crate::cpu::with_features;
use crate::encode::cold;
use crate::encode::file::FileEncoder;
use crate::error::Error;
use crate::halt::Halt;
use crate::object::{Object, PartFile, Settings};
use crate::order::{Order, key_partition};
use crate::reading::Reading;
use crate::rejects::{Fault, Reject};
use crate::split::capture::Capture;
use crate::text::{Side, Span, Texts};

/// Takes finished files.
pub(crate) type Emit<'e> = &'e mut dyn FnMut(PartFile) -> std::io::Result<()>;

/// What has been read since the last file.
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) table: &'static Table,
    pub(crate) columns: Columns,
    pub(crate) side: Side,
    pub(crate) order: Order,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) records: usize,
    /// Account and day of the key of the objects read last.
    pub(crate) key: Option<Partition>,
    pub(crate) source: SourceColumns,
}

/// The columns that say where a row came from.
#[derive(Clone, Copy)]
pub(crate) struct SourceColumns {
    pub(crate) object: usize,
    pub(crate) id: usize,
    pub(crate) record: usize,
}

impl Part {
    pub(crate) fn new(table: &'static Table, columns: Columns, settings: &Settings) -> Self {
        let slot = |name: &str| table.position(name).map(|position| columns.slots()[position]);
        let source = match (slot("source_object"), slot("source_id"), slot("source_record")) {
            (Some(Slot::Coded(object)), Some(Slot::Coded(id)), Some(Slot::Int(record))) => {
                SourceColumns { object, id, record }
            }
            _ => unreachable!("every table says where a row came from"),
        };
        Self {
            number: 0,
            table,
            columns,
            side: Side::default(),
            order: Order::new(settings.partitioning),
            rejects: Vec::new(),
            records: 0,
            key: None,
            source,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    pub(crate) fn clear(&mut self) {
        self.columns.clear();
        self.side.clear();
        self.order.clear();
        self.rejects.clear();
        self.records = 0;
    }

    pub(crate) fn reject(&mut self, reading: &mut Reading<'_>, fault: Fault, text: Capture, settings: &Settings) {
        self.rejects.push(Reject {
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

    /// Notes the object that `rows` came from.
    pub(crate) fn note_source(&mut self, arena: &[u8], object: &Object, rows: Range<usize>) {
        for (column, text) in [(self.source.object, &object.address), (self.source.id, &object.source_id)] {
            let span: Span = self.side.push(text.as_bytes());
            let texts = Texts { arena, side: self.side.bytes() };
            let column = &mut self.columns.coded[column];
            let code = column.interner.intern(texts, span);
            column.codes[rows.clone()].fill(code);
        }
    }

    /// Hands over a file for each table and partition.
    pub(crate) fn write(
        &mut self,
        files: &mut FileEncoder,
        arena: &[u8],
        halt: &Halt,
        emit: Emit<'_>,
    ) -> Result<(), Error> {
        let texts = Texts { arena, side: self.side.bytes() };
        for (partition, rows) in self.order.sorted() {
            let bytes = with_features(|| files.encode(&self.columns, texts, rows, halt))?;
            let (table, partition, rows) = (self.table, partition.clone(), rows.len() as u64);
            emit(PartFile { table, partition, part: self.number, rows, bytes }).map_err(Error::Emit)?;
        }
        let mut rejects: BTreeMap<&Partition, Vec<&Reject>> = BTreeMap::new();
        for reject in &self.rejects {
            rejects.entry(&reject.partition).or_default().push(reject);
        }
        for (partition, rejects) in rejects {
            let bytes = cold::rejects(&rejects, self.table.name, halt)?;
            let (partition, rows) = (partition.clone(), rejects.len() as u64);
            emit(PartFile { table: &REJECTS, partition, part: self.number, rows, bytes }).map_err(Error::Emit)?;
        }
        Ok(())
    }
}
