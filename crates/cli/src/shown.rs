//! What the SDK gives, as it is printed: with the names that the service's API has for it.

use std::future::ready;

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use whimbrel::{
    Page, Paged, Result,
    coscine::{self, types},
    datasift::types as sift,
    dserver,
};

use crate::args::Limit;

/// A thing that can be printed.
pub(crate) trait Shown {
    fn shown(self) -> Value;
}

/// As many items of a list as are wanted, or more, and how many there are where that was told. If a page is enough, one is
/// asked for.
pub(crate) async fn wanted<P: Paged>(
    list: P,
    limit: Limit,
) -> Result<(impl Stream<Item = Result<P::Item>>, Option<u64>)> {
    let Some(wanted) = limit.limit else { return Ok((list.stream().left_stream(), None)) };
    let mut pages = Box::pin(list.pages());
    let first = pages.try_next().await?.unwrap_or(Page { items: vec![], total: None, more: false });
    let (got, total) = (first.items.len(), first.total);
    let is_enough = !first.more || got > wanted || (got == wanted && total.is_some());
    let others = pages.take(if is_enough { 0 } else { usize::MAX });
    let all = stream::once(ready(Ok(first))).chain(others);
    let items = all.map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten();
    Ok((items.right_stream(), total))
}

impl Shown for Value {
    fn shown(self) -> Value {
        self
    }
}

/// Handles, by what the server told of them.
macro_rules! by_details {
    ($($handle:ident)*) => {$(
        impl Shown for coscine::$handle {
            fn shown(self) -> Value {
                json!(self.details())
            }
        }
    )*};
}

by_details! { ApiToken Hit Invitation Member MetadataVersion OptOut Project PublicationService Resource ResourceType }

/// Plain data.
macro_rules! whole {
    ($($data:ty)*) => {$(
        impl Shown for $data {
            fn shown(self) -> Value {
                json!(self)
            }
        }
    )*};
}

whole! {
    sift::Balance sift::Compiled sift::Historics sift::Ingested sift::Price sift::Pylon sift::PushLogEntry
    sift::HistoricsPrepared sift::PushSubscription sift::Source sift::SourceLogEntry sift::Usage sift::Validated
    dserver::BaseUri dserver::Dataset dserver::Summary dserver::User
    types::ApplicationProfileDto types::DataHamsterKpiDto types::DisciplineDto types::GitlabBranchDto
    types::GitlabProjectDto types::HandleDto types::LanguageDto types::LicenseDto types::MessageDto
    types::NotificationDto types::OrganizationDto types::PidDto types::ProjectPublicationRequestDto types::PublicUserDto
    types::RoleDto types::StorageDataHamsterKpiDto types::StorageNodeDto types::TermsOfServiceDto types::TitleDto types::VisibilityDto
    types::VocabularyDto types::VocabularyInstanceDto
}

impl Shown for sift::Identity {
    /// Without its API key.
    fn shown(self) -> Value {
        json!(Self { api_key: None, ..self })
    }
}
