//! Bytes of AWS logs in, bytes of sorted Parquet files out: no I/O, no async, no AWS.
//!
//! Data goes one way: [`inflate`] or [`transcribe`] -> [`index`] or [`lines`] -> [`split`] -> [`decode`] -> [`route`] -> [`order`] ->
//! [`encode`], with [`columns`] between decoding and encoding. A module names only those before it. [`read`] has one reader
//! for each way of writing records; all work on one [`desk`], which holds the [`part`] that has been read of the group, with
//! a [`sheet`] for each table. [`transform`] names them all. What an object is, is told by [`classify`], once, by whoever
//! plans it.
//!
//! # How an object becomes records
//!
//! * An object is gzip (any number of members, one behind the other, and zeros behind the last), gzip of such gzip, or
//!   the text itself. Where both layers of gzip are damaged, what is met first is the reason.
//! * CloudTrail and Insights: the JSON is `{"Records":[…]}` or a bare array, or several of them one behind the other. Each element of a `Records`
//!   array is a record, also of a second `Records` array. Another member of the envelope is one record that is rejected
//!   as [`Reason::Envelope`].
//! * Where an element or member ends is decided by strings and brackets alone: at the first comma or closing bracket
//!   that none of them hides (a backslash escapes the next byte wherever it stands), blanks before it not counted. An
//!   element that breaks the grammar, is not UTF-8, is no object, or is past a limit is rejected alone; the records
//!   behind it are read. A comma with no element behind it leaves an empty one, which is rejected too.
//! * An object's last record counts as ended when its brackets have closed, also where the bytes end right behind it.
//! * Where strings or brackets do not close before the object ends, the gzip stream breaks or something else follows it,
//!   a limit on the whole object is met, one record more would be rejected than [`limits::OBJECT_REJECTS_MAX`], or none
//!   of the documents has a `Records` array, the object is *damaged*: what stood before is kept, the rest of the bytes
//!   that could be inflated (with the record that is one too many) is one reject, and [`Tally::damage`] says why. Records
//!   count from 0 in the order they stand, rejected ones included; the rest of a damaged object has the number behind the
//!   last one.
//!
//! * Flow logs: a line is a record, unless it is blank or a [`Header`]; its fields are those that the header before it
//!   names. A line with another number of fields is rejected. Without a header, and with none declared in the
//!   [`Settings`], the object is damaged and nothing is guessed.
//! * Flow logs in Parquet: the file is read as the text that its columns and rows are transcribed to ([`transcribe`]), below
//!   the header that its columns' names make; a declared one does not count. Offsets, and the limit on what an object
//!   inflates to, are those of this text. What stands behind rows that could be read is one reject without bytes, whose
//!   message names column, row group and place in the stored file. A file without its footer has no rows.
//! * Findings, payloads of log events, digests, ledger entries and EventBridge events: JSON documents one behind the
//!   other, one a line or elements of a bare array, each told by its keys. A list (`findings`, `Findings`, `Records`,
//!   `logEvents`) gives a record for each element; what stands around it goes to `envelope`, with `null` in its place.
//!   A document that is cut off at the end of a line, as far as that shows, takes no other along. Control messages are
//!   skipped.
//! * Export tasks: a record begins with a line that begins with a time such as `2026-01-31T23:59:59.123Z` and a blank,
//!   and goes on to the next such line; the message is all behind the blank but the last line feed.
//! * A log message that is a CloudTrail event, or a line of a flow log in AWS's default format or below the declared
//!   header, is also a row of that table where [`Settings::unwrap`] says so. The [`Tally`] counts such rows apart.
//!
//! # How a record becomes a row
//!
//! * A flow log's `-` is null. `extra` has the fields that no column gives back as they were written, an object of names
//!   and texts; `fields` is the header. Times of 100,000,000,000 and more are milliseconds.
//! * A table's `Origin::First` columns are copies of what stands further inside; where simd-json does not take the
//!   record (a lone surrogate in a string, say), they are null.
//! * Each column takes the value at its path (`Origin::Field`) in the record. The first of a repeated key stands, in
//!   every object that a path leads through.
//! * A text column takes a string, decoded. A JSON column takes any value but null, as the exact bytes of the source.
//!   A boolean column takes `true` or `false`. A time column takes RFC 3339 and ISO 8601 basic text between the years
//!   1 and 9999, cut to milliseconds.
//! * `null_keys` names the record's own keys whose first value was null and that have a column, in table order,
//!   joined by commas.
//! * `extra` is an object of the record's own members that no column holds exactly, with key and value as they were
//!   written and in their order: unknown keys; values of another type than the column takes; times whose canonical
//!   text (`2026-01-31T23:59:59Z`, with `.123` only when the milliseconds are not 0) is not what was written; strings
//!   that have no UTF-8 (lone surrogates); an object that a path leads through but that has no JSON column of its own
//!   (none so far); and the second and later ones of a repeated key, where its column holds a time or a floating-point
//!   number the first one too. Null when there are none. Values further
//!   inside need no `extra`: the JSON column of the object around them keeps them.
//! * A key that is written with escapes is the key that it decodes to.
//! * The row's account, region and day are those of the columns that the table's `Routing` names, the first that has a
//!   value; else those of the object's key, else `unknown` and the object's last-modified day. CloudTrail's account is
//!   `recipientAccountId`, else `accountId`; its day that of `eventTime`, else of `timeWindow.windowStart`. A field that its column does not take
//!   gives way to the next; an account that is not 12 digits, a region of more than 64 bytes or none, and a day that
//!   cannot be give way to the key's. Either is counted in the [`Tally`], once for a row's account and once for its day.
//! * A day cannot be before 2006 or after 2099, nor more than one day ahead of the object's own: its key's, else its
//!   last-modified. An object's own day that is not between 2006 and 2099, and a last-modified day that an event is more
//!   than [`limits::MODIFIED_DAYS_BEHIND`] days ahead of, bound nothing: copying and unpacking set such days.
//! * An object opens [`limits::OBJECT_PARTITIONS_MAX`] partitions at most: a row of yet another one goes to that of the
//!   object's key, with its own time and account in its columns. Read in other company, it may go elsewhere.
//! * Rejects have the partition of the object's key.
//!
//! # How rows become files
//!
//! * Rows of a part go to one file per table and partition, in the order (event time, nulls first; the object's place
//!   in the plan; record number).
//! * Neither threads nor the reuse of a [`Transform`] show in the bytes.

pub mod classify;
mod columns;
mod cpu;
mod decode;
mod desk;
mod encode;
mod error;
pub mod format;
mod halt;
pub mod header;
mod index;
mod inflate;
mod interner;
pub mod key;
mod keys;
pub mod limits;
mod lines;
mod memory;
mod numbers;
pub mod object;
mod order;
mod part;
mod places;
mod read;
mod reading;
pub mod reason;
pub mod rebuild;
mod rejects;
mod route;
mod sheet;
mod split;
pub mod stages;
mod text;
pub mod time;
pub mod transcribe;
pub mod transform;
mod unescape;
mod window;

pub use encode::file::CREATED_BY;
pub use error::Error;
pub use format::Format;
pub use header::Header;
pub use key::{KeyFacts, KeyKind};
pub use object::{Body, Object, PartFile, ReadAt, Settings, Tally};
pub use reason::Reason;
pub use time::Day;
pub use transform::Transform;
