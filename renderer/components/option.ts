/** A value that can be chosen, with its words. */
export interface Option<V extends string = string> {
  readonly value: V
  readonly label: string
  /** a second, quieter line */
  readonly hint?: string
  readonly disabled?: boolean
}
