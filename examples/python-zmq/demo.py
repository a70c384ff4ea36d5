"""Shows what the client does, against a server that runs: python demo.py --help."""

import argparse
import json
import time
import uuid
from pathlib import Path

from client import MarconiClient
from errors import MarconiError
from subscription import Subscription
from worker import Worker


def main():
    options = arguments()
    queue, producer = f"{options.prefix}-jobs", f"{options.prefix}-producer"
    connect = lambda: MarconiClient(options.router, options.push, project=options.project, **keys_of(options))
    with connect() as client:
        granted = client.connection.granted
        print(f"session: {'of the project ' + granted.project if granted.bound else 'of any project'}")
        call(client, queue)
        refuse(client, f"{options.prefix}-none")
        publish(client, producer, queue)
        work(client, options, f"{options.prefix}-work")
        follow(client, options, f"{options.prefix}-news")
    lose_receipt(connect, producer, queue)
    print("done")


def call(client, queue):
    """Calls over the DEALER: create, post, list, claim, acknowledge, release."""
    print(f"create {queue}: created={client.create_queue(queue).created}")
    ids = client.post(queue, [body(n) for n in range(3)]).ids
    print(f"post: {len(ids)} messages")
    print(f"list: {[task_of(message) for message in client.list(queue).messages]}")
    claim = client.claim(queue, limit=2, wait=5)
    print(f"claim: {tasks_of(claim)}")
    done = [message.id for message in claim.messages]
    print(f"acknowledge: {client.acknowledge(queue, claim, done)}, again: {client.acknowledge(queue, claim, done)}")
    second = client.claim(queue)
    print(f"claim: {tasks_of(second)}, of others: {client.claim(queue)}")
    print(f"release: {client.release(queue, second).released}")


def refuse(client, queue):
    """An error has a reason to decide by; its text is for people."""
    try:
        client.post(queue, [body(0)])
    except MarconiError as error:
        print(f"refused: {error.reason}")


def publish(client, producer, queue):
    """Posts over the PUSH: sent one after the other, stored when their receipts are there."""
    client.follow_receipts(producer)
    for sequence in (1, 2):
        client.send_post(producer, sequence, queue, [body(10 * sequence + n) for n in range(2)])
    for sequence in (1, 2):
        print(f"receipt {sequence}: {told(client.receipt(producer, sequence))}")
    try:
        client.publish(producer, 2, queue, [body(99)])
    except MarconiError as error:
        print(f"other content under sequence 2: {error.reason}")


def work(client, options, queue):
    """Work that the server deals out: two deliveries of two, since no more than four may be unacknowledged."""
    client.create_queue(queue)
    client.post(queue, [body(n) for n in range(5)])
    with Worker(client, options.work, [queue], endpoint=options.work_endpoint, messages=4, batch=2) as worker:
        done, failed = worker.take(10).claim, worker.take(10).claim
        print(f"deliveries: {tasks_of(done)}, {tasks_of(failed)}, then: {worker.take(0.5)}")
        print(f"acknowledge: {client.acknowledge(queue, done, [message.id for message in done.messages])}")
        print(f"release: {client.release(queue, failed).released}")
        rest = []
        while len(rest) < 3:
            claim = worker.take(10).claim
            client.acknowledge(queue, claim, [message.id for message in claim.messages])
            rest += [(task_of(message), message.attempt) for message in claim.messages]
        print(f"deliveries: {[f'{task}, attempt {attempt}' for task, attempt in sorted(rest)]}")


def follow(client, options, queue):
    """Every message of a queue, also those that are claimed; what was missed is listed."""
    client.create_queue(queue)
    client.post(queue, [body(0)])
    subscribe = lambda position: Subscription(
        client, options.news, queue, position=position, endpoint=options.news_endpoint
    )
    with subscribe(0) as subscription:
        print(f"follow: {heard(subscription, 1)}")
        client.post(queue, [body(1), body(2)])
        claim = client.claim(queue, limit=1)
        print(f"follow: {heard(subscription, 2)}, of these claimed: {tasks_of(claim)}")
    client.post(queue, [body(n) for n in range(3, 30)])
    with subscribe(subscription.position) as subscription:
        missed = heard(subscription, 27)
        print(f"follow: {len(missed)}, from {missed[0]} to {missed[-1]}, more: {heard(subscription, 1, seconds=0.5)}")


def heard(subscription, count, seconds=10):
    """The next messages, as many as are asked for, or those that come in time."""
    return [task_of(message) for _, message in zip(range(count), subscription.follow(seconds))]


def lose_receipt(connect, producer, queue):
    """A producer that ends before its receipt came does not know: the next one sends the same post again."""
    with connect() as client:
        client.send_post(producer, 3, queue, [body(30)])
        await_task(client, queue, 30)
    with connect() as client:
        print(f"receipt 3, sent again: {told(client.publish(producer, 3, queue, [body(30)]))}")
        print(f"receipt 4: {told(client.publish(producer, 4, queue, [body(40)]))}")
        print(f"list: {[task_of(message) for message in client.list(queue, limit=20).messages]}")


def await_task(client, queue, task):
    for _ in range(100):
        if task in [task_of(message) for message in client.list(queue, limit=20).messages]:
            return
        time.sleep(0.1)
    raise TimeoutError(f"task {task} was not stored")


def body(task):
    return json.dumps({"task": task}).encode()


def tasks_of(claim):
    return [task_of(message) for message in claim.messages]


def task_of(message):
    return json.loads(message.body)["task"]


def told(receipt):
    if receipt is None:
        return "none came"
    return f"{len(receipt.ids)} stored, duplicate={receipt.duplicate}"


def keys_of(options):
    if options.server_key is None:
        return {}
    read = lambda file: file.read_bytes().strip()
    return {"server_key": read(options.server_key), "secret_key": read(options.secret_key)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--router", default="tcp://127.0.0.1:8890")
    parser.add_argument("--push", default="tcp://127.0.0.1:8891", help="the server's PULL")
    parser.add_argument("--work", default="tcp://127.0.0.1:8892", help="the server's PUSH")
    parser.add_argument("--work-endpoint", default="", help="its domain; none: it is the one that all projects share")
    parser.add_argument("--news", default="tcp://127.0.0.1:8893", help="the server's XPUB")
    parser.add_argument("--news-endpoint", default="", help="its domain; none: it is the one that all projects share")
    parser.add_argument("--project", help="without CURVE: whose queues are meant; none: the global project")
    parser.add_argument("--server-key", type=Path, help="with CURVE: the file server.public of `marconi keys server`")
    parser.add_argument("--secret-key", type=Path, help="with CURVE: the file NAME.secret of `marconi keys NAME`")
    parser.add_argument("--prefix", default=f"demo-{uuid.uuid4().hex[:8]}", help="of the names of queue and producer")
    return parser.parse_args()


main()
