//! A way that takes time: what loopback lacks of a network.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use anyhow::Result;

/// The URL at which the server at `url` is reached after `delay`. It is there until the process ends.
///
/// Each piece of a request waits that long, and answers do not: a round trip is `delay` longer. Who sends request upon request
/// without waiting for answers would see more; HTTP clients do not.
pub(super) fn behind(url: &str, delay: Duration) -> Result<String> {
    let server = url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let here = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(&server) else { return };
            let ends = client.try_clone().and_then(|it| Ok((it, server.try_clone()?)));
            let Ok((client_end, server_end)) = ends else { return };
            thread::spawn(move || pass(client, server, delay));
            thread::spawn(move || pass(server_end, client_end, Duration::ZERO));
        }
    });
    Ok(here)
}

/// Until one of them ends; then the other one is told.
fn pass(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let mut carry = || -> io::Result<()> {
        to.set_nodelay(true)?;
        let mut buffer = [0; 1 << 14];
        loop {
            let n = from.read(&mut buffer)?;
            if n == 0 {
                return Ok(());
            }
            thread::sleep(delay);
            to.write_all(&buffer[..n])?;
        }
    };
    // Who broke it off has the reason.
    let _ = carry();
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
