// A chart with everything around it: title, read-out, keyboard, table twin, export.

import { computed, useComputed, useSignal } from '@preact/signals'
import { useMemo, useRef } from 'preact/hooks'
import { Fan, fanDomain, margins, nearest, readOut, type Mark } from '../charts/fan'
import { saveAs, toChart, toCsv, toPng, toSvg } from '../charts/export'
import { useWidth } from '../charts/size'
import type { Observation, Output, Run } from '../api/types'
import { grouped, moment, plain, rounded, unitOf } from '../format'
import { asked } from './number'
import { dragging, ghost, model, reader, show, view, whenSettled, year } from '../state/state'

export function labelOf(name: string): string {
  const m = model.value
  const base = name.replace(/\[.*$/, '')
  const variable = m?.variables.find((v) => v.name === base)
  const bracket = name.slice(base.length)
  const title = variable?.title || variable?.doc?.split('\n')[0]?.replace(/\.$/, '')
  if (title === base) return name
  if (!title || title.length > 70) return plain(name)
  return bracket ? `${title} ${bracket}` : title
}

export function marksOf(name: string): Mark[] {
  return (model.value?.observations ?? [])
    .filter((o: Observation) => o.series === name && o.from !== undefined && o.p50 !== null)
    .map((o) => {
      const over = o.over ?? 1
      return {
        from: o.from!,
        to: o.to!,
        low: o.p5 / over,
        mid: o.p50 / over,
        high: o.p95 / over,
        label: `observed: ${rounded(o.p50)} ${unitOf(o.unit)} (${rounded(o.p5)} to ${rounded(o.p95)}), ${o.sources.join(', ') || 'no source'}`,
      }
    })
}

// The law's changes, one a day.
const events = computed(() => {
  const days = new Map<string, { time: number; label: string }>()
  for (const event of model.value?.events ?? []) {
    const known = days.get(event.date)
    if (known) known.label += `; ${event.name}`
    else days.set(event.date, { time: event.time, label: `${event.date}: ${event.name}` })
  }
  return [...days.values()]
})

export const runWords = (answer: Run) =>
  answer.single ? 'one run' : `${grouped(answer.draws)} futures`

export function Figure(props: { output: Output; answer: Run; height?: number; paths?: ArrayLike<number>[]; focused?: boolean; onFocus?: () => void }) {
  const { output, answer } = props
  const { ref, width } = useWidth()
  const svg = useRef<HTMLDivElement>(null)
  const table = useSignal(false)
  const waiting = useSignal(false)
  const frozen = useRef<[number, number] | null>(null)
  const isLog = useComputed(() => view.value.log.includes(output.name))
  const log = isLog.value
  const m = model.value!
  const marks = useMemo(() => marksOf(output.name), [m, output.name])
  const height = props.height ?? 240
  const old = ghost.value?.outputs.find((o) => o.name === output.name)
  const same = ghost.value === answer

  // Axes stand still during a drag.
  if (!dragging.value || !frozen.current) frozen.current = fanDomain(output.bands, answer.single, log, marks)
  const domain = frozen.current

  const time = reader.value ?? year.value
  const at = nearest(answer.times, time)
  const margin = margins(width, answer.single)
  const near = ((answer.times[answer.times.length - 1] ?? 1) - (answer.times[0] ?? 0)) * (5 / Math.max(60, width - margin.left - margin.right))
  const event = reader.value === null ? undefined : events.value.find((e) => Math.abs(e.time - reader.value!) < near)
  const title = labelOf(output.name)
  const unit = unitOf(output.unit)
  const sentence = `${title}${unit ? `, ${unit}` : ''}. ${moment(answer.times[at] ?? 0, m.calendar)}: ${readOut(output.bands, at, answer.single)}.`

  const point = (event: PointerEvent) => {
    const box = svg.current!.getBoundingClientRect()
    const share = (event.clientX - box.left - margin.left) / Math.max(1, width - margin.left - margin.right)
    const first = answer.times[0] ?? 0
    const last = answer.times[answer.times.length - 1] ?? 1
    reader.value = share < 0 || share > 1 ? null : first + share * (last - first)
  }
  const setLog = () =>
    show({ log: log ? view.value.log.filter((n) => n !== output.name) : [...view.value.log, output.name] })
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const step = event.shiftKey ? 12 : 1
    const move = (by: number) => {
      const next = Math.min(answer.times.length - 1, Math.max(0, at + by))
      reader.value = answer.times[next]!
      event.preventDefault()
    }
    if (event.key === 'ArrowRight') move(step)
    else if (event.key === 'ArrowLeft') move(-step)
    else if (event.key === 'Home') move(-1e6)
    else if (event.key === 'End') move(1e6)
    else if (event.key === 'l') setLog()
    else if (event.key === 't') table.value = !table.value
    else if (event.key === 'x') void save('svg')
    else if (event.key === 's') asked.value = { output, answer, at }
    else if (event.key === 'Enter') {
      show({ year: Math.round((reader.value ?? year.value) * 12) / 12 })
      props.onFocus?.()
    } else return
    event.stopPropagation()
  }
  const save = async (kind: 'svg' | 'png' | 'csv' | 'json') => {
    waiting.value = true
    const settled = (await whenSettled()) ?? answer
    waiting.value = false
    const now = settled.outputs.find((o) => o.name === output.name) ?? output
    const chart = () => toChart(m, settled, now)
    const name = `${m.name}-${output.name}`.replace(/[^A-Za-z0-9_-]+/g, '-')
    if (kind === 'csv') return saveAs(`${name}.csv`, new Blob([toCsv(settled, now, m.calendar)], { type: 'text/csv' }))
    if (kind === 'json') return saveAs(`${name}.json`, new Blob([JSON.stringify(chart(), null, 1)], { type: 'application/json' }))
    const element = svg.current!.querySelector('svg')!
    const changed = view.value.changes.length
    const text = toSvg(element, {
      title: `${title}${unit ? ` (${unit})` : ''}`,
      subtitle: `${view.value.scenarios.join(' + ') || 'base'}${changed ? `, ${changed} changes` : ''}; median and the middle 5, 8 and 9 in 10 futures, if the model's structure is right`,
      foot: `headrace · model ${m.hash} · ${runWords(settled)} · seed ${settled.seed}${settled.settled ? '' : ' · preview'}`,
      chart: chart(),
    })
    if (kind === 'svg') saveAs(`${name}.svg`, new Blob([text], { type: 'image/svg+xml' }))
    else saveAs(`${name}.png`, await toPng(text, 2))
  }

  // A foreign model's names stand as they are; others have words of their own above the name.
  const apart = title !== output.name && title !== plain(output.name)
  return (
    <figure class={`card figure${props.focused ? ' focused' : ''}`} ref={ref}>
      <figcaption>
        <div>
          <h3 title={title}>{title}</h3>
          <p class="muted small">
            {unit && <span>{unit}</span>}
            {unit && apart && ' · '}
            {apart && <code>{output.name}</code>}
          </p>
        </div>
        <div class="tools">
          <button class={log ? 'mini on' : 'mini'} aria-pressed={log} onClick={setLog} title="logarithmic axis (l)">
            log
          </button>
          <button class={table.value ? 'mini on' : 'mini'} aria-pressed={table.value} onClick={() => (table.value = !table.value)} title="the numbers as a table (t)">
            table
          </button>
          <details class="menu">
            <summary class="mini" title="save the chart or its numbers (x)">
              {waiting.value ? 'settling…' : 'save'}
            </summary>
            <div class="sheet">
              {(['svg', 'png', 'csv', 'json'] as const).map((kind) => (
                <button key={kind} onClick={() => void save(kind)}>
                  {kind.toUpperCase()}
                </button>
              ))}
            </div>
          </details>
        </div>
      </figcaption>
      {table.value ? (
        <Twin output={output} answer={answer} />
      ) : (
        <div
          ref={svg}
          class="plot"
          tabIndex={0}
          role="group"
          aria-label={`${title}: arrow keys read values, Enter selects the time`}
          onKeyDown={key}
          onPointerMove={point}
          onPointerLeave={() => (reader.value = null)}
          onClick={() => {
            if (reader.value !== null) show({ year: Math.round(reader.value * 12) / 12 })
            props.onFocus?.()
          }}
        >
          <Fan
            width={width}
            height={height}
            times={answer.times}
            bands={output.bands}
            single={answer.single}
            calendar={m.calendar}
            log={log}
            ghost={same ? null : old?.bands ?? null}
            marks={marks}
            events={events.value}
            domain={domain}
            reader={time}
            paths={props.paths ?? []}
            title={sentence}
          />
        </div>
      )}
      <p class="readout">
        <span class="muted">{moment(answer.times[at] ?? 0, m.calendar)}</span> <button class="link number-link" title="the card behind this number (s)" onClick={() => (asked.value = { output, answer, at })}>{readOut(output.bands, at, answer.single)}</button>
        {event && <span class="event small">⚑ {event.label}</span>}
        {marks.length > 0 && <span class="legend"><span class="ring" /> observed</span>}
      </p>
    </figure>
  )
}

