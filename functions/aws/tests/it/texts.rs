//! The contract of text messages on SNS, and answers that MiniStack never gives: failures and lost
//! answers.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::fake::{Asked, Fake, Reply};
use crate::support::{now_ms, stack};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sightline_aws::{Texts, TextsConfig};
use sightline_host::contract::{self, Case};
use sightline_host::ports::{Sms, SmsOut};
use sightline_wire::{Language, PhoneNumber, SmsFailure};
use tracing_subscriber::fmt::MakeWriter;

const NUMBER: &str = "+4915112345678";
const TEXT: &str = "Beispiel lädt Sie ein: https://help.example.com/j#Kd93hTq";

#[tokio::test]
async fn messages_keep_their_contract() {
    let sns = aws_sdk_sns::Client::new(&stack().config());
    let texts = Texts::new(&sns, TextsConfig::default());
    let outbox = async || {
        let taken = taken("+4915123456789").await;
        let taken = taken.into_iter();
        taken.map(|sms| (sms.number, sms.message)).collect()
    };
    contract::sms_out(&texts, &Case::new(1, now_ms()), outbox).await;
}

#[tokio::test]
async fn a_message_says_what_it_is_and_who_it_is_from() {
    let sns = aws_sdk_sns::Client::new(&stack().config());
    for (number, sender_id, origination) in [
        ("+4915100000001", None, None),
        ("+4915100000002", Some("EXAMPLE"), None),
        ("+4915100000003", None, Some("+12065550100")),
        ("+4915100000004", Some("EXAMPLE"), Some("+12065550100")),
    ] {
        let config = TextsConfig {
            sender_id: sender_id.map(str::to_owned),
            origination: origination.map(str::to_owned),
        };
        let texts = Texts::new(&sns, config);
        assert_eq!(texts.send(to(number), now_ms()).await, Ok(()));
        let mut taken = taken(number).await;
        let sms = taken.pop().unwrap();
        assert_eq!(taken.len(), 0, "one message");
        let named = |name: &str| sms.attributes.get(name).map(String::as_str);
        assert_eq!(named("AWS.SNS.SMS.SMSType"), Some("Transactional"));
        assert_eq!(named("AWS.SNS.SMS.SenderID"), sender_id);
        assert_eq!(named("AWS.MM.SMS.OriginationNumber"), origination);
    }
}

#[tokio::test]
async fn every_error_of_sns_maps_to_a_failure() {
    let number = "Invalid parameter: PhoneNumber Reason: +4915112345678 is not valid to publish to";
    for (status, code, message, wanted) in [
        (400, "InvalidParameter", number, SmsFailure::BadNumber),
        (
            400,
            "InvalidParameter",
            "Invalid parameter: SenderID",
            SmsFailure::Trouble,
        ),
        (
            400,
            "InvalidParameter",
            "Invalid parameter: PhoneNumber Reason: phone number is opted out",
            SmsFailure::OptedOut,
        ),
        (400, "OptedOut", "", SmsFailure::OptedOut),
        (
            400,
            "UserError",
            "No quota left for account",
            SmsFailure::SpendLimit,
        ),
        (
            400,
            "InvalidParameter",
            "Destination country is blocked",
            SmsFailure::CountryBlocked,
        ),
        (
            403,
            "AuthorizationError",
            "not allowed",
            SmsFailure::Trouble,
        ),
        (
            403,
            "InvalidClientTokenId",
            "bad token",
            SmsFailure::Trouble,
        ),
        (500, "InternalError", "", SmsFailure::Trouble),
        (503, "ServiceUnavailable", "", SmsFailure::Trouble),
    ] {
        let sns = Sns::answering(move |_| error(status, code, message)).await;
        let sent = sns.texts.send(to(NUMBER), 0).await;
        assert_eq!(sent, Err(wanted), "{code}: {message}");
        assert_eq!(sns.publishes(), 1, "{code} is not repeated");
    }
}

#[tokio::test]
async fn a_number_that_opted_out_gets_no_message() {
    let sns = Sns::start(true, |_| published()).await;
    let sent = sns.texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::OptedOut));
    assert_eq!(sns.publishes(), 0);
}

