// Pictures of every page, light and dark: node test/shots.mjs ADDRESS FOLDER [page...]
import { chromium } from 'playwright-core'

const [address, folder, ...only] = process.argv.slice(2)
const pages = {
  overview: '#/overview',
  explore: '#/explore',
  scenarios: '#/scenarios',
  evidence: '#/evidence',
  model: '#/model',
  equations: '#/model?tab=table',
  text: '#/model?tab=text',
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
})
for (const scheme of ['light', 'dark']) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme: scheme })
  page.on('pageerror', (error) => console.log('page error', error.message))
  page.on('console', (m) => m.type() === 'error' && console.log('console', m.text()))
  for (const [name, hash] of Object.entries(pages)) {
    if (only.length && !only.includes(name)) continue
    await page.goto(address + hash)
    await page.reload()
    await page.waitForSelector('h1', { state: 'attached', timeout: 60000 })
    await page.waitForSelector('.boot', { state: 'detached', timeout: 120000 }).catch(() => console.log(name, 'still waits'))
    if (name === 'explore') await page.waitForSelector('.drivers li', { timeout: 120000 }).catch(() => console.log('no drivers'))
    await page.waitForTimeout(400)
    await page.screenshot({ path: `${folder}/${name}-${scheme}.png` })
  }
  await page.close()
}
await browser.close()
