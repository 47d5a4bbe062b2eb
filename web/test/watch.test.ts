import { expect, test } from 'vitest'
import type { WatchAnswer } from '../src/api/types'
import { calendar, daysUntil, inDays, logWords, said, tellings } from '../src/watch'

const indicator = (id: string, next: string | null) => ({ id, title: '', reads: id, unit: '1', next, every_months: 0, exact: false, source: '', note: '', p10: 1, p50: 2, p90: 3 })
const told = (id: string, worth: number) => ({ indicator: id, worth, steady: true, if_low: 0.1, if_high: 0.4, tripwire: null })
const answer = {
  as_of: '2026-11-26',
  indicators: [indicator('a', null), indicator('b', '2027-02-10'), indicator('c', '2026-11-26'), indicator('d', '2027-03-31')],
  questions: [
    { name: 'A1', claim: true, ranked: [told('b', 0.2), told('a', 0.001)] },
    { name: 'A2', claim: true, ranked: [told('c', 0.5), told('b', 0.3)] },
  ],
} as unknown as WatchAnswer

test('a reading is logged in the words of the command line', () => {
  expect(logWords({ id: 'yield', value: 0.45, error: 'sd 0.05', date: '2026-11-20', source: 'a lab' })).toBe('yield=0.45 sd 0.05')
  expect(logWords({ id: 'yield', value: 450000, error: '', date: '', source: '' })).toBe('yield=450000')
})

test('values are said as people read them', () => {
  expect([said(0.234, true), said(393113), said('2027-06-01'), said(null)]).toEqual(['23 %', '390k', 'Jun 2027', 'never'])
})

test('days are counted across years and summer time', () => {
  expect(daysUntil('2027-02-10', '2026-11-26')).toBe(76)
  expect(daysUntil('2026-03-30', '2026-03-28')).toBe(2)
  expect([inDays(0), inDays(1), inDays(41), inDays(125)]).toEqual(['today', 'tomorrow', 'in 41 days', 'in 4 months'])
})

test('an overview ranks indicators by the most that they tell, and drops what tells nothing', () => {
  const rows = tellings(answer)
  expect(rows.map((row) => row.indicator.id)).toEqual(['c', 'b', 'a', 'd'])
  expect(rows[1]!.about.map((each) => each.name)).toEqual(['A2', 'A1'])
  expect(rows[2]!.about).toEqual([])
})

test('the calendar has the dates of the next days, soonest first', () => {
  expect(calendar(answer, 90).map((each) => [each.indicator.id, each.days])).toEqual([['c', 0], ['b', 76]])
})
