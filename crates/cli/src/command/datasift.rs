//! `whimbrel datasift`: thin over the SDK.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use whimbrel::datasift::{Client, Deleted, Event, Feed, Period, Prepare, Subscribe, Way};

use crate::{
    args::{
        Global, Limit,
        datasift::{
            self as args, DatasiftCommand, Definition, Gone, HistoricsCommand, One, PushCommand, SourcesCommand,
        },
    },
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

const FOUND: [Column; 4] = [("hash", "/hash"), ("data", "/data"), ("repeated", "/repeated"), ("deleted", "/deleted")];
/// All of it: what is pulled is as its publisher wrote it.
const PULLED: [Column; 1] = [("data", "")];
const HISTORICS: [Column; 5] =
    [("id", "/id"), ("name", "/name"), ("status", "/status"), ("progress", "/progress"), ("created", "/created_at")];
const SUBSCRIPTION: [Column; 5] =
    [("id", "/id"), ("name", "/name"), ("status", "/status"), ("type", "/output_type"), ("hash", "/hash")];
const SOURCE: [Column; 4] = [("id", "/id"), ("name", "/name"), ("type", "/source_type"), ("status", "/status")];
const IDENTITY: [Column; 4] = [("id", "/id"), ("label", "/label"), ("status", "/status"), ("master", "/master")];
const RECORDING: [Column; 4] = [("id", "/id"), ("name", "/name"), ("status", "/status"), ("volume", "/volume")];
const DELIVERY: [Column; 4] =
    [("time", "/request_time"), ("subscription", "/subscription_id"), ("success", "/success"), ("message", "/message")];
const READING: [Column; 3] = [("time", "/event_time"), ("success", "/success"), ("message", "/message")];

const STOP: &str = "end for good";
const FORGET: &str = "forget";

pub(crate) async fn run(global: &Global, asked: args::Datasift) -> Done {
    let (datasift, output) = (session::datasift(global, asked.user)?, Output::new(global));
    match asked.command {
        DatasiftCommand::Validate(definition) => output.thing(datasift.validate(&csdl(definition).await?).await?),
        DatasiftCommand::Compile(definition) => output.thing(datasift.compile(&csdl(definition).await?).await?),
        DatasiftCommand::Dpu { hash } => output.thing(datasift.dpu(&hash).await?),
        DatasiftCommand::Usage { period } => {
            let period = match period {
                args::Period::Hour => Period::Hour,
                args::Period::Day => Period::Day,
            };
            output.thing(datasift.usage(period).await?)
        }
        DatasiftCommand::Balance => {
            let balance = datasift.balance().await?;
            output.thing(json!({ "balance": balance.balance, "credits": datasift.credits() }))
        }
        DatasiftCommand::Stream { hashes, http, limit } => stream(&datasift, hashes, http, limit, output).await,
        DatasiftCommand::Pull { id, cursor, follow } => {
            let pull = match cursor {
                Some(cursor) => datasift.pull(id).cursor(cursor),
                None => datasift.pull(id),
            };
            let found: futures::stream::BoxStream<'_, Done<Value>> = match follow {
                true => pull.stream().map_err(Failure::from).boxed(),
                false => stream::iter(pull.once().await?.interactions).map(Ok).boxed(),
            };
            lines(found, &PULLED, Limit::NONE, output).await
        }
        DatasiftCommand::Ingest { source, file } => {
            let content = session::content(&file).await?;
            output.thing(datasift.ingest_lines(&source, content).await?)
        }
        DatasiftCommand::Historics(command) => historics(&datasift, command, output).await,
        DatasiftCommand::Push(command) => push(&datasift, command, output).await,
        DatasiftCommand::Sources(command) => sources(&datasift, command, output).await,
        DatasiftCommand::Identities(limit) => output.list(datasift.identities().list(None), &IDENTITY, limit).await,
        DatasiftCommand::Pylon { service, limit } => {
            output.list(datasift.pylon(service).list(), &RECORDING, limit).await
        }
    }
}

/// Asks before what can't be undone; the id of what it is done to.
async fn sure(gone: Gone, deed: &str) -> Done<String> {
    session::sure(gone.sure.yes, &format!("{deed} {}", gone.id)).await?;
    Ok(gone.id)
}

/// A definition as it was typed, or from where it points to.
async fn csdl(definition: Definition) -> Done<String> {
    match definition.csdl.strip_prefix('@') {
        Some(path) => session::text(Path::new(path)).await,
        None => Ok(definition.csdl),
    }
}

/// A line each, as it comes. For people too: who waits for a table of what has no end would wait for ever.
async fn lines(found: impl Stream<Item = Done<Value>>, columns: &[Column], limit: Limit, output: Output) -> Done {
    // Whether there are more is not asked: that would be to wait for one more.
    let found = found.take(limit.limit.unwrap_or(usize::MAX));
    match output.is_table() {
        true => output.lines(found.map_ok(|it| it.to_string())).await,
        false => output.rows(found, columns, Limit::NONE).await,
    }
}

