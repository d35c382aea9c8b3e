//! Which key of a record fills which column: a perfect hash for every object that a column's path leads through.

use std::cell::Cell;

use trailhouse_schemas::{Column, Table};

use crate::columns::Slot;
use crate::text::{Words, words};

/// Slots of one object's hash table.
const SLOTS: usize = 256;
/// Marks a free slot.
const FREE: u8 = u8::MAX;
/// Multipliers that are tried before the keys are called impossible; the first few do for tens of keys.
const TRIES: u64 = 1 << 16;
/// Bytes of the longest key: what fits [`Words`].
const KEY_BYTES_MAX: usize = 32;
/// Keys of one object at most: each has a bit of its own.
const KEYS_MAX: usize = 64;

/// How a record writes its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyCase {
    /// As a table's columns name them.
    Camel,
    /// With a capital first letter, as the AWS CLI and boto3 print what an API answers.
    Pascal,
}

impl KeyCase {
    /// The name in the column `key_case`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Camel => "camel",
            Self::Pascal => "pascal",
        }
    }

    /// `key` in this case.
    pub(crate) fn write(self, key: &str) -> String {
        let mut written = key.to_owned();
        if let (Self::Pascal, Some(first)) = (self, written.get_mut(..1)) {
            first.make_ascii_uppercase();
        }
        written
    }
}

/// What to do with a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Put it into one column.
    Fill(Slot),
    /// Fill columns from the object's members, and put its text into `json`.
    Descend {
        /// The object's number in [`Keys`].
        object: usize,
        /// The column of its text.
        json: Option<Slot>,
    },
}

/// One known key of one object.
#[derive(Debug)]
pub(crate) struct Key {
    name: String,
    words: Words,
    /// What its value is for.
    pub(crate) action: Action,
    /// Its own bit among the keys of its object.
    pub(crate) bit: u64,
}

