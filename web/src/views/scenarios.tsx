// Versions of the model side by side, on the same draws, so that a difference is a difference.

import { useSignal, useSignalEffect } from '@preact/signals'
import { compare, runOnce } from '../api/client'
import { bandsAt, times, type Frame } from '../api/frame'
import type { Bands, Finite, Question, Stats, ValueType } from '../api/types'
import { Fan, nearest, readOut } from '../charts/fan'
import { Waterfall } from '../charts/waterfall'
import { extent } from '../charts/scales'
import { useWidth } from '../charts/size'
import { comparedIn } from '../command'
import { moment, percent, plain, shown, unitOf } from '../format'
import { commit, model, outputs, show, view, year } from '../state/state'
import { swaps, waterfall, type Answer } from '../waterfall'
import { inWords, titleOf } from './control'
import { labelOf, Legend } from './figure'
import { Waiting } from './overview'

const letters = 'ABCD'
const yours = '(your changes)'

interface Version {
  key: string
  title: string
  question: Question
}

function versions(): Version[] {
  const m = model.value!
  const v = view.value
  const plain = (scenarios: string[]): Question => ({ scenarios, changes: [], outputs: [], answers: true })
  const list: Version[] = [{ key: '', title: 'Base: the model as it stands', question: plain([]) }]
  const chosen = comparedIn(m, v)
  if (v.changes.length || v.scenarios.length) {
    list.push({
      key: yours,
      title: ['Your version', ...v.scenarios].join(' + '),
      question: { scenarios: v.scenarios, changes: v.changes, outputs: [], answers: true },
    })
  }
  for (const name of chosen) {
    const scenario = m.scenarios.find((s) => s.name === name)
    if (scenario && list.length < 4) list.push({ key: name, title: scenario.title || name, question: plain([name]) })
  }
  return list
}

function Small(props: { letter: string; title: string; frame: Frame; bands: Bands; single: boolean; domain?: [number, number] | null; zero?: boolean; index: number }) {
  const { ref, width } = useWidth(340)
  const m = model.value!
  const t = times(props.frame)
  const at = nearest(t, year.value)
  return (
    <figure class={`card figure s${props.index}`} ref={ref}>
      <figcaption>
        <h3 title={props.title}>
          <span class="letter">{props.letter}</span> {props.title}
        </h3>
      </figcaption>
      <Fan
        width={width}
        height={190}
        times={t}
        bands={props.bands}
        single={props.single}
        calendar={m.calendar}
        log={false}
        domain={props.domain ?? null}
        zero={props.zero ?? false}
        reader={year.value}
        title={`${props.title}. ${moment(t[at] ?? 0, m.calendar)}: ${readOut(props.bands, at, props.single)}`}
      />
      <p class="readout">
        <span class="muted">{moment(t[at] ?? 0, m.calendar)}</span> <strong>{readOut(props.bands, at, props.single)}</strong>
      </p>
    </figure>
  )
}

const signed = (value: Finite, type: ValueType): string => {
  if (typeof value !== 'number') return shown(value, 'number', false)
  const text = shown(value, 'number', false)
  const unit = type === 'date' ? ' yr' : ''
  return (value > 0 ? '+' : '') + text + unit
}

function direction(d: { stats: Stats; higher: Finite; lower: Finite }): string {
  const higher = typeof d.higher === 'number' ? d.higher : 0
  const lower = typeof d.lower === 'number' ? d.lower : 0
  if (higher === 0 && lower === 0) return 'no difference'
  return higher >= lower ? `higher in ${Math.round(higher * 100)} of 100` : `lower in ${Math.round(lower * 100)} of 100`
}

function OutputPick({ output }: { output: string }) {
  const m = model.value!
  const quantities = m.variables.filter((v) => v.kind !== 'param').flatMap((v) => (v.elements.length ? v.elements : [v.name]))
  return (
    <select value={output} onChange={(e) => show({ outputs: [e.currentTarget.value, ...outputs.peek().filter((n) => n !== e.currentTarget.value)] })}>
      {[...new Set([...m.headline, output, ...quantities])].map((name) => (
        <option key={name} value={name}>
          {labelOf(name)}
        </option>
      ))}
    </select>
  )
}

