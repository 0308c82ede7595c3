/**
 * The sentence models of a fitted model, for what is typed in: a text goes through the same model as those of the training did. They are
 * found and opened when the first text comes.
 */
import type { Side } from '../dataset/dataset.ts'
import type { TextVectors } from '../sentences/column.ts'
import { SentenceEncoder } from '../sentences/encoder.ts'
import { findTrainedModel } from '../sentences/find.ts'
import { rowColumns } from './encode.ts'
import type { FrozenEncoders } from './encoded.ts'
import type { SentenceSource } from './kind.ts'
import type { SentenceState } from './kinds/sentence.ts'
import { isSentence } from './kinds.ts'
import { sentencesOf } from './sentences.ts'

export class TypedSentences {
  readonly #runFolder: string
  readonly #encoders: FrozenEncoders
  readonly #threads: number
  readonly #opened = new Map<string, Promise<SentenceEncoder>>()

  /** @param runFolder of a run in its workspace, or of a bundle: models lie beside it */
  constructor(runFolder: string, encoders: FrozenEncoders, threads: number) {
    this.#runFolder = runFolder
    this.#encoders = encoders
    this.#threads = threads
  }

  /**
   * The vectors of a row's texts, by feature.
   * @throws PylonError bad-input as `encodeRow` does; not-found or bad-data where the model is not there, or another one
   */
  async of(
    side: Side,
    row: Readonly<Record<string, unknown>>,
    written: 'typed' | 'stored' = 'typed',
  ): Promise<ReadonlyMap<string, TextVectors>> {
    const vectors = new Map<string, TextVectors>()
    for (const frozen of this.#encoders[side]) {
      if (!isSentence(frozen.feature)) continue
      const { width, model, checksum } = frozen.state as SentenceState
      const text = sentencesOf(rowColumns(frozen, row, written)[0]!)[0]!
      const values = text === '' ? new Float32Array(width) : await (await this.#open({ model, checksum })).encode(text)
      vectors.set(frozen.feature.name, { width, values })
    }
    return vectors
  }

  /** A failure is not kept: the folder may be put in its place later. */
  #open({ model, checksum }: Pick<SentenceSource, 'model' | 'checksum'>): Promise<SentenceEncoder> {
    const known = this.#opened.get(checksum)
    if (known !== undefined) return known
    const opening = findTrainedModel(this.#runFolder, model, checksum).then((folder) => SentenceEncoder.open(folder, this.#threads))
    this.#opened.set(checksum, opening)
    opening.catch(() => this.#opened.delete(checksum))
    return opening
  }

  async dispose(): Promise<void> {
    const opened = [...this.#opened.values()]
    this.#opened.clear()
    for (const encoder of opened) await (await encoder).dispose()
  }
}
