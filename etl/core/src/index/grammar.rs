//! The grammar of JSON as operations on 64 bits.
//!
//! JSON is right when every token stands behind one that it may stand behind, and when exactly the keys of objects have
//! colons behind them. So for five sets of tokens there is a mask of the bytes where the token behind them begins: the
//! byte behind each, moved past blanks. What begins anywhere else is a fault.

use super::{BLOCK, Classify, Masks, scalar};

/// What the previous block leaves to the next: single bits, to be put at position 0.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    /// The first byte is escaped.
    escaped: u64,
    /// The first byte is inside a string: all ones or none.
    inside: u64,
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

/// The strings of one block.
pub(super) struct Strings {
    /// Unescaped quotes.
    pub(super) quotes: u64,
    /// From each opening quote up to the byte before the closing one.
    pub(super) inside: u64,
    /// Bytes behind a backslash that is not itself escaped.
    pub(super) escaped: u64,
    /// Escapes that JSON does not know, and control characters inside strings.
    pub(super) fault: u64,
}

impl Grammar {
    /// Finds the strings of the block at `start` of `bytes`. A backslash escapes the next byte wherever it stands.
    #[inline(always)]
    pub(super) fn strings<C: Classify>(&mut self, classify: C, masks: &Masks, bytes: &[u8], start: usize) -> Strings {
        let mut quotes = masks.quote;
        let (mut escaped, mut fault) = (0, 0);
        if masks.backslash | self.escaped != 0 {
            escaped = self.escaped_bytes(masks.backslash);
            quotes &= !escaped;
            fault = bad_escapes(escaped, bytes, start);
        }
        let inside = classify.running_xor(quotes) ^ self.inside;
        self.inside = 0u64.wrapping_sub(inside >> 63);
        Strings { quotes, inside, escaped, fault: fault | (masks.control & inside) }
    }

    /// The bytes behind an odd run of backslashes: adding the start of a run on an odd bit to the run carries to its end.
    fn escaped_bytes(&mut self, backslash: u64) -> u64 {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        let starts = backslash & !self.escaped;
        let maybe = starts << 1;
        let codes = (maybe | ODD).wrapping_sub(starts) ^ ODD;
        let escaped = codes ^ (backslash | self.escaped);
        self.escaped = (codes & backslash) >> 63;
        escaped
    }

    /// The faults of one block. `objects` are the bytes whose innermost bracket is `{`.
    #[inline(always)]
    pub(super) fn check<C: Classify>(
        &mut self,
        classify: C,
        masks: &Masks,
        strings: &Strings,
        objects: u64,
        bytes: &[u8],
        start: usize,
    ) -> u64 {
        let outside = !strings.inside;
        // An escaped bracket outside strings is none; it is left to be a scalar, and a wrong one.
        let unescaped = outside & !strings.escaped;
        let (open, close) = (masks.open & unescaped, masks.close & unescaped);
        let (colon, comma) = (masks.colon & outside, masks.comma & outside);
        let blank = (masks.space | blank_controls(masks.control & outside, bytes, start)) & outside;
        let opening = strings.quotes & strings.inside;
        let scalars = outside & !(strings.quotes | open | close | colon | comma | blank);
        let behind_scalar = scalars << 1 | self.in_scalar;
        self.in_scalar = scalars >> 63;
        let scalar_starts = scalars & !behind_scalar;

        let next = Next { classify, blank };
        let was = self.behind;
        let (separator, separator_left) = next.of(colon | comma, was.separator);
        let (opened, opened_left) = next.of(open, was.open);
        let value_ends = (strings.quotes & outside) | close;
        let (value, value_left) = next.of_both(value_ends, behind_scalar & !scalars, was.value);
        let (key_place, key_place_left) = next.of((comma & objects) | (open & masks.curly), was.key_place);
        let key_ends = self.key_ends(opening & key_place, strings.inside);
        let (key, key_left) = next.of(key_ends, was.key);
        self.behind = Behind {
            separator: separator_left,
            open: opened_left,
            value: value_left,
            key_place: key_place_left,
            key: key_left,
        };

        let no_strings = scalar_starts | open;
        ((no_strings | opening) & !(separator | opened))
            | (comma & !value)
            | (close & !(value | opened))
            | (colon ^ key)
            | (no_strings & key_place)
            | bad_scalars(scalar_starts, bytes, start)
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
struct Next<C> {
    classify: C,
    blank: u64,
}

impl<C: Classify> Next<C> {
    /// Where the tokens behind those that end at `ends` begin, and whether one begins only in a later block.
    #[inline(always)]
    fn of(&self, ends: u64, carried: u64) -> (u64, u64) {
        self.of_both(ends, 0, carried)
    }

    /// The same, for `behind` too: bytes that already are behind a token.
    #[inline(always)]
    fn of_both(&self, ends: u64, behind: u64, carried: u64) -> (u64, u64) {
        let at = self.classify.in_register(ends << 1 | behind | carried);
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

fn bad_escapes(escaped: u64, bytes: &[u8], start: usize) -> u64 {
    filter(escaped, |bit| match bytes.get(start + bit) {
        Some(b'u') => {
            !bytes.get(start + bit + 1..start + bit + 5).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        }
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') | None => false,
        Some(_) => true,
    })
}

/// The bits of `bits` for which `keep` holds.
#[inline(always)]
fn filter(bits: u64, keep: impl Fn(usize) -> bool) -> u64 {
    let (mut rest, mut kept) = (bits, 0);
    while rest != 0 {
        let bit = rest.trailing_zeros() as usize;
        kept |= u64::from(keep(bit)) << bit;
        rest &= rest - 1;
    }
    debug_assert!(bits.count_ones() as usize <= BLOCK);
    kept
}
