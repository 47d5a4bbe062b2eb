import { expect, test } from 'vitest'
import { hash } from '../src/hash'

// Computed from the definition in src/base/hash.h by another program.
test('the hash is that of the program', () => {
  expect(hash('')).toBe('5b21f68ffa77f14c')
  expect(hash('a')).toBe('2a5a3f02a61014a9')
  expect(hash('é, 9 in 10')).toBe('fcb90afceea88f84')
})
