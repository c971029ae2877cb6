"""The application that cdk.out was made from: cdk synth writes it anew."""

from aws_cdk import App, Environment, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

app = App()
stack = Stack(app, "Photos", env=Environment(account="123456789012", region="eu-central-1"))
bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=True)
owner = dynamodb.Attribute(name="owner", type=dynamodb.AttributeType.STRING)
table = dynamodb.Table(stack, "Table", partition_key=dynamodb.Attribute(name="key", type=dynamodb.AttributeType.STRING))
table.add_global_secondary_index(index_name="owner", partition_key=owner)
topic = sns.Topic(stack, "Uploaded")
validate = lambda_.Function(
    stack,
    "Validate",
    runtime=lambda_.Runtime.NODEJS_22_X,
    handler="index.handler",
    code=lambda_.Code.from_asset("functions/validate"),
    environment={"MOST_BYTES": "5000000"},
)
thumbnail = lambda_.Function(
    stack,
    "Thumbnail",
    runtime=lambda_.Runtime.PYTHON_3_12,
    handler="app.handler",
    code=lambda_.Code.from_asset("functions/thumbnail"),
    environment={"WIDTH": "320"},
)

check = tasks.LambdaInvoke(
    stack,
    "Look at picture",
    lambda_function=validate,
    result_path="$.checked",
    result_selector={"kind.$": "$.Payload.kind", "tooLarge.$": "$.Payload.tooLarge"},
)
refused = sfn.Fail(stack, "Refused", error="PictureRefused", cause="it is no picture, or too large")
check.add_catch(refused, errors=["NotAPicture"], result_path="$.problem")
small = tasks.LambdaInvoke(stack, "Make thumbnail", lambda_function=thumbnail, output_path="$.Payload")
labels = tasks.CallAwsService(
    stack,
    "Find labels",
    service="rekognition",
    action="detectLabels",
    iam_resources=["*"],
    parameters={
        "Image": {"S3Object": {"Bucket": bucket.bucket_name, "Name": sfn.JsonPath.string_at("$.key")}},
        "MaxLabels": 5,
    },
    result_selector={"labels.$": "$.Labels[*].Name"},
)
store = tasks.DynamoPutItem(
    stack,
    "Store",
    table=table,
    result_path=sfn.JsonPath.DISCARD,
    item={
        "key": tasks.DynamoAttributeValue.from_string(sfn.JsonPath.string_at("$.key")),
        "thumbnail": tasks.DynamoAttributeValue.from_string(sfn.JsonPath.string_at("$.found[0].thumbnail")),
        "labels": tasks.DynamoAttributeValue.from_string_set(sfn.JsonPath.list_at("$.found[1].labels")),
    },
)
tell = tasks.SnsPublish(
    stack,
    "Tell followers",
    topic=topic,
    message=sfn.TaskInput.from_json_path_at("$.key"),
    result_path=sfn.JsonPath.DISCARD,
)
chain = check.next(
    sfn.Choice(stack, "Small enough?")
    .when(sfn.Condition.boolean_equals("$.checked.tooLarge", True), refused)
    .otherwise(sfn.Parallel(stack, "Enrich", result_path="$.found").branch(small, labels).next(store).next(tell))
)
pipeline = sfn.StateMachine(stack, "Pipeline", definition_body=sfn.DefinitionBody.from_chainable(chain))
log = logs.LogGroup(
    stack,
    "CleanupLog",
    log_group_name="/aws/vendedlogs/states/photos-cleanup",
    retention=logs.RetentionDays.ONE_MONTH,
    removal_policy=RemovalPolicy.DESTROY,
)
cleanup = sfn.StateMachine(
    stack,
    "Cleanup",
    state_machine_type=sfn.StateMachineType.EXPRESS,
    definition_body=sfn.DefinitionBody.from_file("statemachine/cleanup.asl.json"),
    definition_substitutions={"Table": table.table_name, "Bucket": bucket.bucket_name},
    logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ERROR),
)
table.grant(cleanup, "dynamodb:Query")
bucket.grant_delete(cleanup)
pattern = events.EventPattern(source=["aws.s3"], detail_type=["Object Created"])
events.Rule(stack, "OnUpload", event_pattern=pattern, targets=[targets.SfnStateMachine(pipeline)])
events.Rule(
    stack,
    "Nightly",
    schedule=events.Schedule.expression("cron(0 2 * * ? *)"),
    targets=[targets.SfnStateMachine(cleanup)],
)
app.synth()
