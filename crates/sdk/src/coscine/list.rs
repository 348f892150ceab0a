use std::marker::PhantomData;

use futures::TryStreamExt as _;

use super::{Client, client::only};
use crate::{Page, Paged, Result, builder::sealed};

/// A list of the server's that is read whole, without filters: [`Client::licenses`], [`Client::tokens`] and the like.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use futures::TryStreamExt as _;
/// use whimbrel::Paged as _;
///
/// let license = coscine.licenses().find("CC BY 4.0").await?;
/// let roles: Vec<_> = coscine.roles().stream().try_collect().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct List<T> {
    client: Client,
    of: PhantomData<fn() -> T>,
}

/// What a [`List`] holds.
pub trait Listed: sealed::Sealed + Clone + Send + 'static {
    /// What one of them is called in errors.
    const WHAT: &'static str;

    /// What tells it from the others; empty where the server told none.
    fn id(&self) -> &str;

    /// By what [`List::find`] knows it; the first is for people.
    fn names(&self) -> [Option<&str>; 3];

    /// See [`List::page`].
    fn page(client: &Client, n: u32) -> impl Future<Output = Result<Page<Self>>> + Send;

    /// See [`List::get`].
    fn get(client: &Client, id: &str) -> impl Future<Output = Result<Self>> + Send;
}

impl<T: Listed> List<T> {
    pub(super) fn new(client: &Client) -> Self {
        Self { client: client.clone(), of: PhantomData }
    }

    /// The item of this id, in one request.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none.
    pub async fn get(&self, id: &str) -> Result<T> {
        T::get(&self.client, id).await.map_err(|e| e.about(format!("{} {id}", T::WHAT)))
    }

    /// The item of this id, in one request, or of this name, found in the whole list.
    ///
    /// # Errors
    /// Those of [`List::get`] and [`List::find`].
    pub async fn named(&self, name: &str) -> Result<T> {
        match name.parse::<uuid::Uuid>() {
            Ok(_) => self.get(name).await,
            Err(_) => self.find(name).await,
        }
    }

    /// The item of this name or id, found in the whole list.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none; [`Kind::Invalid`](crate::Kind::Invalid) if there are
    /// several.
    pub async fn find(&self, name: &str) -> Result<T> {
        let find = || async {
            let all = self.clone().stream().try_collect::<Vec<_>>().await?;
            only(T::WHAT, name, all, T::names)
        };
        self.client.connection.or_fresh(find).await
    }
}

impl<T: Listed> Paged for List<T> {
    type Item = T;

    /// The `n`-th page, from 1, of up to 50 items.
    async fn page(&self, n: u32) -> Result<Page<T>> {
        T::page(&self.client, n).await.map_err(|e| e.about(format!("{} list", T::WHAT)))
    }

    fn key<'i>(&self, item: &'i T) -> Option<&'i str> {
        Some(item.id()).filter(|id| !id.is_empty())
    }
}
