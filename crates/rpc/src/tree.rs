//! Dispatch trees: which messages may come next, in either direction of a channel.
//!
//! A service tells its own with the answer of the locator: `{id: [method, tx tree, rx tree]}`, where a tree is
//! `{id: [message, what follows]}`, and what follows is `{}` for nothing, `nil` for the same again, or a tree.

use std::{collections::HashMap, fmt, sync::Arc};

use crate::value::Value;

/// The messages that may come next.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tree(Option<Arc<[(u64, Message)]>>);

#[derive(PartialEq, Eq)]
struct Message {
    name: Arc<str>,
    role: Role,
    next: Next,
}

/// What a message is to who reads it, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Values.
    Item,
    /// Why there are none.
    Error,
    /// The end, and nothing else.
    End,
}

impl Message {
    fn new(name: Arc<str>, next: Next) -> Self {
        let role = match &*name {
            "error" => Role::Error,
            "close" | "choke" | "discard" => Role::End,
            _ => Role::Item,
        };
        Self { name, role, next }
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Next {
    /// Nothing comes after it.
    End,
    /// The same messages may come again.
    Same,
    Tree(Tree),
}

/// A tree that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeError(&'static str);

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a service that describes itself in a way that is not Cocaine's: {}", self.0)
    }
}

impl std::error::Error for TreeError {}

/// No tree of Cocaine's is nearly as deep.
const DEEPEST: usize = 32;

impl Tree {
    fn of(messages: &[(u64, &str, Next)]) -> Self {
        let message = |(id, name, next): &(u64, &str, Next)| (*id, Message::new((*name).into(), next.clone()));
        Self::with(messages.iter().map(message).collect())
    }

    fn with(messages: Vec<(u64, Message)>) -> Self {
        Self(Some(messages).filter(|it| !it.is_empty()).map(Arc::from))
    }

    fn messages(&self) -> &[(u64, Message)] {
        self.0.as_deref().unwrap_or_default()
    }

    /// One reply: a value or an error.
    pub fn primitive() -> Self {
        Self::of(&[(0, "value", Next::End), (1, "error", Next::End)])
    }

    /// Any number of writes, and an error or a close at the end.
    pub fn streaming() -> Self {
        Self::of(&[(0, "write", Next::Same), (1, "error", Next::End), (2, "close", Next::End)])
    }

    /// As every method of the older generation answers: any number of chunks, perhaps an error, and a choke at the end.
    pub fn chunks() -> Self {
        Self::of(&[(4, "chunk", Next::Same), (5, "error", Next::Same), (6, "choke", Next::End)])
    }

    /// One message, which gives up what was held: a publication, a lock.
    pub fn discard(name: &str) -> Self {
        Self::of(&[(0, name, Next::End)])
    }

    /// As a service tells it.
    ///
    /// # Errors
    /// What is no tree.
    pub fn read(value: &Value) -> Result<Self, TreeError> {
        Self::read_within(value, DEEPEST)
    }

    fn read_within(value: &Value, depth: usize) -> Result<Self, TreeError> {
        let depth = depth.checked_sub(1).ok_or(TreeError("a tree that is too deep"))?;
        let messages = value.as_map().ok_or(TreeError("a tree that is no map"))?;
        let read = |(id, message): &(Value, Value)| {
            let id = id.as_u64().ok_or(TreeError("a message whose id is no number"))?;
            let Some([name, next]) = message.as_array() else { return Err(TreeError("a message that is no pair")) };
            let next = match next {
                Value::Nil => Next::Same,
                Value::Map(messages) if messages.is_empty() => Next::End,
                tree => Next::Tree(Self::read_within(tree, depth)?),
            };
            Ok((id, Message::new(text(name)?, next)))
        };
        Ok(Self::with(messages.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// Whether nothing may come.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The id of the message of this name.
    pub fn id(&self, name: &str) -> Option<u64> {
        self.messages().iter().find(|(_, it)| &*it.name == name).map(|(id, _)| *id)
    }

    /// The messages' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.messages().iter().map(|(_, it)| &*it.name)
    }

    /// Goes on by a message; gives its name. `None` if it may not come, and then nothing is changed.
    pub fn step(&mut self, id: u64) -> Option<Arc<str>> {
        let name = self.messages().iter().find(|(it, _)| *it == id)?.1.name.clone();
        self.go(id);
        Some(name)
    }

    /// The same, for who needs no name.
    pub(crate) fn go(&mut self, id: u64) -> Option<Role> {
        let message = &self.messages().iter().find(|(it, _)| *it == id)?.1;
        let (role, next) = (message.role, message.next.clone());
        match next {
            Next::End => *self = Self::default(),
            Next::Same => {}
            Next::Tree(tree) => *self = tree,
        }
        Some(role)
    }

    /// The id of a message after which nothing comes, by which who goes away says so.
    pub fn farewell(&self) -> Option<u64> {
        let ends = |id: &u64| self.messages().iter().any(|(it, message)| it == id && message.next == Next::End);
        let known = ["close", "discard", "choke"].iter().find_map(|name| self.id(name)).filter(ends);
        known.or_else(|| self.messages().iter().map(|(id, _)| *id).find(ends))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = |(id, message): &(u64, Message)| {
            let next = match &message.next {
                Next::End => "end".to_owned(),
                Next::Same => "same".to_owned(),
                Next::Tree(tree) => format!("{tree:?}"),
            };
            (*id, format!("{}: {next}", message.name))
        };
        f.debug_map().entries(self.messages().iter().map(message)).finish()
    }
}

fn text(value: &Value) -> Result<Arc<str>, TreeError> {
    value.as_str().map(Arc::from).ok_or(TreeError("a name that is no text"))
}

/// A method of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The type of the message that calls it.
    pub id: u64,
    /// Its name.
    pub name: Arc<str>,
    /// What may be sent after the call.
    pub tx: Tree,
    /// What comes back; nothing at all of a mute one.
    pub rx: Tree,
}

/// The methods of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Api {
    methods: Vec<Method>,
    by_name: HashMap<Arc<str>, usize>,
}