impl Key {
    /// The key as AWS writes it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// The known keys of one object.
#[derive(Debug)]
pub(crate) struct ObjectKeys {
    multiplier: u64,
    slots: [u8; SLOTS],
    /// For each key, and for the object's beginning, the key that came next when it was met last: objects of one kind
    /// name their keys in one order, and a good guess is cheaper than the table.
    next: [Cell<u8>; KEYS_MAX + 1],
    keys: Vec<Key>,
}

/// The known key that was met last in an object, or its beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(usize);

impl Place {
    /// Before the first key.
    pub(crate) const fn beginning() -> Self {
        Self(KEYS_MAX)
    }
}

/// The known keys of every object; number 0 is the record.
#[derive(Debug)]
pub(crate) struct Keys(Vec<ObjectKeys>);

impl Keys {
    /// Reads the paths of the table's columns. `slots` says where each column's values go, in table order.
    pub(crate) fn new(table: &Table, slots: &[Slot], case: KeyCase) -> Self {
        let paths: Vec<(Vec<&'static str>, Slot)> = table
            .columns
            .iter()
            .zip(slots)
            .filter_map(|(column, slot)| Some((path(column)?.split('.').collect(), *slot)))
            .collect();
        let mut objects = vec![Vec::new()];
        collect(&paths, &[], 0, case, &mut objects);
        Self(objects.into_iter().map(ObjectKeys::new).collect())
    }

    /// The keys of object number `object`.
    #[inline(always)]
    pub(crate) fn object(&self, object: usize) -> &ObjectKeys {
        &self.0[object]
    }
}

fn path(column: &Column) -> Option<&'static str> {
    column.origin.field()
}

/// Fills `objects[number]` with the keys below `prefix`, and appends the objects below those.
fn collect(
    paths: &[(Vec<&'static str>, Slot)],
    prefix: &[&'static str],
    number: usize,
    case: KeyCase,
    objects: &mut Vec<Vec<Key>>,
) {
    let mut names: Vec<&'static str> = Vec::new();
    for (path, _) in paths.iter().filter(|(path, _)| path.len() > prefix.len() && path.starts_with(prefix)) {
        if !names.contains(&path[prefix.len()]) {
            names.push(path[prefix.len()]);
        }
    }
    for name in names {
        let full = [prefix, &[name]].concat();
        let own = paths.iter().find(|(path, _)| *path == full).map(|(_, slot)| *slot);
        let leads_on = paths.iter().any(|(path, _)| path.len() > full.len() && path.starts_with(&full));
        let action = match own {
            Some(slot) if !leads_on => Action::Fill(slot),
            json => {
                objects.push(Vec::new());
                let object = objects.len() - 1;
                collect(paths, &full, object, case, objects);
                Action::Descend { object, json }
            }
        };
        let bit = 1 << objects[number].len();
        objects[number].push(Key::new(case.write(name), action, bit));
    }
}

impl Key {
    fn new(name: String, action: Action, bit: u64) -> Self {
        assert!(name.len() <= KEY_BYTES_MAX, "a key of a table is short");
        let words = words(name.as_bytes(), 0, name.len());
        Self { name, words, action, bit }
    }
}

impl ObjectKeys {
    fn new(keys: Vec<Key>) -> Self {
        assert!(keys.len() <= KEYS_MAX, "each key of an object has a bit of its own");
        let mut multiplier = 0x9e37_79b9_7f4a_7c15;
        for _ in 0..TRIES {
            if let Some(slots) = place(&keys, multiplier) {
                return Self { multiplier, slots, next: std::array::from_fn(|_| Cell::new(0)), keys };
            }
            multiplier = u64::wrapping_mul(multiplier, 0xd134_2543_de82_ef95) | 1;
        }
        unreachable!("keys of one length differ in their first twenty-four bytes")
    }

    /// The key that stands in `length` bytes of `buffer` at `at`; `place` is where the one before stood.
    #[inline(always)]
    pub(crate) fn find(&self, place: &mut Place, buffer: &[u8], at: usize, length: usize) -> Option<&Key> {
        let words = words(buffer, at, length);
        let next = &self.next[place.0];
        let guess = next.get() as usize;
        if let Some(key) = self.key(guess, words, length) {
            place.0 = guess;
            return Some(key);
        }
        let number = self.slots[slot(words, length, self.multiplier)];
        let key = self.key(number as usize, words, length)?;
        next.set(number);
        place.0 = number as usize;
        Some(key)
    }

    /// Key number `number`, if it is this one.
    #[inline(always)]
    fn key(&self, number: usize, words: Words, length: usize) -> Option<&Key> {
        self.keys.get(number).filter(|key| key.name.len() == length && key.words == words)
    }

    /// The names of the keys whose bits are set, in table order, joined by commas.
    pub(crate) fn names(&self, bits: u64) -> String {
        let names: Vec<&str> = self.keys.iter().filter(|key| key.bit & bits != 0).map(Key::name).collect();
        names.join(",")
    }
}

fn place(keys: &[Key], multiplier: u64) -> Option<[u8; SLOTS]> {
    let mut slots = [FREE; SLOTS];
    for (number, key) in keys.iter().enumerate() {
        let slot = &mut slots[slot(key.words, key.name.len(), multiplier)];
        if *slot != FREE {
            return None;
        }
        *slot = number as u8;
    }
    Some(slots)
}

/// By length and the first twenty-four bytes.
#[inline(always)]
fn slot(words: Words, length: usize, multiplier: u64) -> usize {
    let mixed = words[0] ^ words[1].rotate_left(29) ^ words[2].rotate_left(47) ^ length as u64;
    (mixed.wrapping_mul(multiplier) >> 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::slots_of;
    use crate::text::SLACK;
    use trailhouse_schemas::{
        CLOUDTRAIL, CLOUDTRAIL_DIGESTS, CLOUDTRAIL_INSIGHTS, CLOUDWATCH_LOGS, GUARDDUTY, INCIDENTS,
    };

    #[test]
    fn every_path_is_found_and_nothing_else() {
        for table in [CLOUDTRAIL, CLOUDTRAIL_INSIGHTS, CLOUDTRAIL_DIGESTS, GUARDDUTY, CLOUDWATCH_LOGS, INCIDENTS] {
            every_path_is_found(&table, KeyCase::Camel);
            every_path_is_found(&table, KeyCase::Pascal);
        }
    }

    fn every_path_is_found(table: &Table, case: KeyCase) {
        let slots = slots_of(table);
        let keys = Keys::new(table, &slots, case);
        for (column, slot) in table.columns.iter().zip(&slots) {
            let Some(path) = path(column) else { continue };
            let mut object = 0;
            let mut parts = path.split('.').map(|part| case.write(part)).peekable();
            while let Some(part) = parts.next() {
                let mut padded = part.as_bytes().to_vec();
                padded.extend([b'"'; SLACK]);
                let found = keys.object(object).find(&mut Place::beginning(), &padded, 0, part.len());
                match found.expect(path).action {
                    Action::Descend { object: inner, .. } if parts.peek().is_some() => object = inner,
                    Action::Descend { json, .. } => assert_eq!(json, Some(*slot), "{path}"),
                    Action::Fill(found) => assert_eq!(found, *slot, "{path}"),
                }
                assert!(keys.object(object).find(&mut Place::beginning(), &padded, 0, part.len() + 1).is_none());
            }
        }
    }

    #[test]
    fn keys_are_found_in_any_order() {
        let keys = Keys::new(&CLOUDTRAIL, &slots_of(&CLOUDTRAIL), KeyCase::Camel);
        let record = keys.object(0);
        for step in [1, 2, 3, 5, 7, 1] {
            let mut place = Place::beginning();
            for number in (0..record.keys.len() * step).step_by(step) {
                let name = record.keys[number % record.keys.len()].name();
                let padded = [name.as_bytes(), &[b'"'; SLACK]].concat();
                let found = record.find(&mut place, &padded, 0, name.len());
                assert_eq!(found.map(Key::name), Some(name));
                assert!(record.find(&mut place, &padded, 1, name.len() - 1).is_none());
            }
        }
    }
}
