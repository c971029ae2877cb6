"""A worker of the activity: asks for work, says every few seconds that it is alive, and sends what became of it."""

import json
import socket
import sys
import threading
import time

ACTIVITY = "arn:aws:states:eu-central-1:123456789012:activity:render-video"
FORMATS = ("mp4", "webm")


class UnknownFormat(Exception):
    pass


def render(order):
    """What takes long. Raises UnknownFormat for what no encoder here can do."""
    if order["format"] not in FORMATS:
        raise UnknownFormat(f"{socket.gethostname()} has no encoder for {order['format']}")
    began = time.monotonic()
    target = order["source"].rpartition(".")[0].replace("s3://raw/", "s3://ready/") + f".{order['format']}"
    return {"target": target, "seconds": round(time.monotonic() - began), "worker": socket.gethostname()}


def work_once(client, seconds_between_heartbeats=20):
    """Take one task, if there is one, and see it to its end; whether there was one."""
    task = client.get_activity_task(activityArn=ACTIVITY, workerName=socket.gethostname())  # waits up to a minute
    token = task.get("taskToken")
    if not token:
        return False
    is_over = threading.Event()

    def beat():
        while not is_over.wait(seconds_between_heartbeats):
            client.send_task_heartbeat(taskToken=token)

    threading.Thread(target=beat, daemon=True).start()
    try:
        result = render(json.loads(task["input"]))
    except UnknownFormat as error:
        client.send_task_failure(taskToken=token, error="UnknownFormat", cause=str(error))
    else:
        client.send_task_success(taskToken=token, output=json.dumps(result))
    finally:
        is_over.set()
    return True


if __name__ == "__main__":
    import boto3

    client = boto3.client("stepfunctions", endpoint_url=sys.argv[1] if len(sys.argv) > 1 else None)
    while True:
        work_once(client)
