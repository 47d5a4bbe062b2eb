// The page in a real browser: node test/pages.mjs HEADRACE MODEL CHROMIUM [WORDS OF A CHECK]. Each check says what it
// holds; one that does not ends with exit code 1.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [headrace, given, chromiumPath, only = ''] = process.argv.slice(2)
// The model, and one act that it cites, so that there is a law to ask about.
const folder = mkdtempSync(join(tmpdir(), 'headrace-pages-'))
const model = join(folder, 'model.hr')
writeFileSync(model, readFileSync(given, 'utf8') + '\nsource R011 "Rule of 2023 on advanced computing" date 2023-11-17\n')
// What to watch and to decide, and scenarios enough for a list.
writeFileSync(
  join(folder, 'watch.csv'),
  `id,title,reads,unit,error,next,every,source
early,"Firms that use it in 2026",share at 2026-01-01,,5%,2026-12-15,3 month,"A census, by mail"
first,"Growth seen so far",growth,1/year,0.05,,,
`,
)
writeFileSync(join(folder, 'decisions.csv'), 'id,title,options,utility,unit\npay,"Pay for it?","base, subsidy",share_2030,1\n')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const patience = 60000

// HEADRACE_UI_DIR: test these files of the page instead of those in the program.
const ui = process.env.HEADRACE_UI_DIR ? ['--ui-dir', process.env.HEADRACE_UI_DIR] : []

function serve(port = 0, more = [], opened = model) {
  const child = spawn(headrace, ['serve', opened, '--port', String(port), '--json', '--quiet', '--threads', '2', ...ui, ...more], {
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
  if (!name.includes(only)) return
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

const saved = async (button) => {
  const saving = page.waitForEvent('download')
  await button()
  return (await saving).path()
}
await check('the overview answers the claims', async () => {
  await open('#/overview')
  await settled()
  is((await page.$$('.claim, .figure')).length > 0, 'no card')
  is(/in \d+ of 100 futures|all futures|no future/.test(await page.innerText('main')), 'no odds')
})

await check('the numbers of the overview do not wait for the whole model', async () => {
  let release
  const held = new Promise((go) => (release = go))
  await page.route('**/api/model', async (route) => {
    await held
    await route.continue()
  })
  await page.goto(server.address + 'healthz')
  await page.goto(server.address + '#/overview')
  await page.waitForSelector('.verdict')
  is(!(await page.$('main table')), 'the measures are there without the model')
  await page.click('nav a[href="#/explore"]')
  await page.waitForSelector('.boot')
  release()
  await page.waitForSelector('.plot svg')
  await page.unroute('**/api/model')
})

await check('what moves the charts most is the first thing to move', async () => {
  const shares = await (await fetch(server.address + 'api/reach')).json()
  await open('#/explore')
  const order = () => page.$$eval('.control[data-input]', (all) => all.filter((c) => c.querySelector('select')).map((c) => c.dataset.input))
  await page.waitForFunction(() => document.querySelectorAll('.control[data-input]').length > 1)
  const shown = await order()
  is(shown.every((name, i) => i === 0 || shares[name] <= shares[shown[i - 1]]), `the order is ${shown}`)
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
      await new Promise((go) => setTimeout(go, 40))
    }
    input.dispatchEvent(new Event('change', { bubbles: true }))
    const wanted = input.value
    await new Promise((go) => setTimeout(go, 300))
    observer.disconnect()
    return { seen, wanted, shown: input.value }
  }, slider)
  is(new Set(painted.seen).size >= 20, `only ${new Set(painted.seen).size} answers were painted`)
  is(painted.seen.every((n, i) => i === 0 || n >= painted.seen[i - 1]), 'an older answer was painted after a newer one')
  is(painted.shown === painted.wanted, 'the slider shows another value')
  await settled()
  is((await page.$$('.control.changed')).length === 1, 'the changed control is not marked')
})

