//! Large content from elsewhere, in ranges at once: what a link that is good for a while leads to.

use std::fs::File;

use blake3::hazmat::{self, ChainingValue, HasherExt as _};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Response;
use tokio::{
    io::AsyncWriteExt as _,
    sync::Mutex,
    task::{JoinHandle, spawn_blocking},
};
use url::Url;

use super::{
    Digest, Progress, TRIES, Target, again,
    checksum::Hasher,
    file::{Part, back, save},
    pause,
    progress::Attempt,
};
use crate::{Error, Result, error::answer_error};

/// The bytes asked for at once. A power of two, so that each range is a whole subtree of blake3's.
const RANGE: u64 = 8 << 20;

/// Ranges of one file on their way at once.
const AT_ONCE: usize = 4;

/// A range that breaks off is asked for again from where it was; this much nearer to its end, the count begins anew.
const GAIN: u64 = 1 << 20;

/// A content, and how it is come by.
pub(crate) trait Remote: Sync {
    /// Asks where it is to be had now.
    fn find(&self) -> impl Future<Output = Result<Found>> + Send;

    /// Follows a link; any answer will do.
    fn follow(&self, link: &Url, headers: HeaderMap) -> impl Future<Output = Result<Response>> + Send;
}

/// Where a content is to be had.
pub(crate) enum Found {
    /// Just here.
    Here(Response),
    /// Behind a link that is good for a while.
    There(Url),
}

/// The links to one content, one at a time.
pub(crate) struct Links<R> {
    remote: R,
    link: Mutex<Option<Url>>,
}

impl<R: Remote> Links<R> {
    /// `first` is the link that is at hand.
    pub(crate) fn new(remote: R, first: Option<Url>) -> Self {
        Self { remote, link: Mutex::new(first) }
    }

    /// The answer behind the link; behind a new one if it is no longer good.
    async fn ask(&self, headers: HeaderMap) -> Result<Response> {
        let mut refused = None;
        for tried in 1.. {
            let link = match self.other_than(refused.as_ref()).await? {
                Found::Here(answer) => return Ok(answer),
                Found::There(link) => link,
            };
            let answer = self.remote.follow(&link, headers.clone()).await?;
            // A new link that is refused too is so for another reason, unless its time was that short.
            let old = tried == 1 || (tried < TRIES && good_until(&link).is_some_and(|until| until <= Utc::now()));
            if answer.status() != StatusCode::FORBIDDEN || !old {
                return Ok(answer);
            }
            tracing::debug!("the link is no longer good");
            refused = Some(link);
        }
        unreachable!("the last try returns")
    }

    /// The link that all share; a new one, asked for once, in place of the one that was refused.
    async fn other_than(&self, refused: Option<&Url>) -> Result<Found> {
        let mut link = self.link.lock().await;
        if let Some(link) = &*link
            && Some(link) != refused
        {
            return Ok(Found::There(link.clone()));
        }
        let found = self.remote.find().await?;
        if let Found::There(new) = &found {
            *link = Some(new.clone());
        }
        Ok(found)
    }
}

/// When a link ends, as it tells itself.
pub(crate) fn good_until(link: &Url) -> Option<DateTime<Utc>> {
    let value = |name: &str| link.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    if let (Some(at), Some(seconds)) = (value("X-Amz-Date"), value("X-Amz-Expires")) {
        let at = NaiveDateTime::parse_from_str(&at, "%Y%m%dT%H%M%SZ").ok()?.and_utc();
        return at.checked_add_signed(TimeDelta::try_seconds(seconds.parse().ok()?)?);
    }
    DateTime::from_timestamp(value("Expires")?.parse().ok()?, 0)
}

