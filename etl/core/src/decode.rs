//! One forward walk over each record, guided by the index, straight into the columns.
//!
//! Records come here only after the index has found no fault in them, so the walk reads structure and judges none.

use std::ops::Range;

use trailhouse_schemas::Table;

use crate::columns::{Columns, NUMBER_NULL, SMALL_NULL, Slot};
use crate::keys::{Action, Key, KeyCase, Keys, Place};
use crate::numbers::{double, integer};
use crate::text::{SLACK, Side, Span, Texts};
use crate::time::{InstantReader, is_instant};
use crate::unescape::unescape;
use crate::window::Window;

/// Fills columns from records.
#[derive(Debug)]
pub(crate) struct Decoder {
    keys: Keys,
    extra: usize,
    null_keys: usize,
    instants: InstantReader,
    /// The last set of null keys that was met, and its code.
    last_nulls: (u64, u32),
    /// Members of the open record that go to `extra`: arena ranges.
    members: Vec<(usize, usize)>,
    /// Columns that the open record has a value for that they do not hold.
    unfit: Vec<Slot>,
    decoded: Vec<u8>,
}

/// What became of a value.
enum Fit {
    /// The column holds it exactly.
    Exact,
    /// It is null.
    Null,
    /// The column holds it, but not exactly.
    Inexact,
    /// The column does not hold it.
    Unfit,
}

impl Decoder {
    /// A decoder for `table`, whose columns are at `slots`.
    pub(crate) fn new(table: &Table, slots: &[Slot], case: KeyCase) -> Self {
        let slot = |name: &str| table.position(name).map(|position| slots[position]);
        let (Some(Slot::Json(extra)), Some(Slot::Coded(null_keys))) = (slot("extra"), slot("null_keys")) else {
            unreachable!("a table that is decoded has `extra` and `null_keys`")
        };
        Self {
            keys: Keys::new(table, slots, case),
            extra,
            null_keys,
            instants: InstantReader::default(),
            last_nulls: (0, 0),
            members: Vec::new(),
            unfit: Vec::new(),
            decoded: Vec::new(),
        }
    }

    /// Forgets what holds only within a part.
    pub(crate) fn clear(&mut self) {
        self.last_nulls = (0, 0);
    }

    /// The columns that the last record has a value for that they do not hold.
    #[inline(always)]
    pub(crate) fn unfit(&self) -> &[Slot] {
        &self.unfit
    }

    /// Decodes the object whose `{` is bracket number `bracket` of the window into `row`.
    #[inline(always)]
    pub(crate) fn record(
        &mut self,
        window: Window<'_>,
        bracket: usize,
        row: usize,
        columns: &mut Columns,
        side: &mut Side,
    ) {
        let from = window.index.bracket_at(bracket);
        let to = window.index.partner(bracket).map_or(from, |partner| window.index.bracket_at(partner));
        let at = window.start + from + 1;
        let mut walk = Walk {
            window,
            keys: &self.keys,
            columns,
            side,
            instants: &mut self.instants,
            members: &mut self.members,
            unfit: &mut self.unfit,
            decoded: &mut self.decoded,
            row,
            record: bracket,
            bracket: bracket + 1,
            has_escapes: window.index.has_backslash(from, to),
        };
        walk.members.clear();
        walk.unfit.clear();
        let nulls = walk.object::<true>(0, at);
        self.note_nulls(nulls, window, row, columns, side);
        self.keep_members(window, row, columns, side);
    }

    #[inline(always)]
    fn note_nulls(&mut self, nulls: u64, window: Window<'_>, row: usize, columns: &mut Columns, side: &mut Side) {
        if nulls == 0 {
            return;
        }
        let column = &mut columns.coded[self.null_keys];
        if self.last_nulls.0 != nulls {
            let span = side.push(self.keys.object(0).names(nulls).as_bytes());
            let texts = Texts { arena: window.arena, side: side.bytes() };
            self.last_nulls = (nulls, column.interner.intern(texts, span));
        }
        column.codes[row] = self.last_nulls.1;
    }

