// Evidence left out: what each claim says without one view, or without one source.

import { useSignal } from '@preact/signals'
import { compare } from '../api/client'
import type { Change, Input } from '../api/types'
import { percent, plain } from '../format'
import { effects, rivalsOf, withoutRival, withoutSource, type Effect } from '../leave_out'
import { model, question, still } from '../state/state'
import { titleOf } from './control'

type Found = { effects: Effect[] } | { error: string } | 'asked'

// The answer to the question on screen beside the same with these changes.
async function ask(changes: Change[]): Promise<Found | null> {
  const now = question([], true)
  const changed = new Set(changes.map((c) => c.input))
  const then = { ...now, changes: [...now.changes.filter((c) => !changed.has(c.input)), ...changes] }
  try {
    const frame = await compare([now, then], '')
    return frame && { effects: effects(model.value!, frame) }
  } catch (reason) {
    return { error: (reason as Error).message }
  }
}

function Effects({ found }: { found: Found }) {
  if (found === 'asked') return <p class="small muted" role="status">Asking the same futures again…</p>
  if ('error' in found) return <p class="small warn" role="alert">{found.error}</p>
  if (!found.effects.length) return <p class="small muted" role="status">No claim's odds move by 1 of 100.</p>
  return (
    <table class="effects" aria-label="Claims that move">
      <thead>
        <tr>
          <th scope="col">Claim</th>
          <th scope="col" class="num">Now</th>
          <th scope="col" class="num">Without</th>
        </tr>
      </thead>
      <tbody>
        {found.effects.slice(0, 8).map((each) => (
          <tr key={each.id}>
            <th scope="row"><span class="tag">{each.id}</span> {each.title}</th>
            <td class="num">{percent(each.before)}</td>
            <td class="num">{each.after > each.before ? '↑' : '↓'} {percent(each.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Rivals({ input }: { input: Input }) {
  const rivals = rivalsOf(input)
  const left = useSignal(-1)
  const found = useSignal<Found>('asked')
  const leave = (i: number) => {
    left.value = left.value === i ? -1 : i
    if (left.value < 0) return
    found.value = 'asked'
    void ask([withoutRival(input, i)]).then((answer) => answer && left.value === i && (found.value = answer))
  }
  return (
    <article class="card rivals">
      <h3>{titleOf(input).replace(/: 1 .*$/, '')}</h3>
      {input.note && <p class="small muted">{input.note}</p>}
      <ul>
        {rivals.map((each, i) => (
          <li key={each.value} class={left.value === i ? 'left' : ''}>
            <span>{each.label}</span>
            <span class="bar" aria-hidden="true"><i style={`width:${each.odds * 100}%`} /></span>
            <span class="num">{percent(each.odds)}</span>
            {!still.value && (
              <button class="mini" aria-pressed={left.value === i} onClick={() => leave(i)}>
                {left.value === i ? 'put back' : 'leave out'}<span class="sr"> {each.label}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {left.value >= 0 && <Effects found={found.value} />}
    </article>
  )
}

// Published views that exclude each other, side by side.
export function Disagreements() {
  const m = model.value!
  const inputs = m.inputs.filter((input) => rivalsOf(input).length > 0)
  if (!inputs.length) return null
  return (
    <section aria-label="Where sources disagree">
      <h2>Where sources disagree <span class="count">{inputs.length}</span></h2>
      <p class="small muted lead">
        Views that exclude each other, with the odds that the model gives them. Without one, the others keep their odds among
        themselves, and the same futures are asked again.
      </p>
      <div class="cards wider">
        {inputs.map((input) => (
          <Rivals key={input.name} input={input} />
        ))}
      </div>
    </section>
  )
}

// Whether leaving this source out is a question: some input rests on it.
export const canLeave = (id: string) => !still.value && model.value!.claims.length > 0 && model.value!.inputs.some((i) => i.sources.includes(id))

export function LeftOut({ id }: { id: string }) {
  const without = withoutSource(model.value!, id)
  const found = useSignal<Found | null>(null)
  const list = (names: string[]) => names.map((name) => plain(name)).join(', ')
  const leave = () => {
    found.value = 'asked'
    void ask(without.changes).then((answer) => answer && (found.value = answer))
  }
  return (
    <div class="left-out">
      {found.value === null ? (
        <button class="mini" onClick={leave} disabled={!without.changes.length}>
          leave out<span class="sr"> {id}</span>
        </button>
      ) : (
        <Effects found={found.value} />
      )}
      <p class="small muted">
        {without.widened.length > 0 && <>Rests on it alone, and would be twice as uncertain: {list(without.widened)}. </>}
        {without.kept.length > 0 && <>Stays, as other sources say it too or it has no width: {list(without.kept)}.</>}
      </p>
    </div>
  )
}
