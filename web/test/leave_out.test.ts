import { expect, test } from 'vitest'
import type { Frame } from '../src/api/frame'
import type { Input, Model } from '../src/api/types'
import { effects, rivalsOf, wider, withoutRival, withoutSource } from '../src/leave_out'

const input = (part: Partial<Input>) => ({ name: 'x', unit: '1', sources: [], text: '', shape: null, ...part }) as Input
const views = input({ title: 'Whose count: 1 Kessler, 2 Financial Times, 3 SemiAnalysis', sources: ['a', 'b', 'c'], shape: { atoms: [[1, 0.2], [2, 0.3], [3, 0.5]] } as Input['shape'] })

test('rival views have the names that the title gives them, else their values', () => {
  expect(rivalsOf(views).map((r) => r.label)).toEqual(['Kessler', 'Financial Times', 'SemiAnalysis'])
  const dies = input({ title: 'Dies from TSMC', unit: 'die', sources: ['a', 'b'], shape: { atoms: [[2e6, 0.5], [2.5e6, 0.5]] } as Input['shape'] })
  expect(rivalsOf(dies).map((r) => r.label)).toEqual(['2M die', '2.5M die'])
  expect(rivalsOf(input({ sources: ['a'], shape: views.shape }))).toEqual([])
})

test('without one view the others keep their odds among themselves', () => {
  expect(withoutRival(views, 0)).toEqual({ input: 'x', mode: 'replace', text: 'discrete(0.375: 2, 0.625: 3)' })
  const two = input({ sources: ['a', 'b'], shape: { atoms: [[1, 0.65], [2, 0.35]] } as Input['shape'] })
  expect(withoutRival(two, 0)).toEqual({ input: 'x', mode: 'pin', value: 2 })
})

test('twice as wide around the same middle', () => {
  expect(wider('lognormal(median 2, gsd 1.5)')).toBe('lognormal(median 2, gsd 2.25)')
  expect(wider('normal(-1, 0.2)')).toBe('normal(-1, 0.4)')
  const [a, b] = /beta\((.*), (.*)\)/.exec(wider('beta(40, 60)')!)!.slice(1).map(Number) as [number, number]
  expect(a / (a + b)).toBeCloseTo(0.4)
  expect(a + b + 1).toBeCloseTo(101 / 4) // four times the variance
  expect(wider('beta(0.5, 0.5)')).toBeNull()
  expect(wider('uniform(0, 1)')).toBeNull()
})

test('only what rests on the source alone becomes less certain', () => {
  const m = { inputs: [input({ name: 'alone', sources: ['a'], text: 'normal(1, 1)' }), input({ name: 'both', sources: ['a', 'b'], text: 'normal(1, 1)' }), input({ name: 'other', sources: ['b'], text: 'normal(1, 1)' })] } as Model
  expect(withoutSource(m, 'a')).toEqual({ changes: [{ input: 'alone', mode: 'replace', text: 'normal(1, 2)' }], widened: ['alone'], kept: ['both'] })
})

test('claims that move by one in a hundred, the largest first', () => {
  const odds = (a: number, b: number, c: number) => ({ odds: [{ id: 'A', odds: a }, { id: 'B', odds: b }, { id: 'C', odds: c }] })
  const frame = { directory: { versions: [odds(0.5, 0.1, 0.9), odds(0.52, 0.4, 0.899)] } } as Frame
  expect(effects({ claims: [] } as unknown as Model, frame).map((e) => e.id)).toEqual(['B', 'A'])
})