async fn stream(datasift: &Client, hashes: Vec<String>, http: bool, limit: Limit, output: Output) -> Done {
    let notes = Output::note_taker(&output);
    // Told while the next event is waited for, and so before it.
    let deleted = Arc::new(Mutex::new(vec![]));
    let kept = deleted.clone();
    let on_delete = move |gone: Deleted| kept.lock().unwrap_or_else(PoisonError::into_inner).push(gone);
    let way = if http { Way::Http } else { Way::WebSocket };
    let mut left: HashSet<_> = hashes.iter().map(|it| it.to_ascii_lowercase()).collect();
    let mut live =
        hashes.into_iter().fold(datasift.live(on_delete).over(way), whimbrel::datasift::Listen::stream).open()?;
    let waiting = deleted.clone();
    // The next event may be long in coming, and what is deleted is to be known at once.
    let events = stream::poll_fn(move |context| match live.poll_next_unpin(context) {
        Poll::Pending if !waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty() => {
            Poll::Ready(Some(Ok(None)))
        }
        event => event.map(|event| event.map(|event| event.map(Some))),
    });
    let found = events.map_err(Failure::from).map_ok(move |event| {
        let gone = std::mem::take(&mut *deleted.lock().unwrap_or_else(PoisonError::into_inner));
        let mut rows: Vec<_> = gone.into_iter().map(|it| json!({ "hash": it.hash, "deleted": it.id })).collect();
        let Some(event) = event else { return stream::iter(rows.into_iter().map(Ok).collect::<Vec<_>>()) };
        match event {
            Event::Interaction(found) => rows.push(json!(found)),
            Event::Connected { missed: Some(missed) } => {
                notes(&format!("connected again; nothing came for {:.1} s", missed.as_secs_f64()));
            }
            Event::Lost { why, again_in } => notes(&format!("{why}; again in {} s", again_in.as_secs())),
            Event::Warning { message } => notes(&format!("the server warns: {message}")),
            Event::Refused { hash, message } => {
                let refused = hash.is_some_and(|hash| left.remove(&hash.to_ascii_lowercase()));
                if refused && left.is_empty() {
                    // Nothing would ever come.
                    let refused = whimbrel::Error::not_found(format!("the server refuses: {message}"));
                    return stream::iter(vec![Err(refused.into())]);
                }
                notes(&format!("the server refuses: {message}"));
            }
            Event::Behind => notes("this reads more slowly than things are found"),
            _ => {}
        }
        stream::iter(rows.into_iter().map(Ok).collect::<Vec<_>>())
    });
    lines(found.try_flatten(), &FOUND, limit, output).await
}

async fn historics(datasift: &Client, command: HistoricsCommand, output: Output) -> Done {
    let historics = datasift.historics();
    match command {
        HistoricsCommand::List(limit) => return output.list(historics.list(), &HISTORICS, limit).await,
        HistoricsCommand::Show(One { id }) => return output.thing(historics.get(&id).await?),
        HistoricsCommand::Prepare { name, hash, from, until, sources, sample } => {
            let query = Prepare { hash, start: from, end: until, name, sources, sample };
            return output.thing(historics.prepare(&query).await?);
        }
        HistoricsCommand::Start(One { id }) => historics.start(&id).await?,
        HistoricsCommand::Pause(One { id }) => historics.pause(&id, None).await?,
        HistoricsCommand::Resume(One { id }) => historics.resume(&id).await?,
        HistoricsCommand::Stop(gone) => historics.stop(&sure(gone, STOP).await?, None).await?,
        HistoricsCommand::Rm(gone) => historics.delete(&sure(gone, FORGET).await?).await?,
    }
    Ok(())
}

async fn push(datasift: &Client, command: PushCommand, output: Output) -> Done {
    let push = datasift.push();
    let subscription = match command {
        PushCommand::List(limit) => return output.list(push.list(None), &SUBSCRIPTION, limit).await,
        PushCommand::Log { id, limit } => return output.list(push.log(id.as_deref()), &DELIVERY, limit).await,
        PushCommand::Rm(gone) => return Ok(push.delete(&sure(gone, FORGET).await?).await?),
        PushCommand::Show(One { id }) => push.get(&id).await?,
        PushCommand::Create { name, hash, historics } => {
            let feed = historics.map_or_else(|| Feed::Stream(hash.unwrap_or_default()), Feed::Historics);
            push.create(&Subscribe::pull(name, feed)).await?
        }
        PushCommand::Pause(One { id }) => push.pause(&id).await?,
        PushCommand::Resume(One { id }) => push.resume(&id).await?,
        PushCommand::Stop(gone) => push.stop(&sure(gone, STOP).await?).await?,
    };
    output.thing(subscription)
}

async fn sources(datasift: &Client, command: SourcesCommand, output: Output) -> Done {
    let sources = datasift.managed_sources();
    let source = match command {
        SourcesCommand::List(limit) => return output.list(sources.list(None), &SOURCE, limit).await,
        SourcesCommand::Log { one: One { id }, limit } => return output.list(sources.log(&id), &READING, limit).await,
        SourcesCommand::Rm(gone) => return Ok(sources.delete(&sure(gone, FORGET).await?).await?),
        SourcesCommand::Show(One { id }) => sources.get(&id).await?,
        SourcesCommand::Start(One { id }) => sources.start(&id).await?,
        SourcesCommand::Stop(One { id }) => sources.stop(&id).await?,
    };
    output.thing(source)
}
