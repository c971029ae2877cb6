export const echo = async (event, context) => {
  console.log("got", event.n);
  console.error("to stderr");
  return { event, name: context.functionName, left: context.getRemainingTimeInMillis() > 0 };
};
export const callback = (event, context, done) => setTimeout(() => done(null, { called: "back" }), 1);
export const callbackError = (event, context, done) => done(new TypeError("not so"));
export const plain = (event) => event.n + 1;
export const succeed = (event, context) => context.succeed({ old: "style" });
export const silent = (event, context, done) => {};
export const refuse = async () => {
  const error = new Error("no more");
  error.name = "TooMuch";
  throw error;
};
export const silenced = async () => {
  console.error = null;
  process.stdout.end();
  throw new Error("quiet");
};
export const ended = async () => {
  process.stdout.end();
  process.stderr.destroy();
  return "ended";
};
export const text = async () => Promise.reject("a text");
export const circular = async () => {
  const found = {};
  found.found = found;
  return found;
};
export const never = () => new Promise(() => {});
let timers = 0;
const timed = (isHasty) => (event, context, done) => {
  context.callbackWaitsForEmptyEventLoop = !isHasty;
  setTimeout(() => (timers += 1), 20);
  const result = { get timers() { return timers; } };
  done(null, result);
};
export const waits = timed(false);
export const hasty = timed(true);
export const streaming = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('{"a":');
  stream.write({ b: 1 });
  stream.end("}");
});
export const unfinished = awslambda.streamifyResponse(async (event, stream) => {
  stream.write("x");
});
export const nested = { deep: async () => "deep" };
export const plainText = () => {
  throw "a text";
};
export const later = async () => {
  setTimeout(() => {
    throw new RangeError("afterwards");
  }, 1);
  await new Promise((done) => setTimeout(done, 1000));
};
export const leave = async () => process.exit(4);
export const lost = async (event) => {
  if (event.quiet) return event;
  Promise.reject(new Error("nobody waits"));
  await new Promise((done) => setTimeout(done, 1000));
};
export const number = 5;
