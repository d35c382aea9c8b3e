//! The ingest job: objects of a source in, a lake with their rows out.
//!
//! ```text
//! list -> plan -> [ feed -> transform ] per worker -> put -> receipt -> summary
//! ```
//!
//! * [`source`] lists the objects and reads them.
//! * The planner hashes them on all cores, leaves out what the lake has planned, and claims a plan
//!   ([`trailhouse_lake::log`]).
//! * Each worker owns a [`trailhouse_core::Transform`] and reads one group of the plan after another. A feeder beside it
//!   reads the group's objects in order and ahead, within a budget of bytes.
//!   A long object that cannot be read from its beginning on waits in a temporary file until all of it is there.
//! * Finished files are put while the worker goes on, within a budget of bytes too.
//! * When all files of a group are durable, its receipt is put; only then do its counts enter the [`Summary`].

pub mod aws;
mod budget;
pub mod catalog;
mod checksum;
mod error;
mod feeder;
pub mod feeds;
mod finish;
pub mod function;
mod halt;
mod ingest;
mod inspect;
pub mod limits;
mod options;
mod places;
mod progress;
mod run;
pub mod source;
mod spool;
mod standing;
pub mod stream;
mod summary;
mod work;
mod write;

pub use error::{GroupError, IngestError, chain};
pub use ingest::{ingest, ingest_into};
pub use options::{IngestOptions, Limits};
pub use progress::{Progress, Silent, StopFlag};
pub use source::SkipReason;
pub use summary::{Outcome, Stopped, Summary};

pub use trailhouse_core::{CREATED_BY, Format, Header, rebuild};
