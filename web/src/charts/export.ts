// A chart as a file: the SVG with its styles written into it, a picture, or its numbers.

import type { Model, Output, Run } from '../api/types'
import { moment } from '../format'
import { stats } from '../api/types'

const properties = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor',
]

export interface Caption {
  title: string
  subtitle: string
  foot: string
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
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 74}" viewBox="0 0 ${width} ${height + 74}">` +
    `<title>${escape(caption.title)}</title><desc>${escape(caption.subtitle)}</desc>` +
    `<metadata>${escape(JSON.stringify({ address: location.hash }))}</metadata>` +
    `<rect width="100%" height="100%" style="fill:${paper}"/>` +
    text(caption.title, 20, 14, 600) +
    text(caption.subtitle, 38, 11) +
    `<g transform="translate(0,46)">${copy.innerHTML}</g>` +
    text(caption.foot, height + 66, 9) +
    '</svg>'
  )
}

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

function isoMonth(time: number): string {
  const month = Math.floor((time + 1e-4) * 12)
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
}

export function toJson(model: Model, run: Run, output: Output): string {
  return JSON.stringify(
    {
      schema: 'headrace.chart/1',
      model: { name: model.name, hash: model.hash },
      address: location.hash,
      draws: run.draws,
      seed: run.seed,
      output: output.name,
      unit: output.unit,
      times: Array.from(run.times, (t) => (model.calendar ? moment(t, true) : t)),
      bands: Object.fromEntries(stats.map((s) => [s, Array.from(output.bands[s])])),
    },
    null,
    1,
  )
}
