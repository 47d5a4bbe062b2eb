// Where the difference of two versions comes from: what each assumption brings when it is swapped
// alone, first in one order and then in the other, and the mean of both.

import type { Model, Question } from './api/types'
import type { Step } from './charts/waterfall'
import { plain } from './format'

export interface Swap {
  name: string // of the quantity, or several put together
  quantities: string[]
}

const mostSwaps = 10

// `policy` of `policy[H20] from 2027-01-01`.
const bare = (name: string) => name.replace(/\[.*$/, '').replace(/ from .*$/, '').trim()

// What a version sets, a quantity at a time; the last of too many are swapped together.
export function swaps(model: Model, version: Question): Swap[] {
  const names: string[] = []
  for (const scenario of version.scenarios) {
    for (const change of model.scenarios.find((s) => s.name === scenario)?.changes ?? []) names.push(bare(change.name))
  }
  for (const change of version.changes) names.push(change.input)
  const all = [...new Set(names)]
  const title = (name: string) => model.variables.find((v) => v.name === bare(name))?.title || plain(name)
  const single = (name: string): Swap => ({ name: title(name), quantities: [name] })
  if (all.length <= mostSwaps) return all.map(single)
  const rest = all.slice(mostSwaps - 1)
  return [...all.slice(0, mostSwaps - 1).map(single), { name: `${rest.length} others`, quantities: rest }]
}

// The version with some of its swaps alone.
export function part(version: Question, swapped: Swap[]): Question {
  const names = new Set(swapped.flatMap((s) => s.quantities))
  return {
    ...version,
    changes: version.changes.filter((c) => names.has(c.input)),
    only: [...names],
  }
}

export interface Answer {
  start: number
  end: number
  steps: Step[]
  rest: number // what the steps do not explain
  orderMatters: boolean
}

// `value` runs one version; `progress` hears how many of how many are done.
export async function waterfall(
  all: Swap[],
  version: Question,
  value: (question: Question) => Promise<number>,
  progress: (done: number, of: number) => void,
): Promise<Answer> {
  const of = 2 * all.length + 1
  let done = 0
  const run = async (question: Question) => {
    const result = await value(question)
    progress(++done, of)
    return result
  }
  const up: number[] = [await run(part(version, []))]
  for (let k = 1; k <= all.length; ++k) up.push(await run(part(version, all.slice(0, k))))
  // down[k]: swaps k and later.
  const down: number[] = [up[all.length]!]
  for (let k = 1; k < all.length; ++k) down.push(await run(part(version, all.slice(k))))
  down.push(up[0]!)
  const end = await run(version)
  const steps: Step[] = []
  let at = up[0]!
  all.forEach((swap, k) => {
    const first = up[k + 1]! - up[k]!
    const last = down[k]! - down[k + 1]!
    const by = (first + last) / 2
    steps.push({ name: swap.name, from: at, to: at + by, first, last })
    at += by
  })
  const size = Math.max(...steps.map((s) => Math.abs(s.to - s.from)), 0)
  return {
    start: up[0]!,
    end,
    steps,
    rest: end - at,
    orderMatters: steps.some((s) => Math.abs(s.first - s.last) > 0.2 * size && size > 0),
  }
}
