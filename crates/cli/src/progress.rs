//! A bar on the terminal while files move.

use std::{
    io::IsTerminal as _,
    sync::{Arc, Weak},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use whimbrel::{Connection, transfer::Progress};

/// A bar that is gone when this is dropped.
pub(crate) struct Bar {
    bar: ProgressBar,
    drawing: tokio::task::JoinHandle<()>,
    _alive: Arc<()>,
}

impl Bar {
    /// Draws `progress` ten times a second, if anybody looks.
    pub(crate) fn start(
        quiet: bool,
        progress: &Progress,
        connection: impl Fn() -> Option<usize> + Send + 'static,
    ) -> Self {
        let alive = Arc::new(());
        if quiet || !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), drawing: tokio::spawn(async {}), _alive: alive };
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
        let style = "{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta} {msg}";
        bar.set_style(ProgressStyle::with_template(style).expect("a good template"));
        let drawing = tokio::spawn(draw(bar.clone(), progress.clone(), connection, Arc::downgrade(&alive)));
        Self { bar, drawing, _alive: alive }
    }
}

async fn draw(bar: ProgressBar, progress: Progress, left: impl Fn() -> Option<usize>, alive: Weak<()>) {
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    while alive.strong_count() > 0 {
        tick.tick().await;
        let now = progress.snapshot();
        bar.set_length(now.bytes);
        bar.set_position(now.bytes_done);
        let failed = if now.files_failed > 0 { format!(", {} failed", now.files_failed) } else { String::new() };
        let left = left().map(|left| format!(", {left} requests left in the minute")).unwrap_or_default();
        bar.set_message(format!("{}/{} files{failed}{left}", now.files_done, now.files));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.drawing.abort();
        self.bar.finish_and_clear();
    }
}

/// What is left of a client's quota, for a bar.
pub(crate) fn left(connection: &Arc<Connection>) -> impl Fn() -> Option<usize> + Send + use<> {
    let connection = connection.clone();
    move || connection.requests_left()
}
