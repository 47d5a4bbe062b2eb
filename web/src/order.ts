// Which controls come first.

import type { Choice, Model } from './api/types'

// How far each thing that can be moved moves the first charts, as a share of them; empty while it is
// not known.
export type Reach = Map<string, number>

const least = 0.001
export const isIdle = (name: string, reach: Reach) => reach.size > 0 && (reach.get(name) ?? 0) < least

export const byReach = <T extends { name: string }>(items: T[], reach: Reach): T[] =>
  [...items].sort((a, b) => (reach.get(b.name) ?? 0) - (reach.get(a.name) ?? 0))

// Choices: first those with a title that the model's own scenarios set, then others with a title,
// then the rest; in each, what moves the charts most.
export function inOrder(model: Model, choices: Choice[], reach: Reach): Choice[] {
  const set = new Set(model.scenarios.flatMap((s) => s.changes.map((c) => /^[^ [\]]+/.exec(c.name)?.[0])))
  const rank = (c: Choice) => (!c.title ? 2 : set.has(c.name) ? 0 : 1)
  return byReach(choices, reach).sort((a, b) => rank(a) - rank(b))
}
