// Controls on the left, the bands they move on the right, and why.

import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { explain } from '../api/client'
import type { Frame } from '../api/frame'
import type { Choice } from '../api/types'
import { Dots } from '../charts/density'
import { useWidth } from '../charts/size'
import { moment, percent, rounded, unitOf } from '../format'
import {
  changeOf,
  claimsSeen,
  commit,
  dragging,
  model,
  outputs,
  problem,
  question,
  reach,
  resetAll,
  resetChange,
  run,
  setScenarios,
  show,
  still,
  view,
  year,
} from '../state/state'
import { ChoiceControl, inWords, titleOf, Uncertainty } from './control'
import { byReach, inOrder, isIdle } from '../order'
import { Figure, labelOf, Legend } from './figure'
import { Waiting } from './overview'

// What hardly moves the first charts stands folded below.
function Choices({ choices, open }: { choices: Choice[]; open: boolean }) {
  const idle = open ? [] : choices.filter((c) => isIdle(c.name, reach.value))
  const list = (some: Choice[]) => some.map((choice) => <ChoiceControl key={choice.name} choice={choice} />)
  if (!choices.length) return null
  return (
    <section>
      <h2>Choices <span class="count">{choices.length}</span></h2>
      {list(choices.filter((c) => !idle.includes(c)))}
      {idle.length > 0 && (
        <details class="plain">
          <summary class="small">{idle.length} that hardly move the first charts</summary>
          {list(idle)}
        </details>
      )}
    </section>
  )
}

function Controls() {
  const m = model.value!
  const find = useSignal('')
  const onlyChanged = useSignal(false)
  const folded = useSignal(true) // on narrow screens, where charts come first
  const word = find.value.toLowerCase()
  const matches = (item: { name: string; title?: string; doc?: string }) =>
    (!word || `${item.name} ${item.title ?? ''} ${item.doc ?? ''}`.toLowerCase().includes(word)) &&
    (!onlyChanged.value || changeOf(item.name) !== undefined)
  const changed = onlyChanged.value ? view.value.changes.map((c) => c.input).join('\t') : ''
  const shares = reach.value
  const choices = useMemo(() => inOrder(m, m.choices.filter(matches), shares), [m, word, onlyChanged.value, changed, shares])
  const inputs = useMemo(() => byReach(m.inputs.filter(matches), shares), [m, word, onlyChanged.value, changed, shares])
  // Hundreds of controls, listed once: each follows its own change.
  const lists = useMemo(
    () => (
      <>
        <Choices choices={choices} open={!!word || onlyChanged.value} />
        {inputs.length > 0 && (
          <section>
            <h2>Uncertainties <span class="count">{inputs.length}</span></h2>
            {inputs.map((input) => (
              <Uncertainty key={input.name} input={input} />
            ))}
          </section>
        )}
      </>
    ),
    [choices, inputs],
  )
  return (
    <aside class={folded.value ? 'controls folded' : 'controls'} id="controls" aria-label="Controls" tabIndex={-1}>
      <button class="unfold" aria-expanded={!folded.value} onClick={() => (folded.value = !folded.value)}>
        {folded.value ? 'Move something' : 'Hide the controls'}{view.value.changes.length > 0 && ` (${view.value.changes.length} changed)`}
      </button>
      <div class="finder">
        <input
          type="search"
          id="find"
          placeholder="find a control…"
          aria-label="Find a control"
          value={find.value}
          onInput={(e) => (find.value = e.currentTarget.value)}
        />
        <label class="check small">
          <input type="checkbox" checked={onlyChanged.value} onChange={(e) => (onlyChanged.value = e.currentTarget.checked)} />
          changed ({view.value.changes.length})
        </label>
      </div>
      {m.scenarios.length > 0 && !word && !onlyChanged.value && (
        <fieldset class="scenario-pick">
          <legend>Scenario</legend>
          <select
            aria-label="Scenario"
            value={view.value.scenarios.join('+')}
            onChange={(e) => setScenarios(e.currentTarget.value.split('+').filter(Boolean))}
          >
            <option value="">base: the model as it stands</option>
            {view.value.scenarios.length > 1 && <option value={view.value.scenarios.join('+')}>{view.value.scenarios.join(' + ')}</option>}
            {m.scenarios.map((s) => (
              <option key={s.name} value={s.name}>
                {s.title || s.name}
              </option>
            ))}
          </select>
        </fieldset>
      )}
      {lists}
      {choices.length + inputs.length === 0 && (
        <p class="muted">
          {word || onlyChanged.value ? 'No control fits. ' : 'This model has nothing to move.'}
          {(word || onlyChanged.value) && (
            <button
              class="link"
              onClick={() => {
                find.value = ''
                onlyChanged.value = false
              }}
            >
              show all
            </button>
          )}
        </p>
      )}
    </aside>
  )
}

