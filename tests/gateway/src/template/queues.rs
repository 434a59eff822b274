//! Event source mappings of queues: the events of type `SQS` of functions.

use serde_json::Value;

use super::attributes::attribute;
use super::resolve::Resolver;
use super::{TemplateError, at};

/// A queue that Lambda reads for a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSource {
    /// Logical id of the function.
    pub function: String,
    /// URL of the queue, as it was made.
    pub url: String,
    /// Its ARN.
    pub arn: String,
    /// Most messages of one event.
    pub batch: u64,
    /// Most invocations at a time.
    pub at_a_time: u64,
}

/// Reads all mappings.
pub fn all(resolver: &Resolver<'_>) -> Result<Vec<QueueSource>, TemplateError> {
    let mut sources = Vec::new();
    for (name, resource) in resolver.of_type("AWS::Serverless::Function") {
        let events = resource["Properties"]["Events"].as_object();
        let events = events.into_iter().flatten();
        for (event, source) in events.filter(|(_, event)| event["Type"] == "SQS") {
            let path = format!("Events.{event}.Queue");
            let of = &source["Properties"];
            let arn = at(name, &path, resolver.text(&of["Queue"]))?;
            let wrong = |why: &str| TemplateError::Wrong(format!("{name}.{path} {why}"));
            if of["FunctionResponseTypes"] != serde_json::json!(["ReportBatchItemFailures"]) {
                return Err(wrong("is read here for functions that report what failed"));
            }
            let number = |value: &Value| value.as_u64();
            sources.push(QueueSource {
                function: name.to_owned(),
                url: url_of(resolver, &arn).ok_or_else(|| wrong("is not in the template"))?,
                arn,
                batch: number(&of["BatchSize"]).unwrap_or(10),
                at_a_time: number(&of["ScalingConfig"]["MaximumConcurrency"]).unwrap_or(5),
            });
        }
    }
    Ok(sources)
}

/// The URL of the queue with this ARN.
fn url_of(resolver: &Resolver<'_>, arn: &str) -> Option<String> {
    let mut queues = resolver.of_type("AWS::SQS::Queue");
    let (name, _) = queues
        .find(|(name, _)| attribute(resolver, name, "Arn").is_ok_and(|known| known == arn))?;
    resolver.deployment.physical.get(name).cloned()
}
