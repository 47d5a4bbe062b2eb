// The machine: how the parts hang together, each equation, the text itself.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { diagnose, save } from '../api/client'
import type { Diagnostic, ModelFile, Variable } from '../api/types'
import { counted, plain, unitOf } from '../format'
import { statements, tokens, words } from '../highlight'
import type { Editor as CodeEditor } from './codemirror'
import { broken, editable, go, model, run, show, still, view } from '../state/state'
import { Sketch } from './sketch'
import { Table } from './table'

type Tab = 'map' | 'table' | 'text'

function Spark({ name }: { name: string }) {
  const output = run.value?.outputs.find((o) => o.name === name || o.name.startsWith(`${name}[`))
  if (!output) return null
  const { p10, p50, p90 } = output.bands
  let low = Infinity
  let high = -Infinity
  for (const row of [p10, p50, p90]) {
    for (const v of row) {
      if (!Number.isFinite(v)) continue
      low = Math.min(low, v)
      high = Math.max(high, v)
    }
  }
  if (!(high > low)) return null
  const n = p50.length
  const x = (i: number) => (1 + (i / Math.max(1, n - 1)) * 86).toFixed(1)
  const y = (v: number) => (21 - ((v - low) / (high - low)) * 19).toFixed(1)
  const points = (row: ArrayLike<number>) => Array.from({ length: n }, (_, i) => `${x(i)},${y(row[i]!)}`)
  return (
    <svg class="spark" width="88" height="23" aria-hidden="true">
      <polygon class="band b80" points={[...points(p10), ...points(p90).reverse()].join(' ')} />
      <polyline class="median" points={points(p50).join(' ')} />
    </svg>
  )
}

const title = (v: Variable) => v.title || v.doc?.split('\n')[0]?.replace(/\.$/, '') || ''

function Node(props: { name: string; role?: string }) {
  const v = model.value!.variables.find((x) => x.name === props.name)
  if (!v) return null
  return (
    <button class={`node ${v.kind}${props.role ? ` ${props.role}` : ''}`} onClick={() => show({ focus: v.name })} title={title(v)}>
      <span>{plain(v.name)}</span>
      <Spark name={v.name} />
    </button>
  )
}

const kinds: Record<Variable['kind'], string> = {
  stock: 'stock',
  flow: 'flow',
  let: 'quantity',
  param: 'input',
  data: 'data',
}

// One quantity in the middle, what it depends on to the left, what depends on it to the right.
function Neighbours({ focus }: { focus: Variable }) {
  const m = model.value!
  const before = [...new Set([...(focus.in ?? []), ...(focus.out ?? []), ...focus.uses])].filter((n) => n !== focus.name)
  const after = m.variables.filter((v) => v.uses.includes(focus.name) && v.name !== focus.name).map((v) => v.name)
  const input = m.inputs.filter((i) => i.variable === focus.name)
  const named = title(focus) !== focus.name || focus.dims.length > 0
  return (
    <div class="neighbours">
      <div class="side">
        <h3>Depends on <span class="count">{before.length}</span></h3>
        {before.map((name) => <Node key={name} name={name} />)}
        {before.length === 0 && <p class="muted small">nothing in the model</p>}
      </div>
      <div class="arrow" aria-hidden="true">→</div>
      <article class="card focus">
        <p class="tag">{kinds[focus.kind]}</p>
        <h2>{title(focus) || plain(focus.name)}</h2>
        <p class="muted">
          {named && <code>{focus.name}{focus.dims.length ? `[${focus.dims.join(', ')}]` : ''}</code>}
          {named && unitOf(focus.unit) && ' · '}
          {unitOf(focus.unit) && focus.unit}
        </p>
        <Spark name={focus.name} />
        <Equation variable={focus} />
        {input.slice(0, 6).map((i) => (
          <p key={i.name} class="small">
            {input.length > 1 && <code>{i.name} </code>}
            {i.family}
          </p>
        ))}
        {focus.doc && focus.doc !== title(focus) && <p>{focus.doc}</p>}
        {focus.note && <p class="small muted">{focus.note}</p>}
        {focus.assumed && <p class="small">assumed: {focus.assumed}</p>}
        <p class="actions">
          {focus.kind !== 'param' && (
            <button class="link" onClick={() => go('explore', { outputs: [focus.elements[0] ?? focus.name] })}>
              Explore
            </button>
          )}
          {focus.sources[0] && (
            <button class="link" onClick={() => go('evidence', { focus: focus.sources[0]! })}>
              {focus.sources.length === 1 ? '1 source' : `${focus.sources.length} sources`}
            </button>
          )}
          {focus.file && <span class="muted small">{focus.file.split('/').pop()}:{focus.line}</span>}
        </p>
      </article>
      <div class="arrow" aria-hidden="true">→</div>
      <div class="side">
        <h3>Used by <span class="count">{after.length}</span></h3>
        {after.map((name) => <Node key={name} name={name} />)}
        {after.length === 0 && <p class="muted small">measures and claims only</p>}
      </div>
    </div>
  )
}

