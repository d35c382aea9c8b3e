//! The grammar of JSON as operations on 64 bits.
//!
//! JSON is right when every token stands behind one that it may stand behind, and when exactly the keys of objects have
//! colons behind them. So for five sets of tokens there is a mask of the bytes where the token behind them begins: the
//! byte behind each, moved past blanks. What begins anywhere else is a fault.
//!
//! Most JSON has no blanks between its tokens; then the next token begins on the very next byte, and all blocks of a run
//! are judged at once.

use super::BLOCK;
use super::scalar;
use super::words::{Carried, RUN_BLOCKS, Run};

/// What the previous block leaves to the next: single bits, to be put at position 0.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    /// The first byte is inside a member's key.
    in_key: u64,
    /// The first byte may go on with a scalar.
    in_scalar: u64,
    behind: Behind,
}

/// Where the token behind one of these begins.
#[derive(Debug, Clone, Copy)]
struct Behind {
    /// `:` and `,`.
    separator: u64,
    /// `{` and `[`.
    open: u64,
    /// A string, a scalar, `}` and `]`.
    value: u64,
    /// What a key must follow: `{`, and `,` in an object.
    key_place: u64,
    /// A key.
    key: u64,
}

impl Default for Behind {
    /// The first token is an element of the array.
    fn default() -> Self {
        Self { separator: 1, open: 0, value: 0, key_place: 0, key: 0 }
    }
}

/// The tokens of one block, by what the grammar asks of them.
#[derive(Debug, Default, Clone, Copy)]
struct Tokens {
    open: u64,
    close: u64,
    colon: u64,
    comma: u64,
    /// Quotes that open a string.
    opening: u64,
    /// The last bytes of strings, `}` and `]`.
    value_ends: u64,
    /// `{`, and `,` in an object.
    key_places: u64,
    /// All bytes of scalars.
    scalars: u64,
}

impl Tokens {
    #[inline(always)]
    fn of(run: &Run, block: usize, blank: u64) -> Self {
        let (quotes, outside) = (run.quotes[block], !run.inside[block]);
        let (open, close) = (run.open[block], run.close[block]);
        let (colon, comma) = (run.colon[block], run.comma[block]);
        Self {
            open,
            close,
            colon,
            comma,
            opening: quotes & !outside,
            value_ends: (quotes & outside) | close,
            key_places: (comma & run.objects[block]) | (open & run.curly[block]),
            scalars: outside & !(quotes | open | close | colon | comma | blank),
        }
    }

    /// Those that begin where they must not, when scalars begin at `starts`.
    #[inline(always)]
    fn misplaced(&self, starts: u64, behind: Behind) -> u64 {
        let no_strings = starts | self.open;
        ((no_strings | self.opening) & !(behind.separator | behind.open))
            | (self.comma & !behind.value)
            | (self.close & !(behind.value | behind.open))
            | (self.colon ^ behind.key)
            | (no_strings & behind.key_place)
    }
}

impl Grammar {
    /// Notes the faults of the run that begins at `start` of `bytes`.
    #[inline(always)]
    pub(super) fn check(&mut self, run: &mut Run, bytes: &[u8], start: usize) {
        let blanks = (0..run.blocks).fold(0, |all, block| all | run.space[block] | run.control[block]);
        match blanks {
            0 => self.check_dense(run),
            _ => (0..run.blocks).for_each(|block| self.check_block(run, block, bytes, start + block * BLOCK)),
        }
        for block in 0..run.blocks {
            run.faults[block] |= bad_scalars(run.scalars[block], bytes, start + block * BLOCK);
        }
    }

    /// Notes the faults of a run without blanks outside strings, and where its scalars begin.
    #[inline(always)]
    fn check_dense(&mut self, run: &mut Run) {
        let was = self.behind;
        let (mut separators, mut opened) = (Carried::behind(was.separator), Carried::behind(was.open));
        let (mut values, mut key_places) = (Carried::behind(was.value), Carried::behind(was.key_place));
        let (mut keys, mut scalars) = (Carried::behind(was.key), Carried::behind(self.in_scalar));
        for block in 0..RUN_BLOCKS {
            let tokens = Tokens::of(run, block, 0);
            separators.set(block, tokens.colon | tokens.comma);
            opened.set(block, tokens.open);
            values.set(block, tokens.value_ends);
            key_places.set(block, tokens.key_places);
            scalars.set(block, tokens.scalars);
        }
        for block in 0..run.blocks {
            let inside = run.inside[block];
            keys.set(block, self.key_ends(run.quotes[block] & inside & key_places.next(block), inside));
        }
        for block in 0..RUN_BLOCKS {
            let tokens = Tokens::of(run, block, 0);
            let behind_scalar = scalars.next(block);
            let starts = tokens.scalars & !behind_scalar;
            let behind = Behind {
                separator: separators.next(block),
                open: opened.next(block),
                value: values.next(block) | (behind_scalar & !tokens.scalars),
                key_place: key_places.next(block),
                key: keys.next(block),
            };
            run.scalars[block] = starts;
            run.faults[block] |= tokens.misplaced(starts, behind);
        }
        let last = run.blocks - 1;
        self.in_scalar = scalars.left(last);
        self.behind = Behind {
            separator: separators.left(last),
            open: opened.left(last),
            value: values.left(last),
            key_place: key_places.left(last),
            key: keys.left(last),
        };
    }

