// The editor, loaded when somebody edits: CodeMirror with the compiler's diagnostics.

import { autocompletion, completionKeymap, type CompletionContext } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting, type StringStream } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Diagnostic } from '../api/types'
import { statements, words } from '../highlight'

const language = StreamLanguage.define<null>({
  startState: () => null,
  token(stream: StringStream) {
    const first = stream.sol()
    if (stream.eatSpace()) return null
    if (stream.match(/##.*/)) return 'docComment'
    if (stream.match(/#.*/)) return 'comment'
    if (stream.match(/"(?:[^"\\]|\\.)*"?/)) return 'string'
    if (stream.match(/@"[^"]*"?|@[\w.-]+/)) return 'labelName'
    if (stream.match(/\d{4}-\d{2}(?:-\d{2})?/) || stream.match(/\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number'
    const word = stream.match(/[A-Za-z_][\w.]*/)
    if (word) {
      const text = (word as RegExpMatchArray)[0]
      if (first && statements.has(text)) return 'keyword'
      return words.has(text) ? 'operatorKeyword' : null
    }
    stream.next()
    return null
  },
  languageData: { commentTokens: { line: '#' } },
})

// The colours of the read-only text.
const colours = HighlightStyle.define([
  { tag: tags.docComment, class: 't-doc' },
  { tag: tags.comment, class: 't-comment' },
  { tag: tags.string, class: 't-string' },
  { tag: tags.number, class: 't-number' },
  { tag: tags.labelName, class: 't-source' },
  { tag: tags.keyword, class: 't-keyword' },
  { tag: tags.operatorKeyword, class: 't-word' },
])

export interface Editor {
  setText(text: string): void
  show(found: Diagnostic[]): void
  jump(from: number, to: number): void
  destroy(): void
}

export function createEditor(
  parent: HTMLElement,
  options: { text: string; label: string; names: string[]; changed(text: string): void; save(): void },
): Editor {
  const complete = (context: CompletionContext) => {
    const word = context.matchBefore(/@?\w+/)
    if (!word || (word.from === word.to && !context.explicit)) return null
    return { from: word.from, options: options.names.map((label) => ({ label })), validFor: /^@?\w*$/ }
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        highlightActiveLineGutter(),
        history(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        autocompletion({ override: [complete] }),
        language,
        syntaxHighlighting(colours),
        lintGutter(),
        keymap.of([
          { key: 'Mod-s', preventDefault: true, run: () => (options.save(), true) },
          ...completionKeymap,
          ...lintKeymap,
          ...historyKeymap,
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.changed(update.state.doc.toString())
        }),
      ],
    }),
  })
  return {
    setText(text) {
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
    },
    show(found) {
      const length = view.state.doc.length
      const marks = found
        .filter((d) => d.from !== undefined)
        .map((d) => ({
          from: Math.min(d.from!, length),
          to: Math.min(Math.max(d.to ?? d.from!, d.from!), length),
          severity: d.severity,
          message: d.hint ? `${d.message}\n${d.hint}` : d.message,
          source: d.kind,
        }))
      view.dispatch(setDiagnostics(view.state, marks))
    },
    jump(from, to) {
      view.dispatch({ selection: { anchor: Math.min(from, view.state.doc.length), head: Math.min(to, view.state.doc.length) }, scrollIntoView: true })
      view.focus()
    },
    destroy() {
      view.destroy()
    },
  }
}
