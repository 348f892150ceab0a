//! What the SDK gives, as it is printed: with the names that the service's API has for it.

use futures::{Stream, StreamExt as _, stream};
use serde_json::{Value, json};
use whimbrel::{
    Page, Result, coscine,
    coscine::{List, types},
    dserver,
};

use crate::args::Limit;

/// A thing that can be printed.
pub(crate) trait Shown {
    fn shown(self) -> Value;
}

/// A list that comes in pages.
pub(crate) trait Paged: Clone {
    type Item: Shown;

    /// Every item.
    fn items(self) -> impl Stream<Item = Result<Self::Item>>;

    /// The `n`-th page, from 1.
    async fn page(&self, n: u32) -> Result<Page<Self::Item>>;

    /// As many items as are wanted, or more, and how many there are where that was told. If a page is enough, one is asked
    /// for.
    async fn wanted(self, limit: Limit) -> Result<(impl Stream<Item = Result<Self::Item>>, Option<u64>)> {
        let Some(wanted) = limit.limit else { return Ok((self.items().left_stream(), None)) };
        let first = self.page(1).await?;
        let (got, total) = (first.items.len(), first.total);
        let is_enough = !first.more || got > wanted || (got == wanted && total.is_some());
        let items = match is_enough {
            true => stream::iter(first.items).map(Ok).right_stream(),
            false => self.items().left_stream(),
        };
        Ok((items, total))
    }
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

by_details! { ApiToken Hit Invitation Member OptOut Project PublicationService Resource ResourceType }

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
    dserver::BaseUri dserver::Dataset dserver::Summary dserver::User
    types::ApplicationProfileDto types::DataHamsterKpiDto types::DisciplineDto types::GitlabBranchDto
    types::GitlabProjectDto types::HandleDto types::LanguageDto types::LicenseDto types::MessageDto
    types::NotificationDto types::OrganizationDto types::PidDto types::ProjectPublicationRequestDto types::PublicUserDto
    types::RoleDto types::StorageDataHamsterKpiDto types::TermsOfServiceDto types::TitleDto types::VisibilityDto
    types::VocabularyDto types::VocabularyInstanceDto
}

macro_rules! paged {
    ($($list:ty => $item:ty;)*) => {$(
        impl Paged for $list {
            type Item = $item;

            fn items(self) -> impl Stream<Item = Result<Self::Item>> {
                self.stream()
            }

            async fn page(&self, n: u32) -> Result<Page<Self::Item>> {
                self.page(n).await
            }
        }
    )*};
}

paged! {
    List<coscine::ApiToken> => coscine::ApiToken;
    List<coscine::OptOut> => coscine::OptOut;
    List<types::DisciplineDto> => types::DisciplineDto;
    List<types::LanguageDto> => types::LanguageDto;
    List<types::LicenseDto> => types::LicenseDto;
    List<types::NotificationDto> => types::NotificationDto;
    List<types::RoleDto> => types::RoleDto;
    List<types::TitleDto> => types::TitleDto;
    List<types::VisibilityDto> => types::VisibilityDto;
    coscine::ApplicationProfiles => types::ApplicationProfileDto;
    coscine::Invitations => coscine::Invitation;
    coscine::Members => coscine::Member;
    coscine::Notices => types::MessageDto;
    coscine::Organizations => types::OrganizationDto;
    coscine::Pids => types::PidDto;
    coscine::Projects => coscine::Project;
    coscine::PublicationServices => coscine::PublicationService;
    coscine::Resources => coscine::Resource;
    coscine::Search => coscine::Hit;
    coscine::StatusMessages => types::MessageDto;
    coscine::Terms => types::VocabularyInstanceDto;
    coscine::Vocabularies => types::VocabularyDto;
    dserver::List<dserver::BaseUri> => dserver::BaseUri;
    dserver::List<dserver::Dataset> => dserver::Dataset;
    dserver::List<dserver::User> => dserver::User;
    dserver::Search => dserver::Dataset;
}