// Many scenarios share the first word of their name: `without_L1`, `without_L2`. Three of a kind
// are a group; the rest stands first.
export function groups<T extends { name: string }>(scenarios: T[]): [string, T[]][] {
  const word = (name: string) => name.split('_')[0]!
  const count = new Map<string, number>()
  for (const s of scenarios) count.set(word(s.name), (count.get(word(s.name)) ?? 0) + 1)
  const found = new Map<string, T[]>([['', []]])
  for (const s of scenarios) {
    const group = count.get(word(s.name))! >= 3 ? word(s.name) : ''
    found.set(group, [...(found.get(group) ?? []), s])
  }
  return [...found].filter(([, all]) => all.length > 0)
}

// What is compared, as chips; the others behind a button, to be searched.
function Compared({ list, toggle }: { list: Version[]; toggle: (name: string) => void }) {
  const m = model.value!
  const find = useSignal('')
  const word = find.value.toLowerCase()
  const fits = m.scenarios.filter((s) => !word || plain(`${s.name} ${s.title}`.toLowerCase()).includes(plain(word)))
  const has = (name: string) => list.some((v) => v.key === name)
  const full = list.length >= 4
  return (
    <div class="chips compared" role="group" aria-label="Scenarios to compare">
      {list.map((v, i) => (
        <span key={v.key} class={`chip s${i}`}>
          <span class="letter">{letters[i]}</span>
          <span class="words" title={v.title}>{v.key === '' ? 'base' : v.key === yours ? 'your version' : plain(v.key)}</span>
          {v.key !== '' && v.key !== yours && list.filter((o) => o.key && o.key !== yours).length > 1 && (
            <button aria-label={`remove ${plain(v.key)}`} onClick={() => toggle(v.key)}>
              ×
            </button>
          )}
        </span>
      ))}
      {m.scenarios.length > 0 && (
        <details class="menu picker">
          <summary class="button">+ scenario</summary>
          <div class="sheet">
            <input type="search" placeholder={`find one of ${m.scenarios.length}…`} aria-label="Find a scenario" value={find.value} onInput={(e) => (find.value = e.currentTarget.value)} />
            <div class="options" tabIndex={-1}>
              {groups(fits).map(([group, all]) => (
                <fieldset key={group}>
                  {group && <legend>{group}</legend>}
                  {all.map((s) => (
                    <label key={s.name}>
                      <input type="checkbox" checked={has(s.name)} disabled={full && !has(s.name)} onChange={() => toggle(s.name)} />
                      <span>
                        {s.title || plain(s.name)}
                        <span class="sub">{s.name}</span>
                      </span>
                    </label>
                  ))}
                </fieldset>
              ))}
              {fits.length === 0 && <p class="muted small">No scenario fits.</p>}
            </div>
            {full && <p class="muted small">Four at once is the most; take one away first.</p>}
          </div>
        </details>
      )}
    </div>
  )
}

