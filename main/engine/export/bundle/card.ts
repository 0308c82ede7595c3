/** The texts of a bundle: its model card in Markdown, and the note on licences. */
import { cutsOf, kindsOf, metricAtCut } from '../../../contract/metrics.ts'
import type { BundleManifest } from '../../../contract/shapes/bundle.ts'
import type { Metrics, Protocol } from '../../../contract/shapes/protocol.ts'
import type { BlendSpec, IndexedSpec, TowerSpec, TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { describeProtocol } from '../../protocol/protocol.ts'
import type { Curve } from '../figures.ts'

export interface CardFacts {
  readonly manifest: Omit<BundleManifest, 'files'>
  readonly spec: IndexedSpec
  readonly protocol: Protocol
}

/** MODEL_CARD.md, after Mitchell et al. 2019: what the model is, what it was trained on, how well it does, and what it is not for. */
export function modelCard({ manifest, spec, protocol }: CardFacts): string {
  const { run, model, dataset, environment } = manifest
  return [
    `# Model card: ${run.name}`,
    '',
    `${spec.model === 'blend' ? 'A blend of several retrieval models' : 'A two-tower retrieval model'}. It gives each user and each item a vector of ${model.dim} numbers; the items whose vectors match a user's best are its candidates. Trained by Pylon ${manifest.pylon} as run \`${run.id}\` on ${day(run.createdAt)}, bundled on ${day(manifest.createdAt)}.`,
    '',
    '## What it is',
    '',
    '| | |',
    '|---|---|',
    ...rows([
      ['recipe', run.recipe ?? 'none'],
      ...(spec.model === 'blend' ? blendRows(spec) : towerRows(spec, run)),
      ['knows', `${model.users} users and ${model.items} items; new ones by their features`],
      ...(run.tags.length === 0 ? [] : [['tags', run.tags.join(', ')] as const]),
    ]),
    '',
    ...(run.note === '' ? [] : ['## Note', '', run.note, '']),
    '## How well it does',
    '',
    `Measured on the **${protocol.part}** part: ${describeProtocol(protocol)}. Numbers of another protocol must not be compared with these.`,
    '',
    ...metricTable(manifest.metrics, manifest.baseline),
    '',
    ...(manifest.epochs.length === 0 ? [] : figuresText(manifest.epochs.some((epoch) => Object.keys(epoch.validation).length > 0))),
    '## What it was trained on',
    '',
    `Dataset \`${dataset.name}\`, checksum \`${dataset.checksum}\`, split ${JSON.stringify(protocol.split)}. The bundle carries both sides' ids, the items' metadata, and the interactions of train and validation (what users have seen, histories, popularity). It carries no user metadata and no test part.`,
    '',
    '## Use, and limits',
    '',
    ...limits,
    '- The carried ids and interactions are of real users if the dataset is: treat the bundle as you treat the data.',
    '',
    '## Load it',
    '',
    '    pylon verify PATH        # checksums, and the recorded queries asked again',
    '    pylon serve --bundle PATH',
    '    pylon import-run PATH    # a run again, in another workspace',
    '',
    ...(spec.model === 'blend'
      ? ['The towers of what it is made of are in `run/members/`, and how their vectors stand side by side in `run/blend.json`.']
      : [
          '`run/user_tower.onnx` and `run/item_tower.onnx` run in any ONNX runtime; how raw values become their inputs is in `run/encoders.json`.',
        ]),
    '',
    ...(environment === null
      ? []
      : [
          '## Made with',
          '',
          `Pylon ${environment.pylon}, Node ${environment.node}, ${environment.executor} ${environment.executorVersion}, ${environment.threads} threads, on ${environment.platform} (${environment.cpu}).`,
          '',
        ]),
  ].join('\n')
}

/** What any run is not for. */
export const limits = [
  '- It retrieves candidates; it does not rank them finely: the towers never see user and item together.',
  '- It knows what was liked until the end of its training part. Tastes and stock move on: measure it again on newer data.',
  '- It learns what its data shows, also who is shown little there. Look at the slices (`cold.`, and others above) before you rely on the mean.',
] as const

type Facts = (readonly [string, string])[]

function towerRows(spec: TwoTowerSpec, run: CardFacts['manifest']['run']): Facts {
  return [
    ['user tower reads', describeTower(spec.user)],
    ['item tower reads', describeTower(spec.item)],
    ['match', `${spec.match.kind}, temperature ${JSON.stringify(spec.match.temperature)}`],
    ['loss', JSON.stringify(spec.loss)],
    [
      'training',
      `${run.epochs} epochs (best ${run.bestEpoch ?? run.epochs}), batches of ${spec.training.batchSize}, seed ${run.seed ?? 'none'}, ${Math.round(run.seconds)} s`,
    ],
  ]
}

const blendRows = ({ runs, popularity }: BlendSpec): Facts => [
  ['runs', runs.join(', ')],
  ...((popularity ?? 0) === 0
    ? []
    : [['popularity', `λ ${popularity} times the log of an item's interactions, one dimension more`] as const]),
  ['match', 'dot: the inner product adds up the scores of the runs'],
]

function figuresText(hasValidation: boolean): string[] {
  return ['![Training loss](figures/loss.svg)', '', ...(hasValidation ? ['![Validation](figures/validation.svg)', ''] : [])]
}

/** The curves of the figures: the loss, and up to three validation metrics. */
export function curvesOf({ epochs }: Pick<BundleManifest, 'epochs'>): { loss: Curve[]; validation: Curve[] } {
  const names = [...new Set(epochs.flatMap(({ validation }) => Object.keys(validation)))]
  const headline = ['recall@20', 'ndcg@20', 'hit@20'].filter((name) => names.includes(name))
  return {
    loss: [{ name: 'loss', values: epochs.map(({ loss }) => (Number.isFinite(loss) ? loss : null)) }],
    validation: (headline.length > 0 ? headline : names.slice(0, 3)).map((name) => ({
      name,
      values: epochs.map(({ validation }) => validation[name] ?? null),
    })),
  }
}

/** LICENCE.md: whose what is. */
export function licenceNote(dataset: string): string {
  return [
    '# Licences',
    '',
    'The model is yours: Pylon claims nothing in what is made with it. Pylon itself is under the Apache License 2.0.',
    '',
    'Sentence models in `run/encoders`, where there are any, are what somebody else published: their licences hold for them.',
    '',
    `The weights, vectors, ids and item metadata in this bundle come from the dataset \`${dataset}\`: its licence and its terms of use hold for them, also for passing the bundle on. Put their text here.`,
    '',
  ].join('\n')
}

/** By kind and cut-off, those of most popular beside them. */
export function metricTable(metrics: Metrics, baseline: Metrics): string[] {
  const names = kindsOf(Object.keys(metrics))
  const cuts = cutsOf(Object.keys(metrics))
  if (names.length === 0) return ['The dataset had no test part: nothing was measured.']
  const cells = (values: Metrics, name: string): string[] => cuts.map((k) => values[metricAtCut(name, k)]?.toFixed(4) ?? '')
  return [
    `| metric |${cuts.map((k) => ` @${k} |`).join('')}${cuts.map((k) => ` most popular @${k} |`).join('')}`,
    `|---|${cuts.map(() => '--:|').join('')}${cuts.map(() => '--:|').join('')}`,
    ...names.map((name) => `| ${[name, ...cells(metrics, name), ...cells(baseline, name)].join(' | ')} |`),
  ]
}

function describeTower({ features, hidden, activation, output }: TowerSpec): string {
  const read = features === 'auto' ? 'auto' : features.map(({ kind, name }) => (kind === name ? name : `${name} (${kind})`)).join(', ')
  const layers = hidden.length === 0 ? 'no hidden layer' : `hidden ${hidden.join(' × ')} ${activation}`
  return `${read}; ${layers}; output ${output ?? 'as it is'}`
}

const rows = (pairs: readonly (readonly [string, string])[]): string[] =>
  pairs.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`)
const day = (iso: string): string => iso.slice(0, 10)
