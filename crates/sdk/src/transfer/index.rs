//! What is known of the content that was moved: Coscine gives no hash, so we remember our own.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::LocalFile;
use crate::{Error, Result};

/// The files that went to or came from one place, by path: one line of JSON each, appended when the file is complete.
///
/// A kill leaves at most the last line torn, which is then left out; several processes may append to one file.
#[derive(Debug, Default)]
pub(crate) struct Index {
    known: Mutex<HashMap<String, Known>>,
    file: Option<Mutex<File>>,
}

/// A file, as it was when it was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Bytes.
    pub size: u64,
    /// blake3 of the content.
    pub hash: String,
    /// When the local file was changed last, in nanoseconds since 1970.
    pub modified: i64,
    /// When the other side had it, by its own clock: seconds since 1970. What was changed there later is another file.
    pub there: i64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    path: String,
    #[serde(flatten)]
    known: Known,
}

impl Index {
    /// Opens the index of `place` in a folder, which is made if it is not there.
    pub(crate) fn open(folder: &Path, place: &str) -> Result<Self> {
        let name = format!("{}.jsonl", &blake3::hash(place.as_bytes()).to_hex()[..32]);
        let path = folder.join(name);
        let told = |e| Error::io(&path, e);
        private_folder(folder).map_err(|e| Error::io(folder, e))?;
        let (mut known, mut lines) = (HashMap::new(), 0);
        match File::open(&path) {
            Ok(file) => {
                for line in BufReader::new(file).split(b'\n') {
                    lines += 1;
                    // A torn line may end within a character.
                    if let Ok(Line { path, known: it }) = serde_json::from_slice(&line.map_err(told)?) {
                        known.insert(path, it);
                    }
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(told(e)),
        }
        if lines > 2 * known.len() + 1000 {
            rewrite(folder, &path, &known).map_err(told)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(told)?;
        // After a torn line a new one must begin.
        file.write_all(b"\n").map_err(told)?;
        Ok(Self { known: Mutex::new(known), file: Some(Mutex::new(file)) })
    }

    /// What is known of a path.
    pub(crate) fn get(&self, path: &str) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// Remembers a file. That it can't be written down costs no more than a look at the file the next time.
    pub(crate) fn put(&self, path: &str, known: Known) {
        if let Some(file) = &self.file {
            let mut line =
                serde_json::to_vec(&Line { path: path.to_owned(), known: known.clone() }).expect("plain data");
            line.push(b'\n');
            let written = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
            if let Err(error) = written {
                tracing::warn!(%error, "the index of transferred files can't be written");
            }
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), known);
    }
}

impl Known {
    /// Whether a local file has not been touched since.
    pub(crate) fn is_of(&self, file: &LocalFile) -> bool {
        self.size == file.size && Some(self.modified) == file.modified_ns()
    }
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn rewrite(folder: &Path, path: &PathBuf, known: &HashMap<String, Known>) -> std::io::Result<()> {
    let mut whole = tempfile::NamedTempFile::new_in(folder)?;
    let mut text = vec![];
    for (path, known) in known {
        serde_json::to_writer(&mut text, &Line { path: path.clone(), known: known.clone() })?;
        text.push(b'\n');
    }
    whole.write_all(&text)?;
    whole.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(n: u64) -> Known {
        Known { size: n, hash: format!("{n:x}"), modified: -(n as i64) << 40, there: -1 }
    }

    #[test]
    fn it_is_there_after_a_kill_and_torn_lines_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("index");
        let index = Index::open(&place, "here").unwrap();
        index.put("a\n\"b", known(1));
        index.put("c", known(2));
        index.put("c", known(3));
        index.put("ü", known(5));
        drop(index);
        let file = std::fs::read_dir(&place).unwrap().next().unwrap().unwrap().path();
        let mut text = std::fs::read(&file).unwrap();
        let end = text.windows(2).rposition(|it| it == "ü".as_bytes()).unwrap();
        text.truncate(end + 1);
        std::fs::write(&file, text).unwrap();
        let index = Index::open(&place, "here").unwrap();
        assert_eq!(index.get("a\n\"b"), Some(known(1)));
        assert_eq!(index.get("c"), Some(known(3)));
        assert_eq!(index.get("ü"), None, "the torn line is not taken");
        index.put("d", known(4));
        drop(index);
        let index = Index::open(&place, "here").unwrap();
        assert_eq!(index.get("d"), Some(known(4)), "what follows a torn line is whole");
        assert_eq!(Index::open(&place, "there").unwrap().get("d"), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(folder.path(), "here").unwrap();
        for n in 0..5000 {
            index.put("a", known(n));
        }
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let before = std::fs::metadata(&file).unwrap().len();
        assert_eq!(Index::open(folder.path(), "here").unwrap().get("a"), Some(known(4999)));
        assert!(std::fs::metadata(&file).unwrap().len() < before / 100);
    }
}