    #[inline(always)]
    fn keep_members(&mut self, window: Window<'_>, row: usize, columns: &mut Columns, side: &mut Side) {
        if self.members.is_empty() {
            return;
        }
        self.decoded.clear();
        for (from, to) in &self.members {
            self.decoded.push(if self.decoded.is_empty() { b'{' } else { b',' });
            self.decoded.extend_from_slice(&window.arena[*from..*to]);
        }
        self.decoded.push(b'}');
        columns.spans[self.extra][row] = side.push(&self.decoded);
    }
}

/// The walk over one record. Positions are the arena's.
struct Walk<'a> {
    window: Window<'a>,
    keys: &'a Keys,
    columns: &'a mut Columns,
    side: &'a mut Side,
    instants: &'a mut InstantReader,
    members: &'a mut Vec<(usize, usize)>,
    unfit: &'a mut Vec<Slot>,
    decoded: &'a mut Vec<u8>,
    row: usize,
    /// The number of the record's own bracket.
    record: usize,
    /// The number of the next bracket.
    bracket: usize,
    /// Whether a backslash stands anywhere in the record.
    has_escapes: bool,
}

impl<'a> Walk<'a> {
    #[inline(always)]
    fn has_backslash(&self, from: usize, to: usize) -> bool {
        let Window { index, start, .. } = self.window;
        self.has_escapes && index.has_backslash(from - start, to - start)
    }

    /// Walks the object whose inside begins at `at`. Returns the bits of the keys whose value is null.
    fn object<const IS_RECORD: bool>(&mut self, object: usize, at: usize) -> u64 {
        let window = self.window;
        let (mut seen, mut again, mut nulls) = (0, 0, 0);
        let (mut member, mut place) = (window.skip_blanks(at), Place::beginning());
        while window.byte(member) == b'"' {
            let key_end = window.quote(member + 1);
            let value = window.value_behind(key_end);
            let bracket = self.bracket;
            let end = window.value_end(value, &mut self.bracket);
            match self.key(object, &mut place, member + 1, key_end) {
                Some(key) if seen & key.bit == 0 => {
                    seen |= key.bit;
                    match self.take(key.action, value, end, bracket) {
                        Fit::Exact => {}
                        Fit::Null => nulls |= key.bit,
                        fit => {
                            if let (Fit::Unfit, Action::Fill(slot)) = (fit, key.action) {
                                self.unfit.push(slot);
                            }
                            if IS_RECORD {
                                self.members.push((member, end));
                            }
                        }
                    }
                }
                found if IS_RECORD => {
                    if let Some(Key { action: Action::Fill(Slot::Instant(_) | Slot::Double(_)), bit, .. }) = found
                        && again & bit == 0
                    {
                        again |= bit;
                        self.keep_first(member + 1..key_end);
                    }
                    self.members.push((member, end));
                }
                _ => {}
            }
            member = window.member_behind(end);
        }
        nulls
    }

    /// Keeps the first member of a repeated key as well: its column may hold a value that is also written in another way,
    /// and of several in `extra` nobody could say whether the first of them is that value.
    #[cold]
    fn keep_first(&mut self, key: Range<usize>) {
        let (arena, mut decoded) = (self.window.arena, Vec::new());
        let mut name = |key: Range<usize>| unescape(&arena[key], &mut decoded).map(|()| decoded.clone());
        let wanted = name(key);
        let Some(first) = self.window.members(self.record).find(|member| name(member.key.clone()) == wanted) else {
            return;
        };
        // `null_keys` says so where it is null.
        if arena[first.value.start] == b'n' {
            return;
        }
        let first = (first.key.start - 1, first.value.end);
        if let Err(at) = self.members.binary_search(&first) {
            self.members.insert(at, first);
        }
    }

