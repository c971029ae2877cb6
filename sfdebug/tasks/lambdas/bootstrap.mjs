// Runs a Lambda handler in Node.js: the client side of the Lambda Runtime API, with nothing but Node's own modules.
//
// It knows nothing of sfdebug. Results go over the Runtime API, so that a handler may print what it likes.
// Source: AWS docs, "Using the Lambda runtime API"; what it does and says is what AWS's own client does, aws-lambda-ric 3.3.
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import module, { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { types } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const root = process.env.LAMBDA_TASK_ROOT;
const require = createRequire(import.meta.url);
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const MOST_STREAMED = 8 << 20; // bytes: more than a response may have

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
  constructor(kind, message) {
    super(message);
    this.name = `Runtime.${kind}`;
    this.stack = String(this.stack).replace(/^Error/, this.name);
  }
}

/** An error in the shape that Lambda gives it. */
function described(error) {
  const isText = (name) => typeof error?.[name] === "string" && error[name] !== "";
  const clean = (text) => text?.replace(/\x7F/g, "%7F");
  try {
    if (types.isNativeError(error) || ["name", "message", "stack"].every(isText)) {
      return { errorType: clean(error.name), errorMessage: clean(error.message), trace: clean(error.stack).split("\n") };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    const errorMessage =
      "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack";
    return { errorType: "handled", errorMessage };
  }
}

async function report(where, error) {
  const shape = described(error);
  const line = "ERROR\t" + JSON.stringify({ ...shape, trace: undefined, stack: shape.trace });
  if (process.stderr.writable) process.stderr.write(line + "\n");
  await flushed();
  await ask("POST", where, JSON.stringify(shape), { "Lambda-Runtime-Function-Error-Type": encodeURIComponent(shape.errorType) });
}

/** After all that was written has gone out. */
function flushed() {
  const open = [process.stdout, process.stderr].filter((stream) => stream.writable); // a handler may have ended them
  return Promise.all(open.map((stream) => new Promise((done) => stream.write("", () => done()))));
}

// the handler

/** Whether the package.json that counts for a folder says that its `.js` files are ES modules. */
function hasModules(folder) {
  if (folder.endsWith("/node_modules")) return false;
  const file = path.join(folder, "package.json");
  if (fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file))?.type === "module";
    } catch (error) {
      console.warn(`${file} cannot be read, and counts for nothing: ${error.message}`);
      return false;
    }
  }
  const above = path.dirname(folder);
  return above !== folder && hasModules(above);
}

/** The module with a handler, by the ways in which Lambda looks for it. */
async function loaded(folder, name) {
  const file = path.resolve(root, folder, name);
  if (fs.existsSync(file)) return require(file);
  const isModule = hasModules(path.dirname(file));
  if (fs.existsSync(`${file}.js`)) return isModule ? import(pathToFileURL(`${file}.js`)) : require(`${file}.js`);
  if (fs.existsSync(`${file}.mjs`)) return import(pathToFileURL(`${file}.mjs`));
  if (fs.existsSync(`${file}.cjs`)) return require(`${file}.cjs`);
  return require(require.resolve(name, { paths: [root, path.resolve(root, folder)] }));
}

/** The function that `handler` names. Throws a Fault with the names and words of AWS. */
async function load(handler) {
  if (handler.includes("..")) {
    const why = "Use absolute paths when specifying root directories in handler names.";
    throw new Fault("MalformedHandlerName", `'${handler}' is not a valid handler name. ${why}`);
  }
  const last = path.basename(handler);
  const match = /^([^.]*)\.(.*)$/.exec(last);
  if (!match) throw new Fault("MalformedHandlerName", "Bad handler");
  let found;
  try {
    found = await loaded(handler.slice(0, handler.indexOf(last)), match[1]);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault("UserCodeSyntaxError", String(error));
    if (error?.code === "MODULE_NOT_FOUND") throw new Fault("ImportModuleError", String(error));
    throw error;
  }
  for (const key of match[2].split(".")) found = found && found[key];
  if (!found) throw new Fault("HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new Fault("HandlerNotFound", `${handler} is not a function`);
  return found;
}

/** Have version 2 of AWS's SDK, which knows no AWS_ENDPOINT_URL, call where version 3 does. */
function directOldSdk() {
  const compile = module.prototype._compile;
  module.prototype._compile = function (content, file, ...others) {
    const result = compile.call(this, content, file, ...others);
    if (/[\\/]aws-sdk[\\/]lib[\\/]node_loader\.js$/.test(file)) {
      const { config } = this.require("./core");
      const { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_SFN: states } = process.env;
      if (endpoint) config.update({ endpoint, s3ForcePathStyle: true });
      if (states) config.stepfunctions = { endpoint: states };
    }
    if (/[\\/]aws-sdk[\\/]lib[\\/]services[\\/]sqs\.js$/.test(file)) {
      this.require("../core").SQS.prototype.buildEndpoint = () => {}; // it takes the host of the queue's URL
    }
    return result;
  };
}

/** Have no call reach AWS that goes by no AWS_ENDPOINT_URL. Databases, which no SDK calls, are left alone. */
function keepFromAws() {
  const services = /(?<!\.rds)(?<!\.cache)(?<!\.redshift)(\.amazonaws\.com(\.cn)?|\.api\.aws)$/i;
  const { lookup } = dns;
  const told = new Set();
  dns.lookup = function (host, ...others) {
    const done = others.at(-1);
    if (!services.test(String(host).replace(/\.$/, "")) || typeof done !== "function") return lookup.call(this, host, ...others);
    const why = "for handlers do not leave this machine: AWS_ENDPOINT_URL, which @aws-sdk knows from 3.451 on, has the services";
    const said = `sfdebug: ${host} is not called, ${why}`;
    if (!told.has(host) && process.stderr.writable) process.stderr.write(`${said}\n`);
    told.add(host);
    process.nextTick(done, Object.assign(new Error(said), { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: host }));
    return {};
  };
}

/** Have the debugger that has attached stop at each call of the handler. */
async function stopAt(handler) {
  const inspector = await import("node:inspector");
  const session = new inspector.Session();
  session.connect();
  globalThis.__sfdebugHandler = handler;
  await new Promise((resolve) => session.post("Debugger.enable", resolve));
  const expression = "debug(__sfdebugHandler); delete globalThis.__sfdebugHandler";
  await new Promise((resolve) => session.post("Runtime.evaluate", { expression, includeCommandLineAPI: true }, resolve));
}

/** Have ES modules be found in layers too, as Lambda does since Node.js 18. */
function findInLayers() {
  const folders = (process.env.NODE_PATH ?? "").split(path.delimiter).filter((folder) => folder && fs.existsSync(folder));
  if (folders.length === 0 || module.register === undefined) return;
  const parents = folders.map((folder) => pathToFileURL(path.join(path.dirname(folder), "index.js")).href);
  const hooks = `export async function resolve(name, context, next) {
    try { return await next(name, context); } catch (error) {
      if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
      for (const parentURL of ${JSON.stringify(parents)}) {
        try { return await next(name, { ...context, parentURL }); } catch { continue; }
      }
      throw error;
    }
  }`;
  module.register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}

// one call

/** What is done when nothing is left that the event loop waits for. */
let whenIdle = () => {};
process.on("beforeExit", () => whenIdle());

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** What the handler gives, by promise, by callback, or by its context; null when nothing is left that could. */
function called(handler, event, headers) {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const once = (act) => (...given) => {
      if (isOver) return;
      isOver = true;
      whenIdle = () => {};
      act(...given);
    };
    const end = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      succeed: once((result) => resolve(result)),
      fail: once((error) => reject(error ?? "handled")),
      done: once(end),
      ...contextOf(headers),
    };
    const callback = once((error, result) => {
      if (error !== undefined && error !== null) reject(error);
      else if (!context.callbackWaitsForEmptyEventLoop) resolve(result);
      else whenIdle = () => setImmediate(() => resolve(result));
    });
    whenIdle = () => resolve(null);
    try {
      const result = handler(event, context, callback);
      if (typeof result?.then === "function") result.then(context.succeed, context.fail);
    } catch (error) {
      callback(error);
    }
  }).finally(() => {
    whenIdle = () => {};
  });
}

