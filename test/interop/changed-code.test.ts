/**
 * The projects as code that somebody changes: an item tower with another layer, LayerNorm and a residual, and two categories crossed, in ten
 * lines each, made by the replacements below. What was learned of the layers that there were is begun with, and what is new is kept.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { findPython } from '../../main/engine/export/python.ts'
import { needing } from '../helpers/needs.ts'
import { lastLine, runPython } from '../helpers/python.ts'
import { answerOf } from '../helpers/workspace.ts'

type Framework = 'pytorch' | 'keras'
interface Replacement {
  readonly file: string
  readonly old: string
  readonly now: string
}

const TOWER = `{**spec["item"], "hidden": [128, 128], "layerNorm": True, "residual": True}`
const CHANGES: Readonly<Record<Framework, readonly Replacement[]>> = {
  pytorch: [
    {
      file: 'two_tower/model.py',
      old: `        self.item_tower = Tower(*self.inputs("item", encoders, sparse), spec["item"], dropout, normalise)\n`,
      now: `        inputs, width = self.inputs("item", encoders, sparse)
        inputs.append(("cross", Cross(5, 44)))
        self.item_tower = Tower(inputs, width + 8, ${TOWER}, dropout, normalise)\n`,
    },
    {
      file: 'two_tower/model.py',
      old: '\n\nclass TwoTower(nn.Module):',
      now: `\n\nclass Cross(nn.Embedding):
    def __init__(self, a: int, b: int) -> None:
        super().__init__(a * b, 8)
        self.columns = b

    def forward(self, features: dict[str, Tensor]) -> Tensor:
        return super().forward(features["room_type.indices"] * self.columns + features["place.cell1.indices"] % self.columns)\n
\nclass TwoTower(nn.Module):`,
    },
  ],
  keras: [
    {
      file: 'two_tower/towers.py',
      old: `        widths = [self.dense_width + pooled + encoded, *own["hidden"]]\n`,
      now: `        self.cross = keras.layers.Embedding(5 * 44, 8) if side == "item" else None
        if self.cross is not None:
            self.cross.build()
            own, pooled = ${TOWER}, pooled + 8
        widths = [self.dense_width + pooled + encoded, *own["hidden"]]\n`,
    },
    {
      file: 'two_tower/towers.py',
      old: `        x = self.embedding_dropout(ops.concatenate`,
      now: `        if self.cross is not None:
            blocks.append(self.cross(features["room_type.rows"][:, 0] * 44 + features["place.cell1.rows"][:, 0] % 44))
        x = self.embedding_dropout(ops.concatenate`,
    },
  ],
}

const python = findPython()
let root = ''

needing('python').describe('ten lines of a project are changed', () => {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'pylon-changed-'))
    const pylon = (...args: string[]): Promise<object> => answerOf(args, { home: join(root, 'home') })
    await pylon('import', '--name', 'market', '--sample', '--sample-users', '300')
    const sets = ['epochs=2', 'batchSize=256', 'finalFit=false'].flatMap((set) => ['--set', `training.${set}`])
    await pylon('train', '--dataset', 'market', '--recipe', 'two-tower', '--name', 'first', ...sets)
    for (const framework of ['pytorch', 'keras'])
      await pylon('export', '--run', 'first', '--format', framework, '--out', join(root, framework))
  })
  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

  for (const framework of ['pytorch', 'keras'] as const)
    needing(framework).test(
      `${framework}: train, evaluate, and what was learned is begun with`,
      async () => {
        const script = (...args: readonly string[]): Promise<string> =>
          runPython(python!, join(root, framework), [...args, '--device', 'cpu'], { TF_CPP_MIN_LOG_LEVEL: '3' })
        const shipped = lastLine(await script('evaluate.py'))
        let lines = 0
        for (const { file, old, now } of CHANGES[framework]) {
          const path = join(root, framework, file)
          const source = readFileSync(path, 'utf8')
          expect(source).toContain(old)
          writeFileSync(path, source.replace(old, now))
          lines += now.split('\n').filter((line) => line.trim() !== '' && !old.includes(line)).length
        }
        expect(lines).toBeLessThanOrEqual(10)
        await expect(script('train.py')).rejects.toThrow('after a change of the model train with --partly.')
        const trained = lastLine(await script('train.py', '--partly', '--epochs', '2'))
        expect(trained['after']).toBeLessThan(trained['before']!)
        const found = lastLine(await script('evaluate.py'))
        for (const [metric, value] of Object.entries(found)) expect(value, metric).toBeCloseTo(trained[metric]!, 6)
        console.log(`${framework}: recall@20 ${shipped['recall@20']!} as it came, ${found['recall@20']!} with ${lines} lines changed`)
      },
      400_000,
    )
})
