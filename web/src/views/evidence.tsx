// Who says so: what was observed beside what the model says, every source, every guess.

import { useSignal } from '@preact/signals'
import { scaleLinear, scaleLog } from 'd3-scale'
import type { Observation, Output, Run } from '../api/types'
import { nearest } from '../charts/fan'
import { plain, rounded, unitOf } from '../format'
import { go, model, run, show, view } from '../state/state'
import { titleOf } from './control'
import { labelOf } from './figure'
import { canLeave, Disagreements, LeftOut } from './leave_out'
import { Table } from './table'

// The model's own range for what was observed: at the moment, or over the period.
function modelled(o: Observation, output: Output, answer: Run): { low: number; mid: number; high: number } {
  const first = nearest(answer.times, o.from!)
  const last = o.over ? nearest(answer.times, o.to!) : first
  const mean = (stat: 'p5' | 'p50' | 'p95') => {
    let sum = 0
    let count = 0
    for (let i = first; i < Math.max(last, first + 1); ++i) {
      sum += output.bands[stat][i]!
      ++count
    }
    return (sum / count) * (o.over ?? 1)
  }
  return { low: mean('p5'), mid: mean('p50'), high: mean('p95') }
}

function Pair({ o, output, answer }: { o: Observation; output: Output | undefined; answer: Run | null }) {
  const m = output && answer ? modelled(o, output, answer) : null
  const values = [o.p5, o.p50, o.p95, ...(m ? [m.low, m.mid, m.high] : [])].filter(Number.isFinite)
  const low = Math.min(...values)
  const high = Math.max(...values)
  const width = 260
  const wide = low > 0 && high / low > 20
  const x = (wide ? scaleLog() : scaleLinear()).domain(low < high ? [low, high] : [low - 1, low + 1]).range([10, width - 10])
  const line = (a: number, b: number, c: number, y: number, cls: string) => (
    <g class={cls}>
      <line x1={x(a)} x2={x(c)} y1={y} y2={y} />
      <circle cx={x(b)} cy={y} r="4" />
    </g>
  )
  const source = o.sources[0]
  const title = o.series ? labelOf(o.series) : plain(o.text)
  return (
    <tr>
      <th scope="row">
        {output ? (
          <button class="link" onClick={() => go('explore', { outputs: [output.name] })}>
            {title}
          </button>
        ) : (
          title
        )}
        {o.series && <span class="sub">{o.text}</span>}
      </th>
      <td>
        <svg class="pair-chart" width={width} height="34" viewBox={`0 0 ${width} 34`} role="img" aria-label={`observed ${rounded(o.p5)} to ${rounded(o.p95)}${m ? `, model ${rounded(m.low)} to ${rounded(m.high)}` : ''}`}>
          {line(o.p5, o.p50, o.p95, 10, 'seen')}
          {m && line(m.low, m.mid, m.high, 24, 'model')}
        </svg>
      </td>
      <td class="num">
        {rounded(o.p50)}
        <span class="sub">
          {rounded(o.p5)} to {rounded(o.p95)}
        </span>
      </td>
      <td class="num">
        {m ? rounded(m.mid) : '–'}
        <span class="sub">{m ? `${rounded(m.low)} to ${rounded(m.high)}` : ''}</span>
      </td>
      <td>{unitOf(o.unit)}</td>
      <td>
        {source ? (
          <button class="link small" onClick={() => show({ focus: source })}>
            {source}
            {o.sources.length > 1 ? ` +${o.sources.length - 1}` : ''}
          </button>
        ) : (
          <span class="muted small">no source</span>
        )}
      </td>
    </tr>
  )
}

