/** The answer of each verb as text for people; the JSON is the contract's own. Under each table of metrics stands its protocol. */
import type { StartedResult } from '../contract/shapes/run.ts'
import type { CliVerbName, JobResult, JobVerb, VerbName, VerbOutput } from '../contract/verbs.ts'
import { trialGroups } from '../contract/trials.ts'
import { describeStep } from '../contract/shapes/preparation.ts'
import { showFindings, showInspection } from './views/inspection.ts'
import { showEncoders } from './views/encoders.ts'
import { showRecipe, showRecipes } from './views/recipes.ts'
import { showLedger } from './views/ledger.ts'
import { showReport } from './views/report.ts'
import { showRerank } from './views/rerank.ts'
import { epochTable, trialTable, geometryTable, metricTable, protocolLine, runTable, seedsTable } from './measures.ts'
import { showSearch, showSearches, showSpace } from './views/search.ts'
import { showVerdict } from './views/verdict.ts'
import { showClusterJob } from './views/cluster.ts'
import { showCompared } from './views/compare.ts'
import { showDial } from './views/dial.ts'
import { showCompat } from './views/compat.ts'
import { showSkew } from './views/skew.ts'
import { showPlan } from './views/plan.ts'
import { showNegatives } from './views/negatives.ts'
import { showFlow } from './views/flow.ts'
import { showDifference } from './views/difference.ts'
import { showBacktest, showBacktests, showKeptBacktest } from './views/backtest.ts'
import { showProof, showPublished } from './views/published.ts'
import { showTracked, showTrackedImport } from './views/tracked.ts'
import { showSlices } from './views/slices.ts'
import { segmentViews } from './views/segments.ts'
import { exportViews } from './views/exports.ts'
import { workspaceViews } from './views/workspace.ts'
import { bytes, count, duration, metric, formatTime, pairs, right, shorten, style, table } from './table.ts'
import { showCurve, showIndex } from './views/ann.ts'

/** What a verb gives in the end: a job its result, a query its answer. */
export type Answer<V extends VerbName> = V extends JobVerb ? JobResult<V> : VerbOutput<V>

