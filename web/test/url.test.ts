import { expect, test } from 'vitest'
import { decode, emptyView, encode, type View } from '../src/state/url'

const full: View = {
  page: 'explore',
  model: '3f9a12',
  scenarios: ['deny_all', 'a b'],
  changes: [
    { input: 'yield', mode: 'shift', value: 1.46 },
    { input: 'share[US,new]', mode: 'shift', value: -0.5 },
    { input: 'x', mode: 'pin', value: 0.46 },
    { input: 'y', mode: 'given', low: 0.05, high: 0.15 },
    { input: 'z', mode: 'replace', text: 'lognormal(3 to 9), ~really?&=' },
  ],
  outputs: ['gap', 'output[Huawei, Others]'],
  year: 2030.5,
  log: ['gap'],
  compared: ['hbm_lifted'],
  focus: 'größe',
  learn: ['A1', 'odd, name'],
  decide: 'licences',
  readings: [{ id: 'a~b', value: 450000, error: 'gsd 1.2', date: '2026-11-20', source: 'a count, by hand' }],
  asOf: '2026-11-26',
  facts: { chip: 'h20', io_GBps: '4600..5000', 'a~b': 'c,d' },
  rest: [['later', 'yes']],
}

test('a link gives the view back', () => {
  const { view, notices } = decode(encode(full, new Set(['share[US,new]'])))
  expect(notices).toEqual([])
  expect(view).toEqual(full)
  expect(encode(view, new Set(['share[US,new]']))).toBe(encode(full, new Set(['share[US,new]'])))
})

test('every view survives, whatever its names hold', () => {
  const nasty = ['a,b', 'a~b', 'a=b', 'a&b', 'a?b', '#', '%41', ' ', 'é', '[x;y]', '+']
  for (const name of nasty) {
    const view: View = { ...emptyView, scenarios: [name], outputs: [name], focus: name, changes: [{ input: name, mode: 'pin', value: 1 }] }
    expect(decode(encode(view)).view).toEqual(view)
  }
})

test('a long link is packed and gives the view back', () => {
  const many: View = {
    ...emptyView,
    page: 'explore',
    changes: Array.from({ length: 120 }, (_, i) => ({ input: `an_input_with_a_name[${i}, ü]`, mode: 'pin' as const, value: i / 7 })),
  }
  const link = encode(many)
  expect(link).toContain('&z=')
  expect(link.length).toBeLessThan(2500)
  expect(decode(link)).toEqual({ view: many, notices: [] })
  const cut = decode(link.slice(0, -40))
  expect(cut.view.page).toBe('explore')
  expect(cut.notices.length).toBe(1)
})

test('brackets that a mail program spelled with percent signs are still brackets', () => {
  const { view, notices } = decode('#/explore?d=yield~%5B0.1;0.2%5D,rate~dist:0.3%20to%200.5')
  expect(notices).toEqual([])
  expect(view.changes).toEqual([
    { input: 'yield', mode: 'given', low: 0.1, high: 0.2 },
    { input: 'rate', mode: 'replace', text: '0.3 to 0.5' },
  ])
})

test('bad values become notices and the page still works', () => {
  const { view, notices } = decode('#/explore?v=1&d=yield~=lots,x~x-3,y~[1],~=2,good~=2&y=soon&s=%E0%A4%A')
  expect(view.page).toBe('explore')
  expect(view.changes).toEqual([{ input: 'good', mode: 'pin', value: 2 }])
  expect(view.year).toBeNull()
  expect(notices.length).toBe(6)
})

test('an unknown page is the overview, an empty address too', () => {
  expect(decode('#/nowhere').view.page).toBe('overview')
  expect(decode('').view).toEqual(emptyView)
  expect(decode('').notices).toEqual([])
})
