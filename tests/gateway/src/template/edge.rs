//! CloudFront functions, as far as this gateway supports them: a redirect of one path, another path
//! for all, and one status for all. Any other function is refused, because skipping a script would
//! leave the site untested.

use serde_json::Value;

use super::resolve::Resolver;
use super::{TemplateError, at};

/// A path that is redirected without asking an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The whole path.
    pub path: String,
    /// Status.
    pub status: u16,
    /// `Location`.
    pub to: String,
}

/// What a function does with a viewer's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeFunction {
    /// Redirects one path, and lets the others pass.
    Redirect(Redirect),
    /// Asks the origin for this path.
    Rewrite(String),
    /// Answers with this status.
    Answer(u16),
}

/// The code of a rewrite, around the path.
const REWRITE: [&str; 2] = [
    "function handler(event) { event.request.uri = \"",
    "\"; return event.request; }",
];

/// The code of an answer, around status and description.
const ANSWER: [&str; 3] = [
    "function handler() { return { statusCode: ",
    ", statusDescription: \"",
    "\" }; }",
];

/// The code of a redirect, around its variable parts.
const CODE: [&str; 5] = [
    "function handler(event) { if (event.request.uri !== \"",
    "\") return event.request; return { statusCode: ",
    ", statusDescription: \"",
    "\", headers: { location: { value: \"",
    "\" } } }; }",
];

/// Reads the function of an association.
pub fn read(
    resolver: &Resolver<'_>,
    site: &str,
    association: &Value,
) -> Result<EdgeFunction, TemplateError> {
    let name = at(
        site,
        "FunctionARN",
        resolver.text(&association["FunctionARN"]),
    )?;
    let wrong = || {
        TemplateError::Wrong(format!(
            "{site}: function {name} is not one that this gateway supports: a redirect of one path, \
             another path, or a status, at the viewer's request"
        ))
    };
    let function = resolver.resource(&name).ok_or_else(wrong)?;
    let code = &function["Properties"]["FunctionCode"];
    let code = at(&name, "FunctionCode", resolver.text(code))?;
    if association["EventType"] != "viewer-request" {
        return Err(wrong());
    }
    parse(&code).ok_or_else(wrong)
}

fn parse(code: &str) -> Option<EdgeFunction> {
    let code: Vec<&str> = code.split_whitespace().collect();
    let code = code.join(" ");
    rewrite(&code)
        .map(EdgeFunction::Rewrite)
        .or_else(|| answer(&code).map(EdgeFunction::Answer))
        .or_else(|| redirect(&code).map(EdgeFunction::Redirect))
}

fn rewrite(code: &str) -> Option<String> {
    let [begin, end] = REWRITE;
    let path = code.strip_prefix(begin)?.strip_suffix(end)?;
    let plain = path.starts_with('/') && !path.contains(['"', '\\', '?']);
    plain.then(|| path.to_owned())
}

fn answer(code: &str) -> Option<u16> {
    let [begin, description, end] = ANSWER;
    let (status, words) = code.strip_prefix(begin)?.split_once(description)?;
    let words = words.strip_suffix(end)?;
    status.parse().ok().filter(|_| !words.contains('"'))
}

fn redirect(code: &str) -> Option<Redirect> {
    let [begin, status, description, to, end] = CODE;
    let rest = code.strip_prefix(begin)?;
    let (path, rest) = rest.split_once(status)?;
    let (status, rest) = rest.split_once(description)?;
    let (_, rest) = rest.split_once(to)?;
    Some(Redirect {
        path: path.to_owned(),
        status: status.parse().ok()?,
        to: rest.strip_suffix(end)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT: &str = r#"
        function handler(event) {
          if (event.request.uri !== "/") return event.request;
          return { statusCode: 303, statusDescription: "See Other", headers: { location: { value: "/agent" } } };
        }"#;

    #[test]
    fn one_path_with_a_redirect_is_read() {
        let wanted = Redirect {
            path: "/".to_owned(),
            status: 303,
            to: "/agent".to_owned(),
        };
        assert_eq!(parse(FRONT), Some(EdgeFunction::Redirect(wanted)));
    }

    #[test]
    fn another_path_and_a_status_are_read() {
        let other = r#"function handler(event) {
          event.request.uri = "/agent";
          return event.request;
        }"#;
        let path = "/agent".to_owned();
        assert_eq!(parse(other), Some(EdgeFunction::Rewrite(path)));
        let status = r#"function handler() {
          return { statusCode: 404, statusDescription: "Not Found" };
        }"#;
        assert_eq!(parse(status), Some(EdgeFunction::Answer(404)));
        assert_eq!(parse(&other.replace("/agent", "/a\"; evil(); \"")), None);
        assert_eq!(parse(&status.replace("404", "code")), None);
    }

    #[test]
    fn other_code_is_refused() {
        assert_eq!(
            parse("function handler(event) { return event.request; }"),
            None
        );
        assert_eq!(parse(&FRONT.replace("303", "code")), None);
        assert_eq!(parse(&format!("{FRONT} evil();")), None);
    }
}
