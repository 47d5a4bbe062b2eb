// A table with a name, which scrolls by itself where the page is too narrow for it.

import type { ComponentChildren } from 'preact'

// A head is its words, and whether numbers stand below it.
export function Table(props: { label: string; heads: [string, boolean?][]; class?: string; children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={props.label}>
      <table class={props.class ?? 'wide'}>
        <thead>
          <tr>
            {props.heads.map(([head, numbers]) => (
              <th key={head} scope="col" class={numbers ? 'num' : ''}>{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  )
}
