//! One file: read for sending, or written where it shall be.

use std::{
    io::{ErrorKind, Read as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use middleware::Body;
use tokio::{
    fs::File,
    io::AsyncSeekExt as _,
    task::{JoinHandle, spawn_blocking},
};

use super::{
    LocalFile, Progress,
    checksum::{Checksum, Hasher},
    local, part,
};
use crate::{Error, Kind, Result};

/// The hash of a content that was moved whole, once it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digest(Arc<Mutex<Option<blake3::Hash>>>);

impl Digest {
    pub(super) fn set(&self, hash: blake3::Hash) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
    }

    /// The hash of the last attempt that got to the end.
    pub(crate) fn take(&self) -> Option<blake3::Hash> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The hash of a local file.
pub(crate) async fn hash(path: &Path) -> Result<blake3::Hash> {
    let path = path.to_owned();
    let hashed = spawn_blocking(move || {
        let hashed =
            std::fs::File::open(&path).and_then(|file| Ok(blake3::Hasher::new().update_reader(file)?.finalize()));
        hashed.map_err(|e| Error::io(&path, e))
    });
    hashed.await.expect("hashing does not panic")
}

/// Bytes read or written at once, on a thread that may wait: each trip there costs as much as many kilobytes.
const BLOCK: usize = 512 << 10;

/// Bytes handed to the network at once. What is larger would look as if it stood still on a slow line.
const CHUNK: usize = 64 << 10;

/// Bytes after which the disk is told to begin, so that little is left to wait for at the end.
const SYNC: u64 = 64 << 20;

/// The content of a local file as a request body that can be sent again; it is opened when it is first read, and hashed
/// on its way. The next block is read while one is sent.
pub(crate) fn source(file: &LocalFile, progress: &Progress, digest: &Digest) -> Body {
    let (file, progress, digest) = (file.clone(), progress.clone(), digest.clone());
    Body::source(Some(file.size), move || {
        let (file, attempt, digest) = (file.clone(), progress.attempt(), digest.clone());
        let state = (Ahead::Nothing, Bytes::new(), attempt);
        reqwest::Body::wrap_stream(stream::try_unfold(state, move |(mut ahead, mut block, mut attempt)| {
            let (file, digest) = (file.clone(), digest.clone());
            async move {
                while block.is_empty() {
                    let reading = match ahead {
                        Ahead::Nothing => Reader::begin(&file, BLOCK),
                        Ahead::Reading(reading) => reading,
                        Ahead::All(reader) => {
                            attempt.whole();
                            digest.set(reader.hash());
                            return Ok(None);
                        }
                    };
                    let (reader, read) = back(reading).await?;
                    ahead = if reader.left > 0 { Ahead::Reading(reader.next(BLOCK)) } else { Ahead::All(reader) };
                    block = read;
                }
                let chunk = block.split_to(block.len().min(CHUNK));
                attempt.moved(chunk.len());
                Ok::<_, std::io::Error>(Some((chunk, (ahead, block, attempt))))
            }
        }))
    })
}

/// What of a file is read ahead.
enum Ahead {
    Nothing,
    Reading(Reading),
    /// There is no more to read.
    All(Box<Reader>),
}

/// A reader that is reading, and what it will have read.
pub(super) type Reading = JoinHandle<std::io::Result<(Box<Reader>, Bytes)>>;

/// What came of work on a thread that may wait.
pub(super) async fn back<T>(work: JoinHandle<std::io::Result<T>>) -> std::io::Result<T> {
    work.await.unwrap_or_else(|e| Err(std::io::Error::other(e)))
}

/// Room for a block. It is made by who asks: the threads that wait are many, and what each frees it keeps for itself.
fn room(most: usize, left: u64) -> Vec<u8> {
    Vec::with_capacity(most.min(usize::try_from(left).unwrap_or(most)))
}

/// A local file on its way from its first byte to its last, hashed as it goes.
pub(super) struct Reader {
    file: std::fs::File,
    pub(super) path: PathBuf,
    left: u64,
    hasher: blake3::Hasher,
}

impl Reader {
    fn open(file: &LocalFile) -> std::io::Result<Box<Self>> {
        let (path, left) = (file.path.clone(), file.size);
        Ok(Box::new(Self { file: std::fs::File::open(&path)?, path, left, hasher: blake3::Hasher::new() }))
    }

    /// Opens a file and reads from its start.
    pub(super) fn begin(file: &LocalFile, most: usize) -> Reading {
        let (file, room) = (file.clone(), room(most, file.size));
        spawn_blocking(move || Self::open(&file)?.read(room))
    }

    /// The next `most` bytes, or as many as there are left; none at the end.
    pub(super) fn next(self: Box<Self>, most: usize) -> Reading {
        let room = room(most, self.left);
        spawn_blocking(move || self.read(room))
    }

    /// Fills what there is room for.
    fn read(mut self: Box<Self>, mut block: Vec<u8>) -> std::io::Result<(Box<Self>, Bytes)> {
        let wanted = (block.capacity() as u64).min(self.left);
        if ((&self.file).take(wanted).read_to_end(&mut block)? as u64) < wanted {
            let message = format!("{} became shorter while it was sent", self.path.display());
            return Err(std::io::Error::new(ErrorKind::UnexpectedEof, message));
        }
        self.left -= wanted;
        self.hasher.update(&block);
        Ok((self, block.into()))
    }

    /// The hash of what was read.
    pub(super) fn hash(&self) -> blake3::Hash {
        self.hasher.finalize()
    }
}

/// Where a download goes.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub path: PathBuf,
    pub overwrite: bool,
    /// When the file was changed last where it comes from: the file here gets the same time, by which it is known again.
    pub modified: Option<SystemTime>,
    /// The hash that the content must have; one that has another never appears here.
    pub sum: Option<Checksum>,
}

/// Writes a stream of `length` bytes to its target; see [`Part`].
pub(crate) async fn save<E: Into<Error>>(
    content: impl Stream<Item = Result<Bytes, E>> + Send,
    length: Option<u64>,
    target: &Target,
    progress: &Progress,
    digest: &Digest,
) -> Result<u64> {
    let part = Part::begin(target)?;
    let mut attempt = progress.attempt();
    let mut content = std::pin::pin!(content);
    let sum = target.sum.as_ref().map(|it| it.algorithm.begin());
    let writer = Writer { file: part.reopen()?, hasher: blake3::Hasher::new(), sum };
    // One block is written while the next one comes.
    let (mut writing, mut block, mut held) = (Box::new(writer).write(vec![]), vec![], 0);
    let (mut syncing, mut synced): (Option<JoinHandle<std::io::Result<()>>>, _) = (None, 0);
    while let Some(chunk) = content.next().await {
        let chunk = chunk.map_err(Into::into)?;
        attempt.moved(chunk.len());
        held += chunk.len();
        block.push(chunk);
        if held >= BLOCK {
            let writer = back(writing).await.map_err(|e| part.failed(e))?;
            (writing, held) = (writer.write(std::mem::take(&mut block)), 0);
            if attempt.bytes() >= synced + SYNC && syncing.as_ref().is_none_or(JoinHandle::is_finished) {
                // The system tells of a failure once, so it must not be told to nobody.
                if let Some(done) = syncing.take() {
                    back(done).await.map_err(|e| part.failed(e))?;
                }
                let file = part.reopen()?;
                (syncing, synced) = (Some(spawn_blocking(move || file.sync_data())), attempt.bytes());
            }
        }
    }
    let writer = back(writing).await.map_err(|e| part.failed(e))?;
    let writer = back(writer.write(block)).await.map_err(|e| part.failed(e))?;
    if let Some(done) = syncing {
        back(done).await.map_err(|e| part.failed(e))?;
    }
    let Writer { hasher, sum, .. } = *writer;
    part.finish(attempt.bytes(), length, sum).await?;
    attempt.whole();
    digest.set(hasher.finalize());
    Ok(attempt.bytes())
}

/// Writes a file from its first byte to its last, and hashes it.
struct Writer {
    file: std::fs::File,
    hasher: blake3::Hasher,
    /// The hash that somebody promised, as it is made.
    sum: Option<Hasher>,
}

impl Writer {
    fn write(mut self: Box<Self>, block: Vec<Bytes>) -> JoinHandle<std::io::Result<Box<Self>>> {
        spawn_blocking(move || {
            for chunk in block {
                self.file.write_all(&chunk)?;
                self.hasher.update(&chunk);
                if let Some(sum) = &mut self.sum {
                    sum.update(&chunk);
                }
            }
            Ok(self)
        })
    }
}

/// A file on its way down, which appears at its target only when all of it is on the disk.
///
/// What breaks off leaves nothing behind: the bytes go to a file with a hidden name beside the target, which is removed
/// if this is dropped.
pub(super) struct Part<'t> {
    file: tempfile::NamedTempFile,
    target: &'t Target,
}

