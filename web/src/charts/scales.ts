// Axes: domains that hold what is drawn, ticks that do not crowd.

import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale'
import { rounded } from '../format'

export type Scale = ScaleContinuousNumeric<number, number>

// The smallest and largest finite values; for logarithmic axes of the positive ones.
export function extent(rows: Iterable<ArrayLike<number>>, log: boolean): [number, number] | null {
  let low = Infinity
  let high = -Infinity
  for (const row of rows) {
    for (let i = 0; i < row.length; ++i) {
      const value = row[i]!
      if (!Number.isFinite(value) || (log && value <= 0)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low <= high ? [low, high] : null
}

// The vertical axis of a chart: from zero where zero is near, at most six decades when logarithmic.
export function vertical(domain: [number, number] | null, log: boolean, height: number): Scale {
  let [low, high] = domain ?? [0, 1]
  if (log) {
    if (!(high > 0)) [low, high] = [0.1, 1]
    low = Math.max(low, high / 1e6)
    if (low === high) [low, high] = [low / 2, high * 2]
    return scaleLog().domain([low, high]).range([height, 0]).nice()
  }
  if (low > 0 && low < high * 0.6) low = 0
  if (high < 0 && high > low * 0.6) high = 0
  if (low === high) {
    const room = Math.abs(low) || 1
    low -= low === 0 ? 0 : room * 0.5
    high += room * 0.5
  }
  return scaleLinear().domain([low, high]).range([height, 0]).nice(4)
}

// Ticks of a logarithmic axis, thinned to 1-2-5 and then to powers of ten.
export function ticks(scale: Scale, log: boolean, count: number): number[] {
  if (!log) return scale.ticks(count)
  const [low, high] = scale.domain() as [number, number]
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const all: number[] = []
    for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); ++p) {
      for (const step of steps) {
        const value = step * 10 ** p
        if (value >= low * 0.999 && value <= high * 1.001) all.push(value)
      }
    }
    if (all.length <= count + 1) return all
    if (steps.length === 1) {
      const every = Math.ceil(all.length / (count + 1))
      return all.filter((_, i) => i % every === 0)
    }
  }
  return []
}

export const tickText = (value: number) => (value === 0 ? '0' : rounded(value))

// Time: whole years where years are meant.
export function timeTicks(start: number, end: number, width: number, calendar: boolean): number[] {
  const room = Math.max(2, Math.floor(width / 64))
  const all = scaleLinear().domain([start, end]).ticks(room)
  return calendar ? all.filter((t) => Number.isInteger(t)) : all
}