// MathML that the engine wrote from the syntax tree; it escapes every name.
export function Equation({ variable }: { variable: Variable }) {
  if (variable.mathml) return <div class="math" tabIndex={0} role="region" aria-label="Equation" dangerouslySetInnerHTML={{ __html: variable.mathml }} />
  if (variable.equation) return <pre class="eq" tabIndex={0}>{variable.equation}</pre>
  return null
}

function Stocks() {
  const m = model.value!
  const stocks = m.variables.filter((v) => v.kind === 'stock')
  if (!stocks.length) return null
  return (
    <section>
      <h2>Stocks and their flows <span class="count">{stocks.length}</span></h2>
      <div class="stocks">
        {stocks.map((stock) => (
          <div class={stock.in?.length || stock.out?.length ? 'stock-row' : 'stock-row alone'} key={stock.name}>
            <div class="flows in">{(stock.in ?? []).map((name) => <Node key={name} name={name} />)}</div>
            <span class="pipe" aria-hidden="true">{stock.in?.length ? '⇒' : ''}</span>
            <Node name={stock.name} role="big" />
            <span class="pipe" aria-hidden="true">{stock.out?.length ? '⇒' : ''}</span>
            <div class="flows">{(stock.out ?? []).map((name) => <Node key={name} name={name} />)}</div>
          </div>
        ))}
      </div>
    </section>
  )
}

