// From what one would believe after a low reading to what one would after a high one, with today
// between them.

import { scaleLinear } from 'd3-scale'

const room = 8

export function Swing(props: { width: number; domain: [number, number]; low: number; now: number; high: number; title: string }) {
  const [from, to] = props.domain
  const x = scaleLinear().domain(from < to ? [from, to] : [from - 1, to + 1]).range([room, props.width - room]).clamp(true)
  return (
    <svg class="chart swing" width={props.width} height="22" viewBox={`0 0 ${props.width} 22`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      <line class="axis" x1={room} x2={props.width - room} y1="11" y2="11" opacity="0.35" />
      <line class="reach" x1={x(props.low)} x2={x(props.high)} y1="11" y2="11" />
      <line class="today" x1={x(props.now)} x2={x(props.now)} y1="3" y2="19" />
      <circle class="end low" cx={x(props.low)} cy="11" r="4.5" />
      <circle class="end high" cx={x(props.high)} cy="11" r="4.5" />
    </svg>
  )
}
