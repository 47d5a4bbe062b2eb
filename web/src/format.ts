// Numbers and moments as people read them; the same rules as the command line's.

import type { Finite, ValueType } from './api/types'

const steps: [number, string][] = [
  [1e12, ' tn'],
  [1e9, ' bn'],
  [1e6, 'M'],
  [1e3, 'k'],
]

// Two significant figures, three when the first is a 1: `0.38`, `1.46`, `230k`, `6.1M`.
export function rounded(value: number): string {
  if (Number.isNaN(value)) return 'no value'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-3 || size >= 1e15) return value.toExponential(1).replace('e+', 'e')
  const digits = size.toExponential(1)[0] === '1' ? 3 : 2
  const short = Number(size.toPrecision(digits))
  const sign = value < 0 ? '−' : ''
  if (short >= 1e4) {
    for (const [step, suffix] of steps) {
      if (short >= step) return sign + trimmed(short / step, digits) + suffix
    }
  }
  return sign + trimmed(short, digits)
}

function trimmed(value: number, digits: number): string {
  const text = Number(value.toPrecision(digits)).toString()
  return text
}

export const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

// A moment of the model: `Jun 2025` in calendar models, else the number.
export function moment(time: number, calendar: boolean): string {
  if (!Number.isFinite(time)) return time > 0 ? 'never' : 'no date'
  if (!calendar) return String(Number(time.toPrecision(5)))
  const month = Math.floor((time + 1e-4) * 12)
  return `${months[((month % 12) + 12) % 12]} ${Math.floor(month / 12)}`
}

export function shown(value: Finite, type: ValueType, calendar: boolean): string {
  if (value === null) return 'no value'
  if (value === 'never') return type === 'date' ? 'never' : '∞'
  if (value === '-infinity') return '−∞'
  if (type === 'date') return moment(value, calendar)
  return rounded(value)
}

// A name of the model for people.
export const plain = (name: string) => name.replaceAll('_', ' ')
// `chip/year`, or nothing for the dimensionless `1`.
export const unitOf = (unit: string) => (unit === '1' ? '' : plain(unit))
export const withUnit = (text: string, unit: string) => (unitOf(unit) ? `${text} ${unitOf(unit)}` : text)

export function odds(value: Finite, single: boolean): string {
  if (typeof value !== 'number') return 'not known'
  if (single) return value >= 0.5 ? 'holds' : 'does not hold'
  if (value === 1) return 'holds in all futures'
  if (value === 0) return 'holds in no future'
  const hundred = value * 100
  if (hundred < 1) return 'holds in fewer than 1 of 100 futures'
  if (hundred > 99) return 'holds in more than 99 of 100 futures'
  return `holds in ${Math.round(hundred)} of 100 futures`
}

export const percent = (share: number) =>
  share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`

// 100 000
export const grouped = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ' ')

// `1 source`, `2 sources`
export const counted = (n: number, one: string, more = `${one}s`) => `${grouped(n)} ${n === 1 ? one : more}`

// How long something took.
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

// `2025-06`
export function isoMonth(time: number): string {
  const month = Math.floor((time + 1e-4) * 12)
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
}
