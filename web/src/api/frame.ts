// Frames on the wire, see src/server/frame.h: a directory in JSON, then numbers.

import { stats, type Bands, type Histogram, type Run } from './types'

export type Kind = 'preview' | 'settled' | 'error' | 'superseded'
const kinds: Kind[] = ['preview', 'settled', 'error', 'superseded']

export interface Frame {
  kind: Kind
  sequence: number
  draws: number
  failed: number
  directory: any
  numbers: Float32Array
}

const header = 32
const padded = (n: number) => Math.ceil(n / 8) * 8
// Larger than anything that the server sends; a broken stream must not fill the memory.
const most = 256 << 20

// The first frame of `bytes` and how long it is; nothing while it is not whole.
export function decode(bytes: Uint8Array): { frame: Frame; length: number } | null {
  if (bytes.length < header) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, false) !== 0x48524631) throw new Error('this is no answer of headrace')
  const kind = kinds[view.getUint32(4, true)]
  const count = view.getUint32(20, true)
  const json = view.getUint32(24, true)
  const length = header + json + padded(count * 4)
  if (!kind || length > most) throw new Error('the answer is damaged')
  if (bytes.length < length) return null
  const directory = JSON.parse(new TextDecoder().decode(bytes.subarray(header, header + json)))
  // Copied, so that a large buffer does not live on for a small frame.
  const at = bytes.byteOffset + header + json
  const numbers = new Float32Array(bytes.buffer.slice(at, at + count * 4))
  return {
    frame: {
      kind,
      sequence: view.getUint32(8, true),
      draws: view.getUint32(12, true),
      failed: view.getUint32(16, true),
      directory,
      numbers,
    },
    length,
  }
}

// Frames as they arrive.
export async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const reader = body.getReader()
  let rest = new Uint8Array(0)
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      const joined = new Uint8Array(rest.length + value.length)
      joined.set(rest)
      joined.set(value, rest.length)
      rest = joined
      for (let next = decode(rest); next; next = decode(rest)) {
        rest = rest.slice(next.length)
        yield next.frame
      }
    }
  } finally {
    reader.releaseLock()
  }
}

export function bandsAt(frame: Frame, offset: number, count: number): Bands {
  const bands = {} as Bands
  stats.forEach((stat, i) => {
    bands[stat] = frame.numbers.subarray(offset + i * count, offset + (i + 1) * count)
  })
  return bands
}

function histogram(frame: Frame, shape: any): Histogram | null {
  if (!shape) return null
  return {
    low: shape.low,
    high: shape.high,
    bins: frame.numbers.subarray(shape.offset, shape.offset + shape.bins),
  }
}

export function times(frame: Frame): Float32Array {
  const { offset, count } = frame.directory.times
  return frame.numbers.subarray(offset, offset + count)
}

export function toRun(frame: Frame): Run {
  const d = frame.directory
  const count = d.times.count
  return {
    settled: frame.kind === 'settled',
    sequence: frame.sequence,
    draws: frame.draws,
    failed: frame.failed,
    single: d.single,
    ms: d.ms,
    seed: d.seed,
    backend: d.backend,
    warnings: d.warnings,
    steadied: d.steadied === true,
    times: times(frame),
    outputs: d.outputs.map((each: any) => ({
      name: each.name,
      unit: each.unit,
      type: each.type,
      bands: bandsAt(frame, each.offset, count),
    })),
    claims: (d.claims ?? []).map((each: any) => ({ ...each, shape: histogram(frame, each.shape) })),
    measures: d.measures ?? [],
  }
}
