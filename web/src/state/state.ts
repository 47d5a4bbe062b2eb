// What the page knows: signals, and the few functions that change them.

import { batch, computed, effect, signal } from '@preact/signals'
import { fetchFirstPart, fetchModel, fetchReach, listen, Runner, takeToken } from '../api/client'
import type { Change, FirstPart, Input, Model, Question, Run } from '../api/types'
import type { Reach } from '../order'
import { readStill, toPage } from '../still'
import { decode, emptyView, encode, type Page, type View } from './url'

export const model = signal<Model | null>(null)
const firstPart = signal<FirstPart | null>(null)
// What the frame and the overview need to know of the model: there before all of it is.
export const first = computed<FirstPart | null>(() => model.value ?? firstPart.value)
export const reach = signal<Reach>(new Map())
export const editable = signal(false)
export const still = signal('') // the day on which this page was frozen; '' when it is live
export const failure = signal('') // the model cannot be had at all
export const view = signal<View>(emptyView)
export const notices = signal<string[]>([])
export const run = signal<Run | null>(null)
// The settled answer from before the present drag, drawn as a ghost.
export const ghost = signal<Run | null>(null)
export const dragging = signal(false)
export const working = signal(false)
export const gone = signal(false)
export const problem = signal('') // the last question could not be answered
export const broken = signal('') // the model's files have errors; the last good model is in use
// Whether the claims beside the charts can be seen: answering them takes three times as long as
// the charts of the race model alone.
export const claimsSeen = signal(false)
export const reader = signal<number | null>(null) // a time pointed at
export const theme = signal(localStorage.getItem('headrace-theme') ?? '')

const shares = computed(
  () => new Set(model.value?.inputs.filter((i) => i.shift === 'share').map((i) => i.name) ?? []),
)
export const link = computed(() => encode(view.value, shares.value))

// ---------------------------------------------------------------- undo: assumptions only

interface Assumptions {
  scenarios: string[]
  changes: Change[]
}
const past = signal<Assumptions[]>([])
const future = signal<Assumptions[]>([])
export const canUndo = computed(() => past.value.length > 0)
export const canRedo = computed(() => future.value.length > 0)
let committed: Assumptions = { scenarios: [], changes: [] }

const assumptions = (): Assumptions => ({
  scenarios: view.value.scenarios,
  changes: view.value.changes,
})
const same = (a: Assumptions, b: Assumptions) => JSON.stringify(a) === JSON.stringify(b)

// The end of a drag, a click: the step that undo takes back.
export function commit(): void {
  const now = assumptions()
  batch(() => {
    dragging.value = false
    if (same(now, committed)) return
    past.value = [...past.value.slice(-199), committed]
    future.value = []
    committed = now
  })
  push()
}

function restore(to: Assumptions): void {
  committed = to
  view.value = { ...view.value, ...to }
  push()
}
export function undo(): void {
  if (still.value) return
  const last = past.value.at(-1)
  if (!last) return
  batch(() => {
    future.value = [...future.value, committed]
    past.value = past.value.slice(0, -1)
    restore(last)
  })
}
export function redo(): void {
  if (still.value) return
  const next = future.value.at(-1)
  if (!next) return
  batch(() => {
    past.value = [...past.value, committed]
    future.value = future.value.slice(0, -1)
    restore(next)
  })
}

// ---------------------------------------------------------------- changes

export const findInput = (name: string): Input | undefined =>
  model.value?.inputs.find((input) => input.name === name)
export const changeOf = (name: string) => view.value.changes.find((c) => c.input === name)

// Whether a change leaves everything as it is.
function isNothing(change: Change): boolean {
  if (change.mode !== 'shift') return false
  return findInput(change.input)?.shift === 'share' ? change.value === 0 : change.value === 1
}

// During a drag; `commit` ends it.
export function setChange(change: Change): void {
  if (still.value) return
  if (!dragging.value) {
    ghost.value = run.value
    dragging.value = true
  }
  const rest = view.value.changes.filter((c) => c.input !== change.input)
  view.value = { ...view.value, changes: isNothing(change) ? rest : [...rest, change] }
}
export function resetChange(name: string): void {
  if (still.value) return
  view.value = { ...view.value, changes: view.value.changes.filter((c) => c.input !== name) }
  commit()
}
export function resetAll(): void {
  if (still.value) return
  view.value = { ...view.value, changes: [], scenarios: [] }
  commit()
}
export function setScenarios(scenarios: string[]): void {
  ghost.value = run.value
  view.value = { ...view.value, scenarios }
  commit()
}

