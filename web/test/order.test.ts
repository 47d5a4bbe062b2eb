import { expect, test } from 'vitest'
import type { Choice, Model } from '../src/api/types'
import { byReach, inOrder, isIdle } from '../src/order'

const choice = (name: string, title = '') => ({ name, unit: '1', value: 1, title, sources: [] }) as Choice
const model = { scenarios: [{ name: 's', title: '', changes: [{ name: 'licence from 2026-01-01', from: '0', to: '1' }, { name: 'cap[US]', from: '0', to: '1' }] }] } as unknown as Model
const reach = new Map([['line', 0.4], ['licence', 0.02], ['loop', 0.1], ['cap', 0.3], ['idle', 0.0001]])

test('what scenarios set comes first, then what else has a title, by how far it moves the charts', () => {
  const choices = [choice('idle', 'Idle'), choice('line'), choice('loop', 'A loop'), choice('licence', 'Licences'), choice('cap')]
  expect(inOrder(model, choices, reach).map((c) => c.name)).toEqual(['licence', 'loop', 'idle', 'line', 'cap'])
})

test('uncertainties by reach alone; the order of the model while that is not known', () => {
  const items = [{ name: 'idle' }, { name: 'line' }, { name: 'loop' }]
  expect(byReach(items, reach).map((i) => i.name)).toEqual(['line', 'loop', 'idle'])
  expect(byReach(items, new Map())).toEqual(items)
})

test('what moves the charts by less than a thousandth is idle, once that is known', () => {
  expect(isIdle('idle', reach)).toBe(true)
  expect(isIdle('line', reach)).toBe(false)
  expect(isIdle('new', reach)).toBe(true)
  expect(isIdle('idle', new Map())).toBe(false)
})
