// Talks to the server. One simulation in flight; while its first answer is awaited only the newest
// wish is kept.

import { frames, toRun, type Frame } from './frame'
import type { Catalogue, Diagnostic, FirstPart, Law, Model, ModelFile, Question, Ruling, Run, TableAnswer, WatchAnswer } from './types'

const tokenKey = 'headrace-token'

// The secret comes with the address that the server printed; it is kept for this tab alone.
export function takeToken(): void {
  const match = /^#token=([0-9A-Za-z_-]+)/.exec(location.hash)
  if (!match) return
  sessionStorage.setItem(tokenKey, match[1]!)
  history.replaceState(null, '', location.pathname + '#/overview')
}

const token = () => sessionStorage.getItem(tokenKey) ?? ''

function headers(): Record<string, string> {
  const secret = token()
  return secret ? { Authorization: `Bearer ${secret}` } : {}
}

export class Refused extends Error {}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response
  let message = `${response.status} ${response.statusText}`
  try {
    message = (await response.json()).error ?? message
  } catch {
    // not JSON: the status will do
  }
  throw new Refused(message)
}

export async function fetchFirstPart(): Promise<FirstPart> {
  return (await checked(await fetch('/api/model/first', { headers: headers() }))).json()
}

export async function fetchModel(): Promise<{ model: Model; editable: boolean }> {
  const response = await checked(await fetch('/api/model', { headers: headers() }))
  return { model: await response.json(), editable: response.headers.get('X-Headrace-Edit') === 'yes' }
}

// How far each input and constant moves the first charts, as a share of them.
export async function fetchReach(): Promise<Map<string, number>> {
  const response = await checked(await fetch('/api/reach', { headers: headers() }))
  return new Map(Object.entries<number>(await response.json()))
}

async function stream(path: string, body: unknown, signal?: AbortSignal) {
  const response = await checked(
    await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers() },
      body: JSON.stringify(body),
      signal: signal ?? null,
    }),
  )
  return frames(response.body!)
}

// Each tab is a view of its own: the server drops its older wishes, never those of others.
const view = Math.random().toString(36).slice(2)

export interface Listener {
  answered(run: Run, question: Question): void
  failed(message: string): void
  gone(): void
  waiting(): void
}

export class Runner {
  private sequence = 0
  private shown = 0
  private wish: Question | null = null
  private awaiting = false
  private controller: AbortController | null = null

  constructor(private listener: Listener) {}

  ask(question: Question): void {
    this.wish = question
    if (!this.awaiting) void this.next()
  }

  private async next(): Promise<void> {
    const question = this.wish
    if (!question) return
    this.wish = null
    this.controller?.abort()
    const controller = new AbortController()
    this.controller = controller
    this.awaiting = true
    const sequence = ++this.sequence
    this.listener.waiting()
    try {
      const answers = await stream('/api/run', { ...question, sequence, view }, controller.signal)
      for await (const frame of answers) {
        if (frame.sequence < this.shown) continue
        this.shown = frame.sequence
        this.awaiting = false
        if (frame.kind === 'error') this.listener.failed(frame.directory.error)
        else if (frame.kind !== 'superseded') this.listener.answered(toRun(frame), question)
        if (this.wish) return void this.next()
      }
    } catch (error) {
      if (controller.signal.aborted && this.controller !== controller) return
      this.awaiting = false
      if (error instanceof Refused) this.listener.failed(error.message)
      else this.listener.gone()
    }
    this.awaiting = false
    if (this.wish) void this.next()
  }
}

// One run of its own, beside the one on screen.
export async function runOnce(question: Question, draws: number): Promise<Run> {
  const answers = await stream('/api/run', { ...question, draws, preview: false, view: `${view} once` })
  for await (const frame of answers) {
    if (frame.kind === 'error') throw new Refused(frame.directory.error)
    if (frame.kind === 'settled' || frame.kind === 'preview') return toRun(frame)
  }
  throw new Refused('the answer was overtaken')
}

