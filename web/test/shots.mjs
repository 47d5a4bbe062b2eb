// Pictures of every page, light and dark, at three widths:
// node test/shots.mjs ADDRESS FOLDER [page...], or with WIDTHS=1440,420 SCHEMES=light FULL=1 around it.
import { chromium } from 'playwright-core'

const [address, folder, ...only] = process.argv.slice(2)
const pages = {
  overview: '#/overview',
  explore: '#/explore',
  scenarios: '#/scenarios',
  chips: '#/chips',
  evidence: '#/evidence',
  monitor: '#/monitor',
  model: '#/model',
  equations: '#/model?tab=table',
  text: '#/model?tab=text',
}
const list = (name, otherwise) => (process.env[name] ?? otherwise).split(',')
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
})
for (const scheme of list('SCHEMES', 'light,dark')) {
  for (const width of list('WIDTHS', '1440,900,420').map(Number)) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme })
    page.on('pageerror', (error) => console.log('page error', error.message))
    page.on('console', (m) => m.type() === 'error' && console.log('console', m.text()))
    for (const [name, hash] of [...Object.entries(pages), ...only.filter((o) => o.includes('=')).map((o) => [o.slice(0, o.indexOf('=')), o.slice(o.indexOf('=') + 1)])]) {
      if (only.length && !only.includes(name) && !only.includes(`${name}=${hash}`)) continue
      await page.goto(address + 'healthz')
      await page.goto(address + hash)
      await page.waitForSelector('h1', { state: 'attached', timeout: 60000 })
      await page.waitForSelector('.boot', { state: 'detached', timeout: 120000 }).catch(() => console.log(name, 'still waits'))
      if (name === 'explore' && (await page.$('.why'))) await page.waitForSelector('.drivers li', { timeout: 120000 }).catch(() => console.log('no drivers'))
      await page.waitForTimeout(500)
      // What sticks out to the right makes the page scroll sideways.
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) console.log(`${name} ${width}: ${wide} pixels too wide`)
      await page.screenshot({ path: `${folder}/${name}-${scheme}-${width}.png`, fullPage: process.env.FULL === '1' })
    }
    await page.close()
  }
}
await browser.close()
