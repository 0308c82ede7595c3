/** The features that recipes give their towers, made of the columns the dataset has. */
import { freeName } from '../../../contract/free-name.ts'
import type { DatasetManifest } from '../../../contract/shapes/dataset.ts'
import type { Feature } from '../../../contract/shapes/features.ts'
import type { RunConfig } from '../../../contract/shapes/spec.ts'
import { ID_DROPOUT } from '../../../contract/shapes/spec/id-dropout.ts'
import { autoFeatures } from '../../features/auto.ts'
import type { Side } from '../../dataset/dataset.ts'

type TwoTowerConfig = Extract<RunConfig, { user?: unknown }>
/** A feature as a config may write it. */
export type FeatureConfig = Exclude<NonNullable<NonNullable<TwoTowerConfig['user']>['features']>, 'auto'>[number]
export type HistoryConfig = Extract<FeatureConfig, { kind: 'history' }>

/** What the columns of a side say, without its id and its history. */
export function columnFeatures(side: Side, manifest: DatasetManifest): Feature[] {
  return autoFeatures(side, manifest).filter(({ kind }) => kind !== 'id' && kind !== 'history')
}

/** The id of a side; where it has other features too, the share of examples that hide it. */
export function idFeature(dim: number, others: readonly unknown[], unknownRate = ID_DROPOUT): FeatureConfig {
  return { kind: 'id', dim, unknownRate: others.length > 0 ? unknownRate : 0 }
}

/** One history of all events; or one an event type, named after it. */
export function histories(
  manifest: DatasetManifest,
  history: Omit<HistoryConfig, 'kind' | 'name' | 'events'>,
  perEvent: boolean,
): HistoryConfig[] {
  if (!manifest.hasOrder) return []
  if (!perEvent || manifest.events.length < 2) return [{ kind: 'history', ...history }]
  // events of another script have no letters that a name may have, and so one name for all
  const taken = new Set<string>()
  return manifest.events.map((event) => {
    const name = freeName(`history-${slug(event)}`, taken)
    taken.add(name)
    return { kind: 'history', name, events: [event], ...history }
  })
}

const slug = (event: string): string => event.replace(/[^a-z0-9_-]+/gi, '-').replace(/^-+|-+$/g, '') || 'event'
