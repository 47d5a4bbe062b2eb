// The program's own hash of a text (src/base/hash.h): FNV-1a over its bytes, then mixed.

const mask = (1n << 64n) - 1n

function mix(value: bigint): bigint {
  let x = (value + 0x9e3779b97f4a7c15n) & mask
  x = ((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & mask
  return x ^ (x >> 31n)
}

export function hash(text: string): string {
  let h = 0xcbf29ce484222325n ^ mix(0n)
  for (const byte of new TextEncoder().encode(text)) h = ((h ^ BigInt(byte)) * 0x100000001b3n) & mask
  return mix(h).toString(16).padStart(16, '0')
}
