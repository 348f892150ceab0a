//! The tables of operations (`crates/sdk/src/<service>/README.md`) say what is true.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use middleware::Operation;

struct Row {
    tag: String,
    operation: String,
    sdk: String,
    python: String,
}

/// A service by the folder of its code in the SDK.
struct Service {
    name: &'static str,
    operations: &'static [Operation],
}

const SERVICES: [Service; 3] = [
    Service { name: "coscine", operations: whimbrel::coscine::operations::ALL },
    Service { name: "datasift", operations: whimbrel::datasift::operations::ALL },
    Service { name: "dserver", operations: whimbrel::dserver::operations::ALL },
];

impl Service {
    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sdk/src").join(self.name)
    }

    fn table(&self) -> Vec<Row> {
        let text = fs::read_to_string(self.folder().join("README.md")).unwrap();
        // Six cells: another table may follow.
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.matches(" |").count() >= 6);
        let row = |line: &str| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            let [tag, operation, sdk, _cli, python, _note] = &cells[..] else { panic!("not six cells: {line}") };
            let operation = operation.trim_matches('`').to_owned();
            Row { tag: tag.clone(), operation, sdk: sdk.clone(), python: python.clone() }
        };
        rows.filter(|line| line.contains('`')).map(row).collect()
    }

    /// The methods of the service's classes in Python, as `Client.readme`. What all clients have is each one's.
    fn python(&self) -> BTreeSet<String> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/py/python/whimbrel");
        let of_service = fs::read_dir(package.join(self.name)).unwrap().map(|it| it.unwrap().path());
        let sources = of_service.filter(|it| it.extension().is_some_and(|it| it == "py"));
        let mut methods = BTreeSet::new();
        for source in sources.chain([package.join("_client.py")]) {
            let (text, mut class) = (fs::read_to_string(source).unwrap(), String::new());
            for line in text.lines() {
                let name = |rest: &str| rest.split(['(', ':']).next().unwrap().to_owned();
                if let Some(rest) = line.strip_prefix("class ") {
                    class = name(rest);
                } else if let Some(rest) = line.strip_prefix("    def ") {
                    methods.insert(format!("{class}.{}", name(rest)));
                } else if line.starts_with("def ") {
                    class.clear();
                }
            }
        }
        methods
    }

    /// Every word of the SDK's code for the service, but for its policies, which name operations without making them.
    fn words(&self) -> (String, BTreeSet<String>) {
        let mut code = String::new();
        let mut folders = vec![self.folder()];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("policy.rs") {
                    code += &fs::read_to_string(path).unwrap();
                }
            }
        }
        let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect();
        (code, words)
    }
}

#[test]
fn each_operation_stands_once_in_the_table_by_its_tag() {
    for service in SERVICES {
        let (table, operations) = (service.table(), service.operations);
        let stands: BTreeSet<_> = table.iter().map(|row| row.operation.as_str()).collect();
        let documented: BTreeSet<_> = operations.iter().map(|it| it.id).collect();
        assert_eq!(stands, documented);
        assert_eq!(table.len(), operations.len(), "none twice");
        assert!(table.is_sorted_by_key(|row| &row.tag));
        for row in &table {
            let documented = operations.iter().find(|it| it.id == row.operation).unwrap();
            assert_eq!(row.tag, documented.tag, "{}", row.operation);
        }
    }
}

#[test]
fn a_call_uses_its_operation_and_raw_only_has_a_reason() {
    for service in SERVICES {
        let (code, words) = service.words();
        for Row { operation, sdk, .. } in service.table() {
            let used = words.contains(&operation.to_uppercase());
            if let Some(rest) = sdk.strip_prefix("raw only") {
                let reason = rest.strip_prefix(", because ").unwrap_or_default();
                assert!(reason.len() > 5, "{operation}: why raw only?");
                assert!(!used, "{operation}: it is used after all");
                continue;
            }
            assert!(used, "{operation}: nothing uses it");
            let calls: Vec<_> = sdk.split(", ").map(|it| it.strip_prefix('`')?.strip_suffix('`')).collect();
            for call in calls {
                let call = call.unwrap_or_else(|| panic!("{operation}: {sdk}"));
                let name = call.rsplit("::").next().unwrap();
                let is_there = code.contains(&format!("fn {name}("))
                    || code.contains(&format!("fn {name}<"))
                    || (name.starts_with(char::is_uppercase) && words.contains(name));
                assert!(is_there, "{operation}: there is no {call}");
            }
        }
    }
}

#[test]
fn a_call_in_python_is_a_method_of_its_class_and_none_has_a_reason() {
    for service in SERVICES {
        let methods = service.python();
        for Row { operation, python, .. } in service.table() {
            if let Some(reason) = python.strip_prefix("none, because ") {
                assert!(reason.len() > 5, "{operation}: why is there none in Python?");
                continue;
            }
            for call in python.split(", ") {
                let call = call.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
                let call = call.unwrap_or_else(|| panic!("{operation}: {python:?} names no call in Python"));
                assert!(methods.contains(call), "{operation}: there is no {call} in Python");
            }
        }
    }
}
