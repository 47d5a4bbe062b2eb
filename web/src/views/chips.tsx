// What the law says of one sale, why, and since when; the same for every chip of the catalogue and
// for a table of sales. The law itself is asked on the server; nothing of it stands here.

import { useSignal, useSignalEffect } from '@preact/signals'
import { catalogue, classify, classifyTable, fetchLaw, type Facts } from '../api/client'
import type { Act, Catalogue, CatalogueChip, Fact, Law, Ruling, TableAnswer } from '../api/types'
import { saveAs } from '../charts/export'
import { PlaneChart } from '../charts/plane'
import { useWidth } from '../charts/size'
import { Stretches } from '../charts/stretches'
import { plain } from '../format'
import { kindOf, kindWords, letters, outcomeWords, type Kind } from '../law'
import { show, view } from '../state/state'
import { Waiting } from './overview'
import { Table } from './table'

// Those that stand in the form itself; the others are under “more”.
const figures = ['tpp', 'pd', 'io', 'dram']
const shownFirst = new Set([...figures, 'chip', 'destination', 'origin', 'hq', 'datacenter'])
const start: Facts = { chip: 'h20', destination: 'CN', origin: 'US' }

function ask(): Facts {
  const facts = view.value.facts
  return Object.keys(facts).length ? facts : start
}
function tell(name: string, value: string): void {
  const { [name]: _, ...rest } = ask()
  show({ facts: value === '' ? rest : { ...rest, [name]: value } })
}

const figure = (value: Ruling['facts'][string] | undefined): string => {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)))
  if (value && typeof value === 'object') return `${value.low} to ${value.high}`
  return ''
}

function Pick(props: { fact: Fact; empty: string; first?: string[] }) {
  const { fact } = props
  const value = ask()[fact.name] ?? ''
  const codes = [...(fact.codes ?? [])].sort((a, b) => a.title.localeCompare(b.title))
  const first = (props.first ?? []).flatMap((code) => codes.find((c) => c.code === code) ?? [])
  return (
    <select id={`fact-${fact.name}`} value={value} onChange={(e) => tell(fact.name, e.currentTarget.value)}>
      <option value="">{props.empty}</option>
      {first.map((c) => (
        <option key={c.code} value={c.code}>
          {c.title}
        </option>
      ))}
      {first.length > 0 && <option disabled>──────</option>}
      {codes
        .filter((c) => !first.includes(c))
        .map((c) => (
          <option key={c.code} value={c.code}>
            {c.title}
          </option>
        ))}
    </select>
  )
}

