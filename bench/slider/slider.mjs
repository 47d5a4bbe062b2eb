// How long a move of a slider takes until its preview is on screen, and a release until the settled
// answer is: node bench/slider/slider.mjs HEADRACE MODEL [CHROMIUM]. With 50 clients that drag at
// once for SECONDS: node bench/slider/slider.mjs HEADRACE MODEL --clients SECONDS.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [headrace, model, third, fourth] = process.argv.slice(2)

const child = spawn(headrace, ['serve', model, '--port', '0', '--json', '--quiet'], { stdio: ['ignore', 'pipe', 'inherit'] })
const { address } = await new Promise((done, fail) => {
  let text = ''
  child.stdout.on('data', (data) => {
    text += data
    if (text.includes('\n')) done(JSON.parse(text))
  })
  child.on('exit', (code) => fail(new Error(`headrace serve ended with ${code}`)))
})
const quantile = (values, p) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * p)]
const report = (name, values) =>
  console.log(`${name.padEnd(36)} p50 ${quantile(values, 0.5).toFixed(1)} ms   p95 ${quantile(values, 0.95).toFixed(1)} ms   n ${values.length}`)

async function drag() {
  const require = createRequire(new URL('../../web/package.json', import.meta.url))
  const { chromium } = require('playwright-core')
  const browser = await chromium.launch({ executablePath: third ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 } })
  const start = Date.now()
  await page.goto(address)
  const paint = await page.evaluate(
    () => new Promise((done) => new PerformanceObserver((l) => done(l.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true })),
  )
  console.log(`first content                        ${paint.toFixed(0)} ms (${Date.now() - start} ms to load)`)
  await page.goto(`${address}#/explore`)
  await page.waitForSelector('.light[data-state="settled"]', { timeout: 300000 })
  // Moves wait for the preview of the one before; the time ends with the frame that paints it.
  const run = (moves) =>
    page.evaluate(async (count) => {
      const input = document.querySelector('.control select option[value=shift]').closest('.control').querySelector('input[type=range]')
      const light = () => document.querySelector('.light')
      const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))
      const until = async (holds) => {
        while (!holds()) await frame()
        await frame()
      }
      const previews = []
      for (let i = 0; i < count; ++i) {
        const before = Number(light().dataset.sequence)
        input.value = String(Number(input.min) + (Number(input.max) - Number(input.min)) * (0.3 + (0.4 * ((i * 7) % count)) / count))
        const from = performance.now()
        input.dispatchEvent(new Event('input', { bubbles: true }))
        await until(() => Number(light().dataset.sequence) > before)
        previews.push(performance.now() - from)
      }
      const from = performance.now()
      input.dispatchEvent(new Event('change', { bubbles: true }))
      await until(() => light().dataset.state === 'settled')
      return { previews, settled: performance.now() - from, draws: Number(light().dataset.draws) }
    }, moves)
  await run(5)
  const settled = []
  let previews = []
  for (let i = 0; i < 5; ++i) {
    const result = await run(20)
    previews = previews.concat(result.previews)
    settled.push(result.settled)
  }
  report('slider to preview on screen', previews)
  report('release to settled on screen', settled)
  await browser.close()
}

async function clients(seconds) {
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const m = await (await fetch(address + 'api/model')).json()
  const input = m.inputs.find((i) => i.shift === 'factor') ?? m.inputs[0]
  const end = Date.now() + seconds * 1000
  const times = []
  let wrong = 0
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, memory())), 200)
  await Promise.all(
    Array.from({ length: 50 }, async (_, client) => {
      for (let sequence = 1; Date.now() < end; ++sequence) {
        const value = 0.7 + ((client * 13 + sequence * 7) % 60) / 100
        const from = performance.now()
        const body = JSON.stringify({ view: `client ${client}`, sequence, outputs: m.headline.slice(0, 4), draws: 4096, changes: [{ input: input.name, mode: 'shift', value }] })
        const response = await fetch(address + 'api/run', { method: 'POST', body })
        const bytes = Buffer.from(await response.arrayBuffer())
        if (bytes.readUInt32LE(8) !== sequence) ++wrong
        times.push(performance.now() - from)
      }
    }),
  )
  clearInterval(watch)
  report('50 clients, question to last frame', times)
  console.log(`answers to another question: ${wrong}; memory ${memory().toFixed(0)} MiB now, ${peak.toFixed(0)} MiB at most`)
}

if (third === '--clients') await clients(Number(fourth ?? 60))
else await drag()
child.removeAllListeners('exit')
child.kill()
process.exit(0)
