//! One object, read whole and from a stream, in large parts and in small ones.

use std::cell::RefCell;
use std::io::Read;

use trailhouse_core::{Body, Format, Header, PartFile, ReadAt, Settings, Transform};

use crate::harness::{Input, Outcome, gzip, small_parts, transform};

/// Records of one part at most, by choice.
const PART_RECORDS: [usize; 4] = [128 << 10, 1, 3, 17];

thread_local! {
    /// A transform for each of the settings that were met: what it read before must not show.
    static TRANSFORMS: RefCell<Vec<(Settings, Transform)>> = const { RefCell::new(Vec::new()) };
}

/// How an object is stored and read, from the first two bytes of an input. Corpora show them as letters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// What the target itself may choose by.
    pub(crate) kind: u8,
    how: u8,
}

impl Choice {
    /// The choice, and the bytes behind it.
    pub(crate) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let [kind, how, rest @ ..] = bytes else { return None };
        Some((Self { kind: *kind, how: *how }, rest))
    }

    /// `text` as it is, as one member of gzip or two, or as gzip of gzip.
    fn store(self, text: &[u8]) -> Vec<u8> {
        let middle = text.len() / 2;
        match self.how % 4 {
            0 => text.to_vec(),
            1 => gzip(text),
            2 => [gzip(&text[..middle]), gzip(&text[middle..])].concat(),
            _ => gzip(&gzip(text)),
        }
    }

    /// Bytes of one read of a stream.
    pub(crate) fn step(self) -> usize {
        usize::from(self.how / 16) * 3 + 1
    }

    fn settings(self, flow_header: Option<Header>) -> Settings {
        let part_records = PART_RECORDS[usize::from(self.how / 4 % 4)];
        Settings { part_records, unwrap: true, flow_header, ..small_parts() }
    }
}

/// Hands out a few bytes at a time.
struct Steps<'a>(&'a [u8], usize);

impl Read for Steps<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Bytes that can be read at any place; nobody asks for others.
struct Kept<'a>(&'a [u8]);

impl ReadAt for Kept<'_> {
    fn length(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let asked = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)?.get(..buffer.len()));
        buffer.copy_from_slice(asked.ok_or(std::io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// What becomes of an object of `format` that inflates to `text`; nothing where no object could. The same files must come
/// of it however it arrives.
pub(crate) fn read(format: Format, text: &[u8], choice: Choice) -> Result<Option<Outcome>, String> {
    read_below(format, text, choice, None)
}

/// The same, with a declared header.
pub(crate) fn read_below(
    format: Format,
    text: &[u8],
    choice: Choice,
    header: Option<Header>,
) -> Result<Option<Outcome>, String> {
    // What begins so is taken for gzip.
    if text.starts_with(&[0x1f]) {
        return Ok(None);
    }
    let mut input = Input::new(0, choice.store(text));
    input.object.format = format;
    both_ways(&input, choice.settings(header), choice.step()).map(Some)
}

/// What becomes of one object, which must be the same from a stream in reads of `step` bytes.
pub(crate) fn both_ways(input: &Input, settings: Settings, step: usize) -> Result<Outcome, String> {
    with_transform(&settings, |reader| {
        let whole = transform(reader, std::slice::from_ref(input));
        let streamed = arrive(reader, input, Body::Stream(&mut Steps(&input.stored, step)))?;
        is_same(&whole, &streamed, "from a stream")?;
        Ok(whole)
    })
}

/// The same, and read at any place that is asked for.
pub(crate) fn every_way(input: &Input, settings: Settings, step: usize) -> Result<Outcome, String> {
    let whole = both_ways(input, settings.clone(), step)?;
    let placed = with_transform(&settings, |reader| arrive(reader, input, Body::At(&Kept(&input.stored))))?;
    is_same(&whole, &placed, "at any place")?;
    Ok(whole)
}

fn is_same(whole: &Outcome, other: &Outcome, way: &str) -> Result<(), String> {
    if whole.tallies != other.tallies {
        return Err(format!("whole: {:?}, {way}: {:?}", whole.tallies, other.tallies));
    }
    if whole.files == other.files { Ok(()) } else { Err(format!("files differ {way}")) }
}

fn arrive(transform: &mut Transform, input: &Input, body: Body<'_>) -> Result<Outcome, String> {
    let mut files = Vec::new();
    let mut emit = |file: PartFile| {
        files.push(file);
        Ok(())
    };
    let tally = transform.read(&input.object, body, &mut emit);
    let tally = tally.map_err(|error| error.to_string())?;
    transform.finish(&mut emit).map_err(|error| error.to_string())?;
    Ok(Outcome { tallies: vec![tally], files })
}

/// A transform of such settings, as it was left by who used it last.
pub(crate) fn with_transform<T>(settings: &Settings, read: impl FnOnce(&mut Transform) -> T) -> T {
    TRANSFORMS.with_borrow_mut(|all| {
        let known = all.iter().position(|(known, _)| known == settings);
        let place = known.unwrap_or_else(|| {
            all.push((settings.clone(), Transform::new(settings.clone())));
            all.len() - 1
        });
        read(&mut all[place].1)
    })
}
