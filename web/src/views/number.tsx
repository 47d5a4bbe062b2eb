// The card behind a number: its spread, its equation, what it rests on, and words to take away.

import { signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Output, Run } from '../api/types'
import { numberInCommand } from '../command'
import { moment, rounded, withUnit } from '../format'
import { basisOf } from '../provenance'
import { go, model, view } from '../state/state'
import { labelOf, runWords } from './figure'
import { Equation } from './model'

export interface Asked {
  output: Output
  answer: Run
  at: number // which save
}
export const asked = signal<Asked | null>(null)

// One sentence that says the number, its range and what it stands on.
export function sentence({ output, answer, at }: Asked): string {
  const m = model.value!
  const b = output.bands
  const version = [...view.value.scenarios, ...(view.value.changes.length ? [`${view.value.changes.length} changes`] : [])].join(', ')
  const range = answer.single ? '' : ` (8 in 10 futures: ${rounded(b.p10[at]!)} to ${rounded(b.p90[at]!)})`
  return `In the model ${m.name} (${m.hash})${version ? ` with ${version}` : ''}, ${labelOf(output.name)} in ${moment(answer.times[at]!, m.calendar)} is ${withUnit(rounded(b.p50[at]!), output.unit)}${range}.`
}

export function NumberCard() {
  const dialog = useRef<HTMLDialogElement>(null)
  const done = useSignal('')
  const now = asked.value
  useEffect(() => {
    done.value = ''
    if (now && !dialog.current?.open) dialog.current?.showModal()
    if (!now && dialog.current?.open) dialog.current.close()
  }, [now])
  if (!now) return null
  const m = model.value!
  const { output, answer, at } = now
  const b = output.bands
  const name = output.name.replace(/\[.*$/, '')
  const variable = m.variables.find((v) => v.name === name)
  const basis = basisOf(m, output.name)
  const close = () => (asked.value = null)
  const copy = (text: string, what: string) =>
    navigator.clipboard.writeText(text).then(
      () => (done.value = `${what} copied`),
      () => (done.value = text),
    )
  const citation = () =>
    `${m.title}. Headrace model ${m.name}, version ${m.hash}, ${runWords(answer)}, seed ${answer.seed}. ${location.href}`
  const command = () => numberInCommand(m, view.value, output.name, m.static ? undefined : answer.times[at]!)
  return (
    <dialog ref={dialog} class="card number" aria-label={`${labelOf(output.name)}: the number`} onClose={close} onClick={(e) => e.target === dialog.current && close()}>
      <header>
        <h2>
          {labelOf(output.name)}, {moment(answer.times[at]!, m.calendar)}
        </h2>
        <button class="mini" onClick={close} aria-label="Close">
          ×
        </button>
      </header>
      <p class="muted small">
        {view.value.scenarios.join(' + ') || 'base'}
        {view.value.changes.length > 0 && `, ${view.value.changes.length} changes`} · {runWords(answer)}
        {!answer.settled && ' (preview)'}
      </p>
      <dl class="figures">
        <div>
          <dt>{answer.single ? 'value' : 'median'}</dt>
          <dd class="large">{withUnit(rounded(b.p50[at]!), output.unit)}</dd>
        </div>
        {!answer.single && (
          <>
            <div>
              <dt>8 in 10</dt>
              <dd>{rounded(b.p10[at]!)} to {rounded(b.p90[at]!)}</dd>
            </div>
            <div>
              <dt>9 in 10</dt>
              <dd>{rounded(b.p5[at]!)} to {rounded(b.p95[at]!)}</dd>
            </div>
            <div>
              <dt>mean</dt>
              <dd>{rounded(b.mean[at]!)}</dd>
            </div>
          </>
        )}
      </dl>
      {variable && <Equation variable={variable} />}
      <p class="small">
        {basis.sources.length + basis.guesses.length === 0
          ? 'Its inputs name no sources.'
          : `Rests on ${basis.sources.length} sources${basis.newest ? ` (${basis.oldest.slice(0, 7)} to ${basis.newest.slice(0, 7)})` : ''} and ${basis.guesses.length} inputs without one.`}
        {basis.kinds.length > 0 && <span class="muted"> {basis.kinds.slice(0, 4).map(([kind, n]) => `${kind} ${n}`).join(', ')}</span>}
      </p>
      <p class="small muted">If the model’s structure is right.</p>
      <p class="actions">
        <button onClick={() => copy(sentence(now), 'sentence')}>Copy sentence</button>
        <button onClick={() => copy(citation(), 'citation')}>Copy citation</button>
        <button onClick={() => copy(command(), 'command')}>Copy as command</button>
        <button class="link" onClick={() => { close(); go('model', { focus: name }) }}>
          In the model
        </button>
      </p>
      {done.value && <p class="small" role="status">{done.value}</p>}
    </dialog>
  )
}
