//! The masks, one byte at a time: their definition.

use super::{BLOCK, Classify, Masks};

#[derive(Debug, Clone, Copy)]
pub(super) struct Portable;

impl Classify for Portable {
    fn masks(self, block: &[u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        for (index, byte) in block.iter().enumerate() {
            let bit = 1 << index;
            match byte {
                b'"' => masks.quote |= bit,
                b'\\' => masks.backslash |= bit,
                b'{' | b'[' => masks.open |= bit,
                b'}' | b']' => masks.close |= bit,
                b':' => masks.colon |= bit,
                b',' => masks.comma |= bit,
                b' ' => masks.space |= bit,
                0..0x20 => masks.control |= bit,
                _ => {}
            }
            masks.curly |= u64::from(byte >> 5 & 1) << index;
        }
        masks
    }
}
