/** The engine's refusal to open a workspace, split into its text and the command to copy. */

/** Its sentences, and the command it ends with or names in quotes, as it is typed. */
export function splitRefusal(message: string): { readonly text: string; readonly command: string | null } {
  const [, before, last] = /^(.*[:：]) ?(pylon [^\n]+)$/s.exec(message) ?? []
  if (before !== undefined && last !== undefined) return { text: before, command: last }
  return { text: message, command: /["“](pylon [^"”]+)["”]/.exec(message)?.[1] ?? null }
}
