// World3 as users bring it: from the Vensim file to the first result, and 10,000 draws over eight constants with
// percentiles of five outputs, on one thread, beside the same equations in C++ with SIMD (by_hand.mjs) and the C that
// SDEverywhere generates (sdeverywhere.mjs, where its compiler is installed), both compiled in this call; and a large
// made-up model in both formats, from text to the first result. Times are of the processor (user and system), so that
// a busy machine blurs them less; ratios are what counts.
//
//   node bench/importers/run.mjs build/headrace

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { read, write } from './by_hand.mjs';
import { large_mdl, large_xmile } from './large.mjs';

const program = process.argv[2];
const here = path.dirname(new URL(import.meta.url).pathname);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'headrace-bench-'));
const at = (name) => path.join(folder, name);

const kOutputs = ['population', 'industrial output', 'food', 'persistent pollution index', 'Human Welfare Index'];
const kInputs = new Map([
  ['industrial capital output ratio 1', 3], ['average life of industrial capital 1', 14],
  ['average life of service capital 1', 20], ['land fraction harvested', 0.7], ['inherent land fertility', 600],
  ['assimilation half life in 1970', 1.5], ['desired completed family size normal', 3.8],
  ['labor force participation fraction', 0.75],
]);
const kDraws = 10000;
const kCalls = 5;
const low = (x) => 0.9 * x;
const high = (x) => 1.1 * x;

let calls = 0;

