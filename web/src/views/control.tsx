// One input that can be moved. Choices are pinned; uncertainties are shifted, pinned, conditioned
// or replaced. The track carries the range of the model and a notch for its default.

import { useComputed, useSignal } from '@preact/signals'
import type { Change, Choice, Input, Mode } from '../api/types'
import { Strip } from '../charts/density'
import { useWidth } from '../charts/size'
import { moment, plain, rounded, unitOf } from '../format'
import { changeOf, commit, go, model, resetChange, setChange } from '../state/state'

const logit = (x: number) => Math.log(x / (1 - x))
const share = (l: number) => 1 / (1 + Math.exp(-l))

// The median that a change gives.
export function moved(input: Input, change: Change | undefined): number {
  if (!change) return input.p50
  if (change.mode === 'pin') return change.value ?? input.p50
  if (change.mode === 'shift') {
    const value = change.value ?? 1
    return input.shift === 'share' ? share(logit(input.p50) + value) : input.p50 * value
  }
  if (change.mode === 'given') return Math.min(change.high!, Math.max(change.low!, input.p50))
  return input.p50
}

// The change that puts the median at `value`.
export function toMedian(input: Input, value: number, mode: Mode): Change {
  if (mode === 'pin' || input.shift === '') return { input: input.name, mode: 'pin', value }
  if (input.shift === 'share') {
    const v = Math.min(0.999, Math.max(0.001, value))
    return { input: input.name, mode: 'shift', value: short(logit(v) - logit(input.p50)) }
  }
  return { input: input.name, mode: 'shift', value: short(value / input.p50) }
}

const short = (value: number) => Number(value.toPrecision(4))

// What a change says, in words.
export function inWords(change: Change): string {
  const m = model.value!
  const input = m.inputs.find((i) => i.name === change.input)
  const choice = m.choices.find((c) => c.name === change.input)
  const text = (v: number) => (input?.type === 'date' ? moment(v, m.calendar) : rounded(v))
  switch (change.mode) {
    case 'pin':
      return `${choice ? rounded(choice.value) : text(input?.p50 ?? 0)} → exactly ${text(change.value!)}`
    case 'shift':
      return input ? `median ${text(input.p50)} → ${text(moved(input, change))}` : ''
    case 'given':
      return `given ${text(change.low!)} to ${text(change.high!)}`
    case 'replace':
      return change.text ?? ''
  }
}

export const titleOf = (item: { title?: string; name: string; doc?: string; variable?: string }) => {
  const bracket = /\[.*\]$/.exec(item.name)?.[0] ?? ''
  const title = item.title || (item.doc && item.doc.length < 60 ? item.doc.replace(/\.$/, '') : '')
  return title ? `${title}${bracket ? ` ${bracket}` : ''}` : plain(item.name)
}

function Says(props: { sources: string[]; assumed?: string | undefined }) {
  const { sources, assumed } = props
  if (sources.length) {
    return (
      <button class="link small" onClick={() => go('evidence', { focus: sources[0]! })}>
        {sources.length === 1 ? '1 source' : `${sources.length} sources`}
      </button>
    )
  }
  return <span class="small muted says" title={assumed}>{assumed ? 'assumed' : 'no source'}</span>
}

