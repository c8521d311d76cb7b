//! An OpenAPI document as a page of plain HTML: operations by tag, then every schema, linked.

mod json_schema;
mod markup;

use std::fmt::Write;

use serde_json::Value;

use json_schema::shape;
use markup::{fields, markup, row, text};

const STYLE: &str = include_str!("html.css");

/// The page.
pub(super) fn page(document: &Value) -> String {
    let info = &document["info"];
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}: HTTP interfaces</title>\n\
         <style>\n{STYLE}</style>\n<header><h1>{title}</h1>\n<p>{about}</p>\n\
         <p class=\"soft\">Version {version} · <a href=\"/api/openapi.json\">openapi.json</a> · OpenAPI {openapi}</p></header>\n<main>\n",
        title = text(info, "title"),
        about = text(info, "description"),
        version = text(info, "version"),
        openapi = text(document, "openapi"),
    );
    for tag in document["tags"].as_array().into_iter().flatten() {
        section(&mut html, document, tag);
    }
    html += "<section>\n<h2>Schemas</h2>\n";
    for (name, schema) in fields(&document["components"]["schemas"]) {
        let about = text(schema, "description");
        put(
            &mut html,
            format_args!("<article id=\"{name}\"><h3>{name}</h3>\n<p>{about}</p>\n{}</article>\n", shape(schema)),
        );
    }
    html + "</section>\n</main>\n</html>\n"
}

fn section(html: &mut String, document: &Value, tag: &Value) {
    put(
        html,
        format_args!("<section>\n<h2>{}</h2>\n<p class=\"soft\">{}</p>\n", text(tag, "name"), text(tag, "description")),
    );
    for (path, item) in fields(&document["paths"]) {
        for (method, operation) in fields(item).filter(|(_, operation)| operation["tags"][0] == tag["name"]) {
            put(
                html,
                format_args!(
                    "<details><summary><b class=\"{method}\">{method}</b> <code>{}</code> <span>{}</span></summary>\n{}</details>\n",
                    markup(path),
                    text(operation, "summary"),
                    operation_body(document, operation)
                ),
            );
        }
    }
    *html += "</section>\n";
}

fn operation_body(document: &Value, operation: &Value) -> String {
    let mut html = String::new();
    if operation["description"].is_string() {
        put(&mut html, format_args!("<p>{}</p>\n", text(operation, "description")));
    }
    let rows = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let about = format!("<p>{}</p>{}", text(parameter, "description"), shape(&parameter["schema"]));
        row(
            &format!("<code>{}</code> <span class=\"soft\">{}</span>", text(parameter, "name"), text(parameter, "in")),
            &about,
        )
    });
    table(&mut html, "Parameters", &rows.collect::<String>());
    table(&mut html, "Request", &contents(&operation["requestBody"]["content"]));
    let rows = fields(&operation["responses"]).map(|(status, response)| {
        let named = response["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
        let response = named.unwrap_or(response);
        let content = contents(&response["content"]);
        let content = if content.is_empty() { content } else { format!("<table>{content}</table>") };
        row(&format!("<code>{status}</code>"), &format!("<p>{}</p>{content}", text(response, "description")))
    });
    table(&mut html, "Answers", &rows.collect::<String>());
    html
}

fn contents(content: &Value) -> String {
    fields(content)
        .map(|(media, content)| row(&format!("<code>{}</code>", markup(media)), &shape(&content["schema"])))
        .collect()
}

fn table(html: &mut String, heading: &str, rows: &str) {
    if !rows.is_empty() {
        put(html, format_args!("<h4>{heading}</h4>\n<table>\n{rows}</table>\n"));
    }
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = html.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_schema_is_on_the_page_and_no_link_is_dead() {
        let document = domain::describe::openapi();
        let page = page(&document);
        for (path, item) in fields(&document["paths"]) {
            for (method, _) in fields(item) {
                assert!(page.contains(&format!("{method}</b> <code>{path}</code>")), "{method} {path}");
            }
        }
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
        }
        assert!(!page.contains("<script"));
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(markup("a `<b>` & \"c\""), "a <code>&lt;b&gt;</code> &amp; &quot;c&quot;");
    }
}
