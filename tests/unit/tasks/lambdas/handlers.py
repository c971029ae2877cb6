"""Handlers of Lambda functions for the tests, which run under whatever interpreter the tests do."""

import decimal
import logging
import os
import subprocess
import sys
import time
from typing import Any

CALLS = 0


class TooMuchError(Exception):
    pass


def echo(event: Any, context: Any) -> Any:
    print("got", event)
    print("to stderr", file=sys.stderr)
    return {"event": event, "name": context.function_name, "price": decimal.Decimal("1.5")}


def about(event: Any, context: Any) -> Any:
    left = context.get_remaining_time_in_millis()
    names = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "AWS_EXECUTION_ENV", "LAMBDA_TASK_ROOT", "AWS_SECRET_ACCESS_KEY")
    return {
        "left": left,
        "request": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "log": [context.log_group_name, context.log_stream_name],
        "folder": os.getcwd(),
        "stdin": sys.stdin.read(),
        "environment": {name: os.environ.get(name) for name in names},
        "table": os.environ.get("TABLE"),
        "user": os.environ.get("USER_SECRET"),
    }


def count(event: Any, context: Any) -> Any:
    global CALLS
    CALLS += 1
    with open(event["file"], "a", encoding="utf-8") as file:
        file.write("called\n")
    return CALLS


def refuse(event: Any, context: Any) -> Any:
    raise TooMuchError(f"no more than {event['most']}")


def never(event: Any, context: Any) -> Any:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("waiting", flush=True)
    time.sleep(600)


def leave(event: Any, context: Any) -> Any:
    os._exit(event)


def exits(event: Any, context: Any) -> Any:
    sys.exit(event)


def unserializable(event: Any, context: Any) -> Any:
    return {1, 2}


def too_large(event: Any, context: Any) -> Any:
    return "x" * 6_291_600


def chatty(event: Any, context: Any) -> Any:
    for number in range(5_000):
        print(number)
    print("é" * 5_000)
    sys.stdout.write("no end of line")
    return None


def logs(event: Any, context: Any) -> Any:
    logging.getLogger().setLevel(logging.INFO)
    logging.basicConfig(level=logging.ERROR)  # it does nothing where there is a handler
    logging.getLogger("deep.down").info("told")
    logging.warning("warned")
    logging.debug("not said")


def forks(event: Any, context: Any) -> Any:
    """The child comes back as well."""
    os.fork()
    return os.getpid()


def closes(event: Any, context: Any) -> Any:
    os.close(1)
    os.close(2)
    sys.stdout.close()
    return "closed"


def forgets(event: Any, context: Any) -> Any:
    os.environ.clear()
    return context.function_name


def binary(event: Any, context: Any) -> Any:
    os.write(1, bytes(range(256)))


def fill(event: Any, context: Any) -> Any:
    held = []
    while True:
        held.append(bytearray(8 << 20))


def nan(event: Any, context: Any) -> Any:
    return float("nan")


def send(event: Any, context: Any) -> Any:
    import boto3

    client = boto3.client("stepfunctions")
    if "error" in event:
        client.send_task_failure(taskToken=event["token"], error=event["error"], cause="because")
    else:
        client.send_task_heartbeat(taskToken=event["token"])
        client.send_task_success(taskToken=event["token"], output='{"paid": true}')
    return "not looked at"


def table(event: Any, context: Any) -> Any:
    import boto3

    if event == "s3":
        return boto3.client("s3").put_object(Bucket="b", Key="k")
    if event == "sns":
        return boto3.client("sns").list_topics()
    return boto3.client("dynamodb").list_tables()


def reach(event: Any, context: Any) -> Any:
    import urllib.request

    return urllib.request.urlopen("https://sqs.us-east-1.amazonaws.com/").read()


def visit(event: Any, context: Any) -> Any:
    """What an address gives."""
    import json
    import urllib.request

    return json.loads(urllib.request.urlopen(event["url"], timeout=20).read()) if event["url"] else "inside"


def detached(event: Any, context: Any) -> Any:
    """It starts what is in a session of its own, as a headless browser is."""
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    return subprocess.Popen(sleeping, stdout=subprocess.DEVNULL, start_new_session=True).pid