await check('a released slider settles in 750 ms, and the preview was right to two pixels', async () => {
  await open('#/explore')
  await settled()
  const seen = await page.evaluate(async (selector) => {
    const input = document.querySelector(`.control select option[value=shift]`).closest('.control').querySelector(selector)
    const light = () => document.querySelector('.light')
    const middle = () => document.querySelector('.plot path.median').getAttribute('d').match(/-?[\d.]+/g).map(Number)
    const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))
    const before = Number(light().dataset.sequence)
    input.value = String(Number(input.min) + (Number(input.max) - Number(input.min)) * 0.55)
    input.dispatchEvent(new Event('input', { bubbles: true }))
    while (Number(light().dataset.sequence) === before) await frame()
    await frame()
    const draws = Number(light().dataset.draws)
    const preview = middle()
    const from = performance.now()
    while (light().dataset.state !== 'settled') await frame()
    await frame()
    // The axes are frozen until the release, so both are drawn in the same frame.
    const last = middle()
    input.dispatchEvent(new Event('change', { bubbles: true }))
    return { took: performance.now() - from, draws, apart: Math.max(...preview.map((v, i) => Math.abs(v - last[i]))) }
  }, slider)
  is(seen.draws < 100000, 'there was no preview')
  // A time says nothing on a machine that is busy with something else; the budget is measured by
  // bench/slider.
  const quiet = loadavg()[0] < cpus().length
  is(!quiet || seen.took < 750, `it took ${seen.took.toFixed(0)} ms`)
  // A busy engine previews with fewer draws than 4,096; sampling error grows as their root falls.
  const most = 2 * Math.sqrt(Math.max(1, 4096 / seen.draws))
  is(seen.apart < most, `the medians are ${seen.apart} pixels apart with ${seen.draws} draws`)
  await page.keyboard.press('Control+z')
  await settled()
})

