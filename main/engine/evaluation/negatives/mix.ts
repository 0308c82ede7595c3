/** A run's spec with another mix of negatives: what is drawn and how, the share of hard ones, the temperature. */
import { badInput } from '../../../contract/errors.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { Mix } from '../../../contract/verbs/negatives.ts'

/** A row's own negatives, of which a share comes from its user's list. */
const OWN = 4

/**
 * What is not asked for stays. In-batch losses that are to draw become mixed ones; the share of hard negatives is of {@link OWN} of each row,
 * mined from ranks 11 to 200 of the user's list by the present model, the others uniform.
 * @throws PylonError bad-input where the loss has no such part
 */
export function mixedSpec(spec: TwoTowerSpec, { sampler, alpha, drawn, hard, temperature }: Mix): TwoTowerSpec {
  const changed: TwoTowerSpec = {
    ...spec,
    loss: withSampler(spec.loss, { sampler, alpha, drawn }),
    match: temperature === undefined ? spec.match : { ...spec.match, temperature: { kind: 'fixed', value: temperature } },
  }
  if (hard === undefined) return changed
  if (spec.loss.kind === 'directau' || spec.loss.kind === 'full-softmax')
    throw badInput(`A loss of ${spec.loss.kind} takes no hard negatives.`, 'hard')
  const mined =
    hard === 0
      ? null
      : {
          fromRank: 11,
          toRank: 200,
          perRow: OWN,
          refreshEpochs: 1,
          startEpoch: 1,
          easyPerHard: Math.round((1e4 * (1 - hard)) / hard) / 1e4,
        }
  return { ...changed, extraNegatives: { ...spec.extraNegatives, mined } }
}

type Loss = TwoTowerSpec['loss']

function withSampler(loss: Loss, { sampler, alpha, drawn }: Pick<Mix, 'sampler' | 'alpha' | 'drawn'>): Loss {
  if (sampler === undefined && alpha === undefined && drawn === undefined) return loss
  const before = 'sampler' in loss ? loss.sampler : ({ kind: 'uniform' } as const)
  const kind = sampler ?? (alpha === undefined ? before.kind : 'popularity')
  if (kind === 'uniform' && alpha !== undefined) throw badInput('A uniform sampler has no alpha: ask for --sampler popularity.', 'alpha')
  const wanted =
    kind === 'uniform' ? ({ kind } as const) : ({ kind, alpha: alpha ?? (before.kind === 'popularity' ? before.alpha : 0.75) } as const)
  if ('sampler' in loss) return { ...loss, sampler: wanted, negatives: drawn ?? loss.negatives }
  if (loss.kind !== 'in-batch-softmax') throw badInput(`A loss of ${loss.kind} draws no negatives.`, 'sampler')
  const { logQ, form, estimator } = loss
  return { kind: 'mixed-softmax', negatives: drawn ?? 1024, sampler: wanted, logQ, form, estimator }
}