/** Where a streaming handler writes to: all of it is the result, as for anybody who does not ask for a stream. */
class ResponseStream extends (await import("node:stream")).Writable {
  parts = [];
  size = 0;

  setContentType() {
    if (this.size > 0) throw new Fault("InvalidStreamingOperation", "Cannot set content-type, too late.");
  }

  write(chunk, ...others) {
    const isPlain = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(isPlain ? chunk : JSON.stringify(chunk), ...others);
  }

  _write(chunk, encoding, done) {
    if (this.size === 0) this._onBeforeFirstWrite?.((first) => this.#keep(first));
    this.#keep(chunk);
    done();
  }

  #keep(chunk) {
    const data = Buffer.from(chunk);
    this.size += data.length;
    if (this.size <= MOST_STREAMED) this.parts.push(data);
  }
}

async function streamed(handler, event, headers) {
  const stream = new ResponseStream();
  const finished = new Promise((resolve, reject) => {
    whenIdle = () => reject("Response stream is not finished.");
    stream.once("finish", resolve);
    stream.once("error", reject);
  });
  finished.catch(() => {});
  const result = handler(event, stream, { callbackWaitsForEmptyEventLoop: true, ...contextOf(headers) });
  if (typeof result?.then !== "function") throw "Streaming does not support non-async handlers.";
  await Promise.race([result, finished.then(() => result)]);
  await finished;
  whenIdle = () => {};
  return Buffer.concat(stream.parts);
}

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: "response" }),
  HttpResponseStream: class {
    static from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(new Uint8Array(8));
      };
      return stream;
    }
  },
};

function stringified(result) {
  try {
    const text = JSON.stringify(result === undefined ? null : result);
    if (text !== undefined) return text;
  } catch {
    // what follows says it
  }
  throw new Error("Unable to stringify response body");
}

let current = "init/error";
let isLost = false;

async function lost(code, error) {
  if (isLost) return;
  isLost = true;
  try {
    await report(current, error);
  } finally {
    process.exit(code);
  }
}

process.on("unhandledRejection", (reason) => lost(128, new Fault("UnhandledPromiseRejection", reason)));
process.on("uncaughtException", (error) => lost(129, error));

let handler;
try {
  findInLayers();
  directOldSdk();
  keepFromAws();
  handler = await load(process.env._HANDLER);
  if (process.env.SFDEBUG_DEBUGGED) await stopAt(handler);
  await new Promise(setImmediate); // what the module left rejected is an error of the start
} catch (error) {
  await report("init/error", error);
  process.exit(129);
}
try {
  for (;;) {
    const next = await ask("GET", "invocation/next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    current = `invocation/${id}/error`;
    const trace = next.headers["lambda-runtime-trace-id"];
    if (trace) process.env._X_AMZN_TRACE_ID = trace;
    let result;
    try {
      const event = JSON.parse(next.body);
      result = handler[STREAMING] ? await streamed(handler, event, next.headers) : stringified(await called(handler, event, next.headers));
    } catch (error) {
      await report(current, error);
      continue;
    }
    await flushed();
    await ask("POST", `invocation/${id}/response`, result);
  }
} catch {
  process.exit(0); // nobody is there any more
}
