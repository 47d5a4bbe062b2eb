// A fan: the median as a line, the middle 5, 8 and 9 in 10 futures around it. A pure function from
// data to SVG; the figure around it adds keyboard, table and export.

import { scaleLinear } from 'd3-scale'
import { useId, useMemo } from 'preact/hooks'
import type { Bands } from '../api/types'
import { rounded } from '../format'
import { pixels, polyline, ribbon } from './paths'
import { extent, ticks, tickText, timeTicks, vertical } from './scales'

export interface Mark {
  from: number
  to: number
  low: number
  mid: number
  high: number
  label: string
}

export interface FanProps {
  width: number
  height: number
  times: ArrayLike<number>
  bands: Bands
  single: boolean
  calendar: boolean
  log: boolean
  ghost?: Bands | null
  paths?: ArrayLike<number>[]
  marks?: Mark[]
  domain?: [number, number] | null
  reader?: number | null
  events?: { time: number; label: string }[] // days on which the law changes
  zero?: boolean // a line at zero: differences
  color?: string
  title: string
}

// Room at the right is for the names of the bands; one line and narrow charts do without.
export const margins = (width: number, single: boolean) => ({ top: 10, right: single || width < 300 ? 14 : 62, bottom: 24, left: 52 })

export function fanDomain(bands: Bands, single: boolean, log: boolean, marks: Mark[] = []) {
  const rows: ArrayLike<number>[] = single ? [bands.p50] : [bands.p5, bands.p50, bands.p95]
  rows.push(marks.flatMap((m) => [m.low, m.high]))
  return extent(rows, log)
}

const round = (value: number) => Math.round(value * 10) / 10

// Labels at the right edge, pushed apart so that none covers another.
function spread(labels: { y: number; text: string }[], least: number, height: number) {
  const sorted = [...labels].sort((a, b) => a.y - b.y)
  for (let i = 1; i < sorted.length; ++i) {
    sorted[i]!.y = Math.max(sorted[i]!.y, sorted[i - 1]!.y + least)
  }
  const over = (sorted.at(-1)?.y ?? 0) - height
  if (over > 0) for (const each of sorted) each.y -= over
  return sorted
}

