//! What the tests have in common.

pub mod contract;
/// Coscine's operations, called one by one.
#[rustfmt::skip]
pub mod coscine_calls;
/// dserver's operations, called one by one.
#[rustfmt::skip]
pub mod dserver_calls;

use std::{collections::BTreeMap, fs, path::Path};

/// A folder of `n` files of 1 kB, two levels deep.
///
/// # Panics
/// If the disk does not take it.
pub fn folder_of(n: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for i in 0..n {
        let path = folder.path().join(format!("part {}/file {i:03}.txt", i % 3));
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(path, format!("{i:04} ").repeat(200)).expect("a file");
    }
    folder
}

/// The hash of each file below a folder, by its path with slashes.
///
/// # Panics
/// If the folder can't be read.
pub fn hashes(folder: &Path) -> BTreeMap<String, blake3::Hash> {
    let mut found = BTreeMap::new();
    let mut next = vec![folder.to_path_buf()];
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                next.push(path);
            } else {
                let name: Vec<_> =
                    path.strip_prefix(folder).expect("below").iter().map(|it| it.to_string_lossy()).collect();
                found.insert(name.join("/"), blake3::hash(&fs::read(&path).expect("a file")));
            }
        }
    }
    found
}
