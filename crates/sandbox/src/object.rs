//! What a storage holds, as S3 gives it.

use std::path::Path;

use bytes::BytesMut;
use futures::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::{
    answer::{Answer, empty},
    signed::refused,
};

/// What is stored, as S3 gives it: with its `ETag`, and as much of it as the headers ask for. All is of the file that is
/// opened: by now another may have been put in the place of the one that was seen.
pub(crate) async fn file(place: &Path, asked: &HeaderMap) -> std::io::Result<Answer> {
    let file = tokio::fs::File::open(place).await?;
    let seen = file.metadata().await?;
    let (size, changed) = (seen.len(), seen.modified()?);
    let version = format!("{}\n{size}\n{changed:?}", place.display());
    let tag = format!("\"{}\"", &blake3::hash(version.as_bytes()).to_hex()[..32]);
    let is_other = |condition| asked.get(condition).is_some_and(|it| it != "*" && *it != tag);
    if is_other(header::IF_MATCH) {
        return Ok(refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", "It has changed"));
    }
    let range = asked.get(header::RANGE).filter(|_| !is_other(header::IF_RANGE)).and_then(|it| it.to_str().ok());
    let mut answer = match range.map_or(Ok(None), |range| span(range, size)) {
        Ok(span) => content(file, size, span).await,
        Err(told) => {
            let mut answer = refused(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "The range has no byte of it");
            answer.headers_mut().insert(header::CONTENT_RANGE, told);
            return Ok(answer);
        }
    };
    let headers = answer.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hex"));
    headers.insert(header::LAST_MODIFIED, HeaderValue::try_from(httpdate::fmt_http_date(changed)).expect("a date"));
    Ok(answer)
}

/// The first and the last byte that a `Range` asks for; `None` if it is to be ignored, as one of many parts is. The error
/// is what to say when it has none of the bytes.
fn span(range: &str, size: u64) -> Result<Option<(u64, u64)>, HeaderValue> {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|it| it.split_once('-')) else { return Ok(None) };
    let (from, to) = match (from, from.parse(), to, to.parse()) {
        (_, Ok(from), _, Ok(to)) if from <= to => (from, to),
        (_, Ok(from), "", _) => (from, u64::MAX),
        ("", _, _, Ok(last)) => (size.saturating_sub(last), u64::MAX),
        _ => return Ok(None),
    };
    if from >= size {
        return Err(HeaderValue::try_from(format!("bytes */{size}")).expect("a number"));
    }
    Ok(Some((from, to.min(size - 1))))
}

/// A file's content, or this part of it.
pub(crate) async fn content(mut file: tokio::fs::File, size: u64, range: Option<(u64, u64)>) -> Answer {
    let (from, length) = range.map_or((0, size), |(from, to)| (from, to - from + 1));
    if from > 0 && file.seek(std::io::SeekFrom::Start(from)).await.is_err() {
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = BytesMut::with_capacity(left.min(64 << 10) as usize);
        let n = (&mut file).take(left).read_buf(&mut chunk).await?;
        if n == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        Ok(Some((Frame::data(chunk.freeze()), (file, left - n as u64))))
    });
    let mut answer = Answer::new(StreamBody::new(chunks).boxed_unsync());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Some((from, to)) = range {
        let told = format!("bytes {from}-{to}/{size}");
        headers.insert(header::CONTENT_RANGE, HeaderValue::try_from(told).expect("numbers"));
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    answer
}
