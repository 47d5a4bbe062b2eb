// The diagram that a model brings along, at the places where its author drew it: a page for each of
// its views. Stocks are boxes, flows are valves on pipes, arrows lead to what uses a quantity.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Place, Variable } from '../api/types'
import { plain } from '../format'
import { model, show } from '../state/state'

interface Spot {
  place: Place
  variable: Variable
  lines: string[] // of the name
}

interface Point {
  x: number
  y: number
}

const lineHeight = 14
const letter = 6.4 // about as wide as one is
const widest = 18 // letters of a line
const most = 6 // lines of a name
const box = { width: 84, height: 44 } // of a stock
const cloudAway = 70 // from the valve
const margin = 60

export function lines(name: string): string[] {
  const out: string[] = []
  for (const word of name.split(/[\s_]+/)) {
    const last = out[out.length - 1]
    if (last !== undefined && last.length + word.length < widest) out[out.length - 1] = `${last} ${word}`
    else out.push(word)
  }
  return out.length > most ? [...out.slice(0, most - 1), `${out[most - 1]} …`] : out
}

// Half of the width and the height that a spot takes up.
function half(spot: Spot): Point {
  const wide = (Math.max(...spot.lines.map((l) => l.length)) * letter) / 2
  const high = (spot.lines.length * lineHeight) / 2
  if (spot.variable.kind === 'stock') return { x: Math.max(wide + 8, box.width / 2), y: Math.max(high + 6, box.height / 2) }
  if (spot.variable.kind === 'flow') return { x: 9, y: 9 }
  return { x: wide + 3, y: high + 3 }
}

const flowsBetween = (stock: Variable, flow: Variable): boolean =>
  [...(stock.in ?? []), ...(stock.out ?? [])].includes(flow.name)

// Where the line from the middle of a spot towards a point leaves it.
function edge(spot: Spot, to: Point): Point {
  const from = spot.place
  const h = half(spot)
  const dx = to.x - from.x
  const dy = to.y - from.y
  const t = Math.min(1, 1 / Math.max(Math.abs(dx) / h.x, Math.abs(dy) / h.y, 1e-9))
  return { x: from.x + dx * t, y: from.y + dy * t }
}

function Arrow({ from, to }: { from: Spot; to: Spot }) {
  const a = edge(from, to.place)
  const b = edge(to, from.place)
  // Beside the pipe, where there is one.
  const bend = flowsBetween(from.variable, to.variable) ? 0.5 : 0.12
  const c = { x: (a.x + b.x) / 2 - (b.y - a.y) * bend, y: (a.y + b.y) / 2 + (b.x - a.x) * bend }
  return <path class="link" d={`M${a.x},${a.y} Q${c.x},${c.y} ${b.x},${b.y}`} marker-end="url(#sketch-arrow)" />
}

function Cloud({ at }: Record<'at', Point>) {
  return (
    <g class="cloud" transform={`translate(${at.x},${at.y})`}>
      <circle cx="-6" cy="2" r="6" />
      <circle cx="1" cy="-3" r="7" />
      <circle cx="7" cy="3" r="5" />
    </g>
  )
}

// From the stock that a flow leaves, through the valve, to the one that it enters; clouds elsewhere.
function Pipe({ flow, from, into }: { flow: Spot; from?: Spot | undefined; into?: Spot | undefined }) {
  const valve = flow.place
  const other = from?.place ?? into?.place
  const dx = other ? valve.x - other.x : -1
  const dy = other ? valve.y - other.y : 0
  const far = Math.hypot(dx, dy) || 1
  const away = { x: valve.x + (dx / far) * cloudAway, y: valve.y + (dy / far) * cloudAway }
  const start = from ? edge(from, valve) : away
  const end = into ? edge(into, valve) : from ? away : { x: 2 * valve.x - away.x, y: 2 * valve.y - away.y }
  const line = `${start.x},${start.y} ${valve.x},${valve.y} ${end.x},${end.y}`
  return (
    <>
      <polyline class="pipe" points={line} />
      <polyline class="bore" points={line} marker-end="url(#sketch-mouth)" />
      {!from && <Cloud at={start} />}
      {!into && <Cloud at={end} />}
    </>
  )
}

function Name({ spot }: { spot: Spot }) {
  const first = spot.variable.kind === 'flow' ? 24 : -((spot.lines.length - 1) * lineHeight) / 2 + 4
  return (
    <text text-anchor="middle">
      {spot.lines.map((line, i) => (
        <tspan key={i} x={0} y={first + i * lineHeight}>{line}</tspan>
      ))}
    </text>
  )
}

