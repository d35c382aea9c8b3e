//! Whole texts of flow logs: any headers one after the other, over any lines, however they end.

use trailhouse_core::{Format, Transform};
use trailhouse_schemas::{TGW_FLOW, VPC_FLOW};

use super::flows::{Draw, header, value};
use super::harness::{Input, small_parts, transform};
use super::invariants::judge_flow;

/// Texts that are read.
const TEXTS: u64 = 250;

/// One header as any version, or anyone, writes it.
fn any_header(draw: &mut Draw) -> String {
    let table = if draw.below(4) == 0 { &TGW_FLOW } else { &VPC_FLOW };
    let fields: Vec<&str> = table.columns.iter().filter_map(|column| column.origin.field()).collect();
    let header = match draw.below(4) {
        // All fields of a version, as far as they are in the order of versions.
        0 => fields[..1 + draw.below(fields.len())].join(" "),
        1 => {
            let mut sorted = fields[..1 + draw.below(fields.len())].to_vec();
            sorted.sort_unstable();
            sorted.join(" ")
        }
        _ => header(draw, table),
    };
    match draw.below(8) {
        0 => header.replace('-', "_"),
        // Spelled in two ways, a name is one all the same, and the line no header.
        1 => format!("{header} account-id account_id"),
        2 => format!("{header} {header}"),
        _ => header,
    }
}

/// One line below `header`, or what somebody made of it.
fn any_line(draw: &mut Draw, header: &str) -> Vec<u8> {
    let mut fields: Vec<String> = header.split(' ').map(|name| value(draw, &name.replace('_', "-"))).collect();
    match draw.below(16) {
        0 => fields.truncate(draw.below(fields.len()) + 1),
        1 => fields.push("x".to_owned()),
        2 => return draw.of(&["", " ", "\t", "     ", "-", "\r\r", "srcaddr"]).as_bytes().to_vec(),
        3 => fields.insert(draw.below(fields.len() + 1), String::new()),
        _ => {}
    }
    let mut line = fields.join(" ").into_bytes();
    if draw.below(20) == 0 {
        let at = draw.below(line.len() + 1);
        line.insert(at, [0xff, 0xc3, 0x80, 0, b'\r', b'\t'][draw.below(6)]);
    }
    line
}

fn any_text(draw: &mut Draw) -> Vec<u8> {
    let (mut text, mut header) = (Vec::new(), any_header(draw));
    let end: &[u8] = if draw.below(4) == 0 { b"\r\n" } else { b"\n" };
    if draw.below(12) > 0 {
        text.extend_from_slice(header.as_bytes());
        text.extend_from_slice(end);
    }
    for _ in 0..draw.below(60) {
        if draw.below(15) == 0 {
            header = any_header(draw);
            text.extend_from_slice(header.as_bytes());
        } else {
            text.extend(any_line(draw, &header));
        }
        text.extend_from_slice(end);
    }
    if draw.below(3) == 0 {
        text.truncate(text.len() - end.len().min(text.len()));
    }
    text
}

#[test]
fn any_text_is_read_as_a_plain_reader_does() {
    let mut transform_of_all = Transform::new(small_parts());
    let mut rows = 0;
    for seed in 0..TEXTS {
        let text = any_text(&mut Draw(seed));
        let mut input = Input::new(0, text.clone());
        input.object.format = Format::Flow;
        let outcome = transform(&mut transform_of_all, &[input]);
        rows += outcome.tallies[0].rows;
        if let Err(complaint) = judge_flow(&text, &outcome) {
            panic!("{complaint}\nof the text of seed {seed}: {:?}", String::from_utf8_lossy(&text));
        }
    }
    assert!(rows > 10 * TEXTS, "{rows}");
}
