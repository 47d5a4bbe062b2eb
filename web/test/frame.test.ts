import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decode, frames, toRun } from '../src/api/frame'

// Written and checked by the server's tests, too.
const golden = new Uint8Array(readFileSync(new URL('../golden/run.frame', import.meta.url)))

test('the golden frame says what the server wrote', () => {
  const { frame, length } = decode(golden)!
  expect(length).toBe(golden.length)
  expect(frame.kind).toBe('preview')
  const run = toRun(frame)
  expect(run).toMatchObject({ settled: false, sequence: 7, draws: 4096, failed: 3, ms: 12.5 })
  expect([...run.times]).toEqual([2025, 2025.5])
  const output = run.outputs[0]!
  expect(output.name).toBe('größe[US]')
  expect([...output.bands.mean]).toEqual([1, 2])
  expect([...output.bands.p5]).toEqual([0.5, 1])
  expect([...output.bands.p95]).toEqual([2, Infinity])
  expect(run.claims[0]!.stats.p50).toBe('never')
  expect([...run.claims[0]!.shape!.bins]).toEqual([0.25, 0.5, 0.25])
})

test('nothing is made of half a frame', () => {
  for (const length of [0, 10, 31, 32, golden.length - 1]) {
    expect(decode(golden.subarray(0, length))).toBeNull()
  }
})

test('damage is noticed', () => {
  const damaged = golden.slice()
  damaged[0] = 0
  expect(() => decode(damaged)).toThrow()
  const kind = golden.slice()
  kind[4] = 9
  expect(() => decode(kind)).toThrow()
})

test('frames come out of any cut of the stream', async () => {
  const twice = new Uint8Array([...golden, ...golden])
  for (const size of [1, 7, 64, 1000]) {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < twice.length; at += size) controller.enqueue(twice.slice(at, at + size))
        controller.close()
      },
    })
    const seen: number[] = []
    for await (const frame of frames(stream)) seen.push(frame.sequence)
    expect(seen).toEqual([7, 7])
  }
})
