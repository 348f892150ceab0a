//! Tasks of PYLON: analyses that take their time. Only identities may ask for them.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Service,
    answer::{bad, error, given, ok},
    ask::{Ask, Refused, Who, found},
    credits::put,
    pylon,
    state::now,
};
use crate::answer::Answer;

/// A task.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub recording: String,
    pub identity: String,
    pub parameters: Value,
    pub created_at: i64,
    /// How often it was looked at: the third time it is done.
    pub looks: u64,
}

/// What a task is of; each has its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Analysis,
    Strategy,
    Insight,
}

/// Tasks of a kind that may wait.
const QUEUE_LIMIT: usize = 10;

impl Kind {
    fn read(text: &str) -> Refused<Self> {
        match text {
            "" | "analysis" => Ok(Self::Analysis),
            "strategy" => Ok(Self::Strategy),
            "insight" => Ok(Self::Insight),
            _ => Err(bad("type is invalid; valid values are: analysis,strategy,insight")),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Strategy => "strategy",
            Self::Insight => "insight",
        }
    }

    fn headers(self) -> (&'static str, &'static str) {
        match self {
            Self::Analysis => ("x-analysis-tasks-queued", "x-analysis-tasks-queue-limit"),
            Self::Strategy => ("x-strategy-tasks-queued", "x-strategy-tasks-queue-limit"),
            Self::Insight => ("x-insight-tasks-queued", "x-insight-tasks-queue-limit"),
        }
    }
}

impl Task {
    fn status(&self) -> &'static str {
        match self.looks {
            0 | 1 => "queued",
            2 => "running",
            _ => "completed",
        }
    }

    fn shown(&self, result: Value) -> Value {
        json!({
            "id": self.id,
            "identity_id": self.identity,
            "subscription_id": self.recording,
            "name": self.name,
            "type": self.kind.text(),
            "parameters": { "parameters": self.parameters, "start": self.created_at - 86_400, "end": self.created_at },
            "status": self.status(),
            "message": null,
            "result": result,
            "steps_completed": null,
            "total_steps": null,
            "usage": { "analysis_tasks": 1 },
            "created_at": self.created_at,
            "updated_at": now(),
        })
    }
}

/// Tasks are an identity's.
fn identity(ask: &Ask) -> Refused<String> {
    match &ask.who {
        Who::Identity(id) => Ok(id.clone()),
        Who::Account => Err(error(StatusCode::FORBIDDEN, "You must use an account identity to access this endpoint")),
    }
}

impl Service {
    pub(super) fn create_task(&self, ask: &Ask) -> Refused {
        let identity = identity(ask)?;
        let kind = Kind::read(&ask.text("type").unwrap_or_default())?;
        let (recording, name) = (ask.needed("subscription_id")?, ask.needed("name")?);
        let Some(parameters @ Value::Object(_)) = ask.json("parameters") else {
            return Err(bad("Missing param 'parameters'"));
        };
        let mut state = self.state();
        state.recording(&recording)?;
        if queued(&state.tasks, kind) >= QUEUE_LIMIT {
            return Err(told(error(StatusCode::TOO_MANY_REQUESTS, "The task queue is full"), &state.tasks, kind));
        }
        let (id, created_at) = (state.id(40), now());
        state.tasks.push(Task { id: id.clone(), name, kind, recording, identity, parameters, created_at, looks: 0 });
        Ok(told(given(StatusCode::ACCEPTED, &json!({ "id": id })), &state.tasks, kind))
    }

    /// A task, which goes on by being looked at.
    pub(super) fn task(&self, ask: &Ask) -> Refused {
        let identity = identity(ask)?;
        let kind = Kind::read(ask.path("type"))?;
        let id = ask.path("task_id");
        let mut state = self.state();
        let task = state.tasks.iter_mut().find(|it| it.id == id && it.kind == kind && it.identity == identity);
        let task = found(task, "Task not found")?;
        task.looks += 1;
        let task = task.clone();
        let result = match task.status() {
            "completed" => pylon::analysis(state.recording(&task.recording)?, &task.parameters["parameters"])
                .or_else(|_| pylon::analysis(state.recording(&task.recording)?, &task.parameters))
                .unwrap_or_default(),
            _ => Value::Null,
        };
        Ok(told(ok(&task.shown(result)), &state.tasks, kind))
    }

    pub(super) fn list_tasks(&self, ask: &Ask) -> Refused {
        let identity = identity(ask)?;
        let kind = Kind::read(ask.path("type"))?;
        let status = ask.text("status");
        let state = self.state();
        let is_meant = |it: &&Task| {
            it.kind == kind && it.identity == identity && status.as_ref().is_none_or(|status| it.status() == status)
        };
        let all = state.tasks.iter().filter(is_meant).map(|it| it.shown(Value::Null)).collect();
        Ok(told(ok(&ask.page(all, "per_page", 25)?.envelope("tasks")), &state.tasks, kind))
    }
}

fn queued(tasks: &[Task], kind: Kind) -> usize {
    tasks.iter().filter(|it| it.kind == kind && it.status() == "queued").count()
}

/// Says how many tasks wait.
fn told(mut answer: Answer, tasks: &[Task], kind: Kind) -> Answer {
    let (queue, limit) = kind.headers();
    put(&mut answer, queue, queued(tasks, kind));
    put(&mut answer, limit, QUEUE_LIMIT);
    answer
}