await check('a reload of the link restores the page', async () => {
  await open('#/explore')
  await page.evaluate((selector) => {
    const input = document.querySelector(selector)
    input.value = String(Number(input.min) + (Number(input.max) - Number(input.min)) * 0.7)
    input.dispatchEvent(new Event('input', { bubbles: true }))
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }, slider)
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
  await page.keyboard.press('Control+z')
  await page.evaluate((selector) => {
    const input = document.querySelectorAll(selector)[1]
    input.value = input.min
    input.dispatchEvent(new Event('input', { bubbles: true }))
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }, slider)
  is(await page.isDisabled('button[aria-label="Redo"]'), 'an edit keeps what could be redone')
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

await check('the keyboard alone compares scenarios and saves a chart', async () => {
  await open('#/overview')
  await settled()
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await page.waitForSelector('.compared')
  const before = (await page.$$('.compared .chip')).length
  const tabTo = async (selector) => {
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press('Tab')
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return
    }
    throw new Error(`the tabulator never comes to ${selector}`)
  }
  // Two scenarios of the model are compared as it opens; take one away and choose it again.
  await tabTo('.compared summary')
  await page.keyboard.press('Enter')
  await tabTo('.picker input[type=search]')
  await page.keyboard.type('subsidy')
  await page.waitForFunction(() => document.querySelectorAll('.picker input[type=checkbox]').length < 3)
  await tabTo('.picker input[type=checkbox]')
  const on = await page.evaluate(() => document.activeElement.checked)
  await page.keyboard.press('Space')
  await page.waitForFunction(([was, first]) => document.querySelectorAll('.compared .chip').length === was + (first ? -1 : 1) || first, [before, on])
  await page.keyboard.press('Escape')
  await page.waitForSelector('.picker[open]', { state: 'detached' })
  is(await page.evaluate(() => document.activeElement.matches('.compared summary')), 'the focus is lost when the list closes')
  await page.waitForSelector('[aria-label="Outcomes"] table')
  await page.keyboard.press('g')
  await page.keyboard.press('e')
  await settled()
  await page.keyboard.press('1')
  const saving = page.waitForEvent('download')
  await page.keyboard.press('x')
  is(readFileSync(await (await saving).path(), 'utf8').startsWith('<svg'), 'no chart was saved')
})

await check('indicators are ranked, and a reading changes what is believed', async () => {
  await open('#/monitor')
  await page.waitForSelector('.ranking tbody tr')
  const rows = await page.$$eval('.ranking tbody tr', (all) => all.map((row) => row.innerText))
  is(rows.length === 2 && /Firms that use it in 2026/.test(rows[0]) && /2026-12-15/.test(rows[0]), rows.join('\n'))
  await page.selectOption('.question-pick select', { label: 'majority By 2030 more than half of all firms use it' })
  await page.waitForSelector('.swing')
  await page.click('.ranking button.link')
  await page.waitForSelector('svg.scatter .point')
  await page.click('.log button')
  await page.waitForSelector('.log [role=alert]')
  await page.fill('.log input[inputmode=decimal]', '0.2')
  await page.click('.log button')
  await page.waitForSelector('[aria-label="Before and after the readings"] td')
  const [before, after] = await page.$$eval('[aria-label="Before and after the readings"] td', (all) => all.map((cell) => parseFloat(cell.innerText)))
  is(after > before, `after a high reading ${after} %, before ${before} %`)
  // The link holds all of it.
  const seen = await page.innerText('.monitor')
  await page.reload()
  await page.waitForSelector('[aria-label="Before and after the readings"] td')
  await page.waitForSelector('svg.scatter .point')
  is((await page.innerText('.monitor')) === seen, 'a reload shows something else')
  const list = readFileSync(await saved(() => page.click('button:has-text("Watch list (CSV)")')), 'utf8')
  is(list.includes('early'), list)
  const dates = readFileSync(await saved(() => page.click('button:has-text("Calendar (ICS)")')), 'utf8')
  is(dates.startsWith('BEGIN:VCALENDAR') && dates.includes('DTSTART;VALUE=DATE:'), dates)
  await page.selectOption('.question-pick select', { label: 'Pay for it?' })
  await page.waitForSelector('[aria-label="The decision"]')
  is(/subsidy/i.test(await page.innerText('[aria-label="The decision"]')), await page.innerText('[aria-label="The decision"]'))
})

await check('a reading moves the fan, and the monitor tells what is new since the last visit', async () => {
  await open('#/monitor?l=majority&g=early~0.2~5%25~~')
  await page.waitForSelector('[aria-label="Readings logged"] svg.chart path.ghost')
  is(/before/.test(await page.getAttribute('[aria-label="Readings logged"] svg.chart', 'aria-label')), 'the chart does not say what was before')
  await open('#/monitor')
  await page.waitForSelector('.ranking')
  is((await page.$('[aria-label="Since the last visit"]')) === null, 'there was no last visit')
  await page.evaluate(() => {
    const key = Object.keys(localStorage).find((k) => k.startsWith('headrace-visit'))
    const { now } = JSON.parse(localStorage.getItem(key))
    const odds = Object.fromEntries(Object.entries(now.odds).map(([name, value], i) => [name, i === 0 ? Math.max(0, value - 0.2) : value]))
    localStorage.setItem(key, JSON.stringify({ now: { ...now, day: '2020-01-01', odds, next: { early: '2020-02-01' } } }))
  })
  await open('#/monitor')
  const words = await (await page.waitForSelector('[aria-label="Since the last visit"]')).innerText()
  is(/Since 2020-01-01/.test(words) && /→/.test(words) && /2020-02-01/.test(words) && /the same/.test(words), words)
})

await check('a link with bad readings says so and shows the page', async () => {
  await open('#/monitor?v=1&l=nothing_known&g=early~lots&a=soon')
  await page.waitForSelector('.ranking tbody tr')
  is((await page.$$('.banner')).length === 3, `${(await page.$$('.banner')).length} notices`)
  await open('#/monitor?v=1&g=unheard_of~3')
  await page.waitForSelector('[role=alert]:has-text("unheard_of")')
  await page.click('button:has-text("Remove the readings")')
  await page.waitForSelector('.ranking tbody tr')
})

// The word and the exit code of `headrace verify`.
function verified(text) {
  const path = join(folder, 'chart.svg')
  writeFileSync(path, text)
  try {
    return [execFileSync(headrace, ['verify', model, path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim(), 0]
  } catch (error) {
    return [String(error.stdout).trim(), error.status]
  }
}

await check('headrace verify knows a saved chart from one with an altered digit', async () => {
  await open('#/explore')
  await page.evaluate((selector) => {
    const input = document.querySelector(selector)
    input.value = input.max
    input.dispatchEvent(new Event('input', { bubbles: true }))
    input.dispatchEvent(new Event('change', { bubbles: true }))
  }, slider)
  // It waits for the settled answer by itself.
  await page.focus('.plot')
  const text = readFileSync(await saved(() => page.keyboard.press('x')), 'utf8')
  is(String(verified(text)) === 'match,0', `a whole one: ${verified(text)}`)
  const drawn = text.replace(/(<path class="median"[^>]* d="M[\d.]+,)(\d)/, (_, head, digit) => head + ((Number(digit) + 1) % 10))
  is(drawn !== text, 'no digit was found to alter')
  is(String(verified(drawn)) === 'mismatch,4', `an altered drawing: ${verified(drawn)}`)
})

await check('a picture and a page saved as one file open from disk without a network', async () => {
  await open('#/explore')
  await settled()
  await page.click('.figure details.menu summary')
  const png = readFileSync(await saved(() => page.click('.figure .sheet button:has-text("PNG")')))
  is(png.readUInt32BE(0) === 0x89504e47 && png.length > 5000, 'no PNG')
  const claim = await page.innerText('.readout')
  await page.click('.status details.menu summary')
  const path = join(folder, 'page.html')
  writeFileSync(path, readFileSync(await saved(() => page.click('.sheet button:has-text("Save as one page")'))))
  is(readFileSync(path).length < 400 * 1024, `it has ${readFileSync(path).length} bytes`)
  const alone = await browser.newContext({ viewport: { width: 1360, height: 860 }, offline: true })
  const tab = await alone.newPage()
  const asked = []
  const wrong = []
  tab.on('request', (request) => !/^(file|data|blob):/.test(request.url()) && asked.push(request.url()))
  tab.on('pageerror', (error) => wrong.push(error.message))
  tab.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  await tab.goto(String(pathToFileURL(path)))
  await tab.waitForSelector('.plot svg')
  is((await tab.innerText('.readout')) === claim, `it says ${await tab.innerText('.readout')}, not ${claim}`)
  for (const each of ['overview', 'evidence', 'model', 'explore']) {
    await tab.click(`nav a[href="#/${each}"]`)
    await tab.waitForSelector('h1', { state: 'attached' })
  }
  is((await tab.$$(slider)).length === 0, 'it has sliders that move nothing')
  is(asked.length === 0, `it asked for ${asked[0]}`)
  is(wrong.length === 0, wrong[0])
  await alone.close()
})

await check('a chip at a line needs a licence, a range across it depends', async () => {
  const sale = 'destination~CN,date~2024-06-01,datacenter~yes,io~0,dram~0,pd~3'
  const result = async (tpp) => {
    await open(`#/chips?v=1&q=${sale},tpp~${tpp}`)
    await page.waitForSelector('.result h2')
    return page.innerText('.result')
  }
  is(/licence, with presumption of denial/.test(await result('4800')), await result('4800'))
  is(/licence exception NAC/.test(await result('4799')), await result('4799'))
  const across = await result('4600..5000')
  is(/depends/.test(across) && /TPP is 4800 or more/.test(across), across)
})

await check('acts say what they are and since when, and which changed between two days', async () => {
  await open('#/chips')
  await page.waitForSelector('#act-R001')
  const act = await page.innerText('#act-R001')
  is(/Entity List/.test(act) && /2019-05-16/.test(act), act)
  is(await page.getAttribute('#act-R001 a', 'href').then((url) => url.startsWith('https://')), 'no link to its text')
  await page.fill('label:has-text("what changed between") input', '2022-10-01')
  await page.fill('label:has-text("and") input >> nth=-1', '2022-10-31')
  await page.waitForFunction(() => document.querySelectorAll('[aria-label="Acts"] tbody tr').length < 10)
  const shown = await page.$$eval('[aria-label="Acts"] tbody tr', (rows) => rows.map((row) => row.id))
  is(shown.includes('act-R007') && !shown.includes('act-R001'), shown.join(' '))
})

await check('the keyboard alone classifies a chip', async () => {
  await open('#/overview')
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.waitForSelector('.result h2')
  await page.focus('#fact-chip')
  await page.keyboard.type('B200 SXM')
  await page.waitForFunction(() => /presumption of denial/.test(document.querySelector('.result').innerText))
  is((await page.inputValue('#fact-chip')) === 'b200_sxm', 'another chip was chosen')
})

await check('a table of sales is answered row by row', async () => {
  await open('#/chips')
  await page.fill('textarea', 'chip,date,destination\nh20,2025-05-01,CN\nnone_such,2025-05-01,CN\n')
  await page.click('button:has-text("Classify")')
  await page.waitForSelector('[aria-label="Answers"] tbody tr')
  const rows = await page.$$eval('[aria-label="Answers"] tbody tr', (all) => all.map((row) => row.innerText))
  is(rows.length === 2 && /LICENCE_LETTER/.test(rows[0]) && /unknown chip/.test(rows[1]), rows.join('\n'))
})

await check('a difference is taken apart, one assumption at a time', async () => {
  await open('#/scenarios')
  await page.click('button:has-text("Swap")', { timeout: patience })
  await page.waitForSelector('svg.waterfall')
  const steps = await page.$$('svg.waterfall rect')
  is(steps.length >= 1, 'no step')
})

await check('what is copied as a command gives the same numbers in a shell', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const shell = async (options) => {
    await page.click('summary:text("Share")')
    await page.click('text=Copy as command')
    const command = await page.evaluate(() => navigator.clipboard.readText())
    const path = `${dirname(resolve(headrace))}:${process.env.PATH}`
    return execFileSync('bash', ['-c', `${command} ${options}`], { cwd: folder, env: { ...process.env, PATH: path }, encoding: 'utf8' })
  }
  const table = (text) => {
    const [head, ...rows] = text.trim().split('\n').map((line) => line.split(','))
    return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])))
  }
  for (const view of ['s=subsidy&d=ceiling~+0.3,firms~=40000000&o=share', 'd=ceiling~[0.6;0.8],growth~x1.2&o=users', 'd=growth~dist:0.3%20to%200.5&o=adoption']) {
    await open(`#/explore?${view}`)
    await settled()
    const told = table(await shell('--csv'))
    await page.click('.figure .menu summary')
    const shown = table(readFileSync(await saved(() => page.click('.figure .menu >> text=CSV')), 'utf8'))
    is(shown.length === told.length && shown.length > 20, `${shown.length} rows here, ${told.length} there`)
    for (const [i, row] of shown.entries()) {
      is(told[i].time.startsWith(row.time), `${row.time} here, ${told[i].time} there`)
      for (const stat of ['mean', 'p5', 'p50', 'p90']) {
        is(Math.abs(row[stat] / told[i][stat] - 1) < 1e-5, `${view}, ${row.time}: ${stat} ${row[stat]} here, ${told[i][stat]} there`)
      }
    }
  }
  await open('#/overview?d=growth~x1.2')
  await settled()
  const odds = JSON.parse(await shell('--json')).claims.map((claim) => Math.round(claim.odds * 100))
  const verdicts = (await page.$$eval('.verdict', (all) => all.map((each) => each.innerText))).map((text) => Number(/in (\d+) of/.exec(text)?.[1]))
  is(odds.length > 0 && odds.join() === verdicts.join(), `${verdicts} here, ${odds} there`)
})

