// How long each ruling stood: a row a chip, a field for as long as nothing changed.

import { scaleLinear } from 'd3-scale'
import type { Stretch } from '../api/types'
import { letters, yearsOf, type Kind } from '../law'

const row = 24
const left = 132

export function Stretches(props: {
  width: number
  rows: { id: string; name: string; stretches: Stretch[]; on: boolean }[]
  kindOf: (outcome: string) => Kind
  words: (outcome: string) => string
  date: string
  end: string
  title: string
  onPick: (id: string, date: string) => void
}) {
  const { rows, kindOf } = props
  const right = 10
  const first = 2019
  const last = Math.ceil(yearsOf(props.end) + 0.3)
  const x = scaleLinear().domain([first, last]).range([left, Math.max(left + 60, props.width - right)]).clamp(true)
  const height = rows.length * row + 26
  return (
    <svg class="chart stretches" width={props.width} height={height} viewBox={`0 0 ${props.width} ${height}`} role="img" aria-label={props.title}>
      <title>{props.title}</title>
      {rows.map((each, j) => (
        <g key={each.id} transform={`translate(0,${j * row})`}>
          <text class={each.on ? 'row-name on' : 'row-name'} x={left - 8} y={row / 2 + 4} text-anchor="end">
            {each.name.length > 19 ? `${each.name.slice(0, 18)}…` : each.name}
          </text>
          {each.stretches.map((stretch, i) => {
            const from = x(Math.max(first, yearsOf(stretch.from)))
            const to = x(i + 1 < each.stretches.length ? yearsOf(each.stretches[i + 1]!.from) : last)
            const kind = kindOf(stretch.outcome)
            if (to - from < 0.5) return null
            return (
              <g key={stretch.from} class="pick" onClick={() => props.onPick(each.id, stretch.from)}>
                <rect class={`field ${kind}`} x={from} width={to - from} y={2} height={row - 4} />
                {to - from > 14 && (
                  <text class="field-letter" x={from + 5} y={row / 2 + 4}>
                    {letters[kind]}
                  </text>
                )}
                <title>{`${each.name} from ${stretch.from}: ${props.words(stretch.outcome)}`}</title>
              </g>
            )
          })}
        </g>
      ))}
      {x.ticks(last - first).map((year) => (
        <text key={year} class="tick" x={x(year)} y={height - 6} text-anchor="middle">
          {year}
        </text>
      ))}
      <line class="reader" x1={x(yearsOf(props.date))} x2={x(yearsOf(props.date))} y1={0} y2={rows.length * row + 4} />
    </svg>
  )
}