function Form({ law, ruling }: { law: Law; ruling: Ruling | null }) {
  const find = (name: string) => law.facts.find((f) => f.name === name)
  const facts = ask()
  const chip = find('chip')
  const destination = find('destination')
  const origin = find('origin')
  const hq = find('hq')
  const more = law.facts.filter((f) => !shownFirst.has(f.name) && !f.from_chip)
  const moreTold = more.filter((f) => facts[f.name]).length
  return (
    <form class="card case" aria-label="The sale" onSubmit={(e) => e.preventDefault()}>
      {chip && (
        <label class="wide">
          <span>Chip</span>
          <Pick fact={chip} empty="one of your own" />
        </label>
      )}
      {figures.map((name) => {
        const fact = find(name)
        if (!fact) return null
        return (
          <label key={name}>
            <span>
              {fact.title} {fact.unit && fact.unit !== '1' && <small>{fact.unit}</small>}
            </span>
            <input
              type="text"
              inputMode="decimal"
              placeholder={figure(ruling?.facts[name]) || 'unknown'}
              value={facts[name] ?? ''}
              title="a number, or a range such as 4600..5000"
              onChange={(e) => tell(name, e.currentTarget.value.trim())}
            />
          </label>
        )
      })}
      {find('datacenter') && (
        <label class="wide">
          <span>For data centres</span>
          <select value={facts.datacenter ?? ''} onChange={(e) => tell('datacenter', e.currentTarget.value)}>
            <option value="">{facts.chip ? 'as the catalogue says' : 'unknown'}</option>
            <option value="yes">designed or marketed for them</option>
            <option value="no">not designed or marketed for them</option>
          </select>
        </label>
      )}
      <label class="wide">
        <span>Date</span>
        <input type="date" min="2018-01-01" max="2032-12-31" value={facts.date ?? ruling?.date ?? ''} onChange={(e) => tell('date', e.currentTarget.value)} />
      </label>
      {destination && (
        <label class="wide">
          <span>To</span>
          <Pick fact={destination} empty="choose a country" first={['CN', 'HK', 'AE', 'SA', 'SG', 'MY', 'IN']} />
        </label>
      )}
      {origin && (
        <label class="wide">
          <span>Shipped from</span>
          <Pick fact={origin} empty="unknown" first={['US', 'TW']} />
        </label>
      )}
      {hq && (
        <label class="wide">
          <span>Buyer’s headquarters</span>
          <Pick fact={hq} empty="unknown" first={['CN', 'US', 'SG']} />
        </label>
      )}
      {more.length > 0 && (
        <details class="wide" open={moreTold > 0}>
          <summary>
            More conditions {moreTold > 0 && <span class="count">{moreTold} told</span>}
          </summary>
          {more.map((fact) => (
            <label key={fact.name}>
              <span>{fact.title}</span>
              {fact.kind === 'number' ? (
                <input type="text" placeholder="as assumed" value={facts[fact.name] ?? ''} onChange={(e) => tell(fact.name, e.currentTarget.value.trim())} />
              ) : fact.kind === 'code' ? (
                <Pick fact={fact} empty={fact.assumed ? 'as assumed' : 'unknown'} />
              ) : (
                <select value={facts[fact.name] ?? ''} onChange={(e) => tell(fact.name, e.currentTarget.value)}>
                  <option value="">{fact.assumed ? 'as assumed' : 'as it follows'}</option>
                  <option value="yes">yes</option>
                  <option value="no">no</option>
                </select>
              )}
            </label>
          ))}
        </details>
      )}
      {Object.keys(view.value.facts).length > 0 && (
        <button class="link small" type="button" onClick={() => show({ facts: {} })}>
          start again
        </button>
      )}
    </form>
  )
}

function Mark({ kind }: { kind: Kind }) {
  return (
    <span class={`mark ${kind}`} aria-hidden="true">
      {letters[kind]}
    </span>
  )
}

function copyText(law: Law, ruling: Ruling): string {
  const told = Object.entries(ask()).map(([name, value]) => `${name} ${value}`).join(', ')
  const lines = ruling.trace.map((t) => `${t.rule} ${t.clause}: ${t.condition} -> ${t.holds}${t.since ? ` (since ${t.since})` : ''}`)
  return [`${told}, ${ruling.date}: ${ruling.outcome}, ${outcomeWords(law, ruling.outcome)}`, `entry ${ruling.class}`, ...lines, ruling.notice].join('\n')
}