export function Scenarios() {
  const m = model.value!
  const frame = useSignal<Frame | null>(null)
  const asked = useSignal<Version[]>([])
  const error = useSignal('')
  const output = outputs.value[0] ?? ''
  useSignalEffect(() => {
    const list = versions()
    const name = outputs.value[0] ?? ''
    if (list.length < 2) return
    const timer = setTimeout(() => {
      compare(
        list.map((v) => v.question),
        name,
      ).then(
        (answer) => {
          if (!answer) return
          asked.value = list
          frame.value = answer
          error.value = ''
        },
        (reason: Error) => (error.value = reason.message),
      )
    }, 100)
    return () => clearTimeout(timer)
  })
  const list = versions()
  if (m.scenarios.length === 0 && list.length < 2) {
    return (
      <section class="empty">
        <h1>Scenarios</h1>
        <p>This model declares no scenarios. Move something on the Explore page, and your version is compared with the base here.</p>
        <button onClick={() => show({ page: 'explore' })}>Go to Explore</button>
      </section>
    )
  }
  const f = frame.value
  const d = f?.directory
  const shownVersions = asked.value
  const count = d?.times?.count ?? 0
  const has = d && d.output?.name === output && d.versions.length === shownVersions.length
  const fans: Bands[] = has ? d.versions.map((v: any) => bandsAt(f!, v.offset, count)) : []
  const diffs: Bands[] = has ? d.versions.slice(1).map((v: any) => bandsAt(f!, v.difference, count)) : []
  const domain = extent(fans.flatMap((b) => (d.single ? [b.p50] : [b.p5, b.p95])), false)
  const diffDomain = extent(diffs.flatMap((b) => (d.single ? [b.p50] : [b.p5, b.p95])), false)
  const toggle = (name: string) => {
    const now = list.map((v) => v.key).filter((k) => k && k !== yours)
    const next = now.includes(name) ? now.filter((n) => n !== name) : [...now, name].slice(-3)
    show({ compared: next.length ? next : [name] })
  }
  const changed = assumptions(list)
  return (
    <>
      <header class="intro">
        <h1>Scenarios</h1>
        <p class="lead">All versions share the same draws: a difference between two is the effect of what they assume, and of nothing else.</p>
      </header>
      <div class="toolbar">
        <Compared list={list} toggle={toggle} />
        <label>
          Output{' '}
          <OutputPick output={output} />
        </label>
        {!m.static && (
          <label>
            At {moment(year.value, m.calendar)}{' '}
            <input
              type="range"
              min={m.start}
              max={m.end}
              step={m.calendar ? 1 / 4 : (m.end - m.start) / 100}
              value={year.value}
              aria-label="Time"
              aria-valuetext={moment(year.value, m.calendar)}
              onInput={(e) => (view.value = { ...view.value, year: Number(e.currentTarget.value) })}
              onChange={() => commit()}
            />
          </label>
        )}
      </div>
      {error.value && <p class="card warn" role="alert">{error.value}</p>}
      {!has && !error.value && <Waiting />}
      {has && (
        <>
          <h2>{labelOf(output)} <span class="muted small">{unitOf(d.output.unit)}</span></h2>
          <div class="charts three">
            {shownVersions.map((v, i) => (
              <Small key={v.key} letter={letters[i]!} title={v.title} frame={f!} bands={fans[i]!} single={d.single} domain={domain} index={i} />
            ))}
          </div>
          <h2>Difference from A, future by future</h2>
          <div class="charts three">
            {diffs.map((bands, i) => (
              <Small
                key={shownVersions[i + 1]!.key}
                letter={`${letters[i + 1]} − A`}
                title={shownVersions[i + 1]!.title}
                frame={f!}
                bands={bands}
                single={d.single}
                domain={diffDomain}
                zero
                index={i + 1}
              />
            ))}
          </div>
          {!d.single && <Legend />}
          <Sources key={shownVersions.map((v) => v.key).join()} list={shownVersions} output={output} />
        </>
      )}
      {changed.rows.length > 0 && (
        <section>
          <h2>What they assume differently</h2>
          <div class="scroll" tabIndex={0} role="region" aria-label="Assumptions that differ">
            <table class="wide">
              <thead>
                <tr>
                  <th scope="col">Input</th>
                  {list.map((v, i) => (
                    <th key={v.key} scope="col" title={v.title}>
                      {letters[i]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {changed.rows.map((row) => (
                  <tr key={row.name}>
                    <th scope="row">{row.name}</th>
                    {row.values.map((value, i) => (
                      <td key={i} class={value === row.values[0] && i > 0 ? 'muted' : ''}>
                        {value}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {has && d.measures.length > 0 && (
        <section>
          <h2>Outcomes</h2>
          <div class="scroll" tabIndex={0} role="region" aria-label="Outcomes">
            <table class="wide">
              <thead>
                <tr>
                  <th scope="col">What</th>
                  {shownVersions.map((v, i) => (
                    <th key={v.key} scope="col" class="num" title={v.title}>
                      {letters[i]}
                    </th>
                  ))}
                  {shownVersions.slice(1).map((v, i) => (
                    <th key={v.key} scope="col" class="num">
                      {letters[i + 1]} − A
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {d.measures.map((line: any) => {
                  const measure = m.measures.find((x) => x.name === line.name)
                  return (
                    <tr key={line.name}>
                      <th scope="row">
                        {measure?.title || line.name} <span class="muted small">{line.type === 'date' ? '' : unitOf(measure?.unit ?? '')}</span>
                      </th>
                      {line.values.map((s: Stats, i: number) => (
                        <td key={i} class="num">
                          {shown(s.p50, line.type, m.calendar)}
                          <span class="sub">
                            {shown(s.p10, line.type, m.calendar)} to {shown(s.p90, line.type, m.calendar)}
                          </span>
                        </td>
                      ))}
                      {line.differences.map((each: any, i: number) => (
                        <td key={i} class="num">
                          {signed(each.stats.p50, line.type)}
                          <span class="sub">{direction(each)}</span>
                        </td>
                      ))}
                    </tr>
                  )
                })}
                {m.claims.map((claim) => {
                  const odds = d.versions.map((v: any) => v.odds.find((o: any) => o.id === claim.id)?.odds)
                  return (
                    <tr key={claim.id}>
                      <th scope="row">
                        <span class="tag">{claim.id}</span> {claim.title}
                      </th>
                      {odds.map((o: Finite, i: number) => (
                        <td key={i} class="num">
                          {typeof o === 'number' ? percent(o) : '–'}
                        </td>
                      ))}
                      {odds.slice(1).map((o: Finite, i: number) => {
                        const points = typeof o === 'number' && typeof odds[0] === 'number' ? Math.round((o - odds[0]) * 100) : null
                        return (
                          <td key={i} class="num">
                            {points === null ? '–' : points === 0 ? '0' : `${points > 0 ? '+' : '−'}${Math.abs(points)} points`}
                          </td>
                        )
                      })}
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </>
  )
}

// Which assumption brings how much of the difference, for one version.
function Sources({ list, output }: { list: Version[]; output: string }) {
  const { ref, width } = useWidth(700)
  const chosen = useSignal(1)
  const answer = useSignal<Answer | null>(null)
  const state = useSignal('')
  const m = model.value!
  const version = list[chosen.value] ?? list[1]!
  const steps = swaps(m, version.question)
  const at = year.value
  const compute = () => {
    answer.value = null
    const value = async (question: Question) => {
      const run = await runOnce({ ...question, outputs: [output], answers: false }, 4096)
      return run.outputs[0]!.bands.p50[nearest(run.times, at)]!
    }
    waterfall(steps, version.question, value, (done, of) => (state.value = `${done} of ${of} runs`)).then(
      (found) => {
        answer.value = found
        state.value = ''
      },
      (reason: Error) => (state.value = reason.message),
    )
  }
  const a = answer.value
  return (
    <section class="card" ref={ref} aria-label="Where the difference comes from">
      <h2>Where the difference comes from</h2>
      <div class="toolbar">
        <span class="small">From A to</span>
        {list.slice(1).map((v, i) => (
          <button key={v.key} class={chosen.value === i + 1 ? 'chip on' : 'chip'} aria-pressed={chosen.value === i + 1} onClick={() => { chosen.value = i + 1; answer.value = null; state.value = '' }}>
            {letters[i + 1]} {v.title}
          </button>
        ))}
        <button class="primary" disabled={steps.length === 0 || /runs$/.test(state.value)} onClick={compute}>
          Swap {steps.length === 1 ? 'the one assumption' : `${steps.length} assumptions, one at a time`}
        </button>
        <span class="small muted" role="status">{state.value}</span>
      </div>
      {a && (
        <>
          <p class="small muted">
            Median of {labelOf(output)} in {moment(at, m.calendar)}, 4 096 futures. Each bar is the mean of swapping in one order and in the other.{' '}
            {a.orderMatters && 'The order matters here: the assumptions work on each other. '}
            {Math.abs(a.rest) > 1e-9 * Math.abs(a.end) && `The steps leave ${shown(a.rest, 'number', false)} open.`}
          </p>
          <Waterfall width={width} start={{ name: 'A  base', value: a.start }} end={{ name: `${letters[list.indexOf(version)]}  ${version.title}`, value: a.end }} steps={a.steps} title={`From base to ${version.title}: ${a.steps.map((s) => `${s.name} ${shown(s.to - s.from, 'number', false)}`).join(', ')}`} />
        </>
      )}
    </section>
  )
}

function assumptions(list: Version[]): { rows: { name: string; values: string[] }[] } {
  const m = model.value!
  const rows = new Map<string, string[]>()
  const put = (name: string, i: number, from: string, to: string) => {
    if (!rows.has(name)) rows.set(name, list.map(() => from))
    rows.get(name)![i] = to
  }
  list.forEach((version, i) => {
    for (const name of version.question.scenarios) {
      for (const change of m.scenarios.find((s) => s.name === name)?.changes ?? []) put(change.name, i, change.from, change.to)
    }
    for (const change of version.question.changes) {
      const item = m.inputs.find((x) => x.name === change.input) ?? m.choices.find((c) => c.name === change.input)
      put(item ? titleOf(item) : change.input, i, 'as it is', inWords(change))
    }
  })
  return { rows: [...rows].map(([name, values]) => ({ name, values })) }
}
