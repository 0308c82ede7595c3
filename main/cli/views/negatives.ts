/** What one batch of a run learns from, as tables, and a trial of another mix. */
import type { NegativesResult } from '../../contract/verbs/negatives.ts'
import { count, counted, metric, pairs, right, signed, style, table } from '../table.ts'

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const range = ({ from, to }: { from: number; to: number | null }): string =>
  to === null ? `${count(from)} and more` : from === to ? count(from) : `${count(from)} to ${count(to)}`

export function showNegatives(n: NegativesResult): string {
  const { mix, falseNegatives: wrong, masked, pull, trial } = n
  const estimate = wrong.estimate
  const drawn = mix.sampler === null ? '' : `, ${count(mix.drawn)} drawn ${mix.alpha === null ? 'uniformly' : `by popularity^${mix.alpha}`}`
  return [
    pairs([
      [
        'mix',
        `${mix.loss}${drawn}, temperature ${mix.temperature.toPrecision(3)}${mix.hard === null ? '' : `, ${percent(mix.hard)} of a row's own are hard`}`,
      ],
      [
        'batch',
        `${count(n.rows)}${n.rows < n.batch ? ` of ${count(n.batch)}` : ''} rows × ${counted(n.candidates, 'candidates')}, loss ${metric(n.loss)}`,
      ],
      ['kept out', `${count(masked.accidental)} accidental hits, ${count(masked.known)} other items that the user has met`],
      ['gradient', `${metric(pull.positives)} on positives, ${metric(pull.negatives)} on ${count(n.negatives)} negatives`],
      [
        'false negatives',
        `${count(wrong.known)} (${percent(wrong.knownShare)}) are held out in validation and get ${percent(wrong.gradientShare)} of the gradient`,
      ],
      [
        'of all',
        estimate === null
          ? `no estimate: ${wrong.held} held-out items of the batch's users are too few`
          : `${percent(estimate.share)} estimated (${percent(estimate.low)} to ${percent(estimate.high)}, ${count(wrong.held)} held-out items of ${counted(wrong.users, 'users')})`,
      ],
    ]),
    table(
      [right('rank in the row'), right('pairs'), right('gradient')],
      n.byRank.map((each) => [range(each), count(each.pairs), percent(each.share)]),
    ),
    table(
      [right('training interactions'), right('pairs'), right('gradient'), right('correction')],
      n.byPopularity.map((each) => [range(each), count(each.pairs), percent(each.share), each.correction.toFixed(2)]),
    ),
    ...(trial === null
      ? [style('dim', `What it would do: --trial 200, with a mix such as --sampler popularity --alpha 0.5 --hard 0.25 --temperature 0.07`)]
      : [
          table(
            [right('step'), right(`${trial.metric} run`), right('mix'), right('mix less run')],
            trial.points.map(({ step, run, mix: other }) => [count(step), metric(run), metric(other), signed(other - run)]),
          ),
          style('dim', `${counted(trial.users, 'users')} of the validation part; both from the same weights, by the same batches`),
        ]),
  ].join('\n\n')
}
