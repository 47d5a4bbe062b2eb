// From one version to another, one assumption at a time.

import { scaleLinear } from 'd3-scale'
import { rounded } from '../format'

export interface Step {
  name: string
  from: number
  to: number
  // What the step brings when it is taken first and when it is taken last.
  first: number
  last: number
}

const row = 26

export function Waterfall(props: { width: number; start: { name: string; value: number }; end: { name: string; value: number }; steps: Step[]; title: string }) {
  const { start, end, steps } = props
  const left = Math.min(260, props.width * 0.38)
  const right = 110
  const values = [start.value, end.value, ...steps.flatMap((s) => [s.from, s.to])].filter(Number.isFinite)
  const low = Math.min(...values)
  const high = Math.max(...values)
  const x = scaleLinear()
    .domain(low === high ? [low - 1, high + 1] : [low, high])
    .range([left, Math.max(left + 40, props.width - right)])
  const height = (steps.length + 2) * row + 4
  const fit = (name: string) => {
    const most = Math.floor(left / 6.4)
    return name.length > most ? `${name.slice(0, most - 1)}…` : name
  }
  const total = (at: number, name: string, value: number) => (
    <g transform={`translate(0,${at * row})`}>
      <text class="row-name on" x={left - 10} y={row / 2 + 4} text-anchor="end">{fit(name)}</text>
      <circle class="dot" cx={x(value)} cy={row / 2} r={5} />
      <text class="direct on" x={x(value) + 10} y={row / 2 + 4}>{rounded(value)}</text>
    </g>
  )
  return (
    <svg class="chart waterfall" width={props.width} height={height} viewBox={`0 0 ${props.width} ${height}`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      {total(0, start.name, start.value)}
      {steps.map((step, i) => {
        const a = x(Math.min(step.from, step.to))
        const b = x(Math.max(step.from, step.to))
        const by = step.to - step.from
        return (
          <g key={step.name} transform={`translate(0,${(i + 1) * row})`}>
            <title>{`${step.name}: taken first ${rounded(step.first)}, taken last ${rounded(step.last)}`}</title>
            <line class="grid" x1={x(step.from)} x2={x(step.from)} y1={-row / 2} y2={row / 2} />
            <text class="row-name" x={left - 10} y={row / 2 + 4} text-anchor="end">{fit(step.name)}</text>
            <rect class={by < 0 ? 'fall' : 'rise'} x={a} width={Math.max(1.5, b - a)} y={6} height={row - 12} />
            <text class="direct" x={b + 8} y={row / 2 + 4}>{`${by > 0 ? '+' : ''}${rounded(by)}`}</text>
          </g>
        )
      })}
      {total(steps.length + 1, end.name, end.value)}
    </svg>
  )
}
