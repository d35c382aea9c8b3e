//! The columns of a file, and what their values are.

use super::thrift::{Field, Thrift, kind};
use super::trouble::{Read, damaged, unread};
use crate::limits::FLOW_FIELDS_MAX;

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether rows may have no value in it.
    pub(super) is_optional: bool,
}

/// How the values of a column are stored, and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One bit.
    Truth,
    /// 4 bytes, with a sign or without.
    Int32 { is_signed: bool },
    /// 8 bytes, with a sign or without.
    Int64 { is_signed: bool },
    /// 4 bytes.
    Float,
    /// 8 bytes.
    Double,
    /// A length in 4 bytes, then so many.
    Text,
    /// So many bytes.
    Fixed(usize),
}

/// An element of the schema, as far as it matters.
#[derive(Debug, Default)]
struct Element<'a> {
    physical: Option<i64>,
    length: Option<i64>,
    repetition: Option<i64>,
    name: &'a [u8],
    children: u64,
    converted: Option<i64>,
    logical: Option<Logical>,
}

/// The newer way of saying what values mean: the number of the union's field, and what matters of it.
#[derive(Debug, Clone, Copy)]
struct Logical {
    id: i16,
    is_unsigned: bool,
}

/// Reads the schema: its root, then a column for each child.
pub(super) fn columns(thrift: &mut Thrift<'_>, field: Field) -> Read<Vec<Column>> {
    let count = thrift.structs(field)?;
    if count == 0 {
        return Err(damaged("the schema has no root"));
    }
    let root = element(thrift)?;
    let mut columns = Vec::new();
    for number in 1..count {
        if number > FLOW_FIELDS_MAX {
            return Err(unread(format!("it has more than {FLOW_FIELDS_MAX} columns")));
        }
        let element = element(thrift)?;
        columns.push(column(&element)?);
    }
    if root.children != columns.len() as u64 {
        return Err(damaged("the schema's root has other columns than there are"));
    }
    let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(damaged(format!("two columns are called `{}`", pair[0]))),
        None => Ok(columns),
    }
}

fn column(element: &Element<'_>) -> Read<Column> {
    const OPTIONAL: i64 = 1;
    const REPEATED: i64 = 2;
    let name = String::from_utf8_lossy(element.name).into_owned();
    let shown = name.escape_default();
    if element.children > 0 || element.physical.is_none() {
        return Err(unread(format!("the column `{shown}` has others inside")));
    }
    if element.repetition == Some(REPEATED) {
        return Err(unread(format!("the column `{shown}` may have many values in a row")));
    }
    let kind = kind_of(element).map_err(|stop| stop.of(|| format!("in the column `{shown}`")))?;
    Ok(Column { name, kind, is_optional: element.repetition == Some(OPTIONAL) })
}

fn kind_of(element: &Element<'_>) -> Read<Kind> {
    let meaning = Meaning::of(element)?;
    match (element.physical, meaning) {
        (Some(0), Meaning::Plain) => Ok(Kind::Truth),
        (Some(1), Meaning::Plain | Meaning::Unsigned) => Ok(Kind::Int32 { is_signed: meaning == Meaning::Plain }),
        (Some(2), Meaning::Plain | Meaning::Unsigned) => Ok(Kind::Int64 { is_signed: meaning == Meaning::Plain }),
        (Some(4), Meaning::Plain) => Ok(Kind::Float),
        (Some(5), Meaning::Plain) => Ok(Kind::Double),
        (Some(6), Meaning::Plain | Meaning::Text) => Ok(Kind::Text),
        (Some(7), Meaning::Plain | Meaning::Text) => {
            match element.length.and_then(|length| usize::try_from(length).ok()) {
                Some(length @ 1..) => Ok(Kind::Fixed(length)),
                _ => Err(damaged("there is no length of values")),
            }
        }
        (Some(3), _) => Err(unread("there are values of 96 bits")),
        _ => Err(damaged("values mean what such cannot")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Plain,
    Unsigned,
    Text,
}

impl Meaning {
    fn of(element: &Element<'_>) -> Read<Self> {
        let other = || Err(unread("there are days, decimals or others that flow logs have not"));
        match (element.logical, element.converted) {
            // Strings, enumerations and JSON.
            (Some(Logical { id: 1 | 4 | 12, .. }), _) | (None, Some(0 | 4 | 19)) => Ok(Self::Text),
            (Some(Logical { id: 10, is_unsigned }), _) => Ok(if is_unsigned { Self::Unsigned } else { Self::Plain }),
            (None, Some(11..=14)) => Ok(Self::Unsigned),
            // Numbers with a sign; times, which are milliseconds or no times of a flow log; all null.
            (Some(Logical { id: 8 | 11, .. }), _) | (None, None | Some(9 | 10 | 15..=18)) => Ok(Self::Plain),
            _ => other(),
        }
    }
}

fn element<'a>(thrift: &mut Thrift<'a>) -> Read<Element<'a>> {
    let (mut element, mut last) = (Element::default(), 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            1 => element.physical = Some(thrift.int(field)?),
            2 => element.length = Some(thrift.int(field)?),
            3 => element.repetition = Some(thrift.int(field)?),
            4 => element.name = thrift.binary(field)?,
            5 => element.children = thrift.count(field)?,
            6 => element.converted = Some(thrift.int(field)?),
            10 => element.logical = logical(thrift, field)?,
            _ => thrift.skip(field)?,
        }
    }
    Ok(element)
}

fn logical(thrift: &mut Thrift<'_>, field: Field) -> Read<Option<Logical>> {
    const INTEGER: i16 = 10;
    thrift.begin(field)?;
    let (mut found, mut last) = (None, 0);
    while let Some(field) = thrift.field(&mut last)? {
        let is_unsigned = match field.id {
            INTEGER => is_unsigned(thrift, field)?,
            _ => {
                thrift.skip(field)?;
                false
            }
        };
        found = Some(Logical { id: field.id, is_unsigned });
    }
    Ok(found)
}

fn is_unsigned(thrift: &mut Thrift<'_>, field: Field) -> Read<bool> {
    const IS_SIGNED: i16 = 2;
    thrift.begin(field)?;
    let (mut is_unsigned, mut last) = (false, 0);
    while let Some(field) = thrift.field(&mut last)? {
        is_unsigned |= field.id == IS_SIGNED && field.kind == kind::FALSE;
        thrift.skip(field)?;
    }
    Ok(is_unsigned)
}
