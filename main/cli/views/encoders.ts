/** Sentence models as text: those there are, and where others come from. */
import type { EncoderView } from '../../contract/verbs/encoders.ts'
import { bytes, right, style, table } from '../table.ts'

interface Answer {
  readonly folder: string
  readonly encoders: readonly EncoderView[]
  readonly known: readonly {
    readonly name: string
    readonly languages: string
    readonly dimensions: number
    readonly megabytes: number
    readonly licence: string
  }[]
}

export function showEncoders({ folder, encoders, known }: Answer): string {
  const there = encoders.map((each) =>
    each.problem === null
      ? [
          each.name,
          bytes(each.bytes!),
          each.pooling ?? 'in the graph',
          String(each.maxTokens),
          each.prefix === '' ? '–' : each.prefix!,
          each.checksum!.slice(0, 12),
        ]
      : [each.name, '', style('yellow', each.problem)],
  )
  return [
    there.length === 0
      ? `There is no sentence model in ${folder} yet.`
      : `${style('bold', folder)}\n${table(['model', right('size'), 'pooling', right('tokens'), 'prefix', 'checksum'], there)}`,
    `${style('bold', 'Good ones, published on Hugging Face under these names')}\n${table(
      ['model', 'languages', right('dimensions'), right('size'), 'licence'],
      known.map((each) => [each.name, each.languages, String(each.dimensions), `${each.megabytes} MB`, each.licence]),
    )}`,
    `The graphs of BAAI's are published under the same names by Xenova; 1_Pooling and modules.json are the authors'.
Copy a model's files into a folder of ${folder}: model.onnx (or onnx/model.onnx; a quantised one is renamed so), tokenizer.json, tokenizer_config.json, config.json, modules.json, 1_Pooling/config.json, sentence_bert_config.json. Then a text feature names it: "encoder": { "kind": "onnx", "model": "FOLDER" }.`,
  ].join('\n\n')
}
