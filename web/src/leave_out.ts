// What would be believed without one published view, or without one source.
//
// Views that exclude each other are an input with a few values, each with its odds; without one of
// them the others keep their odds among themselves. What a single source says has no rival in the
// model: without it, an input that rests on it alone is as uncertain again around the same middle,
// and what others say too stays as it is.

import type { Frame } from './api/frame'
import type { Change, Finite, Input, Model } from './api/types'
import { rounded, unitOf } from './format'

export interface Rival {
  value: number
  odds: number
  label: string
}

// Inputs for which rival sources stand, each with what they say.
export function rivalsOf(input: Input): Rival[] {
  const atoms = input.shape?.atoms ?? []
  if (atoms.length < 2 || input.sources.length < 2) return []
  return atoms.map(([value, odds]) => ({ value, odds, label: labelOf(input, value) }))
}

// `Whose capacity: 1 Nikkei, 2 Morgan Stanley` names its values.
function labelOf(input: Input, value: number): string {
  const named = new RegExp(`(?:: |, )${value} (.*?)(?=, \\d+ |$)`).exec(input.title ?? '')
  return named?.[1] ?? `${rounded(value)} ${unitOf(input.unit)}`.trim()
}

export function withoutRival(input: Input, left: number): Change {
  const rest = rivalsOf(input).filter((_, i) => i !== left)
  const all = rest.reduce((sum, each) => sum + each.odds, 0)
  // The odds must add up to 1 to the last digit that is written.
  const odds = rest.map((each) => Number((each.odds / all).toFixed(6)))
  odds[odds.length - 1] = Number((1 - odds.slice(0, -1).reduce((sum, each) => sum + each, 0)).toFixed(6))
  if (rest.length === 1) return { input: input.name, mode: 'pin', value: rest[0]!.value }
  return { input: input.name, mode: 'replace', text: `discrete(${rest.map((each, i) => `${odds[i]}: ${each.value}`).join(', ')})` }
}

// A distribution twice as wide around the same middle, in the words of the model; null for a family
// that has no width to double.
export function wider(text: string): string | null {
  const numbers = (pattern: RegExp) => pattern.exec(text)?.slice(1).map(Number)
  const lognormal = numbers(/^lognormal\(median ([^,]+), gsd ([^,)]+)\)$/)
  if (lognormal) return `lognormal(median ${lognormal[0]}, gsd ${lognormal[1]! ** 2})`
  const normal = numbers(/^normal\(([^,]+), ([^,)]+)\)$/)
  if (normal) return `normal(${normal[0]}, ${2 * normal[1]!})`
  const beta = numbers(/^beta\(([^,]+), ([^,)]+)\)$/)
  if (beta) {
    // Four times the variance, as long as the shape keeps a single peak.
    const [a, b] = beta as [number, number]
    const by = Math.min(1, Math.max((a + b + 1) / 4 - 1, (a + b) / Math.min(a, b)) / (a + b))
    return by < 1 ? `beta(${a * by}, ${b * by})` : null
  }
  return null
}

export interface Without {
  changes: Change[]
  widened: string[]
  kept: string[] // rest on other sources too, or have no width
}

export function withoutSource(m: Model, id: string): Without {
  const out: Without = { changes: [], widened: [], kept: [] }
  for (const input of m.inputs) {
    if (!input.sources.includes(id)) continue
    const text = input.sources.length === 1 ? wider(input.text) : null
    if (text) out.changes.push({ input: input.name, mode: 'replace', text })
    ;(text ? out.widened : out.kept).push(input.name)
  }
  return out
}

export interface Effect {
  id: string
  title: string
  before: number
  after: number
}

// The claims whose odds move by one in a hundred or more, the largest move first.
export function effects(m: Model, frame: Frame): Effect[] {
  const [base, changed] = frame.directory.versions as { odds: { id: string; odds: Finite }[] }[]
  const after = new Map(changed!.odds.map((each) => [each.id, each.odds]))
  return base!.odds
    .flatMap(({ id, odds }) => {
      const then = after.get(id)
      if (typeof odds !== 'number' || typeof then !== 'number') return []
      return [{ id, title: m.claims.find((c) => c.id === id)?.title || id, before: odds, after: then }]
    })
    .filter((each) => Math.abs(each.after - each.before) >= 0.01)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || a.id.localeCompare(b.id))
}