#[tokio::test]
async fn the_opt_out_check_is_retried_once() {
    type Answers = fn() -> Reply;
    let bad: [(&str, Answers); 4] = [
        ("hangs up", || Reply::HangsUp),
        ("waits", || Reply::Waits),
        ("is ill", || error(500, "InternalError", "")),
        ("throttles", || error(400, "Throttling", "Rate exceeded")),
    ];
    for (name, reply) in bad {
        let sns = Sns::asked_of(move |before| match before {
            0 => reply(),
            _ => checked(true),
        })
        .await;
        let sent = sns.texts.send(to(NUMBER), 0).await;
        assert_eq!(sent, Err(SmsFailure::OptedOut), "{name}");
        assert_eq!((sns.questions(), sns.publishes()), (2, 0), "{name}");
    }
    // A connection that has been used and is dead by now.
    let sns = Sns::asked_of(|before| match before {
        0 => checked(false),
        1 => Reply::HangsUp,
        _ => checked(true),
    })
    .await;
    assert_eq!(sns.texts.send(to(NUMBER), 0).await, Ok(()));
    let sent = sns.texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::OptedOut));
    assert_eq!((sns.questions(), sns.publishes()), (3, 1));
}

#[tokio::test]
async fn without_an_opt_out_answer_the_message_is_sent() {
    let bad: [fn() -> Reply; 2] = [|| Reply::HangsUp, || Reply::Waits];
    for reply in bad {
        let sns = Sns::asked_of(move |_| reply()).await;
        assert_eq!(sns.texts.send(to(NUMBER), 0).await, Ok(()));
        assert_eq!((sns.questions(), sns.publishes()), (2, 1));
    }
}

#[tokio::test]
async fn an_accepted_message_is_handed_over_once() {
    let sns = Sns::answering(|_| published()).await;
    assert_eq!(sns.texts.send(to(NUMBER), 0).await, Ok(()));
    assert_eq!(sns.publishes(), 1);
}

#[tokio::test]
async fn a_lost_answer_does_not_double_a_message() {
    let sns = Sns::answering(|_| Reply::HangsUp).await;
    let sent = sns.texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::Trouble));
    assert_eq!(sns.publishes(), 1);
    // Nor on a reused connection, which an HTTP client might consider stale.
    let sns = Sns::answering(|before| match before {
        0 => published(),
        _ => Reply::HangsUp,
    })
    .await;
    assert_eq!(sns.texts.send(to(NUMBER), 0).await, Ok(()));
    let sent = sns.texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::Trouble));
    assert_eq!(sns.publishes(), 2);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_does_not_double_a_message() {
    let garbled = || Reply::Says(200, vec![("content-type", "text/xml")], "<Publ".to_owned());
    let sns = Sns::answering(move |_| garbled()).await;
    let sent = sns.texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::Trouble));
    assert_eq!(sns.publishes(), 1);
}

#[tokio::test]
async fn a_throttled_message_is_retried_once() {
    for code in ["Throttling", "ThrottledException", "Throttled"] {
        let throttled = move || error(429, code, "Rate exceeded");
        let sns = Sns::answering(move |before| match before {
            0 => throttled(),
            _ => published(),
        })
        .await;
        assert_eq!(sns.texts.send(to(NUMBER), 0).await, Ok(()), "{code}");
        assert_eq!(sns.publishes(), 2, "{code}");

        let sns = Sns::answering(move |_| throttled()).await;
        let sent = sns.texts.send(to(NUMBER), 0).await;
        assert_eq!(sent, Err(SmsFailure::Throttled), "{code}");
        assert_eq!(sns.publishes(), 2, "{code}");
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "measures")]
async fn a_message_is_retried_when_no_connection_was_made() {
    let sns = aws_sdk_sns::Client::new(&stack().config_at("http://127.0.0.1:1"));
    let texts = Texts::new(&sns, TextsConfig::default());
    let began = Instant::now();
    let sent = texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::Trouble));
    assert!(
        began.elapsed() >= Duration::from_millis(250),
        "with a pause"
    );
}

