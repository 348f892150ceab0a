//! What the service numbers and people name: the ids of roles, visibilities, disciplines, licenses.

use futures::TryStreamExt as _;
use raw::coscine::types::{DisciplineDto, LicenseDto, RoleDto, VisibilityDto};

use super::{
    Client, List, Listed,
    client::{empty_answer, only},
};
use crate::{Paged as _, Result};

macro_rules! ids_by_name {
    ($($method:ident: $item:ty, $names:expr;)*) => {
        impl Client {
            $(pub(crate) async fn $method(&self, name: &str) -> Result<String> {
                if name.parse::<uuid::Uuid>().is_ok() {
                    return Ok(name.to_owned());
                }
                let find = || async {
                    let all = List::<$item>::new(self).stream().try_collect::<Vec<_>>().await?;
                    only(<$item>::WHAT, name, all, $names)
                };
                let found = self.connection.or_fresh(find).await?;
                let id = Some(Listed::id(&found)).filter(|id| !id.is_empty());
                id.map(str::to_owned).ok_or_else(|| empty_answer().about(name))
            })*
        }
    };
}

// By name; an id is taken as it is.
ids_by_name! {
    role_id: RoleDto, |it| [Some(it.display_name.as_str())];
    visibility_id: VisibilityDto, |it| [it.display_name.as_deref()];
    discipline_id: DisciplineDto,
        |it| [it.display_name_en.as_deref(), it.display_name_de.as_deref(), it.uri.as_deref()];
    license_id: LicenseDto, |it| [it.display_name.as_deref(), it.url.as_deref()];
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
