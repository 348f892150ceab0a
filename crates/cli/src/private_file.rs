//! Small files that hold secrets: only their user reads them, they are whole at any moment, and no write of anybody is lost.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use whimbrel::Error;

use crate::exit::{Done, Failure};

/// How often others may be first before this gives up. They write once in a while, and this takes a millisecond.
const TRIES: usize = 50;

/// The text of a file; none if there is no such file.
pub(crate) fn read(path: &Path) -> Done<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io(path, e).into()),
    }
}

/// Whether others than its user may read it. Where there is no such thing, they may not.
pub(crate) fn is_open_to_read(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Replaces a file by what `new` makes of its text (empty, if it is not there), all at once; nothing, where that is `None`.
///
/// Processes of this program take turns. Other software takes no part in that, so the file is looked at again before it is
/// replaced, and if it has changed, all is done anew.
pub(crate) fn change(path: &Path, mut new: impl FnMut(&str) -> Done<Option<String>>) -> Done {
    // What people link to from elsewhere stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let told = |e: io::Error| Failure::from(Error::io(&path, e));
    let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    private_folder(&folder).map_err(|e| Failure::from(Error::io(&folder, e)))?;
    let _turn = turn(&folder).map_err(told)?;
    for _ in 0..TRIES {
        let old = read(&path)?;
        let Some(text) = new(old.as_deref().unwrap_or_default())? else { return Ok(()) };
        // It is made for its user alone (0600).
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(told)?;
        file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(told)?;
        if read(&path)? != old {
            continue;
        }
        file.persist(&path).map_err(|e| told(e.error))?;
        // So that the name is there, too, after a power cut; not every system can do that.
        let _ = fs::File::open(&folder).and_then(|folder| folder.sync_all());
        return Ok(());
    }
    Err(Failure::Other(format!("{}: other programs write it all the time; try again", path.display())))
}

/// Removes a file; `false` if it was not there.
pub(crate) fn remove(path: &Path) -> Done<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, e).into()),
    }
}

/// A folder that is there already stays as it is.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Waits until no other process of this program changes a file in the folder. The lock is the folder's own, so that no
/// file stays behind, and ends with the process.
#[cfg(unix)]
fn turn(folder: &Path) -> io::Result<fs::File> {
    let folder = fs::File::open(folder)?;
    match rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive) {
        // Some network file systems have no locks: then the look before the replacement has to do.
        Ok(()) | Err(rustix::io::Errno::NOTSUP | rustix::io::Errno::NOLCK | rustix::io::Errno::INVAL) => Ok(folder),
        Err(e) => Err(e.into()),
    }
}

#[cfg(not(unix))]
fn turn(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_of_others_in_between_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/file.json");
        let mut first = true;
        change(&path, |old| {
            if std::mem::take(&mut first) {
                fs::write(&path, "theirs").unwrap();
            }
            Ok(Some(format!("{old} and ours")))
        })
        .unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), "theirs and ours");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left behind");
        assert!(!is_open_to_read(&path));
    }

    #[test]
    fn nothing_new_is_no_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        change(&path, |_| Ok(None)).unwrap();
        assert_eq!(read(&path).unwrap(), None);
        assert!(!remove(&path).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        change(&link, |_| Ok(Some("new".to_owned()))).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }
}
