"""MiniStack, with what it gets wrong about this template put right. Started by stack.py."""

import base64
import hashlib
import os

from ministack.app import main
from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json
from ministack.services import ecr
from ministack.services.cloudformation import provisioners


def start():
    service = provisioners._RESOURCE_HANDLERS["AWS::ECS::Service"]
    service["create"] = counted(service["create"])
    service["update"] = counted(service["update"])
    keep_layers()
    if not os.environ.get("STACK_PLAIN"):
        iam_evaluator._resolve_condition_key = over_tls(iam_evaluator._resolve_condition_key)
    main()


def counted(act):
    """A parameter is text, even one that says a number. AWS reads it as the count that it is; MiniStack subtracts from it."""

    def number(argument):
        if not isinstance(argument, dict) or "DesiredCount" not in argument:
            return argument
        return {**argument, "DesiredCount": int(argument["DesiredCount"])}

    def act_with_number(*arguments, **named):
        return act(*(number(argument) for argument in arguments), **named)

    return act_with_number


def keep_layers():
    """What is uploaded part by part is answered and thrown away. Here it is kept, and held to its digest as ECR does."""
    parts = {}
    upload, complete = ecr._upload_layer_part, ecr._complete_layer_upload

    def upload_part(data):
        at = parts.setdefault(data["uploadId"], bytearray())
        part = base64.b64decode(data["layerPartBlob"])
        first, last = data["partFirstByte"], data["partLastByte"]
        if first != len(at) or last - first + 1 != len(part):
            return error_response_json("InvalidLayerPartException", f"part {first} to {last} does not follow on {len(at)}", 400)
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


def over_tls(resolve):
    """It is reached over loopback without TLS, which the buckets' policies refuse. Loopback stands for TLS here."""

    def resolve_key(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    return resolve_key


if __name__ == "__main__":
    start()