await check('the card behind a number says what it rests on and gives words', async () => {
  await open('#/explore')
  await settled()
  await page.focus('.plot')
  await page.keyboard.press('s')
  await page.waitForSelector('dialog.number')
  is(/8 in 10/.test(await page.innerText('dialog.number')), 'no range')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog.number', { state: 'detached' })
})

await check("a foreign model's own names and text, and no clock among the first charts", async () => {
  const mdl = join(folder, 'town.mdl')
  writeFileSync(
    mdl,
    `{UTF-8}
Region: North East, South ~~|
Town_Stock[Region] = INTEG(growth of[Region], 100) ~ Person ~|
growth of[Region] = births for all ~ Person/Year ~|
births for all = 3 ~~|
INITIAL TIME = 0 ~ Year ~|
FINAL TIME = 2 ~ Year ~|
TIME STEP = 1 ~ Year ~|
SAVEPER = TIME STEP ~ Year ~|

\\\\\\---/// Sketch information - do not modify anything except names
V300  Do not put anything below this section - it will be ignored
*Growth
$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0
10,1,Town_Stock,400,200,40,20,3,3,0,0,0,0,0,0
10,2,births for all,150,80,40,20,8,3,0,0,0,0,0,0
10,3,growth of,250,200,40,20,8,3,0,0,0,0,0,0
///---\\\\\\
`,
  )
  const foreignServer = await serve(0, [], mdl)
  const own = await context.newPage()
  try {
    await own.goto(foreignServer.address + '#/explore')
    await own.waitForSelector('.light[data-state="settled"]')
    const titles = await own.$$eval('figure h3', (all) => all.map((h) => h.textContent))
    is(titles.join('; ') === 'Town_Stock[North East]; growth of[North East]; Town_Stock[South]; growth of[South]', titles.join('; '))
    is((await own.$$('figure figcaption code')).length === 0, 'a name stands twice above its chart')
    await own.goto(foreignServer.address + 'healthz')
    await own.goto(foreignServer.address + '#/model?tab=text')
    await own.waitForSelector('.code')
    is((await own.$$('.code [class^="t-"]')).length === 0, "Vensim's text is painted as Headrace's")
    is((await own.textContent('.toolbar')).includes('of another tool'), 'who may change it is not said')
    is((await own.textContent('.lead')).startsWith('1 stock, 1 flow, '), await own.textContent('.lead'))
    await own.click('button:has-text("Diagram")')
    const spots = await own.$$eval('.sketch .spot', (all) => all.map((s) => `${s.getAttribute('aria-label')} ${s.getAttribute('transform')}`))
    is(spots.sort().join('; ') === 'Town Stock translate(400,200); births for all translate(150,80); growth of translate(250,200)', spots.join('; '))
    is((await own.$$('.sketch .pipe')).length === 1 && (await own.$$('.sketch .link')).length === 1, 'a pipe and an arrow')
    await own.focus('.sketch .spot.let, .sketch .spot.param')
    await own.keyboard.press('Enter')
    await own.waitForSelector('article.focus h2:has-text("births for all")')
  } finally {
    await own.close()
    foreignServer.child.removeAllListeners('exit')
    foreignServer.child.kill()
  }
})