export function Evidence() {
  const m = model.value!
  const find = useSignal('')
  const unused = useSignal(false)
  const word = find.value.toLowerCase()
  const focus = view.value.focus
  const opened = useSignal(focus)
  const rows = m.sources
    .filter((s) => (unused.value ? s.used_by.length === 0 : s.used_by.length > 0))
    .filter((s) => !word || `${s.id} ${s.title} ${s.kind} ${s.note} ${s.used_by.join(' ')}`.toLowerCase().includes(word))
    .sort((a, b) => Number(b.id === focus) - Number(a.id === focus))
  const shown = rows.slice(0, 200)
  const answer = run.value
  const assumed = [...m.inputs, ...m.choices].filter((i) => i.assumed !== undefined && i.sources.length === 0)
  // Choices without a source are switches: they are the reader's.
  const bare = m.inputs.filter((i) => i.assumed === undefined && i.sources.length === 0)
  const used = m.sources.filter((s) => s.used_by.length > 0).length
  return (
    <>
      <header class="intro">
        <h1>Evidence</h1>
        <p class="lead">
          {m.sources.length > 0 ? `${used} sources are used` : 'The model names no sources'}, {assumed.length} inputs are guesses{bare.length > 0 ? `, ${bare.length} say nothing about where they come from` : ''}.
        </p>
      </header>
      {m.observations.length > 0 && (
        <section>
          <h2>Observed, and what the model says</h2>
          <p class="small muted legend-line">
            <span class="key"><i class="dot-seen" /> observed, 9 in 10</span>
            <span class="key"><i class="dot-model" /> model, 9 in 10 futures</span>
          </p>
          <Table label="Observations" heads={[['What'], ['Ranges'], ['Observed', true], ['Model', true], ['Unit'], ['Source']]}>
            {m.observations.map((o) => (
              <Pair key={o.text} o={o} output={answer?.outputs.find((x) => x.name === o.series)} answer={answer} />
            ))}
          </Table>
        </section>
      )}
      <Disagreements />
      <section>
        <h2>Sources</h2>
        <div class="toolbar">
          <input type="search" id="find" placeholder="find a source…" aria-label="Find a source" value={find.value} onInput={(e) => (find.value = e.currentTarget.value)} />
          <label class="check">
            <input type="checkbox" checked={unused.value} onChange={(e) => (unused.value = e.currentTarget.checked)} /> not used by the model
          </label>
          <span class="muted small">
            {rows.length} {rows.length === 1 ? 'row' : 'rows'}
            {rows.length > shown.length ? `, the first ${shown.length} shown` : ''}
          </span>
        </div>
        {rows.length === 0 ? (
          <p class="muted">
            {m.sources.length === 0 ? 'This model names no sources.' : 'No source fits.'}{' '}
            {(word || unused.value) && (
              <button class="link" onClick={() => { find.value = ''; unused.value = false }}>
                show all
              </button>
            )}
          </p>
        ) : (
          <Table label="Sources" heads={[['Id'], ['What it says'], ['Date'], ['Kind'], ['Used by']]}>
            {shown.map((s) => (
              <tr key={s.id} class={s.id === focus ? 'on' : ''}>
                <th scope="row">
                  {canLeave(s.id) ? (
                    <button class="link" aria-expanded={opened.value === s.id} title="what hangs on it" onClick={() => (opened.value = opened.value === s.id ? '' : s.id)}>
                      <code>{s.id}</code>
                    </button>
                  ) : (
                    <code>{s.id}</code>
                  )}
                </th>
                <td>
                  {s.url && /^https?:/.test(s.url) ? (
                    <a href={s.url} target="_blank" rel="noreferrer noopener">
                      {s.title || s.id}
                    </a>
                  ) : (
                    s.title
                  )}
                  {s.note && <span class="sub">{s.note}</span>}
                  {opened.value === s.id && canLeave(s.id) && <LeftOut id={s.id} />}
                </td>
                <td class="nowrap">{s.date}</td>
                <td>{s.kind}</td>
                <td class="small">{s.used_by.slice(0, 4).join(', ')}{s.used_by.length > 4 ? ` and ${s.used_by.length - 4} more` : ''}</td>
              </tr>
            ))}
          </Table>
        )}
      </section>
      {assumed.length + bare.length > 0 && (
        <section>
          <h2>Guesses</h2>
          <Table label="Guesses" heads={[['Input'], ['Why this value'], ['Value']]}>
            {[...bare, ...assumed].map((i) => (
              <tr key={i.name}>
                <th scope="row">
                  <button class="link" onClick={() => go('model', { focus: i.name.replace(/\[.*$/, '') })}>
                    {titleOf(i)}
                  </button>
                  {i.title && <span class="sub">{i.name}</span>}
                </th>
                <td>{i.assumed ?? <span class="warn">nothing is said</span>}</td>
                <td class="small">{'family' in i ? i.family : rounded(i.value)}</td>
              </tr>
            ))}
          </Table>
        </section>
      )}
    </>
  )
}
