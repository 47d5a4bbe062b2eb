// Shapes of single quantities: the answer to a claim, the range of an input.

import { area } from 'd3-shape'
import { scaleLinear } from 'd3-scale'
import type { Claim, Histogram, Shape, ValueType } from '../api/types'
import { moment, rounded } from '../format'

const round = (value: number) => Math.round(value * 10) / 10

function holds(value: number, thresholds: Claim['thresholds']): boolean {
  return thresholds.every(({ op, value: bound }) =>
    op === '<' ? value < bound : op === '<=' ? value <= bound : op === '>' ? value > bound : value >= bound,
  )
}

export function ClaimShape(props: {
  width: number
  height: number
  shape: Histogram
  thresholds: Claim['thresholds']
  median: number | null
  type: ValueType
  calendar: boolean
  title: string
}) {
  const { width, height, shape, thresholds } = props
  const bottom = 20
  let low = shape.low
  let high = shape.high
  // A threshold that is near is shown; one far away would squeeze the shape, so an arrow tells it.
  for (const { value } of thresholds) {
    const span = shape.high - shape.low
    if (value < low && value > shape.low - span) low = value - span * 0.05
    if (value > high && value < shape.high + span) high = value + span * 0.05
  }
  const x = scaleLinear().domain([low, high]).range([2, width - 2])
  const top = Math.max(...shape.bins, 1e-9)
  const y = scaleLinear().domain([0, top]).range([height - bottom, 6])
  const step = (shape.high - shape.low) / shape.bins.length
  const text = (value: number) => (props.type === 'date' ? moment(value, props.calendar) : rounded(value))
  const bar = round(Math.max(0.5, x(low + step) - x(low) - 0.6))
  // Two paths, not a hundred rectangles: a page shows dozens of these.
  const bars = (yes: boolean) => {
    let path = ''
    shape.bins.forEach((bin, i) => {
      const at = shape.low + (i + 0.5) * step
      if (bin > 0 && yes === (thresholds.length > 0 && holds(at, thresholds))) {
        path += `M${round(x(at - step / 2))},${height - bottom}V${round(y(bin))}h${bar}V${height - bottom}Z`
      }
    })
    return path
  }
  const shown = x.ticks(Math.max(2, Math.floor(width / 90)))
  return (
    <svg class="chart" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      <path class="bin" d={bars(false)} />
      <path class="bin yes" d={bars(true)} />
      <line class="axis" x1={0} x2={width} y1={height - bottom} y2={height - bottom} />
      {shown.map((tick) => (
        <text key={tick} class="tick" x={Math.min(width - 14, Math.max(14, x(tick)))} y={height - 5} text-anchor="middle">
          {text(tick)}
        </text>
      ))}
      {thresholds.map(({ value }, i) =>
        value >= low && value <= high ? (
          <line key={i} class="threshold" x1={x(value)} x2={x(value)} y1={0} y2={height - bottom} />
        ) : (
          <text key={i} class="tick" x={value < low ? 2 : width - 2} y={9} text-anchor={value < low ? 'start' : 'end'}>
            {value < low ? `◀ limit ${text(value)}` : `limit ${text(value)} ▶`}
          </text>
        ),
      )}
    </svg>
  )
}

// The range of an input above its slider.
export function Strip(props: { width: number; height: number; shape: Shape | null; low: number; high: number }) {
  const { width, height, shape, low, high } = props
  if (!shape || width <= 0) return null
  const x = scaleLinear().domain([low, high]).range([0, width])
  if (shape.atoms) {
    const top = Math.max(...shape.atoms.map(([, weight]) => weight))
    return (
      <svg class="strip" width={width} height={height} aria-hidden="true">
        {shape.atoms.map(([value, weight]) => (
          <line key={value} x1={x(value)} x2={x(value)} y1={height} y2={height - (height - 2) * (weight / top)} />
        ))}
      </svg>
    )
  }
  const density = shape.density!
  const top = Math.max(...density, 1e-300)
  const at = (i: number) => x(shape.low! + ((shape.high! - shape.low!) * i) / (density.length - 1))
  const path = area<number>()
    .x((_, i) => at(i))
    .y0(height)
    .y1((d) => height - (height - 2) * (d / top))(density)
  return (
    <svg class="strip" width={width} height={height} aria-hidden="true">
      <path d={path ?? ''} />
    </svg>
  )
}

// Twenty dots: twenty futures.
export function Dots(props: { values: ArrayLike<number>; width: number; height: number; title: string }) {
  const values = Array.from(props.values).filter(Number.isFinite)
  if (values.length < 2 || values[0] === values.at(-1)) return null
  const x = scaleLinear().domain([values[0]!, values.at(-1)!]).range([8, props.width - 8])
  const size = 4
  const columns = new Map<number, number>()
  return (
    <svg class="chart" width={props.width} height={props.height} viewBox={`0 0 ${props.width} ${props.height}`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      <line class="axis" x1={0} x2={props.width} y1={props.height - 16} y2={props.height - 16} />
      {values.map((value, i) => {
        const column = Math.round(x(value) / (2 * size + 1))
        const level = columns.get(column) ?? 0
        columns.set(column, level + 1)
        return (
          <circle
            key={i}
            class="dot"
            cx={column * (2 * size + 1)}
            cy={props.height - 21 - level * (2 * size + 1)}
            r={size}
          />
        )
      })}
      <text class="tick" x={2} y={props.height - 3}>
        {rounded(values[0]!)}
      </text>
      <text class="tick" x={props.width - 2} y={props.height - 3} text-anchor="end">
        {rounded(values.at(-1)!)}
      </text>
    </svg>
  )
}
