use super::Session;
use crate::{args::coscine::Status, exit::Done, output::Column};

const MESSAGE: [Column; 5] =
    [("kind", "/type"), ("title", "/title"), ("from", "/startDate"), ("to", "/endDate"), ("more", "/href")];

pub(super) async fn run(at: Session<'_>, status: Status) -> Done {
    let (client, language) = (&at.client, &status.language.language);
    if status.internal {
        let mut messages = client.status_messages(language);
        if let Some(kind) = status.kind {
            messages = messages.kind(kind);
        }
        return at.output.list(messages, &MESSAGE, status.limit).await;
    }
    let notices = client.notices(language);
    if status.all {
        return at.output.list(notices, &MESSAGE, status.limit).await;
    }
    let active = notices.active().await?;
    if active.is_empty() {
        at.output.note("nothing is known to be wrong");
    }
    at.output.all(active, &MESSAGE, status.limit).await
}
