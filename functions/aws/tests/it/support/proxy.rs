//! An unreliable proxy in front of the stack: throttles, failures, conflicts, and lost answers.
//!
//! Faults are random with a seed, with a limit on consecutive ones for one call, or scripted for
//! the next requests of an operation.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// The fault of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Answered with `ThrottlingException`.
    Throttled,
    /// Answered with `ProvisionedThroughputExceededException`.
    OverCapacity,
    /// Answered with status 500.
    Broken,
    /// A transaction answered as cancelled, for this reason of its first item; anything else is
    /// throttled.
    Cancelled(&'static str),
    /// Carried out, and the connection closed without an answer.
    Lost,
    /// Carried out, and the connection closed in the middle of the answer.
    Torn,
}

impl Fault {
    /// All faults that a retry of the same call fixes.
    pub const PASSING: [Self; 5] = [
        Self::Throttled,
        Self::OverCapacity,
        Self::Broken,
        Self::Lost,
        Self::Torn,
    ];
}

/// An unreliable proxy to the stack. Dropping it stops it.
pub struct Proxy {
    /// Its address.
    pub endpoint: String,
    plan: Arc<Mutex<Plan>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Plan {
    chance: u64,
    percent: u64,
    faults: Vec<Fault>,
    in_a_row_max: u32,
    in_a_row: HashMap<String, u32>,
    script: VecDeque<(&'static str, Fault)>,
    made: BTreeMap<Fault, u32>,
    carried_out: BTreeMap<String, u32>,
    calls_carried_out: HashSet<String>,
}

impl Proxy {
    /// Starts a proxy with faults in `percent` of all requests and in the first, so that every run
    /// has one. A call of a client meets at most `in_a_row_max` faults.
    pub async fn start(
        upstream: &str,
        seed: u64,
        percent: u64,
        in_a_row_max: u32,
        faults: &[Fault],
    ) -> Self {
        let upstream: SocketAddr = upstream
            .trim_start_matches("http://")
            .parse()
            .expect("the stack is on loopback");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(Plan {
            chance: seed,
            percent,
            faults: faults.to_vec(),
            in_a_row_max,
            in_a_row: HashMap::new(),
            script: VecDeque::new(),
            made: BTreeMap::new(),
            carried_out: BTreeMap::new(),
            calls_carried_out: HashSet::new(),
        }));
        let task = tokio::spawn(serve(listener, upstream, Arc::clone(&plan)));
        Self {
            endpoint,
            plan,
            task,
        }
    }

    /// Starts a proxy with scripted faults only.
    pub async fn calm(upstream: &str) -> Self {
        Self::start(upstream, 0, 0, 0, &[]).await
    }

    /// Scripts a fault for the next request of an operation; further calls script the requests
    /// after it.
    pub fn next(&self, operation: &'static str, fault: Fault) {
        let mut plan = self.plan.lock().unwrap();
        plan.script.push_back((operation, fault));
    }

    /// Returns how often each fault was injected.
    pub fn made(&self) -> BTreeMap<Fault, u32> {
        self.plan.lock().unwrap().made.clone()
    }

    /// Returns how often the stack carried out an operation.
    pub fn carried_out(&self, operation: &str) -> u32 {
        let plan = self.plan.lock().unwrap();
        plan.carried_out.get(operation).copied().unwrap_or_default()
    }
}

impl Plan {
    fn fault(&mut self, operation: &str, call: &str) -> Option<Fault> {
        let scripted = self.script.iter().position(|(of, _)| *of == operation);
        let fault = match scripted.and_then(|at| self.script.remove(at)) {
            Some((_, fault)) => Some(fault),
            None => self.by_chance(operation, call),
        };
        if let Some(fault) = fault {
            *self.made.entry(fault).or_default() += 1;
        }
        fault
    }

    fn by_chance(&mut self, operation: &str, call: &str) -> Option<Fault> {
        let first = self.in_a_row.is_empty() && self.percent > 0;
        if self.draw() % 100 >= self.percent && !first {
            return None;
        }
        let in_a_row = self.in_a_row.entry(call.to_owned()).or_default();
        if *in_a_row >= self.in_a_row_max {
            return None;
        }
        *in_a_row += 1;
        let which = self.draw() as usize % self.faults.len();
        match self.faults[which] {
            // A deleted row cannot be returned a second time, and no port promises that.
            Fault::Lost | Fault::Torn if operation == "DeleteItem" => Some(Fault::Broken),
            Fault::Cancelled(_) if operation != "TransactWriteItems" => Some(Fault::Throttled),
            // DynamoDB knows a transaction that it carried out by its token, and does not cancel it
            // afterwards.
            Fault::Cancelled(_) if self.calls_carried_out.contains(call) => Some(Fault::Throttled),
            fault => Some(fault),
        }
    }

