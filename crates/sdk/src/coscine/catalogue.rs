//! What Coscine offers to choose from. It hardly ever changes, so answers are kept for a month.

use raw::coscine::{
    operations as op,
    types::{
        DisciplineDto, LanguageDto, LicenseDto, NotificationDto, OrganizationDto, RoleDto, TitleDto, VisibilityDto,
    },
};

use super::{
    Client, List, Listed,
    client::{PAGE_SIZE, given},
};
use crate::{Page, Paged, Result, builder::sealed, error::call, page::of};

/// Makes an item of a list that needs no handle of its own: its calls, whether they are paged, its id and its names.
macro_rules! listed {
    ($($item:ty, $what:literal, $list:ident $LIST:ident $form:ident, $one:ident($key:ident) $ONE:ident,
       $id:expr, $names:expr;)*) => {
        $(
            impl sealed::Sealed for $item {}

            impl Listed for $item {
                const WHAT: &'static str = $what;

                fn id(&self) -> &str {
                    let id: fn(&Self) -> &str = $id;
                    id(self)
                }

                fn names(&self) -> [Option<&str>; 3] {
                    let names: fn(&Self) -> [Option<&str>; 3] = $names;
                    names(self)
                }

                async fn page(client: &Client, n: u32) -> Result<Page<Self>> {
                    let sent = client.raw.$list().page_number(n as i32).page_size(PAGE_SIZE).send();
                    let answer = call(&op::$LIST, sent).await?.into_inner();
                    Ok(Page { items: answer.data.unwrap_or_default(), ..listed!(@$form answer) })
                }

                async fn get(client: &Client, id: &str) -> Result<Self> {
                    let sent = client.raw.$one().$key(id).send();
                    given(call(&op::$ONE, sent).await?.into_inner().data)
                }
            }
        )*
    };
    (@paged $answer:ident) => { of($answer.pagination.as_ref()) };
    (@whole $answer:ident) => { of(None) };
}

listed! {
    DisciplineDto, "discipline", get_disciplines GET_DISCIPLINES paged, get_discipline(discipline_id) GET_DISCIPLINE,
        |it| it.id.as_deref().unwrap_or_default(),
        |it| [it.display_name_en.as_deref(), it.display_name_de.as_deref(), it.id.as_deref()];
    LanguageDto, "language", get_languages GET_LANGUAGES whole, get_language(language_id) GET_LANGUAGE,
        |it| &it.id, |it| [Some(&it.display_name), Some(&it.abbreviation), Some(&it.id)];
    LicenseDto, "license", get_licenses GET_LICENSES paged, get_license(license_id) GET_LICENSE,
        |it| it.id.as_deref().unwrap_or_default(), |it| [it.display_name.as_deref(), it.id.as_deref(), None];
    NotificationDto, "notification", get_notifications GET_NOTIFICATIONS paged,
        get_notification(notification_id) GET_NOTIFICATION,
        |it| &it.id, |it| [Some(&it.category), Some(&it.id), None];
    RoleDto, "role", get_roles GET_ROLES paged, get_role(role_id) GET_ROLE,
        |it| &it.id, |it| [Some(&it.display_name), Some(&it.id), None];
    TitleDto, "title", get_titles GET_TITLES whole, get_title(title_id) GET_TITLE,
        |it| &it.id, |it| [Some(&it.display_name), Some(&it.id), None];
    VisibilityDto, "visibility", get_visibilities GET_VISIBILITIES paged, get_visibility(visibility_id) GET_VISIBILITY,
        |it| it.id.as_deref().unwrap_or_default(), |it| [it.display_name.as_deref(), it.id.as_deref(), None];
}

impl Client {
    /// The disciplines of the DFG, with their names in English and German.
    pub fn disciplines(&self) -> List<DisciplineDto> {
        List::new(self)
    }

    /// The languages of the user interface; found by abbreviation (`de`) too.
    pub fn languages(&self) -> List<LanguageDto> {
        List::new(self)
    }

    /// The licences that a resource can have.
    pub fn licenses(&self) -> List<LicenseDto> {
        List::new(self)
    }

    /// The roles that a member of a project can have.
    pub fn roles(&self) -> List<RoleDto> {
        List::new(self)
    }

    /// Academic titles.
    pub fn titles(&self) -> List<TitleDto> {
        List::new(self)
    }

    /// Who can see a project or a resource.
    pub fn visibilities(&self) -> List<VisibilityDto> {
        List::new(self)
    }

    /// The organizations of the research organization registry (ROR); there are very many.
    pub fn organizations(&self) -> Organizations {
        Organizations { client: self.clone(), matching: None, language: None, advising: false }
    }

    /// The organization of this ROR URI, such as `https://ror.org/04xfq0f34`.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none.
    pub async fn organization(&self, ror: &str) -> Result<OrganizationDto> {
        let about = || format!("organization {ror}");
        let sent = self.raw.get_organization().organization_ror_uri(ror).send();
        let answer = call(&op::GET_ORGANIZATION, sent).await.map_err(|e| e.about(about()))?;
        given(answer.into_inner().data).map_err(|e| e.about(about()))
    }
}

/// Organizations, all or those that are asked for.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use whimbrel::Paged as _;
///
/// let found = coscine.organizations().matching("Aachen").language("de").page(1).await?;
/// for organization in found.items {
///     println!("{} {}", organization.uri, organization.display_name);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Organizations {
    client: Client,
    matching: Option<String>,
    language: Option<String>,
    advising: bool,
}

impl Organizations {
    /// Those that a text is found in.
    pub fn matching(mut self, text: impl Into<String>) -> Self {
        self.matching = Some(text.into());
        self
    }

    /// The language of names: `en` or `de`.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Those that advise on publications, and can be asked to publish.
    pub fn advising(mut self) -> Self {
        self.advising = true;
        self
    }
}

impl Paged for Organizations {
    type Item = OrganizationDto;

    /// The `n`-th page, from 1, of up to 50 organizations.
    async fn page(&self, n: u32) -> Result<Page<OrganizationDto>> {
        let mut request = self.client.raw.get_organizations().page_number(n as i32).page_size(PAGE_SIZE);
        if let Some(text) = &self.matching {
            request = request.search_term(text);
        }
        if let Some(language) = &self.language {
            request = request.language(language.clone());
        }
        if self.advising {
            request = request.filter_by_publication_service(true);
        }
        let answer = call(&op::GET_ORGANIZATIONS, request.send()).await.map_err(|e| e.about("organizations"))?;
        let answer = answer.into_inner();
        Ok(Page { items: answer.data.unwrap_or_default(), ..of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i OrganizationDto) -> Option<&'i str> {
        Some(&item.uri)
    }
}
