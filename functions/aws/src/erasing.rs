//! The function that erases calls. Pages reach it through the API. After a restore of the table the
//! operator invokes it directly, with [`Again`], until the answer has no `next`.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lambda_http::request::LambdaRequest;
use lambda_http::tower::ServiceExt as _;
use lambda_http::{Adapter, LambdaEvent, Service as _};
use lambda_runtime::service_fn;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sightline_host::Host;
use sightline_host::ports::{SmsOut, StoreError};

use crate::http::{erasing_app, sanitized};
use crate::origin::OriginSecret;
use crate::{Cloud, S3Bucket};

/// Calls that are erased concurrently.
const AT_A_TIME: usize = 8;

/// Asks to erase again what was erased before: calls that a restored table brought back. No request
/// of an API has this field.
#[derive(Debug, Deserialize)]
struct Asked {
    erase_again: Again,
}

/// A page of the calls to erase again.
#[derive(Debug, Default, Deserialize)]
pub struct Again {
    /// [`ErasedAgain::next`] of the page before; absent for the first page.
    after: Option<String>,
}

/// What happened to a page of erased calls.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct ErasedAgain {
    /// Calls on the page.
    pub known: usize,
    /// How many of them were there again, and are erased now.
    pub erased: usize,
    /// Where to go on; absent after the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Serves requests and invocations until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve<S: SmsOut + 'static>(
    host: Arc<Host<Cloud<S, S3Bucket>>>,
    secret: OriginSecret,
) -> Result<(), lambda_http::Error> {
    let app = erasing_app(&host, secret);
    let (host, app) = (&host, &app);
    lambda_http::lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        if event.payload.get("erase_again").is_some() {
            let asked: Asked = serde_json::from_value(event.payload)?;
            return Ok(serde_json::to_value(again(host, asked.erase_again).await?)?);
        }
        let request: LambdaRequest = serde_json::from_value(event.payload)?;
        let mut service = Adapter::from(app.clone()).map_request(sanitized);
        let answer = service.call(LambdaEvent::new(request, event.context));
        Ok::<_, lambda_http::Error>(serde_json::to_value(answer.await?)?)
    }))
    .await
}

/// Erases a page of calls again.
///
/// # Errors
/// At the first call that cannot be erased. The page can be repeated.
pub async fn again<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    asked: Again,
) -> Result<ErasedAgain, StoreError> {
    let page = host.ports().objects.erased(asked.after).await?;
    let known = page.sessions.len();
    let there: Vec<bool> = stream::iter(page.sessions)
        .map(async |session| {
            let there = host.erase_again(session).await?;
            if there {
                tracing::warn!(session.id = %session, "call erased again");
            }
            Ok::<_, StoreError>(there)
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await?;
    Ok(ErasedAgain {
        known,
        erased: there.into_iter().filter(|there| *there).count(),
        next: page.next,
    })
}
