/** What stops a job for a cluster, or damages it, is told in a line with what to do; nothing is lost in silence, and nothing mixes with another run's. */
import { readFileSync, writeFileSync } from 'node:fs'
import { cp, mkdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { epochsOf } from '../helpers/cluster-job.ts'
import { needing } from '../helpers/needs.ts'
import { runPython } from '../helpers/python.ts'
import { smallJobs } from '../helpers/small-jobs.ts'
import { pylon } from '../helpers/workspace.ts'

const SPEC = {
  user: { features: [{ kind: 'history', dim: 8, maxLength: 12, share: true }], hidden: [16], output: 8 },
  item: { features: [{ kind: 'id', dim: 8 }], hidden: [16], output: 8 },
  training: { batchSize: 64, epochs: 5 },
}
const ARGS = ['--workers', '2', '--shards', '2', '--checkpoint-steps', '4']
const python = findPython()
const { describe } = needing('pytorch')

describe("a job for a cluster that is damaged, or in somebody's way", () => {
  const { at, exported, run, begin, end } = smallJobs(python)
  const lossesOf = (folder: string): number[] => epochsOf(folder).map(({ loss }) => loss)

  beforeAll(async () => {
    await begin()
    await exported('whole', SPEC)
    await cp(at('whole'), at('calm'), { recursive: true })
    await run(at('calm'), ...ARGS)
  })
  afterAll(end)

  test('what a user can mend is told in a line, and one run at a time writes', async () => {
    const refused = await run(at('whole'), '--workers', '17').then(() => '', String)
    expect(refused).toMatch(/17 workers cannot share 3 files of interactions/)
    expect(refused).not.toMatch(/Traceback/)
    // the second one waits for the first, which is being killed as far as it knows, and is told
    const script = [
      'import tempfile, pathlib',
      'from cluster import claim, errors, log, storage',
      'claim.WAIT_S = 0',
      'own = lambda: log.Log(storage.Storage(folder, None), True)',
      'folder = pathlib.Path(tempfile.mkdtemp())',
      'first = own()',
      'try:',
      '    own()',
      'except errors.JobError as error:',
      '    print(error)',
      'first.file.close()',
      'own()',
    ]
    expect(await runPython(python!, at('whole'), ['-c', script.join('\n')])).toMatch(/^Another run of this job writes into/)
  })

  test('a copy that lacks something is refused, whoever trains it: no row is lost in silence', async () => {
    const broken = async (name: string, how: (folder: string) => Promise<void>): Promise<string> => {
      await cp(at('whole'), at(name), { recursive: true })
      await how(at(name))
      const refused = await run(at(name), '--workers', '1').then(() => '', String)
      expect(refused, name).not.toMatch(/Traceback/)
      return refused
    }
    const lacks = await broken('lacks', (folder) => rm(join(folder, 'interactions/part-00001.parquet')))
    expect(lacks).toMatch(/has 2 of the 3 files that were exported: copy it again/)
    for (const [name, file] of [
      ['cut-weights', 'passes/choose/initial.safetensors'],
      ['cut-rows', 'interactions/part-00001.parquet'],
      ['cut-features', 'passes/choose/data/features.safetensors'],
    ] as const)
      expect(await broken(name, (folder) => truncate(join(folder, file), 100)), name).toMatch(/is not as it was written .*: copy it again/)
  })

  test('lines that no job writes cost those lines, and what a machine without power cut off costs no other', async () => {
    const folder = at('odd')
    await cp(at('calm'), folder, { recursive: true })
    const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
    const odd = ['\0\0', '{"kind": "epoch", "epoch": 1, "loss": NaN}', lines.at(-1)!.slice(0, 9)]
    writeFileSync(join(folder, 'metrics.jsonl'), [...lines.slice(0, 3), ...odd, ...lines.slice(3), '{"kind": "st'].join('\n'))
    // begun again, it measures anew, and its lines do not stand behind the one that was cut
    await run(folder, '--workers', '1')
    expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8')).toMatch(
      /\n\{"kind": "st\n\{"kind": "resumed".*\n(.*\n)*\{"kind": "done"\}\n$/,
    )
    const { stderr, json } = await pylon(['follow', folder, '--json'], { home: at('home') })
    expect(json, stderr).toHaveProperty('metrics.recall@20')
    expect(stderr).toMatch(/has a line that no job writes, and it is left out: "\\u0000\\u0000"/)
    expect(stderr).toMatch(/4 lines of metrics\.jsonl are left out/)
  })

  test('files that somebody edited say what they lack, and a checkpoint that is damaged how to go on without it', async () => {
    const broken = async (name: string, file: string, edit: (text: string) => string, from = 'whole'): Promise<string> => {
      await cp(at(from), at(name), { recursive: true })
      writeFileSync(join(at(name), file), edit(readFileSync(join(at(name), file), 'utf8')))
      const refused = await run(at(name), '--workers', '2').then(() => '', String)
      expect(refused, name).not.toMatch(/Traceback/)
      return refused
    }
    const without = (key: string) => (text: string) => text.replaceAll(`"${key}"`, '"else"')
    expect(await broken('no-files', 'job.json', without('files'))).toMatch(/job\.json lacks files: copy it from where the job was exported/)
    expect(await broken('no-list', 'job.json', () => '[]')).toMatch(/job\.json describes no job/)
    expect(await broken('no-passes', 'job.json', (text) => text.replace(/("passes": \{\s*)"choose"/, '$1"else"'))).toMatch(
      /job\.json lacks passes\.choose: copy it/,
    )
    const spec = 'passes/choose/spec.json'
    expect(await broken('other-spec', spec, (text) => text.replace('"epochs":5', '"epochs":6'))).toMatch(/is not the spec of job\.json/)
    await cp(at('whole'), at('edited'), { recursive: true })
    for (const file of ['job.json', spec])
      writeFileSync(join(at('edited'), file), without('batchSize')(readFileSync(join(at('edited'), file), 'utf8')))
    expect(await broken('no-batch', 'README.md', String, 'edited')).toMatch(/spec\.json lacks training\.batchSize: copy it/)
    expect(await broken('no-dim', 'passes/choose/encoders.json', without('dim'))).toMatch(/encoders\.json lacks tables\[0\]\.dim: copy it/)
    const standing = await broken('no-standing', 'checkpoints/latest.json', () => '{}', 'calm')
    expect(standing).toMatch(/latest\.json is not as it was written .*: remove .*checkpoints, and training begins anew/)
    await rm(join(at('no-standing'), 'checkpoints'), { recursive: true })
    await run(at('no-standing'), ...ARGS)
    expect(lossesOf(at('no-standing'))).toEqual(lossesOf(at('calm')))
  })

  test('in a storage one run at a time is at work: who comes second, or is overtaken, is told', async () => {
    await mkdir(at('marks'))
    const script = [
      'import pathlib, time',
      'from cluster import claim, errors, storage',
      'claim.BEAT_S, claim.STALE_S, claim.SETTLE_S = 0.1, 1, 0.3',
      `own = lambda run: claim.Claim(storage.Storage(pathlib.Path('/nowhere'), 'file://${at('marks')}'), run)`,
      'def told(what):',
      '    try:',
      '        print(what() or "well")',
      '    except errors.JobError as error:',
      '        print(error)',
      'first = own("a")',
      'told(lambda: own("b"))', // the first one is at work
      'first.over.set()', // killed: its mark is there and does not change
      'first = own("a")', // another attempt of the same run
      'first.over.set()',
      'second = own("b")',
      'told(second.check)',
      'second.storage.write(second.path, b\'{"run": "c", "host": "there"}\')', // somebody took it for dead
      'time.sleep(0.5)',
      'told(second.check)',
      'second.release()',
      'print(second.storage.read(second.path))',
    ]
    const said = await runPython(python!, at('whole'), ['-c', script.join('\n')])
    expect(said.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Another run of this job is at work, on .*: wait until it has ended, or end it\.$/),
      'well',
      'Another run of this job is at work, on there: wait until it has ended, or end it.',
      expect.stringContaining('"run": "c"'),
    ])
  })

  test('a place where another job lies is refused, the same job sent again is not', async () => {
    const address = `file://${at('there')}`
    for (let i = 0; i < 2; i++) await run(at('whole'), '--storage', address, '--send')
    await expect(run(at('whole'), '--storage', 's3://', '--send')).rejects.toThrow(/names no place: s3:\/\/BUCKET\/PATH/)
    const other = await exported('other spec', { ...SPEC, training: { ...SPEC.training, epochs: 1 } })
    await expect(run(other, '--storage', address, '--send')).rejects.toThrow(/holds another job/)
  })
})
