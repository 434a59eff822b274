//! Serves uploads, pictures and case files to signed requests only. They need no cookie: the signed
//! URL is the permission.
//!
//! A request with a valid signature is read to its end even if it is refused: if the server closed
//! the connection while the client is sending, the answer would be lost, and with it the reason. A
//! request without one is not read at all.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::stream::{self, Stream, StreamExt};
use sightline_host::ports::{Ports, StoreError, UploadKey, Uploads as _};
use sightline_wire::{UPLOAD_TYPE, UploadBytes};
use tokio::time::{Instant, timeout, timeout_at};

use super::ServerState;
use crate::objects::{
    FREE, NoPermit, Patience, PutTerms, Receiving, SignedObject, Stored, UploadPermit,
};

/// Bytes of a picture that are in memory for each reader.
const PIECE_BYTES: u64 = 128 * 1024;

/// Returns the routes below `/objects`.
pub fn routes() -> Router<ServerState> {
    Router::new()
        .route("/objects/{*key}", any(serve))
        .layer(map_response(restrict))
}

async fn serve(State(server): State<ServerState>, request: Request) -> Response {
    match *request.method() {
        Method::PUT => upload(&server, request).await,
        Method::GET => download(&server, request.uri()).await,
        _ => {
            let allow = [(header::ALLOW, "GET, PUT")];
            (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
        }
    }
}

async fn upload(server: &ServerState, request: Request) -> Response {
    let desk = server.host.ports();
    let objects = &desk.objects;
    let Some(terms) = address(request.uri()).and_then(|address| objects.signer.put(address)) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    if !is_as_signed(request.headers(), terms.bytes) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let session = terms.key.session;
    let permit = match objects.permits.take(&terms.key, terms.bytes) {
        Ok(permit) => permit,
        Err(NoPermit::UnderWay) => return later(StatusCode::CONFLICT),
        Err(NoPermit::Full) => return later(StatusCode::SERVICE_UNAVAILABLE),
    };
    let receiving = may_upload(server, &terms).await;
    let receiving = receiving.map(|()| objects.receive(&terms.key));
    let patience = objects.patience;
    let pieces = request.into_body().into_data_stream();
    let taking = take(pieces, receiving.as_ref().ok(), &permit, &terms, patience);
    let taken = tokio::select! {
        taken = timeout(patience.whole, taking) => taken,
        () = permit.displaced() => return later(StatusCode::SERVICE_UNAVAILABLE),
    };
    match taken {
        Ok(Ok(())) => {}
        Ok(Err(status)) => return status.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    }
    let receiving = match receiving {
        Ok(receiving) => receiving,
        Err(status) => return status.into_response(),
    };
    match receiving.end().await {
        Ok(Stored::Done) => look_again(server, &terms.key).await.into_response(),
        Ok(Stored::Taken) => StatusCode::PRECONDITION_FAILED.into_response(),
        Err(error) => {
            tracing::error!(session.id = %session, error = %error, "failed to store upload");
            let status = match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                    StatusCode::INSUFFICIENT_STORAGE
                }
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            status.into_response()
        }
    }
}

/// Whether an upload is in time, has room and is wanted.
async fn may_upload(server: &ServerState, terms: &PutTerms) -> Result<(), StatusCode> {
    let desk = server.host.ports();
    if desk.now_ms() >= terms.expires_ms {
        return Err(StatusCode::FORBIDDEN);
    }
    let session = terms.key.session;
    let failed = |error| {
        tracing::error!(session.id = %session, error = %error, "failed to store upload");
        StatusCode::SERVICE_UNAVAILABLE
    };
    if !is_wanted(server, &terms.key).await.map_err(failed)? {
        return Err(StatusCode::FORBIDDEN);
    }
    match desk.objects.has_room(session).await.map_err(failed)? {
        true => Ok(()),
        false => Err(StatusCode::INSUFFICIENT_STORAGE),
    }
}

async fn is_wanted(server: &ServerState, key: &UploadKey) -> Result<bool, StoreError> {
    Ok(server.any_upload || server.host.may_take(key).await?)
}

