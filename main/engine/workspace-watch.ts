/**
 * Announces what other processes do in the same workspace (a training on the command line, another window), and ends the runs of those
 * that died, so that pages show what is true without being loaded anew. Only engines that stay look; one command does not.
 */
import type { EventListener } from '../contract/rpc.ts'
import { ForeignChanges } from './store/changes.ts'
import { isDiskFull } from './store/workspace.ts'
import type { Store } from './store/store.ts'

const EVERY_MS = 500
/** The first look reads all there is, and is not to stand in the way of the first page. */
const FIRST_MS = 2_000
/** Reading what changed may take up to a twentieth of the engine's time. */
const SHARE = 20
/** Looks between two that ask who of the owners lives: it takes a file lock each. */
const OWNERS_EVERY = 2

/** @param announce to pages alone: the records of other engines' runs are theirs to write. @returns a function that stops it */
export function watchWorkspace(store: Store, announce: EventListener): () => void {
  const changes = new ForeignChanges(store.database)
  let living = livingSearches(store)
  let looks = 0
  let timer: NodeJS.Timeout

  const tell = ({ runs, datasets, searches, segments }: Partial<ReturnType<ForeignChanges['look']> & object>): void => {
    for (const dataset of datasets ?? []) announce('datasets.changed', { dataset })
    for (const run of runs ?? []) announce('runs.changed', { run })
    for (const search of searches ?? []) announce('search.changed', { search })
    for (const segment of segments ?? []) announce('segments.changed', { segment })
  }
  const look = (): void => {
    const [began, isFirst] = [performance.now(), looks === 0]
    try {
      tell(changes.look() ?? {})
      if (++looks % OWNERS_EVERY === 0 && store.workspace.viewed === null) {
        tell({ runs: store.interruptOrphans() })
        const now = livingSearches(store)
        tell({ searches: [...living].filter((search) => !now.has(search)) })
        living = now
      }
    } catch (error) {
      // what is looked at is tried again; a full disk is told by whatever writes there
      if (!isDiskFull(error)) process.stderr.write(`The workspace could not be looked at: ${String(error)}\n`)
    }
    // the first one alone reads what was not changed
    timer = setTimeout(look, isFirst ? EVERY_MS : Math.max(EVERY_MS, SHARE * (performance.now() - began))).unref()
  }
  timer = setTimeout(look, FIRST_MS).unref()
  return () => clearTimeout(timer)
}

const livingSearches = (store: Store): ReadonlySet<string> => new Set(store.searches.livingIds())
