/**
 * What every part of the spec form shares (provide and inject): the spec as it stands, how to change it, what is wrong
 * with it, and the dataset it is for.
 */
import { inject, type Component, type ComputedRef, type InjectionKey } from 'vue'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import type { SpecTexts } from './spec-texts.ts'
import type { Path, SpecNode } from '../spec/tree.ts'

/** One place of a spec as a control. */
export interface NodeProps {
  readonly node: SpecNode
  readonly path: Path
  readonly name: string
  /** what the fields within are named by, where it is not the same */
  readonly inner?: string
}

export interface SpecFormContext {
  /** The control of any place: groups hold it within it, so they are handed it instead of importing it in a circle. */
  readonly control: Component<NodeProps>
  readonly spec: ComputedRef<unknown>
  readonly manifest: ComputedRef<DatasetManifest | null>
  /** the features that automatic ones become for the dataset; null while not known */
  readonly automatic: ComputedRef<Readonly<Record<'user' | 'item', readonly unknown[]>> | null>
  /** by place, see spec/problems.ts */
  readonly problems: ComputedRef<ReadonlyMap<string, readonly string[]>>
  readonly texts: SpecTexts
  /** undefined takes the value away, so that the default holds */
  readonly set: (path: Path, value: unknown) => void
}

export const formKey: InjectionKey<SpecFormContext> = Symbol('spec form')

export function useSpecForm(): SpecFormContext {
  const link = inject(formKey)
  if (link === undefined) throw new Error('No form is provided: provide(formKey, …)')
  return link
}