/// From here on methods are the connection's own: `goaway`, `ping`, `settings`, `revoke`.
const CONTROL: u64 = 65_532;

/// The check of a connection's health, which each resolved service has from 0.12.14 on.
pub(crate) const PING: u64 = 65_533;

impl Api {
    /// Of these methods. Of two with one name the first is called by it.
    pub fn new(mut methods: Vec<Method>) -> Self {
        methods.sort_by_key(|it| it.id);
        let mut by_name = HashMap::new();
        for (at, method) in methods.iter().enumerate().filter(|(_, it)| it.id < CONTROL) {
            by_name.entry(method.name.clone()).or_insert(at);
        }
        Self { methods, by_name }
    }

    /// As the locator of 0.12 tells it.
    ///
    /// # Errors
    /// What is no API.
    pub fn read(value: &Value) -> Result<Self, TreeError> {
        let methods = value.as_map().ok_or(TreeError("methods that are no map"))?;
        let read = |(id, method): &(Value, Value)| {
            let id = id.as_u64().ok_or(TreeError("a method whose id is no number"))?;
            let Some([name, tx, rx]) = method.as_array() else { return Err(TreeError("a method that is no triple")) };
            Ok(Method { id, name: text(name)?, tx: Tree::read(tx)?, rx: Tree::read(rx)? })
        };
        Ok(Self::new(methods.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// As the locator of 0.11 tells it: `{id: name}`.
    ///
    /// # Errors
    /// What is no API.
    pub fn read_v0(value: &Value) -> Result<Self, TreeError> {
        let methods = value.as_map().ok_or(TreeError("methods that are no map"))?;
        let read = |(id, name): &(Value, Value)| {
            let id = id.as_u64().ok_or(TreeError("a method whose id is no number"))?;
            Ok(Method { id, name: text(name)?, tx: Tree::default(), rx: Tree::chunks() })
        };
        Ok(Self::new(methods.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// The method of this name. Those of the connection itself have none here: one of them may be called as one of the
    /// service is, and most make a server hang up.
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.by_name.get(name).map(|at| &self.methods[*at])
    }

    /// The service's own methods, by their ids.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|it| it.id < CONTROL)
    }

    /// The check of a connection's health, if there is one.
    pub(crate) fn ping(&self) -> Option<&Method> {
        self.methods.iter().find(|it| it.id == PING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: Vec<(u64, Value)>) -> Value {
        Value::Map(pairs.into_iter().map(|(id, value)| (id.into(), value)).collect())
    }

    fn message(name: &str, next: Value) -> Value {
        vec![name.into(), next].into()
    }

    fn streaming() -> Value {
        map(vec![
            (0, message("write", Value::Nil)),
            (1, message("error", map(vec![]))),
            (2, message("close", map(vec![]))),
        ])
    }

    #[test]
    fn what_is_told_is_what_is_known_to_be_told() {
        assert_eq!(Tree::read(&streaming()).unwrap(), Tree::streaming());
        assert_eq!(Tree::read(&map(vec![])).unwrap(), Tree::default());
    }

    #[test]
    fn a_tree_is_gone_along() {
        let lock = map(vec![(0, message("locked", map(vec![(7, message("unlocked", map(vec![])))])))]);
        let mut tree = Tree::read(&lock).unwrap();
        assert_eq!(tree.step(7), None);
        assert_eq!(tree.step(0).as_deref(), Some("locked"));
        assert_eq!(tree.step(0), None);
        assert_eq!(tree.step(7).as_deref(), Some("unlocked"));
        assert!(tree.is_empty());
        let mut stream = Tree::streaming();
        for _ in 0..3 {
            assert_eq!(stream.step(0).as_deref(), Some("write"));
        }
        assert_eq!(stream.step(1).as_deref(), Some("error"));
        assert_eq!(stream.step(0), None);
    }

    #[test]
    fn who_goes_away_says_so_in_the_friendliest_way_there_is() {
        assert_eq!(Tree::streaming().farewell(), Some(2));
        assert_eq!(Tree::discard("close").farewell(), Some(0));
        assert_eq!(Tree::discard("discard").farewell(), Some(0));
        assert_eq!(Tree::primitive().farewell(), Some(0));
        assert_eq!(Tree::default().farewell(), None);
    }

    #[test]
    fn a_service_has_its_own_ping_though_the_connection_has_one_too() {
        let of = |id| (id, vec!["ping".into(), map(vec![]), streaming()].into());
        let api = Api::read(&map(vec![of(65_533), of(0)])).unwrap();
        assert_eq!(api.method("ping").unwrap().id, 0);
        assert_eq!(api.ping().unwrap().id, 65_533);
        assert_eq!(api.methods().count(), 1);
        assert_eq!(Api::read(&map(vec![of(65_533)])).unwrap().method("ping"), None);
    }

    #[test]
    fn what_is_none_is_refused_and_does_not_go_on_for_ever() {
        let deep = (0..1000).fold(map(vec![]), |inner, _| map(vec![(0, message("m", inner))]));
        for wrong in [Value::Nil, map(vec![(0, Value::Nil)]), map(vec![(0, message("m", 1.into()))]), deep] {
            Tree::read(&wrong).unwrap_err();
            Api::read(&map(vec![(0, vec!["m".into(), wrong, streaming()].into())])).unwrap_err();
        }
    }
}
