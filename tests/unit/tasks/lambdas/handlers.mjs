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
export const text = async () => Promise.reject("a text");
export const circular = async () => {
  const found = {};
  found.found = found;
  return found;
};
export const lost = async () => {
  Promise.reject(new Error("nobody waits"));
  await new Promise((done) => setTimeout(done, 1000));
};
export const number = 5;