/// Removes an upload whose picture was deleted while it came. Deleting removes the uploads that lie
/// there, and found none.
async fn look_again(server: &ServerState, key: &UploadKey) -> StatusCode {
    let session = key.session;
    let looked = match is_wanted(server, key).await {
        Ok(true) => return StatusCode::OK,
        Ok(false) => server.host.ports().objects.discard(key).await,
        Err(error) => Err(error),
    };
    match looked {
        Ok(()) => StatusCode::FORBIDDEN,
        Err(error) => {
            // A sweep removes it later.
            tracing::error!(session.id = %session, error = %error, "failed to check an upload");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Asks for another try.
fn later(status: StatusCode) -> Response {
    (status, [(header::RETRY_AFTER, "1")]).into_response()
}

/// Whether the headers are the signed ones, each of them once.
fn is_as_signed(headers: &HeaderMap, bytes: UploadBytes) -> bool {
    let only = |name: HeaderName, wanted: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().is_some_and(|value| value == wanted) && values.next().is_none()
    };
    only(header::CONTENT_LENGTH, &bytes.get().to_string())
        && only(header::CONTENT_TYPE, UPLOAD_TYPE)
        && only(header::IF_NONE_MATCH, FREE)
        && !headers.contains_key(header::TRANSFER_ENCODING)
}

/// Receives exactly the signed bytes, with a time limit for each piece and a least rate.
async fn take(
    mut pieces: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin,
    receiving: Option<&Receiving>,
    permit: &UploadPermit,
    terms: &PutTerms,
    patience: Patience,
) -> Result<(), StatusCode> {
    let (began, whole) = (Instant::now(), terms.bytes.get() as usize);
    let mut left = whole;
    loop {
        let least = began + patience.after(whole - left);
        let due = least.min(Instant::now() + patience.byte);
        let piece = timeout_at(due, pieces.next()).await;
        let piece = match piece.map_err(|_| StatusCode::REQUEST_TIMEOUT)? {
            Some(piece) => piece.map_err(|_| StatusCode::BAD_REQUEST)?,
            None if left == 0 => return Ok(()),
            None => return Err(StatusCode::BAD_REQUEST),
        };
        permit.received(piece.len());
        left = left
            .checked_sub(piece.len())
            .ok_or(StatusCode::BAD_REQUEST)?;
        if let Some(receiving) = receiving {
            receiving.take(piece).await;
        }
    }
}

async fn download(server: &ServerState, uri: &Uri) -> Response {
    let desk = server.host.ports();
    let terms = address(uri).and_then(|address| desk.objects.signer.get(address));
    let Some(terms) = terms.filter(|terms| desk.now_ms() < terms.expires_ms) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    match desk.objects.open_wanted(&terms.wanted).await {
        Ok(Some((file, length))) => {
            let (kind, disposition) = match &terms.wanted {
                SignedObject::Picture(_) => (UPLOAD_TYPE, "attachment".to_owned()),
                SignedObject::Kept(key) => {
                    let named = format!("attachment; filename=\"{}\"", key.file_name());
                    (key.media_type(), named)
                }
            };
            let disposition = HeaderValue::from_str(&disposition)
                .unwrap_or(HeaderValue::from_static("attachment"));
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
                (header::CONTENT_LENGTH, HeaderValue::from(length)),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, Body::from_stream(pieces(file, length))).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            let session = match &terms.wanted {
                SignedObject::Picture(key) => Some(key.session),
                SignedObject::Kept(key) => key.session(),
            };
            let session = session.map(tracing::field::display);
            tracing::error!(session.id = session, error = %error, "failed to read an object");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Streams a file in pieces, as fast as the reader takes them.
fn pieces(file: File, length: u64) -> impl Stream<Item = io::Result<Bytes>> {
    let file = Arc::new(file);
    stream::unfold(0, move |at| {
        let file = file.clone();
        async move {
            let size = length.saturating_sub(at).min(PIECE_BYTES);
            if size == 0 {
                return None;
            }
            let piece = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; usize::try_from(size).unwrap_or_default()];
                file.read_exact_at(&mut piece, at)?;
                Ok(piece.into())
            });
            let piece = piece
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error)));
            // A read error ends the stream.
            let next = if piece.is_ok() { at + size } else { length };
            Some((piece, next))
        }
    })
}

fn address(uri: &Uri) -> Option<&str> {
    uri.path_and_query().map(|address| address.as_str())
}

/// Adds headers that make an object plain data: no script runs, browsers sniff no type, and only
/// pages of this origin may use it.
async fn restrict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let disposition = headers.entry(header::CONTENT_DISPOSITION);
    disposition.or_insert(HeaderValue::from_static("attachment"));
    response
}
