// What to find out next: indicators by what their next reading would tell, and what a reading that
// came out changes.

import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { watch, watchFile, type Watching } from '../api/client'
import { stats } from '../api/types'
import type { Advised, Bands, Indicator, Told, Tripwire, WatchAnswer, WatchedQuestion } from '../api/types'
import { Fan, fanDomain, readOut } from '../charts/fan'
import { saveAs } from '../charts/export'
import { Scatter } from '../charts/scatter'
import { useWidth } from '../charts/size'
import { Swing } from '../charts/swing'
import { grouped, moment, odds, percent, plain, rounded, unitOf, withUnit } from '../format'
import { go, model, show, view } from '../state/state'
import { visit, visitOf, type News } from '../visits'
import { asNumber, calendar, inDays, daysUntil, logWords, middleOf, said, tellings, leastTold } from '../watch'
import { labelOf } from './figure'
import { Table } from './table'

const horizon = 90 // days of the calendar
const fewDraws = 2000 // below it tails say little

export function NothingToWatch() {
  return (
    <section class="empty">
      <h1>Monitor</h1>
      <p>This model has no claims or measures that a reading could tell something about.</p>
      <button onClick={() => go('overview')}>To the overview</button>
    </section>
  )
}

function asking(): Watching {
  const v = view.value
  return {
    scenarios: v.scenarios,
    changes: v.changes,
    learn: v.learn,
    decide: v.decide,
    log: v.readings.map(logWords),
    as_of: v.asOf || new Date().toISOString().slice(0, 10),
    focus: v.focus,
  }
}

const optionName = (name: string) => {
  const found = model.value!.scenarios.find((s) => s.name === name)
  return name === 'base' ? 'the model as it stands' : found?.title || plain(name)
}

// In the cells of a list, where titles would be sentences.
function Option({ name }: { name: string }) {
  return <span class="nowrap" title={optionName(name)}>{plain(name)}</span>
}

// ---------------------------------------------------------------- what is asked

function QuestionPick({ answer }: { answer: WatchAnswer | null }) {
  const m = model.value!
  const v = view.value
  const value = v.decide ? `decide ${v.decide}` : v.learn[0] ? `learn ${v.learn[0]}` : ''
  const pick = (word: string) => {
    const [kind, name] = [word.slice(0, word.indexOf(' ')), word.slice(word.indexOf(' ') + 1)]
    show({ learn: kind === 'learn' ? [name] : [], decide: kind === 'decide' ? name : '' })
  }
  const decisions = answer?.decisions ?? []
  return (
    <label class="question-pick">
      <span>Learn about, or decide</span>
      <select value={value} onChange={(e) => pick(e.currentTarget.value)}>
        {m.claims.length > 0 && <option value="">all claims</option>}
        {(decisions.length > 0 || v.decide) && (
          <optgroup label="Decide">
            {decisions.map((d) => (
              <option key={d.id} value={`decide ${d.id}`}>{d.title || d.id}</option>
            ))}
            {v.decide && !decisions.some((d) => d.id === v.decide) && <option value={`decide ${v.decide}`}>{v.decide}</option>}
          </optgroup>
        )}
        {m.claims.length > 0 && (
          <optgroup label="Learn whether">
            {m.claims.map((c) => (
              <option key={c.id} value={`learn ${c.id}`}>{c.id} {c.title}</option>
            ))}
          </optgroup>
        )}
        {m.measures.length > 0 && (
          <optgroup label="Learn how large">
            {m.measures.map((x) => (
              <option key={x.name} value={`learn ${x.name}`}>{x.title || plain(x.name)}</option>
            ))}
          </optgroup>
        )}
      </select>
    </label>
  )
}

