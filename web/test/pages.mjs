// The page in a real browser: node test/pages.mjs HEADRACE MODEL CHROMIUM. Each check says what it
// holds; one that does not ends with exit code 1.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const [headrace, model, chromiumPath] = process.argv.slice(2)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const patience = 60000

function serve(port = 0) {
  const child = spawn(headrace, ['serve', model, '--port', String(port), '--json', '--quiet', '--threads', '2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((done, fail) => {
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
      if (text.includes('\n')) done({ child, ...JSON.parse(text) })
    })
    child.on('exit', (code) => fail(new Error(`headrace serve ended with ${code}: ${text}`)))
  })
}

let failed = 0
async function check(name, body) {
  const start = Date.now()
  try {
    await body()
    console.log(`ok    ${name} (${Date.now() - start} ms)`)
  } catch (error) {
    ++failed
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).split('\n').slice(0, 6).join('\n      ')}`)
  }
}
function is(condition, message) {
  if (!condition) throw new Error(message)
}

let server = await serve()
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const context = await browser.newContext({ viewport: { width: 1360, height: 860 } })
const page = await context.newPage()
page.setDefaultTimeout(patience)
const foreign = []
page.on('request', (request) => {
  const url = request.url()
  if (!url.startsWith(server.address) && !/^(data|blob):/.test(url)) foreign.push(url)
})
const broken = []
page.on('pageerror', (error) => broken.push(error.message))

const settled = () => page.waitForSelector('.light[data-state="settled"]')
async function open(hash, on = page) {
  await on.goto(server.address + 'healthz')
  await on.goto(server.address + hash)
  await on.waitForSelector('h1', { state: 'attached', timeout: patience })
  await on.waitForSelector('.boot', { state: 'detached', timeout: patience })
}
// Everything that a chart draws, without the number of the run.
const drawing = () => page.$$eval('.plot svg', (all) => all.map((svg) => svg.outerHTML).join('\n'))
const slider = 'input[type=range][id^="in-"]'

await check('the overview answers the claims', async () => {
  await open('#/overview')
  await settled()
  is((await page.$$('.claim, .figure')).length > 0, 'no card')
  is(/in \d+ of 100 futures|all futures|no future/.test(await page.innerText('main')), 'no odds')
})

await check('a slider of 60 moves paints its last value and nothing older', async () => {
  await open('#/explore')
  await settled()
  const painted = await page.evaluate(async (selector) => {
    const input = document.querySelector(`.control select option[value=shift]`).closest('.control').querySelector(selector)
    const light = () => Number(document.querySelector('.light').dataset.sequence)
    const seen = []
    const observer = new MutationObserver(() => seen.push(light()))
    observer.observe(document.querySelector('.light'), { attributes: true, attributeFilter: ['data-sequence'] })
    const low = Number(input.min)
    const high = Number(input.max)
    for (let i = 1; i <= 60; ++i) {
      input.value = String(low + ((high - low) * (20 + i / 2)) / 60)
      input.dispatchEvent(new Event('input', { bubbles: true }))
      await new Promise((go) => setTimeout(go, 25))
    }
    input.dispatchEvent(new Event('change', { bubbles: true }))
    const wanted = input.value
    await new Promise((go) => setTimeout(go, 300))
    observer.disconnect()
    return { seen, wanted, shown: input.value }
  }, slider)
  is(painted.seen.length >= 3, `only ${painted.seen.length} answers were painted`)
  is(painted.seen.every((n, i) => i === 0 || n >= painted.seen[i - 1]), 'an older answer was painted after a newer one')
  is(painted.shown === painted.wanted, 'the slider shows another value')
  await settled()
  is((await page.$$('.control.changed')).length === 1, 'the changed control is not marked')
})

await check('a reload of the link restores the page', async () => {
  await settled()
  const before = await drawing()
  await page.reload()
  await page.waitForSelector('.plot svg')
  await settled()
  is((await page.$$('.control.changed')).length === 1, 'the change is lost')
  // The ghost of the drag is not part of the link.
  const bare = (text) => text.replace(/<path class="ghost"[^>]*>(<\/path>)?/g, '')
  is(bare(await drawing()) === bare(before), 'the charts differ')
})

await check('undo after going to another page takes back the last change only', async () => {
  await page.evaluate((selector) => {
    const input = document.querySelector('.control.changed').querySelector(selector)
    input.value = input.min
    input.dispatchEvent(new Event('input', { bubbles: true }))
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }, slider)
  await page.click('nav a[href="#/evidence"]')
  await page.click('nav a[href="#/explore"]')
  const last = await page.inputValue('.control.changed ' + slider)
  await page.keyboard.press('Control+z')
  is((await page.$$('.control.changed')).length <= 1, 'too many changes')
  is((await page.$('.control.changed ' + slider)) === null || (await page.inputValue('.control.changed ' + slider)) !== last, 'nothing was undone')
  await page.keyboard.press('Control+Shift+z')
  is((await page.inputValue('.control.changed ' + slider)) === last, 'nothing was redone')
})

await check('a link with bad parts gives notices and a page', async () => {
  await open('#/explore?v=1&m=000000000000&d=nothing_known~=3,x~=lots&y=soon')
  await settled()
  is((await page.$$('.banner')).length >= 3, 'no notice')
  is((await page.$$('.plot svg')).length > 0, 'no chart')
})

await check('the keyboard alone changes a control and reads a chart', async () => {
  await open('#/explore')
  await settled()
  await page.keyboard.press('/')
  for (let i = 0; i < 40; ++i) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(() => document.activeElement.matches('input[type=range][id^="in-"]'))) break
  }
  await page.keyboard.press('ArrowRight')
  await page.waitForSelector('.control.changed')
  await page.keyboard.press('Delete')
  await page.waitForSelector('.control.changed', { state: 'detached' })
  await page.keyboard.press('1')
  const before = await page.innerText('.readout')
  await page.keyboard.press('Home')
  await page.waitForFunction((old) => document.querySelector('.readout').innerText !== old, before)
  await page.keyboard.press('t')
  await page.waitForSelector('.twin table')
})

await check('a saved chart is whole without a network', async () => {
  await open('#/explore')
  await settled()
  const saving = page.waitForEvent('download')
  await page.focus('.plot')
  await page.keyboard.press('x')
  const file = readFileSync(await (await saving).path(), 'utf8')
  is(file.startsWith('<svg'), 'no SVG')
  is(!/(href|src|url)\s*[=(]\s*["']?https?:/.test(file), 'it refers to the network')
  is(file.includes('seed 1') && file.includes('<metadata>'), 'it does not say where it comes from')
  const offline = await browser.newPage()
  const asked = []
  offline.on('request', (request) => asked.push(request.url()))
  await offline.setContent(file)
  is(asked.length === 0, `it asked for ${asked[0]}`)
  await offline.close()
})

for (const scheme of ['light', 'dark']) {
  await check(`no violation of accessibility rules, ${scheme}`, async () => {
    const themed = await browser.newContext({ viewport: { width: 1360, height: 860 }, colorScheme: scheme })
    const tab = await themed.newPage()
    const found = []
    for (const hash of ['#/overview', '#/explore', '#/scenarios', '#/evidence', '#/model', '#/model?tab=table', '#/model?tab=text', '#/explore?d=nothing~=1']) {
      await open(hash, tab)
      await tab.waitForTimeout(300)
      await tab.evaluate(axe)
      const result = await tab.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
      for (const v of result.violations) found.push(`${hash}: ${v.id} ${v.nodes[0].html.slice(0, 120)} (${v.nodes.length}) ${v.nodes[0].failureSummary?.split('\n')[1] ?? ''}`)
    }
    await themed.close()
    is(found.length === 0, found.join('\n'))
  })
}

await check('killing the server in a drag loses no change', async () => {
  await open('#/explore')
  await settled()
  const move = (share) =>
    page.evaluate(
      ([selector, to]) => {
        const input = document.querySelector(selector)
        input.value = String(Number(input.min) + (Number(input.max) - Number(input.min)) * to)
        input.dispatchEvent(new Event('input', { bubbles: true }))
        return input.value
      },
      [slider, share],
    )
  await move(0.3)
  const port = server.port
  const ended = new Promise((done) => server.child.removeAllListeners('exit').on('exit', done))
  server.child.kill('SIGKILL')
  await ended
  const wanted = await move(0.6)
  await page.waitForSelector('.banner:has-text("engine has stopped")')
  is((await page.inputValue(slider)) === wanted, 'the change is lost')
  server = await serve(port)
  await page.click('.banner button:has-text("Retry")')
  await settled()
  await page.waitForSelector('.banner:has-text("engine has stopped")', { state: 'detached' })
  is((await page.inputValue(slider)) === wanted, 'the change is lost after the restart')
})

await check('nothing was asked of the network, nothing broke', async () => {
  is(foreign.length === 0, foreign[0])
  is(broken.length === 0, broken[0])
})

await browser.close()
server.child.removeAllListeners('exit')
server.child.kill()
console.log(failed ? `${failed} checks failed` : 'all checks passed')
process.exit(failed ? 1 : 0)
