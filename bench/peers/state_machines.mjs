// Runs a definition with aws-local-stepfunctions, whose folder is the argument; prints the seconds of the processor.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { StateMachine } = createRequire(import.meta.url)(process.argv[2]);
const { definition, input } = JSON.parse(readFileSync(0, "utf8"));
const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
const begun = process.cpuUsage();
const output = await machine.run(input).result;
const took = process.cpuUsage(begun);
console.log(JSON.stringify({ output, seconds: (took.user + took.system) / 1e6 }));
