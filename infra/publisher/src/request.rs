//! Requests of CloudFormation to a custom resource, and their answers (CloudFormation User Guide,
//! "Custom resource request types" and "Response objects").

use std::time::Duration;

use http::{Method, Request as HttpRequest, header};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};

/// A request of CloudFormation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// What to do with the resource.
    #[serde(rename = "RequestType")]
    pub asked: Asked,
    /// The resource.
    pub resource_properties: Wanted,
    /// Signed URL for the answer; the URL alone permits to answer.
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

/// What to do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Asked {
    /// Create it.
    Create,
    /// Update it: its properties changed, which include the version of the code.
    Update,
    /// Delete it.
    Delete,
}

/// A resource. Its properties name its kind: an image has a repository, the pages have a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Wanted {
    /// The relay's image.
    #[serde(rename_all = "PascalCase")]
    Image {
        /// Name of the ECR repository.
        repository: String,
        /// `x86_64` or `arm64`.
        architecture: String,
    },
    /// The pages.
    #[serde(rename_all = "PascalCase")]
    Page {
        /// Name of the bucket.
        bucket: String,
    },
}

impl Wanted {
    /// Returns the physical id, which depends on the resource alone: a different id makes
    /// CloudFormation delete the old resource.
    fn id(&self) -> String {
        match self {
            Self::Image { repository, .. } => format!("image-{repository}"),
            Self::Page { bucket } => format!("page-{bucket}"),
        }
    }
}

/// The outcome of a request: attributes of the resource, or the reason of the failure.
pub type Outcome = Result<Value, String>;

/// The answer did not reach CloudFormation, which gives up after an hour.
#[derive(Debug, thiserror::Error)]
#[error("cannot answer CloudFormation: {0}")]
pub struct NoAnswer(String);

/// Sends the outcome of a request to CloudFormation.
///
/// # Errors
/// When it cannot be reached, after three tries.
pub async fn answer(request: &Request, outcome: &Outcome) -> Result<(), NoAnswer> {
    let body = body(request, outcome).to_string();
    let mut failure = NoAnswer("not tried".to_owned());
    for wait_ms in [0, 500, 2_000] {
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        match put(&request.response_url, body.clone()).await {
            Ok(()) => return Ok(()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn body(request: &Request, outcome: &Outcome) -> Value {
    /// An answer may have 4 KB.
    const REASON_CHARS: usize = 1_000;
    let (status, reason, data) = match outcome {
        Ok(data) => ("SUCCESS", String::new(), data.clone()),
        Err(why) => (
            "FAILED",
            why.chars().take(REASON_CHARS).collect(),
            json!({}),
        ),
    };
    let id = request.physical_resource_id.clone();
    json!({
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": id.unwrap_or_else(|| request.resource_properties.id()),
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
        "Data": data,
    })
}

async fn put(url: &str, body: String) -> Result<(), NoAnswer> {
    const WITHIN: Duration = Duration::from_secs(10);
    let no_answer = |why: &dyn std::fmt::Display| NoAnswer(why.to_string());
    let https = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(https);
    // The URL is signed without a content type, so an empty one has to be sent.
    let request = HttpRequest::builder()
        .method(Method::PUT)
        .uri(url)
        .header(header::CONTENT_TYPE, "")
        .body(Full::from(body))
        .map_err(|error| no_answer(&error))?;
    let answered = tokio::time::timeout(WITHIN, client.request(request)).await;
    let answered = answered
        .map_err(|error| no_answer(&error))?
        .map_err(|error| no_answer(&error))?;
    if answered.status().is_success() {
        Ok(())
    } else {
        Err(no_answer(&answered.status()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn request(kind: &str, properties: Value, physical: Option<&str>) -> Request {
        let mut event = json!({
            "RequestType": kind,
            "ResponseURL": "https://example.com/answer?signed",
            "StackId": "arn:aws:cloudformation:eu-central-1:1:stack/s/1",
            "RequestId": "r",
            "ResourceType": "Custom::RelayImage",
            "LogicalResourceId": "Image",
            "ServiceToken": "arn",
            "ResourceProperties": properties,
        });
        if let Some(physical) = physical {
            event["PhysicalResourceId"] = physical.into();
        }
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_resource_is_known_by_its_properties() {
        let image = json!({
            "ServiceToken": "arn",
            "Version": "7",
            "Repository": "relay",
            "Architecture": "arm64",
        });
        assert_eq!(
            request("Create", image, None).resource_properties,
            Wanted::Image {
                repository: "relay".to_owned(),
                architecture: "arm64".to_owned()
            }
        );
        let page = json!({"ServiceToken": "arn", "Version": "7", "Bucket": "web"});
        let page = request("Delete", page, Some("page-web"));
        assert_eq!(page.asked, Asked::Delete);
        let bucket = "web".to_owned();
        assert_eq!(page.resource_properties, Wanted::Page { bucket });
    }

    #[test]
    fn an_answer_keeps_the_resource_s_name_so_that_an_update_deletes_nothing() {
        let properties = json!({"Bucket": "web"});
        let created = request("Create", properties.clone(), None);
        let first = body(&created, &Ok(json!({"Files": 3})));
        assert_eq!(first["PhysicalResourceId"], "page-web");
        assert_eq!(first["Status"], "SUCCESS");
        assert_eq!(first["Data"]["Files"], 3);
        let updated = request("Update", properties, Some("as-it-was"));
        let second = body(&updated, &Err("x".repeat(5_000)));
        assert_eq!(second["PhysicalResourceId"], "as-it-was");
        assert_eq!(second["Status"], "FAILED");
        assert!(second.to_string().len() < 4_096);
    }
}
