// The language's words in colour: enough of a lexer to paint with, never to decide anything.

export type Kind = 'comment' | 'doc' | 'string' | 'number' | 'source' | 'keyword' | 'word' | 'plain'
export interface Token {
  kind: Kind
  text: string
}

export const statements = new Set(
  'model time unit dim map data param correlate stock flow let table function measure claim check scenario source observe enum fact group rule'.split(' '),
)
export const words = new Set(
  'if then else and or not to at over for in out from with true false assumed note cite step save d/dt nonnegative column by when under except cite called on of'.split(' '),
)
const pattern =
  /(##[^\n]*)|(#[^\n]*)|("(?:\\.|[^"\\\n])*"?)|(@"[^"\n]*"?|@[A-Za-z0-9_.-]+)|(\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{4}Q[1-4]\b|\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?%?)|([A-Za-z_][A-Za-z0-9_.]*)|(\s+)|([^])/g

export function tokens(text: string): Token[] {
  const out: Token[] = []
  const push = (kind: Kind, part: string) => {
    const last = out.at(-1)
    if (last && last.kind === kind) last.text += part
    else out.push({ kind, text: part })
  }
  for (const match of text.matchAll(pattern)) {
    const [whole, doc, comment, quoted, source, number, word] = match
    if (doc !== undefined) push('doc', whole)
    else if (comment !== undefined) push('comment', whole)
    else if (quoted !== undefined) push('string', whole)
    else if (source !== undefined) push('source', whole)
    else if (number !== undefined) push('number', whole)
    else if (word !== undefined) {
      const first = match.index === 0 || text[match.index! - 1] === '\n'
      if (first && statements.has(word)) push('keyword', whole)
      else push(words.has(word) ? 'word' : 'plain', whole)
    } else push('plain', whole)
  }
  return out
}
