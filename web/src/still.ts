// The page as one file with its numbers frozen: it opens from disk, asks nothing of any network,
// and its policy would not let it.

import { strFromU8, strToU8, unzlibSync, zlibSync } from 'fflate'
import { runOnce } from './api/client'
import { stats, type Bands, type Model, type Question, type Run } from './api/types'

export interface Still {
  model: Model
  run: Run
  link: string // what was on screen
  made: string // the day
}

const id = 'headrace-still'

// Five digits are more than a chart shows; what is not finite travels as a word.
const spell = (_: string, value: unknown): unknown => {
  if (value instanceof Float32Array) return Array.from(value, (v) => (Number.isFinite(v) ? Number(v.toPrecision(5)) : v > 0 ? 'inf' : v < 0 ? '-inf' : null))
  return value
}
const number = (v: number | string | null) => (v === null ? NaN : v === 'inf' ? Infinity : v === '-inf' ? -Infinity : Number(v))
const row = (values: (number | string | null)[]) => Float32Array.from(values, number)

export function pack(still: Still): string {
  let bytes = ''
  for (const byte of zlibSync(strToU8(JSON.stringify(still, spell)), { level: 9 })) bytes += String.fromCharCode(byte)
  return btoa(bytes)
}

export function unpack(text: string): Still {
  const still = JSON.parse(strFromU8(unzlibSync(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))))) as Still
  const run = still.run
  run.times = row(run.times as unknown as number[])
  for (const output of run.outputs) {
    output.bands = Object.fromEntries(stats.map((s) => [s, row(output.bands[s] as unknown as number[])])) as unknown as Bands
  }
  for (const answer of run.claims) {
    if (answer.shape) answer.shape.bins = row(answer.shape.bins as unknown as number[])
  }
  return still
}

// What this document froze, if it did.
export function readStill(): Still | null {
  const element = document.getElementById(id)
  return element?.textContent ? unpack(element.textContent) : null
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}

const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')

async function fetched(path: string): Promise<string> {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.text()
}

// `outputs` are charted; the texts and the controls of the model stay behind.
export async function toPage(model: Model, question: Question, outputs: string[], link: string): Promise<string> {
  const script = document.querySelector<HTMLScriptElement>('script[type=module][src]')
  const sheet = document.querySelector<HTMLLinkElement>('link[rel=stylesheet]')
  if (!script || !sheet) throw new Error('this page is not the built one')
  const asked: Question = { ...question, outputs: outputs.slice(0, 24), answers: true }
  const [code, style, run] = await Promise.all([
    fetched(script.src),
    fetched(sheet.href),
    runOnce(asked, 100_000).then((answer) => ({ ...answer, asked })),
  ])
  const kept: Model = {
    ...model,
    files: [],
    inputs: model.inputs.map((input) => ({ ...input, shape: null })),
  }
  const data = pack({ model: kept, run, link, made: new Date().toISOString().slice(0, 10) })
  const body = `\n${code.replace(/<\/script/g, '<\\/script')}\n`
  const policy = `default-src 'none'; script-src 'sha256-${await sha256(body)}'; style-src 'unsafe-inline'; img-src data: blob:`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(model.title)}</title>
<link rel="icon" href="data:,">
<style>${style.replace(/<\/style/g, '<\\/style')}</style>
</head>
<body>
<div id="app"></div>
<script type="application/octet-stream" id="${id}">${data}</script>
<script type="module">${body}</script>
</body>
</html>
`
}
