//! Application profiles, and what of them the server checks when metadata comes in.

use std::collections::HashSet;

use oxrdf::{Graph, NamedNodeRef, NamedOrBlankNodeRef, TermRef, Triple, vocab};
use oxttl::TurtleParser;
use serde_json::{Value, json};

pub(crate) const SIMPLE: &str = "https://purl.org/coscine/ap/whimbrel/simple/";
pub(crate) const MEASUREMENT: &str = "https://purl.org/coscine/ap/whimbrel/measurement/";

const PROFILES: [(&str, &str, &str); 3] = [
    ("https://purl.org/coscine/ap/whimbrel/base/", "Base", include_str!("../../profiles/base.ttl")),
    (SIMPLE, "Simple", include_str!("../../profiles/simple.ttl")),
    (MEASUREMENT, "Measurement", include_str!("../../profiles/measurement.ttl")),
];

pub(crate) fn turtle(iri: &str) -> Option<&'static str> {
    PROFILES.iter().find(|(it, ..)| it.trim_end_matches('/') == iri.trim_end_matches('/')).map(|(.., turtle)| *turtle)
}

pub(crate) fn list() -> Vec<Value> {
    let one = |(iri, name, _): &(&str, &str, &str)| json!({ "uri": iri, "displayName": name, "description": null });
    PROFILES.iter().map(one).collect()
}

pub(crate) fn dto(iri: &str) -> Option<Value> {
    let found = list()
        .into_iter()
        .find(|it| it["uri"].as_str().unwrap_or_default().trim_end_matches('/') == iri.trim_end_matches('/'));
    found.map(|mut dto| {
        dto["definition"] = json!({ "content": turtle(iri), "type": "text/turtle" });
        dto
    })
}

fn sh(local: &str) -> oxrdf::NamedNode {
    oxrdf::NamedNode::new_unchecked(format!("http://www.w3.org/ns/shacl#{local}"))
}

/// What a file's metadata lacks; in words. Checked are counts, data types, selections and the kind of term.
pub(crate) fn lacks(iri: &str, triples: &[Triple]) -> Vec<String> {
    let (mut found, mut next, mut known) = (vec![], vec![iri.to_owned()], HashSet::new());
    while let Some(iri) = next.pop() {
        if !known.insert(iri.clone()) {
            continue;
        }
        let Some(turtle) = turtle(&iri) else { continue };
        let shapes: Graph = TurtleParser::new().for_slice(turtle).map(|it| it.expect("ours is Turtle")).collect();
        let root = oxrdf::NamedNode::new_unchecked(&iri);
        for parent in shapes.objects_for_subject_predicate(&root, &sh("node")) {
            if let TermRef::NamedNode(parent) = parent {
                next.push(parent.as_str().to_owned());
            }
        }
        for property in shapes.objects_for_subject_predicate(&root, &sh("property")) {
            if let TermRef::BlankNode(shape) = property {
                found.extend(lacks_property(&shapes, shape.into(), triples));
            }
        }
    }
    found
}

fn lacks_property(shapes: &Graph, shape: NamedOrBlankNodeRef<'_>, triples: &[Triple]) -> Vec<String> {
    let object = |local: &str| shapes.object_for_subject_predicate(shape, &sh(local));
    let number = |local: &str| match object(local) {
        Some(TermRef::Literal(it)) => it.value().parse::<usize>().ok(),
        _ => None,
    };
    let Some(TermRef::NamedNode(path)) = object("path") else { return vec![] };
    let values: Vec<TermRef<'_>> =
        triples.iter().filter(|it| it.predicate.as_ref() == path).map(|it| it.object.as_ref()).collect();
    let mut found = vec![];
    if number("minCount").is_some_and(|min| values.len() < min) {
        found.push(format!("{} is required", path.as_str()));
    }
    if number("maxCount").is_some_and(|max| values.len() > max) {
        found.push(format!("{} is given too often", path.as_str()));
    }
    if let Some(TermRef::NamedNode(datatype)) = object("datatype") {
        let wrong = |value: &&TermRef<'_>| !matches!(value, TermRef::Literal(it) if it.datatype() == datatype && is_written_well(datatype, it.value()));
        found.extend(values.iter().find(wrong).map(|it| format!("{it} is not of type {}", datatype.as_str())));
    }
    if let Some(TermRef::BlankNode(list)) = object("in") {
        let choices = list_of(shapes, list.into());
        let wrong = |value: &&TermRef<'_>| !choices.contains(value);
        found.extend(values.iter().find(wrong).map(|it| format!("{it} is not among the choices")));
    }
    if let Some(TermRef::NamedNode(class)) = object("class") {
        let known = super::vocabulary::instruments();
        let wrong = |value: &&TermRef<'_>| !matches!(value, TermRef::NamedNode(it) if known.iter().any(|known| known["typeUri"] == class.as_str() && known["instanceUri"] == it.as_str()));
        found.extend(values.iter().find(wrong).map(|it| format!("{it} is not of class {}", class.as_str())));
    }
    found
}

fn list_of<'g>(graph: &'g Graph, list: NamedOrBlankNodeRef<'g>) -> Vec<TermRef<'g>> {
    let mut terms = vec![];
    let mut at = Some(list);
    while let Some(node) = at {
        terms.extend(graph.object_for_subject_predicate(node, vocab::rdf::FIRST));
        at = match graph.object_for_subject_predicate(node, vocab::rdf::REST) {
            Some(TermRef::BlankNode(rest)) => Some(rest.into()),
            _ => None,
        };
    }
    terms
}

fn is_written_well(datatype: NamedNodeRef<'_>, value: &str) -> bool {
    match datatype {
        vocab::xsd::DATE => chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok(),
        vocab::xsd::INTEGER => value.parse::<i64>().is_ok(),
        vocab::xsd::DECIMAL => value.parse::<f64>().is_ok() && !value.contains(['e', 'E']),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(turtle: &str) -> Vec<String> {
        let text = format!(
            "@prefix d: <http://purl.org/dc/terms/> . @prefix m: <https://purl.org/coscine/terms/whimbrel/> .
             @prefix x: <http://www.w3.org/2001/XMLSchema#> . [] {turtle} ."
        );
        let triples: Vec<Triple> = TurtleParser::new().for_slice(&text).map(Result::unwrap).collect();
        lacks(MEASUREMENT, &triples)
    }

    #[test]
    fn required_fields_own_and_inherited() {
        let missing = found("d:description \"x\"");
        for field in ["terms/title", "terms/creator", "terms/created", "whimbrel/state"] {
            assert!(missing.iter().any(|it| it.contains(field)), "{field}: {missing:?}");
        }
    }

    #[test]
    fn types_choices_and_classes() {
        let good = "d:title \"T\" ; d:creator \"C\" ; d:created \"2026-01-01\"^^x:date ; m:state \"raw\"";
        assert!(found(good).is_empty(), "{:?}", found(good));
        let instrument = "<https://purl.org/coscine/vocabularies/whimbrel/instruments/balance-1>";
        assert!(found(&format!("{good} ; m:instrument {instrument}")).is_empty());
        for bad in [
            "m:state \"raw\", \"cleaned\"",
            "m:samples \"x\"^^x:integer",
            "m:instrument <urn:x>",
            "m:temperature \"1\"",
        ] {
            assert!(!found(&format!("{good} ; {bad}")).is_empty(), "{bad}");
        }
        assert!(found(&good.replace("2026-01-01", "2026-13-01"))[0].contains("date"));
    }
}
