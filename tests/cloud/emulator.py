"""MiniStack with corrections that this template needs. Started by stack.py."""

import base64
import hashlib
import json
import os
from contextvars import ContextVar

from ministack.app import main
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import error_response_json
from ministack.services import apigateway, cloudformation, dynamodb, ecr
from ministack.services.cloudformation import provisioners

# Types that MiniStack does not know. It takes their names and makes nothing: that AWS would make
# them rests on the translator's lint alone.
NAMES_ONLY = [
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Budgets::Budget",
    "AWS::Logs::QueryDefinition",
]


def start():
    service = provisioners._RESOURCE_HANDLERS["AWS::ECS::Service"]
    service["create"] = counted(service["create"])
    service["update"] = counted(service["update"])
    for kind in NAMES_ONLY:
        provisioners._RESOURCE_HANDLERS.setdefault(kind, dict(NAMED))
    provisioners._update_resource = remembering(provisioners._update_resource)
    keep_layers()
    keep_days_of_backups()
    keep_subprotocols()
    iam_actions.extract_iam_action = each_of_a_batch(iam_actions.extract_iam_action)
    if not os.environ.get("STACK_PLAIN"):
        iam_evaluator._resolve_condition_key = over_tls(iam_evaluator._resolve_condition_key)
    main()


NAMED = {
    "create": lambda logical, given, stack: (f"{stack}-{logical}", {}),
    "update": lambda physical, before, given, stack: (physical, {}),
    "delete": lambda physical, given: None,
}


def counted(act):
    """Makes `DesiredCount` a number. Parameters are text: AWS converts them, but MiniStack
    subtracts from them."""

    def number(argument):
        if not isinstance(argument, dict) or "DesiredCount" not in argument:
            return argument
        return {**argument, "DesiredCount": int(argument["DesiredCount"])}

    def act_with_number(*arguments, **named):
        return act(*(number(argument) for argument in arguments), **named)

    return act_with_number


def remembering(update):
    """Hands over the attributes that a resource had. In a nested stack MiniStack forgets those of
    resources that do not change, and the next one that refers to them fails."""

    def update_and_remember(kind, physical, old, new, stack, logical=None, attributes=None):
        rows = cloudformation._stacks.get(stack, {}).get("_resources", {})
        before = attributes or rows.get(logical, {}).get("Attributes")
        return update(kind, physical, old, new, stack, logical, before)

    return update_and_remember


def keep_layers():
    """Keeps image layers that are uploaded in parts, which MiniStack discards, and checks their
    digests as ECR does."""
    parts = {}
    upload, complete = ecr._upload_layer_part, ecr._complete_layer_upload

    def upload_part(data):
        at = parts.setdefault(data["uploadId"], bytearray())
        part = base64.b64decode(data["layerPartBlob"])
        first, last = data["partFirstByte"], data["partLastByte"]
        if first != len(at) or last - first + 1 != len(part):
            reason = f"part {first} to {last} does not follow on {len(at)}"
            return error_response_json("InvalidLayerPartException", reason, 400)
        at.extend(part)
        return upload(data)

    def complete_upload(data):
        blob = bytes(parts.pop(data["uploadId"], b""))
        digest = "sha256:" + hashlib.sha256(blob).hexdigest()
        if data["layerDigests"] != [digest]:
            return error_response_json("InvalidLayerException", f"the layer is {digest}", 400)
        ecr._layer_blobs.setdefault(data["repositoryName"], {})[digest] = blob
        return complete(data)

    ecr._upload_layer_part, ecr._complete_layer_upload = upload_part, complete_upload


def keep_days_of_backups():
    """Keeps `RecoveryPeriodInDays`, which MiniStack leaves out of its answer."""
    days = {}
    update, describe = dynamodb._update_continuous_backups, dynamodb._describe_continuous_backups

    def update_days(data):
        given = data.get("PointInTimeRecoverySpecification", {})
        days[data.get("TableName")] = given.get("RecoveryPeriodInDays", 35)
        return update(data)

    def describe_days(data):
        status, headers, body = describe(data)
        told = json.loads(body)
        about = told.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
        if about.get("PointInTimeRecoveryStatus") == "ENABLED":
            about["RecoveryPeriodInDays"] = days.get(data.get("TableName"), 35)
        return status, headers, json.dumps(told).encode()

    dynamodb._update_continuous_backups = update_days
    dynamodb._describe_continuous_backups = describe_days


def keep_subprotocols():
    """Passes on the subprotocol that the function of `$connect` answers, as API Gateway does. A
    relay ends a connection without one."""
    answered = ContextVar("answered", default=None)
    invoke, handle = apigateway._invoke_ws_lambda, apigateway.handle_websocket

    async def invoke_and_note(*arguments, **named):
        answer = await invoke(*arguments, **named)
        headers = (answer or {}).get("headers") or {}
        answered.set(next((headers[name] for name in headers if name.lower() == "sec-websocket-protocol"), None))
        return answer

    async def handle_and_tell(scope, receive, send, *arguments, **named):
        async def send_on(message):
            if message["type"] == "websocket.accept" and answered.get():
                message = {**message, "subprotocol": answered.get()}
            await send(message)

        await handle(scope, receive, send_on, *arguments, **named)

    apigateway._invoke_ws_lambda, apigateway.handle_websocket = invoke_and_note, handle_and_tell


def each_of_a_batch(extract):
    """Asks for the right to send a message where several are sent, as SQS does: there is no right
    to send batches (Service Authorization Reference, "Amazon SQS")."""

    def extract_action(*arguments, **named):
        action = extract(*arguments, **named)
        return "sqs:SendMessage" if action == "sqs:SendMessageBatch" else action

    return extract_action


def over_tls(resolve):
    """Treats loopback as TLS. The buckets' policies refuse plain HTTP, which MiniStack speaks."""

    def resolve_key(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    return resolve_key


if __name__ == "__main__":
    start()
