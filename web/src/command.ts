// The view as a command line that gives the same numbers.

import type { Change, Model } from './api/types'
import { isoMonth } from './format'
import type { View } from './state/url'

const quote = (text: string) => (/^[A-Za-z0-9_./=+-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`)

// The changed input in the language; null when no single expression says it.
export function inLanguage(model: Model, change: Change): string | null {
  const input = model.inputs.find((i) => i.name === change.input)
  switch (change.mode) {
    case 'pin':
      return String(change.value)
    case 'replace':
      return change.text ?? null
    case 'given':
      return input?.text ? `truncate(${input.text}, ${change.low}, ${change.high})` : null
    case 'shift':
      return input?.text ? shifted(input.text, change.value ?? 1, input.shift) : null
  }
}

// Twelve digits: more would only show how floating point rounds.
const neat = (value: number) => String(Number(value.toPrecision(12)))

function shifted(text: string, by: number, kind: string): string | null {
  const match = /^(\w+)\((.*)\)$/.exec(text)
  if (!match) return null
  const [, family, inner] = match
  const numbers = inner!.split(',').map((part) => Number(part.replace(/^\s*[a-z]+\s+/, '')))
  if (kind === 'share' && family === 'beta' && numbers.length === 2) {
    const whole = numbers[0]! + numbers[1]!
    const odds = (numbers[0]! / numbers[1]!) * Math.exp(by)
    return `beta(${neat((whole * odds) / (1 + odds))}, ${neat(whole / (1 + odds))})`
  }
  switch (family) {
    case 'lognormal':
      return `lognormal(median ${neat(numbers[0]! * by)}, gsd ${numbers[1]})`
    case 'normal':
    case 'uniform':
    case 'triangular':
      return `${family}(${numbers.map((n) => neat(n * by)).join(', ')})`
    case 'exponential':
      return `exponential(${neat(numbers[0]! * by)})`
    case 'gamma':
      return `gamma(${numbers[0]}, ${neat(numbers[1]! * by)})`
    default:
      return null
  }
}

// `at`: a time to ask about.
export function inCommand(model: Model, view: View, at?: number): string {
  const parts = ['headrace', 'run', model.files[0]?.name.replace(/\/[^/]*$/, '') || 'MODEL']
  if (model.files.length === 1) parts[2] = model.files[0]!.name
  for (const scenario of view.scenarios) parts.push('-s', quote(scenario))
  if (model.posterior) parts.push('--posterior', quote(model.posterior.file))
  const left: string[] = []
  for (const change of view.changes) {
    // A shift moves the draws of a posterior, which no expression does.
    const text = model.posterior && change.mode === 'shift' ? null : inLanguage(model, change)
    if (text === null) left.push(change.input)
    else parts.push('--set', quote(`${change.input}=${text}`))
  }
  const names = view.outputs.length ? view.outputs : model.headline.slice(0, 4)
  if (names.length) parts.push('-y', quote(names.join(',')))
  if (at !== undefined) parts.push('--at', model.calendar ? isoMonth(at) : String(at))
  return parts.join(' ') + (left.length ? `   # not in one expression: ${left.join(', ')}` : '')
}
