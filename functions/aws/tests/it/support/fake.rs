//! A scripted service, for answers that MiniStack never gives. It records its requests.

use std::sync::{Arc, Mutex};

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// A whole request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// The path as sent, with its escapes.
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

pub enum Reply {
    /// A status, headers and a body.
    Says(u16, Vec<(&'static str, &'static str)>, String),
    /// Closes the connection after reading the request.
    HangsUp,
    /// Never answers.
    Waits,
}

/// Ends with the runtime of the test that started it.
pub struct Fake {
    /// URL without a trailing slash.
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    pub async fn start(replies: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(listen(listener, asked.clone(), Arc::new(replies)));
        Self { url, asked }
    }

    /// Returns all requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn listen<R>(listener: TcpListener, asked: Arc<Mutex<Vec<Asked>>>, replies: Arc<R>)
where
    R: Fn(&Asked) -> Reply + Send + Sync + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let (asked, replies) = (asked.clone(), replies.clone());
        let answer = service_fn(move |request: Request<Incoming>| {
            let (asked, replies) = (asked.clone(), replies.clone());
            async move {
                let one = read(request).await;
                asked.lock().unwrap().push(one.clone());
                match replies(&one) {
                    Reply::Says(status, headers, body) => Ok(said(status, &headers, body)),
                    Reply::HangsUp => Err("hangs up"),
                    Reply::Waits => std::future::pending().await,
                }
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}

async fn read(request: Request<Incoming>) -> Asked {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn said(status: u16, headers: &[(&str, &str)], body: String) -> Response<Full<Bytes>> {
    let mut said = Response::builder().status(status);
    for (name, value) in headers {
        said = said.header(*name, *value);
    }
    said.body(Full::new(Bytes::from(body))).unwrap()
}