// Drawn again only when its own change is another one: there may be hundreds beside it.
export function Uncertainty({ input }: { input: Input }) {
  const { ref, width } = useWidth(260)
  const change = useComputed(() => changeOf(input.name)).value
  const mode: Mode = change?.mode ?? (input.shift ? 'shift' : 'pin')
  const draft = useSignal<string | null>(null)
  const m = model.value!
  const wide = input.p99 > input.p1
  const room = (input.p99 - input.p1) * 0.35
  const positive = input.p1 >= 0
  const low = wide ? (positive ? Math.max(0, input.p1 - room) : input.p1 - room) : input.p50 * 0.5
  const top = wide ? input.p99 + room : input.p50 * 1.5 || 1
  const high = input.shift === 'share' ? Math.min(1, top) : top
  const step = Number(((high - low) / 200).toPrecision(1)) || 0.01
  const value = moved(input, change)
  const outside = value < input.p1 || value > input.p99
  const text = (v: number) => (input.type === 'date' ? moment(v, m.calendar) : rounded(v))
  const drag = (v: number) => {
    if (mode === 'shift' && Math.abs(v - input.p50) < step) setChange({ input: input.name, mode: 'shift', value: input.shift === 'share' ? 0 : 1 })
    else setChange(toMedian(input, v, mode))
  }
  const setMode = (next: Mode) => {
    if (next === 'given') setChange({ input: input.name, mode: 'given', low: input.p25, high: input.p75 })
    else if (next === 'replace') setChange({ input: input.name, mode: 'replace', text: input.text || `${input.p5} to ${input.p95}` })
    else if (next === 'pin') setChange({ input: input.name, mode: 'pin', value: Number(value.toPrecision(4)) })
    else setChange(toMedian(input, value, 'shift'))
    commit()
  }
  const id = `in-${input.name}`
  const unit = unitOf(input.unit)
  return (
    <div class={change ? 'control changed' : 'control'} data-input={input.name}>
      <div class="head">
        <label for={id} title={input.note ?? input.doc}>
          {titleOf(input)}
        </label>
        <select aria-label={`How to move ${titleOf(input)}`} value={mode} onChange={(e) => setMode(e.currentTarget.value as Mode)}>
          {input.shift && <option value="shift">shift</option>}
          <option value="pin">pin</option>
          {wide && <option value="given">given</option>}
          <option value="replace">replace</option>
        </select>
      </div>
      <div class="track" ref={ref}>
        <Strip width={width} height={22} shape={input.shape} low={low} high={high} />
        {mode === 'shift' || mode === 'pin' ? (
          <input
            id={id}
            type="range"
            min={low}
            max={high}
            step={step}
            value={Math.min(high, Math.max(low, value))}
            aria-valuetext={`${text(value)} ${unit}${change ? ', changed' : ''}${outside ? ', outside the model’s range' : ''}`}
            onInput={(e) => drag(Number(e.currentTarget.value))}
            onChange={commit}
            onPointerUp={commit}
            onKeyDown={(e) => {
              if (e.key === 'Delete') resetChange(input.name)
              else if ((e.key === 'ArrowRight' || e.key === 'ArrowLeft') && e.shiftKey) {
                drag(Math.min(high, Math.max(low, value + (e.key === 'ArrowRight' ? 10 : -10) * step)))
                e.preventDefault()
              }
            }}
          />
        ) : mode === 'given' ? (
          <div class="pair">
            {(['low', 'high'] as const).map((end) => (
              <label key={end}>
                <span class="sr">{end === 'low' ? 'from' : 'to'}</span>
                <input
                  id={end === 'low' ? id : undefined}
                  type="range"
                  min={low}
                  max={high}
                  step={step}
                  value={change![end]}
                  onInput={(e) => {
                    const v = Number(e.currentTarget.value)
                    const next = { ...change!, [end]: v }
                    if (next.low! < next.high!) setChange(next)
                  }}
                  onChange={commit}
                />
              </label>
            ))}
          </div>
        ) : null}
      </div>
      <div class="foot">
        {mode === 'replace' ? (
          <input
            id={id}
            class="text"
            type="text"
            value={draft.value ?? change?.text ?? ''}
            aria-label={`Distribution of ${titleOf(input)}`}
            onInput={(e) => (draft.value = e.currentTarget.value)}
            onChange={(e) => {
              setChange({ input: input.name, mode: 'replace', text: e.currentTarget.value })
              draft.value = null
              commit()
            }}
          />
        ) : mode === 'given' ? (
          <span class="value">
            {text(change!.low!)} to {text(change!.high!)} {unit}
          </span>
        ) : (
          <>
            <input
              class="box"
              type="number"
              step="any"
              value={Number(value.toPrecision(4))}
              aria-label={`${titleOf(input)}, value`}
              onChange={(e) => {
                const v = Number(e.currentTarget.value)
                if (e.currentTarget.value !== '' && Number.isFinite(v) && (v > 0 || mode === 'pin')) setChange(toMedian(input, v, mode))
                commit()
              }}
            />
            <span class="small muted">
              {input.type === 'date' ? text(value) : unit}
            </span>
          </>
        )}
        <span class="grow" />
        {outside && <span class="small warn">outside the model’s range</span>}
        <ResetOrSays of={input} changed={!!change} />
      </div>
    </div>
  )
}

function ResetOrSays({ of, changed }: { of: Input | Choice; changed: boolean }) {
  if (!changed) return <Says sources={of.sources} assumed={of.assumed} />
  return (
    <button class="link small" onClick={() => resetChange(of.name)}>
      reset<span class="sr"> {titleOf(of)}</span>
    </button>
  )
}

export function ChoiceControl({ choice }: { choice: Choice }) {
  const change = useComputed(() => changeOf(choice.name)).value
  const value = change?.value ?? choice.value
  const isShare = unitOf(choice.unit) === '' && choice.value >= 0 && choice.value < 1
  const low = isShare ? 0 : choice.value > 0 ? 0 : choice.value * 2 || -1
  const high = isShare ? 1 : choice.value > 0 ? choice.value * 2 : choice.value < 0 ? 0 : 1
  const step = Number(((high - low) / 100).toPrecision(1)) || 0.01
  const id = `in-${choice.name}`
  const set = (v: number) => {
    if (v === choice.value) resetChange(choice.name)
    else setChange({ input: choice.name, mode: 'pin', value: v })
  }
  return (
    <div class={change ? 'control changed' : 'control'} data-input={choice.name}>
      <div class="head">
        <label for={id} title={choice.note ?? choice.doc}>
          {titleOf(choice)}
        </label>
      </div>
      <input
        id={id}
        type="range"
        min={low}
        max={high}
        step={step}
        value={value}
        aria-valuetext={`${rounded(value)} ${unitOf(choice.unit)}${change ? ', changed' : ''}`}
        onInput={(e) => set(Number(e.currentTarget.value))}
        onChange={commit}
        onPointerUp={commit}
        onKeyDown={(e) => e.key === 'Delete' && resetChange(choice.name)}
      />
      <div class="foot">
        <input
          class="box"
          type="number"
          step="any"
          value={Number(value.toPrecision(4))}
          aria-label={`${titleOf(choice)}, value`}
          onChange={(e) => {
            const v = Number(e.currentTarget.value)
            if (e.currentTarget.value !== '' && Number.isFinite(v)) set(v)
            commit()
          }}
        />
        <span class="small muted">{unitOf(choice.unit)}</span>
        <span class="grow" />
        <ResetOrSays of={choice} changed={!!change} />
      </div>
    </div>
  )
}
