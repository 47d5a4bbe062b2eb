// What the Monitor page makes of an answer about indicators, without drawing it.

import type { Belief, Indicator, Reading, Told, WatchAnswer } from './api/types'
import { moment, percent, rounded } from './format'
import type { LoggedReading } from './state/url'

// As `headrace watch --log` has it.
export const logWords = (r: LoggedReading) => `${r.id}=${r.value}${r.error ? ` ${r.error}` : ''}`

export const asYears = (date: string): number => {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number]
  return year + (month - 1) / 12 + (day - 1) / 365
}
export const asNumber = (value: Reading): number | null =>
  typeof value === 'number' ? value : typeof value === 'string' ? asYears(value) : null

// A number, a month, a share of futures; what is not finite is a date that never comes.
export function said(value: Reading, claim = false): string {
  if (value === null) return 'never'
  if (typeof value === 'string') return moment(asYears(value), true)
  return claim ? percent(value) : rounded(value)
}
export const middleOf = (belief: Belief): Reading => ('odds' in belief ? belief.odds : belief.p50)

export function daysUntil(date: string, asOf: string): number {
  return Math.round((Date.parse(date) - Date.parse(asOf)) / 86_400_000)
}
export function inDays(days: number): string {
  if (days === 0) return 'today'
  if (days === 1) return 'tomorrow'
  if (days <= 60) return `in ${days} days`
  return `in ${Math.round(days / 30.44)} months`
}

// Of an overview: for each indicator the questions that it tells most about, and the indicators by
// the most that they tell about any.
export interface Telling {
  indicator: Indicator
  about: { name: string; claim: boolean; told: Told }[]
}
export const leastTold = 0.01
export function tellings(answer: WatchAnswer): Telling[] {
  const rows = answer.indicators.map((indicator) => ({
    indicator,
    about: answer.questions
      .flatMap((q) => q.ranked.filter((t) => t.indicator === indicator.id).map((told) => ({ name: q.name, claim: q.claim, told })))
      .filter((each) => each.told.worth >= leastTold)
      .sort((a, b) => b.told.worth - a.told.worth),
  }))
  const most = (row: Telling) => row.about[0]?.told.worth ?? 0
  return rows.sort((a, b) => most(b) - most(a))
}

// The dates within so many days, soonest first.
export function calendar(answer: WatchAnswer, days: number): { indicator: Indicator; date: string; days: number }[] {
  return answer.indicators
    .flatMap((indicator) => (indicator.next ? [{ indicator, date: indicator.next, days: daysUntil(indicator.next, answer.as_of) }] : []))
    .filter((each) => each.days >= 0 && each.days <= days)
    .sort((a, b) => a.days - b.days)
}
