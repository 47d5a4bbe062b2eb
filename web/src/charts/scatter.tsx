// One number of each future against another, and the mean of the second along the first.

import { scaleLinear } from 'd3-scale'
import { rounded } from '../format'
import { extent } from './scales'

const margin = { left: 58, right: 14, top: 10, bottom: 36 }

// Nearly all points: a single far one must not press the rest together.
function middle(values: number[]): [number, number] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  const at = (p: number) => sorted[Math.round((sorted.length - 1) * p)] ?? 0
  const [low, high] = [at(0.01), at(0.99)]
  return low < high ? [low, high] : (extent([values], false) ?? [0, 1])
}

export function Scatter(props: { width: number; height: number; points: [number, number][]; means: [number, number][]; xTitle: string; yTitle: string; title: string; mark?: number | null }) {
  const { width, height, points, means } = props
  const [x0, x1] = middle(points.map((p) => p[0]))
  const [y0, y1] = middle(points.map((p) => p[1]))
  const x = scaleLinear().domain([x0, x1]).range([margin.left, width - margin.right]).nice(5)
  const y = scaleLinear().domain([y0, y1]).range([height - margin.bottom, margin.top]).nice(4)
  const inside = ([a, b]: [number, number]) => a >= x.domain()[0]! && a <= x.domain()[1]! && b >= y.domain()[0]! && b <= y.domain()[1]!
  const line = means.filter(inside).map(([a, b], i) => `${i ? 'L' : 'M'}${x(a).toFixed(1)},${y(b).toFixed(1)}`)
  const mark = props.mark
  return (
    <svg class="chart scatter" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      {y.ticks(4).map((t) => (
        <g key={t}>
          <line class="grid" x1={margin.left} x2={width - margin.right} y1={y(t)} y2={y(t)} />
          <text x={margin.left - 8} y={y(t) + 4} text-anchor="end">{rounded(t)}</text>
        </g>
      ))}
      {x.ticks(Math.max(2, Math.floor(width / 90))).map((t) => (
        <g key={t}>
          <line class="axis" x1={x(t)} x2={x(t)} y1={height - margin.bottom} y2={height - margin.bottom + 4} />
          <text x={x(t)} y={height - margin.bottom + 16} text-anchor="middle">{rounded(t)}</text>
        </g>
      ))}
      <line class="axis" x1={margin.left} x2={width - margin.right} y1={height - margin.bottom} y2={height - margin.bottom} />
      {points.filter(inside).map(([a, b], i) => (
        <circle key={i} class="point" cx={x(a).toFixed(1)} cy={y(b).toFixed(1)} r="2" />
      ))}
      <path class="median" d={line.join('')} />
      {mark !== null && mark !== undefined && mark >= x.domain()[0]! && mark <= x.domain()[1]! && (
        <line class="threshold" x1={x(mark)} x2={x(mark)} y1={margin.top} y2={height - margin.bottom} />
      )}
      <text x={width - margin.right} y={height - 3} text-anchor="end">{props.xTitle}</text>
    </svg>
  )
}
