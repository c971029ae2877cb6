// Evaluates expressions with npm's jsonata, whose folder is the argument: the seconds of the processor of the fastest of
// several rounds of each, and its result.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const jsonata = createRequire(import.meta.url)(process.argv[2]);
const { expressions, data, rounds } = JSON.parse(readFileSync(0, "utf8"));

const fastest = async (work) => {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begun = process.cpuUsage();
    await work();
    const took = process.cpuUsage(begun);
    least = Math.min(least, (took.user + took.system) / 1e6);
  }
  return least;
};

const found = [];
for (const text of expressions) {
  const compiled = jsonata(text);
  found.push({ seconds: await fastest(() => compiled.evaluate(data)), result: await compiled.evaluate(data) });
}
const compiling = await fastest(() => expressions.forEach((text) => jsonata(text)));
console.log(JSON.stringify({ found, compiling }));
