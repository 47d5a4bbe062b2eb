import { render } from 'preact'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import './style.css'
import { saveAs } from './charts/export'
import { duration, grouped, moment } from './format'
import {
  broken,
  canRedo,
  canUndo,
  failure,
  first,
  go,
  gone,
  link,
  model,
  notices,
  problem,
  redo,
  resetAll,
  retry,
  run,
  setTheme,
  frozen,
  start,
  still,
  theme,
  undo,
  view,
  working,
} from './state/state'
import { pages, type Page } from './state/url'
import { inCommand } from './command'
import { NumberCard } from './views/number'
import { Overview } from './views/overview'
import { Explore } from './views/explore'
import { Scenarios } from './views/scenarios'
import { Chips } from './views/chips'
import { Evidence } from './views/evidence'
import { Monitor, NothingToWatch } from './views/monitor'
import { ModelPage } from './views/model'

const names: Record<Page, string> = {
  overview: 'Overview',
  explore: 'Explore',
  scenarios: 'Scenarios',
  chips: 'Chips & rules',
  evidence: 'Evidence',
  monitor: 'Monitor',
  model: 'Model',
}
const keys: Record<string, Page> = { o: 'overview', e: 'explore', s: 'scenarios', c: 'chips', v: 'evidence', m: 'monitor', d: 'model' }

// Pages that the model has nothing for stay away.
const offered = (page: Page) => {
  const live = !still.value
  if (page === 'chips') return live && !!first.value?.law
  if (page === 'monitor') return live && !!first.value?.watchable
  return live || page !== 'scenarios'
}

// A preview is hollow, a settled answer is filled.
function Light() {
  const answer = run.value
  const page = view.value.page
  if (page === 'scenarios' || page === 'chips' || page === 'monitor' || !answer) return <span class="light muted">{working.value ? 'simulating…' : ''}</span>
  const failed = answer.failed
  // What is on screen answers an older question until the newest one's frame is there.
  const state = gone.value ? 'gone' : answer.settled && !working.value ? 'settled' : 'preview'
  const text = answer.single ? 'one run' : grouped(answer.draws)
  return (
    <span class={`light ${state}`} title={`${answer.backend}, seed ${answer.seed}${failed ? `, ${failed} draws failed` : ''}${answer.steadied ? '; the bands lean on the last settled answer' : ''}`} data-state={state} data-draws={answer.draws} data-sequence={answer.sequence} data-ms={answer.ms}>
      <i aria-hidden="true" />
      {gone.value ? 'engine stopped' : text}
      {!gone.value && (
        <span class="took">
          {answer.single ? '' : 'futures '}· {still.value ? `saved ${still.value}` : duration(answer.ms)}
        </span>
      )}
      {state === 'preview' && <span class="sr"> (preview)</span>}
      {failed > 0 && <span class="warn"> {grouped(failed)} failed</span>}
    </span>
  )
}

