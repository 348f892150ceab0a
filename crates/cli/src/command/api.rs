//! `whimbrel api`: any operation, by its id.

use futures::stream;
use serde_json::{Value, json};
use whimbrel::{
    Connection,
    api::{self, Arguments},
    coscine, datasift, dserver,
    middleware::Operation,
};

use crate::{
    args::{Api, Described, Global, Limit},
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

const OPERATION: [Column; 4] =
    [("operation", "/id"), ("method", "/method"), ("path", "/path"), ("summary", "/summary")];

pub(crate) async fn run(global: &Global, arguments: Api) -> Done {
    let output = Output::new(global);
    let operations = match arguments.service {
        Described::Coscine => coscine::operations::ALL,
        Described::Datasift => datasift::operations::ALL,
        Described::Dserver => dserver::operations::ALL,
    };
    let Some(id) = &arguments.operation else {
        let all = operations.iter().map(|it| {
            let Operation { id, method, path, summary, .. } = it;
            Ok::<_, Failure>(json!({ "id": id, "method": method.as_str(), "path": path, "summary": summary }))
        });
        return output.rows(stream::iter(all), &OPERATION, Limit::NONE).await;
    };
    let operation = api::find(operations, id)?;
    let mut given = Arguments::new(operation, arguments.fields.iter().map(|(name, value)| (name, value.as_str())))?;
    if let Some(path) = &arguments.input {
        given = given.input(session::content(path).await?);
    }
    let connection = match arguments.service {
        Described::Coscine => session::coscine(global)?.connection().clone(),
        Described::Datasift => session::datasift(global, None)?.connection_of(operation)?,
        Described::Dserver => session::dserver(global)?.connection().clone(),
    };
    let connection = &connection;
    if !arguments.paginate {
        let answer = api::send(connection, operation, &given).await?;
        let content = api::content(answer).await?;
        return match serde_json::from_slice::<Value>(&content) {
            Ok(json) => output.json(&json),
            Err(_) => output.plain(&content),
        };
    }
    let all = pages(connection, operation, given).await?;
    output.json(&Value::Array(all))
}

/// The list that an answer holds: under `data`, or what DataSift calls its things.
fn list_in(json: &mut Value) -> Value {
    let name = ["data", "identities", "tokens", "limits", "subscriptions", "sources", "log_entries", "tasks"];
    name.iter().find(|name| json[**name].is_array()).map_or(Value::Null, |name| json[*name].take())
}

/// The items of all pages, by each service's way to count them.
async fn pages(connection: &Connection, operation: &Operation, given: Arguments) -> Done<Vec<Value>> {
    let name = operation.parameters.iter().map(|it| it.name).find(|name| matches!(*name, "PageNumber" | "page"));
    let name = name.ok_or_else(|| Failure::Usage(format!("{} is no list with pages", operation.id)))?;
    let mut all = vec![];
    for page in 1_u32.. {
        let answer = api::send(connection, operation, &given.clone().with(name, page.to_string())).await?;
        let header = answer.headers().get("x-pagination").and_then(|it| it.to_str().ok()).map(str::to_owned);
        let content = api::content(answer).await?;
        let mut json: Value = serde_json::from_slice(&content)
            .map_err(|e| Failure::Other(format!("{}: the answer is not JSON: {e}", operation.id)))?;
        let header: Option<Value> = header.and_then(|it| serde_json::from_str(&it).ok());
        let more = match header {
            Some(header) => header["last_page"].as_u64().is_some_and(|last| last > u64::from(page)),
            None => {
                json["pagination"]["hasNext"] == true || json["pages"].as_u64().is_some_and(|it| it > u64::from(page))
            }
        };
        let items = if json.is_array() { json.take() } else { list_in(&mut json) };
        let Value::Array(items) = items else {
            return Err(Failure::Usage(format!("{} is no list", operation.id)));
        };
        let more = more && !items.is_empty();
        all.extend(items);
        if !more {
            break;
        }
    }
    Ok(all)
}