function Shape({ spot, on }: { spot: Spot; on: boolean }) {
  const { variable, place } = spot
  const h = half(spot)
  const pick = () => show({ focus: variable.name })
  const onKeyDown = (e: JSX.TargetedKeyboardEvent<SVGGElement>) => {
    if (e.key !== 'Enter' && e.key !== ' ') return
    e.preventDefault()
    pick()
  }
  return (
    <g class={`spot ${variable.kind}${on ? ' on' : ''}`} transform={`translate(${place.x},${place.y})`} role="button" tabindex={0}
      aria-label={plain(variable.name)} aria-pressed={on} onClick={pick} onKeyDown={onKeyDown}>
      <title>{variable.title || variable.doc || plain(variable.name)}</title>
      {variable.kind === 'flow'
        ? <path class="valve" d="M-9,-9 L9,9 L9,-9 L-9,9 Z" />
        : <rect x={-h.x} y={-h.y} width={2 * h.x} height={2 * h.y} />}
      <Name spot={spot} />
    </g>
  )
}

function Drawing({ spots, focus }: { spots: Spot[]; focus: string }) {
  const at = new Map(spots.map((s) => [s.variable.name, s]))
  const low = { x: Infinity, y: Infinity }
  const high = { x: -Infinity, y: -Infinity }
  for (const spot of spots) {
    const h = half(spot)
    low.x = Math.min(low.x, spot.place.x - h.x)
    low.y = Math.min(low.y, spot.place.y - h.y)
    high.x = Math.max(high.x, spot.place.x + h.x)
    high.y = Math.max(high.y, spot.place.y + h.y)
  }
  const width = high.x - low.x + 2 * margin
  const height = high.y - low.y + 2 * margin
  const stocks = spots.filter((s) => s.variable.kind === 'stock')
  const flows = spots.filter((s) => s.variable.kind === 'flow')
  return (
    <svg viewBox={`${low.x - margin} ${low.y - margin} ${width} ${height}`} style={{ minWidth: `${Math.round(0.7 * width)}px`, maxWidth: `${Math.round(1.2 * width)}px` }}
      role="group" aria-label="Diagram of the model">
      <defs>
        <marker id="sketch-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 Z" /></marker>
        <marker id="sketch-mouth" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" markerHeight="5" orient="auto"><path d="M0,0 L8,4 L0,8 Z" /></marker>
      </defs>
      {flows.map((flow) => (
        <Pipe key={flow.variable.name} flow={flow}
          from={stocks.find((s) => s.variable.out?.includes(flow.variable.name))}
          into={stocks.find((s) => s.variable.in?.includes(flow.variable.name))} />
      ))}
      {spots.flatMap((to) =>
        to.variable.uses
          .filter((name) => name !== to.variable.name && at.has(name) && !flowsBetween(to.variable, at.get(name)!.variable))
          .map((name) => <Arrow key={`${name}>${to.variable.name}`} from={at.get(name)!} to={to} />),
      )}
      {spots.map((spot) => <Shape key={spot.variable.name} spot={spot} on={spot.variable.name === focus} />)}
    </svg>
  )
}

export function Sketch({ focus }: { focus: string }) {
  const m = model.value!
  const chosen = useSignal<string | null>(null)
  const places = m.sketch ?? []
  if (!places.length) return null
  const views = [...new Set(places.map((p) => p.view))]
  const here = places.find((p) => p.name === focus)?.view
  const view = chosen.value !== null && views.includes(chosen.value) ? chosen.value : (here ?? views[0]!)
  const variables = new Map(m.variables.map((v) => [v.name, v]))
  const spots = places.flatMap((place) => {
    const variable = place.view === view ? variables.get(place.name) : undefined
    const name = plain(place.name)
    // A module is a view of its own, whose name need not stand before each of its parts.
    const own = view && name.startsWith(`${view}.`) ? name.slice(view.length + 1) : name
    return variable ? [{ place, variable, lines: lines(own) }] : []
  })
  return (
    <section>
      <div class="toolbar">
        <h2>The author's diagram</h2>
        {views.length > 1 && (
          <label>
            View{' '}
            <select value={view} onChange={(e) => (chosen.value = e.currentTarget.value)}>
              {views.map((each, i) => <option key={each} value={each}>{each || `View ${i + 1}`}</option>)}
            </select>
          </label>
        )}
      </div>
      <div class="sketch card" tabIndex={0} role="region" aria-label="Diagram, to scroll">
        <Drawing spots={spots} focus={focus} />
      </div>
    </section>
  )
}
