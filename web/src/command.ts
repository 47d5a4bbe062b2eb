// The view as a command line that gives the same numbers.

import type { Change, Model } from './api/types'
import { isoMonth } from './format'
import type { View } from './state/url'
import { logWords } from './watch'

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

// The scenarios beside the model as it stands: those of the link, else the model's first.
export const comparedIn = (model: Model, view: View): string[] =>
  view.compared.length ? view.compared : model.scenarios.slice(0, view.changes.length || view.scenarios.length ? 1 : 2).map((s) => s.name)

const comparedDraws = 16384 // what the server takes for versions side by side

// The command that prints what the page on screen shows; one about law is another matter.
export function inCommand(model: Model, view: View): string {
  switch (view.page) {
    case 'overview':
      return model.claims.length ? ofVersion('claims', model, view, []) : ofVersion('run', model, view, charted(model, view))
    case 'scenarios': {
      const names = ['base', ...comparedIn(model, view)].map(quote)
      const options = [...charted(model, view).slice(0, 2), '--draws', String(comparedDraws)]
      const own = view.changes.length || view.scenarios.length ? '   # your version is not among them' : ''
      return ['headrace', 'compare', pathOf(model), ...names, ...options].join(' ') + own
    }
    case 'monitor':
      return ofVersion('watch', model, view, [
        ...(view.learn.length ? ['--learn', quote(view.learn.join(','))] : []),
        ...(view.decide ? ['--decide', quote(view.decide)] : []),
        ...view.readings.flatMap((r) => ['--log', quote(logWords(r))]),
        ...(view.asOf ? ['--as-of', view.asOf] : []),
      ])
    default:
      return ofVersion('run', model, view, charted(model, view))
  }
}

// One quantity at one time.
export const numberInCommand = (model: Model, view: View, output: string, at: number | undefined): string =>
  ofVersion('run', model, view, ['-y', quote(output), ...(at === undefined ? [] : ['--at', model.calendar ? isoMonth(at) : String(at)])])

function charted(model: Model, view: View): string[] {
  const names = view.outputs.length ? view.outputs : model.headline.slice(0, 4)
  return names.length ? ['-y', quote(names.join(','))] : []
}

function pathOf(model: Model): string {
  const first = model.files[0]?.name ?? 'MODEL'
  return quote(model.files.length === 1 ? first : first.replace(/\/[^/]*$/, ''))
}

function ofVersion(verb: string, model: Model, view: View, options: string[]): string {
  const parts = ['headrace', verb, pathOf(model)]
  for (const scenario of view.scenarios) parts.push('-s', quote(scenario))
  if (model.posterior) parts.push('--posterior', quote(model.posterior.file))
  const left: string[] = []
  for (const change of view.changes) {
    // A shift moves the draws of a posterior, which no expression does.
    const text = model.posterior && change.mode === 'shift' ? null : inLanguage(model, change)
    if (text === null) left.push(change.input)
    else parts.push('--set', quote(`${change.input}=${text}`))
  }
  return [...parts, ...options].join(' ') + (left.length ? `   # not in one expression: ${left.join(', ')}` : '')
}