await check('the editor marks an error as it is typed and keeps the draft', async () => {
  const editing = await serve(0, ['--edit'])
  const tab = await context.newPage()
  await tab.goto(editing.address)
  await tab.waitForSelector('h1')
  await tab.click('nav a[href="#/model"]')
  await tab.click('.tabs button:has-text("Text")')
  await tab.waitForSelector('.cm-content')
  await tab.click('.cm-content')
  await tab.keyboard.press('Control+End')
  await tab.keyboard.type('let wrong = nothing_known\n')
  await tab.waitForSelector('.cm-lint-marker-error')
  is(/nothing is called/.test(await tab.innerText('.found')), await tab.innerText('.found'))
  const ended = new Promise((done) => editing.child.removeAllListeners('exit').on('exit', done))
  editing.child.kill('SIGKILL')
  await ended
  await tab.keyboard.type('let more = 1\n')
  is((await tab.evaluate(() => Object.values(sessionStorage).join())).includes('let more = 1'), 'the draft is lost')
  await tab.close()
})

// Each page as it opens, with a change, and with an error.
const everyPage = ['overview', 'explore', 'scenarios', 'chips', 'evidence', 'monitor', 'model']
const input = await page.evaluate(() => fetch('/api/model').then((r) => r.json()).then((m) => m.inputs[0].name))
const states = [
  ...everyPage.map((each) => `#/${each}`),
  ...everyPage.map((each) => `#/${each}?v=1&d=${encodeURIComponent(input)}~x1.2`),
  ...everyPage.map((each) => `#/${each}?v=1&d=nothing~=1,${encodeURIComponent(input)}~dist:nonsense&q=destination~XX`),
  `#/monitor?v=1&l=majority&f=early&g=early~0.2`,
  '#/monitor?v=1&u=pay',
  '#/model?tab=table',
  '#/model?tab=text',
]
for (const scheme of ['light', 'dark']) {
  await check(`no violation of accessibility rules, ${scheme}`, async () => {
    const themed = await browser.newContext({ viewport: { width: 1360, height: 860 }, colorScheme: scheme })
    const tab = await themed.newPage()
    tab.setDefaultTimeout(2 * patience)
    const found = []
    for (const hash of states) {
      await open(hash, tab)
      await tab.waitForTimeout(250)
      await tab.evaluate(axe)
      const result = await tab.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
      for (const v of result.violations) found.push(`${hash}: ${v.id} ${v.nodes[0].html.slice(0, 120)} (${v.nodes.length}) ${v.nodes[0].failureSummary?.split('\n')[1] ?? ''}`)
    }
    await themed.close()
    is(found.length === 0, found.join('\n'))
  })
}