impl<'t> Part<'t> {
    pub(super) fn begin(target: &'t Target) -> Result<Self> {
        let folder = local::make_parent(&target.path)?;
        let file = part::make(folder).map_err(|e| Error::io(folder, e))?;
        Ok(Self { file, target })
    }

    /// The file, to be written from here on; it is flushed by who writes.
    pub(super) async fn from(&self, offset: u64) -> Result<File> {
        let mut file = File::from_std(self.reopen()?);
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).await.map_err(|e| self.failed(e))?;
        }
        Ok(file)
    }

    pub(super) fn reopen(&self) -> Result<std::fs::File> {
        self.file.reopen().map_err(|e| self.failed(e))
    }

    /// What the file system's error on this file is to the caller.
    pub(super) fn failed(&self, error: std::io::Error) -> Error {
        Error::io(&self.target.path, error)
    }

    /// Puts it in its place, if as many bytes came as were announced, and have the hash that was promised.
    pub(super) async fn finish(self, came: u64, length: Option<u64>, sum: Option<Hasher>) -> Result<()> {
        if let Some(length) = length.filter(|length| *length != came) {
            let message = format!("{came} of {length} bytes came");
            return Err(Error::new(Kind::Unavailable, message.clone()).with_source(middleware::Error::body(message)));
        }
        if let (Some(promised), Some(sum)) = (&self.target.sum, sum) {
            promised.compare(&sum.hex())?;
        }
        self.from(0).await?.sync_data().await.map_err(|e| self.failed(e))?;
        let Self { file, target: Target { path, overwrite, modified, .. } } = self;
        if let Some(modified) = modified {
            file.as_file().set_modified(*modified).map_err(|e| Error::io(path, e))?;
        }
        let kept = if *overwrite { file.persist(path) } else { file.persist_noclobber(path) };
        match kept {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => {
                // Another process was faster; what it brought may be the same.
                if let Some(sum) = &self.target.sum
                    && sum.algorithm.of_file(path).await.is_ok_and(|found| sum.compare(&found).is_ok())
                {
                    return Ok(());
                }
                let message = "it is there already; say that it may be overwritten, or choose another place";
                Err(Error::new(Kind::Conflict, message).about(path.display().to_string()))
            }
            Err(e) => Err(Error::io(path, e.error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::checksum::Algorithm;

    fn chunks(texts: &[&'static str]) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        stream::iter(texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect::<Vec<_>>())
    }

    fn to(path: &Path, overwrite: bool) -> Target {
        Target { path: path.to_owned(), overwrite, modified: None, sum: None }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = (folder.path().join("a/b.txt"), Progress::new());
        let digest = Digest::default();
        let modified = Some(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000));
        let target = Target { modified, ..to(&path, false) };
        assert_eq!(save(chunks(&["ab", "c"]), Some(3), &target, &progress, &digest).await.unwrap(), 3);
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");
        assert_eq!(digest.take(), Some(blake3::hash(b"abc")));
        assert_eq!(std::fs::metadata(&path).unwrap().modified().ok(), modified);

        let short = save(chunks(&["ab"]), Some(3), &to(&folder.path().join("c"), false), &progress, &Digest::default())
            .await
            .unwrap_err();
        assert!(short.to_string().contains("2 of 3 bytes"));
        let broken = chunks(&["ab"]).chain(stream::iter([Err(Error::new(Kind::Unavailable, "gone"))]));
        assert!(save(broken, None, &to(&folder.path().join("d"), false), &progress, &Digest::default()).await.is_err());
        assert_eq!(names(folder.path()), ["a"]);
        assert_eq!(progress.snapshot().bytes_done, 3);
    }

    #[tokio::test]
    async fn a_content_with_another_hash_than_was_promised_never_appears() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = (folder.path().join("a"), Progress::new());
        let hex = "900150983cd24fb0d6963f7d28e17f72".to_owned();
        let target = Target { sum: Some(Checksum { algorithm: Algorithm::Md5, hex }), ..to(&path, false) };
        let wrong = save(chunks(&["ab", "d"]), Some(3), &target, &progress, &Digest::default()).await.unwrap_err();
        assert_eq!(wrong.kind(), Kind::Conflict);
        assert!(names(folder.path()).is_empty());
        assert_eq!(progress.snapshot().bytes_done, 0);
        save(chunks(&["ab", "c"]), Some(3), &target, &progress, &Digest::default()).await.unwrap();
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[tokio::test]
    async fn a_dropped_download_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = (folder.path().join("a"), Progress::new());
        let endless = chunks(&["ab"]).chain(stream::pending());
        {
            let (target, digest) = (to(&path, false), Digest::default());
            let saving = std::pin::pin!(save(endless, None, &target, &progress, &digest));
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
        let refused = save(chunks(&["new"]), None, &to(&path, false), &progress, &Digest::default()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Conflict);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        save(chunks(&["new"]), None, &to(&path, true), &progress, &Digest::default()).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[tokio::test]
    async fn a_source_gives_the_file_each_time_and_counts_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![7; 200_000]).unwrap();
        let file = LocalFile::look(&path, "a").unwrap();
        let (progress, digest) = (Progress::new(), Digest::default());
        let body = source(&file, &progress, &digest);
        let again = body.try_clone().unwrap();
        assert_eq!(body.collect(1 << 20).await.unwrap().len(), 200_000);
        assert_eq!(again.collect(1 << 20).await.unwrap().len(), 200_000);
        assert_eq!(progress.snapshot().bytes_done, 400_000, "two whole attempts were asked for");
        assert_eq!(digest.take(), Some(hash(&file.path).await.unwrap()));

        std::fs::write(&file.path, "short").unwrap();
        let failed = source(&file, &progress, &digest).collect(1 << 20).await.unwrap_err();
        assert!(format!("{:?}", std::error::Error::source(&failed)).contains("shorter"), "{failed:?}");
    }
}
