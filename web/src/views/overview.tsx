// The answers first: each claim of the model as a sentence with its odds and the shape behind it.

import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Claim, ClaimAnswer, Finite, Measure, MeasureAnswer, Run } from '../api/types'
import { ClaimShape } from '../charts/density'
import { useWidth } from '../charts/size'
import { counted, grouped, odds, percent, plain, shown, unitOf, withUnit } from '../format'
import { first, go, model, problem, run, year } from '../state/state'
import { Figure, labelOf, Legend } from './figure'
import { Table } from './table'

function Shape({ answer, claim }: { answer: ClaimAnswer; claim: Claim }) {
  const { ref, width } = useWidth(360)
  if (!answer.shape) return <div ref={ref} />
  const median = typeof answer.stats.p50 === 'number' ? answer.stats.p50 : null
  return (
    <div ref={ref}>
      <ClaimShape
        width={width}
        height={86}
        shape={answer.shape}
        thresholds={claim.thresholds}
        median={median}
        type={claim.type}
        calendar={first.value!.calendar}
        title="How often each value comes about; the futures in which the claim holds are marked"
      />
    </div>
  )
}

function range(stats: ClaimAnswer['stats'], type: Claim['type'], unit: string): string {
  const calendar = first.value!.calendar
  const mid = shown(stats.p50, type, calendar)
  const low = shown(stats.p10, type, calendar)
  const high = shown(stats.p90, type, calendar)
  const u = type === 'date' ? '' : unit
  return low === high ? withUnit(mid, u) : `${withUnit(mid, u)} (8 in 10: ${low} to ${high})`
}

function ClaimCard({ claim, answer, single }: { claim: Claim; answer: ClaimAnswer; single: boolean }) {
  const more = claim.sources.length - 1
  const { sources, guesses } = claim.rests_on
  const basis = [sources && counted(sources, 'source'), guesses && counted(guesses, 'guess', 'guesses')].filter(Boolean).join(' and ')
  const share = typeof answer.odds === 'number' ? answer.odds : 0
  return (
    <article class="card claim">
      <div>
        <p class="tag">{claim.id}</p>
        <h3>{claim.title || claim.measure}</h3>
      </div>
      <p class="verdict">{odds(answer.odds, single)}</p>
      <div class="meter" role="img" aria-label={percent(share)}>
        <i style={`width:${share * 100}%`} />
      </div>
      <p>
        <span class="muted">Model</span> {range(answer.stats, claim.type, unitOf(claim.unit))}
      </p>
      <Shape answer={answer} claim={claim} />
      <p class="small muted grow">
        {claim.said_by && <>Said by {claim.said_by}{more > 0 ? ` and ${more} more` : ''}. </>}
        Rests on {basis || 'nothing uncertain'}.
      </p>
      <p class="actions">
        {claim.series && (
          <button class="link" onClick={() => go('explore', { outputs: [claim.series!, ...first.value!.headline.filter((n) => n !== claim.series)].slice(0, 4) })}>
            Explore<span class="sr"> {claim.id}</span>
          </button>
        )}
        <button class="link" onClick={() => go('evidence', { focus: claim.sources[0] ?? '' })}>
          Sources<span class="sr"> of {claim.id}</span>
        </button>
      </p>
    </article>
  )
}

// The first cards are on screen before the rest is drawn: a page of thirty charts and a long table
// takes several frames' time.
const firstCards = 8
function useRest(ready: boolean): boolean {
  const rest = useSignal(false)
  useEffect(() => {
    if (!ready || rest.value) return
    let timer = 0
    const frame = requestAnimationFrame(() => (timer = window.setTimeout(() => (rest.value = true))))
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [ready])
  return rest.value
}

// Hundreds of rows in a large model, so looked up by name.
function Measures({ measures, answer }: { measures: Measure[]; answer: Run }) {
  const answers = new Map(answer.measures.map((a) => [a.name, a]))
  return (
    <section>
      <h2>Measures</h2>
      <Table label="Measures" heads={[['What'], ['Median', true], ['8 in 10 futures', true], ['Unit']]}>
        {measures.map((measure) => {
          const stats = answers.get(measure.name)?.stats
          return stats && <MeasureRow key={measure.name} measure={measure} stats={stats} />
        })}
      </Table>
    </section>
  )
}

function MeasureRow({ measure, stats }: { measure: Measure; stats: MeasureAnswer['stats'] }) {
  const say = (value: Finite) => shown(value, measure.type, first.value!.calendar)
  const title = measure.title || plain(measure.name)
  return (
    <tr>
      <th scope="row">
        {measure.series ? (
          <button class="link" onClick={() => go('explore', { outputs: [measure.series!] })}>
            {title}
          </button>
        ) : (
          title
        )}
      </th>
      <td class="num">{say(stats.p50)}</td>
      <td class="num">
        {say(stats.p10)} to {say(stats.p90)}
      </td>
      <td>{measure.type === 'date' ? '' : unitOf(measure.unit)}</td>
    </tr>
  )
}

export function Overview() {
  const m = first.value!
  const whole = model.value
  const rest = useRest(run.value !== null)
  const answer = run.value
  // Charts need titles and observations, cards do not; the answer may still be that of another page.
  if (!answer || (m.claims.length ? answer.claims.length === 0 : !whole)) {
    return (
      <>
        <header class="intro">
          <h1>{m.title}</h1>
        </header>
        {!problem.value && <Waiting />}
      </>
    )
  }
  const answers = new Map(answer.claims.map((a) => [a.id, a]))
  const claims = m.claims.flatMap((claim) => {
    const found = answers.get(claim.id)
    return found ? [{ claim, answer: found }] : []
  })
  const charts = answer.outputs.slice(0, claims.length ? 0 : 4)
  return (
    <>
      <header class="intro">
        <h1>{m.title}</h1>
        <p class="lead">
          {claims.length > 0
            ? `${claims.length} claims, judged by ${answer.single ? 'one run' : `${grouped(answer.draws)} simulated futures`}. Where the bars are coloured, the claim holds.`
            : answer.single
              ? 'This model has no uncertain inputs: one run.'
              : `${whole!.inputs.length} uncertain inputs, ${grouped(answer.draws)} simulated futures.`}
        </p>
      </header>
      {claims.length > 0 && (
        <section class="cards" aria-label="Claims">
          {claims.slice(0, rest ? claims.length : firstCards).map((each) => (
            <ClaimCard key={each.claim.id} {...each} single={answer.single} />
          ))}
        </section>
      )}
      {charts.length > 0 && (
        <section aria-label="Outputs">
          <div class="charts">
            {charts.map((output) => (
              <Figure key={output.name} output={output} answer={answer} onFocus={() => go('explore', { outputs: [output.name], year: year.value })} />
            ))}
          </div>
          {!answer.single && <Legend />}
        </section>
      )}
      {rest && whole && answer.measures.length > 0 && <Measures measures={whole.measures} answer={answer} />}
      <p class="limits muted">
        {claims.length > 0
          ? "The odds hold if the model's structure is right. This is no forecast of policy: scenarios say what would follow from one. "
          : answer.single
            ? 'What follows if the model is right in its structure and its numbers. '
            : "The ranges hold if the model's structure is right. "}
        {whole && m.headline.length > 0 && <>Look at <button class="link" onClick={() => go('explore')}>{labelOf(m.headline[0]!)}</button> to begin.</>}
      </p>
    </>
  )
}

export function Waiting() {
  return (
    <p class="boot" role="status">
      Simulating…
    </p>
  )
}
