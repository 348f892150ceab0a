//! One test a pass, on the least document that shows why the pass exists.

use serde_json::json;

use super::*;

/// A document of one operation.
fn document(operation: Value) -> Value {
    json!({ "paths": { "/a/{id}": { "get": operation } } })
}

fn after(mut document: Value, pass: fn(&mut Value)) -> String {
    pass(&mut document);
    serde_json::to_string_pretty(&document["paths"]["/a/{id}"]).unwrap()
}

fn schema(schema: Value, pass: fn(&mut Value)) -> Value {
    let mut document = json!({ "components": { "schemas": { "S": schema } } });
    pass(&mut document);
    document["components"]["schemas"]["S"].take()
}

#[test]
fn an_operation_without_a_name_or_with_anothers_is_named_in_the_error() {
    let nameless = name_operations(&document(json!({}))).unwrap_err().to_string();
    insta::assert_snapshot!(nameless, @"get /a/{id} has no operationId: give it one in the overlay");
    let twice = json!({ "paths": { "/a": { "get": { "operationId": "A" }, "put": { "operationId": "A" } } } });
    insta::assert_snapshot!(name_operations(&twice).unwrap_err().to_string(), @"operationId A stands twice");
}

#[test]
fn parameters_of_a_path_belong_to_its_operations_if_the_template_has_them() {
    let mut document = json!({ "paths": { "/a/{id}": {
        "parameters": [{ "in": "path", "name": "id" }, { "in": "path", "name": "gone" }],
        "get": { "parameters": [{ "in": "query", "name": "q" }] },
    } } });
    lower_path_parameters(&mut document);
    insta::assert_snapshot!(document["paths"]["/a/{id}"].to_string(), @r#"{"get":{"parameters":[{"in":"path","name":"id"},{"in":"query","name":"q"}]}}"#);
}

#[test]
fn of_several_forms_of_one_body_json_is_kept() {
    let body =
        json!({ "requestBody": { "content": { "text/json": 1, "application/json": 2, "application/*+json": 3 } } });
    insta::assert_snapshot!(after(document(body), one_request_media_type), @r#"
    {
      "get": {
        "requestBody": {
          "content": {
            "application/json": 2
          }
        }
      }
    }
    "#);
}

#[test]
fn errors_are_not_declared_and_successes_are_one() {
    let responses = json!({ "responses": {
        "200": { "description": "" }, "201": { "content": { "text/json": 1, "application/json": 2 }, "headers": {} },
        "404": {}, "default": {}, "1": {},
    } });
    insta::assert_snapshot!(after(document(responses), only_success), @r#"
    {
      "get": {
        "responses": {
          "2XX": {
            "content": {
              "application/json": 2
            }
          }
        }
      }
    }
    "#);
    let silent = after(document(json!({ "responses": { "404": {} } })), only_success);
    assert!(silent.contains("2XX"), "{silent}");
}

#[test]
fn forms_and_rdf_are_written_by_hand() {
    let is_manual = |request: Value, response: Value| {
        let operation = json!({
            "requestBody": { "content": request }, "responses": { "200": { "content": response } },
        });
        after(document(operation), mark_manual).contains("x-manual")
    };
    assert!(is_manual(json!({ "multipart/form-data": 1 }), json!({})));
    assert!(is_manual(json!({}), json!({ "text/turtle": 1 })));
    assert!(!is_manual(json!({ "application/json": 1 }), json!({ "application/json": 1 })));
    assert!(!is_manual(json!({}), json!({})));
}

#[test]
fn json_without_a_schema_is_any_json() {
    let operation = json!({ "responses": { "200": { "content": { "application/json": {} } } } });
    insta::assert_snapshot!(after(document(operation), describe_json).replace(['\n', ' '], ""),
        @r#"{"get":{"responses":{"200":{"content":{"application/json":{"schema":{}}}}}}}"#);
}

#[test]
fn an_enum_that_may_grow_is_text() {
    insta::assert_snapshot!(schema(json!({ "type": "string", "enum": ["+a", "-a", "a"] }), open_enums), @r#"{"type":"string"}"#);
    let numbers = json!({ "type": "integer", "enum": [1, 2] });
    assert_eq!(schema(numbers.clone(), open_enums), numbers);
}

#[test]
fn what_a_server_sends_against_its_promises_does_not_fail_a_list() {
    let strict = json!({ "type": "object", "additionalProperties": false, "properties": {
        "at": { "type": "string", "format": "date-time", "maxLength": 3, "pattern": "x" },
        "file": { "type": "string", "format": "binary" },
        "n": { "type": "integer", "format": "int64", "minimum": 1, "default": 1 },
    } });
    insta::assert_snapshot!(schema(strict, loosen_schemas), @r#"{"type":"object","properties":{"at":{"type":"string"},"file":{"type":"string","format":"binary"},"n":{"type":"integer","format":"int64"}}}"#);
}

#[test]
fn what_is_not_required_may_be_null() {
    let object = json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "string" }, "list": { "type": "array", "items": {} }, "other": { "$ref": "#/x" },
    } });
    insta::assert_snapshot!(schema(object, optional_may_be_null), @r##"{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"list":{"type":"array","items":{},"nullable":true},"other":{"$ref":"#/x"}}}"##);
}

#[test]
fn every_operation_of_the_documents_is_there_afterwards() {
    let read = |name: &str| -> Value {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi").join(name);
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    for (service, overlays, released, coming) in [
        ("coscine", &["coscine.overlay.json"][..], 148, 0),
        ("dserver", &["dserver.overlay.json", "dserver.next.overlay.json"], 29, 18),
    ] {
        let mut document = read(&format!("{service}.json"));
        assert_eq!(operations(&document).count(), released);
        for overlay in overlays {
            crate::overlay::apply(&mut document, &read(overlay)).unwrap();
        }
        normalize(&mut document).unwrap();
        let next = operations(&document).filter(|(.., it)| it["x-since"] == "next").count();
        assert_eq!((operations(&document).count(), next), (released + coming, coming));
    }
}