    #[inline(always)]
    fn key(&mut self, object: usize, place: &mut Place, from: usize, to: usize) -> Option<&'a Key> {
        let keys = self.keys.object(object);
        if self.has_backslash(from, to) {
            return self.escaped_key(object, place, from, to);
        }
        keys.find(place, self.window.arena, from, to - from)
    }

    #[cold]
    fn escaped_key(&mut self, object: usize, place: &mut Place, from: usize, to: usize) -> Option<&'a Key> {
        unescape(&self.window.arena[from..to], self.decoded)?;
        let length = self.decoded.len();
        self.decoded.resize(length + SLACK, 0);
        self.keys.object(object).find(place, self.decoded, 0, length)
    }

    /// Puts the value `value..end`, whose first bracket (if it has one) is number `bracket`, where it belongs.
    #[inline(always)]
    fn take(&mut self, action: Action, value: usize, end: usize, bracket: usize) -> Fit {
        let first = self.window.byte(value);
        if first == b'n' {
            return Fit::Null;
        }
        match action {
            Action::Fill(slot) => self.fill(slot, first, value, end),
            Action::Descend { object, json } => {
                if first == b'{' {
                    let behind = std::mem::replace(&mut self.bracket, bracket + 1);
                    self.object::<false>(object, value + 1);
                    self.bracket = behind;
                }
                json.map_or(Fit::Inexact, |slot| self.fill(slot, first, value, end))
            }
        }
    }

    #[inline(always)]
    fn fill(&mut self, slot: Slot, first: u8, value: usize, end: usize) -> Fit {
        let row = self.row;
        match (slot, first) {
            (Slot::Coded(column), b'"') => {
                let Some(span) = self.string(value, end) else { return Fit::Unfit };
                let texts = Texts { arena: self.window.arena, side: self.side.bytes() };
                let column = &mut self.columns.coded[column];
                column.codes[row] = column.interner.intern(texts, span);
            }
            (Slot::Text(column), b'"') => {
                let Some(span) = self.string(value, end) else { return Fit::Unfit };
                self.columns.spans[column][row] = span;
            }
            (Slot::Json(column), _) => self.columns.spans[column][row] = Span::arena(value, end - value),
            (Slot::Bool(column), b't' | b'f') => self.columns.bools[column][row] = u8::from(first == b't'),
            (Slot::Instant(column), b'"') => return self.instant(column, value, end),
            (Slot::Millis(_) | Slot::Int(_) | Slot::Int32(_) | Slot::Double(_), b'-' | b'0'..=b'9') => {
                return self.number(slot, value, end);
            }
            _ => return Fit::Unfit,
        }
        Fit::Exact
    }

    /// The decoded string `value..end`, quotes included.
    #[inline(always)]
    fn string(&mut self, value: usize, end: usize) -> Option<Span> {
        if self.has_backslash(value + 1, end - 1) {
            return self.escaped_string(value, end);
        }
        Some(Span::arena(value + 1, end - value - 2))
    }

    #[cold]
    fn escaped_string(&mut self, value: usize, end: usize) -> Option<Span> {
        unescape(&self.window.arena[value + 1..end - 1], self.decoded)?;
        Some(self.side.push(self.decoded))
    }

    fn number(&mut self, slot: Slot, value: usize, end: usize) -> Fit {
        let (text, row) = (&self.window.arena[value..end], self.row);
        match slot {
            Slot::Double(column) => match double(text) {
                Some((number, is_usual)) => {
                    self.columns.doubles[column][row] = number;
                    return if is_usual { Fit::Exact } else { Fit::Inexact };
                }
                None => return Fit::Unfit,
            },
            Slot::Int32(column) => match integer(text).and_then(|number| i32::try_from(number).ok()) {
                Some(number) if number != SMALL_NULL => self.columns.small[column][row] = number,
                _ => return Fit::Unfit,
            },
            Slot::Int(column) | Slot::Millis(column) => {
                let is_fit = |number: i64| match slot {
                    Slot::Millis(_) => is_instant(number),
                    _ => number != NUMBER_NULL,
                };
                let Some(number) = integer(text).filter(|number| is_fit(*number)) else { return Fit::Unfit };
                self.columns.numbers[column][row] = number;
            }
            _ => return Fit::Unfit,
        }
        Fit::Exact
    }

    fn instant(&mut self, column: usize, value: usize, end: usize) -> Fit {
        let Some(span) = self.string(value, end) else { return Fit::Unfit };
        let texts = Texts { arena: self.window.arena, side: self.side.bytes() };
        let Some(instant) = self.instants.read(texts.get(span)) else { return Fit::Unfit };
        self.columns.numbers[column][self.row] = instant.millis;
        if instant.canonical { Fit::Exact } else { Fit::Inexact }
    }
}
