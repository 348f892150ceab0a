use raw::coscine::{
    operations as op,
    types::{NotificationDto, UserNotificationForCreationDto, UserNotificationOptOutDto},
};

use super::{
    Client, List, Listed,
    client::{PAGE_SIZE, deleted, given},
};
use crate::{Page, Result, builder::sealed, error::call, page::of};

/// The user's wish not to be told of one kind of event.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// let kind = coscine.notifications().find("Quota").await?;
/// let opt_out = coscine.opt_out(&kind.id).await?;
/// opt_out.undo().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct OptOut {
    client: Client,
    details: UserNotificationOptOutDto,
}

impl OptOut {
    pub(super) fn new(client: Client, details: UserNotificationOptOutDto) -> Self {
        Self { client, details }
    }

    /// All that the server told of it: its own id, and those of the notification and the user.
    pub fn details(&self) -> &UserNotificationOptOutDto {
        &self.details
    }

    /// Asks to be told again.
    pub async fn undo(self) -> Result<()> {
        let id = &self.details.id;
        let sent = call(&op::DELETE_USER_NOTIFICATION, self.client.raw.delete_user_notification().id(id).send()).await;
        deleted(sent).map_err(|e| e.about(format!("opt-out {id}")))
    }
}

impl sealed::Sealed for OptOut {}

impl Listed for OptOut {
    const WHAT: &'static str = "opt-out";

    fn id(&self) -> &str {
        &self.details.id
    }

    fn names(&self) -> [Option<&str>; 3] {
        [Some(&self.details.notification_id), Some(&self.details.id), None]
    }

    async fn page(client: &Client, n: u32) -> Result<Page<Self>> {
        let sent = client.raw.get_user_notifications().page_number(n as i32).page_size(PAGE_SIZE).send();
        let answer = call(&op::GET_USER_NOTIFICATIONS, sent).await?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter();
        let items = items.map(|details| Self { client: client.clone(), details });
        Ok(Page { items: items.collect(), ..of(answer.pagination.as_ref()) })
    }

    /// Unlike all others by the id of the notification.
    async fn get(client: &Client, notification: &str) -> Result<Self> {
        let sent = client.raw.get_user_notification().notification_id(notification).send();
        let details = given(call(&op::GET_USER_NOTIFICATION, sent).await?.into_inner().data)?;
        Ok(Self { client: client.clone(), details })
    }
}

impl Client {
    /// The kinds of events that Coscine tells its users of; found by category.
    pub fn notifications(&self) -> List<NotificationDto> {
        List::new(self)
    }

    /// Of which kinds the user does not want to be told; [`List::get`] and [`List::find`] take the id of the
    /// notification.
    pub fn opt_outs(&self) -> List<OptOut> {
        List::new(self)
    }

    /// Asks not to be told of a kind of event any more.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for one that is not optional (its `is_optional` says so).
    pub async fn opt_out(&self, notification: &str) -> Result<OptOut> {
        let about = || format!("notification {notification}");
        let body = UserNotificationForCreationDto { notification_id: notification.to_owned() };
        let sent = self.raw.create_user_notification().body(body).send();
        let answer = call(&op::CREATE_USER_NOTIFICATION, sent).await.map_err(|e| e.about(about()))?;
        let details = given(answer.into_inner().data).map_err(|e| e.about(about()))?;
        Ok(OptOut { client: self.clone(), details })
    }
}
