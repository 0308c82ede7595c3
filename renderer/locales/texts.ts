/** Types of the texts: English is the measure, a language that misses a key or has one too many does not compile. */

/** The same keys, any strings. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> }

/** Dotted paths of all texts: `runs.title`. */
export type Keys<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Keys<T[K]>}` }[keyof T & string]
