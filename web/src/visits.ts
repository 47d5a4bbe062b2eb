// What is another than on the last visit, a day before this one at least: kept in the browser.

import type { WatchAnswer } from './api/types'

export interface Visit {
  day: string // ISO date
  hash: string // of the model
  odds: Record<string, number> // of claims, without readings
  next: Record<string, string> // when each indicator was to be read next
}
interface Kept {
  now: Visit
  before?: Visit
}

export interface News {
  since: string
  model: boolean // it is another one
  moved: { name: string; title: string; from: number; to: number }[] // by one in a hundred or more
  due: { id: string; title: string; date: string }[] // readings that came out meanwhile
}

export function visitOf(answer: WatchAnswer, hash: string, day: string): Visit {
  return {
    day,
    hash,
    odds: Object.fromEntries(answer.questions.flatMap((q) => ('odds' in q.before ? [[q.name, q.before.odds]] : []))),
    next: Object.fromEntries(answer.indicators.flatMap((i) => (i.next ? [[i.id, i.next]] : []))),
  }
}

// The visit before today's stays as it is, however often the page is opened today.
export const keep = (kept: Kept | null, now: Visit): Kept => {
  const before = kept && kept.now.day < now.day ? kept.now : kept?.before
  return before ? { now, before } : { now }
}

export function newsOf(before: Visit, now: Visit, answer: WatchAnswer): News {
  return {
    since: before.day,
    model: before.hash !== now.hash,
    moved: answer.questions.flatMap((q) => {
      const [from, to] = [before.odds[q.name], now.odds[q.name]]
      return from !== undefined && to !== undefined && Math.abs(to - from) >= 0.01 ? [{ name: q.name, title: q.title, from, to }] : []
    }),
    due: answer.indicators
      .flatMap((i) => {
        const date = before.next[i.id]
        return date && date > before.day && date <= now.day ? [{ id: i.id, title: i.title, date }] : []
      })
      .sort((a, b) => a.date.localeCompare(b.date)),
  }
}

// Notes this visit, and says what is new since the one before. Storage may be full, forbidden, or hold
// something else: then there is no last visit.
export function visit(model: string, now: Visit, answer: WatchAnswer, store: Storage = localStorage): News | null {
  const key = `headrace-visit ${model}`
  let kept: Kept | null = null
  try {
    kept = JSON.parse(store.getItem(key) ?? 'null')
    kept = keep(kept?.now?.odds && kept.now.next ? kept : null, now)
    store.setItem(key, JSON.stringify(kept))
  } catch {
    // what was read still counts
  }
  return kept?.before ? newsOf(kept.before, now, answer) : null
}
