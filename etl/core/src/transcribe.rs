//! Flow logs that AWS delivers as Parquet, to the text that it would have delivered.
//!
//! A Parquet file is read from its end, and its columns side by side; readers take pieces from the beginning on. So a file
//! becomes what they know: a line with the names of its columns, then one for each row, whose fields are parted by blanks.
//! What an object's offsets count, and a limit on what it inflates to, is this text.
//!
//! * Names stand as the file has them. A file of which most columns are no fields of a flow log is damaged.
//! * No value, and empty text, is `-`. Numbers are written in digits, truths as `true` and `false`.
//! * What would end a field or a line in a text (a byte up to the blank, or 0x7f) is percent-encoded, and so is the first
//!   letter of a row that would read as a header: no value can pass for a field or a row. Other bytes stand as they are,
//!   UTF-8 or not.
//!
//! The file is read here, byte by byte and without a library: who can write to the bucket of the logs can write any file,
//! and what a library takes on faith (how many elements a list has, how long a page will be) would be theirs to choose.
//! Read are flat columns in pages of both versions, uncompressed or by Snappy, gzip or Zstandard, whose values are plain, in
//! a dictionary, or differences; another file is damaged for a reason that says so. Memory is
//! [`crate::limits::PARQUET_BYTES_MAX`] at most, and a record; beside them the stored bytes of a [`Body::Whole`] or a
//! [`Body::Stream`].

mod codec;
mod column;
mod delta;
mod footer;
mod hybrid;
mod page;
mod schema;
mod shared;
mod texts;
mod thrift;
mod trouble;

use crate::error::Error;
use crate::halt::Halt;
use crate::header::Header;
use crate::inflate::{Damage, Filled};
use crate::limits::{PARQUET_TEXT_BYTES, RECORD_BYTES_MAX};
use crate::object::Body;
use crate::reason::Reason;
use column::ColumnReader;
use footer::Footer;
use shared::Shared;
use trouble::{Read, Stop, no_fields, too_long};

pub(crate) use footer::PARQUET_MAGIC;

/// Reads the text of one Parquet object, a piece at a time.
pub(crate) struct Transcriber<'a> {
    shared: Shared<'a>,
    footer: Footer,
    columns: Vec<ColumnReader>,
    /// The row group at hand, and its rows that were not written.
    group: usize,
    rows_left: u64,
    /// Whole lines, and how many of their bytes were handed out.
    text: Vec<u8>,
    taken: usize,
    /// Bytes that may still be handed out.
    left: u64,
    /// How the object ends behind the text.
    end: Option<Filled>,
    detail: Option<String>,
}

impl<'a> Transcriber<'a> {
    /// Transcribes `body` to at most `bytes_max` bytes, until halted.
    pub(crate) fn open(body: Body<'a>, bytes_max: u64, halt: Halt) -> Result<Self, Error> {
        let (shared, collected) = Shared::new(body, halt)?;
        let mut transcriber = Self {
            shared,
            footer: Footer::default(),
            columns: Vec::new(),
            group: 0,
            rows_left: 0,
            text: Vec::new(),
            taken: 0,
            left: bytes_max,
            end: None,
            detail: None,
        };
        let begun = collected.and_then(|()| transcriber.begin());
        transcriber.note(begun)?;
        Ok(transcriber)
    }

    /// Fills `piece` as far as the object goes; says how many bytes it took and why it stopped.
    pub(crate) fn fill(&mut self, piece: &mut [u8]) -> Result<(usize, Filled), Error> {
        let mut filled = 0;
        while filled < piece.len() {
            if self.taken < self.text.len() {
                if self.left == 0 {
                    self.detail = None;
                    return Ok((filled, Filled::Damaged(Reason::TooLarge.into())));
                }
                filled += self.hand_out(&mut piece[filled..]);
            } else if let Some(end) = self.end {
                return Ok((filled, end));
            } else {
                self.text.clear();
                self.taken = 0;
                let read = self.read_on();
                self.note(read)?;
            }
        }
        Ok((filled, Filled::Full))
    }

    /// What is wrong with a damaged object, and where.
    pub(crate) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    fn hand_out(&mut self, room: &mut [u8]) -> usize {
        let text = &self.text[self.taken..];
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let count = text.len().min(room.len()).min(most);
        room[..count].copy_from_slice(&text[..count]);
        self.taken += count;
        self.left -= count as u64;
        count
    }

    /// Notes what ended the object, if something did.
    fn note(&mut self, read: Read<()>) -> Result<(), Error> {
        match read {
            Ok(()) => {}
            Err(Stop::Error(error)) => return Err(error),
            Err(Stop::Trouble(trouble)) => {
                self.end = Some(Filled::Damaged(Damage { reason: trouble.reason, stored: trouble.stored }));
                self.detail = Some(trouble.what);
            }
        }
        Ok(())
    }