#[tokio::test]
async fn neither_number_nor_text_is_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let quoting =
        "Invalid parameter: PhoneNumber Reason: +4915112345678 is not valid to publish to";
    let sns = Sns::answering(move |_| error(400, "InvalidParameter", quoting)).await;
    let sent = sns.texts.send(to(NUMBER), 0).await;
    assert_eq!(sent, Err(SmsFailure::BadNumber));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("did not accept"), "it is logged");
    for hidden in ["15112345678", "Beispiel", "Kd93hTq"] {
        assert!(!log.contains(hidden), "{hidden} is logged");
    }
}

/// A scripted SNS, whose answer to a message depends on the number of messages before it.
struct Sns {
    fake: Fake,
    texts: Texts,
}

impl Sns {
    async fn answering(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(false, reply).await
    }

    /// Accepts every message; the answer to an opt-out check depends on the number of checks
    /// before.
    async fn asked_of(question: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(question, |_| published()).await
    }

    async fn start(
        opted_out: bool,
        reply: impl Fn(usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::with(move |_| checked(opted_out), reply).await
    }

    async fn with(
        question: impl Fn(usize) -> Reply + Send + Sync + 'static,
        message: impl Fn(usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (questions, messages) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let fake = Fake::start(move |asked| {
            if is_publish(asked) {
                return message(messages.fetch_add(1, Ordering::Relaxed));
            }
            is_question(asked);
            question(questions.fetch_add(1, Ordering::Relaxed))
        })
        .await;
        let sns = aws_sdk_sns::Client::new(&stack().config_at(&fake.url));
        let texts = Texts::new(&sns, TextsConfig::default());
        Self { fake, texts }
    }

    fn publishes(&self) -> usize {
        let asked = self.fake.asked();
        asked.iter().filter(|asked| is_publish(asked)).count()
    }

    fn questions(&self) -> usize {
        self.fake.asked().len() - self.publishes()
    }
}

fn is_publish(asked: &Asked) -> bool {
    asked.body.contains("Action=Publish&")
}

fn is_question(asked: &Asked) {
    assert!(
        asked.body.contains("Action=CheckIfPhoneNumberIsOptedOut&"),
        "nothing else is asked"
    );
    assert!(asked.body.contains("phoneNumber=%2B4915112345678"));
}

fn checked(opted_out: bool) -> Reply {
    xml(
        200,
        format!(
            "<CheckIfPhoneNumberIsOptedOutResponse xmlns=\"{XMLNS}\"><CheckIfPhoneNumberIsOptedOutResult>\
             <isOptedOut>{opted_out}</isOptedOut></CheckIfPhoneNumberIsOptedOutResult>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>\
             </CheckIfPhoneNumberIsOptedOutResponse>"
        ),
    )
}

fn published() -> Reply {
    xml(
        200,
        format!(
            "<PublishResponse xmlns=\"{XMLNS}\"><PublishResult><MessageId>1</MessageId></PublishResult>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"
        ),
    )
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"{XMLNS}\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        ),
    )
}

fn xml(status: u16, body: String) -> Reply {
    Reply::Says(status, vec![("content-type", "text/xml")], body)
}

const XMLNS: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

fn to(number: &str) -> Sms {
    Sms {
        to: PhoneNumber::new(number).unwrap(),
        text: TEXT.to_owned(),
        link: "https://help.example.com/j#Kd93hTq".to_owned(),
        language: Language::new("de").unwrap(),
    }
}

/// A message that MiniStack accepted.
struct Taken {
    number: String,
    message: String,
    attributes: BTreeMap<String, String>,
}

/// Returns the messages to a number, newest last.
async fn taken(number: &str) -> Vec<Taken> {
    let number = number.replace('+', "%2B");
    let endpoint = &stack().endpoint;
    let url = format!("{endpoint}/_ministack/sns/sms-messages?phoneNumber={number}");
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = client.get(url.parse().unwrap()).await.unwrap();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let told: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let messages = told["sms_messages"].as_object().unwrap().values();
    let messages = messages.flat_map(|messages| messages.as_array().unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    messages
        .map(|sms| Taken {
            number: text(&sms["PhoneNumber"]),
            message: text(&sms["Message"]),
            attributes: sms["MessageAttributes"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.clone(), text(&value["StringValue"])))
                .collect(),
        })
        .collect()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
