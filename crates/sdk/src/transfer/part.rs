//! Files that are still being written: hidden beside their final name, and swept away if their writer was killed.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use tempfile::NamedTempFile;

/// What their names begin and end with.
const NAME: (&str, &str) = (".whimbrel-", ".part");

/// Whether a file is one that a download has not finished.
pub(crate) fn is_part(path: &Path) -> bool {
    path.file_name().and_then(|it| it.to_str()).is_some_and(|it| it.starts_with(NAME.0) && it.ends_with(NAME.1))
}

/// Makes one in a folder. While its writer lives it is locked.
pub(crate) fn make(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(NAME.0).suffix(NAME.1);
        // A temporary file is private by default; this one will be a file like any other, as the umask has it.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let part = builder.tempfile_in(folder)?;
        // Somebody may have swept it away before it was locked. Where there are no locks, nobody sweeps.
        if is_locked(part.as_file()).unwrap_or(true) && part.path().exists() {
            return Ok(part);
        }
    }
}

/// Removes the parts below a folder whose writers are gone, where locks tell that.
pub(crate) fn sweep(folder: &Path) {
    if cfg!(not(unix)) {
        return;
    }
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                folders.push(path);
            } else if kind.is_ok_and(|it| it.is_file()) && is_part(&path) {
                let gone = File::options().write(true).open(&path).and_then(|file| Ok((is_locked(&file)?, file)));
                if let Ok((true, _locked)) = gone
                    && let Err(error) = fs::remove_file(&path)
                {
                    tracing::debug!(path = %path.display(), %error, "an unfinished file can't be removed");
                }
            }
        }
    }
}

/// Locks a file for as long as it is open, if no other has.
#[cfg(unix)]
fn is_locked(file: &File) -> io::Result<bool> {
    match rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        // Some network file systems know no locks: then nothing is swept, as nobody's end can be told.
        Err(e) => Err(e.into()),
    }
}

/// Nothing is swept there, so nothing need be locked.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
fn is_locked(_: &File) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_what_nobody_writes_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        let living = make(&deep).unwrap();
        let dead = deep.join(".whimbrel-dead.part");
        let other = deep.join(".whimbrel-notes.txt");
        fs::write(&dead, "x").unwrap();
        fs::write(&other, "x").unwrap();
        sweep(folder.path());
        assert!(living.path().exists() && !dead.exists() && other.exists());
        let left = living.keep().unwrap().1;
        sweep(folder.path());
        assert!(!left.exists(), "its writer is gone");
    }
}
