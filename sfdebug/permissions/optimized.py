"""What the role of a state machine must allow for each optimized integration, and each pattern of it.

Source: AWS Step Functions Developer Guide, "Integrating optimized services", the IAM policies at the end of each
service's page. Where AWS writes `*` and the Service Authorization Reference knows a resource for the action, that
resource stands here: the role shall allow no more than the Tasks call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sfdebug.permissions.model import ANYTHING

SYNC: Final = (".sync", ".sync:2")


class Need(NamedTuple):
    """Actions on a resource (in short, see `resources`) that a call needs, with the patterns for which it does.

    `passed_to`: a role is handed on, to this service only. `is_optional`: not where the argument is absent.
    """

    actions: str
    resource: str = ANYTHING
    patterns: tuple[str, ...] = ()
    passed_to: str = ""
    is_optional: bool = False


def _rule(name: str) -> Need:
    """What a job's end is noticed by: a rule that Step Functions keeps in the account."""
    return Need("events:DescribeRule events:PutRule events:PutTargets", f"events:R:A:rule/{name}", SYNC)


def _pass(argument: str, service: str, *, is_optional: bool = False) -> Need:
    return Need("iam:PassRole", f"iam::A:role/{{{argument}}}", (), f"{service}.amazonaws.com", is_optional)


def _waits(actions: str, resource: str = ANYTHING) -> Need:
    """What is asked, and stopped when the execution is, while a job is waited for."""
    return Need(actions, resource, SYNC)


_TABLE: Final = "dynamodb:R:A:table/{TableName}"
_PROJECT: Final = "codebuild:R:A:project/{ProjectName}"
_CLUSTER: Final = "elasticmapreduce:R:A:cluster/{ClusterId}"
_ANY_CLUSTER: Final = "elasticmapreduce:R:A:cluster/*"
_GLUE_JOB: Final = "glue:R:A:job/{JobName}"
_WORKGROUP: Final = "athena:R:A:workgroup/{WorkGroup|primary}"
_VIRTUAL: Final = "emr-containers:R:A:/virtualclusters/{VirtualClusterId}"
_DELETED: Final = "emr-containers:R:A:/virtualclusters/{Id}"
_APPLICATION: Final = "emr-serverless:R:A:/applications/{ApplicationId}"
_ANY_APPLICATION: Final = "emr-serverless:R:A:/applications/*"
_JOB_RUN: Final = f"{_APPLICATION}/jobruns/{{JobRunId}}"
_STARTED_RUN: Final = f"{_APPLICATION}/jobruns/*"
_DATABREW: Final = "databrew:R:A:job/{Name}"
_EKS: Final = "eks:R:A:cluster/{Name}"
_NODES: Final = "eks:R:A:nodegroup/{ClusterName}/{NodegroupName}/*"
_FARGATE: Final = "eks:R:A:fargateprofile/{ClusterName}/{FargateProfileName}/*"
_IN_CLUSTER: Final = "eks:R:A:cluster/{ClusterName}"
_ANY_JOB: Final = "mediaconvert:R:A:jobs/*"
_APP_RULE: Final = "StepFunctionsGetEventsForEMRServerlessApplicationRule"
_RUN_RULE: Final = "StepFunctionsGetEventsForEMRServerlessJobRule"


def _sagemaker(kind: str, path: str, name: str, rule: str, role: str = "RoleArn") -> tuple[Need, ...]:
    job = f"sagemaker:R:A:{path}/{{{name}}}"
    return (
        Need(f"sagemaker:Create{kind} sagemaker:AddTags", job),
        _waits(f"sagemaker:Describe{kind} sagemaker:Stop{kind}", job),
        Need("sagemaker:ListTags", ANYTHING),
        _rule(f"StepFunctionsGetEventsForSageMaker{rule}"),
        *((_pass(role, "sagemaker"),) if role else ()),
    )


def _codebuild(start: str, stop: str, get: str, rule: str) -> tuple[Need, ...]:
    return (
        Need(f"codebuild:{start}", _PROJECT),
        _waits(f"codebuild:{stop} codebuild:{get}", _PROJECT),
        _rule(f"StepFunctionsGetEventForCodeBuild{rule}Rule"),
    )


_HARNESS: Final = (Need("bedrock-agentcore:InvokeHarness", "bedrock-agentcore:R:A:harness/{HarnessArn}"),)


