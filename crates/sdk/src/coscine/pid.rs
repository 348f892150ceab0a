use std::fmt;

use raw::coscine::{
    operations as op,
    types::{HandleDto, HandleForUpdateDto, HandleValueForUpdateDto, PidDto, PidRequestDto},
};

use super::{
    Client,
    client::{PAGE_SIZE, given},
};
use crate::{Error, Page, Paged, Result, error::call, page::of};

/// A persistent identifier: a handle such as `21.11102/5e7a...`, of a project or a resource.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// let pid = coscine.pid("https://hdl.handle.net/21.11102/00000000-0000-4000-8000-000000000000")?;
/// match pid.resolve().await {
///     Ok(found) => println!("{pid} is a {:?}", found.type_),
///     Err(error) if error.is_gone() => println!("{pid} was deleted"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Pid {
    client: Client,
    prefix: String,
    suffix: String,
}

impl fmt::Display for Pid {
    /// `prefix/suffix`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.prefix, self.suffix)
    }
}

impl Pid {
    /// What is before the slash: the number of the authority.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What is behind the slash; a UUID for all that Coscine makes.
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// What it stands for.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there never was such a one; [`Error::is_gone`] tells that there was.
    pub async fn resolve(&self) -> Result<PidDto> {
        let sent = self.client.raw.get_pid().prefix(&self.prefix).suffix(&self.suffix).send();
        let answer = call(&op::GET_PID, sent).await.map_err(|e| {
            let e = if e.is_gone() { e.hint("what it stood for was deleted; its owner can still be asked") } else { e };
            e.about(format!("PID {self}"))
        })?;
        given(answer.into_inner().data).map_err(|e| e.about(format!("PID {self}")))
    }

    /// Sends a message to the owner of what it stands for, by mail; the address is for the answer.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) if the name, the address or the message (up to 5000 characters) is none.
    pub async fn ask_owner(&self, request: PidRequestDto) -> Result<()> {
        let request = self.client.raw.send_request_to_owner().prefix(&self.prefix).suffix(&self.suffix).body(request);
        let answer = call(&op::SEND_REQUEST_TO_OWNER, request.send()).await;
        answer.map(drop).map_err(|e| e.about(format!("owner of PID {self}")))
    }

    /// The values of its handle record.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) if the user may not see them.
    pub async fn handle(&self) -> Result<HandleDto> {
        let sent = self.client.raw.get_handle().prefix(&self.prefix).suffix(&self.suffix).send();
        let answer = call(&op::GET_HANDLE, sent).await.map_err(|e| e.about(format!("handle {self}")))?;
        given(answer.into_inner().data).map_err(|e| e.about(format!("handle {self}")))
    }

    /// Replaces the values of its handle record; for administrators.
    pub async fn update_handle(&self, values: Vec<HandleValueForUpdateDto>) -> Result<()> {
        let request = self.client.raw.update_handle().prefix(&self.prefix).suffix(&self.suffix);
        let sent = request.body(HandleForUpdateDto { values }).send();
        call(&op::UPDATE_HANDLE, sent).await.map(drop).map_err(|e| e.about(format!("handle {self}")))
    }
}

/// `prefix/suffix` out of the forms in which PIDs are passed on.
fn parse(text: &str) -> Option<(&str, &str)> {
    let plain = text.trim();
    let lead = ["https://hdl.handle.net/", "http://hdl.handle.net/", "hdl:"];
    let plain = lead.iter().find_map(|lead| plain.strip_prefix(lead)).unwrap_or(plain);
    let (prefix, suffix) = plain.split_once('/')?;
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (prefix.split('.').all(number) && !suffix.is_empty()).then_some((prefix, suffix))
}

impl Client {
    /// A PID: `21.11102/5e7a...`, also with `hdl:` or `https://hdl.handle.net/` before it. Nothing is asked yet.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for another text.
    pub fn pid(&self, text: &str) -> Result<Pid> {
        let wrong = || Error::invalid("it is no PID; give one such as 21.11102/5e7a...").about(text);
        let (prefix, suffix) = parse(text).ok_or_else(wrong)?;
        Ok(Pid { client: self.clone(), prefix: prefix.to_owned(), suffix: suffix.to_owned() })
    }

    /// All PIDs of projects and resources; for administrators.
    pub fn pids(&self) -> Pids {
        Pids { client: self.clone(), projects: true, resources: true, deleted: false }
    }
}

/// The PIDs that Coscine has given; for administrators.
#[derive(Clone, Debug)]
#[must_use]
pub struct Pids {
    client: Client,
    projects: bool,
    resources: bool,
    deleted: bool,
}

impl Pids {
    /// Of projects only.
    pub fn of_projects(mut self) -> Self {
        (self.projects, self.resources) = (true, false);
        self
    }

    /// Of resources only.
    pub fn of_resources(mut self) -> Self {
        (self.projects, self.resources) = (false, true);
        self
    }

    /// Those of what is deleted too.
    pub fn with_deleted(mut self) -> Self {
        self.deleted = true;
        self
    }
}

impl Paged for Pids {
    type Item = PidDto;

    /// The `n`-th page, from 1, of up to 50 PIDs.
    ///
    /// # Errors
    /// [`Kind::Forbidden`](crate::Kind::Forbidden) if the user is no administrator.
    async fn page(&self, n: u32) -> Result<Page<PidDto>> {
        let request = self.client.raw.get_pids().page_number(n as i32).page_size(PAGE_SIZE);
        let request = request.include_projects(self.projects).include_resources(self.resources);
        let sent = request.include_deleted(self.deleted).send();
        let answer = call(&op::GET_PIDS, sent).await.map_err(|e| e.about("PIDs"))?.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i PidDto) -> Option<&'i str> {
        Some(&item.suffix)
    }
}

#[cfg(test)]
mod tests {
    use mockito::{Matcher, Server};

    use super::*;
    use crate::CacheMode;

    #[test]
    fn a_pid_is_read_in_the_forms_in_which_it_is_passed_on() {
        for text in ["21.11102/a-b", " hdl:21.11102/a-b", "https://hdl.handle.net/21.11102/a-b"] {
            assert_eq!(parse(text), Some(("21.11102", "a-b")), "{text}");
        }
        assert_eq!(parse("21.11102/a/b"), Some(("21.11102", "a/b")));
        for text in ["", "a-b", "21.11102/", "/a-b", "21..1/a", "../a", "https://example.org/21.11102/a-b"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn gone_is_told_from_never_there() {
        for (status, gone) in [(404, false), (410, true)] {
            let mut server = Server::new_async().await;
            server.mock("GET", Matcher::Any).with_status(status).create_async().await;
            let client =
                Client::builder().url(server.url()).token("t".to_owned()).cache(CacheMode::Off).build().unwrap();
            let error = client.pid("21.11102/a-b").unwrap().resolve().await.unwrap_err();
            assert!(error.is_not_found());
            assert_eq!((error.is_gone(), error.to_string().contains("was deleted")), (gone, gone), "{error}");
        }
    }
}
