// A chart as a file: the SVG with its styles written into it, a picture, or its numbers.

import type { Model, Output, Run } from '../api/types'
import { hash } from '../hash'
import { isoMonth, moment } from '../format'
import { stats } from '../api/types'

const properties = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor',
]

export interface Caption {
  title: string
  subtitle: string
  foot: string
  chart?: object // what `headrace verify` computes again, see toChart
}

export function toSvg(svg: SVGSVGElement, caption: Caption): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')]
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  from.forEach((element, i) => {
    const style = getComputedStyle(element)
    for (const property of properties) {
      const value = style.getPropertyValue(property)
      if (value) to[i]!.style.setProperty(property, value)
    }
  })
  const width = svg.width.baseVal.value
  const height = svg.height.baseVal.value
  const ink = getComputedStyle(document.body).color
  const paper = getComputedStyle(document.body).backgroundColor
  const text = (words: string, y: number, size: number, weight = 400) =>
    `<text x="10" y="${y}" style="font:${weight} ${size}px system-ui,sans-serif;fill:${ink}">${escape(words)}</text>`
  return signed(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 74}" viewBox="0 0 ${width} ${height + 74}">` +
    `<title>${escape(caption.title)}</title><desc>${escape(caption.subtitle)}</desc>` +
    `<metadata>${escape(JSON.stringify({ ...caption.chart, digest: zeros }))}</metadata>` +
    `<rect width="100%" height="100%" style="fill:${paper}"/>` +
    text(caption.title, 20, 14, 600) +
    text(caption.subtitle, 38, 11) +
    `<g transform="translate(0,46)">${copy.innerHTML}</g>` +
    text(caption.foot, height + 66, 9) +
    '</svg>',
  )
}

const zeros = '0'.repeat(16)

// Writes the hash of the text, with zeros in the hash's place, into the text.
const signed = (text: string) => text.replace(`digest&quot;:&quot;${zeros}`, `digest&quot;:&quot;${hash(text)}`)

const escape = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

export function saveAs(name: string, data: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(data)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

export async function toPng(svg: string, scale: number): Promise<Blob> {
  const image = new Image()
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.width * scale
    canvas.height = image.height * scale
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((done, fail) =>
      canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no picture'))), 'image/png'),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}

const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text)

export function toCsv(run: Run, output: Output, calendar: boolean): string {
  const rows = ['time,variable,' + stats.join(',') + ',unit']
  for (let i = 0; i < run.times.length; ++i) {
    const values = stats.map((stat) => (Number.isFinite(output.bands[stat][i]!) ? output.bands[stat][i] : ''))
    const time = calendar ? isoMonth(run.times[i]!) : String(run.times[i])
    rows.push([time, cell(output.name), ...values, cell(output.unit)].join(','))
  }
  return rows.join('\n') + '\n'
}

// A chart with all that is needed to compute it again.
export function toChart(model: Model, run: Run, output: Output): object {
  return {
    schema: 'headrace.chart/2',
    model: { name: model.name, hash: model.hash },
    address: location.hash,
    question: { ...run.asked, draws: run.single ? 100_000 : run.draws, seed: run.seed },
    output: output.name,
    unit: output.unit,
    times: Array.from(run.times, (t) => (model.calendar ? moment(t, true) : t)),
    bands: Object.fromEntries(stats.map((s) => [s, Array.from(output.bands[s])])),
  }
}
