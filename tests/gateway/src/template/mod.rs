//! Functions, APIs and the site of `template.yaml`: read once at the start, and refused where a
//! deployment would not answer.

mod apis;
mod attributes;
mod edge;
mod functions;
mod permissions;
mod queues;
mod resolve;
mod site;
mod yaml;

use std::collections::BTreeMap;

pub use apis::{HttpApi, Route, Throttle, WsApi};
pub use attributes::{ACCOUNT, api_domain, function_arn, site_domain};
pub use edge::{EdgeFunction, Redirect};
pub use functions::FunctionSpec;
pub use queues::QueueSource;
pub use resolve::{Deployment, Unresolved};
pub use site::{Behaviour, Forwarding, Origin, OriginKind, Site};

use resolve::Resolver;

/// Why a template is refused.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML.
    #[error("cannot parse template: {0}")]
    Unreadable(String),
    /// A required expression has no value.
    #[error("{resource}.{property}: {cause}")]
    Unresolved {
        /// Logical id.
        resource: String,
        /// Path in the resource.
        property: String,
        /// What the expression lacks.
        cause: Unresolved,
    },
    /// It would not work on AWS, or needs something that this gateway does not support.
    #[error("{0}")]
    Wrong(String),
}

/// A template, read for one deployment.
#[derive(Clone, Debug)]
pub struct ParsedTemplate {
    /// Functions with a binary, by logical id.
    pub functions: BTreeMap<String, FunctionSpec>,
    /// Queues that Lambda reads for them.
    pub queues: Vec<QueueSource>,
    /// The HTTP API.
    pub http: Option<HttpApi>,
    /// The WebSocket APIs.
    pub ws: Vec<WsApi>,
    /// The CloudFront distribution.
    pub site: Option<Site>,
    /// Origins of buckets, as the template writes them and as they were made.
    pub buckets: Vec<String>,
}

impl ParsedTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// When an expression does not resolve, or a deployment would not answer on AWS either.
    pub fn read(text: &str, deployment: &Deployment) -> Result<Self, TemplateError> {
        let template = yaml::read(text).map_err(TemplateError::Unreadable)?;
        let resolver = Resolver {
            template: &template,
            deployment,
        };
        let parsed = Self {
            functions: functions::all(&resolver)?,
            queues: queues::all(&resolver)?,
            http: apis::http(&resolver)?,
            ws: apis::ws(&resolver)?,
            site: site::read(&resolver)?,
            buckets: buckets(&resolver),
        };
        parsed.check_routes()?;
        Ok(parsed)
    }

    fn check_routes(&self) -> Result<(), TemplateError> {
        let http = self.http.iter().flat_map(|api| &api.routes);
        let ws = self.ws.iter().flat_map(|api| &api.routes);
        for route in http.chain(ws) {
            if !self.functions.contains_key(&route.function) {
                return Err(TemplateError::Wrong(format!(
                    "route {} goes to {}, which is not a function with a binary",
                    route.key, route.function
                )));
            }
        }
        Ok(())
    }
}

/// Returns the origins of all buckets, by the name in the template (`BucketName`), which the
/// content security policy uses, and by the name of the deployed bucket.
fn buckets(resolver: &Resolver<'_>) -> Vec<String> {
    let region = &resolver.deployment.region;
    let mut origins = Vec::new();
    for (name, resource) in resolver.of_type("AWS::S3::Bucket") {
        let named = resource["Properties"].get("BucketName");
        let named = named.and_then(|named| resolver.text(named).ok());
        let made = resolver.deployment.physical.get(name).cloned();
        for bucket in named.into_iter().chain(made) {
            origins.push(format!("https://{bucket}.s3.{region}.amazonaws.com"));
        }
    }
    origins
}

/// Adds resource and property to an unresolved expression.
fn at<T>(resource: &str, property: &str, value: Result<T, Unresolved>) -> Result<T, TemplateError> {
    value.map_err(|cause| TemplateError::Unresolved {
        resource: resource.to_owned(),
        property: property.to_owned(),
        cause,
    })
}
