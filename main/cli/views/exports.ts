/** Exports and bundles as text. */
import type { JobResult } from '../../contract/verbs.ts'
import { bytes, count, left, pairs, right, style, table } from '../table.ts'

export const exportViews = {
  'runs.export': ({ out, files }: JobResult<'runs.export'>): string =>
    [
      table(
        [left('file'), right('size'), left('sha256')],
        files.map((f) => [f.path, bytes(f.bytes), f.sha256.slice(0, 16)]),
      ),
      `in ${out}`,
    ].join('\n'),

  'bundles.verify': (result: JobResult<'bundles.verify'>): string =>
    [style('bold', 'The bundle is whole and answers as recorded.'), facts(result)].join('\n'),

  'bundles.import': ({ run, name, dataset, carried, verified }: JobResult<'bundles.import'>): string =>
    [
      pairs([
        ['run', style('bold', `${run}  ${name}`)],
        ['dataset', carried ? `${dataset} (what the bundle carries of it: no user metadata, no test part)` : dataset],
      ]),
      facts(verified),
    ].join('\n'),
}

function facts({
  run,
  name,
  dataset,
  pylon,
  createdAt,
  files,
  bytes: size,
  probes,
  worst,
  indexRecall,
}: JobResult<'bundles.verify'>): string {
  return pairs([
    ['bundle of', `run ${run} (${name}) on ${dataset}, written by Pylon ${pylon} on ${createdAt.slice(0, 10)}`],
    ['files', `${count(files)}, ${bytes(size)}, checksums match`],
    ['probes', `${count(probes)} queries answered as recorded, scores within ${worst.toExponential(1)}`],
    ['index', `finds ${(indexRecall * 100).toFixed(1)} % of their exact hits`],
  ])
}
