/** Measures recall against latency over a run's own vectors; the last curve is kept in the run's folder. */
import type { AnnCurve } from '../../contract/shapes/ann.ts'
import { sampleRows } from '../ann/compare.ts'
import { measureAnnCurve } from '../ann/measure-curve.ts'
import { writeAnnCurve } from '../serving/indexes.ts'
import { OpenModel } from '../serving/open-model.ts'
import { asFacts } from './training/facts.ts'
import type { AnnCurveJob, JobContext, JobFact } from '../queue/job-types.ts'

export async function* curveJob(
  { run, ask, ...place }: AnnCurveJob,
  { threads, signal, temp }: JobContext,
): AsyncGenerator<JobFact, AnnCurve> {
  const model = await OpenModel.open(place, threads)
  try {
    const { dim, metric, vectors } = model
    const { k, connectivity, expansionAdd } = ask
    const measured = yield* asFacts(
      measureAnnCurve({
        items: vectors.item,
        queries: sampleRows(vectors.user, dim, ask.queries),
        dim,
        metric,
        popularity: model.catalogue.counts('item'),
        k,
        expansions: ask.expansions,
        target: ask.target ?? null,
        scalars: [...new Set(ask.scalars)],
        connectivity,
        expansionAdd,
        threads,
        temp,
      }),
      signal,
    )
    const curve = { run, measuredAt: new Date().toISOString(), ...measured }
    yield { kind: 'artefact', artefact: await writeAnnCurve(place.runFolder, curve) }
    return curve
  } finally {
    await model.dispose()
  }
}
