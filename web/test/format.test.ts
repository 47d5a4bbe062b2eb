import { expect, test } from 'vitest'
import { grouped, moment, odds, rounded, shown } from '../src/format'
import { inCommand, inLanguage } from '../src/command'
import { emptyView } from '../src/state/url'
import type { Model } from '../src/api/types'
import { tokens } from '../src/highlight'

test('numbers as people read them', () => {
  const table: [number, string][] = [
    [0.38, '0.38'],
    [1.456, '1.46'],
    [230_400, '230k'],
    [6_123_000, '6.1M'],
    [9999, '10k'],
    [2e9, '2 bn'],
    [-0.5, '−0.5'],
    [0, '0'],
    [1.2e-5, '1.2e-5'],
    [NaN, 'no value'],
    [Infinity, '∞'],
  ]
  for (const [value, text] of table) expect(rounded(value)).toBe(text)
})

test('moments', () => {
  expect(moment(2025, true)).toBe('Jan 2025')
  expect(moment(2025 + 5 / 12, true)).toBe('Jun 2025')
  expect(moment(Math.fround(2025 + 11 / 12), true)).toBe('Dec 2025')
  expect(moment(Infinity, true)).toBe('never')
  expect(moment(12.5, false)).toBe('12.5')
  expect(shown('never', 'date', true)).toBe('never')
})

test('odds in words', () => {
  expect(odds(0.31, false)).toBe('holds in 31 of 100 futures')
  expect(odds(0.001, false)).toBe('holds in fewer than 1 of 100 futures')
  expect(odds(1, false)).toBe('holds in all futures')
  expect(odds(null, false)).toBe('not known')
  expect(grouped(100000)).toBe('100 000')
})

const model = {
  files: [{ name: 'models/race/a.hr' }, { name: 'models/race/b.hr' }],
  headline: ['gap'],
  inputs: [
    { name: 'y', text: 'lognormal(median 4, gsd 1.5)', shift: 'factor' },
    { name: 's', text: 'beta(2, 6)', shift: 'share' },
    { name: 'm', text: '', shift: 'factor' },
  ],
} as unknown as Model

test('changes as a command', () => {
  expect(inLanguage(model, { input: 'y', mode: 'shift', value: 2 })).toBe('lognormal(median 8, gsd 1.5)')
  expect(inLanguage(model, { input: 's', mode: 'shift', value: Math.log(3) })).toBe('beta(4, 4)')
  const view = { scenarios: ['deny'], changes: [{ input: 'y', mode: 'pin' as const, value: 3 }, { input: 'm', mode: 'shift' as const, value: 2 }], outputs: [], page: 'explore' }
  expect(inCommand(model, view as never)).toBe(
    'headrace run models/race -s deny --set y=3 -y gap   # not in one expression: m',
  )
})

test('a command names the posterior, and leaves out what shifts its draws', () => {
  const calibrated = { ...model, posterior: { file: 'race.hrp', text: 'calibrated to 25 observations' } }
  const view = { scenarios: [], changes: [{ input: 'y', mode: 'shift' as const, value: 2 }, { input: 's', mode: 'pin' as const, value: 0.5 }], outputs: [] }
  expect(inCommand(calibrated, view as never)).toBe(
    'headrace run models/race --posterior race.hrp --set s=0.5 -y gap   # not in one expression: y',
  )
})

test('each page has the command that prints what it shows', () => {
  const whole = { ...model, claims: [{ id: 'A' }], scenarios: [{ name: 'deny' }, { name: 'a b' }, { name: 'c' }] } as never
  const view = { ...emptyView, learn: ['A'], readings: [{ id: 'yield', value: 0.4, error: 'sd 0.1', date: '', source: '' }], asOf: '2026-11-27' }
  expect(inCommand(whole, view)).toBe('headrace claims models/race')
  expect(inCommand(whole, { ...view, page: 'scenarios' })).toBe("headrace compare models/race base deny 'a b' -y gap --draws 16384")
  expect(inCommand(whole, { ...view, page: 'scenarios', scenarios: ['c'] })).toBe(
    'headrace compare models/race base deny -y gap --draws 16384   # your version is not among them',
  )
  expect(inCommand(whole, { ...view, page: 'monitor', scenarios: ['c'] })).toBe(
    "headrace watch models/race -s c --learn A --log 'yield=0.4 sd 0.1' --as-of 2026-11-27",
  )
  expect(inCommand({ ...(whole as object), files: [{ name: 'my model.hr' }] } as never, { ...view, page: 'model' })).toBe("headrace run 'my model.hr' -y gap")
})

test('the painter keeps every character', () => {
  const text = '## doc\nparam x : 1 = 3 to 7 from @a_1 note "q\\"x" # end\nflow "odd name" = x * 2e3\n'
  const painted = tokens(text)
  expect(painted.map((t) => t.text).join('')).toBe(text)
  expect(painted.filter((t) => t.kind === 'keyword').map((t) => t.text)).toEqual(['param', 'flow'])
})
