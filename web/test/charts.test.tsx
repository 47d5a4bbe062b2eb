import { render } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { stats, type Bands } from '../src/api/types'
import { Fan, fanDomain } from '../src/charts/fan'
import { ticks, vertical } from '../src/charts/scales'

const bands = (rows: Partial<Record<(typeof stats)[number], number[]>>, fallback: number[]): Bands =>
  Object.fromEntries(stats.map((s) => [s, Float32Array.from(rows[s] ?? fallback)])) as unknown as Bands

function draw(b: Bands, log: boolean) {
  return render(
    <Fan width={400} height={200} times={[2020, 2021, 2022]} bands={b} single={false} calendar log={log} title="A chart" />,
  )
}

test('three bands and a median', () => {
  const svg = draw(bands({ p5: [1, 1, 1], p95: [9, 9, 9] }, [5, 5, 5]), false)
  for (const part of ['b90', 'b80', 'b50', 'median']) expect(svg).toMatch(new RegExp(`class="[^"]*${part}[^"]*"[^>]* d="M`))
  expect(svg).not.toContain('NaN')
  expect(svg).toContain('role="img"')
})

test('bands on a logarithmic axis with zeros, and on negative data, are not lost', () => {
  const zeros = bands({ p5: [0, 0, 1], p10: [0, 1, 1], p95: [100, 1000, 900] }, [10, 20, 30])
  const negative = bands({ p5: [-9, -8, -7], p95: [-1, -1, -1] }, [-4, -4, -4])
  for (const svg of [draw(zeros, true), draw(negative, false), draw(negative, true)]) {
    expect(svg).not.toMatch(/NaN|Infinity/)
    expect(svg).toMatch(/class="band b90" d="M[^"]+Z"/)
  }
})

test('a gap in the data is a gap in the band, not a wrong line', () => {
  const svg = draw(bands({}, [1, NaN, 3]), false)
  expect(svg).not.toContain('NaN')
})

test('logarithmic ticks are few and round', () => {
  const y = vertical([3, 4e6], true, 200)
  const found = ticks(y, true, 5)
  expect(found.length).toBeGreaterThan(2)
  expect(found.length).toBeLessThan(8)
  for (const tick of found) expect(String(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9))).toMatch(/^[1235](\.0*)?/)
})

test('a frame holds what was observed', () => {
  const domain = fanDomain(bands({}, [1, 2, 3]), false, false, [{ from: 0, to: 0, low: 0.5, mid: 5, high: 50, label: '' }])
  expect(domain).toEqual([0.5, 50])
})

test('a version without any value is an empty frame beside the others', () => {
  const svg = render(
    <Fan width={400} height={200} times={[2020, 2021, 2022]} bands={bands({}, [NaN, NaN, NaN])} single={false} calendar log={false} domain={[0, 50]} title="A chart" />,
  )
  expect(svg).not.toMatch(/NaN|Infinity/)
  expect(svg).toContain('>40<')
})

test('what lies on the floor of a logarithmic axis is said', () => {
  expect(draw(bands({ p5: [0, 0, 1] }, [10, 20, 30]), true)).toContain('0 and below')
  expect(draw(bands({ p5: [1, 1, 1] }, [10, 20, 30]), true)).not.toContain('0 and below')
})
