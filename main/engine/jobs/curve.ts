/** Measures recall against latency over a run's own vectors; the last curve is kept in the run's folder. */
import type { Curve } from '../../contract/shapes/ann.ts'
import { sampleRows } from '../ann/compare.ts'
import { measureCurve } from '../ann/curve.ts'
import { writeCurve } from '../serving/indexes.ts'
import { OpenModel } from '../serving/model.ts'
import { asFacts } from './training/facts.ts'
import type { CurveJob, JobContext, JobFact } from '../queue/job-types.ts'

export async function* curveJob({ run, ask, ...place }: CurveJob, { threads, signal, temp }: JobContext): AsyncGenerator<JobFact, Curve> {
  const model = await OpenModel.open(place, threads)
  try {
    const { dim, metric, vectors } = model
    const { k, connectivity, expansionAdd } = ask
    const measured = yield* asFacts(
      measureCurve({
        items: vectors.item,
        queries: sampleRows(vectors.user, dim, ask.queries),
        dim,
        metric,
        popularity: model.catalogue.counts('item'),
        k,
        expansions: ask.expansions,
        scalars: [...new Set(ask.scalars)],
        connectivity,
        expansionAdd,
        threads,
        temp,
      }),
      signal,
    )
    const curve = { run, measuredAt: new Date().toISOString(), ...measured }
    yield { kind: 'artefact', artefact: await writeCurve(place.runFolder, curve) }
    return curve
  } finally {
    await model.dispose()
  }
}
