// How long the first page takes, a move of a slider until its preview is on screen, and a release
// until the settled answer is: node bench/slider/slider.mjs HEADRACE MODEL [CHROMIUM]. The first page alone, TIMES over:
// node bench/slider/slider.mjs HEADRACE MODEL --open TIMES. With 50 clients that drag at once for SECONDS:
// node bench/slider/slider.mjs HEADRACE MODEL --clients SECONDS.
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

// No value is asked for twice: the server remembers settled answers.
let asked = 0
const fresh = () => (++asked * 0.6180339887498949) % 1

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const launch = (path) => require('playwright-core').chromium.launch({ executablePath: path ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })

// A new tab's times from the start of the navigation to the first paint, and to the end of the frame
// that shows the first numbers. The page tells them itself: whatever asks it meanwhile, as
// `waitForSelector` does, takes its time on the page's thread.
async function open(browser) {
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 860 } })).newPage()
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('.verdict, .readout')) return
      observer.disconnect()
      requestAnimationFrame(() =>
        setTimeout(() => {
          const numbers = performance.now()
          new PerformanceObserver((list) => {
            console.log(JSON.stringify({ content: list.getEntries()[0].startTime, numbers }))
          }).observe({ type: 'paint', buffered: true })
        }),
      )
    })
    observer.observe(document, { childList: true, subtree: true })
  })
  const told = page.waitForEvent('console', { predicate: (m) => m.text().startsWith('{"content"'), timeout: 600000 })
  await page.goto(address, { waitUntil: 'commit' })
  const seen = JSON.parse((await told).text())
  await settled(page)
  return { page, seen }
}
const settled = (page) => page.waitForSelector('.light[data-state="settled"]', { timeout: 600000 })

// With the browser warm, and the server done with what it computes ahead.
async function firstPage(browser, times) {
  const warm = (await open(browser)).page
  await warm.goto(`${address}#/explore`)
  await settled(warm)
  await warm.close()
  const opened = []
  for (let i = 0; i < times; ++i) {
    const { page, seen } = await open(browser)
    opened.push(seen)
    await page.close()
  }
  report('first content', opened.map((seen) => seen.content))
  report('numbers of the overview', opened.map((seen) => seen.numbers))
}

async function drag(browser) {
  const { page } = await open(browser)
  await page.goto(`${address}#/explore`)
  await settled(page)
  // Moves wait for the preview of the one before; the time ends with the frame that paints it.
  const run = (values) =>
    page.evaluate(async (shares) => {
      const input = document.querySelector('.control select option[value=shift]').closest('.control').querySelector('input[type=range]')
      const light = () => document.querySelector('.light').dataset
      const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))
      // The change itself is waited for, not the next frame that happens to see it.
      const until = async (holds) => {
        await new Promise((go) => {
          const observer = new MutationObserver(() => holds() && (observer.disconnect(), go()))
          observer.observe(document.querySelector('.light'), { attributes: true })
          if (holds()) go()
        })
        await frame()
      }
      const previews = []
      const used = (window.used ??= new Set([input.value]))
      const [low, high] = [Number(input.min), Number(input.max)]
      for (let share of shares) {
        const before = Number(light().sequence)
        do {
          input.value = String(low + (high - low) * (0.1 + 0.8 * share))
          share = (share + 0.0037) % 1
        } while (used.has(input.value))
        used.add(input.value)
        const from = performance.now()
        input.dispatchEvent(new Event('input', { bubbles: true }))
        await until(() => Number(light().sequence) > before)
        previews.push({ time: performance.now() - from, engine: Number(light().ms), draws: Number(light().draws) })
      }
      const from = performance.now()
      input.dispatchEvent(new Event('change', { bubbles: true }))
      const early = light().state === 'settled'
      await until(() => light().state === 'settled')
      return { previews, early, settled: performance.now() - from, engine: Number(light().ms), draws: Number(light().draws) }
    }, values)
  const take = (n) => Array.from({ length: n }, fresh)
  await run(take(5))
  const releases = []
  let previews = []
  for (let i = 0; i < 5; ++i) {
    const result = await run(take(20))
    if (result.early) throw new Error('it was settled before the release: this measures nothing')
    previews = previews.concat(result.previews)
    releases.push(result)
  }
  report('slider to preview on screen', previews.map((p) => p.time))
  report('  of it in the engine', previews.map((p) => p.engine))
  report('  around it: HTTP, decoding, drawing', previews.map((p) => p.time - p.engine))
  console.log(`  draws of a preview                 ${quantile(previews.map((p) => p.draws), 0.5)}`)
  report('release to settled on screen', releases.map((r) => r.settled))
  report('  of it in the engine', releases.map((r) => r.engine))
  console.log(`  draws of a settled answer          ${releases[0].draws}`)
}

// The frames of one question; the caller leaves the loop when it has seen enough.
async function* frames(body) {
  const response = await fetch(address + 'api/run', { method: 'POST', body: JSON.stringify(body) })
  let rest = Buffer.alloc(0)
  for await (const bytes of response.body) {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 32) {
      const length = 32 + rest.readUInt32LE(24) + Math.ceil(rest.readUInt32LE(20) / 2) * 8
      if (rest.length < length) break
      yield { kind: rest.readUInt32LE(4), sequence: rest.readUInt32LE(8), draws: rest.readUInt32LE(12) }
      rest = rest.subarray(length)
    }
  }
}

// Each client drags as the page does: it asks for its newest value as soon as the preview of the
// last one is there, which cancels what was left of that. Five let go after half the time.
async function clients(seconds) {
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const m = await (await fetch(address + 'api/model')).json()
  const input = m.inputs.find((i) => i.shift === 'factor') ?? m.inputs[0]
  const question = (client, sequence) => ({
    view: `client ${client}`,
    sequence,
    outputs: m.headline.slice(0, 4),
    answers: false,
    changes: [{ input: input.name, mode: 'shift', value: 0.7 + 0.6 * fresh() }],
  })
  for await (const _ of frames(question('warm', 1)));
  const start = Date.now()
  const end = start + seconds * 1000
  const previews = []
  const settled = []
  const counts = []
  let wrong = 0
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, memory())), 200)
  await Promise.all(
    Array.from({ length: 50 }, async (_, client) => {
      const last = client < 5 ? start + seconds * 500 : end
      let sequence = 0
      while (Date.now() < last) {
        const from = performance.now()
        for await (const frame of frames(question(client, ++sequence))) {
          if (frame.sequence !== sequence) ++wrong
          previews.push(performance.now() - from)
          break
        }
      }
      counts.push(sequence)
      if (client >= 5) return
      const from = performance.now()
      for await (const frame of frames(question(client, ++sequence))) {
        if (frame.sequence !== sequence) ++wrong
        if (frame.kind === 1) settled.push(performance.now() - from)
      }
    }),
  )
  clearInterval(watch)
  report('50 clients, question to preview', previews)
  console.log(`  slowest ${Math.max(...previews).toFixed(0)} ms; previews of a client: ${Math.min(...counts)} to ${Math.max(...counts)}`)
  report('5 of them let go: to the settled answer', settled)
  console.log(`answers to another question: ${wrong}; memory ${memory().toFixed(0)} MiB now, ${peak.toFixed(0)} MiB at most`)
}

if (third === '--clients') {
  await clients(Number(fourth ?? 60))
} else {
  const alone = third === '--open'
  const browser = await launch(alone ? undefined : third)
  await firstPage(browser, alone ? Number(fourth ?? 15) : 15)
  if (!alone) await drag(browser)
  await browser.close()
}
child.removeAllListeners('exit')
child.kill()
process.exit(0)