// ---------------------------------------------------------------- the view and its address

export function show(part: Partial<View>): void {
  view.value = { ...view.value, ...part }
  push()
}
export function go(page: Page, part: Partial<View> = {}): void {
  show({ ...part, page })
  window.scrollTo(0, 0)
}

let writing = false
function push(): void {
  if (location.hash === link.value) return
  writing = true
  history.pushState(null, '', link.value)
  writing = false
}

export function moments(): { start: number; end: number } {
  return { start: model.value?.start ?? 0, end: model.value?.end ?? 1 }
}
export const year = computed(() => {
  const { start, end } = moments()
  return Math.min(end, Math.max(start, view.value.year ?? end))
})

// The outputs on screen: those of the link, else the model's first. The same array as long as they
// are the same, so that a move of a slider is no news to what lists them.
const usual = computed(() => model.value?.headline.slice(0, 4) ?? [])
export const outputs = computed(() => (view.value.outputs.length ? view.value.outputs : usual.value))

function read(): void {
  const { view: next, notices: found } = decode(location.hash)
  const m = model.value
  if (m) {
    const inputs = new Set([...m.inputs.map((i) => i.name), ...m.choices.map((c) => c.name)])
    const scenarios = new Set(m.scenarios.map((s) => s.name))
    const quantities = new Set(m.variables.flatMap((v) => [v.name, ...v.elements]))
    const keep = (names: string[], known: Set<string>, what: string) =>
      names.filter((name) => {
        if (!known.has(name)) found.push(`This model has no ${what} “${name}”; the link's part is left out.`)
        return known.has(name)
      })
    next.scenarios = keep(next.scenarios, scenarios, 'scenario')
    next.compared = next.compared.filter((name) => scenarios.has(name))
    next.outputs = keep(next.outputs, quantities, 'quantity')
    const questions = new Set([...m.claims.map((c) => c.id), ...m.measures.map((x) => x.name)])
    next.learn = keep(next.learn, questions, 'claim or measure')
    next.changes = next.changes.filter((change) => {
      if (!inputs.has(change.input)) found.push(`This model has no input “${change.input}”; its change is left out.`)
      return inputs.has(change.input)
    })
    if (next.model && next.model !== m.hash) {
      found.push(`The link was made with model ${next.model}; this is ${m.hash}. Defaults may have changed.`)
    }
    next.model = m.hash
    // Frozen numbers answer one question only.
    const asked = still.value ? run.value?.asked : undefined
    if (asked) next.scenarios = asked.scenarios
    if (asked) next.changes = asked.changes
  }
  batch(() => {
    view.value = next
    if (found.length) notices.value = found
    committed = assumptions()
  })
}

// ---------------------------------------------------------------- runs

export function question(names: string[], answers: boolean): Question {
  return { ...assumptions(), outputs: names, answers }
}

const runner = new Runner({
  answered(answer, asked) {
    batch(() => {
      run.value = { ...answer, asked }
      working.value = !answer.settled
      gone.value = false
      problem.value = ''
    })
  },
  failed(message) {
    batch(() => {
      problem.value = message
      working.value = false
    })
  },
  gone() {
    batch(() => {
      gone.value = true
      working.value = false
    })
    // Edits are kept here; the newest goes out as soon as the engine is back.
    setTimeout(ask, 1500)
  },
  waiting() {
    working.value = true
  },
})

// What the overview charts: nothing beside claims. The server has this answer ready (Site::warm_up).
const firstShown = (m: Model) => (m.claims.length ? [] : m.headline)

