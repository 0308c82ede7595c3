/** Verb handlers of runs that are trained elsewhere: written as a job, and followed. */
import { badInput, conflict } from '../../contract/errors.ts'
import type { EngineContext, Handlers } from '../engine-context.ts'
import { checkSupported } from '../export/code.ts'
import { entryNames } from '../store/marker.ts'
import { pylonVersion } from '../files/version.ts'
import { readCluster } from '../jobs/training/elsewhere.ts'
import { resolveRun, startElsewhere } from './run-jobs.ts'

export function clusterVerbs(context: EngineContext): Handlers<'cluster.export' | 'cluster.follow'> {
  const { store, queue, threads } = context
  const { workspace, datasets } = store
  return {
    'cluster.export': async ({ out, engine: _, files, record, name, ...config }) => {
      const { dataset, spec } = await resolveRun(context, config)
      if (spec.model !== 'two-tower')
        throw badInput(`Only a two-tower is trained elsewhere, no ${spec.model}: choose another recipe.`, 'recipe')
      if (entryNames(out).length > 0) throw conflict(`${out} is not empty: give a new folder.`, 'out')
      return queue.add({
        job: 'cluster-export',
        threads,
        input: () => ({
          spec,
          datasetFolder: workspace.dataset(dataset),
          datasetRecord: datasets.get(dataset),
          name: name ?? spec.recipe ?? spec.model,
          pylon: pylonVersion(),
          files,
          record,
          out,
          guarded: [workspace.home],
        }),
      })
    },

    'cluster.follow': async ({ path, name }) => {
      const { spec, dataset, name: own } = await readCluster(path)
      if (spec.model !== 'two-tower') throw badInput(`${path} is a job of a ${spec.model}, which no job trains.`, 'path')
      checkSupported(spec, 'job') // it came from outside: no module of code among it
      const here = datasets.list().find(({ checksum }) => checksum === dataset.checksum)
      if (here === undefined)
        throw conflict(
          `The job is of dataset "${dataset.name}", which is not in this workspace as it was then: import it the same way.`,
          'path',
        )
      return startElsewhere(context, { folder: path, name: name ?? own, dataset: here.name, spec })
    },
  }
}
