//! `operations.rs` of a raw client: one constant an operation, with what the layers and `whimbrel api` need to know.

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::normalize;

pub(crate) fn tokens(document: &Value) -> Result<TokenStream> {
    let mut constants = vec![];
    let (mut names, mut ids) = (vec![], vec![]);
    for (path, method, operation) in normalize::operations(document) {
        let id = snake(operation["operationId"].as_str().context("operationId")?);
        let name = format_ident!("{}", id.to_uppercase());
        let method = format_ident!("{}", method.to_uppercase());
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        let mut summary = operation["summary"].as_str().unwrap_or_default().to_owned();
        if operation["x-since"] == "next" {
            summary += " (coming release)";
        }
        let deprecated = operation["deprecated"].as_bool().unwrap_or_default();
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(parameter);
        let parameters = parameters.collect::<Result<Vec<_>>>()?;
        let request = media(operation.pointer("/requestBody/content"));
        let response = operation["responses"].as_object().and_then(|it| it.values().next());
        let response = media(response.and_then(|it| it.get("content")));
        let doc = format!(" `{method} {path}`{}{summary}", if summary.is_empty() { "" } else { ": " });
        constants.push(quote! {
            #[doc = #doc]
            pub const #name: Operation = Operation {
                id: #id,
                method: Method::#method,
                path: #path,
                tag: #tag,
                summary: #summary,
                parameters: &[#(#parameters),*],
                request: #request,
                response: #response,
                deprecated: #deprecated,
            };
        });
        names.push(name);
        ids.push(id);
    }
    Ok(quote! {
        use http::Method;
        use middleware::{Location, Operation, Parameter};
        #(#constants)*
        /// Every operation, in the document's order.
        pub static ALL: &[Operation] = &[#(#names),*];

        /// The operation that the generated client calls by this id.
        pub(crate) fn by_id(id: &str) -> Operation {
            match id {
                #(#ids => #names,)*
                _ => unreachable!("{id} comes from another document"),
            }
        }
    })
}

fn parameter(parameter: &Value) -> Result<TokenStream> {
    let name = parameter["name"].as_str().context("a parameter has a name")?;
    let location = match parameter["in"].as_str() {
        Some("path") => quote!(Location::Path),
        Some("header") => quote!(Location::Header),
        _ => quote!(Location::Query),
    };
    let required = parameter["required"].as_bool().unwrap_or_default();
    let repeated = parameter["schema"]["type"] == "array";
    Ok(quote!(Parameter { name: #name, location: #location, required: #required, repeated: #repeated }))
}

fn media(content: Option<&Value>) -> TokenStream {
    match content.and_then(Value::as_object).and_then(|content| content.keys().next()) {
        Some(media) => quote!(Some(#media)),
        None => quote!(None),
    }
}

/// As progenitor names methods.
pub(crate) fn snake(id: &str) -> String {
    let mut out = String::new();
    for (at, c) in id.char_indices() {
        if c.is_uppercase() && at > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
