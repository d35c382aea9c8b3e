//! Parquet's hybrid of run lengths and bit packing, and the varints around it.

/// Appends `value` as a varint, seven bits a byte, lowest first.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends one run: `count` times the same value of at most eight bits.
fn run(out: &mut Vec<u8>, count: usize, value: u8) {
    varint(out, (count as u64) << 1);
    out.push(value);
}

/// Appends `values`, each `width` bits of at most 32, as one bit-packed run, padded to eight values.
fn pack(out: &mut Vec<u8>, values: &[u32], width: u32) {
    let groups = values.len().div_ceil(8);
    varint(out, (groups as u64) << 1 | 1);
    let end = out.len() + groups * width as usize;
    pack_bits(out, values, width);
    out.resize(end, 0);
}

/// Appends `values`, each `width` bits of at most 32, padded to bytes.
#[inline(always)]
pub(super) fn pack_bits(out: &mut Vec<u8>, values: &[u32], width: u32) {
    let end = out.len() + (values.len() * width as usize).div_ceil(8);
    let (mut word, mut bits) = (0u64, 0u32);
    for value in values {
        word |= u64::from(*value) << bits;
        bits += width;
        if bits >= 32 {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= 32;
            bits -= 32;
        }
    }
    out.extend_from_slice(&word.to_le_bytes());
    out.truncate(end);
}

/// Bits for values below `count`, at least one: not every reader takes a width of 0.
fn width(count: usize) -> u32 {
    (usize::BITS - count.saturating_sub(1).leading_zeros()).max(1)
}

/// Appends `codes` of a dictionary of `count` values: their width, and one run of them.
pub(super) fn coded_values(out: &mut Vec<u8>, codes: &[u32], count: usize) {
    let width = width(count);
    out.push(width as u8);
    match count {
        1 => run(out, codes.len(), 0),
        _ => pack(out, codes, width),
    }
}

/// Appends a page's definition levels: 1 where a value is present, 0 where it is null.
pub(super) fn definition_levels(out: &mut Vec<u8>, present: &[bool]) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    let nulls = present.iter().filter(|present| !**present).count();
    if nulls == 0 || nulls == present.len() {
        run(out, present.len(), u8::from(nulls == 0));
    } else {
        varint(out, (present.len().div_ceil(8) as u64) << 1 | 1);
        bits(out, present);
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Appends the definition levels of a page of nulls.
pub(super) fn definition_levels_of_nulls(out: &mut Vec<u8>, rows: usize) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    run(out, rows, 0);
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Appends one bit for each of `values`, lowest first, padded to bytes.
pub(super) fn bits(out: &mut Vec<u8>, values: &[bool]) {
    let (eights, rest) = values.as_chunks::<8>();
    out.extend(eights.iter().map(|eight| bits_of(*eight)));
    if !rest.is_empty() {
        let mut last = [false; 8];
        last[..rest.len()].copy_from_slice(rest);
        out.push(bits_of(last));
    }
}

/// Eight values as the bits of a byte, lowest first: the factor moves byte `i` of the word to bit `56 + i`.
fn bits_of(values: [bool; 8]) -> u8 {
    (u64::from_le_bytes(values.map(u8::from)).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_values_read_back() {
        for width in 1..=32 {
            let mask = u32::MAX >> (32 - width);
            let values: Vec<u32> = (0..37u32).map(|number| number.wrapping_mul(0x9e37_79b9) & mask).collect();
            let mut out = vec![];
            pack(&mut out, &values, width);
            assert_eq!(out[0], 5 << 1 | 1);
            let bit = |at: usize| u64::from(out[1 + at / 8] >> (at % 8) & 1);
            for (index, value) in values.iter().enumerate() {
                let at = index * width as usize;
                let read = (0..width as usize).map(|offset| bit(at + offset) << offset).sum::<u64>();
                assert_eq!(read, u64::from(*value));
            }
        }
        assert_eq!((width(0), width(1), width(2), width(3), width(4), width(5)), (1, 1, 1, 2, 2, 3));
    }

    #[test]
    fn every_bit_has_its_place() {
        for byte in 0..=u8::MAX {
            let values = [0, 1, 2, 3, 4, 5, 6, 7].map(|bit: u32| byte >> bit & 1 == 1);
            let mut out = vec![];
            bits(&mut out, &values);
            bits(&mut out, &values[..5]);
            assert_eq!(out, [byte, byte & 0x1f]);
        }
    }

    #[test]
    fn levels_are_a_run_or_bits() {
        let mut out = vec![];
        definition_levels(&mut out, &[true; 300]);
        assert_eq!(out, [3, 0, 0, 0, 0xd8, 0x04, 1]);
        out.clear();
        definition_levels(&mut out, &[true, false, true, true, false, false, false, false, true]);
        assert_eq!(out, [3, 0, 0, 0, 5, 0b1101, 1]);
    }
}
