//! One file: read for sending, or written where it shall be.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use middleware::Body;
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
};

use super::{LocalFile, Progress, local, progress::Attempt};
use crate::{Error, Kind, Result};

/// Bytes read at once. Larger chunks gained nothing in the benchmark, and each file on its way holds one.
const CHUNK: usize = 64 << 10;

/// The content of a local file as a request body that can be sent again; it is opened when it is first read.
pub(crate) fn source(file: &LocalFile, progress: &Progress) -> Body {
    let (file, progress) = (file.clone(), progress.clone());
    Body::source(Some(file.size), move || {
        let state = Reading::Closed(file.clone(), progress.attempt());
        reqwest::Body::wrap_stream(stream::try_unfold(state, |state| async move {
            let (mut open, path, left, mut attempt) = match state {
                Reading::Closed(file, attempt) => {
                    let open = File::open(&file.path).await?;
                    (open, file.path, file.size, attempt)
                }
                Reading::Open { open, path, left, attempt } => (open, path, left, attempt),
            };
            if left == 0 {
                attempt.whole();
                return Ok(None);
            }
            let mut chunk = BytesMut::with_capacity(CHUNK.min(usize::try_from(left).unwrap_or(CHUNK)));
            let n = (&mut open).take(left).read_buf(&mut chunk).await?;
            if n == 0 {
                let message = format!("{} became shorter while it was sent", path.display());
                return Err(std::io::Error::new(ErrorKind::UnexpectedEof, message));
            }
            attempt.moved(n);
            Ok(Some((chunk.freeze(), Reading::Open { open, path, left: left - n as u64, attempt })))
        }))
    })
}

enum Reading {
    Closed(LocalFile, Attempt),
    Open { open: File, path: PathBuf, left: u64, attempt: Attempt },
}

/// Writes a stream of `length` bytes to `path`, which appears only when all of it is on the disk.
///
/// What breaks off leaves nothing behind: the bytes go to a file with a hidden name beside `path`, which is removed if
/// this future is dropped.
pub(crate) async fn save<E: Into<Error>>(
    content: impl Stream<Item = Result<Bytes, E>> + Send,
    length: Option<u64>,
    path: &Path,
    overwrite: bool,
    progress: &Progress,
) -> Result<u64> {
    let folder = local::make_parent(path)?;
    let part = part(folder).map_err(|e| Error::io(folder, e))?;
    let told = |e| Error::io(path, e);
    let mut file = File::from_std(part.reopen().map_err(told)?);
    let mut attempt = progress.attempt();
    let mut content = std::pin::pin!(content);
    while let Some(chunk) = content.next().await {
        let chunk = chunk.map_err(Into::into)?;
        file.write_all(&chunk).await.map_err(told)?;
        attempt.moved(chunk.len());
    }
    if let Some(length) = length.filter(|length| *length != attempt.bytes()) {
        let message = format!("{} of {length} bytes came", attempt.bytes());
        return Err(Error::new(Kind::Unavailable, message.clone()).with_source(middleware::Error::body(message)));
    }
    file.flush().await.map_err(told)?;
    file.sync_data().await.map_err(told)?;
    drop(file);
    keep(part, path, overwrite)?;
    attempt.whole();
    Ok(attempt.bytes())
}

fn part(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".whimbrel-").suffix(".part");
    // A temporary file is private by default; this one will be a file like any other, as the umask has it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn keep(part: tempfile::NamedTempFile, path: &Path, overwrite: bool) -> Result<()> {
    let kept = if overwrite { part.persist(path) } else { part.persist_noclobber(path) };
    match kept {
        Ok(_) => Ok(()),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => {
            let message = "it is there already; say that it may be overwritten, or choose another place";
            Err(Error::new(Kind::Conflict, message).about(path.display().to_string()))
        }
        Err(e) => Err(Error::io(path, e.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(texts: &[&'static str]) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        stream::iter(texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect::<Vec<_>>())
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = (folder.path().join("a/b.txt"), Progress::new());
        assert_eq!(save(chunks(&["ab", "c"]), Some(3), &path, false, &progress).await.unwrap(), 3);
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");

        let short = save(chunks(&["ab"]), Some(3), &folder.path().join("c"), false, &progress).await.unwrap_err();
        assert!(short.to_string().contains("2 of 3 bytes"));
        let broken = chunks(&["ab"]).chain(stream::iter([Err(Error::new(Kind::Unavailable, "gone"))]));
        assert!(save(broken, None, &folder.path().join("d"), false, &progress).await.is_err());
        assert_eq!(names(folder.path()), ["a"]);
        assert_eq!(progress.snapshot().bytes_done, 3);
    }

    #[tokio::test]
    async fn a_dropped_download_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = (folder.path().join("a"), Progress::new());
        let endless = chunks(&["ab"]).chain(stream::pending());
        {
            let saving = std::pin::pin!(save(endless, None, &path, false, &progress));
            let wait = std::time::Duration::from_millis(50);
            assert!(tokio::time::timeout(wait, saving).await.is_err());
        }
        assert!(names(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn nothing_is_overwritten_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = (folder.path().join("a"), Progress::new());
        std::fs::write(&path, "old").unwrap();
        let refused = save(chunks(&["new"]), None, &path, false, &progress).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Conflict);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        save(chunks(&["new"]), None, &path, true, &progress).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[tokio::test]
    async fn a_source_gives_the_file_each_time_and_counts_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![7; 200_000]).unwrap();
        let file = LocalFile { path, name: "a".into(), size: 200_000 };
        let progress = Progress::new();
        let body = source(&file, &progress);
        let again = body.try_clone().unwrap();
        assert_eq!(body.collect(1 << 20).await.unwrap().len(), 200_000);
        assert_eq!(again.collect(1 << 20).await.unwrap().len(), 200_000);
        assert_eq!(progress.snapshot().bytes_done, 400_000, "two whole attempts were asked for");

        std::fs::write(&file.path, "short").unwrap();
        let failed = source(&file, &progress).collect(1 << 20).await.unwrap_err();
        assert!(format!("{:?}", std::error::Error::source(&failed)).contains("shorter"), "{failed:?}");
    }
}
