//! The rows of one table in the part under construction.

use std::ops::Range;

use trailhouse_schemas::Table;

use crate::columns::{Columns, Slot};
use crate::cpu::with_features;
use crate::decode::Decoder;
use crate::encode::chunk::ChunkEncoder;
use crate::encode::file::FileEncoder;
use crate::error::Error;
use crate::halt::Halt;
use crate::keys::KeyCase;
use crate::memory::Extent;
use crate::object::{Object, PartFile, Settings, Tally};
use crate::order::Order;
use crate::route::{Router, Row};
use crate::text::{Side, Texts};
use crate::window::Window;

/// The rows of one table.
pub(crate) struct Sheet {
    pub(crate) table: &'static Table,
    pub(crate) columns: Columns,
    order: Order,
    router: Router,
    /// What reads the table's records where they are JSON, for either way of writing keys.
    decoders: [Option<Decoder>; 2],
    source: SourceColumns,
    files: Option<FileEncoder>,
}

/// The columns that say where a row came from.
#[derive(Clone, Copy)]
struct SourceColumns {
    object: usize,
    id: usize,
    record: usize,
}

impl Sheet {
    pub(crate) fn new(table: &'static Table, settings: &Settings) -> Self {
        let columns = Columns::new(table);
        let slot = |name: &str| table.position(name).map(|position| columns.slots()[position]);
        let source = match (slot("source_object"), slot("source_id"), slot("source_record")) {
            (Some(Slot::Coded(object)), Some(Slot::Coded(id)), Some(Slot::Int(record))) => {
                SourceColumns { object, id, record }
            }
            _ => unreachable!("every table says where a row came from"),
        };
        Self {
            table,
            order: Order::new(settings.partitioning),
            router: Router::new(table, columns.slots()),
            decoders: [None, None],
            columns,
            source,
            files: None,
        }
    }

    /// The next rows are another object's.
    pub(crate) fn begin_object(&mut self) {
        self.order.begin_object();
        self.router.clear();
    }

    /// Forgets all rows.
    pub(crate) fn clear(&mut self) {
        self.columns.clear();
        self.order.clear();
        self.router.clear();
        self.decoders.iter_mut().flatten().for_each(Decoder::clear);
    }

    /// The memory of all rows.
    pub(crate) fn extent(&self) -> Extent {
        [self.columns.extent(), self.order.extent()].into_iter().sum()
    }

    /// Forgets all rows, and gives back their memory.
    pub(crate) fn release(&mut self) {
        self.clear();
        self.columns = Columns::new(self.table);
        self.order.release();
    }

    /// Where the column called `name` is.
    pub(crate) fn slot(&self, name: &str) -> Slot {
        match self.table.position(name) {
            Some(position) => self.columns.slots()[position],
            None => unreachable!("`{}` has a column `{name}`", self.table.name),
        }
    }

    /// Makes what reads JSON records whose keys are written in this case.
    pub(crate) fn prepare(&mut self, case: KeyCase) {
        let (table, slots) = (self.table, self.columns.slots());
        self.decoders[case as usize].get_or_insert_with(|| Decoder::new(table, slots, case));
    }

    /// Decodes the object whose `{` is bracket number `bracket` of the window into `row`, which then has its place: see
    /// [`Sheet::place`]. The sheet was prepared for the case.
    #[inline(always)]
    pub(crate) fn decode(
        &mut self,
        case: KeyCase,
        (window, bracket): (Window<'_>, usize),
        row: usize,
        side: &mut Side,
        (object, tally): (&Object, &mut Tally),
    ) {
        let Self { decoders, columns, router, order, source, .. } = self;
        let Some(decoder) = &mut decoders[case as usize] else { return };
        decoder.record(window, bracket, row, columns, side);
        let texts = Texts { arena: window.arena, side: side.bytes() };
        router.route(Row { columns, texts, number: row, unfit: decoder.unfit() }, object, tally, order);
        columns.numbers[source.record][row] = tally.records as i64;
    }

    /// Gives `row`, whose columns are filled, its place.
    #[inline(always)]
    pub(crate) fn place(
        &mut self,
        row: usize,
        unfit: &[Slot],
        texts: Texts<'_>,
        (object, tally): (&Object, &mut Tally),
        record: u64,
    ) {
        let Self { columns, router, order, source, .. } = self;
        router.route(Row { columns, texts, number: row, unfit }, object, tally, order);
        columns.numbers[source.record][row] = record as i64;
    }

    /// Gives `row` the number of its record.
    pub(crate) fn number(&mut self, row: usize, record: u64) {
        self.columns.numbers[self.source.record][row] = record as i64;
    }

    /// Notes the object that `rows` came from.
    pub(crate) fn note_source(&mut self, arena: &[u8], side: &mut Side, object: &Object, rows: Range<usize>) {
        for (column, text) in [(self.source.object, &object.address), (self.source.id, &object.source_id)] {
            self.columns.coded[column].fill(text, arena, side, rows.clone());
        }
    }

    /// Puts one text into the column called `name` of `rows`.
    pub(crate) fn fill_coded(&mut self, name: &str, text: &str, arena: &[u8], side: &mut Side, rows: Range<usize>) {
        if let Slot::Coded(column) = self.slot(name) {
            self.columns.coded[column].fill(text, arena, side, rows);
        }
    }

    /// Hands over a file for each partition.
    pub(crate) fn write(
        &mut self,
        part: u32,
        (texts, chunks): (Texts<'_>, &mut ChunkEncoder),
        halt: &Halt,
        emit: &mut dyn FnMut(PartFile) -> std::io::Result<()>,
    ) -> Result<(), Error> {
        let Self { table, columns, order, files, .. } = self;
        columns.level();
        for (partition, rows) in order.sorted() {
            if files.is_none() {
                *files = Some(FileEncoder::new(table)?);
            }
            let Some(files) = files else { continue };
            let bytes = with_features(|| files.encode(chunks, (columns, texts), rows, halt))?;
            let (partition, rows) = (partition.clone(), rows.len() as u64);
            emit(PartFile { table, partition, part, rows, bytes }).map_err(Error::Emit)?;
        }
        Ok(())
    }
}
