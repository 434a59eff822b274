//! The function: receives a request of CloudFormation, publishes, answers.

use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};
use sightline_publisher::{Asked, Image, Outcome, Request, Wanted, answer, clear, publish, push};

/// The relay, beside this program in the function's zip.
const RELAY: &str = "sightline-relay";

/// Time reserved for the answer before the function's deadline: without an answer the stack waits
/// for an hour.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let cloud = Cloud::connect().await;
    run(service_fn(|event| handle(&cloud, event))).await
}

struct Cloud {
    registry: aws_sdk_ecr::Client,
    bucket: aws_sdk_s3::Client,
}

impl Cloud {
    async fn connect() -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
        let bucket = aws_sdk_s3::config::Builder::from(&config)
            // A custom endpoint has no host names for buckets.
            .force_path_style(config.endpoint_url().is_some())
            .build();
        Self {
            registry: aws_sdk_ecr::Client::new(&config),
            bucket: aws_sdk_s3::Client::from_conf(bucket),
        }
    }
}

async fn handle(cloud: &Cloud, event: LambdaEvent<Value>) -> Result<(), Error> {
    let request: Request = serde_json::from_value(event.payload)?;
    let left = event.context.deadline().duration_since(now());
    let within = left.unwrap_or_default().saturating_sub(ANSWER_WITHIN);
    let outcome = tokio::time::timeout(within, carry_out(cloud, &request)).await;
    let outcome = outcome.unwrap_or_else(|_| Err("the function ran out of time".to_owned()));
    match &outcome {
        Ok(_) => tracing::info!(asked = ?request.asked, "published"),
        Err(why) => tracing::error!(asked = ?request.asked, error = why, "publishing failed"),
    }
    answer(&request, &outcome).await?;
    Ok(())
}

async fn carry_out(cloud: &Cloud, request: &Request) -> Outcome {
    match (&request.resource_properties, request.asked) {
        // The repository is deleted with all its images.
        (Wanted::Image { .. }, Asked::Delete) => Ok(json!({})),
        (
            Wanted::Image {
                repository,
                architecture,
            },
            _,
        ) => {
            let folder = std::env::var("LAMBDA_TASK_ROOT").unwrap_or_else(|_| ".".to_owned());
            let relay = std::path::Path::new(&folder).join(RELAY);
            let program = std::fs::read(&relay)
                .map_err(|error| format!("cannot read the relay beside this function: {error}"))?;
            let image = Image::of(&program, architecture).map_err(|error| error.to_string())?;
            let digest = push(&cloud.registry, repository, &image).await;
            Ok(json!({ "Digest": digest.map_err(|error| error.to_string())? }))
        }
        (Wanted::Page { bucket }, Asked::Delete) => {
            let cleared = clear(&cloud.bucket, bucket).await;
            cleared.map_err(|error| error.to_string())?;
            Ok(json!({}))
        }
        (Wanted::Page { bucket }, _) => {
            if !sightline_web::is_built() {
                return Err(sightline_web::MISSING.to_owned());
            }
            let files = publish(&cloud.bucket, bucket).await;
            Ok(json!({ "Files": files.map_err(|error| error.to_string())? }))
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the clock is read"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