const views: { readonly [V in CliVerbName]: (answer: Answer<V>) => string } = {
  'datasets.import': (d) =>
    pairs([
      ['dataset', style('bold', d.dataset)],
      ['users', count(d.users)],
      ['items', count(d.items)],
      ['interactions', `${count(d.interactions)} (train ${count(d.train)}, validation ${count(d.validation)}, test ${count(d.test)})`],
    ]) + showFindings(d.findings),

  'datasets.inspect': showInspection,

  'datasets.layouts': ({ layouts, containers }) =>
    [
      table(
        ['layout', 'of', 'files'],
        layouts.map(({ name, title: of, files }) => [name, of, files]),
      ),
      '',
      table(
        ['read', 'by', 'up to'],
        containers.map(({ name, library, limit }) => [name, library, limit]),
      ),
    ].join('\n'),

  'datasets.list': ({ datasets }) =>
    datasets.length === 0
      ? 'No datasets yet. Make one: pylon import --name market --sample'
      : table(
          [
            'dataset',
            right('users'),
            right('items'),
            right('interactions'),
            right('train'),
            right('validation'),
            right('test'),
            'split',
            'imported',
          ],
          datasets.map((d) => [
            d.name,
            ...[d.users, d.items, d.interactions, d.parts.train, d.parts.validation, d.parts.test].map(count),
            d.split.kind,
            formatTime(d.createdAt),
          ]),
        ),

  'datasets.profile': ({ manifest, profile }) => showProfile(manifest, profile),

  'cluster.export': showClusterJob,
  'cluster.follow': showTrained,
  'runs.start': showTrained,
  'runs.blend': showTrained,
  'runs.tell': ({ run, to, steps, epochs }) =>
    `${run} is told to ${to}: ${count(steps)} steps that were not there, ${count(epochs)} epochs.`,
  'tracked.import': showTrackedImport,
  'tracked.list': ({ tracked }) => showTracked(tracked),
  'tracked.delete': ({ deleted }) => `Forgotten: ${deleted}.`,
  'runs.dial': showDial,
  'runs.compat': showCompat,
  'serving.skew': showSkew,
  'runs.negatives': showNegatives,

  'map.layout': ({ run, items, users, labels, seconds }) =>
    [
      `${count(items)} items and ${count(users)} users of ${run} laid out in ${duration(seconds)}; the map of the page shows them by neighbourhoods.`,
      ...(labels.length === 0
        ? []
        : [
            table(
              [right('items'), 'what they have in common'],
              labels.map((label) => [count(label.items), label.text]),
            ),
          ]),
    ].join('\n'),

  'runs.evaluate': (e) =>
    [
      metricTable({ run: e.metrics, 'most popular': e.baseline, ...(e.ann === undefined ? {} : { 'run, ANN': e.ann.metrics }) }),
      protocolLine(e.protocol),
      `${count(e.users)} users evaluated`,
      ...(e.ann === undefined
        ? []
        : [
            `ANN finds ${(e.ann.recallVsExact * 100).toFixed(2)} % of the exact top ${e.ann.k}; a query takes ${e.ann.p50Ms.toFixed(2)} ms (p99 ${e.ann.p99Ms.toFixed(2)} ms)`,
          ]),
    ].join('\n'),

  'index.build': showIndex,
  'index.curve': showCurve,
  'index.plan': showPlan,

  'neighbours.recommend': showNeighbours,
  'neighbours.similar': showNeighbours,
  'neighbours.flow': showFlow,

  'runs.list': ({ runs }) => (runs.length === 0 ? 'No runs yet. Start one: pylon train --dataset NAME --recipe two-tower' : runTable(runs)),

  'runs.compare': showCompared,
  'runs.rank': ({ runs }) => `Ranked: ${runs.join(', ')}. pylon compare ${runs.join(' ')}`,

  'runs.show': (run) => {
    const parts = [
      pairs([
        ['run', style('bold', `${run.run}  ${run.name}`)],
        ['dataset', run.dataset],
        ['model', run.recipe === null ? run.model : `${run.model} (${run.recipe})`],
        ['state', run.error === null ? run.state : `${run.state}: ${run.error}`],
        ['started', formatTime(run.createdAt)],
        ['epochs', run.bestEpoch === null || run.epochs === 0 ? String(run.epochs) : `${run.epochs} (best ${run.bestEpoch})`],
        ['time', duration(run.seconds)],
        ...(run.seed === null ? [] : [['seed', String(run.seed)] as const]),
        ...(run.tags.length === 0 ? [] : [['tags', run.tags.join(', ')] as const]),
        ...(run.notes === '' ? [] : [['note', run.notes] as const]),
        ['folder', run.folder],
      ]),
    ]
    if (run.trial !== null)
      parts.push(
        `Trial ${run.trial.number} of search ${run.trial.search}: the test part is not looked at. pylon search show ${run.trial.search}`,
      )
    if (run.protocol !== null)
      parts.push(`${metricTable({ run: run.metrics, 'most popular': run.baseline })}\n${protocolLine(run.protocol)}`)
    parts.push(...trialGroups(run.trials).map(trialTable))
    if (run.epochsLog.length > 0) parts.push(epochTable(run.epochsLog))
    const geometry = geometryTable(run.epochsLog, run.bestEpoch)
    if (geometry !== null) parts.push(geometry)
    if (run.environment !== null) {
      const { pylon, node, platform, cpu, threads, executor, executorVersion, gitCommit } = run.environment
      parts.push(
        pairs([
          [
            'made with',
            `Pylon ${pylon}${gitCommit === null ? '' : ` (${gitCommit.slice(0, 10)})`}, Node ${node}, ${executor} ${executorVersion}, ${threads} threads`,
          ],
          ['on', `${platform}, ${cpu}`],
        ]),
      )
    }
    if (run.artefacts.length > 0)
      parts.push(
        table(
          ['file', right('size'), 'sha256'],
          run.artefacts.map((a) => [a.path, bytes(a.bytes), a.sha256.slice(0, 16)]),
        ),
      )
    parts.push(`${style('dim', 'config')}\n${JSON.stringify(run.spec, null, 2)}`)
    return parts.join('\n\n')
  },

  'encoders.list': showEncoders,
  'recipes.list': showRecipes,
  'recipes.show': showRecipe,
  'runs.rerank': showRerank,
  'runs.ledger': showLedger,
  'runs.ablate': showSearch,
  'search.list': showSearches,
  'search.start': showSearch,
  'search.resume': showSearch,
  'search.add': showSearch,
  'search.show': showSearch,
  'search.space': showSpace,
  'search.cancel': ({ search }) => `Asked search ${search} to stop. Go on with: pylon search resume ${search}`,
  'search.promote': showTrained,
  'search.export': ({ path, trials }) => `Wrote ${trials} trials to ${path}. Open it with: optuna-dashboard ${path}`,
  'search.delete': ({ deleted, runs, forever }) =>
    `Deleted search ${deleted}${runs === 0 ? '; its runs stay' : ` and ${runs} runs`}${forever ? ', for good' : `. Take it back with: pylon trash restore ${deleted}`}.`,

  'reports.write': showReport,
  'runs.difference': showDifference,
  'runs.slices': showSlices,
  'datasets.backtest': showBacktest,
  'backtests.list': showBacktests,
  'backtests.show': showKeptBacktest,
  'backtests.resume': showBacktest,
  'backtests.delete': ({ deleted, forever }) =>
    `Deleted backtest ${deleted}${forever ? ' for good' : `. Take it back with: pylon trash restore ${deleted}`}.`,
  'runs.verdict': showVerdict,
  'runs.published': showPublished,
  'datasets.prove': showProof,
  'runs.note': (run) => runTable([run]),
  'runs.delete': ({ deleted, forever }) =>
    forever ? `Removed ${deleted} for good.` : `Moved ${deleted} to the trash. Take it back: pylon trash restore ${deleted}`,
  ...segmentViews,
  ...exportViews,
  'jobs.cancel': () => 'Asked it to stop.',

  ...workspaceViews,
}