/// Fetches a content to its target; it is checked against the size that was `listed`, if it was.
pub(crate) async fn fetch<R: Remote>(
    links: &Links<R>,
    listed: Option<u64>,
    target: &Target,
    progress: &Progress,
    digest: &Digest,
) -> Result<u64> {
    if listed.is_none_or(|size| size > RANGE) {
        for tried in 1..TRIES {
            match in_ranges(links, listed, target, progress, digest).await {
                Ok(bytes) => return Ok(bytes),
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::NoRanges) => break,
                Err(Stop::Changed) => tracing::debug!("it was changed while it was fetched, which begins anew"),
            }
            pause(tried).await;
        }
    }
    let attempt = || async {
        let answer = links.ask(HeaderMap::new()).await?;
        match answer.status() {
            StatusCode::OK => stream(answer, listed, target, progress, digest).await,
            _ => Err(answer_error(answer).await),
        }
    };
    again(attempt).await
}

async fn stream(
    answer: Response,
    listed: Option<u64>,
    target: &Target,
    progress: &Progress,
    digest: &Digest,
) -> Result<u64> {
    let length = listed.or(answer.content_length());
    let chunks = answer.bytes_stream().map_err(middleware::Error::from_reqwest);
    save(chunks, length, target, progress, digest).await
}

/// Why ranges came to nothing.
enum Stop {
    /// They are parts of different contents.
    Changed,
    /// There are none to be had; one stream has to do.
    NoRanges,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

async fn in_ranges<R: Remote>(
    links: &Links<R>,
    listed: Option<u64>,
    target: &Target,
    progress: &Progress,
    digest: &Digest,
) -> Result<u64, Stop> {
    let first = links.ask(asking(0, RANGE, None)).await?;
    let streamed = match (first.status(), span(&first)) {
        (StatusCode::OK, _) => true,
        (StatusCode::PARTIAL_CONTENT, Some((0, to, size))) => to == size,
        (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _) => return Err(Stop::NoRanges),
        _ => return Err(answer_error(first).await.into()),
    };
    if streamed {
        return match stream(first, listed, target, progress, digest).await {
            Err(error) if error.broke_off() => Err(Stop::NoRanges),
            done => Ok(done?),
        };
    }
    let (Some((0, RANGE, size)), Some(tag)) = (span(&first), strong_tag(&first)) else { return Err(Stop::NoRanges) };
    let content = Content { links, part: Part::begin(target)?, size, tag };
    let mut first = Some(first);
    let ranges = stream::iter((0..size).step_by(RANGE as usize));
    let (mut attempts, mut nodes): (Vec<Attempt>, Vec<_>) = (vec![], vec![]);
    let mut sum = None;
    {
        let fetched = ranges.map(|from| content.range(from, first.take(), progress.attempt()));
        let mut fetched = std::pin::pin!(fetched.buffered(AT_ONCE));
        let mut front = match &target.sum {
            Some(sum) => Some(Front::begin(content.part.reopen()?, sum.algorithm.begin())),
            None => None,
        };
        while let Some((attempt, node)) = fetched.try_next().await? {
            if let Some(it) = front.take() {
                front = Some(it.follow(attempt.bytes()).await.map_err(|e| content.part.failed(e))?);
            }
            attempts.push(attempt);
            nodes.push(node);
        }
        if let Some(front) = front {
            sum = Some(front.end().await.map_err(|e| content.part.failed(e))?);
        }
    }
    let came = attempts.iter().map(Attempt::bytes).sum();
    content.part.finish(came, Some(listed.unwrap_or(size)), sum).await?;
    attempts.iter_mut().for_each(Attempt::whole);
    digest.set(hash(&nodes));
    Ok(came)
}

/// Hashes a file behind those who write it: its ranges come in any order, and most hashes want the bytes in theirs. What
/// it reads was written a moment ago, so no disk is asked.
struct Front(JoinHandle<std::io::Result<(File, Hasher)>>);

impl Front {
    fn begin(file: File, hasher: Hasher) -> Self {
        Self(spawn_blocking(|| Ok((file, hasher))))
    }

    /// The next `length` bytes are there; it is waited for those before them alone.
    async fn follow(self, length: u64) -> std::io::Result<Self> {
        let (file, mut hasher) = back(self.0).await?;
        Ok(Self(spawn_blocking(move || {
            hasher.read_next(&file, length)?;
            Ok((file, hasher))
        })))
    }