def _on_any_build(action: str) -> tuple[Need, ...]:
    return (Need(f"codebuild:{action}"),)


NEEDS: Final[Mapping[tuple[str, str], tuple[Need, ...]]] = {
    ("athena", "startQueryExecution"): (
        Need("athena:StartQueryExecution", _WORKGROUP),
        _waits("athena:GetQueryExecution athena:StopQueryExecution", _WORKGROUP),
        Need("athena:GetDataCatalog", "athena:R:A:datacatalog/{QueryExecutionContext.Catalog|AwsDataCatalog}"),
    ),
    ("athena", "stopQueryExecution"): (Need("athena:StopQueryExecution", "athena:R:A:workgroup/*"),),
    ("athena", "getQueryExecution"): (Need("athena:GetQueryExecution", "athena:R:A:workgroup/*"),),
    ("athena", "getQueryResults"): (
        Need("athena:GetQueryResults", "athena:R:A:workgroup/*"),
        Need("s3:GetObject", "s3:::*"),
    ),
    ("batch", "submitJob"): (
        Need("batch:SubmitJob", "batch:R:A:job-queue/{JobQueue}"),
        Need("batch:SubmitJob", "batch:R:A:job-definition/{JobDefinition!revision}"),
        _waits("batch:DescribeJobs"),
        _waits("batch:TerminateJob", "batch:R:A:job/*"),
        _rule("StepFunctionsGetEventsForBatchJobsRule"),
    ),
    ("bedrock", "invokeModel"): (Need("bedrock:InvokeModel", "bedrock:R::foundation-model/{ModelId}"),),
    ("bedrock", "createModelCustomizationJob"): (
        Need("bedrock:CreateModelCustomizationJob bedrock:TagResource"),
        _waits("bedrock:GetModelCustomizationJob bedrock:StopModelCustomizationJob"),
        _pass("RoleArn", "bedrock"),
    ),
    ("bedrockagentcore", "invokeHarness"): _HARNESS,
    ("bedrock-agentcore", "invokeHarness"): _HARNESS,
    ("codebuild", "startBuild"): _codebuild("StartBuild", "StopBuild", "BatchGetBuilds", "StartBuild"),
    ("codebuild", "startBuildBatch"): _codebuild(
        "StartBuildBatch", "StopBuildBatch", "BatchGetBuildBatches", "StartBuildBatch"
    ),
    ("codebuild", "retryBuildBatch"): _codebuild(
        "RetryBuildBatch", "StopBuildBatch", "BatchGetBuildBatches", "StartBuildBatch"
    ),
    ("codebuild", "deleteBuildBatch"): _on_any_build("DeleteBuildBatch"),
    ("codebuild", "stopBuild"): _on_any_build("StopBuild"),
    ("codebuild", "stopBuildBatch"): _on_any_build("StopBuildBatch"),
    ("codebuild", "batchDeleteBuilds"): _on_any_build("BatchDeleteBuilds"),
    ("codebuild", "batchGetReports"): _on_any_build("BatchGetReports"),
    ("databrew", "startJobRun"): (
        Need("databrew:StartJobRun", _DATABREW),
        _waits("databrew:ListJobRuns databrew:StopJobRun", _DATABREW),
    ),
    ("dynamodb", "getItem"): (Need("dynamodb:GetItem", _TABLE),),
    ("dynamodb", "putItem"): (Need("dynamodb:PutItem", _TABLE),),
    ("dynamodb", "updateItem"): (Need("dynamodb:UpdateItem", _TABLE),),
    ("dynamodb", "deleteItem"): (Need("dynamodb:DeleteItem", _TABLE),),
    ("ecs", "runTask"): (
        Need("ecs:RunTask", "ecs:R:A:task-definition/{TaskDefinition!revision}"),
        _waits("ecs:DescribeTasks ecs:StopTask", "ecs:R:A:task/*"),
        _rule("StepFunctionsGetEventsForECSTaskRule"),
        _pass("Overrides.TaskRoleArn", "ecs-tasks", is_optional=True),
        _pass("Overrides.ExecutionRoleArn", "ecs-tasks", is_optional=True),
    ),
    ("eks", "createCluster"): (
        Need("eks:CreateCluster"),
        _waits("eks:DescribeCluster eks:DeleteCluster", _EKS),
        _pass("RoleArn", "eks"),
    ),
    ("eks", "deleteCluster"): (Need("eks:DeleteCluster", _EKS), _waits("eks:DescribeCluster", _EKS)),
    ("eks", "createNodegroup"): (
        Need("eks:CreateNodegroup", _IN_CLUSTER),
        _waits("eks:DescribeNodegroup eks:DeleteNodegroup", _NODES),
        _pass("NodeRole", "eks"),
    ),
    ("eks", "deleteNodegroup"): (Need("eks:DeleteNodegroup", _NODES), _waits("eks:DescribeNodegroup", _NODES)),
    ("eks", "createFargateProfile"): (
        Need("eks:CreateFargateProfile", _IN_CLUSTER),
        _waits("eks:DescribeFargateProfile eks:DeleteFargateProfile", _FARGATE),
        _pass("PodExecutionRoleArn", "eks-fargate-pods"),
    ),
    ("eks", "deleteFargateProfile"): (
        Need("eks:DeleteFargateProfile", _FARGATE),
        _waits("eks:DescribeFargateProfile", _FARGATE),
    ),
    ("elasticmapreduce", "createCluster"): (
        Need("elasticmapreduce:RunJobFlow elasticmapreduce:AddTags"),
        _waits("elasticmapreduce:DescribeCluster elasticmapreduce:TerminateJobFlows", _ANY_CLUSTER),
        _rule("StepFunctionsGetEventForEMRRunJobFlowRule"),
        _pass("ServiceRole", "elasticmapreduce"),
        _pass("JobFlowRole", "ec2"),
    ),
    ("elasticmapreduce", "addStep"): (
        Need("elasticmapreduce:AddJobFlowSteps", _CLUSTER),
        _waits("elasticmapreduce:DescribeStep elasticmapreduce:CancelSteps", _CLUSTER),
        _rule("StepFunctionsGetEventForEMRAddJobFlowStepsRule"),
        _pass("ExecutionRoleArn", "elasticmapreduce", is_optional=True),
    ),
    ("elasticmapreduce", "terminateCluster"): (
        Need("elasticmapreduce:TerminateJobFlows", _CLUSTER),
        _waits("elasticmapreduce:DescribeCluster", _CLUSTER),
        _rule("StepFunctionsGetEventForEMRTerminateJobFlowsRule"),
    ),
    ("elasticmapreduce", "cancelStep"): (Need("elasticmapreduce:CancelSteps", _CLUSTER),),
    ("elasticmapreduce", "setClusterTerminationProtection"): (
        Need("elasticmapreduce:SetTerminationProtection", _CLUSTER),
    ),
    ("elasticmapreduce", "modifyInstanceFleetByName"): (
        Need("elasticmapreduce:ModifyInstanceFleet elasticmapreduce:ListInstanceFleets", _CLUSTER),
    ),
    ("elasticmapreduce", "modifyInstanceGroupByName"): (
        Need("elasticmapreduce:ModifyInstanceGroups elasticmapreduce:ListInstanceGroups", _CLUSTER),
    ),
    ("emr-containers", "createVirtualCluster"): (Need("emr-containers:CreateVirtualCluster"),),
    ("emr-containers", "deleteVirtualCluster"): (
        Need("emr-containers:DeleteVirtualCluster", _DELETED),
        _waits("emr-containers:DescribeVirtualCluster", _DELETED),
    ),
    ("emr-containers", "startJobRun"): (
        Need("emr-containers:StartJobRun", _VIRTUAL),
        _waits("emr-containers:DescribeJobRun emr-containers:CancelJobRun", f"{_VIRTUAL}/jobruns/*"),
    ),
    ("emr-serverless", "createApplication"): (
        Need("emr-serverless:CreateApplication", "emr-serverless:R:A:/*"),
        _waits("emr-serverless:GetApplication emr-serverless:DeleteApplication", _ANY_APPLICATION),
        _rule(_APP_RULE),
    ),
    ("emr-serverless", "startApplication"): (
        Need("emr-serverless:StartApplication", _APPLICATION),
        _waits("emr-serverless:GetApplication emr-serverless:StopApplication", _APPLICATION),
        _rule(_APP_RULE),
    ),
    ("emr-serverless", "stopApplication"): (
        Need("emr-serverless:StopApplication", _APPLICATION),
        _waits("emr-serverless:GetApplication", _APPLICATION),
        _rule(_APP_RULE),
    ),
    ("emr-serverless", "deleteApplication"): (
        Need("emr-serverless:DeleteApplication", _APPLICATION),
        _waits("emr-serverless:GetApplication", _APPLICATION),
        _rule(_APP_RULE),
    ),
    ("emr-serverless", "startJobRun"): (
        Need("emr-serverless:StartJobRun", _APPLICATION),
        _waits("emr-serverless:GetJobRun emr-serverless:CancelJobRun", _STARTED_RUN),
        _rule(_RUN_RULE),
        _pass("ExecutionRoleArn", "emr-serverless"),
    ),
    ("emr-serverless", "cancelJobRun"): (
        Need("emr-serverless:CancelJobRun", _JOB_RUN),
        _waits("emr-serverless:GetJobRun", _JOB_RUN),
        _rule(_RUN_RULE),
    ),
    ("events", "putEvents"): (Need("events:PutEvents", "events:R:A:event-bus/{Entries.*.EventBusName|default}"),),
    ("glue", "startJobRun"): (
        Need("glue:StartJobRun", _GLUE_JOB),
        _waits("glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns", _GLUE_JOB),
    ),
    ("lambda", "invoke"): (Need("lambda:InvokeFunction", "lambda:R:A:function:{FunctionName!function}"),),
    ("mediaconvert", "createJob"): (
        Need("mediaconvert:CreateJob", "mediaconvert:R:A:queues/{Queue|Default}"),
        _waits("mediaconvert:GetJob mediaconvert:CancelJob", _ANY_JOB),
        _rule("StepFunctionsGetEventsForMediaConvertJobRule"),
        _pass("Role", "mediaconvert"),
    ),
    ("sagemaker", "createTrainingJob"): _sagemaker(
        "TrainingJob", "training-job", "TrainingJobName", "TrainingJobsRule"
    ),
    ("sagemaker", "createTransformJob"): _sagemaker(
        "TransformJob", "transform-job", "TransformJobName", "TransformJobsRule", role=""
    ),
    ("sagemaker", "createHyperParameterTuningJob"): _sagemaker(
        "HyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        "HyperParameterTuningJobName",
        "TuningJobsRule",
        role="TrainingJobDefinition.RoleArn",
    ),
    ("sagemaker", "createLabelingJob"): _sagemaker(
        "LabelingJob", "labeling-job", "LabelingJobName", "LabelingJobsRule"
    ),
    ("sagemaker", "createProcessingJob"): _sagemaker(
        "ProcessingJob", "processing-job", "ProcessingJobName", "ProcessingJobsRule"
    ),
    ("sagemaker", "createEndpoint"): (
        Need("sagemaker:CreateEndpoint sagemaker:AddTags", "sagemaker:R:A:endpoint/{EndpointName}"),
        Need("sagemaker:CreateEndpoint", "sagemaker:R:A:endpoint-config/{EndpointConfigName}"),
    ),
    ("sagemaker", "createEndpointConfig"): (
        Need("sagemaker:CreateEndpointConfig sagemaker:AddTags", "sagemaker:R:A:endpoint-config/{EndpointConfigName}"),
    ),
    ("sagemaker", "createModel"): (
        Need("sagemaker:CreateModel sagemaker:AddTags", "sagemaker:R:A:model/{ModelName}"),
        _pass("ExecutionRoleArn", "sagemaker"),
    ),
    ("sagemaker", "updateEndpoint"): (
        Need("sagemaker:UpdateEndpoint", "sagemaker:R:A:endpoint/{EndpointName}"),
        Need("sagemaker:UpdateEndpoint", "sagemaker:R:A:endpoint-config/{EndpointConfigName}"),
    ),
    ("sqs", "sendMessage"): (Need("sqs:SendMessage", "sqs:R:A:{QueueUrl!queue}"),),
    ("states", "startExecution"): (
        Need("states:StartExecution", "states:R:A:stateMachine:{StateMachineArn}"),
        _waits("states:DescribeExecution states:StopExecution", "states:R:A:execution:{StateMachineArn!executions}"),
        _rule("StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    ),
}
"""By service and call. sns, apigateway, eks:call, eks:runJob and http have rules of their own in `needed`."""
