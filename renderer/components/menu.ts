/** Types of a Menu's entries: actions, lines and headings. */
import type { Component } from 'vue'

export interface MenuAction {
  readonly label: string
  readonly run: () => unknown
  readonly icon?: Component
  readonly keys?: string
  readonly danger?: boolean
  readonly disabled?: boolean
  /** why it is disabled, on hover */
  readonly title?: string
  /** the line that does the same in a terminal: a button beside the entry, or the key c, copies it */
  readonly command?: string
  /** given: an entry that is on or off, and keeps the menu open */
  readonly checked?: boolean
}

/** A line, or a heading. */
export type MenuEntry = MenuAction | 'line' | { readonly heading: string }
