import { expect, test } from 'vitest'
import type { WatchAnswer } from '../src/api/types'
import { keep, visit, visitOf } from '../src/visits'

const answer = (odds: number, next: string) =>
  ({
    questions: [
      { name: 'A', title: 'A claim', before: { odds }, after: { odds: 1 } },
      { name: 'm', title: 'A measure', before: { p10: 1, p50: 2, p90: 3 } },
    ],
    indicators: [
      { id: 'i', title: 'An indicator', next },
      { id: 'j', title: 'Another', next: null },
    ],
  }) as unknown as WatchAnswer

function storage(): Storage {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage
}
const look = (store: Storage, day: string, odds: number, next = '2026-12-15', hash = 'a') => {
  const now = answer(odds, next)
  return visit('race', visitOf(now, hash, day), now, store)
}

test('the first day has nothing to compare with, the next one has', () => {
  const store = storage()
  expect(look(store, '2026-11-27', 0.3)).toBe(null)
  expect(look(store, '2026-11-27', 0.4)).toBe(null)
  const news = look(store, '2026-12-16', 0.5, '2027-03-15', 'b')!
  expect(news).toEqual({
    since: '2026-11-27',
    model: true,
    moved: [{ name: 'A', title: 'A claim', from: 0.4, to: 0.5 }],
    due: [{ id: 'i', title: 'An indicator', date: '2026-12-15' }],
  })
  // The same day again: still since that day.
  expect(look(store, '2026-12-16', 0.405, '2027-03-15', 'a')).toEqual({ ...news, model: false, moved: [] })
})

test('what is kept may be something else, or not be kept at all', () => {
  const store = storage()
  store.setItem('headrace-visit race', '{"now": 3}')
  expect(look(store, '2026-11-27', 0.3)).toBe(null)
  store.setItem('headrace-visit race', 'not JSON')
  expect(look(store, '2026-11-27', 0.3)).toBe(null)
  const full = { ...store, setItem: () => { throw new Error('full') } } as Storage
  expect(look(full, '2026-11-28', 0.3)).toBe(null)
})

test('a clock that goes back leaves the visit before as it was', () => {
  const day = (d: string) => visitOf(answer(0.1, '2026-12-15'), 'a', d)
  const kept = keep(keep(null, day('2026-11-27')), day('2026-11-28'))
  expect(keep(kept, day('2026-11-26')).before?.day).toBe('2026-11-27')
})
