/**
 * What makes README.md of an export a model card of the Hugging Face Hub: metadata in YAML before it, with the metrics as `model-index`, and
 * how well the model does and what it is not for behind it.
 * Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
 */
import { inMetricOrder } from '../../contract/metrics.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { describeProtocol } from '../protocol/protocol.ts'
import { limits, metricTable } from './bundle/card.ts'

/** @param library as the Hub calls it: `pytorch`, `keras`, `onnx` */
export function hubMetadata(library: string, run: RunDetail): string[] {
  const { name, dataset, model, recipe, metrics, protocol } = run
  // JSON's strings are YAML's
  const text = JSON.stringify
  const measured = inMetricOrder(Object.keys(metrics)).filter((metric) => Number.isFinite(metrics[metric]))
  const tags = [...new Set(['pylon', model, 'retrieval', 'recommendation', library, ...(recipe === null ? [] : [recipe])])]
  return [
    '---',
    '# license: yours to choose, and to check against the terms of the data: https://huggingface.co/docs/hub/repositories-licenses',
    `library_name: ${library}`,
    'tags:',
    ...tags.map((tag) => `- ${text(tag)}`),
    ...(protocol === null || measured.length === 0
      ? []
      : [
          'model-index:',
          `- name: ${text(name)}`,
          '  results:',
          '  - task:',
          '      type: retrieval',
          '      name: "Retrieval, all items as candidates"',
          '    dataset:',
          `      type: ${text(dataset)}`,
          `      name: ${text(dataset)}`,
          `      config: ${text(`protocol ${protocol.hash}`)}`,
          `      split: ${protocol.part}`,
          `      revision: ${text(protocol.datasetChecksum)}`,
          '    metrics:',
          ...measured.flatMap((metric) => [
            `    - type: ${text(metric)}`,
            `      name: ${text(metric)}`,
            `      value: ${yamlNumber(metrics[metric]!)}`,
          ]),
        ]),
    '---',
    '',
  ]
}

/** YAML 1.1 takes `1e-7` for a text. */
const yamlNumber = (value: number): string => String(value).replace(/^(-?\d+)e/, '$1.0e')

/** The sections of a card that a README of an export has not. */
export function hubSections({ metrics, baseline, protocol }: RunDetail): string[] {
  return [
    '',
    ...(protocol === null
      ? []
      : [
          '## How well it does',
          '',
          `Measured on the **${protocol.part}** part: ${describeProtocol(protocol)}. Numbers of another protocol must not be compared with these.`,
          '',
          ...metricTable(metrics, baseline),
          '',
        ]),
    '## Use, and limits',
    '',
    ...limits,
    '',
    '## Files',
  ]
}
