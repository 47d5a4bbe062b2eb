// What a quantity rests on: everything below it in the model.

import type { Model, Source } from './api/types'

export interface Basis {
  sources: Source[]
  guesses: string[] // inputs that are assumed, or of which nothing is said
  newest: string
  oldest: string
  kinds: [string, number][]
}

export function basisOf(model: Model, output: string): Basis {
  const variables = new Map(model.variables.map((v) => [v.name, v]))
  const open = [output.replace(/\[.*$/, '')]
  const seen = new Set<string>(open)
  while (open.length) {
    const v = variables.get(open.pop()!)
    for (const below of [...(v?.uses ?? []), ...(v?.in ?? []), ...(v?.out ?? [])]) {
      if (seen.has(below)) continue
      seen.add(below)
      open.push(below)
    }
  }
  const ids = new Set<string>()
  const guesses: string[] = []
  for (const name of seen) {
    const v = variables.get(name)
    if (!v) continue
    for (const id of v.sources) ids.add(id)
    const isInput = v.kind === 'param' || model.inputs.some((i) => i.variable === name)
    if (isInput && v.sources.length === 0) guesses.push(name)
  }
  for (const input of model.inputs) if (seen.has(input.variable)) for (const id of input.sources) ids.add(id)
  const sources = model.sources.filter((s) => ids.has(s.id))
  const dates = sources.map((s) => s.date).filter(Boolean).sort()
  const kinds = new Map<string, number>()
  for (const s of sources) if (s.kind) kinds.set(s.kind, (kinds.get(s.kind) ?? 0) + 1)
  return {
    sources,
    guesses,
    newest: dates.at(-1) ?? '',
    oldest: dates[0] ?? '',
    kinds: [...kinds].sort((a, b) => b[1] - a[1]),
  }
}