await check('race: a preview is right to two pixels, and evidence can be left out', async () => {
  const race = await serve(0, [], fileURLToPath(new URL('../../models/race', import.meta.url)))
  const tab = await context.newPage()
  tab.setDefaultTimeout(2 * patience)
  try {
    await tab.goto(`${race.address}#/explore`)
    await tab.waitForSelector('.light[data-state="settled"]')
    // Twice: the first settled answer is the base of the next previews.
    for (const [share, judged] of [[0.4, false], [0.5, true]]) {
      const apart = await tab.evaluate(async (share) => {
        const input = document.getElementById('in-plan_error')
        const light = () => document.querySelector('.light').dataset
        const middles = () => [...document.querySelectorAll('.plot path.median')].map((path) => path.getAttribute('d').match(/-?[\d.]+/g).map(Number))
        const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))
        const before = Number(light().sequence)
        input.value = String(Number(input.min) + (Number(input.max) - Number(input.min)) * share)
        input.dispatchEvent(new Event('input', { bubbles: true }))
        while (Number(light().sequence) === before) await frame()
        let preview = middles()
        while (light().state !== 'settled') {
          await frame()
          if (light().state !== 'settled') preview = middles()
        }
        await frame()
        const last = middles()
        input.dispatchEvent(new Event('change', { bubbles: true }))
        return Math.max(...preview.flatMap((row, i) => row.map((v, k) => Math.abs(v - last[i][k]))))
      }, share)
      is(!judged || apart < 2, `the medians are ${apart} pixels apart`)
      // The engine looks at its own previews of the settled answer.
      await tab.waitForTimeout(1500)
    }
    await tab.goto(`${race.address}#/evidence`)
    await tab.getByRole('button', { name: 'leave out SemiAnalysis' }).last().waitFor()
    await tab.locator('.rivals', { hasText: 'Whose Ascend output' }).getByRole('button', { name: 'leave out SemiAnalysis' }).click()
    const row = tab.locator('.effects tr', { hasText: 'A1' }).first()
    await row.waitFor()
    const [now, without] = (await row.innerText()).match(/\d+(?= %)/g).slice(-2).map(Number)
    is(without > now, `A1 goes from ${now} to ${without} without the highest count`)
  } finally {
    await tab.close()
    race.child.removeAllListeners('exit')
    race.child.kill()
  }
})

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
rmSync(folder, { recursive: true, force: true })
console.log(failed ? `${failed} checks failed` : 'all checks passed')
process.exit(failed ? 1 : 0)