// What moves the selected output at the selected time.
function Why(props: { output: string }) {
  const frame = useSignal<Frame | null>(null)
  const error = useSignal('')
  const { ref, width } = useWidth(380)
  const m = model.value!
  useSignalEffect(() => {
    const settled = run.value?.settled
    const at = year.value
    const name = props.output
    if (!settled || dragging.value || !m.uncertain) return
    const asked = question([name], false)
    const timer = setTimeout(() => {
      explain(asked, at).then(
        (answer) => {
          if (answer) frame.value = answer
          error.value = ''
        },
        (reason: Error) => (error.value = reason.message),
      )
    }, 250)
    return () => clearTimeout(timer)
  })
  if (!m.uncertain) return null
  const d = frame.value?.directory
  const drivers: { input: string; share: number; low: number; high: number }[] = d?.drivers ?? []
  const top = drivers.slice(0, 8)
  const most = Math.max(0.01, ...top.map((each) => each.share))
  const dots = d ? frame.value!.numbers.subarray(d.dots, d.dots + 20) : null
  const focusControl = (name: string) => {
    const control = document.getElementById(`in-${name}`)
    control?.scrollIntoView({ block: 'center' })
    control?.focus()
  }
  return (
    <section class={d ? 'card why' : 'card why unanswered'} ref={ref} aria-label="Why">
      <h3>Why: {labelOf(props.output)}</h3>
      <p class="muted small">
        {moment(year.value, m.calendar)} · share of the variance that each input carries
        {d ? `, together ${percent(Math.min(1, d.explained))}` : ''}
      </p>
      {error.value && <p class="warn small">{error.value}</p>}
      {!d && !error.value && <p class="muted small">Waiting for the settled answer…</p>}
      <ol class="drivers">
        {top.map((each) => {
          const input = m.inputs.find((i) => i.name === each.input)
          return (
            <li key={each.input}>
              <button class="link" onClick={() => focusControl(each.input)} title={each.input}>
                {input ? titleOf(input) : each.input}
              </button>
              <span class="bar" aria-hidden="true">
                <i style={`width:${(each.share / most) * 100}%`} />
              </span>
              <span class="num">{percent(each.share)}</span>
              <span class="num small muted" title="the output where this input is low and where it is high">
                {rounded(each.low)} {each.high >= each.low ? '↗' : '↘'} {rounded(each.high)}
              </span>
            </li>
          )
        })}
      </ol>
      {dots && (
        <>
          <p class="muted small">Twenty futures, equally likely</p>
          <Dots values={dots} width={width - 32} height={78} title="Twenty equally likely values" />
        </>
      )}
    </section>
  )
}