function Share() {
  const done = useSignal('')
  const copy = (text: string, what: string) => {
    navigator.clipboard.writeText(text).then(
      () => (done.value = `${what} copied`),
      () => (done.value = text),
    )
  }
  return (
    <details class="menu">
      <summary class="button">Share</summary>
      <div class="sheet">
        <button onClick={() => copy(location.href.replace(/#.*$/, '') + link.value, 'link')}>Copy link</button>
        {view.value.page !== 'chips' && (
          <button onClick={() => model.value && copy(inCommand(model.value, view.value), 'command')}>Copy as command</button>
        )}
        <button onClick={() => window.print()}>Print</button>
        {!still.value && (
          <button
            onClick={() => {
              done.value = 'settling…'
              frozen().then(
                (text) => {
                  saveAs(`${first.value!.name}.html`, new Blob([text], { type: 'text/html' }))
                  done.value = 'saved'
                },
                (reason: Error) => (done.value = `not saved: ${reason.message}`),
              )
            }}
          >
            Save as one page
          </button>
        )}
        {done.value && <p class="small" role="status">{done.value}</p>}
      </div>
    </details>
  )
}

function Help({ close }: { close: () => void }) {
  const rows: [string, string][] = [
    ['g then o e s c v m d', 'Overview, Explore, Scenarios, Chips, eVidence, Monitor, moDel'],
    ['/', 'find'],
    ['1 to 8', 'focus a chart'],
    ['← →', 'in a chart: read values, with Shift a year'],
    ['l, t, x', 'in a chart: logarithmic, table, save as SVG'],
    ['Enter', 'in a chart: select the time'],
    ['s', 'in a chart: the card behind the number'],
    ['Delete', 'on a slider: back to the model'],
    ['Ctrl+Z, Ctrl+Shift+Z', 'undo, redo a change'],
    ['R', 'take all changes back'],
    ['?', 'this sheet'],
  ]
  return (
    <dialog open class="help card" aria-label="Keyboard">
      <h2>Keyboard</h2>
      <dl>
        {rows.map(([key, what]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button class="primary" onClick={close} ref={(e) => e?.focus()}>
        Close
      </button>
    </dialog>
  )
}

function Elsewhere() {
  return (
    <section class="empty">
      <h1>Not in this file</h1>
      <p>This page was saved on {still.value}; what needs the engine is not part of it.</p>
      <button onClick={() => go('overview')}>To the overview</button>
    </section>
  )
}

function NoLaw() {
  return (
    <section class="empty">
      <h1>Chips &amp; rules</h1>
      <p>This model has no rules and names none of the acts on export controls.</p>
      <button onClick={() => go('overview')}>To the overview</button>
    </section>
  )
}

function Shown({ page }: { page: Page }) {
  if (page === 'overview') return <Overview />
  if (!model.value) return <Reading />
  if (still.value && !offered(page)) return <Elsewhere />
  switch (page) {
    case 'explore':
      return <Explore />
    case 'scenarios':
      return <Scenarios />
    case 'chips':
      return offered(page) ? <Chips /> : <NoLaw />
    case 'evidence':
      return <Evidence />
    case 'monitor':
      return offered(page) ? <Monitor /> : <NothingToWatch />
    case 'model':
      return <ModelPage />
  }
}

const Reading = () => <p class="boot">Reading the model…</p>

function App() {
  const help = useSignal(false)
  const pending = useSignal('')
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      const typing = /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target instanceof HTMLInputElement && !['range', 'checkbox'].includes(target.type))
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !typing) {
        event.preventDefault()
        if (event.shiftKey) redo()
        else undo()
        return
      }
      if (event.key === 'Escape') {
        help.value = false
        for (const menu of document.querySelectorAll('details.menu[open]')) {
          if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus()
          menu.removeAttribute('open')
        }
        return
      }
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return
      if (pending.value === 'g' && keys[event.key] && offered(keys[event.key]!)) {
        pending.value = ''
        go(keys[event.key]!)
        return
      }
      pending.value = event.key === 'g' ? 'g' : ''
      if (event.key === '?') help.value = !help.value
      else if (event.key === 'R') resetAll()
      else if (event.key === '/') {
        event.preventDefault()
        document.getElementById('find')?.focus()
      } else if (/^[1-8]$/.test(event.key)) {
        document.querySelectorAll<HTMLElement>('.plot')[Number(event.key) - 1]?.focus()
      }
    }
    const outside = (event: MouseEvent) => {
      for (const menu of document.querySelectorAll('details.menu[open]')) {
        if (!menu.contains(event.target as Node)) menu.removeAttribute('open')
      }
    }
    window.addEventListener('keydown', onKey)
    window.addEventListener('click', outside)
    return () => {
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('click', outside)
    }
  }, [])
  const page = view.value.page
  const current = useRef<HTMLElement>(null)
  // Narrow screens show a part of the pages' row.
  useEffect(() => {
    current.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [page, first.value])
  const m = first.value
  if (failure.value) {
    return (
      <main class="boot">
        <h1>The model cannot be shown</h1>
        <p role="alert">{failure.value}</p>
        <button onClick={() => location.reload()}>Try again</button>
      </main>
    )
  }
  if (!m) return <Reading />
  const changed = view.value.changes.length
  const dark = theme.value === 'dark'
  return (
    <>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main')?.focus() }}>
        Skip to the page
      </a>
      <header class="top">
        <div class="brand">
          <svg width="20" height="20" viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1 11c4 0 5-7 14-8v4C8 8 7 13 1 13z" />
          </svg>
          <span>{m.name}</span>
        </div>
        <nav aria-label="Pages" ref={current}>
          {pages.filter(offered).map((each) => (
            <a
              key={each}
              href={`#/${each}`}
              aria-current={page === each ? 'page' : undefined}
              onClick={(e) => {
                e.preventDefault()
                go(each, { focus: '' })
              }}
            >
              {names[each]}
            </a>
          ))}
        </nav>
        <div class="status">
          <span class={changed || view.value.scenarios.length ? 'scenario-name small' : 'scenario-name small plain'}>
            {view.value.scenarios.join(' + ') || 'base'}
            {changed > 0 && ` · ${changed} ${changed === 1 ? 'change' : 'changes'}`}
            {m.posterior && <span title={m.posterior.file}> · {m.posterior.text}</span>}
          </span>
          <Light />
          {!still.value && <span class="group">
            <button class="mini" disabled={!canUndo.value} onClick={undo} title="Undo (Ctrl+Z)" aria-label="Undo">↶</button>
            <button class="mini" disabled={!canRedo.value} onClick={redo} title="Redo (Ctrl+Shift+Z)" aria-label="Redo">↷</button>
          </span>}
          <Share />
          <button class="mini" onClick={() => setTheme(dark ? 'light' : 'dark')} title="Light or dark" aria-label={dark ? 'Light theme' : 'Dark theme'}>◐</button>
          <button class="mini keys" onClick={() => (help.value = !help.value)} title="Keyboard (?)" aria-label="Keyboard shortcuts">?</button>
        </div>
      </header>
      {gone.value && (
        <p class="banner" role="alert">
          The engine has stopped. The charts show the last run; your changes are kept here.{' '}
          <button onClick={retry}>Retry</button>
        </p>
      )}
      {broken.value && page !== 'model' && (
        <p class="banner" role="alert">
          The model's text has errors; the last good model is in use. <button onClick={() => go('model')}>See them</button>
        </p>
      )}
      {problem.value && (page === 'overview' || page === 'evidence' || page === 'model') && (
        <p class="banner" role="alert">
          The question cannot be answered: {problem.value}{' '}
          <button onClick={resetAll}>Take all changes back</button>
        </p>
      )}
      {notices.value.map((notice, i) => (
        <p class="banner" role="status" key={notice}>
          {notice} <button onClick={() => (notices.value = notices.value.filter((_, k) => k !== i))}>Dismiss</button>
        </p>
      ))}
      {run.value?.warnings.map((warning) => (
        <p class="banner" key={warning}>{warning}</p>
      ))}
      <main id="main" tabIndex={-1}>
        <Shown page={page} />
      </main>
      <footer class="small muted">
        <span>{m.title}</span>
        <span>model {m.hash}</span>
        {!m.static && <span>{moment(m.start, m.calendar)} to {moment(m.end, m.calendar)}</span>}
        {run.value && <span>seed {run.value.seed}</span>}
        <span>conditional on the assumptions shown</span>
      </footer>
      <NumberCard />
      {help.value && <Help close={() => (help.value = false)} />}
    </>
  )
}

render(<App />, document.getElementById('app')!)
void start()