function Result({ law, ruling }: { law: Law; ruling: Ruling }) {
  const copied = useSignal('')
  const kind = kindOf(ruling.outcome)
  const now = ruling.stretches.filter((s) => s.from <= ruling.date).at(-1)
  const next = ruling.stretches.find((s) => s.from > ruling.date)
  const detail = ruling.outcome_detail
  return (
    <section class="card result" aria-label="Result" aria-live="polite">
      <p class="tag">{ruling.class === 'none' ? 'not listed' : ruling.class}</p>
      <h2>
        <Mark kind={kind} /> {outcomeWords(law, ruling.outcome)}
      </h2>
      {!detail.determined && (
        <>
          <p>It is one of: {detail.possible.map((code) => outcomeWords(law, code)).join('; ')}.</p>
          <ul>
            {detail.needs.slice(0, 4).map((need) => (
              <li key={need.if}>
                if {need.if}: {need.then.split(' or ').map((c) => outcomeWords(law, c)).join(' or ')}; else{' '}
                {need.else.split(' or ').map((c) => outcomeWords(law, c)).join(' or ')}
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="small">{ruling.reasons}</p>
      <p class="small muted">
        {now && now.from > '2018-01-01' && <>So since {now.from}. </>}
        {next ? (
          <>
            Next change on record: {next.from}, then {outcomeWords(law, next.outcome)}.
          </>
        ) : (
          'No later change on record.'
        )}
      </p>
      <p class="actions">
        <button
          class="link"
          onClick={() =>
            navigator.clipboard.writeText(copyText(law, ruling)).then(
              () => (copied.value = 'copied'),
              () => (copied.value = 'the browser does not let the page copy'),
            )
          }
        >
          Copy trace
        </button>
        {copied.value && <span class="small" role="status">{copied.value}</span>}
        <span class="small muted end">{ruling.notice}</span>
      </p>
    </section>
  )
}

const holdsMark = { yes: '✓', no: '–', unknown: '?' }

function Trace({ law, ruling }: { law: Law; ruling: Ruling }) {
  const all = useSignal(false)
  const rows = all.value ? ruling.trace : ruling.trace.filter((t) => t.holds !== 'no')
  const acts = (ids: string[]) => ids.map((id) => law.acts.find((a) => a.id === id)).filter((a): a is Act => !!a)
  return (
    <section>
      <h2>
        Why <span class="count">{rows.length} of {ruling.trace.length} clauses in force</span>
      </h2>
      <label class="check small">
        <input type="checkbox" checked={all.value} onChange={(e) => (all.value = e.currentTarget.checked)} /> also those that do not hold
      </label>
      <div class="scroll trace" tabIndex={0} role="region" aria-label="Trace">
        <table class="wide">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Clause</th>
              <th scope="col">Condition</th>
              <th scope="col">Holds</th>
              <th scope="col">Since</th>
              <th scope="col">Text</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((t, i) => (
              <tr key={i} class={t.holds === 'yes' ? 'held' : ''}>
                <td>{plain(t.rule)}</td>
                <th scope="row">{t.exception ? 'except ' : ''}{t.clause}</th>
                <td class="condition"><code>{t.condition}</code></td>
                <td class="nowrap">{holdsMark[t.holds]} {t.holds}</td>
                <td class="nowrap">{t.since ?? 'always'}</td>
                <td class="small">
                  {acts(t.sources).map((act) => (
                    <a key={act.id} href={`#act-${act.id}`} title={act.title} onClick={(e) => { e.preventDefault(); document.getElementById(`act-${act.id}`)?.scrollIntoView({ block: 'center' }) }}>
                      {act.citation || act.id}
                    </a>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function KindLegend() {
  return (
    <p class="legend-line small muted">
      {(Object.keys(letters) as Kind[]).map((kind) => (
        <span class="key" key={kind}>
          <Mark kind={kind} /> {kindWords[kind]}
        </span>
      ))}
    </p>
  )
}

function Plane({ law, found, ruling }: { law: Law; found: Catalogue; ruling: Ruling | null }) {
  const { ref, width } = useWidth(560)
  if (!found.plane) return null
  const now = (chip: CatalogueChip) => chip.stretches.filter((s) => s.from <= found.date).at(-1)?.outcome ?? 'NLR'
  const told = ask()
  const dots = found.chips.flatMap((c) => (c.tpp && c.pd ? [{ id: c.id, name: c.name, tpp: c.tpp, pd: c.pd, kind: kindOf(now(c)), on: c.id === told.chip }] : []))
  const tpp = ruling?.facts.tpp
  const pd = ruling?.facts.pd
  const own = (told.tpp || told.pd || !told.chip) && typeof tpp === 'number' && typeof pd === 'number' ? { tpp, pd } : null
  return (
    <section class="card" aria-label="Map">
      <h2>Where the lines run on {found.date}</h2>
      <p class="small muted">
        Fields: a chip with the other figures and the sale of the form. Dots: the catalogue. {own && 'The cross is your chip. '}Bold figures are the law’s own lines.
      </p>
      <div ref={ref}>
        <PlaneChart width={width} height={360} plane={found.plane} kindOf={kindOf} words={(outcome) => outcomeWords(law, outcome)} dots={dots} own={own} title={`Total performance and performance density of ${dots.length} chips, with the lines of ${found.date}`} onPick={(id) => show({ facts: { ...pickChip(told), chip: id } })} />
      </div>
      <KindLegend />
      <details class="small">
        <summary>As a table</summary>
        <div class="twin" tabIndex={0} role="region" aria-label="Chips as a table">
          <table>
            <thead>
              <tr>
                <th scope="col">Chip</th>
                <th scope="col" class="num">TPP</th>
                <th scope="col" class="num">PD</th>
                <th scope="col">On {found.date}</th>
              </tr>
            </thead>
            <tbody>
              {found.chips.map((c) => (
                <tr key={c.id}>
                  <th scope="row"><button class="link" onClick={() => show({ facts: { ...pickChip(told), chip: c.id } })}>{c.name}</button></th>
                  <td class="num">{figure(c.tpp) || 'unknown'}</td>
                  <td class="num">{figure(c.pd) || 'unknown'}</td>
                  <td>{outcomeWords(law, now(c))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}

// A sale of another chip: figures told for the old one go.
function pickChip(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !figures.includes(name) && name !== 'datacenter'))
}

// Chips whose rulings differ most over time, the chosen one first.
function notable(chips: CatalogueChip[], chosen: string, all: boolean): CatalogueChip[] {
  const own = chips.filter((c) => c.id === chosen)
  const rest = chips.filter((c) => c.id !== chosen)
  if (all) return [...own, ...rest]
  const famous = ['a100_sxm80', 'h100_sxm', 'a800_sxm80', 'h800_sxm', 'h20', 'h200_sxm', 'b200_sxm', 'rtx_4090', 'mi308x', 'mi300x']
  const known = famous.flatMap((id) => rest.find((c) => c.id === id) ?? [])
  return [...own, ...known, ...(known.length < 5 ? rest.slice(0, 9) : [])].slice(0, 11)
}

function OverTime({ law, found }: { law: Law; found: Catalogue }) {
  const { ref, width } = useWidth(560)
  const all = useSignal(false)
  const told = ask()
  const chips = notable(found.chips, told.chip ?? '', all.value)
  return (
    <section class="card" aria-label="Status over time">
      <h2>Status over time</h2>
      <p class="small muted">
        The same sale on every day since 2019. A click on a field asks about that chip and day.{' '}
        <label class="check">
          <input type="checkbox" checked={all.value} onChange={(e) => (all.value = e.currentTarget.checked)} /> all {found.chips.length} chips
        </label>
      </p>
      <div ref={ref}>
        <Stretches
          width={width}
          rows={chips.map((c) => ({ ...c, on: c.id === told.chip }))}
          kindOf={kindOf}
          words={(outcome) => outcomeWords(law, outcome)}
          date={found.date}
          end={law.changes.at(-1) ?? found.date}
          title={`What each of ${chips.length} chips needed over time`}
          onPick={(id, date) => show({ facts: { ...pickChip(told), chip: id, date: date < '2019-01-01' ? '2019-01-01' : date } })}
        />
      </div>
      <KindLegend />
      <details class="small">
        <summary>As a table</summary>
        <div class="twin" tabIndex={0} role="region" aria-label="Status as a table">
          <table>
            <thead>
              <tr>
                <th scope="col">Chip</th>
                <th scope="col">From</th>
                <th scope="col">Entry</th>
                <th scope="col">Needs</th>
              </tr>
            </thead>
            <tbody>
              {chips.flatMap((c) =>
                c.stretches.map((s) => (
                  <tr key={`${c.id} ${s.from}`}>
                    <th scope="row">{c.name}</th>
                    <td class="nowrap">
                      <button class="link" onClick={() => show({ facts: { ...pickChip(told), chip: c.id, date: s.from } })}>{s.from}</button>
                    </td>
                    <td>{s.class}</td>
                    <td>{outcomeWords(law, s.outcome)}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  )
}

const example = 'chip,date,destination\nh20,2025-04-01,CN\nh20,2025-05-01,CN\nh200_sxm,2026-02-01,CN\nrtx_4090,2023-12-01,CN\n'

function BatchTable() {
  const text = useSignal('')
  const answer = useSignal<TableAnswer | null>(null)
  const error = useSignal('')
  const submit = () =>
    classifyTable(text.value).then(
      (found) => {
        if (found) answer.value = found
        error.value = ''
      },
      (reason: Error) => (error.value = reason.message),
    )
  const rows = answer.value ? parseCsv(answer.value.text, 201) : []
  return (
    <section class="card" aria-label="A table of sales">
      <h2>A table of sales</h2>
      <p class="small muted">
        Rows of <code>chip,date,destination</code>, or with any fact as a column: tpp, pd, io_GBps, dram_GBps, origin, hq. Up to 4 MiB; larger ones go to{' '}
        <code>headrace classify --batch</code>.
      </p>
      <textarea
        rows={5}
        aria-label="Table as CSV"
        placeholder={example}
        spellcheck={false}
        value={text.value}
        onInput={(e) => (text.value = e.currentTarget.value)}
      />
      <p class="toolbar">
        <button class="primary" disabled={!text.value.trim()} onClick={submit}>
          Classify
        </button>
        <label class="button">
          Open a file…
          <input
            class="sr"
            type="file"
            accept=".csv,text/csv"
            onChange={async (e) => {
              const file = e.currentTarget.files?.[0]
              if (!file) return
              text.value = await file.text()
              void submit()
            }}
          />
        </label>
        {!text.value && (
          <button class="link" onClick={() => (text.value = example)}>
            an example
          </button>
        )}
        {answer.value && (
          <button onClick={() => saveAs('classified.csv', new Blob([answer.value!.text], { type: 'text/csv' }))}>Save as CSV</button>
        )}
        {answer.value && (
          <span class="small muted" role="status">
            {answer.value.rows} rows{answer.value.wrong ? `, ${answer.value.wrong} of them wrong` : ''}
          </span>
        )}
      </p>
      {error.value && <p class="warn" role="alert">{error.value}</p>}
      {rows.length > 1 && (
        <div class="scroll twin" tabIndex={0} role="region" aria-label="Answers">
          <table>
            <thead>
              <tr>{rows[0]!.map((head) => <th key={head} scope="col">{head}</th>)}</tr>
            </thead>
            <tbody>
              {rows.slice(1).map((cells, i) => (
                <tr key={i} class={cells.at(-1)?.startsWith('error:') ? 'warn' : ''}>
                  {cells.map((cell, k) => <td key={k}>{cell}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

// RFC 4180 text as rows, the first `most` of them.
export function parseCsv(text: string, most: number): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length && rows.length < most; ++i) {
    const c = text[i]!
    if (quoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') cell += text[++i]
      else quoted = false
    } else if (c === '"' && cell === '') quoted = true
    else if (c === ',' || c === '\n') {
      row.push(cell)
      cell = ''
      if (c === '\n') {
        rows.push(row)
        row = []
      }
    } else if (c !== '\r') cell += c
  }
  if (cell || row.length) rows.push([...row, cell])
  return rows.slice(0, most)
}

function Acts({ law, found }: { law: Law; found: Catalogue | null }) {
  const find = useSignal('')
  const from = useSignal('')
  const to = useSignal('')
  const word = find.value.toLowerCase()
  const [a, b] = [from.value, to.value].sort() as [string, string]
  const diff = from.value && to.value
  const acts = law.acts.filter(
    (act) =>
      (!word || `${act.id} ${act.title} ${act.citation} ${act.kind}`.toLowerCase().includes(word)) &&
      (!diff || (act.date > a && act.date <= b) || (act.end && act.end >= a && act.end < b)),
  )
  const at = (chip: CatalogueChip, day: string) => chip.stretches.filter((s) => s.from <= day).at(-1)
  const flipped = diff && found ? found.chips.filter((c) => at(c, a)?.outcome !== at(c, b)?.outcome) : []
  return (
    <section>
      <h2>Acts on file <span class="count">{acts.length}</span></h2>
      <div class="toolbar">
        <input type="search" id="find" placeholder="find an act…" aria-label="Find an act" value={find.value} onInput={(e) => (find.value = e.currentTarget.value)} />
        <label class="small">what changed between <input type="date" value={from.value} onChange={(e) => (from.value = e.currentTarget.value)} /></label>
        <label class="small">and <input type="date" value={to.value} onChange={(e) => (to.value = e.currentTarget.value)} /></label>
        {(diff || word) && <button class="link small" onClick={() => { from.value = ''; to.value = ''; find.value = '' }}>show all</button>}
      </div>
      {diff && (
        <p class="small">
          {flipped.length === 0
            ? 'No chip of the catalogue changes its answer.'
            : `${flipped.length} chips change their answer: ${flipped.map((c) => `${c.name} (${outcomeWords(law, at(c, a)?.outcome ?? '')} → ${outcomeWords(law, at(c, b)?.outcome ?? '')})`).join('; ')}.`}
        </p>
      )}
      {acts.length === 0 ? (
        <p class="muted">No act fits.</p>
      ) : (
        <Table label="Acts" heads={[['Id'], ['What'], ['In force'], ['By'], ['Text'], ['Certainty']]}>
          {acts.map((act) => (
            <tr key={act.id} id={`act-${act.id}`}>
              <th scope="row"><code>{act.id}</code></th>
              <td>{act.title}</td>
              <td class="nowrap">{act.date}{act.end && ` to ${act.end}`}</td>
              <td>{act.jurisdiction}</td>
              <td class="small">
                {/^https?:/.test(act.url) ? <a href={act.url} target="_blank" rel="noreferrer noopener">{act.citation || 'source'}</a> : act.citation}
              </td>
              <td>{act.confidence}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  )
}

export function Chips() {
  const law = useSignal<Law | null>(null)
  const ruling = useSignal<Ruling | null>(null)
  const found = useSignal<Catalogue | null>(null)
  const error = useSignal('')
  useSignalEffect(() => {
    if (law.peek()) return
    fetchLaw().then((l) => (law.value = l), (reason: Error) => (error.value = reason.message))
  })
  useSignalEffect(() => {
    const facts = ask()
    classify(facts).then(
      (answer) => {
        if (!answer) return
        ruling.value = answer
        error.value = ''
      },
      (reason: Error) => (error.value = reason.message),
    )
    catalogue(facts).then((answer) => answer && (found.value = answer), () => undefined)
  })
  if (!law.value) return error.value ? <p class="card warn" role="alert">{error.value}</p> : <Waiting />
  const l = law.value
  return (
    <>
      <header class="intro">
        <h1>Chips &amp; rules</h1>
        <p class="lead">One sale on one day, put to the law as it stood: what it needs, why, and since when. {l.notice}</p>
      </header>
      <div class="law-top">
        <Form law={l} ruling={ruling.value} />
        <div class="column">
          {error.value && <p class="card warn" role="alert">{error.value}</p>}
          {ruling.value && !error.value && <Result law={l} ruling={ruling.value} />}
          {found.value && <OverTime law={l} found={found.value} />}
        </div>
      </div>
      {ruling.value && !error.value && <Trace law={l} ruling={ruling.value} />}
      <div class="law-two">
        {found.value && <Plane law={l} found={found.value} ruling={ruling.value} />}
        <BatchTable />
      </div>
      <Acts law={l} found={found.value} />
    </>
  )
}
