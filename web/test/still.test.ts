import { expect, test } from 'vitest'
import { stats, type Bands, type Run } from '../src/api/types'
import { pack, unpack, type Still } from '../src/still'

const row = (values: number[]) => Float32Array.from(values)
const bands = Object.fromEntries(stats.map((s) => [s, row([1, 2.5, Infinity])])) as unknown as Bands

test('frozen numbers come back, those that are not finite too', () => {
  const run = {
    settled: true,
    times: row([2020, 2020.5, 2021]),
    outputs: [{ name: 'gap', unit: '1', type: 'number', bands: { ...bands, p5: row([NaN, -Infinity, 0]) } }],
    claims: [{ id: 'A', odds: 0.5, stats: { mean: 'never' }, shape: { low: 0, high: 1, bins: row([1, 3]) } }],
    measures: [],
  } as unknown as Run
  const still: Still = { model: { name: 'm', title: '</script>' } as never, run, link: '#/explore', made: '2026-01-01' }
  const packed = pack(still)
  expect(packed).not.toContain('<')
  expect(unpack(packed)).toEqual(still)
})

test('five digits are kept', () => {
  const run = { times: row([2021.123456]), outputs: [], claims: [], measures: [] } as unknown as Run
  expect(unpack(pack({ model: {} as never, run, link: '', made: '' })).run.times[0]).toBeCloseTo(2021.1, 3)
})
