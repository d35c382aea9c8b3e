//! What the tests of every format need.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// Every file below `folder` by its path from there.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(open) = folders.pop() {
        for entry in fs::read_dir(open).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// The text of all members.
pub(crate) fn inflate(stored: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    MultiGzDecoder::new(stored).read_to_end(&mut text).unwrap();
    text
}

/// What `make` makes in a folder with so many threads, and what it says of it.
pub(crate) fn made_on<Counts: Send>(
    threads: usize,
    make: impl FnOnce(&Path) -> Counts + Send,
) -> (BTreeMap<String, Vec<u8>>, Counts) {
    let folder = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let counts = pool.install(|| make(folder.path()));
    (files(folder.path()), counts)
}
