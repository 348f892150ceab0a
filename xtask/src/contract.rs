//! `tests/src/<service>_calls.rs`: one typed call an operation, each parameter given, and an answer to it, both made up
//! from the document. What comes of them is the contract that `tests/` holds in snapshots.

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Value, json};

use crate::{normalize, operations::snake};

/// The calls of all operations that are generated; `client` is the generated client's text, which knows the types of
/// bodies.
pub(crate) fn tokens(service: &str, document: &Value, client: &str) -> Result<TokenStream> {
    let module = format_ident!("{service}");
    let (mut calls, mut answers) = (vec![], vec![]);
    for (_, _, operation) in normalize::operations(document) {
        let id = snake(operation["operationId"].as_str().context("operationId")?);
        let response = operation["responses"].as_object().and_then(|it| it.values().next());
        let schema = response.and_then(|it| it.pointer("/content/application~1json/schema"));
        let answer = schema.map_or(String::new(), |schema| example(document, schema, "", 0).to_string());
        answers.push(quote!(#id => #answer,));
        if operation.get("x-manual").is_some() {
            continue;
        }
        let method = format_ident!("{id}");
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|it| {
            let name = it["name"].as_str().unwrap_or_default();
            // progenitor writes a name that Rust has taken with an underscore.
            let setter = snake(&name.replace('-', "_"));
            let setter = format_ident!("{}", if setter == "type" { "type_" } else { &setter });
            let value = argument(document, &it["schema"], name);
            quote!(.#setter(#value))
        });
        let body = operation.pointer("/requestBody/content/application~1json/schema").map(|schema| {
            let text = example(document, schema, "", 0).to_string();
            let kind: syn::Type = syn::parse_str(&body_type(client, &id)?)?;
            Ok::<_, anyhow::Error>(quote!(.body(json::<#kind>(#text))))
        });
        let body = body.transpose()?;
        calls.push(quote!(#id => told(client.#method() #(#parameters)* #body .send().await),));
    }
    Ok(quote! {
        use raw::#module::{Client, types};
        use crate::contract::{json, told};

        /// Calls an operation; `None` if it is written by hand.
        pub async fn call(client: &Client, operation: &str) -> Option<String> {
            Some(match operation {
                #(#calls)*
                _ => return None,
            })
        }

        /// An answer to an operation, made up from the document; empty where it answers with no JSON.
        pub fn answer(operation: &str) -> &'static str {
            match operation {
                #(#answers)*
                _ => "",
            }
        }
    })
}

/// The type that a call's body is made from, as the generated client writes it.
fn body_type(client: &str, id: &str) -> Result<String> {
    let name: String = id.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect();
    let of_call = client.split(&format!("impl<'a> {name}<'a> {{")).nth(1).with_context(|| format!("no call {name}"))?;
    let body = of_call.split("pub fn body<V>").nth(1).and_then(|it| it.split("TryInto<").nth(1));
    let until = |text: &str| {
        let mut depth = 1;
        text.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0
        })
        .map(|end| text[..end].trim().trim_end_matches(',').to_owned())
    };
    body.and_then(until).with_context(|| format!("{name} takes no body"))
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(&Value::Null),
        None => schema,
    }
}

/// What a parameter is given: text that must be encoded, the first number that is not the default.
fn argument(document: &Value, schema: &Value, name: &str) -> TokenStream {
    let schema = resolve(document, schema);
    match schema["type"].as_str() {
        Some("integer") => quote!(7),
        Some("number") => quote!(7.5),
        Some("boolean") => quote!(true),
        Some("array") => quote!(vec!["a&b".to_owned(), "c d".to_owned()]),
        _ => {
            let text = if name == "Accept-Language" { "de".to_owned() } else { format!("{name}/ä %20") };
            quote!(#text.to_owned())
        }
    }
}

/// A value of a schema with everything in it; recursion ends with what is allowed to be missing.
fn example(document: &Value, schema: &Value, name: &str, depth: usize) -> Value {
    let schema = resolve(document, schema);
    if let Some(parts) = schema["allOf"].as_array().or(schema["oneOf"].as_array()) {
        return parts.first().map_or(Value::Null, |part| example(document, part, name, depth));
    }
    match schema["type"].as_str() {
        Some("object") if schema.get("properties").is_some() => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let properties = schema["properties"].as_object().into_iter().flatten();
            let wanted = properties.filter(|(name, _)| depth < 4 || required.iter().any(|it| it == name.as_str()));
            wanted.map(|(name, schema)| (name.clone(), example(document, schema, name, depth + 1))).collect()
        }
        Some("object") if schema["additionalProperties"].is_object() => {
            json!({ "key": example(document, &schema["additionalProperties"], "value", depth + 1) })
        }
        Some("object") => json!({ "any": "thing" }),
        Some("array") if depth < 5 => json!([example(document, &schema["items"], name, depth + 1)]),
        Some("array") => json!([]),
        Some("integer") => 7.into(),
        Some("number") => 7.5.into(),
        Some("boolean") => true.into(),
        Some("string") => format!("{name} ä").into(),
        _ => json!({ "any": "thing" }),
    }
}
