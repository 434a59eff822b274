//! References to secrets in a template, `{{resolve:secretsmanager:ID:SecretString}}`, which
//! CloudFormation resolves.

use ::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::gateway::authority;
use crate::listen;

/// Replaces the reference in a text by the secret.
///
/// # Errors
/// When a reference is malformed or its secret cannot be fetched.
pub async fn resolve(text: &str, endpoint: Option<&str>, region: &str) -> Result<String, String> {
    let Some((before, rest)) = text.split_once("{{resolve:") else {
        return Ok(text.to_owned());
    };
    let (reference, after) = rest.split_once("}}").ok_or("reference has no end")?;
    let id = reference
        .strip_prefix("secretsmanager:")
        .ok_or("only references to Secrets Manager are resolved here")?;
    // What follows the id: `:SecretString:json-key:version-stage:version-id`.
    let (id, parts) = id.split_once(":SecretString").unwrap_or((id, ""));
    if !parts.trim_matches(':').is_empty() {
        return Err("only whole secrets are resolved here".to_owned());
    }
    let endpoint = endpoint.ok_or("a secret is named, and no endpoint was given")?;
    let value = fetch(id.trim_end_matches(':'), endpoint, region).await;
    let value = value.ok_or("the secret cannot be fetched")?;
    Ok(format!("{before}{value}{after}"))
}

async fn fetch(id: &str, endpoint: &str, region: &str) -> Option<String> {
    let server = authority(endpoint);
    let body = json!({ "SecretId": id }).to_string();
    // The emulator accepts any signature unless it enforces IAM; the scope names the service.
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/secretsmanager/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        "0".repeat(64)
    );
    let request = Request::builder()
        .method(Method::POST)
        .uri("/")
        .header(header::HOST, &server)
        .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .header("x-amz-date", "20260101T000000Z")
        .header(header::AUTHORIZATION, scope)
        .body(Full::new(Bytes::from(body)))
        .ok()?;
    let answer = listen::ask(&server, request).await.ok()?;
    if answer.status() != StatusCode::OK {
        return None;
    }
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    let body: Value = serde_json::from_slice(&body).ok()?;
    Some(body["SecretString"].as_str()?.to_owned())
}
