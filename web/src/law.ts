// What an answer of the law looks like: a kind, a letter and words, never a colour alone.

import type { Law } from './api/types'

export type Kind = 'free' | 'notice' | 'licence' | 'deny' | 'open'

export const letters: Record<Kind, string> = { free: '·', notice: 'N', licence: 'L', deny: 'X', open: '?' }
export const kindWords: Record<Kind, string> = {
  free: 'free',
  notice: 'notice, or free for some',
  licence: 'licence',
  deny: 'licence, presumed denied',
  open: 'not determined',
}

export function kindOf(outcome: string): Kind {
  if (/^(UNDETERMINED|DEPENDS)/.test(outcome)) return 'open'
  if (outcome === 'NLR' || outcome === 'ACA_NLR') return 'free'
  if (outcome.startsWith('NAC') || outcome.startsWith('LISTED')) return 'notice'
  if (outcome === 'LICENCE_PD') return 'deny'
  return 'licence'
}

export function outcomeWords(law: Law, outcome: string): string {
  const words = (code: string) => law.outcomes.find((o) => o.code === code)?.title ?? code
  if (outcome.startsWith('UNDETERMINED')) return 'not determined: a fact is missing'
  if (outcome.startsWith('DEPENDS')) return 'depends on where in its range a figure lies'
  return words(outcome)
}

// `2025-04-09` as years.
export function yearsOf(date: string): number {
  const [y, m, d] = date.split('-').map(Number)
  return y! + ((m ?? 1) - 1) / 12 + ((d ?? 1) - 1) / 365
}
