import { writeFileSync } from 'node:fs'

/** 80 users in four circles of taste, 40 items; item 39 is met in the test part alone. */
export function writeEvents(path: string): void {
  let state = 11
  const random = (n: number): number => ((state = (state * 48271) % 2147483647), state % n)
  const rows = ['user,item,time']
  for (let user = 0; user < 80; user++) {
    const met = new Set<number>()
    while (met.size < 12) met.add(met.size % 2 === 0 ? (user % 4) * 10 + random(9) : random(39))
    for (const [i, item] of [...met].entries()) rows.push(`u${user},i${item},${1_700_000_000 + i * 3600}`)
    rows.push(`u${user},i${user % 8 === 0 ? 39 : (user % 4) * 10 + 8},${1_700_000_000 + 13 * 3600}`)
  }
  writeFileSync(path, `${rows.join('\n')}\n`)
}