export function Fan(props: FanProps) {
  const { width, height, times, bands, single, calendar, log } = props
  const margin = margins(width, single)
  const inner = { w: Math.max(40, width - margin.left - margin.right), h: height - margin.top - margin.bottom }
  const start = times[0] ?? 0
  const end = times[times.length - 1] ?? 1
  const xs = scaleLinear().domain([start, end === start ? start + 1 : end]).range([0, inner.w])
  const domain = props.domain ?? fanDomain(bands, single, log, props.marks)
  const y = useMemo(() => vertical(domain, log, inner.h), [domain?.[0], domain?.[1], log, inner.h])
  const x = useMemo(() => Float64Array.from(times, (t) => round(xs(t))), [start, end, times.length, inner.w])
  const last = times.length - 1
  const [low, high] = y.domain() as [number, number]
  const to = pixels(y, log)
  const inside = (v: number) => Math.min(inner.h, Math.max(0, to(v)))
  const labels: { y: number; text: string }[] = []
  if (margin.right > 40 && Number.isFinite(bands.p50[last]!)) {
    labels.push({ y: inside(bands.p50[last]!), text: 'median' })
    if (Number.isFinite(bands.p90[last]!)) {
      const p90 = inside(bands.p90[last]!)
      const p10 = inside(bands.p10[last]!)
      if (p10 - p90 > 16) labels.push({ y: p90, text: '8 in 10' })
    }
  }
  const clipped = bands.p50.some((v) => v > high * (high > 0 ? 1.0001 : 0.9999))
  const pointed = props.reader ?? null
  const clip = useId()
  // The same while only the bands move.
  const axes = useMemo(
    () => (
      <>
        {ticks(y, log, Math.max(2, Math.floor(inner.h / 42))).map((tick) => (
          <g key={tick} transform={`translate(0,${round(y(tick))})`}>
            <line class="grid" x2={inner.w} />
            <text class="tick" x={-8} dy="0.32em" text-anchor="end">
              {tickText(tick)}
            </text>
          </g>
        ))}
        {timeTicks(start, end, inner.w, calendar).map((tick) => (
          <g key={tick} transform={`translate(${round(xs(tick))},${inner.h})`}>
            <line class="axis" y2={4} />
            <text class="tick" y={17} text-anchor="middle">
              {tick}
            </text>
          </g>
        ))}
        <line class="axis" x2={inner.w} y1={inner.h} y2={inner.h} />
      </>
    ),
    [low, high, log, inner.w, inner.h, start, end, calendar],
  )
  return (
    <svg
      class="chart"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={props.title}
      style={props.color ? `--mark:${props.color}` : undefined}
    >
      <title>{props.title}</title>
      <clipPath id={clip}>
        <rect x="0" y="-1" width={inner.w} height={inner.h + 2} />
      </clipPath>
      <g transform={`translate(${margin.left},${margin.top})`}>
        {axes}
        {props.zero && low <= 0 && high >= 0 && <line class="zero" x2={inner.w} y1={y(0)} y2={y(0)} />}
        <g clip-path={`url(#${clip})`}>
          {!single && <path class="band b90" d={ribbon(x, bands.p5, bands.p95, to)} />}
          {!single && <path class="band b80" d={ribbon(x, bands.p10, bands.p90, to)} />}
          {!single && <path class="band b50" d={ribbon(x, bands.p25, bands.p75, to)} />}
          {props.paths?.map((path, i) => <path key={i} class="future" d={polyline(x, path, to)} />)}
          <path class="median" d={polyline(x, bands.p50, to)} />
          {props.ghost && !single && (
            <>
              <path class="ghost" d={polyline(x, props.ghost.p10, to)} />
              <path class="ghost" d={polyline(x, props.ghost.p90, to)} />
            </>
          )}
          {props.ghost && <path class="ghost" d={polyline(x, props.ghost.p50, to)} />}
          {props.marks?.map((mark, i) => {
            const at = round(xs((mark.from + mark.to) / 2))
            return (
              <g key={i} class="observed">
                <title>{mark.label}</title>
                <line x1={at} x2={at} y1={inside(mark.low)} y2={inside(mark.high)} />
                {mark.to > mark.from && (
                  <line x1={xs(mark.from)} x2={xs(mark.to)} y1={inside(mark.mid)} y2={inside(mark.mid)} />
                )}
                <circle cx={at} cy={round(inside(mark.mid))} r={3.2} />
              </g>
            )
          })}
        </g>
        {props.events?.filter((e) => e.time > start && e.time < end).map((event) => (
          <g key={event.time} class="flag" transform={`translate(${round(xs(event.time))},${inner.h})`}>
            <title>{event.label}</title>
            <path d="M0,0V-11L6,-8.5L0,-6" />
          </g>
        ))}
        {log && bands.p5.some((v) => v <= 0) && (
          <text class="tick" x={4} y={inner.h - 5}>
            ▼ 0 and below lie on the axis
          </text>
        )}
        {clipped && (
          <text class="tick" x={inner.w / 2} y={10} text-anchor="middle">
            ▲ leaves the frame
          </text>
        )}
        {spread(labels, 13, inner.h).map((label) => (
          <text key={label.text} class="direct" x={inner.w + 6} y={label.y} dy="0.32em">
            {label.text}
          </text>
        ))}
        {pointed !== null && pointed >= start && pointed <= end && (
          <line class="reader" x1={xs(pointed)} x2={xs(pointed)} y2={inner.h} />
        )}
      </g>
    </svg>
  )
}

// The values at one time, in words.
export function readOut(bands: Bands, at: number, single: boolean): string {
  const value = bands.p50[at]
  if (value === undefined || Number.isNaN(value)) return 'no value'
  if (single) return rounded(value)
  return `${rounded(value)} (8 in 10: ${rounded(bands.p10[at]!)} to ${rounded(bands.p90[at]!)})`
}

export function nearest(times: ArrayLike<number>, time: number): number {
  let best = 0
  for (let i = 1; i < times.length; ++i) {
    if (Math.abs(times[i]! - time) < Math.abs(times[best]! - time)) best = i
  }
  return best
}