    fn was_carried_out(&mut self, operation: String, call: String) {
        *self.carried_out.entry(operation).or_default() += 1;
        self.calls_carried_out.insert(call);
    }

    /// The next number of SplitMix64 (Steele, Lea and Flood, 2014).
    fn draw(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

async fn serve(listener: TcpListener, upstream: SocketAddr, plan: Arc<Mutex<Plan>>) {
    let mut open = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let plan = Arc::clone(&plan);
        open.spawn(async move {
            let answer = service_fn(|request| answer(request, upstream, &plan));
            // A lost answer ends the connection with an error; that is what it is for.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

#[derive(Debug, thiserror::Error)]
#[error("lost on the way back")]
struct LostAnswer;

async fn answer(
    request: Request<Incoming>,
    upstream: SocketAddr,
    plan: &Mutex<Plan>,
) -> Result<Response<Answer>, LostAnswer> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| LostAnswer)?.to_bytes();
    let header = |name: &str| {
        let value = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let target = header("x-amz-target");
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let call = header("amz-sdk-invocation-id");
    let fault = plan.lock().unwrap().fault(&operation, &call);
    match fault {
        Some(Fault::Throttled) => return Ok(refusal("ThrottlingException", Vec::new())),
        Some(Fault::OverCapacity) => {
            let code = "ProvisionedThroughputExceededException";
            return Ok(refusal(code, Vec::new()));
        }
        Some(Fault::Broken) => {
            let mut broken = refusal("InternalServerError", Vec::new());
            *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return Ok(broken);
        }
        Some(Fault::Cancelled(reason)) => {
            return Ok(refusal(
                "TransactionCanceledException",
                reasons(&body, reason),
            ));
        }
        Some(Fault::Lost | Fault::Torn) | None => {}
    }
    let request = Request::from_parts(parts, Full::new(body));
    let answered = carry_out(request, upstream).await.ok_or(LostAnswer)?;
    plan.lock().unwrap().was_carried_out(operation, call);
    let (parts, body) = answered.into_parts();
    match fault {
        Some(Fault::Lost) => Err(LostAnswer),
        Some(Fault::Torn) => Ok(Response::from_parts(parts, Answer::torn(body))),
        _ => Ok(Response::from_parts(parts, Answer::whole(body))),
    }
}

async fn carry_out(request: Request<Full<Bytes>>, upstream: SocketAddr) -> Option<Response<Bytes>> {
    let stream = TcpStream::connect(upstream).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .ok()?;
    tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await.ok()?.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some(Response::from_parts(parts, body))
}

/// An error as DynamoDB words it (Developer Guide, "Error handling": `__type` and `message`).
fn refusal(code: &str, reasons: Vec<serde_json::Value>) -> Response<Answer> {
    let mut words = serde_json::json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "Message": "made by the test",
    });
    if !reasons.is_empty() {
        words["CancellationReasons"] = reasons.into();
    }
    Response::builder()
        .status(StatusCode::BAD_REQUEST)
        .header("content-type", "application/x-amz-json-1.0")
        .body(Answer::whole(words.to_string().into()))
        .unwrap()
}

fn reasons(request: &Bytes, reason: &str) -> Vec<serde_json::Value> {
    let request: serde_json::Value = serde_json::from_slice(request).unwrap();
    let items = request["TransactItems"].as_array().map_or(1, Vec::len);
    let first = serde_json::json!({ "Code": reason, "Message": "made by the test" });
    let others = std::iter::repeat_n(serde_json::json!({ "Code": "None" }), items - 1);
    std::iter::once(first).chain(others).collect()
}

/// The body of an answer, of which half may be missing.
struct Answer {
    left: Option<Bytes>,
    length: u64,
    torn: bool,
}

impl Answer {
    const fn whole(body: Bytes) -> Self {
        let length = body.len() as u64;
        Self {
            left: Some(body),
            length,
            torn: false,
        }
    }

    fn torn(body: Bytes) -> Self {
        Self {
            torn: true,
            length: body.len() as u64,
            left: Some(body.slice(..body.len() / 2)),
        }
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = LostAnswer;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, LostAnswer>>> {
        let left = self.left.take().filter(|left| !left.is_empty());
        let next = match left {
            Some(left) => Some(Ok(Frame::data(left))),
            None => std::mem::take(&mut self.torn).then_some(Err(LostAnswer)),
        };
        std::task::Poll::Ready(next)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
