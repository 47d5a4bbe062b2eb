// Total performance against performance density: in each field one ruling holds, and its borders
// are the law's own lines. Dots are the chips of the catalogue.

import { scaleLog } from 'd3-scale'
import type { Plane } from '../api/types'
import { letters, type Kind } from '../law'
import { ticks, type Scale } from './scales'

export interface Dot {
  id: string
  name: string
  tpp: number
  pd: number
  kind: Kind
  on: boolean
}

const margin = { top: 8, right: 12, bottom: 40, left: 44 }
// `H20` of “HGX H20 96GB”, `RTX 4090` of “GeForce RTX 4090”.
export function shortName(name: string): string {
  const words = name.split(/\s+/)
  const at = words.findIndex((word) => /\d/.test(word) && !/GB/.test(word))
  if (at < 0) return words[0] ?? ''
  return words[at - 1] === 'RTX' ? `RTX ${words[at]}` : words[at]!
}

const figure = (value: number) => (value >= 1e4 ? `${Number((value / 1e3).toPrecision(3))}k` : String(Number(value.toPrecision(3))))

export function PlaneChart(props: {
  width: number
  height: number
  plane: Plane
  kindOf: (outcome: string) => Kind
  words: (outcome: string) => string
  dots: Dot[]
  own: { tpp: number; pd: number } | null
  title: string
  onPick: (id: string) => void
}) {
  const { plane, kindOf } = props
  const w = Math.max(100, props.width - margin.left - margin.right)
  const h = props.height - margin.top - margin.bottom
  const x = scaleLog().domain([300, 120_000]).range([0, w]).clamp(true)
  const y = scaleLog().domain([0.3, 100]).range([h, 0]).clamp(true)
  const rows = plane.cells.map((row, j) => {
    const fields: { from: number; to: number; kind: Kind; outcome: string }[] = []
    row.forEach((cell, i) => {
      const kind = kindOf(cell.outcome)
      const last = fields.at(-1)
      if (last && last.outcome === cell.outcome) last.to = plane.tpp[i + 1]!
      else fields.push({ from: plane.tpp[i]!, to: plane.tpp[i + 1]!, kind, outcome: cell.outcome })
    })
    return { low: plane.pd[j]!, high: plane.pd[j + 1]!, fields }
  })
  // A line is drawn where two neighbours differ.
  const across = new Set<number>()
  const up = new Set<number>()
  for (const row of rows) for (const field of row.fields.slice(1)) across.add(field.from)
  for (let j = 1; j < plane.cells.length; ++j) {
    if (plane.cells[j]!.some((cell, i) => cell.outcome !== plane.cells[j - 1]![i]!.outcome)) up.add(plane.pd[j]!)
  }
  const clear = (marks: Set<number>, scale: Scale, all: number[], least: number) =>
    all.filter((tick) => ![...marks].some((mark) => Math.abs(scale(mark)! - scale(tick)!) < least))
  // Labels are put one by one where no other label and no dot lies.
  const places: { x: number; y: number; text: string; on: boolean }[] = []
  const seen = [...props.dots].filter((d) => d.tpp >= 300 && d.pd >= 0.3).sort((a, b) => Number(b.on) - Number(a.on))
  for (const dot of seen) {
    const text = shortName(dot.name) || dot.id
    const wide = text.length * 6.2 + 4
    const px = x(dot.tpp)!
    const py = y(dot.pd)!
    const options = [
      { x: px + 7, y: py + 4 },
      { x: px - wide - 4, y: py + 4 },
      { x: px - wide / 2, y: py - 8 },
      { x: px - wide / 2, y: py + 16 },
    ]
    const free = options.find(
      (o) =>
        o.x > 0 && o.x + wide < w && o.y > 10 && o.y < h - 2 &&
        places.every((p) => Math.abs(p.y - o.y) > 12 || p.x > o.x + wide || p.x + p.text.length * 6.2 < o.x) &&
        seen.every((d) => d === dot || x(d.tpp)! < o.x - 4 || x(d.tpp)! > o.x + wide || Math.abs(y(d.pd)! - (o.y - 4)) > 8),
    )
    if (free && !places.some((p) => p.text === text)) places.push({ ...free, text, on: dot.on })
  }
  return (
    <svg class="chart plane" width={props.width} height={props.height} viewBox={`0 0 ${props.width} ${props.height}`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      <defs>
        <pattern id="open-fill" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" y1="0" x2="0" y2="7" />
        </pattern>
      </defs>
      <g transform={`translate(${margin.left},${margin.top})`}>
        {rows.map((row) =>
          row.fields.map((field) => {
            const left = x(field.from)!
            const right = x(field.to)!
            const top = y(row.high)!
            const bottom = y(row.low)!
            return (
              <g key={`${row.low} ${field.from}`}>
                <rect class={`field ${field.kind}`} x={left} width={right - left} y={top} height={bottom - top} />
                <title>{props.words(field.outcome)}</title>
                {right - left > 26 && bottom - top > 22 && (
                  <text class="field-letter" x={left + 6} y={top + 15}>
                    {letters[field.kind]}
                  </text>
                )}
              </g>
            )
          }),
        )}
        {[...across].map((value) => (
          <g key={value} transform={`translate(${x(value)},0)`}>
            <line class="law" y2={h} />
          </g>
        ))}
        {[...up].map((value) => (
          <line key={value} class="law" x2={w} y1={y(value)} y2={y(value)} />
        ))}
        <line class="axis" x2={w} y1={h} y2={h} />
        <line class="axis" y2={h} />
        {[...across].map((value) => (
          <text key={value} class="tick strong" x={x(value)} y={h + 15} text-anchor="middle">
            {figure(value)}
          </text>
        ))}
        {clear(across, x as Scale, ticks(x as Scale, true, 6), 34).map((value) => (
          <text key={value} class="tick" x={x(value)} y={h + 15} text-anchor="middle">
            {figure(value)}
          </text>
        ))}
        <text class="tick" x={w} y={h + 33} text-anchor="end">
          total processing performance, TPP →
        </text>
        {[...up].map((value) => (
          <text key={value} class="tick strong" x={-6} y={y(value)! + 4} text-anchor="end">
            {figure(value)}
          </text>
        ))}
        {clear(up, y as Scale, ticks(y as Scale, true, 5), 14).map((value) => (
          <text key={value} class="tick" x={-6} y={y(value)! + 4} text-anchor="end">
            {figure(value)}
          </text>
        ))}
        <text class="tick" x={6} y={h - 6}>
          ↑ TPP per mm²
        </text>
        {[...seen].reverse().map((dot) => (
          <circle key={dot.id} class={dot.on ? 'chip-dot on' : 'chip-dot'} cx={x(dot.tpp)} cy={y(dot.pd)} r={dot.on ? 6 : 4} onClick={() => props.onPick(dot.id)}>
            <title>{`${dot.name}: TPP ${figure(dot.tpp)}, PD ${figure(dot.pd)}`}</title>
          </circle>
        ))}
        {props.own && (
          <path class="own" d={`M${x(props.own.tpp)! - 8},${y(props.own.pd)}h16M${x(props.own.tpp)},${y(props.own.pd)! - 8}v16`} />
        )}
        {places.map((place) => (
          <text key={place.text} class={place.on ? 'dot-label on' : 'dot-label'} x={place.x} y={place.y}>
            {place.text}
          </text>
        ))}
      </g>
    </svg>
  )
}
