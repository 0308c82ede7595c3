/** Seeds gathered to a mean and a band, and a chart's numbers as rows. The values between points are those of numpy.interp. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bandOf } from '@/charts/bands.ts'
import { optionRows } from '@/charts/leave.ts'
import { gatherSeeds, valueAt } from '@/charts/series.ts'
import { xOfEpochs } from '@/features/run/curve-axis.ts'
import { gatherFamilies } from '@/features/run/families.ts'

test('a curve between its points is as numpy.interp reads it', () => {
  const curve = { x: [1, 2, 4, 8], y: [3, 5, 1, 2] }
  // numpy.interp([0, 1.5, 3, 7, 9], [1, 2, 4, 8], [3, 5, 1, 2])
  expect([0, 1.5, 3, 7, 9].map((at) => valueAt(curve, at))).toEqual([3, 4, 3, 1.75, 2])
  expect(valueAt({ x: [], y: [] }, 1)).toBeNaN()
})

test('seeds at other steps are compared where all of them are', () => {
  const { x, y, band } = gatherSeeds([
    { x: [1, 3, 5], y: [10, 6, 2] },
    { x: [2, 4, 6], y: [4, NaN, 8] },
  ])
  expect([...x]).toEqual([2, 3, 5])
  expect([...band.low]).toEqual([4, 5, 2])
  expect([...band.high]).toEqual([8, 6, 7])
  expect([...y]).toEqual([6, 5.5, 4.5])
})

test('a mean lies in its band, and the band holds every seed', () => {
  const seeds = fc.integer({ min: 1, max: 5 }).chain((n) =>
    fc.array(
      fc.array(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((value) => value + 0),
        { minLength: 6, maxLength: 6 },
      ),
      { minLength: n, maxLength: n },
    ),
  )
  fc.assert(
    fc.property(seeds, (list) => {
      const { x, y, band } = gatherSeeds(list.map((values) => ({ x: values.map((_, i) => i), y: values })))
      expect(x.length).toBe(6)
      for (const [i, mean] of y.entries()) {
        const column = list.map((values) => values[i]!)
        expect([band.low[i], band.high[i]]).toEqual([Math.min(...column), Math.max(...column)])
        expect(mean).toBeGreaterThanOrEqual(band.low[i]! - 1e-9)
        expect(mean).toBeLessThanOrEqual(band.high[i]! + 1e-9)
      }
    }),
  )
})

test('families are gathered in the order of their first run; one of a single run is as it was', () => {
  const line = (name: string, y: number[]) => ({ name, x: [1, 2], y })
  const gathered = gatherFamilies([
    { family: 'f', name: 'tower', line: line('tower #1', [1, 2]) },
    { family: 'g', name: 'knn', line: line('knn', [0, 0]) },
    { family: 'f', name: 'tower', line: line('tower #2', [3, 4]) },
  ])
  expect(gathered.map(({ name, y }) => [name, Array.from(y)])).toEqual([
    ['tower (2 seeds)', [2, 3]],
    ['knn', [0, 0]],
  ])
  expect(gathered[1]).toEqual(line('knn', [0, 0]))
})

test('seeds are gathered fit by fit: no line and no band from the end of the first to the start of the final one', () => {
  // one seed begins anew at 4, the other at 3; the row there is the gap between the two
  const line = (name: string, y: number[], anew: number) => ({ name, x: [1, 2, 3, 4, 5, 6], y: y.with(anew, NaN), anew })
  const of = (...lines: ReturnType<typeof line>[]) => gatherFamilies(lines.map((each) => ({ family: 'f', name: 'tower', line: each })))
  const [both] = of(line('#1', [8, 6, 4, 0, 7, 5], 3), line('#2', [8, 4, 0, 9, 7, 3], 2))
  expect(Array.from(both!.x)).toEqual([1, 2, 5, 5, 6])
  expect(Array.from(both!.y)).toEqual([8, 5, NaN, 7, 4])
  expect(Array.from(both!.band!.low)).toEqual([8, 4, NaN, 7, 3])
  const drawn = bandOf(both!, 'red', { logX: false, logY: false, of: 1 })[0] as {
    renderItem: (params: object, api: object) => { children: { shape: { points: number[][] } }[] }
  }
  const { children } = drawn.renderItem({ dataIndex: 0 }, { coord: (point: number[]) => point })
  expect(children.map(({ shape }) => shape.points.map(([x]) => x))).toEqual([
    [1, 2, 2, 1],
    [5, 6, 6, 5],
  ])
})

test('the ends of epochs stand at their step, example or second; without rows nowhere', () => {
  const rows = {
    step: Int32Array.of(5, 10, 15, 20),
    epochs: { epoch: Int32Array.of(1, 2), end: Int32Array.of(10, 20) },
    batch: 10,
    seconds: Float32Array.of(1, 2, 4, 6),
  }
  expect([...(xOfEpochs([1, 2], 'seconds', rows) as Float64Array)]).toEqual([2, 6])
  expect([...(xOfEpochs([1, 2], 'step', rows) as Float64Array)]).toEqual([10, 20])
  expect([...(xOfEpochs([1, 2], 'examples', rows) as Float64Array)]).toEqual([100, 200])
  expect(xOfEpochs([1, 2], 'epoch', null)).toEqual([1, 2])
  expect([...(xOfEpochs([1, 2], 'examples', null) as Float64Array)]).toEqual([NaN, NaN])
})

test('any chart as a long table: bars with their categories, points with their names, parallel axes', () => {
  const bars = {
    xAxis: { name: 'month', data: ['Jan', 'Feb'] },
    yAxis: { name: 'n' },
    series: [{ type: 'bar' as const, data: [3, { value: 4 }] }],
  }
  expect(optionRows(bars)).toEqual([
    ['series', 'month', 'n'],
    [null, 'Jan', 3],
    [null, 'Feb', 4],
  ])
  const points = {
    xAxis: {},
    yAxis: {},
    series: [{ type: 'scatter' as const, name: 's', data: [{ name: 'a', value: [1, 2, 9] }, [3, 4]] }],
  }
  expect(optionRows(points)).toEqual([
    ['series', 'x', 'y', 'value 3'],
    ['a', 1, 2, 9],
    ['s', 3, 4],
  ])
  const parallel = {
    parallelAxis: [
      { dim: 0, name: 'lr' },
      { dim: 1, name: 'ndcg' },
    ],
    series: [{ type: 'parallel' as const, data: [{ name: 'r', value: [0.1, '-'] }] }],
  }
  expect(optionRows(parallel)).toEqual([
    ['series', 'lr', 'ndcg'],
    ['r', 0.1, '-'],
  ])
})
