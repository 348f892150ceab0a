use raw::coscine::{operations as op, types::MessageDto};

use super::{Client, client::PAGE_SIZE};
use crate::{Page, Paged, Result, error::call, page::of};

impl Client {
    /// What the network operation centre (RWTH's status page) tells of Coscine, in `language`, `en` or `de`.
    pub fn notices(&self, language: &str) -> Notices {
        Notices { client: self.clone(), language: language.to_owned() }
    }

    /// What Coscine's own operators tell, in `language`, `en` or `de`.
    pub fn status_messages(&self, language: &str) -> StatusMessages {
        StatusMessages { client: self.clone(), language: language.to_owned(), filter: Filter::default() }
    }
}

/// Notices of the network operation centre. Their times are as the server wrote them, RFC 3339; their bodies are texts by
/// language.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// for notice in coscine.notices("en").active().await? {
///     println!("{:?} until {:?}", notice.title, notice.end_date);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Notices {
    client: Client,
    language: String,
}

impl Notices {
    /// Those that hold now, in one answer.
    pub async fn active(&self) -> Result<Vec<MessageDto>> {
        let sent = self.client.raw.get_active_noc_messages().accept_language(self.language.clone()).send();
        let answer = call(&op::GET_ACTIVE_NOC_MESSAGES, sent).await.map_err(|e| e.about("notices"))?;
        Ok(answer.into_inner().data.unwrap_or_default())
    }
}

impl Paged for Notices {
    type Item = MessageDto;

    /// The `n`-th page, from 1, of up to 50 notices, past and planned ones among them.
    async fn page(&self, n: u32) -> Result<Page<MessageDto>> {
        let request = self.client.raw.get_noc_messages().page_number(n as i32).page_size(PAGE_SIZE);
        let sent = request.accept_language(self.language.clone()).send();
        let answer = call(&op::GET_NOC_MESSAGES, sent).await.map_err(|e| e.about("notices"))?.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i MessageDto) -> Option<&'i str> {
        Some(&item.id)
    }
}

/// Messages of Coscine's operators, all or those that are asked for. Times are RFC 3339: `2026-11-21T08:00:00Z`.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use whimbrel::Paged as _;
///
/// let planned = coscine.status_messages("de").kind("Maintenance").starts_after("2026-11-21T00:00:00Z");
/// println!("{} to come", planned.page(1).await?.items.len());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct StatusMessages {
    client: Client,
    language: String,
    filter: Filter,
}

#[derive(Clone, Debug, Default)]
struct Filter {
    kind: Option<String>,
    matching: Option<String>,
    starts_after: Option<String>,
    starts_before: Option<String>,
    ends_after: Option<String>,
    ends_before: Option<String>,
}

impl StatusMessages {
    /// Of this type: `Disturbance`, `PartialDisturbance`, `Maintenance`, `PartialMaintenance`, `LimitedOperation`,
    /// `Interruption`, `Change`, `Hint`, `Warning` or `Information`.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.filter.kind = Some(kind.into());
        self
    }

    /// Those that a text is found in.
    pub fn matching(mut self, text: impl Into<String>) -> Self {
        self.filter.matching = Some(text.into());
        self
    }

    /// Those that start after a time.
    pub fn starts_after(mut self, time: impl Into<String>) -> Self {
        self.filter.starts_after = Some(time.into());
        self
    }

    /// Those that start before a time.
    pub fn starts_before(mut self, time: impl Into<String>) -> Self {
        self.filter.starts_before = Some(time.into());
        self
    }

    /// Those that end after a time.
    pub fn ends_after(mut self, time: impl Into<String>) -> Self {
        self.filter.ends_after = Some(time.into());
        self
    }

    /// Those that end before a time.
    pub fn ends_before(mut self, time: impl Into<String>) -> Self {
        self.filter.ends_before = Some(time.into());
        self
    }
}

impl Paged for StatusMessages {
    type Item = MessageDto;

    /// The `n`-th page, from 1, of up to 50 messages.
    async fn page(&self, n: u32) -> Result<Page<MessageDto>> {
        let Filter { kind, matching, starts_after, starts_before, ends_after, ends_before } = &self.filter;
        let mut request = self.client.raw.get_internal_messages().page_number(n as i32).page_size(PAGE_SIZE);
        request = request.accept_language(self.language.clone());
        if let Some(kind) = kind {
            request = request.type_(kind.clone());
        }
        if let Some(text) = matching {
            request = request.search_term(text);
        }
        if let Some(time) = starts_after {
            request = request.start_date_after(time);
        }
        if let Some(time) = starts_before {
            request = request.start_date_before(time);
        }
        if let Some(time) = ends_after {
            request = request.end_date_after(time);
        }
        if let Some(time) = ends_before {
            request = request.end_date_before(time);
        }
        let answer = call(&op::GET_INTERNAL_MESSAGES, request.send()).await.map_err(|e| e.about("status messages"))?;
        let answer = answer.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i MessageDto) -> Option<&'i str> {
        Some(&item.id)
    }
}
