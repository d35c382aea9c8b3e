//! What a Trailhouse lake is, on disk or in S3: names, plans, receipts.
//!
//! ```text
//! <lake>/<table>/account_id=<id>/event_date=<YYYY-MM-DD>/<name>.parquet     finished files, and nothing else
//! <lake>/_trailhouse/lake.json                                              what the lake is, fixed at its creation
//! <lake>/_trailhouse/catalog.json                                           which catalog knows its tables
//! <lake>/_trailhouse/plans/<n>.json                                         what is to be read, in which groups
//! <lake>/_trailhouse/receipts/<n>/<group>.json                              what became of a group
//! <lake>/_trailhouse/abandoned/<n>-<group>                                  whose receipt may say that it was given up
//! <lake>/_trailhouse/feeds/<n>.json                                         which objects are read as they come, since when
//! <lake>/_trailhouse/receipts/id/<source_id>.json                           what became of such an object
//! <lake>/_trailhouse/staging/                                               files that are not finished yet
//! ```
//!
//! # Why nothing is lost and nothing doubled
//!
//! Everything is put under a name that only its content decides, and only if nothing stands there. In this order:
//!
//! 1. A [`Plan`] gives each new source object to exactly one [`Group`]. Plans are numbered without gaps, and a planner
//!    claims the next number only after it has read all plans before it: so no object is ever in two plans, but for those
//!    whose group was given up.
//! 2. A group's files are named by the group and the part of it that they were made of. Who makes them a second time makes
//!    the same names and the same bytes. They are [`Staged`] while the group is read, and get their names when all of it
//!    has been read and was what had been planned.
//! 3. When all files of a group stand, its [`Receipt`] is put. A plan has ended when all its groups have receipts.
//! 4. A group with objects that are not there as planned any more is given up ([`abandon`]); the others are planned again.
//!
//! Objects that are read as they come have no plan but the one that each of them implies: see [`feed`] and [`streamed`].
//!
//! Who finds a plan without an end, after a crash or beside a writer that is still at work, runs the groups without
//! receipts again.

pub mod abandon;
pub mod catalog;
pub mod config;
pub mod error;
pub mod fault;
pub mod feed;
pub mod folder;
pub mod ids;
mod lake;
pub mod location;
pub mod log;
pub mod names;
pub mod plan;
pub mod receipt;
mod stage;
pub mod streamed;

pub use catalog::CatalogConfig;
pub use config::Config;
pub use error::LakeError;
pub use fault::StoreFault;
pub use feed::{Feed, Feeds};
pub use folder::FolderStore;
pub use ids::{ContentHash, GroupId, PlannerId, SourceId};
pub use lake::{Lake, Put};
pub use location::{Bucket, Location};
pub use log::{Claimed, Log};
pub use plan::{Content, Group, Place, Plan, PlanSettings, PlannedObject};
pub use receipt::{FileReceipt, Loss, LostObject, ObjectReceipt, Receipt};
pub use stage::Staged;
pub use streamed::StreamReceipt;
