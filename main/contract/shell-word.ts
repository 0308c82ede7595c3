/** A word as a POSIX shell takes it: what a person may copy into a terminal. */

/** Between single quotes nothing has a meaning but the quote itself. */
export const shellWord = (word: string): string =>
  /^[\w\p{L}\p{M}\p{N}@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** What a shell makes of such a word. */
export const fromShellWord = (word: string): string => (/^'.*'$/s.test(word) ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word)