// The same numbers as a table, a row a year.
function Twin(props: { output: Output; answer: Run }) {
  const { output, answer } = props
  const m = model.value!
  const count = answer.times.length
  const every = m.calendar ? Math.max(1, Math.round(count / Math.max(1, m.end - m.start))) : Math.max(1, Math.ceil(count / 40))
  const rows = Array.from({ length: count }, (_, i) => i).filter((i) => i % every === 0 || i === count - 1)
  return (
    <div class="twin" tabIndex={0} role="region" aria-label={`${labelOf(output.name)} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">time</th>
            {answer.single ? (
              <th scope="col">value</th>
            ) : (
              ['5 %', '25 %', 'median', '75 %', '95 %'].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((i) => (
            <tr key={i}>
              <th scope="row">{moment(answer.times[i]!, m.calendar)}</th>
              {(answer.single ? (['p50'] as const) : (['p5', 'p25', 'p50', 'p75', 'p95'] as const)).map((stat) => (
                <td key={stat}>{rounded(output.bands[stat][i]!)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function Legend() {
  return (
    <p class="legend-line small muted">
      <span class="key"><i class="k50" /> 5 in 10</span>
      <span class="key"><i class="k80" /> 8 in 10</span>
      <span class="key"><i class="k90" /> 9 in 10 futures</span>
      <span>if the model's structure is right</span>
    </p>
  )
}
