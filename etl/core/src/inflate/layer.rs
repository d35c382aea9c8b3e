//! A gzip stream inside another one: Firehose may compress what its sources had compressed.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::gunzip::Gunzip;
use super::{Damage, READ_BYTES, Source};
use crate::error::Error;
use crate::reason::Reason;

/// What is wrong with a layer, told once whoever reads it has come to its end.
pub(super) type LayerDamage = Rc<Cell<Option<Damage>>>;

/// The inflated bytes of a gzip stream, for another inflater to read.
pub(super) struct Layer<'a> {
    gunzip: Box<Gunzip>,
    source: Source<'a>,
    bytes: Vec<u8>,
    at: usize,
    left: u64,
    damage: LayerDamage,
}

impl<'a> Layer<'a> {
    /// Goes on behind the bytes `head` with what `gunzip` makes of `source`, `left` bytes at most.
    pub(super) fn new(head: &[u8], gunzip: Box<Gunzip>, source: Source<'a>, left: u64, damage: LayerDamage) -> Self {
        Self { gunzip, source, bytes: head.to_vec(), at: 0, left, damage }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.at = 0;
        self.bytes.resize(READ_BYTES, 0);
        let read = self.gunzip.read(&mut self.source, &mut self.bytes).map_err(|error| match error {
            Error::Source(error) => error,
            other => io::Error::other(other),
        })?;
        let count = match read {
            Ok(count) if count as u64 <= self.left => count,
            Ok(_) => self.stop(Reason::TooLarge.into()),
            Err(damage) => self.stop(damage),
        };
        self.left -= count as u64;
        self.bytes.truncate(count);
        Ok(())
    }

    fn stop(&self, damage: Damage) -> usize {
        self.damage.set(Some(damage));
        0
    }
}

impl BufRead for Layer<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.bytes.len() && self.damage.get().is_none() {
            self.refill()?;
        }
        Ok(&self.bytes[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for Layer<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let count = bytes.len().min(out.len());
        out[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Ok(count)
    }
}
