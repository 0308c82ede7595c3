/** An option of a Select, Combobox or Tabs: a value and its label. */
export interface Option<V extends string = string> {
  readonly value: V
  readonly label: string
  /** a second, quieter line */
  readonly hint?: string
  readonly disabled?: boolean
}
