//! A form of one file (`multipart/form-data`, RFC 7578), written around a body that is neither copied nor held.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderValue, header};
use http_body::Body as _;
use middleware::{Body, Request};

/// The one part of a form: a file.
#[derive(Debug)]
pub struct FilePart {
    name: String,
    content: Body,
}

impl FilePart {
    /// `name` is what the server may call the file; `content` its bytes. A content that can be read again
    /// ([`Body::source`]) makes a form that can be sent again.
    pub fn new(name: impl Into<String>, content: Body) -> Self {
        Self { name: name.into(), content }
    }

    /// Makes the part, as field `file`, the body of `request`. Its length is announced where the content's is known.
    pub(crate) fn put_into(self, request: &mut Request) {
        let boundary = format!("whimbrel-{}", uuid::Uuid::new_v4().simple());
        let media = format!("multipart/form-data; boundary={boundary}");
        let media = HeaderValue::try_from(media).expect("plain characters");
        request.headers_mut().insert(header::CONTENT_TYPE, media);
        // As browsers do (WHATWG, "multipart/form-data encoding algorithm").
        let name = self.name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        *request.body_mut() = wrap(head.into(), self.content, format!("\r\n--{boundary}--\r\n").into());
    }
}

fn wrap(head: Bytes, content: Body, tail: Bytes) -> Body {
    let length = content.size_hint().exact().map(|length| head.len() as u64 + length + tail.len() as u64);
    let around = move |content: Body| {
        let chunk = |bytes: &Bytes| stream::iter([Ok::<_, middleware::Error>(bytes.clone())]);
        let content = http_body_util::BodyDataStream::new(content).into_stream();
        reqwest::Body::wrap_stream(chunk(&head).chain(content).chain(chunk(&tail)))
    };
    match content.try_clone() {
        Some(again) => {
            // Cloned for each attempt, so what is behind it must be reached by many threads, if never at once.
            let again = std::sync::Mutex::new(again);
            Body::source(length, move || {
                let content = again.lock().unwrap_or_else(std::sync::PoisonError::into_inner).try_clone();
                around(content.expect("it could be cloned before"))
            })
        }
        None => around(content).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(content: Body) -> Request {
        let mut request = Request::new(Body::empty());
        FilePart::new("a \"b\".txt", content).put_into(&mut request);
        request
    }

    #[tokio::test]
    async fn a_form_has_its_exact_length_and_can_be_sent_again() {
        let request = form(Bytes::from_static(b"hello").into());
        let length = request.body().size_hint().exact().unwrap();
        let again = request.body().try_clone().unwrap();
        let text = request.into_body().collect(1 << 16).await.unwrap();
        assert_eq!(text.len() as u64, length);
        assert_eq!(again.collect(1 << 16).await.unwrap(), text);
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert!(text.contains("name=\"file\"; filename=\"a %22b%22.txt\""), "{text}");
        assert!(text.contains("\r\n\r\nhello\r\n--whimbrel-"), "{text}");
    }

    #[tokio::test]
    async fn a_stream_stays_a_stream() {
        let chunks = stream::iter([Ok::<_, std::io::Error>("hel"), Ok("lo")]);
        let request = form(reqwest::Body::wrap_stream(chunks).into());
        assert!(request.body().try_clone().is_none());
        assert!(request.body().size_hint().exact().is_none());
    }
}