    async fn end(self) -> std::io::Result<Hasher> {
        Ok(back(self.0).await?.1)
    }
}

/// A content that is fetched in ranges.
struct Content<'a, R> {
    links: &'a Links<R>,
    part: Part<'a>,
    size: u64,
    tag: HeaderValue,
}

impl<R: Remote> Content<'_, R> {
    /// Writes one range, of which an answer may be at hand, and gives what it is in the hash of all.
    async fn range(
        &self,
        from: u64,
        mut answer: Option<Response>,
        mut attempt: Attempt,
    ) -> Result<(Attempt, ChainingValue), Stop> {
        let to = self.size.min(from + RANGE);
        let mut file = self.part.from(from).await?;
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(from);
        let (mut at, mut mark, mut tried) = (from, from, 0);
        loop {
            let asked = match answer.take() {
                Some(answer) => Ok(answer),
                None => self.ask(at, to).await,
            };
            let broke = match asked {
                Ok(answer) => {
                    let mut chunks = answer.bytes_stream().map_err(middleware::Error::from_reqwest);
                    loop {
                        match chunks.try_next().await {
                            Ok(Some(chunk)) if chunk.len() as u64 <= to - at => {
                                file.write_all(&chunk).await.map_err(|e| self.part.failed(e))?;
                                hasher.update(&chunk);
                                attempt.moved(chunk.len());
                                at += chunk.len() as u64;
                            }
                            Ok(Some(_)) => return Err(Stop::Changed),
                            Ok(None) => break Error::from(middleware::Error::body("it ended too early")),
                            Err(error) => break error.into(),
                        }
                    }
                }
                Err(Stop::Failed(error)) if error.broke_off() => error,
                Err(stop) => return Err(stop),
            };
            if at == to {
                file.flush().await.map_err(|e| self.part.failed(e))?;
                return Ok((attempt, hasher.finalize_non_root()));
            }
            if at >= mark + GAIN {
                (mark, tried) = (at, 0);
            }
            tried += 1;
            if !broke.broke_off() || tried == TRIES {
                return Err(broke.into());
            }
            tracing::debug!(error = %broke, at, "a range broke off");
            pause(tried).await;
        }
    }

    async fn ask(&self, from: u64, to: u64) -> Result<Response, Stop> {
        let answer = self.links.ask(asking(from, to, Some(&self.tag))).await?;
        match answer.status() {
            StatusCode::PARTIAL_CONTENT
                if span(&answer) == Some((from, to, self.size)) && strong_tag(&answer).as_ref() == Some(&self.tag) =>
            {
                Ok(answer)
            }
            StatusCode::OK
            | StatusCode::PARTIAL_CONTENT
            | StatusCode::PRECONDITION_FAILED
            | StatusCode::RANGE_NOT_SATISFIABLE => Err(Stop::Changed),
            _ => Err(answer_error(answer).await.into()),
        }
    }
}

/// What asks for the bytes from `from` to before `to`, if they are still of the content with this tag.
fn asking(from: u64, to: u64, tag: Option<&HeaderValue>) -> HeaderMap {
    let range = HeaderValue::try_from(format!("bytes={from}-{}", to - 1)).expect("numbers");
    let mut headers = HeaderMap::from_iter([(header::RANGE, range)]);
    headers.extend(tag.map(|tag| (header::IF_RANGE, tag.clone())));
    headers
}

/// What an answer is of: its first byte, the one after its last, and the size of the whole.
fn span(answer: &Response) -> Option<(u64, u64, u64)> {
    let told = answer.headers().get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, size) = told.split_once('/')?;
    let (from, last) = range.split_once('-')?;
    let (from, last, size) = (from.parse().ok()?, last.parse::<u64>().ok()?, size.parse().ok()?);
    (from <= last && last < size).then_some((from, last + 1, size))
}

/// The tag of a content, if it says that equal tags are equal bytes.
fn strong_tag(answer: &Response) -> Option<HeaderValue> {
    answer.headers().get(header::ETAG).filter(|tag| tag.as_bytes().starts_with(b"\"")).cloned()
}

