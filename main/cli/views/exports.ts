/** Exports and bundles as text. */
import type { JobResult, VerbOutput, VerifiedBundle, VerifiedExport } from '../../contract/verbs.ts'
import { bytes, count, counted, pairs, right, style, table } from '../table.ts'

export const exportViews = {
  'runs.export': ({ out, files, annTable }: JobResult<'runs.export'>): string =>
    annTable === null ? fileTable(out, files) : annView(annTable),

  'recommendations.write': ({ out, users, rows, k, bytes: size }: JobResult<'recommendations.write'>): string =>
    pairs([
      ['written', `${style('bold', out)}, ${bytes(size)}`],
      ['rows', `${count(rows)}: at most ${counted(k, 'items')} of each of ${counted(users, 'users')}`],
    ]),

  'bundles.verify': (result: JobResult<'bundles.verify'>): string =>
    result.kind === 'bundle'
      ? [style('bold', 'The bundle is whole and answers as recorded.'), facts(result)].join('\n')
      : exportFacts(result),

  'bundles.delta': ({ out, bytes: size, ofBytes, items, added, changed, removed, from, to }: JobResult<'bundles.delta'>): string => {
    const share = ofBytes === 0 ? 0 : (100 * size) / ofBytes
    const rest = items - added - changed
    return [
      pairs([
        ['delta', style('bold', out)],
        ['from', `${from} to ${to}`],
        ['items', `${count(added)} new, ${count(changed)} changed, ${count(removed)} gone, ${count(rest)} as they were`],
        ['size', `${bytes(size)}, ${share.toFixed(1)} % of the ${bytes(ofBytes)} of the newer bundle`],
      ]),
      ...(rest === 0 && items > 0
        ? [style('dim', 'Every vector differs, as after a training: the whole bundle is hardly larger. A delta pays where towers stay.')]
        : []),
    ].join('\n')
  },

  'bundles.apply': (result: JobResult<'bundles.apply'>): string =>
    [style('bold', 'The newer bundle is put together, is whole and answers as recorded.'), facts(result)].join('\n'),

  'bundles.import': ({ run, name, dataset, carried, verified }: JobResult<'bundles.import'>): string =>
    [
      pairs([
        ['run', style('bold', `${run}  ${name}`)],
        ['dataset', carried ? `${dataset} (what the bundle carries of it: no user metadata, no test part)` : dataset],
      ]),
      facts(verified),
    ].join('\n'),

  'serving.start': ({ url, token, source, changes }: VerbOutput<'serving.start'>): string =>
    [
      pairs([
        ['serves', source],
        ['at', style('bold', url)],
        ['token', token],
        ...changeRows(changes),
        ['documents', `${url}/openapi.json, ${url}/health, ${url}/metrics`],
      ]),
      `curl -H 'authorization: Bearer ${token}' ${url}/recommend -d '{"user": "…", "k": 10}'`,
      style('dim', 'Ctrl-C stops it.'),
    ].join('\n'),
}

function changeRows(changes: VerbOutput<'serving.start'>['changes']): [string, string][] {
  if (changes === null) return [['changes', 'in memory only: a restart forgets them']]
  const { log, put, deleted, users, unfit, torn } = changes
  const found = `${counted(put, 'items')} put, ${count(deleted)} deleted, events of ${counted(users, 'users')}, from ${log}`
  return [
    ['changes', found],
    ...(unfit === 0
      ? []
      : [['', `${style('yellow', 'warning:')} ${counted(unfit, 'items')} do not fit this model and are not served`] as [string, string]]),
    ...(torn ? [['', `${style('yellow', 'warning:')} a last line that a crash cut short was left out`] as [string, string]] : []),
  ]
}

function facts({ run, name, dataset, pylon, createdAt, files, bytes: size, probes, worst, indexRecall }: VerifiedBundle): string {
  return pairs([
    ['bundle of', `run ${run} (${name}) on ${dataset}, written by Pylon ${pylon} on ${createdAt.slice(0, 10)}`],
    ['files', `${count(files)}, ${bytes(size)}, checksums match`],
    ['probes', `${counted(probes, 'queries')} answered as recorded, scores within ${worst.toExponential(1)}`],
    ['index', `finds ${(indexRecall * 100).toFixed(1)} % of their exact hits`],
  ])
}

function exportFacts({ format, files, bytes: size, warnings }: VerifiedExport): string {
  return [
    `${style('bold', 'The files are what was written.')} An export as ${format}: ${counted(files, 'files')}, ${bytes(size)}.`,
    ...warnings.map((warning) => `${style('yellow', 'warning:')} ${warning}`),
  ].join('\n')
}

function fileTable(out: string, files: JobResult<'runs.export'>['files']): string {
  const rows = files.map((f) => [f.path, bytes(f.bytes), f.sha256.slice(0, 16)])
  return [table(['file', right('size'), 'sha256'], rows), `in ${out}`].join('\n')
}

function annView(rows: NonNullable<JobResult<'runs.export'>['annTable']>): string {
  const cell = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '–'
  return [
    table(
      ['index', 'version', right('recall@10'), right('build s'), right('query ms'), 'settings'],
      rows.map((r) => [
        r.name,
        r.version,
        cell(r.recall, 4),
        cell(r.buildSeconds, 2),
        cell(r.p50Ms, 3),
        r.note === '' ? r.settings : r.note,
      ]),
    ),
    style('dim', 'recall against exact search over the same vectors, 500 users as queries, one thread'),
  ].join('\n')
}