    /// The same for block `block`, which begins at `start`, whether it has blanks or not.
    #[inline(always)]
    fn check_block(&mut self, run: &mut Run, block: usize, bytes: &[u8], start: usize) {
        let inside = run.inside[block];
        let blank = run.space[block] | blank_controls(run.control[block] & !inside, bytes, start);
        let tokens = Tokens::of(run, block, blank);
        let behind_scalar = tokens.scalars << 1 | self.in_scalar;
        self.in_scalar = tokens.scalars >> 63;
        let starts = tokens.scalars & !behind_scalar;

        let next = Next { blank };
        let was = self.behind;
        let (separator, separator_left) = next.of(tokens.colon | tokens.comma, was.separator);
        let (open, open_left) = next.of(tokens.open, was.open);
        let (value, value_left) = next.of_both(tokens.value_ends, behind_scalar & !tokens.scalars, was.value);
        let (key_place, key_place_left) = next.of(tokens.key_places, was.key_place);
        let (key, key_left) = next.of(self.key_ends(tokens.opening & key_place, inside), was.key);
        self.behind = Behind {
            separator: separator_left,
            open: open_left,
            value: value_left,
            key_place: key_place_left,
            key: key_left,
        };
        run.scalars[block] = starts;
        run.faults[block] |= tokens.misplaced(starts, Behind { separator, open, value, key_place, key });
    }

    /// The closing quotes of the strings that `key_starts` open: adding a string's start to it carries to its end.
    #[inline(always)]
    fn key_ends(&mut self, key_starts: u64, inside: u64) -> u64 {
        let (sum, carry_a) = inside.overflowing_add(key_starts);
        let (sum, carry_b) = sum.overflowing_add(self.in_key);
        self.in_key = u64::from(carry_a | carry_b);
        sum & !inside
    }
}

/// Moves the end of a token to where the next one must begin.
struct Next {
    blank: u64,
}

impl Next {
    /// Where the tokens behind those that end at `ends` begin, and whether one begins only in a later block.
    #[inline(always)]
    fn of(&self, ends: u64, carried: u64) -> (u64, u64) {
        self.of_both(ends, 0, carried)
    }

    /// The same, for `behind` too: bytes that already are behind a token.
    #[inline(always)]
    fn of_both(&self, ends: u64, behind: u64, carried: u64) -> (u64, u64) {
        let at = ends << 1 | behind | carried;
        if self.blank == 0 {
            return (at, ends >> 63);
        }
        let (skipped, overflow) = self.blank.overflowing_add(at & self.blank);
        ((at | skipped) & !self.blank, ends >> 63 | u64::from(overflow))
    }
}

/// Tabs and line ends among the control characters `control`.
#[inline(always)]
fn blank_controls(control: u64, bytes: &[u8], start: usize) -> u64 {
    if control == 0 { 0 } else { filter(control, |bit| matches!(bytes.get(start + bit), Some(b'\t' | b'\n' | b'\r'))) }
}

#[inline(always)]
fn bad_scalars(starts: u64, bytes: &[u8], start: usize) -> u64 {
    filter(starts, |bit| start + bit < bytes.len() && !scalar::is_valid(bytes, start + bit))
}

/// The bits of `bits` for which `keep` holds.
#[inline(always)]
pub(super) fn filter(bits: u64, keep: impl Fn(usize) -> bool) -> u64 {
    let (mut rest, mut kept) = (bits, 0);
    while rest != 0 {
        let bit = rest.trailing_zeros() as usize;
        kept |= u64::from(keep(bit)) << bit;
        rest &= rest - 1;
    }
    kept
}
