//! Text messages through SNS.

mod failure;

use std::time::Duration;

use aws_sdk_sns::config::Builder;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::timeout::TimeoutConfig;
use aws_sdk_sns::operation::publish::builders::PublishFluentBuilder;
use aws_sdk_sns::types::MessageAttributeValue;
use sightline_host::ports::{Sms, SmsOut};
use sightline_wire::SmsFailure;

/// Under which name text messages go out; docs/deploy.md says what countries require.
#[derive(Clone, Default)]
pub struct TextsConfig {
    /// Name that replaces the number where a country allows it, 1 to 11 letters and digits
    /// (`AWS.SNS.SMS.SenderID`).
    pub sender_id: Option<String>,
    /// Number of the account to send from, as `+` and digits (`AWS.MM.SMS.OriginationNumber`).
    pub origination: Option<String>,
}

/// Hands text messages to SNS.
///
/// A message is never handed over twice: SNS has no idempotency token for text messages, so a call
/// is repeated only if SNS certainly did not accept it. A lost answer is [`SmsFailure::Trouble`],
/// after which the agent may send again.
///
/// SNS accepts messages that it will not deliver, and reports that only in its delivery log (Amazon
/// SNS Developer Guide, "SMS delivery failure reasons"). This type therefore first asks whether the
/// person opted out, which needs `sns:CheckIfPhoneNumberIsOptedOut` beside `sns:Publish`. No
/// request answers whether the account's monthly budget is used up or a country is blocked: some
/// answers of SNS say so, and the alarm on spending covers the rest.
pub struct Texts {
    client: aws_sdk_sns::Client,
    config: TextsConfig,
}

impl Texts {
    /// Uses a client of the region whose text messages are set up, with its own retries and
    /// timeouts.
    #[must_use]
    pub fn new(client: &aws_sdk_sns::Client, config: TextsConfig) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_timeout(ANSWER);
        let once = client
            .config()
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts.build());
        Self {
            client: aws_sdk_sns::Client::from_conf(once.build()),
            config,
        }
    }

    /// Whether this person opted out. If that is not known the message is sent: SNS itself delivers
    /// nothing to people who opted out.
    async fn opted_out(&self, to: &str) -> bool {
        let question = self.client.check_if_phone_number_is_opted_out();
        let asked = question.phone_number(to).customize();
        match asked.config_override(opt_out_config()).send().await {
            Ok(told) => told.is_opted_out(),
            Err(error) => {
                tracing::warn!(error = failure::code(&error), "opt-out check failed");
                false
            }
        }
    }

    fn publish(&self, sms: &Sms) -> PublishFluentBuilder {
        let named = [
            ("AWS.SNS.SMS.SMSType", Some("Transactional")),
            ("AWS.SNS.SMS.SenderID", self.config.sender_id.as_deref()),
            (
                "AWS.MM.SMS.OriginationNumber",
                self.config.origination.as_deref(),
            ),
        ];
        let mut request = self.client.publish().phone_number(sms.to.as_str());
        for (name, value) in named {
            if let Some(value) = value {
                request = request.message_attributes(name, text(value));
            }
        }
        request.message(&sms.text)
    }
}

impl SmsOut for Texts {
    async fn send(&self, sms: Sms, _now_ms: u64) -> Result<(), SmsFailure> {
        if self.opted_out(sms.to.as_str()).await {
            return Err(SmsFailure::OptedOut);
        }
        let request = self.publish(&sms);
        let mut done = request.clone().send().await;
        if done.as_ref().is_err_and(failure::certainly_not_accepted) {
            tokio::time::sleep(PAUSE).await;
            done = request.send().await;
        }
        done.map(drop).map_err(|error| {
            let failure = failure::of(&error);
            // The service's message may quote the number; its code does not.
            let code = failure::code(&error);
            tracing::warn!(error = code, ?failure, "SNS did not accept a text message");
            failure
        })
    }
}

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Longest wait for an answer; the agent waits for it, and the HTTP API waits at most 30 s.
const ANSWER: Duration = Duration::from_secs(8);

/// Longest wait for the opt-out check with both tries.
const QUESTION: Duration = Duration::from_secs(2);

/// Longest wait of one try, so that a dead connection leaves time for another.
const QUESTION_TRY: Duration = Duration::from_millis(900);

/// Pause before the one retry.
const PAUSE: Duration = Duration::from_millis(250);

/// The configuration of the opt-out check, which may be retried, unlike a message.
fn opt_out_config() -> Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(QUESTION_TRY)
        .operation_attempt_timeout(QUESTION_TRY)
        .operation_timeout(QUESTION);
    let twice = RetryConfig::standard()
        .with_max_attempts(2)
        .with_initial_backoff(PAUSE / 5);
    Builder::new()
        .retry_config(twice)
        .timeout_config(timeouts.build())
}

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap_or_else(|_| unreachable!("the one required field is set"))
}
