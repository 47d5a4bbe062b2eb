// The whole view in the address. Keys are readable; a bad value becomes a notice, never a blank
// page; unknown keys are kept.

import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate'
import type { Change } from '../api/types'

export const pages = ['overview', 'explore', 'scenarios', 'chips', 'evidence', 'monitor', 'model'] as const
export type Page = (typeof pages)[number]

// A reading that came out, in the words of the watch list.
export interface LoggedReading {
  id: string // of the indicator
  value: number
  error: string // `gsd 1.2`, `sd 0.05`, `10%`; '' takes the list's own
  date: string
  source: string
}

export interface View {
  page: Page
  model: string // hash the link was made with
  scenarios: string[]
  changes: Change[]
  outputs: string[]
  year: number | null
  log: string[] // outputs on a logarithmic axis
  compared: string[]
  focus: string // a variable or a source
  facts: Record<string, string> // of a sale, in words
  learn: string[] // claims or measures
  decide: string
  readings: LoggedReading[]
  asOf: string // ISO date; '' is today
  rest: [string, string][] // keys of other versions
}

export const emptyView: View = {
  page: 'overview',
  model: '',
  scenarios: [],
  changes: [],
  outputs: [],
  year: null,
  log: [],
  compared: [],
  focus: '',
  facts: {},
  learn: [],
  decide: '',
  readings: [],
  asOf: '',
  rest: [],
}

// Longer links are deflated, as `z`.
const longest = 1500
const mostUnpacked = 1 << 20