/// The hash of a content, of what its ranges are in it: more than one, all but the last of the same size.
fn hash(ranges: &[ChainingValue]) -> blake3::Hash {
    fn node(ranges: &[ChainingValue]) -> ChainingValue {
        match ranges {
            [one] => *one,
            _ => {
                let (left, right) = halves(ranges);
                hazmat::merge_subtrees_non_root(&node(left), &node(right), hazmat::Mode::Hash)
            }
        }
    }
    // The left half of each tree is the largest that is full.
    fn halves(ranges: &[ChainingValue]) -> (&[ChainingValue], &[ChainingValue]) {
        ranges.split_at(ranges.len().next_power_of_two() / 2)
    }
    let (left, right) = halves(ranges);
    hazmat::merge_subtrees_root(&node(left), &node(right), hazmat::Mode::Hash)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use bytes::Bytes;

    use super::*;
    use crate::transfer::checksum::{Algorithm, Checksum};

    #[test]
    fn the_hash_of_ranges_is_that_of_the_whole() {
        let content: Vec<u8> = (0..7_u32 << 14).flat_map(u32::to_le_bytes).collect();
        for length in [(64 << 10) + 1, 128 << 10, (128 << 10) + 1, 200_000, 300_000, content.len()] {
            let nodes: Vec<_> = content[..length]
                .chunks(64 << 10)
                .enumerate()
                .map(|(n, chunk)| {
                    blake3::Hasher::new().set_input_offset(n as u64 * (64 << 10)).update(chunk).finalize_non_root()
                })
                .collect();
            assert_eq!(hash(&nodes), blake3::hash(&content[..length]), "{length}");
        }
    }

    #[test]
    fn a_link_tells_when_it_ends() {
        let until =
            |query: &str| good_until(&format!("https://h/b/k?{query}").parse().unwrap()).map(|it| it.timestamp());
        assert_eq!(until("X-Amz-Date=20261121T080000Z&X-Amz-Expires=60&X-Amz-Signature=x"), Some(1_795_248_060));
        assert_eq!(until("AWSAccessKeyId=a&Expires=1795248000&Signature=x"), Some(1_795_248_000));
        for none in ["", "X-Amz-Date=now&X-Amz-Expires=60", "X-Amz-Date=20261121T080000Z&X-Amz-Expires=x", "Expires="] {
            assert_eq!(until(none), None, "{none}");
        }
    }

    fn answer(headers: &[(&'static str, &'static str)]) -> Response {
        let mut answer = http::Response::new("");
        for (name, value) in headers {
            answer.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        answer.into()
    }

    #[test]
    fn what_a_range_is_of_is_read_or_not_believed() {
        let of = |told| span(&answer(&[("content-range", told)]));
        assert_eq!(of("bytes 0-7/9"), Some((0, 8, 9)));
        for wrong in ["bytes 0-9/9", "bytes 5-4/9", "bytes 0-7/*", "bytes */9", "0-7/9", "bytes -7/9"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        assert_eq!(strong_tag(&answer(&[("etag", "W/\"a\"")])), None);
        assert_eq!(strong_tag(&answer(&[("etag", "\"a\"")])), Some(HeaderValue::from_static("\"a\"")));
    }

    /// Answers as it is told: by how many requests came before, the link's number and the headers.
    struct Fake<F> {
        answer: F,
        asked: AtomicUsize,
        links: AtomicUsize,
    }

    impl<F: Fn(usize, usize, &HeaderMap) -> http::Response<Bytes> + Sync> Remote for &Fake<F> {
        async fn find(&self) -> Result<Found> {
            let n = self.links.fetch_add(1, Relaxed);
            Ok(Found::There(format!("https://h/{n}").parse().unwrap()))
        }

        async fn follow(&self, link: &Url, headers: HeaderMap) -> Result<Response> {
            tokio::task::yield_now().await;
            let link = link.path().trim_start_matches('/').parse().unwrap();
            Ok((self.answer)(self.asked.fetch_add(1, Relaxed), link, &headers).into())
        }
    }

    /// As a server with ranges has it, with this tag.
    fn serve(content: &Bytes, tag: &'static str, asked: &HeaderMap) -> http::Response<Bytes> {
        let text = |name| asked.get(name).and_then(|it| it.to_str().ok());
        let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|it| it == tag));
        let mut answer = match range.map(|it| it.strip_prefix("bytes=").unwrap().split_once('-').unwrap()) {
            None => http::Response::new(content.clone()),
            Some((from, last)) => {
                let (from, last): (usize, usize) = (from.parse().unwrap(), last.parse().unwrap());
                let last = last.min(content.len() - 1);
                let mut answer = http::Response::new(content.slice(from..=last));
                *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
                let told = format!("bytes {from}-{last}/{}", content.len());
                answer.headers_mut().insert(header::CONTENT_RANGE, told.try_into().unwrap());
                answer
            }
        };
        if !tag.is_empty() {
            answer.headers_mut().insert(header::ETAG, HeaderValue::from_static(tag));
        }
        answer
    }

    fn status(status: StatusCode) -> http::Response<Bytes> {
        let mut answer = http::Response::default();
        *answer.status_mut() = status;
        answer
    }

    fn content(of: u8) -> Bytes {
        let mut content = vec![of; 3 * RANGE as usize + 5];
        content.iter_mut().step_by(1000).enumerate().for_each(|(n, byte)| *byte = n as u8);
        content.into()
    }

    /// What came of it, how many requests it took, and how many links.
    async fn run<F>(answer: F) -> (Result<Vec<u8>>, usize, usize)
    where
        F: Fn(usize, usize, &HeaderMap) -> http::Response<Bytes> + Sync,
    {
        run_checked(answer, None).await
    }

    async fn run_checked<F>(answer: F, sum: Option<Checksum>) -> (Result<Vec<u8>>, usize, usize)
    where
        F: Fn(usize, usize, &HeaderMap) -> http::Response<Bytes> + Sync,
    {
        let folder = tempfile::tempdir().unwrap();
        let target = Target { path: folder.path().join("a"), overwrite: false, modified: None, sum };
        let fake = Fake { answer, asked: AtomicUsize::new(0), links: AtomicUsize::new(0) };
        let (progress, digest) = (Progress::new(), Digest::default());
        let fetched = fetch(&Links::new(&fake, None), None, &target, &progress, &digest).await;
        let came = fetched.map(|bytes| {
            let came = std::fs::read(&target.path).unwrap();
            assert_eq!((bytes, progress.snapshot().bytes_done), (came.len() as u64, came.len() as u64));
            assert_eq!(digest.take(), Some(blake3::hash(&came)));
            came
        });
        let left = usize::from(came.is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), left, "nothing else is left");
        (came, fake.asked.into_inner(), fake.links.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn ranges_are_put_together() {
        let whole = content(1);
        let (came, asked, links) = run(|_, _, asked| serve(&whole, "\"a\"", asked)).await;
        assert!(came.unwrap() == whole);
        assert_eq!((asked, links), (4, 1));
        for small in [Bytes::new(), whole.slice(..1), whole.slice(..RANGE as usize)] {
            let answer = |_: usize, _: usize, asked: &HeaderMap| match small.len() {
                0 if asked.contains_key(header::RANGE) => status(StatusCode::RANGE_NOT_SATISFIABLE),
                _ => serve(&small, "\"a\"", asked),
            };
            let (came, asked, _) = run(answer).await;
            assert!(came.unwrap() == small);
            assert_eq!(asked, if small.is_empty() { 2 } else { 1 });
        }
    }

    #[tokio::test]
    async fn ranges_are_hashed_in_the_order_of_their_bytes() {
        let whole = content(1);
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            let mut hasher = algorithm.begin();
            hasher.update(&whole);
            let sum = Checksum { algorithm, hex: hasher.hex() };
            let (came, asked, _) = run_checked(|_, _, asked| serve(&whole, "\"a\"", asked), Some(sum.clone())).await;
            assert!(came.unwrap() == whole && asked == 4);
            let mut broken = whole.to_vec();
            broken[2 * RANGE as usize + 7] ^= 1;
            let broken = Bytes::from(broken);
            let (came, ..) = run_checked(|_, _, asked| serve(&broken, "\"a\"", asked), Some(sum)).await;
            assert_eq!(came.unwrap_err().kind(), crate::Kind::Conflict);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_ranges_or_a_tag_one_stream_has_to_do() {
        let whole = content(1);
        let (came, asked, _) = run(|_, _, _| serve(&whole, "\"a\"", &HeaderMap::new())).await;
        assert!(came.unwrap() == whole && asked == 1);
        for tag in ["", "W/\"a\""] {
            let (came, asked, _) = run(|_, _, asked| serve(&whole, tag, asked)).await;
            assert!(came.unwrap() == whole && asked == 2, "{tag}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_begins_anew() {
        let (old, new) = (content(1), content(2));
        for keeps_conditions in [true, false] {
            let answer = |n: usize, _: usize, asked: &HeaderMap| {
                let mut asked = asked.clone();
                if !keeps_conditions {
                    asked.remove(header::IF_RANGE);
                }
                if n < 2 { serve(&old, "\"old\"", &asked) } else { serve(&new, "\"new\"", &asked) }
            };
            assert!(run(answer).await.0.unwrap() == new);
        }
        // One that is never twice the same comes as one stream.
        let tags = ["\"0\"", "\"1\"", "\"2\"", "\"3\"", "\"4\""];
        let (came, asked, _) = run(|n, _, asked| serve(&old, tags[n % 5], asked)).await;
        assert!(came.unwrap() == old && asked < 25, "{asked}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_range_that_was_not_asked_for_is_not_taken() {
        let whole = content(1);
        let answer = |n: usize, _: usize, asked: &HeaderMap| {
            let mut answer = serve(&whole, "\"a\"", asked);
            if n > 0 && answer.status() == StatusCode::PARTIAL_CONTENT {
                let told = HeaderValue::from_static("bytes 0-8388607/25165829");
                answer.headers_mut().insert(header::CONTENT_RANGE, told);
            }
            answer
        };
        let (came, asked, _) = run(answer).await;
        assert!(came.unwrap() == whole && asked < 25, "{asked}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_range_that_breaks_off_goes_on_from_where_it_was() {
        let whole = content(1);
        let sent = AtomicUsize::new(0);
        let answer = |n: usize, _: usize, asked: &HeaderMap| {
            let answer = serve(&whole, "\"a\"", asked);
            // Two million bytes of each range, and then it ends.
            let cut = if n % 5 == 4 { 0 } else { 2_000_000 };
            let answer = answer.map(|body| body.slice(..body.len().min(cut)));
            sent.fetch_add(answer.body().len(), Relaxed);
            answer
        };
        let (came, ..) = run(answer).await;
        assert!(came.unwrap() == whole);
        assert_eq!(sent.into_inner(), whole.len(), "nothing twice");
        let (came, asked, _) = run(|n, _, asked| {
            let answer = serve(&whole, "\"a\"", asked);
            if n < 4 { answer } else { answer.map(|_| Bytes::new()) }
        })
        .await;
        assert!(came.is_ok(), "four answers are all it takes: {asked}");
        let (came, asked, _) = run(|_, _, asked| serve(&whole, "\"a\"", asked).map(|_| Bytes::new())).await;
        assert!(came.unwrap_err().is_retryable() && asked <= 4 * TRIES as usize, "{asked}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_that_is_over_is_renewed_once_for_all() {
        let whole = content(1);
        let answer = |n: usize, link: usize, asked: &HeaderMap| match (n, link) {
            (0, 0) | (_, 1) => serve(&whole, "\"a\"", asked),
            _ => status(StatusCode::FORBIDDEN),
        };
        let (came, asked, links) = run(answer).await;
        assert!(came.unwrap() == whole);
        // The first, then one to three that are refused before the new link is there, and the rest again.
        assert!((1 + 1 + 3..=1 + 3 + 3).contains(&asked) && links == 2, "{asked} {links}");
        let (came, _, links) = run(|_, _, _| status(StatusCode::FORBIDDEN)).await;
        assert_eq!((came.unwrap_err().kind(), links), (crate::Kind::Forbidden, 2));
    }
}