function Changes() {
  const v = view.value
  if (!v.changes.length) return null
  return (
    <section class="card diff" aria-label="What differs from the model">
      <h3>
        {v.changes.length} {v.changes.length === 1 ? 'change' : 'changes'}
        {!still.value && (
          <button class="link small" onClick={resetAll}>
            reset all
          </button>
        )}
      </h3>
      <ul>
        {v.changes.map((change) => {
          const m = model.value!
          const item = m.inputs.find((i) => i.name === change.input) ?? m.choices.find((c) => c.name === change.input)
          return (
            <li key={change.input}>
              <span>{item ? titleOf(item) : change.input}</span> <span class="muted">{inWords(change)}</span>
              {!still.value && (
                <button class="link small" onClick={() => resetChange(change.input)}>
                  undo<span class="sr"> {change.input}</span>
                </button>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Odds() {
  const m = model.value!
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!place.current || typeof IntersectionObserver === 'undefined') return
    const observer = new IntersectionObserver(([entry]) => (claimsSeen.value = entry!.isIntersecting))
    observer.observe(place.current)
    return () => {
      observer.disconnect()
      claimsSeen.value = false
    }
  }, [])
  if (!m.claims.length) return null
  const answers = new Map(run.value?.claims.map((each) => [each.id, each.odds]))
  return (
    <section class={answers.size ? 'card' : 'card unanswered'} aria-label="Claims" ref={place}>
      <h3>Claims now</h3>
      <ul class="odds">
        {m.claims.map((claim) => {
          const odds = answers.get(claim.id)
          const share = typeof odds === 'number' ? odds : 0
          return (
            <li key={claim.id} title={claim.title}>
              <span class="tag">{claim.id}</span>
              <span class="bar" aria-hidden="true">
                <i style={`width:${share * 100}%`} />
              </span>
              <span class="num">{typeof odds === 'number' ? percent(odds) : '–'}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

// Models have thousands of quantities; the list is made once.
function AddOutput() {
  const m = model.value!
  const frozen = still.value ? run.value?.outputs.map((o) => o.name) : null
  const names = frozen ?? m.variables.filter((v) => v.kind !== 'param').flatMap((v) => (v.elements.length ? v.elements : [v.name]))
  return (
    <select
      aria-label="Add an output"
      value=""
      onChange={(e) => {
        const name = e.currentTarget.value
        e.currentTarget.value = ''
        if (name && !outputs.peek().includes(name)) show({ outputs: [...outputs.peek(), name].slice(-8) })
      }}
    >
      <option value="">+ output</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}

export function Explore() {
  const m = model.value!
  const answer = run.value
  const focused = useSignal(outputs.value[0] ?? '')
  const focus = outputs.value.includes(focused.value) ? focused.value : (outputs.value[0] ?? '')
  const shown = answer?.outputs.filter((o) => outputs.value.includes(o.name)) ?? []
  const fixed = m.inputs.length + m.choices.length + m.scenarios.length === 0
  return (
    <div class={still.value || fixed ? 'explore still' : 'explore'}>
      <h1 class="sr">Explore</h1>
      {still.value || fixed ? null : <Controls />}
      <div class="stage" id="charts" tabIndex={-1}>
        <div class="chips" role="group" aria-label="Outputs">
          {outputs.value.map((name) => (
            <span class={name === focus ? 'chip on' : 'chip'} key={name}>
              <button onClick={() => (focused.value = name)} aria-pressed={name === focus}>
                {labelOf(name)}
              </button>
              {outputs.value.length > 1 && (
                <button aria-label={`remove ${labelOf(name)}`} onClick={() => show({ outputs: outputs.value.filter((n) => n !== name) })}>
                  ×
                </button>
              )}
            </span>
          ))}
          <AddOutput />
        </div>
        {fixed && !still.value && (
          <p class="muted small">
            Nothing here can be moved: a number gets a slider when the model names it, as in <code>let growth = 0.4</code>,
            and a range when it is uncertain, as in <code>param growth = 0.3 to 0.5</code>.
          </p>
        )}
        {problem.value && <p class="card warn" role="alert">{problem.value}</p>}
        {!answer || shown.length === 0 ? (
          problem.value ? null : <Waiting />
        ) : (
          <div class={shown.length === 1 ? 'charts one' : 'charts'}>
            {shown.map((output) => (
              <Figure
                key={output.name}
                output={output}
                answer={answer}
                height={shown.length === 1 ? 380 : 230}
                focused={output.name === focus && shown.length > 1}
                onFocus={() => (focused.value = output.name)}
              />
            ))}
          </div>
        )}
        {answer && !answer.single && <Legend />}
        {!m.static && (
          <label class="time small">
            <span>At {moment(year.value, m.calendar)}</span>
            <input
              type="range"
              min={m.start}
              max={m.end}
              step={m.calendar ? 1 / 12 : (m.end - m.start) / 200}
              value={year.value}
              aria-label="Time"
              aria-valuetext={moment(year.value, m.calendar)}
              onInput={(e) => (view.value = { ...view.value, year: Number(e.currentTarget.value) })}
              onChange={() => commit()}
            />
          </label>
        )}
        <div class="panels">
          {still.value ? null : <Why key={focus} output={focus} />}
          <div class="column">
            <Changes />
            <Odds />
          </div>
        </div>
        {answer && shown[0] && (
          <p class="sr" role="status" aria-live="polite">
            {answer.settled ? `${labelOf(shown[0].name)} ${unitOf(shown[0].unit)}: settled at ${answer.draws} futures` : ''}
          </p>
        )}
      </div>
    </div>
  )
}