// What the page on screen needs. Equal wishes are asked once.
const wanted = computed(() => {
  if (!model.value) return ''
  const page = view.value.page
  if (page === 'scenarios' || page === 'chips' || page === 'monitor') return ''
  const names =
    page === 'explore'
      ? outputs.value
      : page === 'evidence'
        ? [...new Set(model.value.observations.flatMap((o) => (o.series ? [o.series] : [])))].slice(0, 24)
        : page === 'model'
          ? [...new Set([...model.value.variables.filter((v) => v.kind === 'stock').map((v) => v.elements[0] ?? v.name)])].slice(0, 24)
          : firstShown(model.value)
  return JSON.stringify(question(names, page === 'overview' || (page === 'explore' && claimsSeen.value)))
})
// The overview's question needs no word of the model where that has claims, so it goes out with the
// question for the model's first part; the rest of the model waits until the answer is on screen.
let early = ''
async function askEarly(): Promise<void> {
  const { page, scenarios, changes } = decode(location.hash).view
  if (page !== 'overview' || scenarios.length || changes.length) return
  early = JSON.stringify(question([], true))
  runner.ask(JSON.parse(early))
  firstPart.value = await fetchFirstPart()
  document.title = windowTitle(firstPart.value)
  if (firstPart.value.claims.length) await firstNumbers()
}
// Resolves when the first answer is painted, or does not come soon.
function firstNumbers(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, 500)
    const stop = effect(() => {
      if (run.value) requestAnimationFrame(() => setTimeout(done))
    })
    setTimeout(stop, 500)
  })
}
const windowTitle = (m: FirstPart) => `${m.title} · Headrace`
function ask(): void {
  if (still.value || !wanted.value) return
  const asked = wanted.value === early
  early = ''
  if (!asked) runner.ask(JSON.parse(wanted.value))
}

// The lists stay as they are where the engine does not say what comes first.
function askReach(): void {
  fetchReach().then((found) => (reach.value = found), () => {})
}

// Reads the address, now and whenever it changes.
function follow(): void {
  read()
  history.replaceState(null, '', link.value)
  window.addEventListener('popstate', () => {
    if (!writing && location.hash !== link.value) read()
  })
  window.addEventListener('hashchange', () => {
    if (location.hash !== link.value) read()
  })
}

// The page as it is, in one file.
export function frozen(): Promise<string> {
  const m = model.value!
  const observed = m.observations.flatMap((o) => (o.series ? [o.series] : []))
  const names = [...new Set([...outputs.value, ...m.headline, ...observed])]
  return toPage(m, question([], true), names, link.value)
}

export async function start(): Promise<void> {
  const saved = readStill()
  if (saved) {
    batch(() => {
      still.value = saved.made
      model.value = saved.model
      run.value = saved.run
    })
    document.title = windowTitle(saved.model)
    if (!location.hash) history.replaceState(null, '', saved.link)
    follow()
    return
  }
  takeToken()
  try {
    await askEarly()
    const { model: found, editable: mayEdit } = await fetchModel()
    model.value = found
    editable.value = mayEdit
    document.title = windowTitle(found)
    askReach()
  } catch (error) {
    failure.value = error instanceof Error ? error.message : String(error)
    return
  }
  follow()
  effect(ask)
  listen({
    async changed() {
      const { model: found } = await fetchModel()
      const before = new Map(model.value?.inputs.map((i) => [i.name, i.family]))
      const different = found.inputs.filter((i) => before.has(i.name) && before.get(i.name) !== i.family)
      batch(() => {
        model.value = found
        broken.value = ''
        notices.value = [
          `The model was read again${different.length ? `; changed: ${different.map((i) => i.name).join(', ')}` : ''}.`,
        ]
        view.value = { ...view.value, model: found.hash }
      })
      ask()
      askReach()
    },
    broken(message) {
      broken.value = message
    },
    back() {
      if (gone.value) ask()
    },
    lost() {},
  })
}

// The settled answer to what is on screen: at once, or when it comes. Without an engine, what there
// is.
export function whenSettled(): Promise<Run | null> {
  return new Promise((done) => {
    const stop = effect(() => {
      const answer = run.value
      const settled = answer?.settled && !working.value && !dragging.value
      if (!settled && !gone.value && !problem.value) return
      queueMicrotask(() => stop())
      done(answer)
    })
  })
}

export const retry = ask
export function setTheme(next: string): void {
  theme.value = next
  if (next) localStorage.setItem('headrace-theme', next)
  else localStorage.removeItem('headrace-theme')
}
effect(() => {
  if (theme.value) document.documentElement.dataset.theme = theme.value
  else delete document.documentElement.dataset.theme
})
