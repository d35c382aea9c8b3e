//! Files that no library would write: Thrift by hand, with a lie wherever one is wanted.

/// A struct of Thrift's compact protocol under construction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Struct {
    bytes: Vec<u8>,
    last: i16,
}

fn varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

impl Struct {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn field(mut self, id: i16, kind: u8) -> Self {
        let step = id - self.last;
        assert!((1..16).contains(&step), "fields in order");
        self.bytes.push((step as u8) << 4 | kind);
        self.last = id;
        self
    }

    pub(crate) fn int(self, id: i16, number: i64) -> Self {
        let mut this = self.field(id, 6);
        varint(((number << 1) ^ (number >> 63)) as u64, &mut this.bytes);
        this
    }

    pub(crate) fn truth(self, id: i16, truth: bool) -> Self {
        self.field(id, if truth { 1 } else { 2 })
    }

    pub(crate) fn text(self, id: i16, text: &[u8]) -> Self {
        let mut this = self.field(id, 8);
        varint(text.len() as u64, &mut this.bytes);
        this.bytes.extend(text);
        this
    }

    pub(crate) fn inner(self, id: i16, inner: Self) -> Self {
        let mut this = self.field(id, 12);
        this.bytes.extend(inner.end());
        this
    }

    /// A list that says it has `count` structs, and has these.
    pub(crate) fn list(self, id: i16, count: u64, structs: impl IntoIterator<Item = Self>) -> Self {
        let mut this = self.field(id, 9);
        this.bytes.push(0xfc);
        varint(count, &mut this.bytes);
        this.bytes.extend(structs.into_iter().flat_map(Self::end));
        this
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

/// A page: its header, and the bytes behind it.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) header: Struct,
    pub(crate) stored: Vec<u8>,
}

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_2: i64 = 3;

fn head(kind: i64, unpacked: usize, packed: usize) -> Struct {
    Struct::new().int(1, kind).int(2, unpacked as i64).int(3, packed as i64)
}

impl Page {
    /// A page of the first version, that says how many values and bytes it has.
    pub(crate) fn data(values: i64, encoding: i64, unpacked: usize, stored: Vec<u8>) -> Self {
        let body = Struct::new().int(1, values).int(2, encoding).int(3, 3).int(4, 3);
        Self { header: head(DATA, unpacked, stored.len()).inner(5, body), stored }
    }

    /// One of plain values, with no lie.
    pub(crate) fn plain(values: i64, bytes: Vec<u8>) -> Self {
        Self::data(values, 0, bytes.len(), bytes)
    }

    pub(crate) fn dictionary(values: i64, bytes: Vec<u8>) -> Self {
        let body = Struct::new().int(1, values).int(2, 0);
        Self { header: head(DICTIONARY, bytes.len(), bytes.len()).inner(7, body), stored: bytes }
    }

    /// A page of the second version, whose values are not packed.
    pub(crate) fn data_2(values: i64, encoding: i64, levels: (i64, i64), bytes: Vec<u8>) -> Self {
        let body = Struct::new().int(1, values).int(2, 0).int(3, values).int(4, encoding);
        let body = body.int(5, levels.0).int(6, levels.1).truth(7, false);
        Self { header: head(DATA_2, bytes.len(), bytes.len()).inner(8, body), stored: bytes }
    }
}

/// Values of text, plain.
pub(crate) fn texts(values: &[&str]) -> Vec<u8> {
    values.iter().flat_map(|value| [&(value.len() as u32).to_le_bytes()[..], value.as_bytes()].concat()).collect()
}

/// One column of a file of one row group.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) schema: Struct,
    pub(crate) pages: Vec<Page>,
    pub(crate) values: i64,
    pub(crate) codec: i64,
    /// What the footer says of its place, if that is a lie: first byte and length.
    pub(crate) place: Option<(i64, i64)>,
}

impl Column {
    /// A column of text, which is never null.
    pub(crate) fn text(name: &str, values: i64, pages: Vec<Page>) -> Self {
        Self::of(6, 0, name, values, pages)
    }

    /// A column of a physical type, required (0), optional (1) or repeated (2).
    pub(crate) fn of(physical: i64, repetition: i64, name: &str, values: i64, pages: Vec<Page>) -> Self {
        let schema = Struct::new().int(1, physical).int(3, repetition).text(4, name.as_bytes());
        Self { schema, pages, values, codec: 0, place: None }
    }
}

/// A file of one row group with so many rows.
pub(crate) fn file(rows: i64, columns: &[Column]) -> Vec<u8> {
    let mut bytes = b"PAR1".to_vec();
    let mut chunks = Vec::new();
    for column in columns {
        let start = bytes.len();
        for page in &column.pages {
            bytes.extend(page.header.clone().end());
            bytes.extend(&page.stored);
        }
        let (start, length) = column.place.unwrap_or((start as i64, (bytes.len() - start) as i64));
        let metadata = Struct::new().int(1, 6).int(4, column.codec).int(5, column.values);
        let metadata = metadata.int(6, length).int(7, length).int(9, start);
        chunks.push(Struct::new().int(2, 0).inner(3, metadata));
    }
    let group = Struct::new().list(1, columns.len() as u64, chunks).int(2, 0).int(3, rows);
    with_footer(bytes, &footer(columns, rows, vec![group]).end())
}

/// A footer of these columns and row groups.
pub(crate) fn footer(columns: &[Column], rows: i64, groups: Vec<Struct>) -> Struct {
    let root = Struct::new().text(4, b"schema").int(5, columns.len() as i64);
    let elements = std::iter::once(root).chain(columns.iter().map(|column| column.schema.clone()));
    let footer = Struct::new().int(1, 1).list(2, columns.len() as u64 + 1, elements).int(3, rows);
    footer.list(4, groups.len() as u64, groups)
}

/// A file that ends in such a footer.
pub(crate) fn with_footer(mut bytes: Vec<u8>, footer: &[u8]) -> Vec<u8> {
    bytes.extend(footer);
    bytes.extend((footer.len() as u32).to_le_bytes());
    bytes.extend(b"PAR1");
    bytes
}