function pack(query: string): string {
  let bytes = ''
  for (const byte of deflateSync(strToU8(query), { level: 9 })) bytes += String.fromCharCode(byte)
  return btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function unpack(text: string): string {
  const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
  return strFromU8(inflateSync(bytes, { out: new Uint8Array(mostUnpacked) }))
}

const code = (text: string) => encodeURIComponent(text).replace(/~/g, '%7E')
const list = (names: string[]) => names.map(code).join(',')
const number = (value: number | undefined) => String(value ?? NaN)

function encodeChange(change: Change, shares: Set<string>): string {
  const name = code(change.input)
  switch (change.mode) {
    case 'shift':
      return name + (shares.has(change.input) ? `~+${number(change.value)}` : `~x${number(change.value)}`)
    case 'pin':
      return `${name}~=${number(change.value)}`
    case 'given':
      return `${name}~[${number(change.low)};${number(change.high)}]`
    case 'replace':
      return `${name}~dist:${code(change.text ?? '')}`
  }
}

function decodeChange(text: string, notices: string[]): Change | null {
  const [input, tail] = split(text, '~').map(decodeURIComponent) as [string, string]
  const bad = () => {
    notices.push(`The link asked for “${decodeURIComponent(text)}”, which cannot be read; the default is used.`)
    return null
  }
  if (!input || !tail) return bad()
  if (tail.startsWith('dist:')) return { input, mode: 'replace', text: tail.slice(5) }
  if (tail.startsWith('[') && tail.endsWith(']')) {
    const [low, high] = tail.slice(1, -1).split(';').map(Number)
    return Number.isFinite(low) && Number.isFinite(high) ? { input, mode: 'given', low: low!, high: high! } : bad()
  }
  const value = Number(tail.slice(1))
  if (tail.length < 2 || !Number.isFinite(value)) return bad()
  if (tail[0] === 'x') return value > 0 ? { input, mode: 'shift', value } : bad()
  if (tail[0] === '+') return { input, mode: 'shift', value }
  if (tail[0] === '=') return { input, mode: 'pin', value }
  return bad()
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

// `shares`: inputs whose shift is on the log-odds scale.
export function encode(view: View, shares: Set<string> = new Set()): string {
  const keys: [string, string][] = [['v', '1']]
  if (view.model) keys.push(['m', view.model])
  if (view.scenarios.length) keys.push(['s', list(view.scenarios)])
  if (view.changes.length) keys.push(['d', view.changes.map((c) => encodeChange(c, shares)).join(',')])
  if (view.outputs.length) keys.push(['o', list(view.outputs)])
  if (view.year !== null) keys.push(['y', String(view.year)])
  if (view.log.length) keys.push(['k', list(view.log)])
  if (view.compared.length) keys.push(['c', list(view.compared)])
  const facts = Object.entries(view.facts).filter(([, value]) => value !== '')
  if (facts.length) keys.push(['q', facts.map(([name, value]) => `${code(name)}~${code(value)}`).join(',')])
  if (view.learn.length) keys.push(['l', list(view.learn)])
  if (view.decide) keys.push(['u', code(view.decide)])
  if (view.readings.length) {
    keys.push(['g', view.readings.map((r) => [r.id, String(r.value), r.error, r.date, r.source].map(code).join('~')).join(',')])
  }
  if (view.asOf) keys.push(['a', view.asOf])
  if (view.focus) keys.push(['f', code(view.focus)])
  keys.push(...view.rest)
  const query = keys.map(([key, value]) => `${key}=${value}`).join('&')
  return `#/${view.page}?${query.length > longest ? `v=1&z=${pack(query)}` : query}`
}

export function decode(hash: string): { view: View; notices: string[] } {
  const notices: string[] = []
  const view: View = { ...emptyView, facts: {}, rest: [] }
  const [path, written] = split(hash.replace(/^#\/?/, ''), '?')
  const packed = /(?:^|&)z=([^&]*)/.exec(written)
  let query = written
  if (packed) {
    try {
      query = unpack(packed[1]!)
    } catch {
      notices.push('The packed part of the link is broken or cut off; the rest of it is used.')
      query = written.replace(packed[0], '')
    }
  }
  if ((pages as readonly string[]).includes(path)) view.page = path as Page
  else if (path) notices.push(`There is no page “${path}”; this is the overview.`)
  const names = (value: string) => value.split(',').filter(Boolean).map(decodeURIComponent)
  for (const part of query.split('&').filter(Boolean)) {
    const [key, value] = split(part, '=')
    try {
      switch (key) {
        case 'v':
          break
        case 'm':
          view.model = value
          break
        case 's':
          view.scenarios = names(value)
          break
        case 'd':
          for (const each of value.split(',').filter(Boolean)) {
            const change = decodeChange(each, notices)
            const known = change && view.changes.some((c) => c.input === change.input)
            if (change && !known) view.changes = [...view.changes, change]
          }
          break
        case 'o':
          view.outputs = names(value)
          break
        case 'y': {
          const year = Number(value)
          if (value !== '' && Number.isFinite(year)) view.year = year
          else notices.push(`The link asked for the moment “${value}”; the end of the run is used.`)
          break
        }
        case 'k':
          view.log = names(value)
          break
        case 'c':
          view.compared = names(value)
          break
        case 'q':
          for (const each of value.split(',').filter(Boolean)) {
            const [name, fact] = split(each, '~').map(decodeURIComponent) as [string, string]
            if (name && fact) view.facts = { ...view.facts, [name]: fact }
            else notices.push(`The link says “${decodeURIComponent(each)}” of a sale, which cannot be read.`)
          }
          break
        case 'l':
          view.learn = names(value)
          break
        case 'u':
          view.decide = decodeURIComponent(value)
          break
        case 'g':
          for (const each of value.split(',').filter(Boolean)) {
            const [id, number, error = '', date = '', source = ''] = each.split('~').map(decodeURIComponent)
            const reading = Number(number)
            if (id && number && Number.isFinite(reading)) view.readings = [...view.readings, { id, value: reading, error, date, source }]
            else notices.push(`The link logs “${decodeURIComponent(each)}”, which is no reading; it is left out.`)
          }
          break
        case 'a':
          if (/^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))) view.asOf = value
          else notices.push(`The link is as of “${value}”, which is no date; today is used.`)
          break
        case 'f':
          view.focus = decodeURIComponent(value)
          break
        default:
          view.rest.push([key, value])
      }
    } catch {
      notices.push(`A part of the link, “${key}”, cannot be read and is left out.`)
    }
  }
  return { view, notices }
}
