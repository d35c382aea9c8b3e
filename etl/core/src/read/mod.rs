//! The readers: one for each way of writing records.
//!
//! A reader is handed the pieces of an object, in order, and takes from each what is whole; what it leaves stands before
//! the next piece. It makes rows, rejects what cannot be one, and at the object's end says what is damaged.

mod documents;
mod export;
mod flow;
mod probe;
mod records;
mod state;
mod unwrap;

use crate::desk::Desk;
use crate::error::Error;
use crate::format::Format;
use crate::inflate::Filled;
use crate::part::Emit;
use crate::reading::{Piece, Reading};
use crate::rejects::Fault;
use crate::split::capture::Capture;

/// Reads the objects of one format.
pub(crate) trait Reader {
    /// Begins another object.
    fn begin(&mut self, desk: &mut Desk, reading: &Reading<'_>);

    /// Reads on in `piece`: how many bytes of it were taken. All of the last piece that can be read is.
    ///
    /// # Errors
    ///
    /// When a file cannot be handed over, or all is to halt.
    fn read(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        emit: Emit<'_>,
    ) -> Result<usize, Error>;

    /// The object has ended, with `rest` of its last piece left; `here` is where in the object that begins. What is
    /// damaged about it, and the bytes that no record was made of.
    fn end(&mut self, reading: &Reading<'_>, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)>;
}

/// All readers; they keep their buffers from object to object.
#[derive(Default)]
pub(crate) struct Readers {
    records: records::Records,
    documents: documents::Documents,
    flow: flow::Flow,
    export: export::Export,
    probe: probe::Probe,
}

impl Readers {
    /// The reader of objects of `format`.
    pub(crate) fn of(&mut self, format: Format) -> &mut dyn Reader {
        match format {
            Format::CloudTrail | Format::Insights => &mut self.records,
            Format::Flow | Format::FlowParquet => &mut self.flow,
            Format::CloudWatchExport => &mut self.export,
            Format::Probe => &mut self.probe,
            Format::Digest | Format::GuardDuty | Format::CloudWatchLogs | Format::Incidents | Format::Json => {
                &mut self.documents
            }
        }
    }
}
