//! CloudFront functions, as far as this gateway supports them: a redirect of one path. Any other
//! function is refused, because skipping a script would leave the site untested.

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

/// The code of a redirect, around its variable parts.
const CODE: [&str; 5] = [
    "function handler(event) { if (event.request.uri !== \"",
    "\") return event.request; return { statusCode: ",
    ", statusDescription: \"",
    "\", headers: { location: { value: \"",
    "\" } } }; }",
];

/// Reads the function of an association as a redirect.
pub fn read(
    resolver: &Resolver<'_>,
    site: &str,
    association: &Value,
) -> Result<Redirect, TemplateError> {
    let name = at(
        site,
        "FunctionARN",
        resolver.text(&association["FunctionARN"]),
    )?;
    let wrong = || {
        TemplateError::Wrong(format!(
            "{site}: function {name} is not a redirect of one path at the viewer's request; \
             this gateway supports no other functions"
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

fn parse(code: &str) -> Option<Redirect> {
    let code: Vec<&str> = code.split_whitespace().collect();
    let code = code.join(" ");
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
        assert_eq!(parse(FRONT), Some(wanted));
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
