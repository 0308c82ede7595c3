/**
 * Every sentence of the engine that a page can show has Chinese, and every sentence in Chinese is one that the engine says: the templates are
 * taken from the source, so a sentence that is worded anew, or a new one, fails here until it is said.
 */
import { globSync, readFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { saidProblem } from '../../../main/contract/shapes/problem.ts'
import { sayings, sentences } from '../../../renderer/locales/zh/engine/all.ts'
import run from '../../../renderer/locales/zh/run.ts'
import { sentencesOf, type Sentence } from './sentences.ts'

const SOURCES = [
  'main/contract/**/*.ts',
  'main/engine/**/*.ts',
  'main/hosts/*.ts',
  'main/hosts/web/**/*.ts',
  'renderer/{engine,composables}/*.ts',
]
/** What no page shows, or has words for elsewhere: whole files, or the texts of a file that are meant. */
const LEFT: readonly (readonly [files: string, texts: RegExp | null, why: string])[] = [
  ['main/contract/shapes/{problem,finding}.ts', null, 'said by code: locales/*/problems.ts, data.finding'],
  ['main/contract/shapes/export.ts', null, 'help of the command line; serve.format says them on the page'],
  [
    'main/contract/{issue.ts,shapes/tracker.ts}',
    /^(Invalid input:|, received undefined|received undefined|on it)$/,
    'parts that are taken out of texts',
  ],
  ['main/contract/verbs/{runs-table,serving}.ts', /^(a path of the spec|names with \/|a path such as)/, 'help of the command line'],
  ['main/contract/wire.ts', null, 'a message that only a broken page or host sends'],
  ['main/hosts/{child,engine,memory-channels,message-ports,pipe,pipe-frames}.ts', null, 'between processes and programs, before any page'],
  ['main/hosts/page-headers.ts', null, 'headers of an answer'],
  ['main/hosts/web/request-guard.ts', /^<!doctype/, 'a page of its own, before the page'],
  ['main/engine/compute/cholesky.ts', /^The matrix is not/, 'caught, and said with the setting that it is of'],
  ['main/engine/workspace-watch.ts', null, 'for the terminal of the host'],
  ['main/engine/store/sql-face.ts', null, 'pylon sql, of the command line alone'],
  ['main/engine/store/marker.ts', /^SQLite format 3/, 'bytes of a file'],
  ['main/engine/{store/store,export/mlflow/follower}.ts', /^pylon /, 'a command, which stands in a sentence'],
  ['main/engine/sample/**', null, 'titles and texts of the generated market: data'],
  ['main/engine/serving/probes.ts', /^(something new|A quiet place)/, 'texts that a model is asked with'],
  ['main/engine/evaluation/published.ts', /BARS|BSL|LightGCN|no vectors|arXiv|two towers/, 'titles of papers and data sets'],
  [
    'main/engine/import/layouts/*.ts',
    /\.(txt|tsv|csv|json|jsonl|item|inter)\b|\d{4}|Steam|check-ins|RecBole|OTTO|MovieLens/,
    'titles of public data sets and names of their files',
  ],
  [
    'main/engine/dataset/cells/time-patterns.ts',
    /^(january|february|march|april|may|june|july|august|september|october|november|december) /,
    'words that are read in files',
  ],
  [
    'main/engine/import/{delimited-records,explain,read-text,containers/kinds,tracked/read}.ts',
    /^(field start|quote seen|unclosed quote|text after a closing quote|version https|SQLite format 3)/,
    'states of a reader, bytes of a file',
  ],
  [
    'main/engine/towers/recipes/{airbnb,baselines,facebook,factorisation,general,google,pinterest,spectral}.ts',
    null,
    'locales/zh/recipes.ts, recipe-cards.ts',
  ],
  ['main/engine/report/**', null, 'a report has a language of its own'],
  ['main/engine/export/{words,readme,hub-card,figures,tracking}.ts', null, 'written into the files of an export'],
  ['main/engine/export/{bundle/card,notebook/outputs,notebook/write-notebook,cluster/readme,cluster/manifest}.ts', null, 'the same'],
  ['main/engine/export/bundle/write-bundle.ts', /^Training loss$/, 'the same'],
  ['main/engine/export/align.ts', /float64|^recall@20 by|^Vectors are|^The towers end/, 'the same'],
  ['main/engine/export/narrow.ts', /the whole|^On the test part|^Vectors are/, 'the same'],
  ['main/engine/export/int8/write-int8.ts', /^int8, symmetric|^`/, 'the same'],
  ['main/engine/export/ranking.ts', null, 'the same'],
  ['main/engine/export/stores/pgvector.ts', null, 'SQL of an export'],
  ['main/engine/export/{tfjs,mlflow/facts}.ts', /^(Pylon|pylon) /, 'names for other programs'],
  ['main/engine/{export/mlflow/client,serving-processes}.ts', /^(Basic|Bearer) /, 'headers of a request'],
  ['renderer/composables/{notifications,page-words}.ts', null, 'places of the page, in words of either language'],
  ['main/engine/import/tracked/mlflow.ts', /^MLflow, schema/, 'a name and a version'],
]
const isLeft = ({ file, text }: Sentence): boolean =>
  LEFT.some(([files, texts]) => matchesGlob(file, files) && (texts === null || texts.test(text.trim())))

const all = sentencesOf(SOURCES)
/** A template as somebody may meet it. */
const met = (template: string): string => template.replaceAll('{}', 'x1')
const isSaid = ({ text }: Sentence): boolean =>
  text.trim() in sentences || text.trim().replaceAll(' ', '-') in run.stage || saidProblem(met(text)) !== null || isForm(text)
/** Of the forms that stand for several sources. */
const isForm = (text: string): boolean => text.startsWith('date as ')

test('each sentence of the engine has Chinese, or a reason to have none', () => {
  expect(all.length).toBeGreaterThan(1500)
  expect(all.filter((sentence) => !isLeft(sentence) && !isSaid(sentence)).map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual(
    [],
  )
})

test('each Chinese sentence is one that the engine says', () => {
  const known = new Set(all.map(({ text }) => text.trim()))
  expect(Object.keys(sentences).filter((key) => !known.has(key))).toEqual([])
})

test('what a job counts has Chinese', () => {
  const units = SOURCES.flatMap((glob) => globSync(glob)).flatMap((file) => {
    const source = readFileSync(file, 'utf8')
    return [...source.matchAll(/stage: [^\n]*?\bunit: '([a-z]+)'/g), ...source.matchAll(/^\s+unit: '([a-z]+)',\n/gm)].map(
      ([, unit]) => unit!,
    )
  })
  expect(units.length).toBeGreaterThan(60)
  expect([...new Set(units)].filter((unit) => !(unit in run.unit))).toEqual([])
})

test('each file and text that is left out is there', () => {
  expect(
    LEFT.filter(([files, texts]) => !all.some(({ file, text }) => matchesGlob(file, files) && (texts?.test(text.trim()) ?? true))),
  ).toEqual([])
})

test('a Chinese sentence has no values but those of its template, and says each word', () => {
  for (const [template, said] of Object.entries(sayings.sentences)) {
    const values = template.split('{}').length - 1
    for (const [, at] of said.matchAll(/\{(\d)!?\}/g)) expect(Number(at), template).toBeLessThan(values)
    expect(said, template).toMatch(/[\u3000-\u9fff\uff00-\uffef]|^[\w.{}\s·]+$/)
  }
})
