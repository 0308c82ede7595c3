/**
 * The protocol of an evaluation as an object with a hash: numbers with different hashes are never ranked together. Events are put
 * in the manifest's order, and all of them is the same as none named, so that equal meanings have equal hashes.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { PylonError } from '../../contract/errors.ts'
import type { DatasetManifest, Split } from '../../contract/shapes/dataset.ts'
import type { Protocol, storedProtocolSchema } from '../../contract/shapes/protocol.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'

export interface ProtocolChoice {
  readonly manifest: DatasetManifest
  readonly part: Protocol['part']
  /** what measures on the validation part has never learned from it, whatever is said here */
  readonly fittedOn: Protocol['fittedOn']
  readonly seen: Protocol['seen']
  /** event types whose held-out interactions count; empty: all */
  readonly events: readonly string[]
  readonly search: Protocol['search']
}

/**
 * The protocol of an evaluation on a dataset.
 * @throws PylonError bad-input where an event is not one of the dataset's
 */
export function makeProtocol({ manifest, part, fittedOn, seen, events, search }: ProtocolChoice): Protocol {
  for (const event of events) if (!manifest.events.includes(event)) throw unknownEvent(event, manifest)
  const named = manifest.events.filter((event) => events.includes(event))
  return hashed({
    version: 2,
    datasetName: manifest.name,
    datasetChecksum: manifest.checksum,
    split: manifest.split,
    ...(manifest.preparation !== undefined && { preparation: manifest.preparation.map(({ step, setting }) => ({ step, setting })) }),
    part,
    fittedOn,
    candidates: 'all-items',
    seen,
    events: named.length === manifest.events.length ? [] : named,
    ties: 'item-order',
    search,
  })
}

/** What of a run and its dataset tells what the run is fitted on in the end. */
interface Fit {
  readonly model: string
  readonly training?: { readonly finalFit: boolean }
  readonly finalFit?: boolean
}
interface Held {
  readonly parts: Pick<DatasetManifest['parts'], 'validation'>
}

/** With the validation part where there is one, unless the spec says otherwise. */
export function fittedOn({ training, finalFit = training?.finalFit }: Fit, { parts }: Held): Protocol['fittedOn'] {
  const refitted = parts.validation > 0 && finalFit !== false
  return refitted ? 'train+validation' : 'train'
}

/** How a run of a spec is measured on a part. @throws PylonError as {@link makeProtocol} */
export function protocolOfRun(
  spec: RunSpec,
  manifest: DatasetManifest,
  part: Protocol['part'],
  search: Protocol['search'] = 'exact',
): Protocol {
  const { seen, events } = spec.evaluation
  return makeProtocol({ manifest, part, fittedOn: fittedOn(spec, manifest), seen, events, search })
}

/** A stored protocol as of this version: one of before did not say what the model was fitted on, which its spec and the dataset tell. */
export function upgradedProtocol(stored: z.infer<typeof storedProtocolSchema>, spec: Fit, dataset: Held): Protocol {
  if (stored.version === 2) return stored
  const { hash: _, ...fields } = stored
  return hashed({ ...fields, version: 2, fittedOn: fittedOn(spec, dataset) })
}

/** What measures on the validation part was fitted on train, whatever its run is fitted on in the end. */
function hashed(given: Omit<Protocol, 'hash'>): Protocol {
  const fields = given.part === 'validation' ? { ...given, fittedOn: 'train' as const } : given
  return { ...fields, hash: createHash('sha256').update(canonicalJson(fields)).digest('hex').slice(0, 12) }
}

/** Whether numbers of the two may be ranked together. */
export function sameProtocol(a: Protocol, b: Protocol): boolean {
  return a.hash === b.hash
}

/** One readable line to print beside a number. */
export function describeProtocol(protocol: Protocol): string {
  return [
    `${protocol.datasetName} (${protocol.datasetChecksum.slice(0, 8)})`,
    `${protocol.part} part of ${describeSplit(protocol.split)}`,
    ...(protocol.preparation ?? []).map(({ step, setting }) => `${step} ${setting}`),
    `fitted on ${protocol.fittedOn.replace('+', ' + ')}`,
    ...(protocol.events.length === 0 ? [] : [`events ${protocol.events.join(', ')}`]),
    `all items, seen ${protocol.seen}`,
    `${protocol.search === 'ann' ? 'ANN' : 'exact'} search, ties by item order`,
    `protocol ${protocol.hash}`,
  ].join(' · ')
}

/** A split in words. */
export function describeSplit(split: Split): string {
  switch (split.kind) {
    case 'leave-last':
      return 'leave-last-out'
    case 'time': {
      const validation = split.validationCut === null ? '' : `, validation from ${isoTime(split.validationCut)}`
      return `time cut ${isoTime(split.cut)}${validation}`
    }
    case 'random':
      return `random ${percent(split.fraction)} per user, seed ${split.seed}${validationShare(split.validationFraction)}`
    case 'given':
      return `given files${split.validationFraction === 0 ? '' : `, seed ${split.seed}${validationShare(split.validationFraction)}`}`
  }
}

/** JSON with the keys of every object in code-point order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(6))} %`
const validationShare = (share: number): string => (share === 0 ? '' : `, validation ${percent(share)} of train`)
const isoTime = (seconds: number): string => new Date(1000 * seconds).toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z')

function unknownEvent(event: string, manifest: DatasetManifest): PylonError {
  const known = manifest.events.length === 0 ? 'it has one unnamed type; leave the list empty' : `it has ${manifest.events.join(', ')}`
  return new PylonError('bad-input', `Dataset ${manifest.name} has no event "${event}": ${known}.`, 'evaluation.events')
}