// Seconds of the processor and of the clock; of the quickest of `repeats` calls.
function seconds(command, args, repeats) {
  const best = { cpu: Infinity, wall: Infinity };
  for (let k = 0; k < repeats; k += 1) {
    const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>"$0"';
    // A cache of its own: what was compiled in an earlier call does not count.
    const env = { ...process.env, XDG_CACHE_HOME: at(`cache${(calls += 1)}`) };
    const done = spawnSync('bash', ['-c', script, at('err.txt'), command, ...args], { encoding: 'utf8', env });
    if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${fs.readFileSync(at('err.txt'), 'utf8')}`);
    const [wall, user, system] = done.stderr.trim().split(/\s+/).map(Number);
    best.cpu = Math.min(best.cpu, user + system);
    best.wall = Math.min(best.wall, wall);
  }
  return best;
}

const ms = (s) => `${(s * 1e3).toFixed(0).padStart(7)} ms`;
const line = (what, t, more = '') => console.log(`${what.padEnd(58)} ${ms(t.cpu)} of the processor ${ms(t.wall)} passed  ${more}`);
const headrace = (args, repeats = 1) => seconds(program, args, repeats);
const quoted = (name) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `"${name}"`);
const rows = (text) => text.trim().split('\n').map((l) => l.split(','));

// ---------------------------------------------------------------- World3

// Runs one of the programs compiled here on draws of the inputs; the quickest of as many calls as Headrace has.
function yardstick(name, inputs_csv, ...more) {
  fs.writeFileSync(at('inputs.csv'), inputs_csv);
  const call = () => execFileSync(at(name), [at('inputs.csv'), at('bands.csv'), ...more], { encoding: 'utf8' }).split(' ').map(Number);
  const [simulate, percentiles] = Array.from({ length: kCalls }, call).reduce((a, b) => (a[0] + a[1] <= b[0] + b[1] ? a : b));
  return { simulate, percentiles, whole: simulate + percentiles, bands: rows(fs.readFileSync(at('bands.csv'), 'utf8')).map((r) => r.map(Number)) };
}

const kFlags = ['-O3', '-march=native', '-ffp-contract=off'];

function compile_by_hand() {
  fs.writeFileSync(at('equations.inc'), write(read(fs.readFileSync(at('world3.hr'), 'utf8')), kInputs, kOutputs));
  execFileSync('g++', ['-std=c++20', ...kFlags, '-Wno-psabi', `-I${folder}`, `-I${here}`, '-x', 'c++', path.join(here, 'by_hand.cc'), '-o', at('by_hand')]);
}

// Compiles what SDEverywhere generates; false where its compiler is not installed.
async function compile_sdeverywhere(model) {
  if (!fs.existsSync(path.join(here, 'node_modules'))) return false;
  const { generate } = await import('./sdeverywhere.mjs');
  fs.writeFileSync(at('generated.c'), await generate(model, [...kInputs.keys()], kOutputs));
  const object = (from) => {
    execFileSync('gcc', [...kFlags, `-I${here}`, '-c', from, '-o', at(`${path.basename(from)}.o`)]);
    return at(`${path.basename(from)}.o`);
  };
  const objects = [at('generated.c'), path.join(here, 'sde.c')].map(object);
  execFileSync('g++', ['-std=c++20', ...kFlags, `-I${here}`, path.join(here, 'sdeverywhere.cc'), ...objects, '-o', at('sdeverywhere')]);
  return true;
}

const apart = (a, b) => Math.max(...a.flatMap((row, k) => row.slice(2).map((x, i) => Math.abs(x / b[k][i + 2] - 1))));

// Both sides at the central values: the largest relative difference of a cell.
function difference() {
  const { bands } = yardstick('by_hand', `${[...kInputs.values()].join(',')}\n`);
  const args = ['run', at('world3.hr'), '--csv', '-y', kOutputs.join(','), '-o', at('central.csv'), '-f'];
  headrace(args);
  const ours = rows(fs.readFileSync(at('central.csv'), 'utf8')).slice(1);
  return Math.max(...bands.map(([k, output, value]) => Math.abs(Number(ours[k][output + 1]) / value - 1)));
}

async function world3(model) {
  line('World3 .mdl to its first result, interpreter', headrace(['run', model, '--csv', '--backend', 'interp'], 7));
  headrace(['import', model, '-f', '-o', at('world3.hr')]);
  if (!fs.readFileSync('/proc/cpuinfo', 'utf8').includes('avx2')) {
    console.log('no AVX2 here: nothing by hand to compare with');
    return;
  }
  compile_by_hand();
  console.log(`by hand and headrace at central values: largest difference ${difference().toExponential(1)}`);
  const sets = [...kInputs].flatMap(([name, x]) => ['--set', `${quoted(name)}=uniform(${low(x)}, ${high(x)})`]);
  const job = (draws, backend) =>
    ['run', at('world3.hr'), '--draws', `${draws}`, '--threads', '1', '-y', kOutputs.join(','), '--csv', '-o', at('out.csv'), '-f', ...sets, '--backend', backend];
  let random = 1;
  const draw = (x) => {
    random = (random * 48271) % 2147483647;
    return low(x) + (high(x) - low(x)) * (random / 2147483647);
  };
  const inputs = Array.from({ length: kDraws }, () => [...kInputs.values()].map(draw).join(',')).join('\n');
  const hand = yardstick('by_hand', `${inputs}\n`);
  const job_line = (who, t, more = '') =>
    line(`${who}: ${kDraws} draws, ${kOutputs.length} outputs, percentiles`, { cpu: t.whole, wall: t.whole }, `simulation ${ms(t.simulate)}, percentiles ${ms(t.percentiles)}${more}`);
  job_line('by hand', hand);
  const sde = (await compile_sdeverywhere(model)) ? yardstick('sdeverywhere', `${inputs}\n`, `${kOutputs.length}`) : null;
  if (sde) job_line('SDEverywhere', sde, `; by hand apart by ${apart(sde.bands, hand.bands).toExponential(1)}`);
  else console.log('SDEverywhere left out: its compiler is not installed (npm ci in bench/importers)');
  const beside = (t) => `${(t / hand.whole).toFixed(2)} times by hand${sde ? `, SDEverywhere takes ${(sde.whole / t).toFixed(1)} times as long` : ''}`;
  for (const backend of ['llvm', 'interp']) {
    const [t, few] = [kDraws, 8].map((draws) => headrace(job(draws, backend), kCalls));
    line(`headrace, ${backend}: the same job, process and file included`, t, beside(t.cpu));
    const alone = { cpu: t.cpu - few.cpu, wall: t.wall - few.wall };
    line(`headrace, ${backend}: the same less that of 8 draws`, alone, beside(alone.cpu));
  }
}

const root = process.env.HEADRACE_CONFORMANCE ?? '../shared/conformance';
const model = path.join(root, 'world3', 'wrld3-03.mdl');
if (fs.existsSync(model)) await world3(model);
else console.log(`World3 left out: there is no ${model}; set HEADRACE_CONFORMANCE`);

// ---------------------------------------------------------------- a large model

const size = { variables: 3000, arrays: 34, elements: 1000 };  // three arrays of this size each time
fs.writeFileSync(at('large.mdl'), large_mdl(size));
fs.writeFileSync(at('large.xmile'), large_xmile(size));
for (const name of ['large.mdl', 'large.xmile']) {
  const what = `${name}: ${size.variables} variables, ${3 * size.arrays * size.elements} elements`;
  line(`${what}, checked`, headrace(['check', at(name)], 3));
  for (const backend of ['interp', 'llvm'])
    line(`${what}, first result, ${backend}`, headrace(['run', at(name), '--csv', '-y', 'aux 1', '--backend', backend], 3));
}
fs.rmSync(folder, { recursive: true });
