"""SQS and SNS: messages, batches and limits."""

import json

from conftest import Client
from functions import fails, queue, receive


def test_messages(stand_in: Client) -> None:
    sqs = stand_in.client("sqs")
    url, arn = queue(stand_in, VisibilityTimeout="30")
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] == arn
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    message = receive(stand_in, url)
    assert (message["Body"], message["MessageAttributes"]["a"]["StringValue"]) == ("x", "b")
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
    sqs.change_message_visibility(**handle, VisibilityTimeout=0)
    again = receive(stand_in, url)
    assert again["MessageId"] == message["MessageId"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    stand_in.post("/_stand-in/clock", {"advance_seconds": 31})
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    fails("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="none")


def test_batches(stand_in: Client) -> None:
    sqs = stand_in.client("sqs")
    url, _ = queue(stand_in)
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
    code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
    fails(code, sqs.send_message_batch, QueueUrl=url, Entries=entries)
    code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
    fails(code, sqs.send_message_batch, QueueUrl=url, Entries=[entries[0]] * 2)
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries[:10])["Successful"]) == 10
    handles = [{"Id": "good", "ReceiptHandle": receive(stand_in, url)["ReceiptHandle"]}]
    found = sqs.delete_message_batch(QueueUrl=url, Entries=[*handles, {"Id": "bad", "ReceiptHandle": "x"}])
    assert [one["Id"] for one in found["Successful"]] == ["good"]
    assert [(one["Id"], one["Code"]) for one in found["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]


def test_messages_have_a_limit(stand_in: Client) -> None:
    sqs = stand_in.client("sqs")
    url, _ = queue(stand_in)
    sqs.send_message(QueueUrl=url, MessageBody="x" * (1 << 20))
    fails("InvalidParameterValue", sqs.send_message, QueueUrl=url, MessageBody="x" * ((1 << 20) + 1))


def test_what_fails_too_often_goes_to_the_dead(stand_in: Client) -> None:
    sqs = stand_in.client("sqs")
    dead, arn = queue(stand_in, "dead")
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url, _ = queue(stand_in, "jobs", RedrivePolicy=policy, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    for _ in range(2):
        assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert receive(stand_in, dead)["Body"] == "x"


def test_first_in_first_out(stand_in: Client) -> None:
    sqs = stand_in.client("sqs")
    url, _ = queue(stand_in, "q.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for text in ("a", "a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody=text, MessageGroupId="g")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [one["Body"] for one in found] == ["a", "b"]


def test_a_topic_tells_its_queues(stand_in: Client) -> None:
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    url, arn = queue(stand_in)
    policy = json.dumps({"level": ["high"]})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": policy})
    for level in ("low", "high"):
        attributes = {"level": {"DataType": "String", "StringValue": level}}
        sns.publish(TopicArn=topic, Message=level, Subject="s", MessageAttributes=attributes)
    found = json.loads(receive(stand_in, url)["Body"])
    assert (found["Message"], found["Subject"], found["TopicArn"]) == ("high", "s", topic)
    assert "Messages" not in stand_in.client("sqs").receive_message(QueueUrl=url)


def test_topics_have_limits(stand_in: Client) -> None:
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    fails("InvalidParameter", sns.publish, TopicArn=topic, Message="x" * (256 * 1_024 + 1))
    fails("InvalidParameter", sns.publish, TopicArn=topic, Message="x", Subject="s" * 101)
    fails("NotFound", sns.publish, TopicArn=topic + "x", Message="x")
    entries = [{"Id": str(number), "Message": "x"} for number in range(11)]
    fails("TooManyEntriesInBatchRequest", sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries)