    /// Reads the footer and writes the first line.
    fn begin(&mut self) -> Read<()> {
        if self.shared.stored.length() == 0 {
            self.end = Some(Filled::Ended);
            return Ok(());
        }
        self.footer = Footer::read(&mut self.shared)?;
        let names: Vec<&str> = self.footer.columns.iter().map(|column| column.name.as_str()).collect();
        let line = names.join(" ");
        if Header::parse(line.as_bytes()).is_none() {
            return Err(no_fields(&line));
        }
        self.columns = self.footer.columns.iter().map(ColumnReader::new).collect();
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
        Ok(())
    }

    /// Writes the next rows, or ends. What was written before something was found wrong stays.
    fn read_on(&mut self) -> Read<()> {
        self.shared.halt.look()?;
        while self.rows_left == 0 {
            let Some(group) = self.footer.groups.get(self.group) else {
                self.end = Some(Filled::Ended);
                return Ok(());
            };
            self.rows_left = group.rows;
            for (place, chunk) in group.chunks.iter().enumerate() {
                let begun = self.columns[place].begin(*chunk);
                begun.map_err(|stop| stop.at(chunk.start).of(|| self.place(place, self.group)))?;
            }
            self.group += 1;
        }
        let mut rows = usize::try_from(self.rows_left).unwrap_or(usize::MAX);
        for place in 0..self.columns.len() {
            let column = &mut self.columns[place];
            if column.ready() == 0 {
                let read = column.refill(&mut self.shared);
                let at = column.at();
                read.map_err(|stop| stop.at(at).of(|| self.place(place, self.group - 1)))?;
            }
            rows = rows.min(self.columns[place].ready());
        }
        let written = self.write(rows)?;
        self.columns.iter_mut().for_each(|column| column.pass(written));
        self.rows_left -= written as u64;
        Ok(())
    }

    /// Writes at most `rows` rows, which are at hand, and one at least. How many.
    fn write(&mut self, rows: usize) -> Read<usize> {
        for row in 0..rows {
            let start = self.text.len();
            for column in &self.columns {
                let text = column.text(row);
                if self.text.len() - start + text.len() >= RECORD_BYTES_MAX {
                    self.text.truncate(start);
                    return Err(too_long());
                }
                self.text.extend_from_slice(text);
                self.text.push(b' ');
            }
            if let Some(last) = self.text.last_mut() {
                *last = b'\n';
            }
            self.hide_header(start);
            if self.text.len() >= PARQUET_TEXT_BYTES {
                return Ok(row + 1);
            }
        }
        Ok(rows)
    }

    /// Sees to it that the line from `start` on is no header: its values are those of a row, whoever chose them.
    fn hide_header(&mut self, start: usize) {
        let line = &self.text[start..self.text.len() - 1];
        // Most lines are none, and tell by their first byte.
        if line[0].is_ascii_lowercase() && Header::parse(line).is_some() {
            let first = texts::escaped(line[0]);
            self.text.splice(start..=start, first);
        }
    }

    fn place(&self, column: usize, group: usize) -> String {
        let name = self.footer.columns[column].name.escape_default();
        format!("in the column `{name}` in row group {group}")
    }
}

/// The text of the Parquet file `stored`, at most `bytes_max` bytes of it, and what is wrong behind that.
///
/// Takes any bytes, and memory for the text and [`crate::limits::PARQUET_BYTES_MAX`] more.
pub fn text_of(stored: &[u8], bytes_max: u64) -> (Vec<u8>, Option<String>) {
    let mut text = Vec::new();
    let damage = match Transcriber::open(Body::Whole(stored), bytes_max, Halt::default()) {
        Ok(mut transcriber) => read_all(&mut transcriber, &mut text),
        Err(error) => Some(error.to_string()),
    };
    (text, damage)
}

fn read_all(transcriber: &mut Transcriber<'_>, text: &mut Vec<u8>) -> Option<String> {
    let mut piece = vec![0; PARQUET_TEXT_BYTES];
    loop {
        let (count, filled) = match transcriber.fill(&mut piece) {
            Ok(filled) => filled,
            Err(error) => return Some(error.to_string()),
        };
        text.extend_from_slice(&piece[..count]);
        match filled {
            Filled::Full => {}
            Filled::Ended => return None,
            Filled::Damaged(damage) => {
                let detail = transcriber.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
                let place = damage.stored.map(|stored| format!(", from byte {stored} on")).unwrap_or_default();
                return Some(format!("{}{detail}{place}", damage.reason));
            }
        }
    }
}