// The question as a sentence with what is believed now.
function Now({ answer }: { answer: WatchAnswer }) {
  const decision = answer.decision
  if (decision) {
    const best = decision.options.find((o) => o.name === decision.best)
    return (
      <section class="card" aria-label="The decision">
        <h2>{decision.title || decision.id}</h2>
        <p>
          Best as things stand: <strong>{optionName(decision.best)}</strong>, which is the best in {Math.round((best?.best_in ?? 0) * 100)} of 100 futures.
          Knowing everything would be worth <strong>{withUnit(rounded(decision.knowing_everything), decision.unit)}</strong>; the list says how much of it each reading could give.
        </p>
        <div class="scroll" tabIndex={0} role="region" aria-label="Options">
          <table>
            <thead>
              <tr>
                <th scope="col">Option</th>
                <th scope="col" class="num">{decision.minimise ? 'Expected cost' : 'Expected utility'}</th>
                <th scope="col" class="num">The best in</th>
              </tr>
            </thead>
            <tbody>
              {decision.options.map((o) => (
                <tr key={o.name} class={o.name === decision.best ? 'on' : ''}>
                  <th scope="row">{plain(o.name)}<span class="sub">{optionName(o.name)}</span></th>
                  <td class="num">{withUnit(rounded(o.utility), decision.unit)}</td>
                  <td class="num">{percent(o.best_in)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p class="small muted">
          Utility: <code>{decision.utility}</code>
        </p>
      </section>
    )
  }
  if (answer.questions.length !== 1) return null
  const q = answer.questions[0]!
  const b = q.after
  return (
    <section class="card" aria-label="The question">
      <h2>{q.claim || q.sure !== null ? `${q.name} ` : ''}{q.title || plain(q.name)}</h2>
      <p>
        {'odds' in b ? (
          <><strong>It {odds(b.odds, false)}</strong>{answer.readings.length ? ' that agree with the readings' : ''}.</>
        ) : (
          <>
            Median <strong>{withUnit(said(b.p50), q.unit)}</strong>, in 8 of 10 futures {said(b.p10)} to {said(b.p90)}.
          </>
        )}
        {q.sure !== null && <> Whether it holds is hardly open ({percent(q.sure)}), so the list is about the number that it is about.</>}
      </p>
    </section>
  )
}

// ---------------------------------------------------------------- the list

const wire = (t: Tripwire | null, unit: string) =>
  t === null ? <span class="muted">–</span> : (
    <>
      {t.side} {withUnit(said(t.reading), unit)}
      <span class="sub">
        {percent(t.chance)} likely{t.then && <>; then <Option name={t.then} /></>}
      </span>
    </>
  )

function Worth({ share, text, steady }: { share: number; text: string; steady: boolean }) {
  return (
    <div class={steady ? 'worth' : 'worth unsteady'} title={steady ? '' : 'not stable: it changes by more than a fifth with the number of bins'}>
      <span class="bar" aria-hidden="true"><i style={`width:${Math.min(1, share) * 100}%`} /></span>
      <span class="num">{steady ? '' : '~'}{text}</span>
    </div>
  )
}

function Name({ indicator }: { indicator: Indicator }) {
  const on = view.value.focus === indicator.id
  return (
    <th scope="row">
      <button class="link" aria-pressed={on} onClick={() => show({ focus: on ? '' : indicator.id })}>
        {indicator.title || plain(indicator.id)}
      </button>
      {indicator.source && <span class="sub">{indicator.source}</span>}
    </th>
  )
}

const Next = ({ indicator, asOf }: { indicator: Indicator; asOf: string }) =>
  indicator.next ? (
    <td class="nowrap">
      {indicator.next}
      <span class="sub">{inDays(daysUntil(indicator.next, asOf))}</span>
    </td>
  ) : (
    <td class="muted">no date</td>
  )

const Expected = ({ indicator: i }: { indicator: Indicator }) => (
  <td class="num">
    {withUnit(said(i.p50), i.unit)}
    <span class="sub">{said(i.p10)} to {said(i.p90)}</span>
  </td>
)

function Learning({ answer, question: q }: { answer: WatchAnswer; question: WatchedQuestion }) {
  const find = (id: string) => answer.indicators.find((i) => i.id === id)!
  const now = asNumber(middleOf(q.after))
  const ends = q.ranked.flatMap((t) => [asNumber(t.if_low), asNumber(t.if_high)]).concat(now).filter((v): v is number => v !== null)
  const domain: [number, number] = q.claim ? [0, 1] : [Math.min(...ends), Math.max(...ends)]
  const most = Math.max(leastTold, ...q.ranked.map((t) => t.worth))
  return (
    <Table class="wide ranking" label="Indicators" heads={[['#', true], ['Indicator'], ['Next reading'], ['Tells'], ['Expected', true], ['If low → today → if high'], ['Tripwire']]}>
      {q.ranked.map((t, i) => {
        const indicator = find(t.indicator)
        const [low, high] = [asNumber(t.if_low), asNumber(t.if_high)]
        const words = `${said(t.if_low, q.claim)} → ${said(middleOf(q.after), q.claim)} → ${said(t.if_high, q.claim)}`
        return (
          <tr key={t.indicator} class={view.value.focus === t.indicator ? 'on' : ''}>
            <td class="num muted">{i + 1}</td>
            <Name indicator={indicator} />
            <Next indicator={indicator} asOf={answer.as_of} />
            <td><Worth share={t.worth / most} text={percent(t.worth)} steady={t.steady} /></td>
            <Expected indicator={indicator} />
            <td class="swing-cell">
              {low !== null && high !== null && now !== null && (
                <Swing width={190} domain={domain} low={low} now={now} high={high} title={words} />
              )}
              <span class="sub nowrap">{words}</span>
            </td>
            <td>{wire(t.tripwire, indicator.unit)}</td>
          </tr>
        )
      })}
    </Table>
  )
}

function Deciding({ answer }: { answer: WatchAnswer }) {
  const d = answer.decision!
  const most = Math.max(1e-12, ...d.ranked.map((r) => r.worth))
  return (
    <Table class="wide ranking" label="Indicators" heads={[['#', true], ['Indicator'], ['Next reading'], ['Worth'], ['Expected', true], ['Best if low / if high'], ['Tripwire']]}>
      {d.ranked.map((r: Advised, i) => {
        const indicator = answer.indicators.find((x) => x.id === r.indicator)!
        return (
          <tr key={r.indicator} class={view.value.focus === r.indicator ? 'on' : ''}>
            <td class="num muted">{i + 1}</td>
            <Name indicator={indicator} />
            <Next indicator={indicator} asOf={answer.as_of} />
            <td>
              <Worth share={r.worth / most} text={withUnit(rounded(r.worth), d.unit)} steady={r.steady} />
              <span class="sub">{r.late ? 'too late' : `± ${rounded(r.error)}`}</span>
            </td>
            <Expected indicator={indicator} />
            <td>
              {r.best_if_low === r.best_if_high ? (
                <span class="muted"><Option name={r.best_if_low} /> either way</span>
              ) : (
                <>low: <Option name={r.best_if_low} /><span class="line">high: <Option name={r.best_if_high} /></span></>
              )}
            </td>
            <td>{wire(r.tripwire, indicator.unit)}</td>
          </tr>
        )
      })}
    </Table>
  )
}

function All({ answer }: { answer: WatchAnswer }) {
  return (
    <Table class="wide ranking" label="Indicators" heads={[['#', true], ['Indicator'], ['Next reading'], ['Tells most about'], ['Expected', true]]}>
      {tellings(answer).map(({ indicator, about }, i) => (
        <tr key={indicator.id} class={view.value.focus === indicator.id ? 'on' : ''}>
          <td class="num muted">{i + 1}</td>
          <Name indicator={indicator} />
          <Next indicator={indicator} asOf={answer.as_of} />
          <td>
            {about.slice(0, 4).map(({ name, told }) => (
              <button key={name} class="telling" title={answer.questions.find((q) => q.name === name)?.title} onClick={() => show({ learn: [name], decide: '', focus: indicator.id })}>
                <span class="tag">{name}</span>
                <Worth share={told.worth} text={percent(told.worth)} steady={told.steady} />
              </button>
            ))}
            {about.length === 0 && <span class="muted small">less than 1 % about any claim</span>}
          </td>
          <Expected indicator={indicator} />
        </tr>
      ))}
    </Table>
  )
}

// ---------------------------------------------------------------- one indicator

function Selected({ answer, indicator: i }: { answer: WatchAnswer; indicator: Indicator }) {
  const { ref, width } = useWidth(420)
  const value = useSignal('')
  const error = useSignal('')
  const date = useSignal('')
  const source = useSignal('')
  const wrong = useSignal('')
  const q = answer.questions[0]
  const one = answer.questions.length === 1 && q
  const told = one ? q.ranked.find((t: Told) => t.indicator === i.id) : undefined
  const logged = view.value.readings.find((r) => r.id === i.id)
  const log = (event: Event) => {
    event.preventDefault()
    const number = Number(value.value.replace(/\s/g, ''))
    if (value.value === '' || !Number.isFinite(number)) {
      wrong.value = 'What was read? A plain number, such as 450000.'
      return
    }
    if (i.exact && !error.value) {
      wrong.value = 'How far may it be off? “10%”, “sd 0.05” or “gsd 1.2”.'
      return
    }
    wrong.value = ''
    const reading = { id: i.id, value: number, error: error.value.trim(), date: date.value, source: source.value.trim() }
    show({ readings: [...view.value.readings.filter((r) => r.id !== i.id), reading] })
  }
  const unit = unitOf(i.unit)
  return (
    <section class="card selected" ref={ref} aria-label={`Indicator: ${i.title || i.id}`}>
      <h2>{i.title || plain(i.id)}</h2>
      <p class="small">
        Reads <code>{i.reads}</code>{unit && `, ${unit}`}. {i.source && `From: ${i.source}. `}{i.note}
      </p>
      {answer.focus && one && (
        <figure class="what-it-tells">
          <figcaption class="small muted">
            Each dot is a future: this indicator, and {q.claim ? 'the number that the claim is about' : 'the number asked about'}; the line is the mean along the way.
          </figcaption>
          <Scatter
            width={Math.max(260, width - 34)}
            height={230}
            points={answer.focus.points}
            means={answer.focus.means}
            xTitle={`${i.title || i.id}${unit ? `, ${unit}` : ''}`}
            yTitle={q.title}
            mark={logged?.value ?? null}
            title={`${i.title || i.id} against ${q.title || q.name}: ${told ? `it tells ${percent(told.worth)}` : 'no answer'}`}
          />
          <details class="small">
            <summary>as a table</summary>
            <div class="twin" tabIndex={0} role="region" aria-label="Means along the indicator">
              <table>
                <thead>
                  <tr>
                    <th scope="col">{i.title || i.id}</th>
                    <th scope="col">mean of {q.title || q.name}</th>
                  </tr>
                </thead>
                <tbody>
                  {answer.focus.means.map(([x, y]) => (
                    <tr key={x}>
                      <th scope="row">{rounded(x)}</th>
                      <td>{rounded(y)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </figure>
      )}
      <form class="log" onSubmit={log}>
        <h3>Log a reading</h3>
        <label>
          Value{unit && `, ${unit}`}
          <input type="text" inputMode="decimal" value={value.value} onInput={(e) => (value.value = e.currentTarget.value)} />
        </label>
        <label>
          Off by
          <input type="text" placeholder={i.exact ? '10%' : 'as listed'} value={error.value} onInput={(e) => (error.value = e.currentTarget.value)} />
        </label>
        <label>
          Date
          <input type="date" value={date.value} onInput={(e) => (date.value = e.currentTarget.value)} />
        </label>
        <label>
          Source
          <input type="text" value={source.value} onInput={(e) => (source.value = e.currentTarget.value)} />
        </label>
        <button class="primary">{logged ? 'Replace' : 'Log'}</button>
        {wrong.value && <p class="warn small" role="alert">{wrong.value}</p>}
      </form>
    </section>
  )
}

// What the readings changed.
function Readings({ answer }: { answer: WatchAnswer | null }) {
  const list = view.value.readings
  if (!list.length) return null
  const name = (id: string) => answer?.indicators.find((i) => i.id === id)?.title || id
  const few = answer && answer.effective < fewDraws
  return (
    <section class="card" aria-label="Readings logged">
      <h2>Readings logged <span class="count">{list.length}</span></h2>
      <ul class="readings">
        {list.map((r) => (
          <li key={r.id}>
            <span>
              {name(r.id)}: <strong>{rounded(r.value)}</strong>{r.error && ` (${r.error})`}
              {(r.date || r.source) && <span class="sub">{[r.date, r.source].filter(Boolean).join(', ')}</span>}
            </span>
            <button class="link small" onClick={() => show({ readings: list.filter((x) => x.id !== r.id) })}>
              remove<span class="sr"> {name(r.id)}</span>
            </button>
          </li>
        ))}
      </ul>
      {answer && answer.readings.length > 0 && (
        <>
          <p class={few ? 'warn small' : 'small muted'} role="status">
            {few ? 'Only ' : ''}{grouped(Math.round(answer.effective))} of {grouped(answer.sound)} futures agree with {list.length === 1 ? 'it' : 'them'}
            {few ? ': tails are not reliable.' : '.'}
          </p>
          <Table label="Before and after the readings" heads={[['Question'], ['Before', true], ['After', true]]} class="">
            {answer.questions.map((q) => (
              <tr key={q.name}>
                <th scope="row">{q.title && q.title !== q.name ? <><span class="tag">{q.name}</span> {q.title}</> : q.name}</th>
                {[q.before, q.after].map((b, i) => (
                  <td key={i} class="num">
                    {said(middleOf(b), q.claim)}
                    {'odds' in b ? null : <span class="sub">{said(b.p10)} to {said(b.p90)}</span>}
                  </td>
                ))}
              </tr>
            ))}
            {answer.decision && (
              <tr>
                <th scope="row">{answer.decision.title || answer.decision.id}</th>
                <td class="num">{optionName(answer.decision.best_before)}</td>
                <td class="num">{optionName(answer.decision.best)}</td>
              </tr>
            )}
          </Table>
          {answer.fan ? (
            <BeforeAfter fan={answer.fan} />
          ) : (
            !answer.decision && answer.questions.length > 1 && <p class="small muted">Ask about one claim to see it over time, before and after.</p>
          )}
        </>
      )}
    </section>
  )
}

// The quantity of the one question over time: what was believed before the readings as a ghost.
function BeforeAfter({ fan }: { fan: NonNullable<WatchAnswer['fan']> }) {
  const { ref, width } = useWidth(420)
  const m = model.value!
  const rows = (from: typeof fan.after) => Object.fromEntries(stats.map((s) => [s, Float32Array.from(from[s], (v) => v ?? NaN)])) as unknown as Bands
  const { before, after } = useMemo(() => ({ before: rows(fan.before), after: rows(fan.after) }), [fan])
  const unit = unitOf(fan.unit)
  const title = labelOf(fan.series)
  const last = fan.times.length - 1
  const domains = [before, after].flatMap((bands) => fanDomain(bands, false, false) ?? [])
  const every = Math.max(1, Math.ceil(fan.times.length / 16))
  return (
    <figure class="before-after" ref={ref}>
      <figcaption>
        <h3>{title}{unit && <span class="muted small"> {unit}</span>}</h3>
      </figcaption>
      <Fan
        width={Math.max(240, width)}
        height={210}
        times={fan.times}
        bands={after}
        ghost={before}
        single={false}
        calendar={m.calendar}
        log={false}
        domain={domains.length ? [Math.min(...domains), Math.max(...domains)] : null}
        title={`${title} after the readings: at the end ${readOut(after, last, false)}; before ${readOut(before, last, false)}`}
      />
      <p class="small muted">After the readings; dotted, what was believed before: median, and 8 in 10 futures.</p>
      <details class="small">
        <summary>as a table</summary>
        <div class="twin" tabIndex={0} role="region" aria-label={`${title} before and after`}>
          <table>
            <thead>
              <tr>
                <th scope="col">time</th>
                <th scope="col">before</th>
                <th scope="col">after</th>
              </tr>
            </thead>
            <tbody>
              {fan.times.map((time, i) =>
                i % every === 0 || i === last ? (
                  <tr key={time}>
                    <th scope="row">{moment(time, m.calendar)}</th>
                    <td>{readOut(before, i, false)}</td>
                    <td>{readOut(after, i, false)}</td>
                  </tr>
                ) : null,
              )}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

// What is another than on an earlier day, of the model as it stands.
function Since({ news }: { news: News }) {
  const { since, moved, due } = news
  return (
    <section class="card" aria-label="Since the last visit">
      <h2>Since {since}</h2>
      <p class="small">
        {news.model ? 'The model is another one now.' : 'The model is the same.'}
        {moved.length === 0 && ' No odds have moved by one in a hundred.'}
        {due.length === 0 && ' No reading fell due.'}
      </p>
      {moved.length > 0 && (
        <ul class="readings">
          {moved.map((each) => (
            <li key={each.name}>
              <span><span class="tag">{each.name}</span> {each.title}</span>
              <strong class="nowrap">{percent(each.from)} → {percent(each.to)}</strong>
            </li>
          ))}
        </ul>
      )}
      {due.length > 0 && (
        <ol class="dates">
          {due.map((each) => (
            <li key={each.id}>
              <span class="nowrap">{each.date}</span>
              <button class="link" onClick={() => show({ focus: each.id })}>{each.title || plain(each.id)}</button>
              <span class="muted small">fell due</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Dates({ answer }: { answer: WatchAnswer }) {
  const problem = useSignal('')
  const dates = calendar(answer, horizon)
  const m = model.value!
  const save = (format: 'csv' | 'ics') =>
    watchFile(asking(), format).then(
      (blob) => saveAs(`${m.name}-watch.${format}`, blob),
      (reason: Error) => (problem.value = reason.message),
    )
  const any = answer.indicators.some((i) => i.next)
  return (
    <section class="card" aria-label="Calendar">
      <h2>The next {horizon} days</h2>
      {dates.length === 0 ? (
        <p class="muted small">{any ? 'No reading is due.' : 'This model’s indicators have no dates; a watch.csv beside it can give them.'}</p>
      ) : (
        <ol class="dates">
          {dates.map((d) => (
            <li key={d.indicator.id}>
              <span class="nowrap">{d.date}</span>
              <span>{d.indicator.title || d.indicator.id}</span>
              <span class="muted small nowrap">{inDays(d.days)}</span>
            </li>
          ))}
        </ol>
      )}
      <p class="actions">
        {any && <button onClick={() => save('ics')}>Calendar (ICS)</button>}
        <button onClick={() => save('csv')}>Watch list (CSV)</button>
      </p>
      {problem.value && <p class="warn small" role="alert">{problem.value}</p>}
    </section>
  )
}

// ---------------------------------------------------------------- the page

export function Monitor() {
  const answer = useSignal<WatchAnswer | null>(null)
  const error = useSignal('')
  const busy = useSignal(true)
  const news = useSignal<News | null>(null)
  const wish = useComputed(() => JSON.stringify(asking()))
  useSignalEffect(() => {
    const asked: Watching = JSON.parse(wish.value)
    busy.value = true
    const timer = setTimeout(() => {
      watch(asked).then(
        (found) => {
          if (!found) return
          answer.value = found
          const usual = asked.scenarios.length + asked.changes.length + asked.learn.length === 0 && !asked.decide
          const m = model.value!
          if (usual) news.value = visit(m.name, visitOf(found, m.hash, new Date().toISOString().slice(0, 10)), found)
          error.value = ''
          busy.value = false
        },
        (reason: Error) => {
          error.value = reason.message
          busy.value = false
        },
      )
    }, 80)
    return () => clearTimeout(timer)
  })
  const a = error.value ? null : answer.value
  const v = view.value
  const chosen = a?.indicators.find((i) => i.id === v.focus)
  return (
    <>
      <header class="intro">
        <h1>Monitor</h1>
        <p class="lead">Which reading to wait for, because it would change the answer. Each indicator is put to the same futures: what would be believed after it came out low, or high?</p>
      </header>
      <div class="toolbar">
        <QuestionPick answer={answer.value} />
        <label>
          As of{' '}
          <input type="date" value={v.asOf || new Date().toISOString().slice(0, 10)} onChange={(e) => show({ asOf: e.currentTarget.value })} />
        </label>
        <span class="small muted" role="status">
          {busy.value ? 'simulating…' : a ? `${grouped(a.sound)} futures` : ''}
        </span>
      </div>
      {error.value && (
        <p class="card warn" role="alert">
          {error.value}{' '}
          {v.readings.length > 0 && <button onClick={() => show({ readings: [] })}>Remove the readings</button>}
        </p>
      )}
      {!a && !error.value && <p class="boot" role="status">Simulating…</p>}
      {a && (
        <div class="monitor">
          <div class="column">
            <Now answer={a} />
            {a.decision ? <Deciding answer={a} /> : a.questions.length === 1 ? <Learning answer={a} question={a.questions[0]!} /> : <All answer={a} />}
            <p class="small muted">
              {a.decision
                ? '“Worth” is what choosing after the reading is expected to add; ~ marks what is not stable.'
                : '“Tells” is the share of what is open that the reading is expected to settle; a tripwire is where the answer would change; ~ marks what is not stable.'}{' '}
              {!a.own_list && 'The model has no watch list, so its measures stand in, read without error. '}If the model’s structure is right.
            </p>
          </div>
          <div class="column">
            {chosen ? <Selected key={chosen.id} answer={a} indicator={chosen} /> : <p class="card muted small">Choose an indicator to see what it tells, or to log a reading.</p>}
            <Readings answer={a} />
            {news.value && <Since news={news.value} />}
            <Dates answer={a} />
          </div>
        </div>
      )}
      {!a && <Readings answer={null} />}
    </>
  )
}
