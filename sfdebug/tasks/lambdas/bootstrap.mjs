// Runs a Lambda handler in Node.js: the client side of the Lambda Runtime API, with nothing but Node's own modules.
//
// It knows nothing of sfdebug. Results go over the Runtime API, so that a handler may print what it likes.
// Source: AWS docs, "Using the Lambda runtime API"; the words of errors are those of AWS's aws-lambda-nodejs-runtime-interface-client.
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const root = process.env.LAMBDA_TASK_ROOT;

/** One request to the Runtime API. */
function ask(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const data = body === undefined ? undefined : Buffer.from(body, "utf8");
    const length = data === undefined ? {} : { "Content-Length": data.length, "Content-Type": "application/json" };
    const options = { host, port, method, agent, path: `/2018-06-01/runtime/${where}`, headers: { ...length, ...headers } };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString("utf8") }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(data);
  });
}

/** An error with the name that AWS gives it. */
class Fault extends Error {
  constructor(kind, message, trace) {
    super(message);
    this.name = kind;
    if (trace) this.trace = trace;
  }
}

/** An error in the shape that Lambda gives it. */
function described(error) {
  if (error instanceof Error || (error && typeof error === "object" && "stack" in error && "message" in error)) {
    const trace = error.trace ?? String(error.stack ?? "").split("\n");
    return { errorType: error.name ?? "Error", errorMessage: String(error.message), trace };
  }
  const text = error === undefined ? "undefined" : typeof error === "object" ? JSON.stringify(error) : String(error);
  return { errorType: error === null ? "null" : typeof error, errorMessage: text, trace: [] };
}

async function report(where, error) {
  const shape = described(error);
  console.error("ERROR\t" + JSON.stringify({ ...shape, trace: undefined, stack: shape.trace }));
  await flushed();
  await ask("POST", where, JSON.stringify(shape), { "Lambda-Runtime-Function-Error-Type": encodeURIComponent(shape.errorType) });
}

/** After all that was written has gone out. */
function flushed() {
  return Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))));
}

/** Where the module of a handler is: "src/app" may be app.js, app.mjs or app.cjs. */
function moduleFile(name) {
  for (const ending of ["", ".js", ".mjs", ".cjs"]) {
    const file = path.resolve(root, name + ending);
    if (fs.existsSync(file) && fs.statSync(file).isFile()) return file;
  }
  for (const base of ["index.js", "index.mjs", "index.cjs"]) {
    const file = path.resolve(root, name, base);
    if (fs.existsSync(file)) return file;
  }
  return undefined;
}

/** The function that `handler` names. Throws a Fault with the names and words of AWS. */
async function load(handler) {
  const match = /^(.*\/)?([^./]+)\.(.+)$/.exec(handler);
  if (!match || handler.includes("..")) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const name = (match[1] ?? "") + match[2];
  const file = moduleFile(name);
  if (file === undefined) {
    throw new Fault("Runtime.ImportModuleError", `Error: Cannot find module '${match[2]}'\nRequire stack:\n- ${import.meta.filename ?? "bootstrap"}`);
  }
  let module;
  try {
    module = file.endsWith(".cjs") ? createRequire(file)(file) : await import(pathToFileURL(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault("Runtime.UserCodeSyntaxError", String(error), String(error.stack).split("\n"));
    if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) {
      throw new Fault("Runtime.ImportModuleError", String(error), String(error.stack).split("\n"));
    }
    throw error;
  }
  let found = [module, module.default].map((from) => match[3].split(".").reduce((at, key) => at?.[key], from)).find((each) => each !== undefined);
  if (found === undefined) throw new Fault("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new Fault("Runtime.HandlerNotFound", `${handler} is not a function`);
  return found;
}

function contextOf(headers, done) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done,
    succeed: (result) => done(null, result),
    fail: (error) => done(error),
  };
}

/** What the handler gives, by promise, by callback, or by its context. */
function called(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    const result = handler(event, contextOf(headers, done), done);
    if (result && typeof result.then === "function") result.then(resolve, reject);
    else if (handler.length < 3 && result !== undefined) resolve(result);
    else if (handler.length < 2) resolve(result);
    else process.once("beforeExit", () => resolve(null)); // nothing is left that could call back
  });
}

function stringified(result) {
  try {
    const text = JSON.stringify(result === undefined ? null : result);
    if (text !== undefined) return text;
  } catch {
    // what follows says it
  }
  throw new Fault("Runtime.MarshalError", "Unable to stringify response body");
}

let current = "init/error";

async function lost(kind, error) {
  const shape = described(error);
  try {
    await report(current, new Fault(kind, shape.errorMessage, [`${kind}: ${shape.errorMessage}`, ...shape.trace]));
  } finally {
    process.exit(128);
  }
}

process.on("unhandledRejection", (reason) => lost("Runtime.UnhandledPromiseRejection", reason));
process.on("uncaughtException", (error) => lost(error?.name ?? "Error", error));

let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  await report("init/error", error);
  process.exit(1);
}
try {
  for (;;) {
    const next = await ask("GET", "invocation/next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    current = `invocation/${id}/error`;
    const trace = next.headers["lambda-runtime-trace-id"];
    if (trace) process.env._X_AMZN_TRACE_ID = trace;
    let text;
    try {
      const result = await called(handler, JSON.parse(next.body), next.headers);
      text = stringified(result);
    } catch (error) {
      await report(current, error);
      continue;
    }
    await flushed();
    await ask("POST", `invocation/${id}/response`, text);
  }
} catch {
  process.exit(0); // nobody is there any more
}
