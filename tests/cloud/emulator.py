"""MiniStack, with what it gets wrong about this template put right. Started by stack.py."""

import os

from ministack.app import main
from ministack.core import iam_evaluator
from ministack.services.cloudformation import provisioners


def start():
    service = provisioners._RESOURCE_HANDLERS["AWS::ECS::Service"]
    service["create"] = counted(service["create"])
    service["update"] = counted(service["update"])
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


def over_tls(resolve):
    """It is reached over loopback without TLS, which the buckets' policies refuse. Loopback stands for TLS here."""

    def resolve_key(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    return resolve_key


if __name__ == "__main__":
    start()
