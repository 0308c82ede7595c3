/** Types of the texts: English is the measure, a language that misses a key or has one too many does not compile. */

/** The same keys, any strings. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> }

/** Dotted paths of all texts: `runs.title`. */
export type Keys<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Keys<T[K]>}` }[keyof T & string]

/** What the engine says, in another language. */
export interface Sayings {
  /** English template with `{}` for each value → the sentence with `{0}`, `{1}` …; `{0!}` where the value is one of the words */
  readonly sentences: Readonly<Record<string, string>>
  readonly words: Readonly<Record<string, string>>
  /** what is counted, `row` → `行` */
  readonly units: Readonly<Record<string, string>>
}
