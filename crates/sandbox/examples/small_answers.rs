//! A server that gives one small answer, a dataset's readme, to whatever it is asked, on one thread and as fast as it can:
//! what is measured against it is the client. Prints its URL, and runs until its input ends.

#![allow(clippy::print_stdout, reason = "it tells where it is")]

use std::convert::Infallible;

use http::{HeaderValue, Response, header};
use http_body_util::Full;
use hyper::{body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;

const ANSWER: &str = r#"{"readme":"---\ndescription: wear of a steel shaft\nproject: turbine 7\ncreator: Ada Example\nsample: S-000042\ntemperature: 293.15\n"}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let answer = service_fn(async |_| {
                let mut answer = Response::new(Full::new(Bytes::from_static(ANSWER.as_bytes())));
                answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Ok::<_, Infallible>(answer)
            });
            // A client that goes away is no failure.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
