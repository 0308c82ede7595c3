/** A name that is not taken: the wanted one, or with a number behind it, `name-2`. */
export function freeName(wanted: string, taken: { has(name: string): boolean }): string {
  let name = wanted
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`
  return name
}
