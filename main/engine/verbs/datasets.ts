/**
 * Verb handlers of datasets: imported by a job into a temporary folder, then taken over whole; listed and profiled from
 * their manifests.
 */
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { ImportInput, ImportResult } from '../../contract/verbs.ts'
import { ResourceCache } from '../ann/resource-cache.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { stem } from '../files/stem.ts'
import type { Jobs } from '../queue/job-types.ts'
import type { Browser } from '../dataset/browse.ts'

/** Datasets kept open for browsing. */
const BROWSED = 2

export function datasetVerbs(
  context: EngineContext,
): Handlers<'datasets.inspect' | 'datasets.import' | 'datasets.layouts' | 'datasets.list' | 'datasets.profile' | 'datasets.rows'> {
  const { store, queue, announce } = context
  // a dataset that was replaced is another one, and opened anew
  const browsers = new ResourceCache<Browser>({
    capacity: BROWSED,
    load: async (key) => {
      const name = key.slice(key.indexOf(' ') + 1)
      return (await import('../dataset/browse.ts')).Browser.open(store.workspace.dataset(name), store.datasets.get(name))
    },
    dispose: (browser) => browser.dispose(),
  })
  const withRecipe = async (asked: ImportInput): Promise<Pick<Jobs['import']['input'], 'input' | 'kindsBefore'>> => {
    if (asked.like === undefined) {
      if (asked.append !== undefined) throw badInput('Say to which dataset: --like DATASET.', '--append')
      return { input: asked }
    }
    const before = store.datasets.get(asked.like)
    const again = await import('../import/again.ts')
    return { input: again.optionsLike(asked, before), kindsBefore: again.kindsOf(before) }
  }
  return {
    'datasets.inspect': async (input) => {
      const before = input.like === undefined ? null : store.datasets.get(input.like)
      if (before !== null) {
        const again = await import('../import/again.ts')
        const asked = again.optionsLike(input, before)
        const found = await queue.aside('inspect', { input: asked, threads: context.threads, kindsBefore: again.kindsOf(before) })
        return { ...found, findings: again.againFindings(found, before, asked.append !== undefined) }
      }
      if (input.append !== undefined) throw badInput('Say to which dataset: --like DATASET.', '--append')
      const { files, path, interactions } = input
      if ([files, path, interactions].filter((source) => source !== undefined).length !== 1)
        throw badInput('Say what to look at: --path FOLDER, --interactions FILE or --files FILE,FILE (one of them).')
      return queue.aside('inspect', { input, threads: context.threads })
    },

    'datasets.import': async (asked) => {
      if (asked.like === undefined) checkSource(asked)
      const { input, kindsBefore } = await withRecipe({ ...asked, name: asked.name ?? nameOf(asked) })
      checkSource(input)
      store.datasets.checkFree(input.name, input.replace)
      let folder = ''
      return queue.add({
        job: 'import',
        threads: context.threads,
        input: (temp) => ({ input, folder: (folder = join(temp, 'dataset')), ...(kindsBefore && { kindsBefore }) }),
        onFact: (fact, id) => {
          if (fact.kind === 'message') store.results.log({ job: id, run: null, level: fact.level, text: fact.text })
        },
        settle: (manifest) => {
          store.datasets.add(manifest, folder, input.replace)
          announce('datasets.changed', { dataset: input.name })
          return importResult(manifest)
        },
      })
    },

    'datasets.layouts': async () => {
      const [{ LAYOUTS }, { CONTAINERS }] = await Promise.all([
        import('../import/layouts/table.ts'),
        import('../import/containers/kinds.ts'),
      ])
      return {
        layouts: Object.entries(LAYOUTS).map(([name, { title, files }]) => ({ name, title, files })),
        containers: Object.values(CONTAINERS).map(({ label, library, limit }) => ({ name: label, library, limit })),
      }
    },

    'datasets.list': async () => ({
      datasets: store.datasets.list().map(({ name, createdAt, users, items, interactions, parts, split, checksum }) => ({
        name,
        createdAt,
        users,
        items,
        interactions,
        parts,
        split,
        checksum,
      })),
    }),

    'datasets.profile': async ({ dataset }) => {
      const manifest = store.datasets.get(dataset)
      return { manifest, profile: manifest.profile }
    },

    'datasets.rows': async ({ dataset, ...query }) => {
      const { name, createdAt } = store.datasets.get(dataset)
      return browsers.with(`${createdAt} ${name}`, (browser) => browser.page(query))
    },
  }
}

/** @throws PylonError bad-input unless there is exactly one source */
/** What a dataset without a name is called: as its file, table or folder, in signs that a name may have. */
function nameOf({ sample, path, interactions }: Omit<ImportInput, 'name'>): string {
  const source = path ?? interactions
  if (!sample && source === undefined) throw badInput('is needed', 'name')
  const name = sample
    ? 'sample-market'
    : stem(source!)
        .replaceAll(/[^\w.-]+/g, '-')
        .replaceAll(/^[^\w]+|-+$/g, '')
        .slice(0, 64)
  if (name === '') throw badInput(`is needed, as nothing of "${source}" can be one.`, 'name')
  return name
}

function checkSource({ sample, path, interactions }: Omit<ImportInput, 'name'>): void {
  const given = [sample && '--sample', path !== undefined && '--path', interactions !== undefined && '--interactions'].filter(
    (flag) => flag !== false,
  )
  if (given.length === 0) throw badInput('Say what to import: --sample, --path FOLDER or --interactions FILE.')
  if (given.length > 1) throw badInput(`${given.join(' and ')} exclude each other: give one of them.`)
}

function importResult({ name, users, items, interactions, parts, warnings, findings = [] }: DatasetManifest): ImportResult {
  const { train, validation, test } = parts
  return { dataset: name, users, items, interactions, train, validation, test, warnings, findings }
}
