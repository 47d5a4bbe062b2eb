// Paths of many points as text. Written out, since fans are drawn again at every move of a slider:
// the ten paths of each chart take a third of the time that general path builders do.

import type { Scale } from './scales'

// Pixels to a tenth; on a logarithmic axis what is not above its floor lies on it.
export function pixels(scale: Scale, log: boolean): (value: number) => number {
  const [low, high] = scale.domain() as [number, number]
  const [from, to] = scale.range() as [number, number]
  const tenths = (value: number) => Math.round(value * 10) / 10
  if (log) {
    const floor = Math.log(low)
    const slope = (to - from) / (Math.log(high) - floor)
    return (value) => (value > low ? tenths(from + (Math.log(value) - floor) * slope) : tenths(from))
  }
  const slope = (to - from) / (high - low)
  return (value) => tenths(from + (value - low) * slope)
}

type Row = ArrayLike<number>

// A line through what is finite; a gap begins a new one.
export function polyline(x: Row, values: Row, y: (value: number) => number): string {
  let path = ''
  let pen = 'M'
  for (let i = 0; i < x.length; ++i) {
    if (!Number.isFinite(values[i]!)) {
      pen = 'M'
      continue
    }
    path += `${pen}${x[i]},${y(values[i]!)}`
    pen = 'L'
  }
  return path
}

// The area between two rows: along the upper one and back along the lower, a shape for each stretch
// in which both are finite.
export function ribbon(x: Row, low: Row, high: Row, y: (value: number) => number): string {
  let path = ''
  let there = ''
  let back = ''
  const close = () => {
    if (there) path += `M${there}L${back}Z`
    there = back = ''
  }
  for (let i = 0; i < x.length; ++i) {
    if (!Number.isFinite(low[i]!) || !Number.isFinite(high[i]!)) {
      close()
      continue
    }
    const bottom = `${x[i]},${y(low[i]!)}`
    there += there ? `L${x[i]},${y(high[i]!)}` : `${x[i]},${y(high[i]!)}`
    back = back ? `${bottom}L${back}` : bottom
  }
  close()
  return path
}
