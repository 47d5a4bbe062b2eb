// Studies: effective draws a second of the hares' posterior, and evaluations a second of Sobol indices of the race model beside
// the draws a second of a plain run of it in this call. Seconds are of the processor (user and system) over all threads, so a
// busy machine blurs them less. What starting and compiling costs is taken away: it is that of the same command with few draws.
//
//   node bench/studies/run.mjs build

import { spawnSync } from 'node:child_process';
import path from 'node:path';

const build = process.argv[2];
const program = path.join(build, 'headrace');

// What a command printed, and its seconds.
function timed(command, args) {
  const script = 'TIMEFORMAT="%U %S"; time "$@" 2>&1';
  const done = spawnSync('bash', ['-c', script, 'bash', command, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  const [user, system] = done.stderr.trim().split('\n').pop().split(' ').map(Number);
  return { text: done.stdout, seconds: user + system };
}

const hares = timed(path.join(build, 'posterior_test'), ['--headrace', program]);
const told = /([\d.]+) s, (\d+) evaluations, (\d+) effective draws a second/.exec(hares.text);
if (told) {
  const effective = Number(told[1]) * Number(told[3]);
  console.log(`hares: ${Math.round(effective)} effective draws of the worst input from ${told[2]} evaluations in ${hares.seconds.toFixed(1)} s of processor time: ` +
    `${Math.round(effective / hares.seconds)} a second (${told[3]} by the clock)`);
} else {
  console.log(hares.text.trim());
}

const sobol = (rows) => timed(program, ['sensitivity', 'models/race', 'ratio_2028', '--method', 'sobol', '--draws', String(rows), '--json']);
const few = sobol(8), many = sobol(512);
const count = JSON.parse(many.text.slice(many.text.indexOf('{'))).simulations - JSON.parse(few.text.slice(few.text.indexOf('{'))).simulations;
const rate = count / (many.seconds - few.seconds);
const plain = (draws) => timed(program, ['run', 'models/race', '-y', 'ratio_2028', '--draws', String(draws), '--json', '-q']);
const draws = (100000 - 1000) / (plain(100000).seconds - plain(1000).seconds);
console.log(`Sobol indices, race: ${Math.round(rate)} evaluations a second of processor time, a plain run ${Math.round(draws)}: ratio ${(rate / draws).toFixed(2)}`);
