//! The functions whose metadata name a binary of the workspace.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::resolve::{Resolver, Unresolved};
use super::{TemplateError, at};

/// Lambda's own default.
const TIMEOUT_DEFAULT_S: u64 = 3;

/// Lambda's own default.
const MEMORY_DEFAULT_MB: u32 = 128;

/// One function of the template.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// Logical id.
    pub name: String,
    /// Name of the binary: `Metadata.BuildProperties.Binary`.
    pub binary: String,
    /// An invocation is cancelled after this time.
    pub timeout: Duration,
    /// Memory; only a variable of the function.
    pub memory_mb: u32,
    /// `Environment.Variables`. An unresolved value matters only if the settings do not override
    /// it.
    pub environment: BTreeMap<String, Result<String, Unresolved>>,
    /// `LoggingConfig`, as variables of the runtime.
    pub logging: BTreeMap<&'static str, String>,
}

/// Reads all functions, by logical id.
pub fn all(resolver: &Resolver<'_>) -> Result<BTreeMap<String, FunctionSpec>, TemplateError> {
    let mut functions = BTreeMap::new();
    for (name, resource) in resolver.of_type("AWS::Serverless::Function") {
        let binary = &resource["Metadata"]["BuildProperties"]["Binary"];
        if let Some(binary) = binary.as_str() {
            let spec = function(resolver, name, resource, binary)?;
            functions.insert(name.to_owned(), spec);
        }
    }
    Ok(functions)
}

fn function(
    resolver: &Resolver<'_>,
    name: &str,
    resource: &Value,
    binary: &str,
) -> Result<FunctionSpec, TemplateError> {
    let globals = &resolver.template["Globals"]["Function"];
    let own = &resource["Properties"];
    let number = |property: &str, default: u64| -> Result<u64, TemplateError> {
        let expression = [own, globals]
            .into_iter()
            .find_map(|section| section.get(property));
        let Some(expression) = expression else {
            return Ok(default);
        };
        let text = at(name, property, resolver.text(expression))?;
        let number = text.parse();
        number.map_err(|_| TemplateError::Wrong(format!("{name}.{property} is not a number")))
    };
    let timeout_s = number("Timeout", TIMEOUT_DEFAULT_S)?;
    let memory_mb = number("MemorySize", u64::from(MEMORY_DEFAULT_MB))?;
    let mut environment = BTreeMap::new();
    // SAM merges maps of the globals into those of the function.
    for section in [globals, own] {
        let variables = section["Environment"]["Variables"].as_object();
        for (variable, expression) in variables.into_iter().flatten() {
            match resolver.value(expression) {
                // `AWS::NoValue`: the variable does not exist.
                Ok(Value::Null) => environment.remove(variable),
                _ => environment.insert(variable.clone(), resolver.text(expression)),
            };
        }
    }
    let mut logging = BTreeMap::new();
    for section in [globals, own] {
        for (property, variable) in [
            ("LogFormat", "AWS_LAMBDA_LOG_FORMAT"),
            ("ApplicationLogLevel", "AWS_LAMBDA_LOG_LEVEL"),
        ] {
            if let Some(expression) = section["LoggingConfig"].get(property) {
                let value = at(name, property, resolver.text(expression))?;
                logging.insert(variable, value);
            }
        }
    }
    Ok(FunctionSpec {
        name: name.to_owned(),
        binary: binary.to_owned(),
        timeout: Duration::from_secs(timeout_s),
        memory_mb: u32::try_from(memory_mb).unwrap_or(MEMORY_DEFAULT_MB),
        environment,
        logging,
    })
}
