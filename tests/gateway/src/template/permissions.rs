//! Permissions to invoke a function: without one, API Gateway answers 500 on a correct route.

use super::attributes::{ACCOUNT, function_arn};
use super::resolve::Resolver;
use super::{TemplateError, at};

/// The `AWS::Lambda::Permission`s for API Gateway.
#[derive(Debug)]
pub struct Permissions {
    region: String,
    /// Function name or ARN, and the source ARN with its wildcards.
    given: Vec<(String, String)>,
}

impl Permissions {
    /// Reads the permissions of a template.
    pub fn read(resolver: &Resolver<'_>) -> Result<Self, TemplateError> {
        let mut given = Vec::new();
        for (name, resource) in resolver.of_type("AWS::Lambda::Permission") {
            let properties = &resource["Properties"];
            if properties["Principal"] != "apigateway.amazonaws.com" {
                continue;
            }
            let function = &properties["FunctionName"];
            let function = at(name, "FunctionName", resolver.text(function))?;
            let source = match properties.get("SourceArn") {
                Some(source) => at(name, "SourceArn", resolver.text(source))?,
                None => "*".to_owned(),
            };
            given.push((function, source));
        }
        let region = resolver.deployment.region.clone();
        Ok(Self { region, given })
    }

    /// Whether a route of an API may invoke a function.
    pub fn allows(&self, function: &str, api: &str, stage: &str, key: &str) -> bool {
        let arn = function_arn(&self.region, function);
        // `ANY /api/{proxy+}` stands as `*/api/{proxy+}`, `$connect` as itself.
        let route = match key.split_once(' ') {
            Some(("ANY", path)) => format!("*{path}"),
            Some((method, path)) => format!("{method}{path}"),
            None => key.to_owned(),
        };
        let region = &self.region;
        let source = format!("arn:aws:execute-api:{region}:{ACCOUNT}:{api}/{stage}/{route}");
        self.given.iter().any(|(named, pattern)| {
            let is_it = named == function || named == &arn || named.starts_with(&format!("{arn}:"));
            is_it && like(pattern, &source)
        })
    }
}

/// Matches like `ArnLike`, with `*` as the only wildcard.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| rest.get(at..).is_some_and(|rest| like(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(like("a/*/c", "a/b/c"));
        assert!(like("a/*", "a/b/c"));
        assert!(like("*", ""));
        assert!(!like("a/*/d", "a/b/c"));
        assert!(like("a/*/*", "a/$default/GET/x"));
        assert!(!like("a", "ab"));
    }
}
