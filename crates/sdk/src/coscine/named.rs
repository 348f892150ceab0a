//! What the service numbers and people name: the ids of roles, visibilities, disciplines, licenses.

use futures::TryStreamExt as _;
use raw::coscine::{
    operations as op,
    types::{DisciplineDto, LicenseDto, RoleDto, VisibilityDto},
};

use super::{
    Client,
    client::{PAGE_SIZE, empty_answer, only},
};
use crate::{Page, Result, error::call, page::pages};

macro_rules! ids_by_name {
    ($($method:ident: $what:literal, $operation:ident by $request:ident, $dto:ident, $id:expr, $names:expr;)*) => {
        impl Client {
            $(pub(crate) async fn $method(&self, name: &str) -> Result<String> {
                if name.parse::<uuid::Uuid>().is_ok() {
                    return Ok(name.to_owned());
                }
                let id: fn(&$dto) -> Option<&str> = $id;
                let find = || async {
                    let client = self.clone();
                    let list = pages(move |it: &$dto| id(it).unwrap_or_default(), move |n| {
                        let client = client.clone();
                        async move {
                            let sent = client.raw.$request().page_number(n as i32).page_size(PAGE_SIZE).send();
                            let answer = call(&op::$operation, sent).await?.into_inner();
                            let page = crate::page::of(answer.pagination.as_ref());
                            Ok(Page { items: answer.data.unwrap_or_default(), ..page })
                        }
                    });
                    only($what, name, list.try_collect::<Vec<_>>().await?, $names)
                };
                let found = self.connection.or_fresh(find).await?;
                id(&found).map(str::to_owned).ok_or_else(|| empty_answer().about(name))
            })*
        }
    };
}

// By name; an id is taken as it is.
ids_by_name! {
    role_id: "role", GET_ROLES by get_roles, RoleDto,
        |it| Some(&it.id), |it| [Some(it.display_name.as_str())];
    visibility_id: "visibility", GET_VISIBILITIES by get_visibilities, VisibilityDto,
        |it| it.id.as_deref(), |it| [it.display_name.as_deref()];
    discipline_id: "discipline", GET_DISCIPLINES by get_disciplines, DisciplineDto,
        |it| it.id.as_deref(),
        |it| [it.display_name_en.as_deref(), it.display_name_de.as_deref(), it.uri.as_deref()];
    license_id: "license", GET_LICENSES by get_licenses, LicenseDto,
        |it| it.id.as_deref(), |it| [it.display_name.as_deref(), it.url.as_deref()];
}

impl Client {
    pub(crate) async fn discipline_ids(&self, names: &[String]) -> Result<Vec<String>> {
        let mut ids = vec![];
        for name in names {
            ids.push(self.discipline_id(name).await?);
        }
        Ok(ids)
    }
}