// The one frame of a thorough question; a newer one of the same kind replaces it.
const inFlight = new Map<string, AbortController>()
async function one(path: string, body: object): Promise<Frame | null> {
  inFlight.get(path)?.abort()
  const controller = new AbortController()
  inFlight.set(path, controller)
  try {
    for await (const frame of await stream(path, { ...body, view }, controller.signal)) {
      if (frame.kind === 'error') throw new Refused(frame.directory.error)
      return frame.kind === 'settled' ? frame : null
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error
  }
  return null
}

export const compare = (versions: Question[], output: string) =>
  one('/api/compare', { versions, output })
export const explain = (question: Question, time: number) =>
  one('/api/explain', { ...question, time })

export async function diagnose(
  files: Pick<ModelFile, 'name' | 'text'>[],
): Promise<{ good: boolean; diagnostics: Diagnostic[] }> {
  const response = await checked(
    await fetch('/api/diagnostics', { method: 'POST', headers: headers(), body: JSON.stringify({ files }) }),
  )
  return response.json()
}

export async function save(files: Pick<ModelFile, 'name' | 'text'>[]): Promise<{ error: string }> {
  const response = await checked(
    await fetch('/api/files', { method: 'PUT', headers: headers(), body: JSON.stringify({ files }) }),
  )
  return response.json()
}

// ---------------------------------------------------------------- law

export async function fetchLaw(): Promise<Law> {
  return (await checked(await fetch('/api/law', { headers: headers() }))).json()
}

// The newest question of its kind is answered; null for one that was overtaken.
async function put<T>(path: string, body: object): Promise<T | null> {
  inFlight.get(path)?.abort()
  const controller = new AbortController()
  inFlight.set(path, controller)
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers() },
      body: JSON.stringify(body),
      signal: controller.signal,
    })
    return (await checked(response)).json()
  } catch (error) {
    if (controller.signal.aborted) return null
    throw error
  }
}

export type Facts = Record<string, string>
export const classify = (facts: Facts) => put<Ruling>('/api/classify', { facts })
export const catalogue = (facts: Facts) => put<Catalogue>('/api/catalogue', { facts })
export const classifyTable = (text: string) => put<TableAnswer>('/api/classify/table', { text })

// ---------------------------------------------------------------- what to watch

export interface Watching {
  scenarios: string[]
  changes: Question['changes']
  learn: string[]
  decide: string
  log: string[]
  as_of: string
  focus: string
}
export const watch = (asked: Watching) => put<WatchAnswer>('/api/watch', { ...asked, view })
// The same as a table or a calendar.
export async function watchFile(asked: Watching, format: 'csv' | 'ics'): Promise<Blob> {
  const response = await fetch('/api/watch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers() },
    body: JSON.stringify({ ...asked, format, view }),
  })
  return (await checked(response)).blob()
}

export interface News {
  changed(): void
  broken(message: string): void
  back(): void
  lost(): void
}

// One stream of news for all tabs of this browser would be thriftier; six tabs are its limit, so
// a tab listens only while it is seen.
export function listen(news: News): void {
  let source: EventSource | null = null
  let known = ''
  const open = () => {
    if (source || document.hidden) return
    const secret = token()
    source = new EventSource('/api/events' + (secret ? `?token=${secret}` : ''))
    source.addEventListener('hello', (event) => {
      const { hash, error } = JSON.parse((event as MessageEvent).data)
      if (known && hash !== known) news.changed()
      known = hash
      news.back()
      if (error) news.broken(error)
    })
    source.addEventListener('model-changed', (event) => {
      known = JSON.parse((event as MessageEvent).data).hash
      news.changed()
    })
    source.addEventListener('model-error', (event) =>
      news.broken(JSON.parse((event as MessageEvent).data).error),
    )
    source.onerror = () => news.lost()
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      source?.close()
      source = null
    } else open()
  })
  open()
}