function Variables() {
  const m = model.value!
  const find = useSignal('')
  const word = find.value.toLowerCase()
  const rows = m.variables.filter((v) => !word || `${v.name} ${v.title ?? ''} ${v.equation ?? ''} ${kinds[v.kind]}`.toLowerCase().includes(word))
  return (
    <>
      <div class="toolbar">
        <input type="search" id="find" placeholder="find a variable…" aria-label="Find a variable" value={find.value} onInput={(e) => (find.value = e.currentTarget.value)} />
        <span class="muted small">{rows.length} of {m.variables.length}</span>
      </div>
      <Table label="Variables" heads={[['Name'], ['Kind'], ['Unit'], ['Equation'], ['Says who']]} class="wide variables">
        {rows.slice(0, 400).map((v) => (
          <tr key={v.name}>
            <th scope="row">
              <button class="link" onClick={() => show({ focus: v.name, rest: view.value.rest.filter(([k]) => k !== 'tab') })}>
                {v.name}
              </button>
              {title(v) && title(v) !== v.name && <span class="sub">{title(v)}</span>}
            </th>
            <td>{kinds[v.kind]}</td>
            <td>{unitOf(v.unit)}</td>
            <td>
              <Equation variable={v} />
            </td>
            <td class="small">
              {v.sources.slice(0, 3).join(', ') || (v.assumed !== undefined ? 'assumed' : '')}
              {v.sources.length > 3 ? ` +${v.sources.length - 3}` : ''}
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

function Paint({ text }: { text: string }) {
  return (
    <code>
      {tokens(text).map((t, i) => (t.kind === 'plain' ? t.text : <span key={i} class={`t-${t.kind}`}>{t.text}</span>))}
    </code>
  )
}

const draftKey = (name: string) => `headrace-draft ${model.value!.name} ${name}`

function ReadOnly({ file }: { file: ModelFile }) {
  const lines = file.text.split('\n')
  return (
    <div class="code card" tabIndex={0} role="region" aria-label={`Text of ${file.name}, lines`}>
      <pre class="gutter" aria-hidden="true">{lines.map((_, i) => `${i + 1}\n`).join('')}</pre>
      <pre>
        {file.language === 'hr' ? <Paint text={file.text + '\n'} /> : <code>{file.text + '\n'}</code>}
      </pre>
    </div>
  )
}

function Editor({ file }: { file: ModelFile }) {
  const text = useSignal(sessionStorage.getItem(draftKey(file.name)) ?? file.text)
  const found = useSignal<Diagnostic[]>([])
  const state = useSignal('')
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor | null>(null)
  const dirty = text.value !== file.text
  const write = () => {
    state.value = 'saving…'
    save([{ name: file.name, text: text.peek() }]).then(
      (answer) => (state.value = answer.error ? 'saved; it has errors, the last good model is in use' : 'saved'),
      (reason: Error) => (state.value = `not saved: ${reason.message}`),
    )
  }
  useEffect(() => {
    let live = true
    const m = model.value!
    const names = [...new Set([...m.variables.map((v) => v.name), ...statements, ...words, ...m.sources.map((s) => `@${s.id}`)])]
    import('./codemirror').then(
      ({ createEditor }) => {
        if (!live || !place.current) return
        editor.current = createEditor(place.current, {
          text: text.peek(),
          label: `Text of ${file.name}`,
          names,
          changed: (next) => {
            text.value = next
            state.value = ''
          },
          save: write,
        })
        editor.current.show(found.peek())
      },
      (reason: Error) => (state.value = `the editor cannot be loaded: ${reason.message}`),
    )
    return () => {
      live = false
      editor.current?.destroy()
      editor.current = null
    }
  }, [])
  useEffect(() => {
    // A draft outlives the server and a reload of the page.
    if (dirty) sessionStorage.setItem(draftKey(file.name), text.value)
    else sessionStorage.removeItem(draftKey(file.name))
    editor.current?.setText(text.value)
    const timer = setTimeout(() => {
      diagnose([{ name: file.name, text: text.value }]).then(
        (answer) => {
          found.value = answer.diagnostics
          editor.current?.show(answer.diagnostics.filter((d) => d.file === file.name))
        },
        (reason: Error) => (state.value = `not checked: ${reason.message}; the draft is kept here`),
      )
    }, 250)
    return () => clearTimeout(timer)
  }, [text.value, file.text])
  const errors = found.value.filter((d) => d.severity === 'error').length
  const tally = errors ? `${errors} ${errors === 1 ? 'error' : 'errors'}` : found.value.length ? `${found.value.length} warnings` : dirty ? 'no error found' : 'as on disk'
  return (
    <>
      <div class="editor card" ref={place} />
      <div class="toolbar" role="status">
        <button class="primary" disabled={!dirty} onClick={write} title="Ctrl+S">
          Save
        </button>
        <button disabled={!dirty} onClick={() => (text.value = file.text)}>
          Back to the file
        </button>
        <span class="small">{state.value || tally}</span>
      </div>
      {found.value.length > 0 && (
        <ul class="found">
          {found.value.slice(0, 50).map((d, i) => (
            <li key={i} class={d.severity}>
              <button class="link" onClick={() => d.file === file.name && d.from !== undefined && editor.current?.jump(d.from, d.to ?? d.from)}>
                {d.file?.split('/').pop()}:{d.line}:{d.column}
              </button>{' '}
              <strong>{d.severity}</strong> {d.message}
              {d.hint && <span class="sub">{d.hint}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Text() {
  const m = model.value!
  const chosen = useSignal(m.files[0]?.name ?? '')
  const file = m.files.find((f) => f.name === chosen.value) ?? m.files[0]
  if (!file) return <p class="muted">{still.value ? 'The text of the model is not part of this file.' : 'The text of this model is too long to show here.'}</p>
  return (
    <>
      <div class="toolbar">
        <label>
          File{' '}
          <select value={file.name} onChange={(e) => (chosen.value = e.currentTarget.value)}>
            {m.files.map((f) => (
              <option key={f.name} value={f.name}>
                {f.name.split('/').pop()}
              </option>
            ))}
          </select>
        </label>
        {file.language !== 'hr' ? (
          <span class="small muted">a file of another tool, read-only; headrace import writes it as model text</span>
        ) : (
          !editable.value && <span class="small muted">read-only; headrace serve --edit allows changes</span>
        )}
      </div>
      {editable.value && file.language === 'hr' ? <Editor key={file.name} file={file} /> : <ReadOnly key={file.name} file={file} />}
    </>
  )
}

export function ModelPage() {
  const m = model.value!
  const tab = (view.value.rest.find(([key]) => key === 'tab')?.[1] ?? 'map') as Tab
  const setTab = (next: Tab) =>
    show({ rest: [...view.value.rest.filter(([key]) => key !== 'tab'), ...(next === 'map' ? [] : ([['tab', next]] as [string, string][]))] })
  const focus = m.variables.find((v) => v.name === view.value.focus) ??
    m.variables.find((v) => v.name === m.headline[0]?.replace(/\[.*$/, '')) ?? m.variables[0]
  return (
    <>
      <header class="intro">
        <h1>Model</h1>
        <p class="lead">
          {counted(m.variables.filter((v) => v.kind === 'stock').length, 'stock')}, {counted(m.variables.filter((v) => v.kind === 'flow').length, 'flow')},{' '}
          {counted(m.inputs.length, 'uncertain input')}, {counted(m.variables.length, 'variable')} in all.
        </p>
      </header>
      {broken.value && <pre class="card warn" role="alert">{broken.value}{'\n'}The last good model is still in use.</pre>}
      <div class="tabs" role="group" aria-label="View of the model">
        {(['map', 'table', 'text'] as Tab[]).map((each) => (
          <button key={each} aria-pressed={tab === each} class={tab === each ? 'on' : ''} onClick={() => setTab(each)}>
            {each === 'map' ? 'Diagram' : each === 'table' ? 'Equations' : 'Text'}
          </button>
        ))}
      </div>
      {tab === 'map' && (
        <>
          {focus && <Neighbours focus={focus} />}
          {focus && <Sketch focus={focus.name} />}
          <Stocks />
        </>
      )}
      {tab === 'table' && <Variables />}
      {tab === 'text' && <Text />}
    </>
  )
}
