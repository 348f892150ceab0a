use serde_json::json;

use super::Session;
use crate::{args::coscine::Notification, exit::Done, output::Column};

const NOTIFICATION: [Column; 3] = [("category", "/category"), ("optional", "/isOptional"), ("id", "/id")];
const OFF: [Column; 2] = [("notification", "/notificationId"), ("id", "/id")];

pub(super) async fn run(at: Session<'_>, command: Notification) -> Done {
    let (client, kinds) = (&at.client, at.client.notifications());
    match command {
        Notification::List { off: false, limit } => at.output.list(kinds, &NOTIFICATION, limit).await,
        Notification::List { off: true, limit } => {
            let off = client.opt_outs();
            at.output.list(off, &OFF, limit).await
        }
        Notification::Show { notification } => {
            let kind = kinds.find(&notification).await?;
            let off = match client.opt_outs().get(&kind.id).await {
                Ok(_) => true,
                Err(error) if error.is_not_found() => false,
                Err(error) => return Err(error.into()),
            };
            let mut shown = json!(kind);
            shown["off"] = off.into();
            at.output.thing(shown)
        }
        Notification::Off { notification } => {
            let kind = kinds.find(&notification).await?;
            client.opt_out(&kind.id).await?;
            at.output.note(format!("you are told of {} no more", kind.category));
            Ok(())
        }
        Notification::On { notification } => {
            let kind = kinds.find(&notification).await?;
            let opt_out = client.opt_outs().get(&kind.id).await?;
            at.told(opt_out.undo(), &format!("you are told of {} again", kind.category)).await
        }
    }
}
