//! Every bound of the engine, with its unit. Who writes logs may be an attacker: nothing here is unbounded.

/// The most one object may inflate to by default.
pub const INFLATED_BYTES_MAX: u64 = 3 << 30;
/// The inflated bytes that one part holds at most, and therefore about what one file is made of. What is made of them takes
/// as much memory at most, whatever they are.
pub const PART_BYTES: usize = 64 << 20;
/// A part that holds one in so many of its bytes is closed where the next object's account or day differs.
pub const PART_SOFT_SHARE: usize = 4;
/// The records that one part holds at most.
pub const PART_RECORDS: usize = 256 << 10;
/// The longest record that is read; CloudTrail itself stops at 256 kB.
pub const RECORD_BYTES_MAX: usize = 16 << 20;
/// Bytes of one object that are inflated before its records are read: a longer object is read in such pieces. A record and
/// the blanks behind it must fit one.
pub const PIECE_BYTES: usize = RECORD_BYTES_MAX + (1 << 20);
/// Bytes that are indexed at first in an array of records; then twice as many, and so on.
pub const WINDOW_BYTES_MIN: usize = 256;
/// Bytes that are indexed at a time once records end in so many: they stay in the nearer caches. A record that is longer is
/// indexed again in a window of twice as many, so that each of its bytes is looked at four times at most.
pub const WINDOW_BYTES_USUAL: usize = 256 << 10;
/// Brackets that are indexed at a time; a record with more is rejected.
pub const BRACKETS_MAX: usize = 2 << 20;
/// Records that are split off before they are decoded.
pub const BATCH_RECORDS: usize = 8 << 10;
/// Fields of a flow log at most.
pub const FLOW_FIELDS_MAX: usize = 256;
/// Bytes of a field's name; AWS's longest has 25. A value without a column of its own is kept with its field's name.
pub const FLOW_NAME_BYTES_MAX: usize = 64;
/// Bytes of a flow log in which lines are looked for at a time; more where no line ends in so many.
pub const FLOW_WINDOW_BYTES: usize = 256 << 10;
/// Lines of a flow log that are read one field at a time.
pub const FLOW_BATCH_LINES: usize = 512;
/// Objects and arrays inside one another, counted from the record itself.
pub const DEPTH_MAX: usize = 128;
/// Bytes of a reject that are kept; length and hash tell of the rest.
pub const REJECT_BYTES_MAX: usize = 64 << 10;
/// Records of one object that are rejected one by one; where one more would be, the rest of the object is one reject.
pub const OBJECT_REJECTS_MAX: u64 = 100_000;
/// Partitions that one object may open; later rows go to the partition of the object's key.
pub const OBJECT_PARTITIONS_MAX: usize = 4096;
/// Slots of a hash table that a text may stand in; where all are others', it goes where crowding costs nothing.
pub const PROBES_MAX: usize = 128;
/// Memory that reading one Parquet object may take: the pages of all its columns that are open at once, their dictionaries
/// as text, and what is read of the stored file at a time.
pub const PARQUET_BYTES_MAX: usize = 64 << 20;
/// Bytes of a Parquet object's footer: that of a file of AWS's has a few tens of thousands.
pub const PARQUET_FOOTER_BYTES_MAX: usize = 4 << 20;
/// Bytes of what stands before a page of a Parquet object.
pub const PARQUET_HEADER_BYTES_MAX: usize = 64 << 10;
/// Rows of a Parquet object's column that are read at a time.
pub const PARQUET_BATCH_ROWS: usize = 1024;
/// Bytes of text that are made of a Parquet object at a time, or one row.
pub const PARQUET_TEXT_BYTES: usize = 256 << 10;
/// Stored bytes of a Parquet object that comes as a stream: all of them are collected before it is read.
pub const PARQUET_COLLECTED_BYTES_MAX: usize = 128 << 20;
/// Stored bytes of such a stream that are read at a time.
pub const PARQUET_READ_BYTES: usize = 256 << 10;
/// Days that an event may be younger than the day its object was last modified on, by a clock that is a little off.
pub const EVENT_DAYS_AHEAD: i32 = 1;
/// Where an event is more days younger than that, the object's day is wrong and not the event's: copying and unpacking
/// set such days, AWS sets the event's.
pub const MODIFIED_DAYS_BEHIND: i32 = 366;
/// Uncompressed bytes of one data page.
pub const PAGE_BYTES: usize = 1 << 20;
/// Rows of one page of a column that is searched by range.
pub const PAGE_ROWS: usize = 8 << 10;
/// Bytes of one dictionary; a column with more is written plain.
pub const DICTIONARY_BYTES_MAX: usize = 1 << 20;
/// Bytes of a minimum or maximum; a longer one is shortened, and still bounds.
pub const STATISTICS_BYTES_MAX: usize = 256;

const _: () = assert!(RECORD_BYTES_MAX < PIECE_BYTES, "a record that is not too long fits a piece");
const _: () = assert!(PIECE_BYTES <= PART_BYTES, "a piece fits a part");
