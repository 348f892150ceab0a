use whimbrel::coscine::types::PidRequestDto;

use super::Session;
use crate::{args::coscine::Pid, exit::Done, output::Column};

const PID: [Column; 3] = [("pid", "/identifier"), ("kind", "/type"), ("is there", "/isEntityValid")];

pub(super) async fn run(at: Session<'_>, command: Pid) -> Done {
    let client = &at.client;
    match command {
        Pid::List { projects, resources, deleted, limit } => {
            let mut pids = client.pids();
            if projects {
                pids = pids.of_projects();
            }
            if resources {
                pids = pids.of_resources();
            }
            if deleted {
                pids = pids.with_deleted();
            }
            at.output.list(pids, &PID, limit).await
        }
        Pid::Show { pid } => at.output.thing(client.pid(&pid)?.resolve().await?),
        Pid::Handle { pid } => at.output.thing(client.pid(&pid)?.handle().await?),
        Pid::Ask { pid, name, email, message } => {
            let pid = client.pid(&pid)?;
            let request = PidRequestDto { name, email, message, send_confirmation_email: Some(true) };
            at.told(pid.ask_owner(request), "the owner is asked; a copy goes to you").await
        }
    }
}
