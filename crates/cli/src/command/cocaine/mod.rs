//! `whimbrel cocaine`: thin over the SDK.

mod value;

use std::time::Duration;

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value as Json, json};
use tokio::io::AsyncBufReadExt as _;
use whimbrel::cocaine::{self, Call, Value};

use self::value::{argument, to_json};
use crate::{
    args::{
        Global, Limit,
        cocaine::{AppsCommand, Called, Cocaine, CocaineCommand, Runtime, StorageCommand},
    },
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

const ENDPOINT: [Column; 2] = [("host", "/host"), ("port", "/port")];
const METHOD: [Column; 4] = [("id", "/id"), ("method", "/method"), ("may be sent", "/sent"), ("comes back", "/comes")];
const KEY: [Column; 1] = [("key", "/key")];
const APP: [Column; 1] = [("app", "/app")];

pub(crate) async fn run(global: &Global, asked: Cocaine) -> Done {
    let mut builder = cocaine::Cocaine::builder();
    if let Some(locator) = &asked.locator {
        builder = builder.locator(locator)?;
    }
    if let Some(seconds) = global.deadline {
        builder = builder.deadline(Duration::from_secs(seconds));
    }
    if asked.runtime == Runtime::Older {
        builder = builder.protocol(cocaine::Protocol::V0);
    }
    let (cocaine, output) = (builder.build(), Output::new(global));
    match asked.command {
        CocaineCommand::Locate { service } => {
            let resolved = cocaine.locator().resolve(&service).await?;
            let rows = resolved.endpoints.iter().map(|it| json!({ "host": it.host, "port": it.port })).collect();
            output.all::<Json>(rows, &ENDPOINT, Limit::NONE).await
        }
        CocaineCommand::Info { service } => info(&cocaine, &service, output).await,
        CocaineCommand::Call(called) => {
            refuse_both_ways(&cocaine, &called).await?;
            let told = to_json(&call(&cocaine, &called)?.await?);
            show(output, told)
        }
        CocaineCommand::Stream { called, send, stdin } => {
            let duplex = call(&cocaine, &called)?.duplex().await?;
            let chunks = match stdin {
                true => lines().left_stream(),
                false => stream::iter(send).map(Ok).right_stream(),
            };
            let came = both_ways(duplex, chunks).map_ok(|it| to_json(&it));
            match output.is_table() {
                true => output.lines(came.map_ok(|it| it.as_str().map_or(it.to_string(), str::to_owned))).await,
                false => {
                    let rows = came.map_ok(|it| json!({ "chunk": it }));
                    output.rows(rows, &[("chunk", "/chunk")], Limit::NONE).await
                }
            }
        }
        CocaineCommand::Storage(command) => storage(&cocaine.storage(), command, output).await,
        CocaineCommand::Apps(command) => apps(&cocaine.node(), command, output).await,
    }
}

fn call(cocaine: &cocaine::Cocaine, called: &Called) -> Done<cocaine::Calling> {
    let arguments = called.arguments.iter().map(|it| argument(it)).collect::<Done<Vec<Value>>>()?;
    Ok(cocaine.service(&called.service).call(Call::new(&called.method).args(arguments)))
}

/// A method that waits for chunks, as an app's `enqueue`, would be waited for in turn.
async fn refuse_both_ways(cocaine: &cocaine::Cocaine, called: &Called) -> Done {
    let Called { service, method, .. } = called;
    let resolved = cocaine.service(service).resolved().await?;
    let method_there = resolved.api.method(method);
    let waits = method_there.is_some_and(|it| it.tx.names().any(|name| name == "write"));
    match waits {
        true => Err(Failure::Usage(format!(
            "{service}.{method} goes both ways: whimbrel cocaine stream {service} {method}"
        ))),
        false => Ok(()),
    }
}

/// An answer of any kind.
fn show(output: Output, told: Json) -> Done {
    match (told, output.is_table()) {
        (Json::Null, true) => Ok(()),
        (Json::String(text), true) => output.document(&format!("{text}\n")),
        (object @ Json::Object(_), _) => output.thing(object),
        (other, _) => output.json(&other),
    }
}

async fn info(cocaine: &cocaine::Cocaine, service: &str, output: Output) -> Done {
    let resolved = cocaine.locator().resolve(service).await?;
    let words = |tree: &cocaine::rpc::Tree| tree.names().collect::<Vec<_>>().join(", ");
    let rows = resolved
        .api
        .methods()
        .map(|it| json!({ "id": it.id, "method": &*it.name, "sent": words(&it.tx), "comes": words(&it.rx) }));
    output.note(format!("{service} is of version {}", resolved.version));
    output.all(rows.collect::<Vec<Json>>(), &METHOD, Limit::NONE).await
}

/// The lines of the standard input.
fn lines() -> impl Stream<Item = Done<String>> {
    let lines = tokio::io::BufReader::new(tokio::io::stdin()).lines();
    stream::try_unfold(lines, |mut lines| async { Ok(lines.next_line().await?.map(|it| (it, lines))) })
}

/// What comes, while chunks are sent; the end is sent after the last of them.
fn both_ways(duplex: cocaine::Duplex, chunks: impl Stream<Item = Done<String>>) -> impl Stream<Item = Done<Value>> {
    let (mut outgoing, incoming) = duplex.split();
    let sent = async move {
        let mut chunks = std::pin::pin!(chunks);
        while let Some(chunk) = chunks.try_next().await? {
            // A channel that the service has ended takes nothing more, and that is no failure.
            if outgoing.write(chunk).await.is_err() {
                return Ok(());
            }
        }
        if !outgoing.is_closed() {
            let _ = outgoing.close().await;
        }
        Ok(())
    };
    let sent = stream::once(sent).filter_map(async |it: Done| it.err().map(Err));
    stream::select(incoming.map_err(Failure::from), sent)
}

async fn storage(storage: &cocaine::Storage, command: StorageCommand, output: Output) -> Done {
    match command {
        StorageCommand::Read { namespace, key } => output.plain(&storage.read(&namespace, &key).await?),
        StorageCommand::Write { namespace, key, file, tag } => {
            let content = session::content(&file).await?;
            let tags: Vec<&str> = tag.iter().map(String::as_str).collect();
            let bytes = content.len();
            storage.write(&namespace, &key, content, &tags).await?;
            output.note(format!("{namespace}/{key}: {bytes} bytes"));
            Ok(())
        }
        StorageCommand::Rm { namespace, key, sure } => {
            session::sure(sure.yes, &format!("remove {namespace}/{key}")).await?;
            Ok(storage.remove(&namespace, &key).await?)
        }
        StorageCommand::Find { namespace, tags } => {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            let keys = storage.find(&namespace, &tags).await?;
            let rows = keys.into_iter().map(|key| json!({ "key": key })).collect::<Vec<Json>>();
            output.all(rows, &KEY, Limit::NONE).await
        }
    }
}

async fn apps(node: &cocaine::Node, command: AppsCommand, output: Output) -> Done {
    match command {
        AppsCommand::List => {
            let rows = node.list().await?.into_iter().map(|app| json!({ "app": app })).collect::<Vec<Json>>();
            output.all(rows, &APP, Limit::NONE).await
        }
        AppsCommand::Info { app } => show(output, to_json(&node.info(&app).await?)),
        AppsCommand::Start { app, profile } => {
            node.start_app(&app, &profile).await?;
            output.note(format!("{app} runs"));
            Ok(())
        }
        AppsCommand::Pause { app } => {
            node.pause_app(&app).await?;
            output.note(format!("{app} is stopped"));
            Ok(())
        }
    }
}