/** The text of a verb's answer. */
export function showResult<V extends CliVerbName>(verb: V, answer: unknown): string {
  return (views[verb] as (answer: unknown) => string)(answer)
}

const UNCHECKED = 'of its files are not recorded: import it again to have them checked'

function showProfile(manifest: VerbOutput<'datasets.profile'>['manifest'], p: VerbOutput<'datasets.profile'>['profile']): string {
  const share = (value: number): string => `${(value * 100).toPrecision(3)} %`
  const spread = (s: typeof p.interactionsPerUser): string =>
    `${count(s.minimum)} to ${count(s.maximum)}, median ${count(s.median)}, mean ${s.mean.toFixed(1)}, 90 % below ${count(s.p90)}`
  const parts = [
    pairs([
      ['dataset', style('bold', manifest.name)],
      [
        'users',
        `${count(p.users)} (${count(p.usersWithoutInteractions)} without interactions, ${count(p.usersWithoutMetadata)} without metadata)`,
      ],
      [
        'items',
        `${count(p.items)} (${count(p.itemsWithoutInteractions)} without interactions, ${count(p.itemsWithoutMetadata)} without metadata)`,
      ],
      ['interactions', `${count(p.interactions)} (${count(p.duplicates)} repeated pairs), density ${share(p.density)}`],
      ...(p.timeFrom === null || p.timeTo === null ? [] : [['time', `${formatTime(p.timeFrom)} to ${formatTime(p.timeTo)}`] as const]),
      ...(manifest.events.length === 0
        ? []
        : [['events', manifest.events.map((name, i) => `${name} ${count(p.perEvent[i] ?? 0)}`).join(', ')] as const]),
      ...(manifest.positives === undefined ? [] : [['positives', manifest.positives.join(', ')] as const]),
      [
        'split',
        `${manifest.split.kind}: train ${count(manifest.parts.train)}, validation ${count(manifest.parts.validation)}, test ${count(manifest.parts.test)}${manifest.parts.unused > 0 ? `, unused ${count(manifest.parts.unused)}` : ''}`,
      ],
      ...(manifest.files === undefined ? [['checksums', UNCHECKED] as const] : []),
      ['cold items', `${count(p.coldItems)} never in training; ${share(p.coldShare)} of the test interactions`],
      ['per user', spread(p.interactionsPerUser)],
      ['per item', spread(p.interactionsPerItem)],
      ['long tail', [1, 5, 10, 20, 50].map((top) => `top ${top} %: ${share(p.longTail[top - 1] ?? 0)}`).join(', ')],
    ]),
  ]
  for (const [side, columns] of [
    ['user', manifest.userColumns],
    ['item', manifest.itemColumns],
  ] as const) {
    if (columns.length === 0) continue
    parts.push(
      table(
        [`${side} column`, 'kind', right('distinct'), right('missing'), 'such as'],
        columns.map((c) => [c.name, c.kind, count(c.distinct), count(c.missing), shorten(c.samples.join(' · '), 60)]),
      ),
    )
  }
  if (manifest.preparation !== undefined) parts.push(manifest.preparation.map(describeStep).join('\n'))
  if (manifest.warnings.length > 0) parts.push(manifest.warnings.map((warning) => `${style('yellow', 'warning:')} ${warning}`).join('\n'))
  return parts.join('\n\n') + showFindings(manifest.findings ?? [])
}

function showNeighbours(answer: VerbOutput<'neighbours.recommend'>): string {
  const { query, hits, search, recallVsExact, warnings } = answer
  const whom =
    query.kind === 'features'
      ? 'the given features'
      : `${query.kind} ${query.id}${query.title === null ? '' : ` (${query.title})`}${query.kind === 'item' ? `, ${count(query.popularity)} training interactions` : ''}`
  const how =
    search === 'exact' ? 'exact search over all items' : `ANN search, ${((recallVsExact ?? 0) * 100).toFixed(1)} % of the exact answer`
  return [
    `Nearest to ${whom}`,
    table(
      [right('rank'), right('score'), 'item', 'title', right('popularity')],
      hits.map((hit) => [String(hit.rank), metric(hit.score), hit.item, shorten(hit.title ?? '', 60), count(hit.popularity)]),
    ),
    style('dim', how),
    ...warnings.map((warning) => `${style('yellow', 'warning:')} ${warning}`),
  ].join('\n')
}

function showTrained(r: StartedResult): string {
  if (r.seeds !== undefined) return `${seedsTable(r.seeds)}\n${protocolLine(r.protocol)}`
  return [
    pairs([
      ['run', style('bold', r.run)],
      ...(r.epochs === 0 ? [] : [['epochs', `${r.epochs} (best ${r.bestEpoch}), ${count(r.examplesPerSecond)} examples/s`] as const]),
      ['time', `${duration(r.seconds)}, peak memory ${count(r.peakRssMb)} MB`],
    ]),
    '',
    metricTable({ run: r.metrics, 'most popular': r.baseline }),
    protocolLine(r.protocol),
  ].join('\n')
}
