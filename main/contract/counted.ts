/** Numbers of things in English. */

/** `1,234,567` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** How many of what, in the number it has: "1 run", "2 runs". @param things their plural */
export function counted(value: number, things: string): string {
  return `${count(value)} ${
    Math.round(value) === 1
      ? things
          .replace(/ies$/, 'y')
          .replace(/(ch)es$/, '$1')
          .replace(/s$/, '')
      : things
  }`
}
