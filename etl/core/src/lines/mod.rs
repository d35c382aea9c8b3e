//! Where the fields of lines begin and end: the place of every space and every line's end.

#[cfg(target_arch = "x86_64")]
mod avx2;

/// Bytes of one block.
const BLOCK: usize = 64;

/// Every space and line feed of some bytes.
///
/// `places[0]` stands before the first byte. The fields of line `n` stand between neighbours of `places`, from number
/// `first(n)` to number `last(n)`.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    places: Vec<u32>,
    /// The numbers of the places that end a line.
    ends: Vec<u32>,
}

impl Lines {
    /// Finds the lines of `bytes`, of which there are less than 4 GiB. What stands behind the last line feed is one more
    /// line where `is_all`, unless it is nothing.
    pub(crate) fn find(&mut self, bytes: &[u8], is_all: bool) {
        self.places.clear();
        self.ends.clear();
        self.places.push(u32::MAX);
        self.find_places(bytes);
        self.find_ends(bytes);
        if is_all && self.bytes() < bytes.len() {
            self.ends.push(self.places.len() as u32);
            self.places.push(bytes.len() as u32);
        }
    }

    /// No branch on whether a place ends a line, which is hard to guess: what is noted of one that does not is written over.
    fn find_ends(&mut self, bytes: &[u8]) {
        self.ends.resize(self.places.len(), 0);
        let mut count = 0;
        for (number, place) in self.places.iter().enumerate() {
            self.ends[count] = number as u32;
            count += usize::from(bytes.get(*place as usize) == Some(&b'\n'));
        }
        self.ends.truncate(count);
    }

    fn find_places(&mut self, bytes: &[u8]) {
        #[cfg(target_arch = "x86_64")]
        if crate::cpu::is_modern() {
            avx2::find(&mut self.places, bytes);
            return;
        }
        find(&mut self.places, bytes, Portable);
    }

    /// How many lines there are.
    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes all lines have, with their ends.
    pub(crate) fn bytes(&self) -> usize {
        self.ends.last().map_or(0, |end| self.places[*end as usize] as usize + 1)
    }

    /// The number of the place before line `line`.
    #[inline(always)]
    pub(crate) fn first(&self, line: usize) -> usize {
        match line {
            0 => 0,
            line => self.ends[line - 1] as usize,
        }
    }

    /// The number of the place that ends line `line`.
    #[inline(always)]
    pub(crate) fn last(&self, line: usize) -> usize {
        self.ends[line] as usize
    }

    /// Where the text between place number `number` and the next one begins and ends.
    #[inline(always)]
    pub(crate) fn field(&self, number: usize) -> (usize, usize) {
        (self.places[number].wrapping_add(1) as usize, self.places[number + 1] as usize)
    }

    /// Where line `line` begins and ends, without its line feed.
    pub(crate) fn line(&self, line: usize) -> (usize, usize) {
        (self.places[self.first(line)].wrapping_add(1) as usize, self.places[self.last(line)] as usize)
    }
}

/// Tells where among 64 bytes spaces and line feeds are.
trait Classify: Copy {
    fn mask(self, block: &[u8; BLOCK]) -> u64;
}

/// Appends the places that `classify` finds, block by block.
#[inline(always)]
fn find(places: &mut Vec<u32>, bytes: &[u8], classify: impl Classify) {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    places.reserve(bytes.len() / 4 + BLOCK);
    for (number, block) in blocks.iter().enumerate() {
        push(places, number * BLOCK, classify.mask(block));
    }
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    push(places, blocks.len() * BLOCK, classify.mask(&last));
}

/// Appends the place of each bit of `mask`, eight at a time: a loop that is left after each of them would be guessed wrong
/// once a block.
#[inline(always)]
fn push(places: &mut Vec<u32>, start: usize, mut mask: u64) {
    let length = places.len() + mask.count_ones() as usize;
    while mask != 0 {
        let mut eight = [0; 8];
        for place in &mut eight {
            *place = (start as u32).wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
        }
        places.extend_from_slice(&eight);
    }
    places.truncate(length);
}

/// One byte at a time: the definition.
#[derive(Debug, Clone, Copy)]
struct Portable;

impl Classify for Portable {
    #[inline(always)]
    fn mask(self, block: &[u8; BLOCK]) -> u64 {
        let bits = block.iter().enumerate().map(|(bit, byte)| u64::from(matches!(byte, b' ' | b'\n')) << bit);
        bits.fold(0, |mask, bit| mask | bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8], is_all: bool) -> Vec<Vec<String>> {
        let mut lines = Lines::default();
        lines.find(bytes, is_all);
        let field = |number: usize| {
            let (from, to) = lines.field(number);
            String::from_utf8_lossy(&bytes[from..to]).into_owned()
        };
        (0..lines.count()).map(|line| (lines.first(line)..lines.last(line)).map(field).collect()).collect()
    }

    #[test]
    fn fields_are_what_splitting_gives() {
        let mut state = 7_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 24
        };
        for length in (0..300).chain([1000, 4096, 10_000]) {
            let bytes: Vec<u8> = (0..length).map(|_| b" \nab"[random() as usize % 4]).collect();
            let text = String::from_utf8(bytes.clone()).unwrap();
            let split = |text: &str| -> Vec<Vec<String>> {
                text.split_terminator('\n').map(|line| line.split(' ').map(str::to_owned).collect()).collect()
            };
            assert_eq!(fields(&bytes, true), split(&text), "{text:?}");
            let whole = text.rfind('\n').map_or(0, |end| end + 1);
            assert_eq!(fields(&bytes, false), split(&text[..whole]), "{text:?}");
        }
    }

    #[test]
    fn both_ways_to_find_places_agree() {
        let bytes: Vec<u8> = (0..5000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 23) as u8).collect();
        for length in [0, 1, 63, 64, 65, 4999] {
            let mut lines = Lines::default();
            lines.find_places(&bytes[..length]);
            let mut expected = Vec::new();
            find(&mut expected, &bytes[..length], Portable);
            assert_eq!(lines.places, expected);
        }
    }
}
