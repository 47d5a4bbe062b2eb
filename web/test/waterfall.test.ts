import { expect, test } from 'vitest'
import type { Model, Question } from '../src/api/types'
import { swaps, waterfall } from '../src/waterfall'

const model = {
  scenarios: [{ name: 's', title: '', changes: [{ name: 'a[X] from 2027-01-01', from: '0', to: '1' }, { name: 'a[Y]', from: '0', to: '1' }, { name: 'b', from: '0', to: '1' }] }],
  variables: [{ name: 'a', title: 'First' }],
} as unknown as Model
const version: Question = { scenarios: ['s'], changes: [{ input: 'c', mode: 'pin', value: 1 }], outputs: [], answers: false }

test('a quantity is one swap, whatever its members and dates', () => {
  expect(swaps(model, version).map((s) => [s.name, s.quantities])).toEqual([['First', ['a']], ['b', ['b']], ['c', ['c']]])
})

test('what does not depend on order is told exactly', async () => {
  const worth: Record<string, number> = { a: 5, b: -2, c: 1 }
  const seen: number[] = []
  const answer = await waterfall(swaps(model, version), version, async (q) => {
    const names = q.only ?? ['a', 'b', 'c']
    return 10 + names.reduce((sum, n) => sum + worth[n]!, 0)
  }, (done) => seen.push(done))
  expect(answer.steps.map((s) => s.to - s.from)).toEqual([5, -2, 1])
  expect([answer.start, answer.end, answer.rest, answer.orderMatters]).toEqual([10, 14, 0, false])
  expect(seen.at(-1)).toBe(7)
})

test('a product is shared between its factors, and the order is said to matter', async () => {
  const answer = await waterfall(swaps(model, { ...version, changes: [] }), version, async (q) => {
    const on = (n: string) => (q.only ? q.only.includes(n) : true)
    return on('a') && on('b') ? 8 : 0
  }, () => {})
  expect(answer.steps.map((s) => s.to - s.from)).toEqual([4, 4])
  expect(answer.orderMatters).toBe(true)
  expect(answer.rest).toBe(0)
})
