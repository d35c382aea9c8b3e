//! The members of a JSON object that stands in a column.

use std::ops::Range;

use crate::index::Index;
use crate::text::SLACK;
use crate::unescape::unescape;
use crate::window::Window;

/// Reads such objects; keeps its buffers.
#[derive(Default)]
pub(super) struct Objects {
    index: Index,
    padded: Vec<u8>,
}

/// A member. Places are the object's.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The key, decoded; empty where that is no text.
    pub(super) key: Vec<u8>,
    /// The value.
    pub(super) value: Range<usize>,
}

impl Objects {
    /// The members of the object `text`, in their order; none where it is no object.
    pub(super) fn members(&mut self, text: &str) -> Option<Vec<Member>> {
        if !text.starts_with('{') {
            return None;
        }
        self.index.build(text.as_bytes());
        let is_sound = self.index.covered() == text.len() && self.index.fault_in(0, text.len()).is_none();
        let end = self.index.partner(0).map(|partner| self.index.bracket_at(partner) + 1);
        if !is_sound || end != Some(text.len()) {
            return None;
        }
        self.padded.clear();
        self.padded.extend_from_slice(text.as_bytes());
        self.padded.extend_from_slice(&[b' '; SLACK]);
        let window = Window { arena: &self.padded, start: 0, index: &self.index };
        let member = |member: crate::window::Member| {
            let mut key = Vec::new();
            if unescape(&self.padded[member.key], &mut key).is_none() {
                key.clear();
            }
            Member { key, value: member.value }
        };
        Some(window.members(0).map(member).collect())
    }
}
