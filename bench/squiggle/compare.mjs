// Times the same two jobs in Squiggle and in Headrace, one thread each, from text to percentiles,
// with the same number of samples, and prints the ratio. Both run here and now, in turn.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { run } from "@quri/squiggle-lang";

const engine = process.argv[2];
const samples = Number(process.argv[3] ?? 100000);
const here = new URL(".", import.meta.url).pathname;

async function runSquiggle(code) {
  const environment = { sampleCount: samples, xyPointLength: 1000, profile: false };
  const output = await run(code, { environment });
  if (!output.result.ok) throw new Error(output.result.value.toString());
  return output.result.value.result.asJS();
}

async function fastest(repeats, work) {
  let best = Infinity, value;
  for (let i = 0; i < repeats; ++i) {
    const begin = performance.now();
    value = await work();
    best = Math.min(best, performance.now() - begin);
  }
  return [best, value];
}

const show = (values) => values.map((v) => Number(v).toPrecision(4)).join(" / ");

console.log(`Against Squiggle, ${samples} samples, one thread, text to percentiles\n`);
console.log("job          squiggle ms   headrace ms     ratio   p5 / p50 / p95 (squiggle; headrace)");
for (const job of ["estimate", "growth"]) {
  const code = readFileSync(`${here}${job}.squiggle`, "utf8");
  const [theirs, theirValues] = await fastest(3, () => runSquiggle(code));
  const out = execFileSync(engine, ["job", `${here}${job}.hr`, String(samples)], { encoding: "utf8" });
  const [ours, ...ourValues] = out.trim().split(/\s+/).map(Number);
  console.log(
    `${job.padEnd(10)} ${theirs.toFixed(1).padStart(13)} ${ours.toFixed(2).padStart(13)} ${(theirs / ours).toFixed(1).padStart(9)}   ${show(theirValues)}; ${show(ourValues)}`,
  );
}
